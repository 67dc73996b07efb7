//! How the gateway of a folder is started.

use std::fs::File;
use std::io::{BufRead as _, BufReader};
use std::net::SocketAddr;
use std::path::Path;
use std::process::{Child, Command, Stdio};

/// Starts the gateway of a folder and waits until it listens: where, and the process.
pub fn serve(folder: &Path) -> (SocketAddr, Child) {
    let mut process = Command::new(env!("CARGO_BIN_EXE_septet"))
        .current_dir(folder)
        .args(["serve", "--log-level", "warn"])
        .stdout(Stdio::piped())
        .stderr(File::create(folder.join("log")).unwrap())
        .spawn()
        .unwrap();
    let line = BufReader::new(process.stdout.take().unwrap()).lines().next();
    let line = line.expect("it does not start: see its log").unwrap();
    let address = line.rsplit("http://").next().unwrap().parse().unwrap();
    (address, process)
}
