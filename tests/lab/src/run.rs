//! The messages, all programs on them, and what comes of it.

use std::collections::HashMap;

use crate::answer::Answer;
use crate::classes::{CLASSES, Cause};
use crate::compare::{self, Case};
use crate::generate;
use crate::message::{Field, Message};
use crate::peers::{PEERS, Peer};
use crate::tables::Tables;
use crate::writing::{FAULTS, Text};

/// The messages of a run: any of them can be made alone.
#[derive(Clone, Copy)]
pub struct Source {
    pub tables: &'static Tables,
    pub seed: u64,
}

impl Source {
    pub fn message(self, index: u64) -> Message {
        generate::message(self.tables, self.seed, index)
    }
}

/// A message that shows a class. The least one shows it best: little else is odd with it.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Example {
    /// The classes that it could be an example of.
    pub oddities: u32,
    /// Of the PDU.
    octets: usize,
    pub index: u64,
    pub field: Field,
}

/// What one program has done.
#[derive(Default)]
pub struct Result {
    /// The messages with a field that it claims to read.
    pub asked: u64,
    pub agreed: u64,
    pub refused: u64,
    pub broke: u64,
    /// By the number of the class; the last one is for what is in none.
    pub classes: Vec<Option<(u64, Example)>>,
}

/// In a tally: the messages that have a field at all.
const ALL: usize = CLASSES.len();

/// Field by field, with which classes: each class is a bit.
#[derive(Default)]
struct Tally {
    agreed: HashMap<(usize, Field), u64>,
    disagreed: HashMap<(usize, Field), u64>,
    cases: HashMap<(Field, u64), (u64, Example)>,
}

impl Tally {
    fn add(&mut self, case: &Case, index: u64, agrees: bool) {
        let mut classes = 0_u64;
        let tally = if agrees { &mut self.agreed } else { &mut self.disagreed };
        *tally.entry((ALL, case.field)).or_default() += 1;
        for (number, class) in CLASSES.iter().enumerate() {
            let is_feature = class.cause == Cause::Feature || case.field == Field::Message;
            if !class.fields.contains(&case.field) || agrees && !is_feature || !(class.holds)(case)
            {
                continue;
            }
            classes |= 1 << number;
            if is_feature {
                let tally = if agrees { &mut self.agreed } else { &mut self.disagreed };
                *tally.entry((number, case.field)).or_default() += 1;
            }
        }
        if !agrees {
            let example = Example {
                oddities: classes.count_ones(),
                octets: case.message.octets().len(),
                index,
                field: case.field,
            };
            let (count, least) = self.cases.entry((case.field, classes)).or_insert((0, example));
            *count += 1;
            *least = example.min(*least);
        }
    }

    /// Each case in the first class that is its cause.
    fn classes(&self) -> Vec<Option<(u64, Example)>> {
        // How many of 1000 agree.
        let agree = |class: usize, field: Field| {
            let of = |tally: &HashMap<_, u64>| tally.get(&(class, field)).copied().unwrap_or(0);
            let (agreed, disagreed) = (of(&self.agreed), of(&self.disagreed));
            agreed * 1000 / (agreed + disagreed).max(1)
        };
        let is_cause = |class: usize, field: Field| {
            let all = agree(ALL, field);
            // Who is wrong mostly is so for another reason.
            CLASSES[class].cause == Cause::Always && field != Field::Message
                || all > 200 && agree(class, field) * 10 < all * 8
        };
        let mut classes = vec![None; CLASSES.len() + 1];
        for ((field, bits), (count, example)) in &self.cases {
            let own = || (0..CLASSES.len()).filter(|class| bits >> class & 1 != 0);
            let cause = own().find(|class| is_cause(*class, *field));
            let likely = || match field {
                Field::Message => own().min_by_key(|class| agree(*class, *field)),
                // The last of them has no feature that is rare.
                _ => own().next_back(),
            };
            let class = cause.or_else(likely).unwrap_or(CLASSES.len());
            let (sum, least) = classes[class].get_or_insert((0, *example));
            *sum += count;
            *least = (*least).min(*example);
        }
        classes
    }
}

/// Every program on so many messages.
pub fn all(source: Source, messages: u64) -> Vec<Result> {
    PEERS.iter().map(|peer| one(peer, source, messages)).collect()
}

fn one(peer: &Peer, source: Source, messages: u64) -> Result {
    let (mut result, mut tally) = (Result::default(), Tally::default());
    let every = peer.every;
    let began = std::time::Instant::now();
    let job = move |at: usize| source.message(at as u64 * every).job();
    let done = peer.ask(messages.div_ceil(every) as usize, job, |at, answer| {
        let index = at as u64 * every;
        let message = source.message(index);
        let told = message.told(source.tables);
        let fields = compare::fields(peer, &message, &told);
        if fields.is_empty() {
            return;
        }
        result.asked += 1;
        let is_there = answer.error.is_none() && answer.crash.is_none();
        let mut case = |field, agrees| {
            let case = Case { message: &message, field, told: &told, answer: &answer };
            tally.add(&case, index, agrees);
        };
        case(Field::Message, is_there);
        let mut agreed = is_there;
        for field in fields.into_iter().filter(|_| is_there) {
            let agrees = compare::shown(field, &told) == compare::shown(field, &answer);
            agreed &= agrees;
            case(field, agrees);
        }
        result.agreed += u64::from(agreed);
        result.refused += u64::from(answer.error.is_some());
        result.broke += u64::from(answer.crash.is_some());
    });
    done.unwrap_or_else(|why| panic!("{why}"));
    result.classes = tally.classes();
    println!(
        "{:<20} {:>8} messages, {:>8} as the standard has them, {:>7} refused, {:>6} broken, {:.1} s",
        peer.name,
        result.asked,
        result.agreed,
        result.refused,
        result.broke,
        began.elapsed().as_secs_f32()
    );
    result
}

/// What each program answers to each of these messages.
pub fn answers(source: Source, indices: &[u64]) -> Vec<Vec<Answer>> {
    let ask = |peer: &Peer| {
        let (mut answers, jobs) = (Vec::new(), indices.to_vec());
        peer.ask(
            jobs.len(),
            move |at| source.message(jobs[at]).job(),
            |_, answer| answers.push(answer),
        )
        .unwrap_or_else(|why| panic!("{why}"));
        answers
    };
    PEERS.iter().map(ask).collect()
}

/// What one program has made of texts.
#[derive(Default)]
pub struct Written {
    pub asked: u64,
    pub agreed: u64,
    /// By the number of the fault, with the shortest text that shows it.
    pub faults: Vec<Option<(u64, String)>>,
}

/// Every program that writes, on so many texts; `None` where it does not.
pub fn all_written(source: Source, texts: u64) -> Vec<Option<Written>> {
    PEERS.iter().map(|peer| peer.writes.then(|| one_written(peer, source, texts))).collect()
}

fn one_written(peer: &Peer, source: Source, texts: u64) -> Written {
    let mut written = Written { faults: vec![None; FAULTS.len()], ..Written::default() };
    let Source { tables, seed } = source;
    let every = peer.every;
    let text = move |at: usize| Text::of(tables, seed, at as u64 * every);
    let done = peer.ask(
        texts.div_ceil(peer.every) as usize,
        move |at| text(at).job(),
        |at, answer| {
            let text = text(at);
            let Some(judgement) = text.judge(tables, &answer) else { return };
            written.asked += 1;
            let Err(fault) = judgement else {
                written.agreed += 1;
                return;
            };
            let number = FAULTS.iter().position(|other| *other == fault).unwrap_or(0);
            let (count, shortest) =
                written.faults[number].get_or_insert_with(|| (0, text.0.clone()));
            *count += 1;
            if text.0.len() < shortest.len() {
                *shortest = text.0;
            }
        },
    );
    done.unwrap_or_else(|why| panic!("{why}"));
    println!(
        "{:<20} {:>8} texts,    {:>8} as the standard has them",
        peer.name, written.asked, written.agreed
    );
    written
}
