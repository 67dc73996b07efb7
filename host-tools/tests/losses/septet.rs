//! Septet, as a gateway whose losses are counted.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use septet_host::accounts;
use septet_host::config::Config;
use septet_host::network::{Handset, Network};
use septet_host::serve::Running;
use tokio::runtime;
use tokio::time::sleep;

use super::record::{Process, command};
use super::{Accepting, Contender, NUMBER, Number};

pub const SIM: &str = "4520001204";
pub const HANDSET: &str = "4512345678";

/// How long nothing has come when no more comes: longer than a modem's session takes to begin.
pub const CALM: Duration = Duration::from_secs(5);

/// How long nothing more has come when all is there that was expected.
const CALM_AT_THE_END: Duration = Duration::from_millis(500);

/// How often one looks.
const LOOK: Duration = Duration::from_millis(20);

/// Septet with SQLite, which is what it has of itself.
pub struct Septet;

/// Writes the configuration of a gateway with one modem at this port.
pub fn configure(folder: &Path, port: &str) {
    let hash = accounts::hash("secret").unwrap();
    let config = format!(
        "listen = \"127.0.0.1:0\"\n\
         [[account]]\nname = \"demo\"\npassword = \"{hash}\"\n\
         [[modem]]\nname = \"one\"\nport = \"{port}\"\nnumber = \"{SIM}\"\n"
    );
    fs::write(folder.join("septet.toml"), config).unwrap();
}

/// How often each number arrived, by the first word of a text.
pub fn numbers(handset: &Handset) -> BTreeMap<Number, usize> {
    let mut arrivals = BTreeMap::new();
    for message in &handset.messages {
        let number = message.text.split(' ').next().unwrap_or_default().parse().unwrap();
        *arrivals.entry(number).or_default() += 1;
    }
    arrivals
}

/// What arrives, until all that is expected has and no more comes, or none comes any more.
pub async fn arrived(network: &Network, expected: &BTreeSet<Number>) -> BTreeMap<Number, usize> {
    let (mut count, mut calm) = (0, Duration::ZERO);
    loop {
        let handset = network.handset(HANDSET);
        calm = if handset.messages.len() == count { calm + LOOK } else { Duration::ZERO };
        count = handset.messages.len();
        if calm >= CALM_AT_THE_END {
            let arrivals = numbers(&handset);
            let is_whole = expected.iter().all(|number| arrivals.contains_key(number));
            if is_whole || calm >= CALM {
                return arrivals;
            }
        }
        sleep(LOOK).await;
    }
}

impl Contender for Septet {
    fn name(&self) -> String {
        "Septet".to_owned()
    }

    fn prepare(&self, folder: &Path) {
        // Nobody answers there.
        configure(folder, "tcp:127.0.0.1:9");
    }

    fn start(&self, folder: &Path, record: Option<&Path>) -> Accepting {
        let mut command = command(Path::new(env!("CARGO_BIN_EXE_septet")), record);
        // Its log is none of what it keeps.
        command.arg("serve").current_dir(folder).env("RUST_LOG", "off");
        command.stdout(Stdio::piped()).stderr(Stdio::null());
        let mut process = Process::start(command);
        let line = BufReader::new(process.printed()).lines().next().unwrap().unwrap();
        let url = line.rsplit(' ').next().unwrap();
        let url = format!(
            "{url}/sendsms?user=demo&password=secret&to={HANDSET}&sessionid={NUMBER}&text={NUMBER}+Hello"
        );
        Accepting { url, accepts: 200, processes: vec![process] }
    }

    fn arrivals(&self, folder: &Path, expected: &BTreeSet<Number>) -> BTreeMap<Number, usize> {
        configure(folder, "virtual");
        let mut config = Config::load(&folder.join("septet.toml")).unwrap();
        config.data = folder.join("septet-data");
        let runtime = runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build();
        runtime.unwrap().block_on(async {
            let running = Running::start(config).await.unwrap();
            let network = running.network.clone().unwrap();
            let arrivals = arrived(&network, expected).await;
            running.stop().await;
            arrivals
        })
    }
}
