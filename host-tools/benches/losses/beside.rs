//! Kannel, as a gateway whose losses are counted: its bearerbox and its smsbox, and a centre of its kind
//! `fake`, which is a program that connects to it.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use crate::kannel::{Ports, connect, program};
use crate::losses::record::{Process, command};
use crate::losses::septet::CALM;
use crate::losses::{Accepting, Contender, NUMBER, Number};

/// What it keeps messages in.
#[derive(Clone, Copy)]
pub enum Keeping {
    Nothing,
    /// One file, to which it appends, and which it writes anew every ten seconds: its default.
    File,
    /// A file for each message.
    Spool,
}

impl Keeping {
    pub const ALL: [Self; 3] = [Self::Nothing, Self::File, Self::Spool];

    /// Its name in the configuration.
    const fn store_type(self) -> Option<&'static str> {
        match self {
            Self::Nothing => None,
            Self::File => Some("file"),
            Self::Spool => Some("spool"),
        }
    }
}

pub struct Kannel {
    keeping: Keeping,
    ports: Ports,
}

/// A command of Kannel's, recorded where a file for that is given.
fn kannel(name: &str, config: &Path, record: Option<&Path>) -> Command {
    let (program, libraries) = program(name);
    let mut command = command(&program, record);
    command.arg(config).env("LD_LIBRARY_PATH", libraries);
    command.stdout(Stdio::null()).stderr(Stdio::null());
    command
}

/// The name of its configuration.
const CONFIG: &str = "kannel.conf";

impl Kannel {
    /// One on ports that nobody has.
    pub fn new(keeping: Keeping) -> Self {
        Self { keeping, ports: Ports::free() }
    }

    fn run(&self, folder: &Path, record: Option<&Path>) -> Vec<Process> {
        let config = folder.join(CONFIG).canonicalize().unwrap();
        // It is bearerbox that keeps messages; smsbox waits for it before it answers.
        let bearerbox = Process::start(kannel("bearerbox", &config, record));
        drop(connect(self.ports.smsbox));
        let smsbox = Process::start(kannel("smsbox", &config, None));
        drop(connect(self.ports.sendsms));
        vec![bearerbox, smsbox]
    }
}

impl Contender for Kannel {
    fn name(&self) -> String {
        match self.keeping.store_type() {
            None => "Kannel, no store".to_owned(),
            Some(store_type) => format!("Kannel, `store-type = {store_type}`"),
        }
    }

    fn prepare(&self, folder: &Path) {
        let store = folder.canonicalize().unwrap().join("store");
        fs::create_dir(&store).unwrap();
        let kept = match self.keeping {
            Keeping::File => store.join("kannel.store"),
            Keeping::Nothing | Keeping::Spool => store,
        };
        let store = self.keeping.store_type().map_or_else(String::new, |store_type| {
            format!("store-type = {store_type}\nstore-location = \"{}\"\n", kept.display())
        });
        let config = self.ports.config(&store);
        fs::write(folder.join(CONFIG), config).unwrap();
    }

    fn start(&self, folder: &Path, record: Option<&Path>) -> Accepting {
        let processes = self.run(folder, record);
        let Ports { sendsms, .. } = &self.ports;
        let url = format!(
            "http://127.0.0.1:{sendsms}/cgi-bin/sendsms?username=u&password=p&from={NUMBER}&\
             to=%2B4512345678&text=Hello"
        );
        Accepting { url, accepts: 202, processes }
    }

    fn arrivals(&self, folder: &Path, expected: &BTreeSet<Number>) -> BTreeMap<Number, usize> {
        let _processes = self.run(folder, None);
        let centre = connect(self.ports.centre);
        centre.set_read_timeout(Some(CALM)).unwrap();
        let mut arrivals = BTreeMap::new();
        let mut missing = expected.clone();
        for line in BufReader::new(&centre).lines() {
            // Nothing comes any more.
            let Ok(line) = line else { break };
            let number = line.split(' ').next().unwrap_or_default().parse().unwrap();
            *arrivals.entry(number).or_default() += 1;
            if missing.remove(&number) && missing.is_empty() {
                // What comes now came twice.
                centre.set_read_timeout(Some(Duration::from_secs(1))).unwrap();
            }
        }
        arrivals
    }
}
