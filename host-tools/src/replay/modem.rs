//! The modem of a log, as far as the log tells: what it answers to commands that the log's host did
//! not give, or not then.

use std::collections::HashMap;

use septet::at::{Action, Domain, Failure, Line, Store};
use septet_firmware::Profile;

use super::answer::Answer;
use super::script::{Play, Step, answers, command, first_number, lines, restarts};

/// What is known of the modem.
#[derive(Debug)]
pub struct Modem {
    slots: Vec<Slot>,
    /// The store that the engine selected.
    selected: Option<Store>,
    /// The store of messages of which the log does not say where they are.
    usual: Option<Store>,
    /// What it answered last, or what it said of its own accord.
    told: HashMap<String, Answer>,
    /// The networks of which the log speaks.
    domains: Vec<Domain>,
}

/// What a slot has, and from when on.
#[derive(Debug)]
struct Slot {
    store: Option<Store>,
    index: u32,
    /// The step from which on it is there.
    from: usize,
    deleted: bool,
    /// What is answered to `AT+CMGR`.
    read: Answer,
    /// What stands in `AT+CMGL`, with its PDU; nothing where there is no message.
    listed: Option<[Vec<u8>; 2]>,
}

impl Modem {
    /// What `steps` tell.
    pub fn new(steps: &[Step], profile: &Profile) -> Self {
        let mut modem = Self {
            slots: Vec::new(),
            selected: None,
            usual: profile.stores.last().copied(),
            told: HashMap::new(),
            domains: Vec::new(),
        };
        modem.learn(steps);
        modem
    }

    fn learn(&mut self, steps: &[Step]) {
        let mut selected = None;
        // Slots that were announced or emptied, and when.
        let mut news: Vec<(Option<Store>, u32, usize)> = Vec::new();
        for (at, step) in steps.iter().enumerate() {
            let text = match &step.play {
                Play::Command(text) => text,
                Play::Modem(octets) => {
                    for line in lines(octets) {
                        match Line::read(line) {
                            Line::MessageStored { store, index }
                            | Line::ReportStored { store, index } => {
                                news.push((Some(store), index.into(), at));
                            }
                            Line::Registration(registration) => {
                                self.domains.push(registration.domain);
                            }
                            _ => {}
                        }
                    }
                    continue;
                }
                Play::Body(_) | Play::Pass(_) | Play::Outside | Play::Conclude(_) => continue,
            };
            let Some(asked) = command(text) else { continue };
            let answer = Answer::read(text, steps.get(at + 1..).unwrap_or_default());
            let number = first_number(&asked);
            match (asked.name.to_ascii_uppercase().as_str(), asked.action) {
                ("+CPMS", Action::Set(values)) if answer.end == Some(Ok(())) => {
                    selected = values.get(0).text().and_then(Store::new);
                }
                ("+CMGD", Action::Set(_)) => {
                    news.extend(number.map(|index| (selected, index, at + 1)));
                }
                ("+CMGR", Action::Set(_)) => {
                    let Some(index) = number else { continue };
                    let here = |news: &&(Option<Store>, u32, usize)| {
                        news.1 == index && (selected.is_none() || news.0 == selected)
                    };
                    let last = news.iter().rev().find(here);
                    let (store, _, from) = last.copied().unwrap_or((selected, index, 0));
                    let listed = match answer.lines.as_slice() {
                        [head, digits] => match Line::read(head) {
                            Line::Stored { status, tpdu_len } => {
                                let head = format!("+CMGL: {index},{},,{tpdu_len}", status.0);
                                Some([head.into_bytes(), digits.clone()])
                            }
                            _ => None,
                        },
                        _ => None,
                    };
                    self.keep(Slot { store, index, from, deleted: false, read: answer, listed });
                }
                ("+CMGL", Action::Set(_)) => {
                    for pair in answer.lines.windows(2) {
                        let [head, digits] = pair else { continue };
                        let Line::Listed { index, status, tpdu_len } = Line::read(head) else {
                            continue;
                        };
                        let read = format!("+CMGR: {},,{tpdu_len}", status.0).into_bytes();
                        let lines = vec![read, digits.clone()];
                        let read = Answer { lines, end: Some(Ok(())), echoes: false };
                        let index = u32::from(index);
                        let here = |news: &&(Option<Store>, u32, usize)| {
                            news.1 == index && (selected.is_none() || news.0 == selected)
                        };
                        let from = news.iter().rev().find(here).map_or(0, |news| news.2);
                        let listed = Some([head.clone(), digits.clone()]);
                        self.keep(Slot {
                            store: selected,
                            index,
                            from,
                            deleted: false,
                            read,
                            listed,
                        });
                    }
                }
                _ => {}
            }
        }
    }

    /// Notes what a slot has, unless a message is known to be there.
    fn keep(&mut self, slot: Slot) {
        let same = |known: &&mut Slot| {
            (known.store, known.index, known.from) == (slot.store, slot.index, slot.from)
        };
        match self.slots.iter_mut().find(same) {
            Some(known) if known.listed.is_none() => *known = slot,
            Some(_) => {}
            None => self.slots.push(slot),
        }
    }

    /// Notes what the modem says of its own accord, and that it has begun another life.
    pub fn says(&mut self, line: &[u8]) {
        match Line::read(line) {
            Line::Boot(_) | Line::PowerDown(_) => self.told.clear(),
            Line::Pin(_) => {
                let answer =
                    Answer { lines: vec![line.to_vec()], end: Some(Ok(())), echoes: false };
                self.told.insert("AT+CPIN?".to_owned(), answer);
            }
            Line::Registration(registration) => {
                let name = registration.domain.name();
                let told = format!("{name}: 0,{}", registration.state.0).into_bytes();
                let answer = Answer { lines: vec![told], end: Some(Ok(())), echoes: false };
                self.told.insert(format!("AT{name}?"), answer);
            }
            _ => {}
        }
    }

    /// Notes what the log's modem answers to `asked`.
    pub fn answered(&mut self, asked: &str, answer: Answer) {
        let Some(read) = command(asked) else { return };
        if read.is("+CPIN") && matches!(read.action, Action::Set(_)) && answer.end == Some(Ok(())) {
            self.told.remove("AT+CPIN?");
        }
        // An `OK` that stands alone is the answer to something else.
        let whole = read.action != Action::Read || !answer.lines.is_empty();
        if whole && (answer.end.is_some() || read.is("+CPIN")) {
            let end = answer.end.or(Some(Ok(())));
            self.told.insert(asked.to_ascii_uppercase(), Answer { end, ..answer });
        }
    }

    /// Notes what the engine's command does to the stores once it is answered with `OK`.
    pub fn done(&mut self, gave: &str, at: usize) {
        let Some(read) = command(gave) else { return };
        match (read.name, read.action) {
            ("+CPMS", Action::Set(values)) => {
                self.selected = values.get(0).text().and_then(Store::new);
            }
            ("+CMGD", Action::Set(_)) => {
                let index = first_number(&read);
                let (selected, usual) = (self.selected, self.usual);
                for slot in &mut self.slots {
                    let here = slot.store.or(usual) == selected.or(usual);
                    slot.deleted |= here && Some(slot.index) == index && slot.from <= at;
                }
            }
            _ => {}
        }
    }

    /// What the modem answers to the engine's command `gave`, `at` this step of the log.
    pub fn answer(&mut self, gave: &str, at: usize, ahead: &[Step]) -> Vec<u8> {
        let plain = |lines: &[&str], end| Answer {
            lines: lines.iter().map(|line| line.as_bytes().to_vec()).collect(),
            end: Some(end),
            echoes: false,
        };
        let ok = |lines: &[&str]| plain(lines, Ok(()));
        let Some(read) = command(gave) else { return ok(&[]).octets() };
        let answer = match (read.name, read.action) {
            ("+CMGF", Action::Read) => ok(&["+CMGF: 0"]),
            ("+CSQ", Action::Execute) => ok(&["+CSQ: 20,99"]),
            ("+CSMS", Action::Set(_)) => ok(&["+CSMS: 1,1,1"]),
            ("+CMGR", Action::Set(_)) => {
                let slot = self.here(at).rfind(|slot| Some(slot.index) == first_number(&read));
                slot.map_or_else(|| ok(&[]), |slot| slot.read.clone())
            }
            ("+CMGL", Action::Set(_)) => {
                let listed = self.here(at).filter_map(|slot| slot.listed.clone()).flatten();
                Answer { lines: listed.collect(), end: Some(Ok(())), echoes: false }
            }
            ("+CPIN" | "+CREG" | "+CGREG" | "+CEREG", Action::Read) => {
                self.told.get(gave).cloned().or_else(|| next_answer(gave, ahead)).unwrap_or_else(
                    || match read.name {
                        "+CPIN" => ok(&["+CPIN: READY"]),
                        name if self.serves(name) => ok(&[&format!("{name}: 0,1")]),
                        _ => plain(&[], Err(Failure::Error)),
                    },
                )
            }
            (name, _) => match self.told.get(gave) {
                Some(answer) if matches!(answer.end, Some(Err(_))) => answer.clone(),
                _ if name == "+CPMS" => ok(&["+CPMS: 0,20,0,20,0,20"]),
                _ => ok(&[]),
            },
        };
        if answer.end == Some(Ok(())) {
            self.done(gave, at);
        }
        answer.octets()
    }

    /// Whether the modem knows this network: those that the log speaks of, else all but LTE.
    fn serves(&self, name: &str) -> bool {
        match self.domains.as_slice() {
            [] => name != Domain::Evolved.name(),
            domains => domains.iter().any(|domain| domain.name() == name),
        }
    }

    /// The slots of the store that the engine selected.
    fn here(&self, at: usize) -> impl DoubleEndedIterator<Item = &Slot> {
        let store = self.selected.or(self.usual);
        let slots = self.slots.iter();
        slots.filter(move |slot| {
            slot.from <= at && !slot.deleted && slot.store.or(self.usual) == store
        })
    }
}

/// The answer that the log has for this question before the modem restarts.
fn next_answer(asked: &str, ahead: &[Step]) -> Option<Answer> {
    for (i, step) in ahead.iter().enumerate() {
        match &step.play {
            Play::Command(text) if answers(text, asked, false) => {
                let answer = Answer::read(text, ahead.get(i + 1..).unwrap_or_default());
                let end = answer.end.or(Some(Ok(())));
                return (!answer.lines.is_empty()).then_some(Answer { end, ..answer });
            }
            Play::Outside => return None,
            Play::Modem(octets) if restarts(octets) => return None,
            _ => {}
        }
    }
    None
}
