//! `septet board forward`: each event of a board as the vendor's callback.

use std::io::Write;
use std::pin::pin;
use std::time::Duration;

use blake2::{Blake2s256, Digest};
use clap::Args;
use ipnet::IpNet;
use jiff::Timestamp;
use jiff::tz::TimeZone;
use septet::api::{
    APIS, Api, Asked, How, Ids, Inbound, Op, Payload, Report, State, Zone, api_named,
};
use septet::fields::Rows;
use septet::octets::{Coding, Octets};
use septet::text::Text;
use septet_firmware::gateway::record::CARRIERS;
use serde::Deserialize;
use tokio::time::{Instant, sleep};
use tracing::{info, warn};

use super::events::{next, print};
use super::status::Settings;
use super::{Line, line};
use crate::Failed;
use crate::callbacks::{Client, Policy};
use crate::clock::Times;
use crate::config::Callbacks;
use crate::encode::msisdn;
use crate::store::{CallbackOutcome, OwnedCallback, callback_of};

/// How long after the first try the second one comes; each time after, twice as long.
const FIRST: Duration = Duration::from_secs(1);

/// The longest time between two tries.
const LONGEST: Duration = Duration::from_secs(60);

/// Makes each event of a board the callback of its interface, as `septet serve` does.
///
/// An event is acknowledged when its callback was taken. Until then it is tried again, and the events
/// behind it wait. What has no URL, is not wanted or is given up is printed as JSON, a line each, and
/// acknowledged then. Ctrl-C ends the command.
#[derive(Debug, Args)]
pub struct Options {
    /// The number of the board's SIM: 5 to 15 digits, country code first
    #[arg(long, value_parser = msisdn)]
    number: String,
    /// The interface by which received messages go
    #[arg(long, value_name = "NAME", default_value = "gatewayapi-v2", value_parser = inbound)]
    api: &'static Api,
    /// A network that callbacks may go to though it is not public, as 127.0.0.0/8
    #[arg(long, value_name = "NETWORK")]
    allow: Vec<IpNet>,
    /// Seconds after which a callback that nobody takes is given up
    #[arg(long, value_name = "SECONDS", default_value_t = 600)]
    give_up: u32,
}

/// An interface that has a callback for received messages.
fn inbound(name: &str) -> Result<&'static Api, String> {
    if let Some(api) = api_named(name).filter(|api| api.inbound.is_some()) {
        return Ok(api);
    }
    let known = APIS.iter().filter(|api| api.inbound.is_some()).map(|api| api.name);
    let known: Vec<&str> = known.collect();
    Err(format!("received messages go by {}", known.join(", ")))
}

/// An event of a board.
#[derive(Debug, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
enum Event {
    /// What became of a message.
    Report(Ended),
    /// A message that was received.
    Received(Received),
}

#[derive(Debug, Deserialize)]
struct Ended {
    id: u64,
    state: State,
    status: u8,
    parts: u32,
    to: String,
    message: String,
    interface: String,
    client_id: String,
    callback: String,
    carrier: String,
    at: Option<Timestamp>,
}

#[derive(Debug, Deserialize)]
struct Received {
    id: u64,
    from: String,
    at: Option<Timestamp>,
    url: String,
    text: String,
    /// Of a message that is no text, the octets of each part in Base64.
    #[serde(default)]
    octets: Vec<String>,
    #[serde(default)]
    has_header: bool,
}

/// Runs the command until it is interrupted.
///
/// # Errors
/// One sentence.
pub async fn run(
    options: &Options,
    line: &mut Line,
    out: &mut impl Write,
) -> Result<String, Failed> {
    let settings = Callbacks { allow: options.allow.clone(), ..Callbacks::default() };
    let client = Client::new(&settings)?;
    let give_up = Duration::from_secs(options.give_up.into());
    let mut interrupted = pin!(tokio::signal::ctrl_c());
    while let Some((id, told)) = next(line, interrupted.as_mut()).await? {
        let callback = match line::read("an event", &told)? {
            Event::Report(ended) => of_report(&ended),
            Event::Received(received) => {
                let settings: Settings = line.get("/settings").await?;
                of_received(&received, options, &settings)
            }
        };
        let taken = match callback {
            None => false,
            Some(callback) => tokio::select! {
                taken = call(&client, callback, id, give_up) => taken,
                _ = interrupted.as_mut() => break,
            },
        };
        // A reader that has gone away is told the rest by another run.
        if !taken && print(&told, out).is_err() {
            break;
        }
        line.acknowledge(id).await?;
    }
    Ok(String::new())
}

/// Calls until it is taken, not wanted, or given up: whether it was taken.
async fn call(client: &Client, callback: OwnedCallback, event: u64, give_up: Duration) -> bool {
    let host = callback.url.host_str().unwrap_or_default().to_owned();
    let (begun, mut wait) = (Instant::now(), FIRST);
    loop {
        match client.call(callback.clone()).await {
            CallbackOutcome::Taken => {
                info!(event, host, "taken");
                return true;
            }
            CallbackOutcome::Unwanted => {
                warn!(event, host, "not wanted, given up");
                return false;
            }
            CallbackOutcome::NotTaken => info!(event, host, "not taken"),
            CallbackOutcome::NoAnswer(why) => info!(event, host, why, "no answer"),
        }
        if begun.elapsed().saturating_add(wait) > give_up {
            warn!(event, host, "given up");
            return false;
        }
        sleep(wait).await;
        wait = wait.saturating_mul(2).min(LONGEST);
    }
}

/// How an interface tells times; a board knows no zone of an account.
fn times(api: &Api) -> Times {
    match api.times {
        Zone::Account => Times::Account(TimeZone::UTC),
        _ => Times::Utc,
    }
}

/// A text, where there is one.
fn some(text: &str) -> Option<Text<'_>> {
    Some(Text::plain(text)).filter(|text| !text.is_empty())
}

/// The callback of a report; `None` where the request named no URL.
fn of_report(ended: &Ended) -> Option<OwnedCallback> {
    let url = Policy::read(&ended.callback)?;
    let api = api_named(&ended.interface)?;
    let endpoint = callback_of(api, false)?;
    // The same each time, so that a customer knows one that comes twice.
    let told = format!("{} {} {} {}", ended.interface, ended.message, ended.to, ended.id);
    let digits = Blake2s256::digest(told).into_iter().take(10);
    let notification: String = digits.map(|octet| format!("{octet:02x}")).collect();
    // 0 is also what is there before the network has said anything.
    let is_known = ended.status != 0 || ended.state == State::Delivered;
    let report = Report {
        notification: Some(Text::plain(&notification)),
        id: some(&ended.message),
        client_id: some(&ended.client_id),
        recipient: some(&ended.to),
        status: is_known.then_some(ended.status),
        done: Some(times(api).when(ended.at.unwrap_or_else(Timestamp::now))),
        parts: Some(ended.parts),
        ..Report::new(ended.state)
    };
    let asked = Asked { credentials: None, op: Op::Report(report) };
    let carrier = CARRIERS.iter().find(|(_, name)| *name == ended.carrier);
    let how = How { carrier: carrier.map(|(carrier, _)| *carrier), ..How::default() };
    OwnedCallback::new(endpoint, url, &asked, &how)
}

/// The callback of a message that was received; `None` where no keyword has a URL for it, or its octets
/// cannot be read.
fn of_received(
    received: &Received,
    options: &Options,
    settings: &Settings,
) -> Option<OwnedCallback> {
    let url = Policy::read(&received.url)?;
    let Options { number, api, .. } = options;
    let endpoint = callback_of(api, true)?;
    let (first, rest) =
        received.text.split_once(char::is_whitespace).unwrap_or((&received.text, ""));
    let is_first = |word: &&String| word.eq_ignore_ascii_case(first);
    let keyword = settings.keywords.keys().find(is_first).map_or(first, String::as_str);
    let keyword = if api.upper_case_keywords { keyword.to_uppercase() } else { keyword.to_owned() };
    let id = match api.inbound_ids {
        Ids::OfSender => format!("{}:{}", received.from, received.id),
        Ids::Hex20 => format!("{:020x}", received.id),
        Ids::Number | Ids::Uuid | Ids::UuidEach => received.id.to_string(),
    };
    let (sender, recipient) = (Text::plain(&received.from), Text::plain(number));
    let parts = received.octets.iter();
    let parts = parts.map(|part| Octets::coded(Text::plain(part), Coding::Base64).ok());
    let segments: Vec<Octets<'_>> = parts.collect::<Option<_>>()?;
    let has_header = received.has_header;
    let body = if segments.is_empty() {
        Payload::Text(Text::plain(&received.text))
    } else {
        Payload::Octets { segments: Rows::slice(&segments), has_header }
    };
    let at = received.at.unwrap_or_else(Timestamp::now);
    let inbound = Inbound {
        keyword: Some(Text::plain(&keyword)),
        body: Some(body),
        rest: some(rest.trim_start()),
        received: Some(times(api).when(at)),
        ..Inbound::new(Text::plain(&id), sender, recipient)
    };
    let asked = Asked { credentials: None, op: Op::Inbound(inbound) };
    OwnedCallback::new(endpoint, url, &asked, &How::default())
}

#[cfg(test)]
mod tests {
    use super::*;

    const URL: &str = "http://example.com/a?own=1";

    fn event(json: serde_json::Value) -> Event {
        serde_json::from_value(json).unwrap()
    }

    #[test]
    fn every_interface_carries_what_a_board_tells() {
        let settings = serde_json::json!({
            "pin": false, "operator": false, "number": "", "interface": "", "reports": "",
            "allow": "", "accounts": [], "keywords": {"Test": URL}
        });
        let settings: Settings = serde_json::from_value(settings).unwrap();
        for api in APIS {
            let report = |callback: &str| {
                let report = event(serde_json::json!({
                    "id": 4, "type": "report", "state": "unknown_recipient", "status": 65,
                    "parts": 2, "to": "4512345678", "message": "12", "interface": api.name,
                    "account": "demo", "client_id": "s:1", "callback": callback, "carrier": ""
                }));
                let Event::Report(ended) = report else { panic!("no report") };
                of_report(&ended)
            };
            let first = report(URL).unwrap();
            assert_eq!((first.url.host_str(), first.url.path()), (Some("example.com"), "/a"));
            // One that is made again later differs in nothing by which it is known.
            let again = report(URL).unwrap();
            assert_eq!(first.method, again.method);
            assert!(!first.body.is_empty() || first.url.query().is_some(), "{}", api.name);
            assert!(report("").is_none() && report("ftp://example.com").is_none());

            let Ok(api) = inbound(api.name) else {
                assert!(api.inbound.is_none());
                continue;
            };
            let allow = Vec::new();
            let options = Options { number: "4520001204".to_owned(), api, allow, give_up: 1 };
            let received = event(serde_json::json!({
                "id": 5, "type": "received", "from": "4512345678", "url": URL,
                "at": "2026-11-23T09:30:00+01:00", "text": "TEST på € 5"
            }));
            let Event::Received(received) = received else { panic!("nothing received") };
            let callback = of_received(&received, &options, &settings).unwrap();
            let body = String::from_utf8_lossy(&callback.body).into_owned();
            let told = format!("{} {body}", callback.url);
            assert!(told.contains("4512345678") && told.contains("4520001204"), "{told}");
        }
    }

    #[test]
    fn a_report_is_written_in_what_the_request_says() {
        for (carrier, begins) in [("json", "{"), ("form", "id="), ("", "{")] {
            let report = event(serde_json::json!({
                "id": 4, "type": "report", "state": "delivered", "status": 0, "parts": 1,
                "to": "4512345678", "message": "0123456789abcdef0123", "interface": "nextpod",
                "account": "demo", "client_id": "", "callback": URL, "carrier": carrier
            }));
            let Event::Report(ended) = report else { panic!("no report") };
            let callback = of_report(&ended).unwrap();
            let body = String::from_utf8_lossy(&callback.body).into_owned();
            assert!(body.starts_with(begins), "{carrier}: {body}");
        }
    }

    #[test]
    fn what_is_no_text_is_told_as_its_octets() {
        let settings = serde_json::json!({
            "pin": false, "operator": false, "number": "", "interface": "", "reports": "",
            "allow": "", "accounts": [], "keywords": {}
        });
        let settings: Settings = serde_json::from_value(settings).unwrap();
        let api = inbound("websms").unwrap();
        let options =
            Options { number: "4520001204".to_owned(), api, allow: Vec::new(), give_up: 1 };
        let received = |octets: &str| {
            let received = event(serde_json::json!({
                "id": 5, "type": "received", "from": "4512345678", "url": URL, "text": "",
                "has_header": false, "octets": [octets]
            }));
            let Event::Received(received) = received else { panic!("nothing received") };
            of_received(&received, &options, &settings)
        };
        let body = String::from_utf8(received("AP9/").unwrap().body).unwrap();
        assert!(body.contains("\"binary\"") && body.contains("AP9_"), "{body}");
        assert!(received("no Base64").is_none());
    }
}
