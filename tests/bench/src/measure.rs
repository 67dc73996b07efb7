//! How a candidate is measured: that it is right, its time, its allocations, its instructions.

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;
use std::hint::black_box;
use std::process::Command;

use cpu_time::ThreadTime;

use crate::groups::{Candidate, GROUPS, Group, Input, Run, Scratch};

/// Counts what is asked of the system's allocator.
pub struct Counting;

thread_local! {
    static ALLOCATIONS: Cell<u64> = const { Cell::new(0) };
}

fn count() {
    ALLOCATIONS.set(ALLOCATIONS.get() + 1);
}

// SAFETY: the system's allocator does it all.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        count();
        unsafe { System.alloc(layout) }
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        count();
        unsafe { System.alloc_zeroed(layout) }
    }

    unsafe fn realloc(&self, at: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        count();
        unsafe { System.realloc(at, layout, size) }
    }

    unsafe fn dealloc(&self, at: *mut u8, layout: Layout) {
        unsafe { System.dealloc(at, layout) }
    }
}

/// What is measured: callgrind counts inside of it alone.
#[inline(never)]
#[unsafe(no_mangle)]
extern "C" fn bench_measured(run: &Run, input: &Input, scratch: &mut Scratch) {
    run(input, scratch, &mut |octets| {
        black_box(octets);
    });
}

/// The pieces that a candidate makes, each behind its length.
fn pieces(candidate: &Candidate, input: &Input) -> Vec<u8> {
    let mut all = Vec::new();
    (candidate.run)(input, &mut Scratch::default(), &mut |octets| {
        let octets = (candidate.spelling)(octets);
        all.extend((octets.len() as u32).to_be_bytes());
        all.extend(&*octets);
    });
    all
}

/// Refuses candidates that do not make the same.
pub fn check(group: &Group, input: &Input) {
    let mut made: Option<(&str, Vec<u8>)> = None;
    for candidate in group.candidates.iter().filter(|candidate| candidate.does(input)) {
        let own = pieces(candidate, input);
        let (first, wanted) = made.get_or_insert_with(|| (candidate.name, own.clone()));
        assert_eq!(
            String::from_utf8_lossy(wanted),
            String::from_utf8_lossy(&own),
            "{} of {}: {first} and {} differ",
            group.name,
            input.name,
            candidate.name
        );
    }
}

/// Allocations for each time that it is done, once it has been done.
pub fn allocations(run: Run, input: &Input) -> u64 {
    let mut scratch = Scratch::default();
    bench_measured(&run, input, &mut scratch);
    let before = allocated();
    bench_measured(&run, input, &mut scratch);
    allocated() - before
}

/// How often this thread asked for memory so far.
#[cfg(not(feature = "c"))]
fn allocated() -> u64 {
    ALLOCATIONS.get()
}

#[cfg(feature = "c")]
use crate::c::c_allocations as allocated;

/// How often a candidate is done under callgrind.
const COUNTED: u64 = 20;

/// What callgrind is to count: one candidate, some times.
pub fn one(group: &str, input: &str, candidate: &str) {
    let group = GROUPS.iter().find(|own| own.name == group).expect("a group");
    let input = (group.inputs)().into_iter().find(|own| own.name == input).expect("an input");
    let candidate = with_copy(group).find(|own| own.name == candidate).expect("a candidate");
    let mut scratch = Scratch::default();
    (candidate.run)(&input, &mut scratch, &mut |octets| {
        black_box(octets);
    });
    for _ in 0..COUNTED {
        bench_measured(&candidate.run, &input, &mut scratch);
    }
}

/// Instructions for each time that it is done; `None` where there is no valgrind.
pub fn instructions(group: &Group, input: &Input, candidate: &Candidate) -> Option<u64> {
    let output = Command::new("valgrind")
        .args(["--tool=callgrind", "--callgrind-out-file=/dev/null", "--collect-atstart=no"])
        .arg("--toggle-collect=bench_measured")
        .arg(std::env::current_exe().expect("this program"))
        .args(["one", group.name, input.name, candidate.name])
        .output()
        .ok()?;
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{said}");
    let collected = said.lines().find_map(|line| line.split_once("Collected : "));
    let (_, total) = collected.unwrap_or_else(|| panic!("callgrind says nothing: {said}"));
    Some(total.trim().parse::<u64>().expect("a number") / COUNTED)
}

/// What no candidate can be faster than by much: the octets copied.
pub static COPY: Candidate = Candidate::new("a copy of the input", |input, scratch, see| {
    let octets = &mut scratch.octets[..input.octets.len()];
    octets.copy_from_slice(black_box(&input.octets));
    see(octets);
});

/// The candidates of a group, and [`COPY`].
pub fn with_copy(group: &Group) -> impl Iterator<Item = &Candidate> {
    group.candidates.iter().chain([&COPY])
}

/// A figure over the rounds of a run.
#[derive(Clone, Copy)]
pub struct Spread {
    pub low: f64,
    pub median: f64,
    pub high: f64,
}

impl Spread {
    /// Median, 10th and 90th percentile.
    fn of(mut figures: Vec<f64>) -> Self {
        figures.sort_by(f64::total_cmp);
        let at = |percent: usize| figures[(figures.len() - 1) * percent / 100];
        Self { low: at(10), median: at(50), high: at(90) }
    }

    /// Whether a run was too restless to tell.
    pub fn is_wide(self) -> bool {
        self.high - self.low > 0.1 * self.median
    }
}

/// What a candidate takes.
pub struct Time {
    pub name: &'static str,
    /// Nanoseconds.
    pub time: f64,
    /// How many times as long as the first candidate in the same round.
    pub ratio: Spread,
}

/// At least 31. An odd number, so that one round is the median.
pub const ROUNDS: usize = 61;
/// Nanoseconds that a candidate runs in a round.
const SLICE: f64 = 400_000.0;

/// Times the candidates of a group in turns, each round in another order.
pub fn times(group: &Group, input: &Input) -> Vec<Time> {
    let candidates: Vec<_> = with_copy(group).filter(|candidate| candidate.does(input)).collect();
    let mut scratch = Scratch::default();
    let mut slice = |candidate: &Candidate, often: u64| {
        // Of this thread alone: what else the machine does is no time of a candidate's.
        let start = ThreadTime::now();
        for _ in 0..often {
            bench_measured(black_box(&candidate.run), black_box(input), &mut scratch);
        }
        start.elapsed().as_nanos() as f64 / often as f64
    };
    let often: Vec<u64> = candidates
        .iter()
        .map(|candidate| {
            slice(candidate, 20);
            (SLICE / slice(candidate, 200)).clamp(1.0, 1e6) as u64
        })
        .collect();
    let mut rounds = vec![Vec::with_capacity(ROUNDS); candidates.len()];
    for round in 0..ROUNDS {
        for turn in 0..candidates.len() {
            let own = (round + turn) % candidates.len();
            rounds[own].push(slice(candidates[own], often[own]));
        }
    }
    let time = |(candidate, own): (&&Candidate, &Vec<f64>)| Time {
        name: candidate.name,
        time: Spread::of(own.clone()).median,
        ratio: Spread::of(own.iter().zip(&rounds[0]).map(|(own, first)| own / first).collect()),
    };
    candidates.iter().zip(&rounds).map(time).collect()
}
