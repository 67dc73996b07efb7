//! What was measured, as a table on the terminal, as Markdown and as a plot.

use std::fmt::Write as _;
use std::fs;

use crate::answers;
use crate::gate::compiler;
use crate::groups::{Claim, GROUPS, Group, Input, OURS};
use crate::measure::{self, Spread, Time};
use crate::plot;

/// Beside the other pages.
const DOCS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs");

/// What all candidates of a group made of one input.
struct Row {
    group: &'static Group,
    input: Input,
    times: Vec<Time>,
    /// Of each candidate, where they are counted.
    instructions: Vec<Option<u64>>,
}

/// How often a row is measured until its rounds agree.
const TRIES: usize = 3;

impl Row {
    /// Measures until no ratio's spread is wide, or else keeps the run whose widest is the least.
    fn measure(group: &'static Group, input: Input, counted: bool) -> Self {
        measure::check(group, &input);
        let widest = |times: &Vec<Time>| {
            times
                .iter()
                .map(|time| (time.ratio.high - time.ratio.low) / time.ratio.median)
                .fold(0.0, f64::max)
        };
        let mut best = measure::times(group, &input);
        for _ in 1..TRIES {
            if !best.iter().any(|time| time.ratio.is_wide()) {
                break;
            }
            let again = measure::times(group, &input);
            if widest(&again) < widest(&best) {
                best = again;
            }
        }
        let count = |candidate| match counted {
            true => measure::instructions(group, &input, candidate),
            false => None,
        };
        let candidates = measure::with_copy(group).filter(|candidate| candidate.does(&input));
        let instructions = candidates.map(count).collect();
        Self { group, input, times: best, instructions }
    }
}

fn rows(word: &str, counted: bool) -> Vec<Row> {
    let groups = GROUPS.iter().filter(|group| group.name.contains(word));
    groups
        .flat_map(|group| {
            (group.inputs)().into_iter().map(|input| Row::measure(group, input, counted))
        })
        .collect()
}

/// A claim, and what was reached of it.
pub struct Reached {
    group: &'static str,
    pub what: String,
    pub against: &'static str,
    pub floor: f64,
    pub goal: f64,
    pub ratio: Spread,
    /// How many times as few instructions.
    fewer: Option<f64>,
}

impl Reached {
    fn of(row: &Row, claim: &Claim) -> Self {
        // The fastest of those that it is about.
        let (peer, theirs) = row
            .times
            .iter()
            .zip(&row.instructions)
            .filter(|(time, _)| claim.against.contains(&time.name))
            .min_by(|(one, _), (other, _)| one.time.total_cmp(&other.time))
            .expect("a claim is about candidates of its group");
        let ours = row.instructions.first().copied().flatten();
        let fewer = theirs.zip(ours).map(|(theirs, ours)| theirs as f64 / ours as f64);
        let what = format!("{}, {}", row.group.name, row.input.name);
        let Claim { floor, goal, .. } = *claim;
        let group = row.group.name;
        Self { group, what, against: peer.name, floor, goal, ratio: peer.ratio, fewer }
    }

    pub fn word(&self) -> &'static str {
        match self.ratio.median {
            ratio if ratio >= self.goal => "goal",
            ratio if ratio >= self.floor => "floor",
            _ => "below",
        }
    }
}

fn reached(rows: &[Row]) -> Vec<Reached> {
    rows.iter()
        .flat_map(|row| {
            let claims = row.group.claims.iter().filter(|claim| claim.input == row.input.name);
            claims.map(|claim| Reached::of(row, claim))
        })
        .collect()
}

/// A ratio with its percentiles; `~` where the rounds did not agree.
fn ratio(spread: Spread) -> String {
    let Spread { low, median, high } = spread;
    let mark = if spread.is_wide() { "~" } else { "" };
    format!("{mark}{median:.2} ({low:.2}–{high:.2})")
}

fn claims(reached: &[Reached]) -> String {
    let mut table = String::from(
        "| path, input | times as fast as | floor | goal | reached (10 %–90 %) | | times fewer instructions |\n|---|---|---|---|---|---|---|\n",
    );
    for one in reached {
        let Reached { what, against, floor, goal, .. } = one;
        let (reached, word) = (ratio(one.ratio), one.word());
        let fewer = one.fewer.map_or("–".to_owned(), |fewer| format!("{fewer:.2}"));
        writeln!(
            table,
            "| {what} | {against} | {floor} | {goal} | **{reached}** | {word} | {fewer} |"
        )
        .unwrap();
    }
    table
}

/// The claims of each group in a line: the least that was reached of them.
fn summary(reached: &[Reached]) -> String {
    let mut table =
        String::from("| path | beside | times as fast, at least | floor |\n|---|---|---|---|\n");
    for group in GROUPS {
        let own = reached.iter().filter(|one| one.group == group.name);
        let least = own.min_by(|one, other| {
            (one.ratio.median / one.floor).total_cmp(&(other.ratio.median / other.floor))
        });
        if let Some(Reached { what, against, floor, ratio, .. }) = least {
            writeln!(table, "| {what} | {against} | {:.1} | {floor} |", ratio.median).unwrap();
        }
    }
    table
}

/// The text with what is between two marks replaced.
fn between(text: &str, begin: &str, end: &str, new: &str) -> Option<String> {
    let (front, rest) = text.split_once(begin)?;
    let (_, back) = rest.split_once(end)?;
    Some(format!("{front}{begin}{new}{end}{back}"))
}

/// Nanoseconds in three digits.
fn time(time: f64) -> String {
    match time {
        0.0..10.0 => format!("{time:.1} ns"),
        10.0..10_000.0 => format!("{time:.0} ns"),
        _ => format!("{:.1} µs", time / 1000.0),
    }
}

fn group_table(rows: &[Row], group: &Group) -> String {
    let mut table = format!(
        "### {}\n\n{}.\n\n| input | who | time | times ours | instructions | allocations |\n|---|---|---|---|---|---|\n",
        group.name,
        group.work[..1].to_uppercase() + &group.work[1..],
    );
    for row in rows.iter().filter(|row| row.group.name == group.name) {
        let candidates = measure::with_copy(group).filter(|candidate| candidate.does(&row.input));
        for ((own, instructions), candidate) in
            row.times.iter().zip(&row.instructions).zip(candidates)
        {
            let allocations = measure::allocations(candidate.run, &row.input);
            let instructions = instructions.map_or("–".to_owned(), |count| count.to_string());
            let is_ours = own.name == OURS;
            let name = if is_ours { format!("**{OURS}**") } else { own.name.to_owned() };
            let ratio = if is_ours { "1".to_owned() } else { ratio(own.ratio) };
            let (input, time) = (row.input.name, time(own.time));
            writeln!(
                table,
                "| {input} | {name} | {time} | {ratio} | {instructions} | {allocations} |"
            )
            .unwrap();
        }
    }
    table
}

/// Only times, on the terminal.
pub fn times(word: &str) {
    let rows = rows(word, false);
    let groups = GROUPS.iter().filter(|group| group.name.contains(word));
    groups.for_each(|group| println!("{}", group_table(&rows, group)));
    println!("{}", claims(&reached(&rows)));
}

fn answers() -> String {
    let mut list = String::new();
    for question in answers::all() {
        writeln!(list, "* {}", question.words).unwrap();
        for answer in question.answers {
            let mark = if answer.is_right { "" } else { "**wrong**, " };
            writeln!(list, "  * {}: {mark}{}", answer.who, answer.words).unwrap();
        }
    }
    list
}

/// The versions of what is measured.
fn versions() -> String {
    let lock = include_str!("../Cargo.lock");
    let names = [
        "const-hex",
        "encoding_rs",
        "form_urlencoded",
        "gsm7",
        "hex",
        "serde-json-core",
        "serde_json",
        "serde_urlencoded",
        "sms-pdu",
        "sonic-rs",
        "tpdu",
        "urlencoding",
    ];
    let version = |name: &&str| {
        let (_, behind) = lock.split_once(&format!("name = \"{name}\"\nversion = \""))?;
        Some(format!("{name} {}", behind.split('"').next()?))
    };
    // Those of C are what build.rs found.
    let of_c = option_env!("C_VERSIONS").map(|of_c| format!("Debian's {of_c}"));
    names.iter().filter_map(version).chain(of_c).collect::<Vec<_>>().join(", ")
}

/// Whether libraries of C are among the candidates.
const C: bool = cfg!(feature = "c");

/// What the page says of candidates that are spelt otherwise.
const SPELLING: &str = " (Kannel, libcurl and glib leave a tilde in a form as it is, and the latter two write a space as \
     `%20`: their forms are compared as others spell them)";

fn processor() -> String {
    let known = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let model = known.lines().find_map(|line| line.strip_prefix("model name")?.split_once(": "));
    model.map_or("an unknown processor".to_owned(), |(_, model)| model.to_owned())
}

/// Everything: printed, and written into the docs.
pub fn all() {
    let rows = rows("", true);
    let reached = reached(&rows);
    let tables: Vec<_> = GROUPS.iter().map(|group| group_table(&rows, group)).collect();
    let page = format!(
        "# How fast the codec is\n\n\
         This page is written by the command\n\n\
         ```sh\ncargo bench --manifest-path tests/bench/Cargo.toml{switch}\n```\n\n\
         which measures the crate `septet`, through its public interface, beside the crates{libraries} that do the same work, on \
         the machine that it runs on. Before anything is timed all must have made the same octets{spelling}. Then they take turns, in \
         another order each round, {rounds} rounds; a ratio is that of two times of the same round, and the page has the median \
         with the 10th and the 90th percentile. `~` marks a ratio whose percentiles are more than 10 % apart: the machine was \
         not quiet. Times are those of the thread alone. Instructions are callgrind's, allocations {allocations}. *A copy of the input* \
         is what no path can beat by much.\n\n\
         Measured on {processor}, {compiler}, for plain {arch}, with link-time optimisation. The codec has no `unsafe` and \
         no heap.\n\n\
         ![How many times as fast as others]({plot})\n\n\
         {claims}\n\
         Beside: {versions}.\n\n\
         ## Whose answers are right\n\n{answers}\n\
         ## All figures\n\n{tables}",
        switch = if C { " --features c" } else { "" },
        libraries = if C { " and the libraries of C" } else { "" },
        spelling = if C { SPELLING } else { "" },
        allocations = if C {
            "calls of `malloc`, `calloc` and `realloc`"
        } else {
            "those asked of the global allocator"
        },
        rounds = measure::ROUNDS,
        processor = processor(),
        compiler = compiler(),
        arch = std::env::consts::ARCH,
        plot = "benchmarks.svg",
        claims = claims(&reached),
        versions = versions(),
        answers = answers(),
        tables = tables.join("\n"),
    );
    println!("{page}");
    let readme = format!("{DOCS}/../README.md");
    let text = fs::read_to_string(&readme).expect("the README");
    let (begin, end) = ("<!-- benchmarks: written by the command -->\n", "<!-- end -->");
    let text = between(&text, begin, end, &summary(&reached)).expect("the README has the marks");
    fs::write(readme, text).expect("the README is written");
    fs::write(format!("{DOCS}/benchmarks.md"), page).expect("the page is written");
    fs::write(format!("{DOCS}/benchmarks.svg"), plot::draw(&reached)).expect("the plot is written");
}
