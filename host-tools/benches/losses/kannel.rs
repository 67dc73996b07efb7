//! Kannel, as a gateway whose losses are counted: its bearerbox and its smsbox, and a centre of its kind
//! `fake`, which is a program that connects to it.

use std::collections::{BTreeMap, BTreeSet};
use std::env::join_paths;
use std::ffi::OsString;
use std::fs;
use std::io::{BufRead as _, BufReader};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::thread;
use std::time::Duration;

use crate::losses::record::{Process, command};
use crate::losses::septet::CALM;
use crate::losses::{Accepting, Contender, NUMBER, Number};

/// How often one tries to connect to a program that starts, and how many times: longer than any takes.
const LOOK: Duration = Duration::from_millis(50);
const LOOKS: usize = 600;

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

/// The ports of a Kannel: for commands, for its own smsbox, for customers, for the centre.
struct Ports {
    admin: u16,
    smsbox: u16,
    sendsms: u16,
    centre: u16,
}

impl Ports {
    /// Ports that nobody has.
    fn free() -> Self {
        let listeners = [(); 4].map(|()| TcpListener::bind("127.0.0.1:0").unwrap());
        let [admin, smsbox, sendsms, centre] =
            listeners.map(|listener| listener.local_addr().unwrap().port());
        Self { admin, smsbox, sendsms, centre }
    }
}

/// A program of Kannel's, and the libraries that were unpacked with it.
fn program(name: &str) -> (PathBuf, OsString) {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../target/tools/kannel");
    let machine = format!("{}-linux-gnu", std::env::consts::ARCH);
    let libraries = ["usr/lib", "lib"].map(|folder| root.join(folder).join(&machine));
    let unpacked = root.join("usr/sbin").join(name);
    let installed = Path::new("/usr/sbin").join(name);
    let found = [unpacked, installed].into_iter().find(|path| path.exists());
    (found.expect("no Kannel: .ci/install unpacks it"), join_paths(libraries).unwrap())
}

/// A command of Kannel's, recorded where a file for that is given.
fn kannel(name: &str, config: &Path, record: Option<&Path>) -> Command {
    let (program, libraries) = program(name);
    let mut command = command(&program, record);
    command.arg(config).env("LD_LIBRARY_PATH", libraries);
    command.stdout(Stdio::null()).stderr(Stdio::null());
    command
}

/// A connection to a program that starts.
fn connect(port: u16) -> TcpStream {
    for _ in 0..LOOKS {
        match TcpStream::connect(("127.0.0.1", port)) {
            Ok(stream) => return stream,
            Err(_) => thread::sleep(LOOK),
        }
    }
    panic!("a program of Kannel's does not start");
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
        let Ports { admin, smsbox, sendsms, centre } = &self.ports;
        let store = folder.canonicalize().unwrap().join("store");
        fs::create_dir(&store).unwrap();
        let kept = match self.keeping {
            Keeping::File => store.join("kannel.store"),
            Keeping::Nothing | Keeping::Spool => store,
        };
        let store = self.keeping.store_type().map_or_else(String::new, |store_type| {
            format!("store-type = {store_type}\nstore-location = \"{}\"\n", kept.display())
        });
        let config = format!(
            "group = core\nadmin-port = {admin}\nadmin-password = adm\nadmin-deny-ip = \"*.*.*.*\"\n\
             admin-allow-ip = \"127.0.0.1\"\nsmsbox-port = {smsbox}\nbox-deny-ip = \"*.*.*.*\"\n\
             box-allow-ip = \"127.0.0.1\"\nlog-level = 4\ndlr-storage = internal\n{store}\n\
             group = smsc\nsmsc = fake\nsmsc-id = fake0\nport = {centre}\n\
             connect-allow-ip = 127.0.0.1\n\n\
             group = smsbox\nbearerbox-host = 127.0.0.1\nsendsms-port = {sendsms}\n\
             sendsms-interface = \"127.0.0.1\"\nlog-level = 4\n\n\
             group = sendsms-user\nusername = u\npassword = p\nmax-messages = 3\n\
             concatenation = true\n"
        );
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
