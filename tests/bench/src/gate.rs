//! What must hold before a change lands: the candidates agree, the codec allocates nothing, and no path
//! of it takes more instructions than it did.

use std::collections::BTreeMap;
use std::process::{Command, exit};

use crate::groups::GROUPS;
use crate::measure;

/// Beside this program's source.
const BASELINE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/baseline.tsv");

/// What a path may take more than it did, in percent.
const TOLERATED: u64 = 2;

/// Checks against the baseline; `bless` writes it anew.
pub fn run(bless: bool) {
    let mut rows = Vec::new();
    let mut failed = false;
    for group in GROUPS {
        for input in (group.inputs)() {
            measure::check(group, &input);
            let ours = &group.candidates[0];
            let row = format!("{}: {}", group.name, input.name);
            let allocations = measure::allocations(ours.run, &input);
            if allocations != 0 {
                eprintln!("{row}: {allocations} allocations");
                failed = true;
            }
            let Some(instructions) = measure::instructions(group, &input, ours) else {
                eprintln!("no valgrind: .ci/install has it");
                exit(1);
            };
            rows.push((row, instructions));
        }
    }
    let compiler = compiler();
    if bless {
        let lines = rows.iter().map(|(row, instructions)| format!("{row}\t{instructions}\n"));
        let baseline = format!("# {compiler}\n{}", lines.collect::<String>());
        std::fs::write(BASELINE, baseline).expect("the baseline is written");
        println!("{} rows are the baseline of {compiler}", rows.len());
        exit(failed.into());
    }
    let baseline = std::fs::read_to_string(BASELINE).unwrap_or_default();
    let (head, known) = baseline.split_once('\n').unwrap_or_default();
    let known: BTreeMap<_, u64> = known
        .lines()
        .filter_map(|line| line.split_once('\t'))
        .map(|(row, instructions)| (row, instructions.parse().expect("a number")))
        .collect();
    let gates = head.strip_prefix("# ") == Some(&compiler);
    if !gates {
        println!("the baseline is of another compiler, and nothing is compared:");
        println!("  {head}\n  # {compiler}");
    }
    for (row, instructions) in &rows {
        let verdict = match known.get(row.as_str()) {
            _ if !gates => "",
            None => "not in the baseline",
            Some(before) if *instructions * 100 > before * (100 + TOLERATED) => "more than before",
            Some(before) if instructions < before => "less than before",
            Some(_) => "",
        };
        failed |= matches!(verdict, "not in the baseline" | "more than before");
        let before = known.get(row.as_str()).map(u64::to_string).unwrap_or_default();
        println!("{row:<36} {instructions:>8} {before:>8} {verdict}");
    }
    if gates && known.len() > rows.len() {
        println!("the baseline has rows that nothing measures any more");
        failed = true;
    }
    if failed {
        println!("`.ci/bench --bless` makes what was counted the baseline");
    }
    exit(failed.into());
}

/// The compiler, since the code that it makes differs from version to version.
pub fn compiler() -> String {
    let output = Command::new("rustc").arg("--version").output().expect("rustc says its version");
    String::from_utf8_lossy(&output.stdout).trim().to_owned()
}
