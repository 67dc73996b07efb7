//! The codecs, what each of them tells, and the processes that ask them.
//!
//! A driver reads a job on each line of standard input, and answers each with an [`Answer`] on a line of
//! standard output: `MT` or `MO` and a PDU with its service centre is to be read, `TO`, a number and a text
//! in UTF-8 is to become PDUs; all of it in hexadecimal digits. So a program that breaks, or that
//! ends, or that never answers, harms nothing but itself.

mod gsm7;
mod ours;
mod sms_pdu;
mod sms_pdu_decoder;
mod tpdu;

use std::env;
use std::io::{BufRead, BufReader, BufWriter, Write};
use std::panic;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::thread;
use std::time::Duration;

use crate::answer::Answer;
use crate::message::Field::{self, *};
use crate::message::Kind::{self, Deliver, StatusReport, Submit};
use crate::message::unhex;

pub const OURS: &str = "septet";

/// How long a program may think about a message.
const PATIENCE: Duration = Duration::from_secs(60);
/// How often a program may end before the lab gives it up.
const DEATHS: usize = 1000;

pub struct Peer {
    pub name: &'static str,
    /// Where it is published.
    pub from: &'static str,
    driver: Driver,
    /// The types of message that it claims to read.
    pub kinds: &'static [Kind],
    /// The fields that it has words for.
    pub fields: &'static [Field],
    /// It gets each message whose number this divides: the slow ones a share.
    pub every: u64,
    /// It reads the user data of status reports, too.
    pub reads_report_data: bool,
    /// It writes texts to be sent.
    pub writes: bool,
    /// It is one of the scoreboard of the vectors: it tells addresses and texts.
    pub has_score: bool,
}

enum Driver {
    Here(fn(&str, &[u8]) -> Answer, Option<fn(&str, &str) -> Answer>),
    Python(&'static str),
    Node(&'static str),
    C(&'static str),
}

pub static PEERS: [Peer; 11] = [
    Peer {
        name: OURS,
        from: "this tree",
        driver: Driver::Here(ours::read, Some(ours::write)),
        kinds: &[Deliver, Submit, StatusReport],
        fields: &[
            Type, Number, Name, Time, Discharge, Relative, Absolute, Reference, Status, Part,
            Septets, Ucs2, Data,
        ],
        every: 1,
        reads_report_data: true,
        writes: true,
        has_score: true,
    },
    Peer {
        name: "tpdu",
        from: "crates.io",
        driver: Driver::Here(tpdu::read, Some(tpdu::write)),
        kinds: &[Deliver, Submit, StatusReport],
        // Octets of UCS-2, of an element and of a relative period are the caller's to read.
        fields: &[Type, Number, Name, Time, Discharge, Absolute, Reference, Status, Septets, Data],
        every: 1,
        reads_report_data: true,
        writes: true,
        has_score: false,
    },
    Peer {
        name: "sms-pdu",
        from: "crates.io",
        driver: Driver::Here(sms_pdu::read, Some(sms_pdu::write)),
        kinds: &[Deliver, StatusReport],
        fields: &[
            Type, Number, Name, Time, Discharge, Reference, Status, Part, Septets, Ucs2, Data,
        ],
        every: 1,
        reads_report_data: false,
        writes: true,
        has_score: true,
    },
    Peer {
        name: "sms-pdu-decoder",
        from: "crates.io",
        driver: Driver::Here(sms_pdu_decoder::read, None),
        kinds: &[Deliver, Submit],
        fields: &[
            Type, Number, Name, Time, Relative, Absolute, Reference, Part, Septets, Ucs2, Data,
        ],
        every: 1,
        reads_report_data: false,
        writes: false,
        has_score: true,
    },
    Peer {
        name: "gsm7",
        from: "crates.io",
        driver: Driver::Here(gsm7::read, Some(gsm7::write)),
        kinds: &[Deliver, Submit],
        fields: &[Septets],
        every: 1,
        reads_report_data: false,
        writes: true,
        has_score: false,
    },
    Peer {
        name: "libgammu",
        from: "Debian",
        driver: Driver::C("libgammu"),
        kinds: &[Deliver, Submit, StatusReport],
        fields: &[
            Type, Number, Name, Time, Discharge, Reference, Status, Part, Septets, Ucs2, Data,
        ],
        every: 1,
        reads_report_data: false,
        writes: false,
        has_score: true,
    },
    Peer {
        name: "libosmocore",
        from: "Debian",
        driver: Driver::C("libosmocore"),
        kinds: &[Deliver, Submit, StatusReport],
        fields: &[Time, Discharge, Relative, Septets, Data],
        every: 1,
        reads_report_data: false,
        writes: true,
        has_score: false,
    },
    Peer {
        name: "node-pdu",
        from: "npm",
        driver: Driver::Node("node_pdu.js"),
        kinds: &[Deliver, Submit, StatusReport],
        fields: &[
            Type, Number, Name, Time, Discharge, Relative, Absolute, Reference, Status, Part,
            Septets, Ucs2, Data,
        ],
        every: 1,
        reads_report_data: false,
        writes: true,
        has_score: true,
    },
    Peer {
        name: "python-gsmmodem-new",
        from: "PyPI",
        driver: Driver::Python("gsmmodem_peer.py"),
        kinds: &[Deliver, Submit, StatusReport],
        fields: &[
            Type, Number, Name, Time, Discharge, Relative, Absolute, Reference, Status, Part,
            Septets, Ucs2, Data,
        ],
        every: 1,
        reads_report_data: false,
        writes: true,
        has_score: true,
    },
    Peer {
        name: "python-messaging",
        from: "PyPI",
        driver: Driver::Python("messaging_peer.py"),
        kinds: &[Deliver, StatusReport],
        fields: &[
            Type, Number, Name, Time, Discharge, Reference, Status, Part, Septets, Ucs2, Data,
        ],
        every: 2,
        reads_report_data: false,
        writes: true,
        has_score: true,
    },
    Peer {
        name: "smspdudecoder",
        from: "PyPI",
        driver: Driver::Python("smspdudecoder_peer.py"),
        kinds: &[Deliver, Submit],
        fields: &[
            Type, Number, Name, Time, Relative, Absolute, Reference, Part, Septets, Ucs2, Data,
        ],
        every: 4,
        reads_report_data: false,
        writes: false,
        has_score: true,
    },
];

impl Peer {
    pub fn named(name: &str) -> Option<&'static Self> {
        PEERS.iter().find(|peer| peer.name == name)
    }

    fn command(&self) -> Command {
        let path = |name| {
            PathBuf::from(env::var_os(name).unwrap_or_else(|| panic!("no {name}: use .ci/lab")))
        };
        let drivers = || path("LAB_DRIVERS");
        match self.driver {
            Driver::Here(..) => {
                let mut command = Command::new(env::current_exe().unwrap());
                command.args(["driver", self.name]);
                command
            }
            Driver::Python(script) => {
                let mut command = Command::new(path("LAB_PYTHON"));
                command.arg("-B").arg(drivers().join(script));
                command
            }
            Driver::Node(script) => {
                let mut command = Command::new("node");
                command.arg(drivers().join(script));
                command
            }
            Driver::C(name) => Command::new(path("LAB_BIN").join(name)),
        }
    }

    fn start(&self) -> Child {
        let mut command = self.command();
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
        command.spawn().unwrap_or_else(|error| panic!("{}: {error}", self.name))
    }

    /// Asks for each of so many jobs, and hands each answer over with the number of its job.
    ///
    /// # Errors
    /// What the program does too often.
    pub fn ask(
        &self,
        count: usize,
        job: impl Fn(usize) -> String + Clone + Send + 'static,
        mut each: impl FnMut(usize, Answer),
    ) -> Result<(), String> {
        let mut done = 0;
        for _ in 0..DEATHS {
            let mut child = self.start();
            let mut stdin = BufWriter::with_capacity(1 << 16, child.stdin.take().unwrap());
            let (job, first) = (job.clone(), done);
            let writer = thread::spawn(move || {
                // Where it has ended, its last answer says at which job.
                (first..count).all(|at| writeln!(stdin, "{}", job(at)).is_ok())
            });
            let (sender, lines) = mpsc::sync_channel(1024);
            let stdout = BufReader::with_capacity(1 << 16, child.stdout.take().unwrap());
            let reader = thread::spawn(move || {
                for line in stdout.lines().map_while(Result::ok) {
                    if sender.send(line).is_err() {
                        return;
                    }
                }
            });
            let broke = loop {
                match lines.recv_timeout(PATIENCE) {
                    Ok(line) => {
                        let answer = serde_json::from_str(&line)
                            .unwrap_or_else(|error| Answer::crashed(format!("{error}: {line}")));
                        each(done, answer);
                        done += 1;
                    }
                    Err(RecvTimeoutError::Disconnected) => break "it ended",
                    Err(RecvTimeoutError::Timeout) => break "no answer in a minute",
                }
            };
            drop(lines);
            // Mostly it has ended.
            let _ = child.kill();
            let status = child.wait().unwrap();
            writer.join().unwrap();
            reader.join().unwrap();
            if done < count {
                each(done, Answer::crashed(format!("{broke}: {status}")));
                done += 1;
            }
            if done >= count {
                return Ok(());
            }
        }
        Err(format!("{}: it ended {DEATHS} times", self.name))
    }
}

/// The driver of a codec that is linked here.
pub fn drive(name: &str) {
    let Some(Peer { driver: Driver::Here(read, write), .. }) = Peer::named(name) else {
        panic!("no codec is called {name} here");
    };
    // A panic is an answer, not for people.
    panic::set_hook(Box::new(|_| {}));
    let mut stdout = std::io::stdout().lock();
    for job in std::io::stdin().lock().lines() {
        let job = job.unwrap();
        let words: Vec<&str> = job.split(' ').collect();
        let answer = || match (words.as_slice(), write) {
            (["TO", number, text], Some(write)) => write(
                number,
                &String::from_utf8(unhex(text).unwrap_or_default()).unwrap_or_default(),
            ),
            ([direction, digits], _) => read(direction, &unhex(digits).unwrap_or_default()),
            _ => Answer::default(),
        };
        let answer = panic::catch_unwind(answer).unwrap_or_else(|panic| {
            let words = panic.downcast_ref::<String>().map(String::as_str);
            Answer::crashed(words.or(panic.downcast_ref::<&str>().copied()).unwrap_or("a panic"))
        });
        let mut line = serde_json::to_string(&answer).unwrap();
        line.push('\n');
        stdout.write_all(line.as_bytes()).unwrap();
    }
}
