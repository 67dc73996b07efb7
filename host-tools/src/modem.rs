//! `septet modem`: the virtual modem alone, in a network of its own.

use std::io::{self, Write as _};
use std::str::FromStr;

use clap::Args;
use septet_firmware::Profile;
use tokio::net::TcpListener;
use tokio::sync::broadcast::Receiver;
use tokio::sync::broadcast::error::RecvError;
use tokio_serial::{SerialPort as _, SerialStream};

use crate::encode::msisdn;
use crate::network::{Event, Network};
use crate::port::TCP;
use crate::virtual_modem::{Fault, VirtualModem};
use crate::{Failed, serve};

/// Runs a virtual modem for programs that drive a real one.
///
/// The first line that it prints is its port; then comes one for each message that reaches a
/// handset and for each report. Its SIM can send to any number of 5 to 15 digits.
#[derive(Debug, Args)]
pub struct Options {
    /// Where to listen; without this a pseudo-terminal is made
    #[arg(long, value_name = "tcp:ADDRESS:PORT")]
    listen: Option<Listen>,
    /// Number of its SIM: 5 to 15 digits, country code first
    #[arg(long, default_value = "4512340001", value_parser = msisdn)]
    number: String,
    /// Short code whose messages its SIM gets as well; may be repeated
    #[arg(long = "short-code", value_name = "DIGITS")]
    short_codes: Vec<String>,
    /// Profile of the modem that it behaves as
    #[arg(long, default_value = "generic", value_parser = serve::profile)]
    profile: &'static Profile,
    /// What goes wrong with its Nth message: N=reboot, N=reboot-sent, N=silence, N=cms:CODE,
    /// N=late:MILLISECONDS, N=status:HEX or N=no-report; may be repeated
    #[arg(long = "fault", value_name = "N=WHAT")]
    faults: Vec<Fault>,
}

/// An address to listen at.
#[derive(Clone, Debug)]
struct Listen(String);

impl FromStr for Listen {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let address = text.strip_prefix(TCP).filter(|address| address.contains(':'));
        Ok(Self(address.ok_or("write tcp:ADDRESS:PORT, as tcp:127.0.0.1:7000")?.to_owned()))
    }
}

/// Runs the command until it is interrupted.
///
/// # Errors
/// One sentence, when there is no port to be had.
pub async fn run(options: Options) -> Result<(), Failed> {
    let network = Network::new();
    let sim = network.add_sim(&options.number, &options.short_codes);
    let events = network.subscribe();
    let modem = VirtualModem::new(options.profile, network, sim, options.faults);
    let served = async {
        match options.listen {
            Some(Listen(address)) => serve_tcp(modem, &address).await,
            None => serve_pty(modem).await,
        }
    };
    tokio::select! {
        served = served => served,
        () = print(events) => Ok(()),
        _ = tokio::signal::ctrl_c() => Ok(()),
    }
}

/// Serves connection after connection; the modem between them is the same.
async fn serve_tcp(mut modem: VirtualModem, address: &str) -> Result<(), Failed> {
    let failed =
        |error| Failed::input(format!("cannot listen at {TCP}{address}: {error}; choose another"));
    let listener = TcpListener::bind(address).await.map_err(failed)?;
    say(&format!("{TCP}{}", listener.local_addr().map_err(failed)?));
    loop {
        let (stream, terminal) = listener.accept().await.map_err(failed)?;
        // Short writes must not wait for each other's acknowledgement. Where this cannot be had,
        // they do.
        let _ = stream.set_nodelay(true);
        if let Err(error) = modem.run(stream).await {
            tracing::info!("{terminal} has gone: {error}");
        }
    }
}

/// Serves a pseudo-terminal, whoever opens and closes it.
async fn serve_pty(mut modem: VirtualModem) -> Result<(), Failed> {
    let failed = |error: &dyn std::fmt::Display| {
        Failed::input(format!("no pseudo-terminal: {error}; give --listen"))
    };
    // As long as the terminal's end is open here too, a program that closes it does not end it.
    let (ours, theirs) = SerialStream::pair().map_err(|error| failed(&error))?;
    say(&theirs.name().ok_or_else(|| failed(&"it has no name"))?);
    modem.run(ours).await.map_err(|error| failed(&error))
}

/// Prints what happens in the network.
async fn print(mut events: Receiver<Event>) {
    loop {
        match events.recv().await {
            Ok(event) => say(&event.to_string()),
            Err(RecvError::Lagged(_)) => {}
            Err(RecvError::Closed) => return,
        }
    }
}

/// Prints a line. A reader that has gone away is no reason to stop serving.
fn say(line: &str) {
    let mut out = io::stdout().lock();
    let _ = writeln!(out, "{line}").and_then(|()| out.flush());
}
