"""The table of what the codec costs a microcontroller: against the baseline, against what it is to be, and
in the documentation.

A row is a name and a whole number, the less the better. The baseline belongs to one compiler: with another
one the figures are printed and nothing is compared.
"""

import pathlib
import re

FOLDER = pathlib.Path(__file__).resolve().parent
BASELINE = FOLDER / "baseline.tsv"
GOALS = FOLDER / "goals.tsv"
PAGE = FOLDER.parents[1] / "docs" / "microcontroller.md"

# What a figure may be worse than the baseline.
TOLERATED = 0.02


def read(path):
    """The lines of a table below its header, and the header."""
    header, *lines = [line.split("\t") for line in path.read_text().splitlines()]
    return header, {name: [int(figure) for figure in figures] for name, *figures in lines}


def compare(compiler, rows):
    """Prints the rows, and returns what is wrong with them."""
    wrong = []
    before = {}
    if BASELINE.exists():
        (_, of), known = read(BASELINE)
        if of == compiler:
            before = {name: figure for name, (figure,) in known.items()}
            wrong += [f"{name}: not measured any more" for name in before if name not in rows]
            wrong += [f"{name}: not in the baseline" for name in rows if name not in before]
        else:
            print(f"the baseline is of {of}: nothing is compared")
    else:
        wrong.append("there is no baseline")
    _, goals = read(GOALS)
    wrong += [f"{name}: has a goal and is not measured" for name in goals if name not in rows]
    width = max(len(name) for name in rows)
    print(f"{'':{width}}  {'now':>7} {'before':>7}         {'must':>6} {'goal':>6}")
    for name, figure in rows.items():
        was, change, must = before.get(name), "", ""
        if was is not None and was != figure:
            change = f"{(figure - was) / was:+.1%}" if was else "new"
            if figure > was * (1 + TOLERATED):
                wrong.append(f"{name}: {figure}, which was {was}")
        if name in goals:
            most, wished = goals[name]
            must = f"{most:6} {wished:6} {'  more than it must' if figure > most else ''}"
        print(f"{name:{width}}  {figure:7} {was if was is not None else '':>7} {change:>7} {must}".rstrip())
    return wrong


def bless(compiler, rows):
    """Makes the rows the baseline."""
    lines = [f"compiler\t{compiler}", *(f"{name}\t{figure}" for name, figure in rows.items())]
    BASELINE.write_text("\n".join(lines) + "\n")


def page():
    """The page of the documentation with the baseline in it."""
    (_, compiler), rows = read(BASELINE)
    text = PAGE.read_text()
    text = re.sub(r"(?<=<!-- compiler -->).*?(?=<!-- end -->)", f"`{compiler}`", text)

    def table(kinds):
        # name -> kind and core -> figure, in the order of the baseline
        found, columns = {}, []
        for row, (figure,) in rows.items():
            kind, core, name = re.fullmatch(r"(.+), (thumb\w+): (.+)", row).groups()
            if kind in kinds:
                if (core, kind) not in columns:
                    columns.append((core, kind))
                found.setdefault(name, {})[core, kind] = figure
        columns.sort(key=lambda column: kinds.index(column[1]))
        heads = [f"{kind}, {core}" for core, kind in columns]
        yield f"| | {' | '.join(heads)} |"
        yield f"|---|{'---:|' * len(heads)}"
        for name, figures in found.items():
            cells = [f"{figures[column]:,}".replace(",", " ") if column in figures else "" for column in columns]
            yield f"| {name} | {' | '.join(cells)} |"

    def filled(match):
        return match[1] + "\n" + "\n".join(table(match[2].split("; "))) + "\n" + match[3]

    return re.sub(r"(<!-- table: (.*?) -->).*?(<!-- end -->)", filled, text, flags=re.S)


def check_page():
    """What is wrong with the page."""
    return [] if PAGE.read_text() == page() else [f"{PAGE.name} does not show the baseline"]


def write_page():
    """Has the page show the baseline."""
    PAGE.write_text(page())
