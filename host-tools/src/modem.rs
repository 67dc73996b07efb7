//! `septet modem`: the virtual modem alone, in a network of its own.

mod lockstep;
mod trace;

use std::fs;
use std::io::{self, Write as _};
use std::net::Ipv4Addr;
use std::path::{Path, PathBuf};
use std::str::FromStr;
use std::time::Duration;

use clap::Args;
use septet_firmware::Profile;
use tokio::net::TcpListener;
use tokio::sync::broadcast::Receiver;
use tokio::sync::broadcast::error::RecvError;
use tokio::task::JoinSet;
use tokio::time::timeout;
use tokio_serial::{SerialPort as _, SerialStream};

use crate::control::{self, Air, Control};
use crate::encode::msisdn;
use crate::network::{Event, Network, REMEMBERED};
use crate::port::TCP;
use crate::virtual_modem::{self, Fault, Manner, Traits, VirtualModem};
use crate::{Failed, serve};
use lockstep::{Clock, Lockstep};

/// Runs a virtual modem for programs that drive a real one.
///
/// The first line that it prints is its port; then comes one for each message that reaches a
/// handset and for each report. Its SIM can send to any number of 5 to 15 digits.
#[derive(Debug, Args)]
pub struct Options {
    /// Where to listen; without this a pseudo-terminal is made
    #[arg(long, value_name = "tcp:ADDRESS:PORT")]
    listen: Option<Listen>,
    /// Number of its SIM: 5 to 15 digits, country code first; repeated, there is a modem for each,
    /// in one network
    #[arg(long = "number", value_name = "NUMBER", default_value = "4512340001", value_parser = msisdn)]
    numbers: Vec<String>,
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
    /// How it speaks, where that is not as the standard has it
    #[arg(long, default_value = "standard", value_parser = virtual_modem::manner)]
    manner: &'static Manner,
    /// PIN that its SIM asks for
    #[arg(long, value_name = "DIGITS", value_parser = pin)]
    pin: Option<String>,
    /// What else goes wrong: a file with lines WHEN: WHAT, as `septet trouble` has them
    #[arg(long, value_name = "FILE")]
    script: Option<PathBuf>,
    /// What chance goes by, so that what happened once happens again
    #[arg(long, value_name = "N", default_value_t = 1)]
    seed: u64,
    /// Folder that tells `septet handset` and `septet trouble` how to reach it; without one they cannot
    #[arg(long, value_name = "DIR")]
    data: Option<PathBuf>,
    /// Keep no time: standard input says what time it is, and standard output answers
    #[arg(long, conflicts_with_all = ["listen", "data"])]
    lockstep: bool,
    /// It is off until its PWRKEY is held
    #[arg(long, requires = "lockstep")]
    off: bool,
    /// File that what is typed and written is added to, as a transcript
    #[arg(long, value_name = "FILE")]
    trace: Option<PathBuf>,
}

/// A PIN has 4 to 8 digits.
fn pin(text: &str) -> Result<String, String> {
    let fits = virtual_modem::is_pin(text);
    if fits { Ok(text.to_owned()) } else { Err("a PIN has 4 to 8 digits".to_owned()) }
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
    let Options { listen, numbers, short_codes, profile, data, .. } = &options;
    if (listen.is_some() || options.lockstep) && numbers.len() > 1 {
        return Err(Failed::input(
            "one line is for one modem: give one --number, or neither --listen nor \
             --lockstep",
        ));
    }
    let clock = Clock::default();
    let network = if options.lockstep { clock.network() } else { Network::new() };
    let mut air = Air { network: network.remembering(REMEMBERED), modems: Vec::new() };
    let events = air.network.subscribe();
    let mut modems = JoinSet::new();
    for (at, number) in numbers.iter().enumerate() {
        // Each has chance of its own.
        let traits = Traits { seed: options.seed.wrapping_add(at as u64), ..traits(&options)? };
        let sim = air.network.add_sim(number, short_codes);
        let mut modem = VirtualModem::with_traits(profile, air.network.clone(), sim, traits);
        if let Some(path) = &options.trace {
            modem.trace(trace::file(path, profile.model)?);
        }
        if options.lockstep {
            let lockstep = Lockstep::new(modem, air.network.clone(), clock);
            return lockstep.run(io::stdin().lock(), io::stdout().lock());
        }
        air.modems.push(modem.inbox());
        match listen {
            Some(Listen(address)) => {
                let listener = listener(address).await?;
                modems.spawn(serve_tcp(modem, listener));
            }
            None => {
                let (ours, theirs) = pty()?;
                modems.spawn(serve_pty(modem, ours, theirs));
            }
        }
    }
    let _lock = match data {
        Some(data) => Some(control(data, air, &mut modems).await?),
        None => None,
    };
    let ended = tokio::select! {
        Some(served) = modems.join_next() => {
            served.map_err(|error| Failed::input(error.to_string())).flatten()
        }
        () = print(events) => Ok(()),
        _ = tokio::signal::ctrl_c() => Ok(()),
    };
    data.iter().for_each(|data| Control::remove(data));
    ended
}

fn traits(options: &Options) -> Result<Traits, Failed> {
    let Options { manner, pin, seed, faults, script, off, .. } = options;
    let troubles = match script {
        None => Vec::new(),
        Some(path) => {
            let failed = |e: &dyn std::fmt::Display| {
                Failed::input(format!("cannot use {}: {e}", path.display()))
            };
            let text = fs::read_to_string(path).map_err(|e| failed(&e))?;
            virtual_modem::script(&text).map_err(|e| failed(&e))?
        }
    };
    let (pin, faults) = (pin.clone(), faults.clone());
    Ok(Traits { manner, pin, seed: *seed, faults, troubles, off: *off, ..Traits::default() })
}

/// Serves the control paths on loopback, as long as what is returned is kept.
async fn control(
    data: &Path,
    air: Air,
    tasks: &mut JoinSet<Result<(), Failed>>,
) -> Result<fs::File, Failed> {
    let failed = |e: io::Error| Failed::input(format!("cannot listen on loopback: {e}"));
    fs::create_dir_all(data)
        .map_err(|e| Failed::input(format!("cannot make the folder {}: {e}", data.display())))?;
    let lock = Control::lock(data)?;
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.map_err(failed)?;
    let address = listener.local_addr().map_err(failed)?;
    let control = Control::new(format!("http://{address}"))?;
    control.write(data)?;
    let router = control::router(&control, Some(air), None);
    tasks.spawn(async move { axum::serve(listener, router).await.map_err(failed) });
    Ok(lock)
}

async fn listener(address: &str) -> Result<TcpListener, Failed> {
    let failed =
        |error| Failed::input(format!("cannot listen at {TCP}{address}: {error}; choose another"));
    let listener = TcpListener::bind(address).await.map_err(failed)?;
    say(&format!("{TCP}{}", listener.local_addr().map_err(failed)?));
    Ok(listener)
}

/// How long one that has the line may take to leave it to the next.
const LEAVING: Duration = Duration::from_millis(200);

/// Serves connection after connection; the modem between them is the same. While one is served, others
/// are closed: the line has one terminal.
async fn serve_tcp(mut modem: VirtualModem, listener: TcpListener) -> Result<(), Failed> {
    let accept = async || {
        listener.accept().await.map_err(|error| Failed::input(format!("no terminal: {error}")))
    };
    let mut next = None;
    loop {
        let (stream, terminal) = match next.take() {
            Some(next) => next,
            None => accept().await?,
        };
        // Short writes must not wait for each other's acknowledgement. Where this cannot be had,
        // they do.
        let _ = stream.set_nodelay(true);
        let ended = modem.run(stream);
        tokio::pin!(ended);
        let ended = loop {
            let other = tokio::select! {
                biased;
                ended = &mut ended => break ended,
                other = accept() => other?,
            };
            if let Ok(ended) = timeout(LEAVING, &mut ended).await {
                next = Some(other);
                break ended;
            }
            let (_, other) = other;
            tracing::info!("{other} is turned away: {terminal} has the line");
        };
        if let Err(error) = ended {
            tracing::info!("{terminal} has gone: {error}");
        }
    }
}

/// The ends of a pseudo-terminal, ours and theirs, whose name is told.
fn pty() -> Result<(SerialStream, SerialStream), Failed> {
    let failed = |error: &dyn std::fmt::Display| {
        Failed::input(format!("no pseudo-terminal: {error}; give --listen"))
    };
    let (ours, theirs) = SerialStream::pair().map_err(|error| failed(&error))?;
    say(&theirs.name().ok_or_else(|| failed(&"it has no name"))?);
    Ok((ours, theirs))
}

/// Serves a pseudo-terminal, whoever opens and closes it: as long as the terminal's end is open here
/// too, a program that closes it does not end it.
async fn serve_pty(
    mut modem: VirtualModem,
    ours: SerialStream,
    _theirs: SerialStream,
) -> Result<(), Failed> {
    let failed = |error| Failed::input(format!("the pseudo-terminal failed: {error}"));
    modem.run(ours).await.map_err(failed)
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
