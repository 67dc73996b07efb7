//! How Kannel is started: its bearerbox and its smsbox, from where `.ci/install` unpacks them.

use std::env::join_paths;
use std::ffi::OsString;
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::thread;
use std::time::Duration;

/// How often one tries to connect to a program that starts, and how many times: longer than any takes.
const LOOK: Duration = Duration::from_millis(50);
const LOOKS: usize = 600;

/// The ports of a Kannel.
pub struct Ports {
    /// For commands.
    admin: u16,
    /// For its own smsbox.
    pub smsbox: u16,
    /// For customers.
    pub sendsms: u16,
    /// For the centre.
    pub centre: u16,
}

impl Ports {
    /// Ports that nobody has.
    pub fn free() -> Self {
        let listeners = [(); 4].map(|()| TcpListener::bind("127.0.0.1:0").unwrap());
        let [admin, smsbox, sendsms, centre] =
            listeners.map(|listener| listener.local_addr().unwrap().port());
        Self { admin, smsbox, sendsms, centre }
    }

    /// A configuration with these ports, and these lines on where messages are kept.
    pub fn config(&self, store: &str) -> String {
        let Self { admin, smsbox, sendsms, centre } = self;
        format!(
            "group = core\nadmin-port = {admin}\nadmin-password = adm\nadmin-deny-ip = \"*.*.*.*\"\n\
             admin-allow-ip = \"127.0.0.1\"\nsmsbox-port = {smsbox}\nbox-deny-ip = \"*.*.*.*\"\n\
             box-allow-ip = \"127.0.0.1\"\nlog-level = 4\ndlr-storage = internal\n{store}\n\
             group = smsc\nsmsc = fake\nsmsc-id = fake0\nport = {centre}\n\
             connect-allow-ip = 127.0.0.1\n\n\
             group = smsbox\nbearerbox-host = 127.0.0.1\nsendsms-port = {sendsms}\n\
             sendsms-interface = \"127.0.0.1\"\nlog-level = 4\n\n\
             group = sendsms-user\nusername = u\npassword = p\nmax-messages = 3\n\
             concatenation = true\n"
        )
    }
}

/// A program of Kannel's, and the libraries that were unpacked with it.
pub fn program(name: &str) -> (PathBuf, OsString) {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../target/tools/kannel");
    let machine = format!("{}-linux-gnu", std::env::consts::ARCH);
    let libraries = ["usr/lib", "lib"].map(|folder| root.join(folder).join(&machine));
    let unpacked = root.join("usr/sbin").join(name);
    let installed = Path::new("/usr/sbin").join(name);
    let found = [unpacked, installed].into_iter().find(|path| path.exists());
    (found.expect("no Kannel: .ci/install unpacks it"), join_paths(libraries).unwrap())
}

/// A connection to a program that starts.
pub fn connect(port: u16) -> TcpStream {
    for _ in 0..LOOKS {
        match TcpStream::connect(("127.0.0.1", port)) {
            Ok(stream) => return stream,
            Err(_) => thread::sleep(LOOK),
        }
    }
    panic!("a program of Kannel's does not start");
}
