//! The codec beside what else does its work.
//!
//! ```text
//! cargo bench --manifest-path tests/bench/Cargo.toml                   measures, prints, writes docs/benchmarks.md
//! cargo bench --manifest-path tests/bench/Cargo.toml -- time [WORD]    only times, of the groups that have WORD
//! cargo bench --manifest-path tests/bench/Cargo.toml -- gate [--bless] what .ci/bench runs
//! ```
//!
//! With `--features c`, in front of `--`, it does so beside libraries of C too, which `.ci/install --c` has.

mod answers;
#[cfg(feature = "c")]
mod c;
mod gate;
mod groups;
mod inputs;
mod measure;
mod plot;
mod report;

#[global_allocator]
static ALLOCATOR: measure::Counting = measure::Counting;

fn main() {
    // cargo bench says so to every benchmark.
    let arguments: Vec<_> = std::env::args().skip(1).filter(|word| word != "--bench").collect();
    let words: Vec<_> = arguments.iter().map(String::as_str).collect();
    match words[..] {
        [] => report::all(),
        ["time"] => report::times(""),
        ["time", word] => report::times(word),
        ["gate"] => gate::run(false),
        ["gate", "--bless"] => gate::run(true),
        ["one", group, input, candidate] => measure::one(group, input, candidate),
        _ => {
            eprintln!("nothing, or: time [WORD] | gate [--bless]");
            std::process::exit(2);
        }
    }
}
