"""What `.ci/counts` measured: puts the depth of the stack beside the instructions, and has it compared.

    counts.py stack IMAGE CORE
                               lines of the image on standard input become rows
    counts.py compare COMPILER [--bless]
                               rows on standard input
"""

import sys

import stack
import table


def rows_of(image, core):
    program = stack.Program(image)
    for line in sys.stdin:
        name, place, instructions = line.rstrip("\n").split("\t")
        print(f"instructions, {core}: {name}\t{instructions}")
        print(f"stack, {core}: {name}\t{program.depth(int(place))}")


def compare(compiler, is_blessed):
    rows = {}
    for line in sys.stdin:
        name, figure = line.rstrip("\n").split("\t")
        rows[name] = int(figure)
    if is_blessed:
        table.bless(compiler, rows)
        table.write_page()
    wrong = table.compare(compiler, rows) + table.check_page()
    if wrong:
        sys.exit("\n".join([*wrong, "what is meant to be so becomes the baseline with .ci/counts --bless"]))


if __name__ == "__main__":
    match sys.argv[1:]:
        case ["stack", image, core]:
            rows_of(image, core)
        case ["compare", compiler, *rest] if rest in ([], ["--bless"]):
            compare(compiler, bool(rest))
        case _:
            sys.exit(__doc__)
