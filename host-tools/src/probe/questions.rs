//! What a modem is asked. Nothing of it changes anything in the modem or reaches the network.

use septet_firmware::profile::PROFILES;

/// A question, and how long its answer may take.
#[derive(Clone, Copy, Debug)]
pub struct Question {
    /// The command, without `AT`.
    pub command: &'static str,
    /// In milliseconds.
    pub ms: u64,
}

/// Time to answer what the modem knows by itself.
const MODEM_MS: u64 = 5_000;

/// Time to answer what SIM or network may be asked for.
const NETWORK_MS: u64 = 20_000;

const fn modem(command: &'static str) -> Question {
    Question { command, ms: MODEM_MS }
}

const fn network(command: &'static str) -> Question {
    Question { command, ms: NETWORK_MS }
}

/// 3GPP TS 27.007 and 27.005, ITU-T V.250; `+CSCLK` and `+QSCLK` are SIMCom's and Quectel's.
const QUESTIONS: &[Question] = &[
    modem("I"),
    modem("+CGMI"),
    modem("+CGMM"),
    modem("+CGMR"),
    modem("+CMEE=?"),
    network("+CPIN?"),
    modem("+CSMS=?"),
    modem("+CSMS?"),
    modem("+CNMI=?"),
    modem("+CNMI?"),
    network("+CPMS=?"),
    network("+CPMS?"),
    modem("+CMGF=?"),
    modem("+CMGF?"),
    modem("+CSCS=?"),
    modem("+CSCS?"),
    modem("+CREG=?"),
    modem("+CREG?"),
    modem("+CGREG=?"),
    modem("+CGREG?"),
    modem("+CEREG=?"),
    modem("+CEREG?"),
    network("+CSCA?"),
    modem("+CMMS=?"),
    modem("+CNMA=?"),
    network("+CMGD=?"),
    modem("+IPR=?"),
    modem("+IPR?"),
    modem("+IFC=?"),
    modem("+IFC?"),
    modem("+CSCLK=?"),
    modem("+QSCLK=?"),
    modem("+CUSD=?"),
    modem("+CCLK?"),
    modem("+CESQ"),
    modem("+CSQ"),
    network("+COPS?"),
];

/// Every question in its order, at last each maker's way to tell the tries of the PIN.
pub fn questions() -> impl Iterator<Item = Question> {
    let mut tries: Vec<&str> = Vec::new();
    for profile in PROFILES {
        if !tries.contains(&profile.pin_tries.command) {
            tries.push(profile.pin_tries.command);
        }
    }
    QUESTIONS.iter().copied().chain(tries.into_iter().map(modem))
}
