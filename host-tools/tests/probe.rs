//! `septet probe` against virtual modems, and modems that do not play along.

use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::process::{Command, Output, Stdio};
use std::time::Duration;

use septet_firmware::Profile;
use septet_firmware::profile::{GENERIC, PROFILES, SIM800};
use septet_host::Failed;
use septet_host::network::Network;
use septet_host::probe::{self, Probed};
use septet_host::replay::{Cut, Log, play};
use septet_host::shell::Line;
use septet_host::virtual_modem::VirtualModem;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _, DuplexStream, duplex};

const PORT: &str = "a port";

async fn ask(line: DuplexStream) -> Result<Probed, Failed> {
    probe::ask(Line(Some(Box::new(line))), PORT, 115_200).await
}

async fn ask_virtual(profile: &'static Profile) -> Probed {
    ask_left(profile, "").await
}

/// Probes a modem to which another program wrote this before.
async fn ask_left(profile: &'static Profile, left: &str) -> Probed {
    let network = Network::new();
    let sim = network.add_sim("4512340001", &[]);
    let mut modem = VirtualModem::new(profile, network, sim, Vec::new());
    modem.receive(left.as_bytes(), tokio::time::Instant::now().into_std());
    let _ = modem.transmit();
    let (ours, theirs) = duplex(4096);
    tokio::spawn(async move { modem.run(theirs).await });
    ask(ours).await.unwrap()
}

/// Probes a modem that says what `answer` does after so many milliseconds.
async fn ask_scripted(
    answer: impl Fn(&str) -> Option<(u64, String)> + Send + 'static,
) -> Result<Probed, Failed> {
    let (ours, mut theirs) = duplex(4096);
    tokio::spawn(async move {
        let mut command = Vec::new();
        while let Ok(octet) = theirs.read_u8().await {
            if octet != b'\r' {
                command.push(octet);
                continue;
            }
            let said = answer(std::str::from_utf8(&command).unwrap());
            command.clear();
            if let Some((ms, said)) = said {
                tokio::time::sleep(Duration::from_millis(ms)).await;
                if theirs.write_all(said.as_bytes()).await.is_err() {
                    return;
                }
            }
        }
    });
    ask(ours).await
}

fn ok(lines: &str) -> Option<(u64, String)> {
    let lines: String = lines.lines().map(|line| format!("\r\n{line}\r\n")).collect();
    Some((0, lines + "\r\nOK\r\n"))
}

#[tokio::test(start_paused = true)]
async fn the_profile_of_a_virtual_modem_is_found() {
    for profile in PROFILES {
        let Probed { findings, code, unanswered, .. } = ask_virtual(profile).await;
        assert_eq!(findings.profile, profile.model, "{}", findings.why);
        assert!(!findings.refuses_everything && unanswered.is_empty(), "{unanswered:?}");
        let told = findings.differs.iter().find(|differs| differs.field == "stores");
        let stores: Vec<String> =
            profile.stores.iter().map(|store| format!("Store::{}", store.name())).collect();
        let stores = format!("&[{}]", stores.join(", "));
        // A modem without stores refuses the question, as one without a SIM does.
        let is_told = !profile.stores.is_empty() && profile.stores != GENERIC.stores;
        let told = told.map(|differs| differs.value.as_str());
        assert_eq!(told, is_told.then_some(stores.as_str()), "{}: {code}", profile.model);
    }
}

#[tokio::test(start_paused = true)]
async fn the_transcript_is_a_test_of_the_engine_as_it_stands() {
    let probed = ask_virtual(&SIM800).await;
    let text = probed.transcript;
    assert!(text.starts_with("# format: 1\n# modem: SIMCOM_Ltd SIMCOM_SIM800L\n"), "{text}");
    assert!(text.contains("\n> AT+CSCA?\\r\n< \\r\\n+CSCA: \"+155501004"), "{text}");
    let log = Log::parse(&format!("{text}= ready\n")).unwrap();
    let played = play(&log, Some(&SIM800), Cut::Chunks(1));
    assert!(played.missed.is_none(), "{text}");
}

#[tokio::test(start_paused = true)]
async fn what_another_program_left_is_no_obstacle() {
    let usual = ask_virtual(&SIM800).await;
    for (left, note) in [
        ("AT+CMGF=1\rAT+CMGS=\"+4511111111\"\r", None),
        ("AT+CMGS=18\r0011", None),
        ("ATE0\rAT+CMGS=18\r0011", None),
        ("ATQ1\r", Some("its results were switched off (ATQ1); they are on now")),
        ("ATE0Q1\r", Some("its results were switched off (ATQ1); they are on now")),
        ("ATV0\r", Some("its results are digits (ATV0)")),
        ("ATE0V0\r", Some("its results are digits (ATV0)")),
        ("ATV0Q1\r", Some("its results are digits (ATV0)")),
    ] {
        let since = tokio::time::Instant::now();
        let probed = ask_left(&SIM800, left).await;
        assert!(since.elapsed() < Duration::from_secs(20), "{left}: {:?}", since.elapsed());
        assert_eq!(probed.code, usual.code, "{left}");
        assert_eq!((&probed.refused, &probed.unanswered), (&usual.refused, &vec![]), "{left}");
        let notes: Vec<_> = usual.findings.notes.iter().map(String::as_str).collect();
        let told = probed.findings.notes.iter().map(String::as_str);
        let more: Vec<_> = told.filter(|told| !notes.contains(told)).collect();
        assert!(note.is_none_or(|note| more.contains(&note)), "{left}: {more:?}");
        assert!(note.is_some() || more.is_empty(), "{left}: {more:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_slow_modem_is_heard_out() {
    for ms in [900, 1_100, 1_500, 2_500, 4_000] {
        for echoes in [false, true] {
            let probed = ask_scripted(move |command| {
                let lines = match command {
                    "AT+CGMI" => "SIMCOM_Ltd",
                    "AT+CGMM" => "SIMCOM_SIM800L",
                    _ => "",
                };
                let (_, said) = ok(lines)?;
                Some((ms, if echoes { format!("{command}\r{said}") } else { said }))
            });
            let Probed { findings, unanswered, .. } = probed.await.unwrap();
            assert_eq!(findings.model, "SIMCOM_SIM800L", "{ms} {echoes}");
            assert_eq!((findings.maker.as_str(), unanswered.len()), ("SIMCOM_Ltd", 0));
            assert!(!findings.notes.iter().any(|note| note.contains("ATQ1")), "{ms}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn what_a_modem_does_not_tell_is_left_out() {
    let probed = ask_scripted(|command| match command {
        "AT+CGMI" | "AT+CGMM" | "AT+CGMR" => Some((0, "\r\nERROR\r\n".to_owned())),
        _ => ok(""),
    });
    let Probed { code, transcript, .. } = probed.await.unwrap();
    let head = "/// A modem, as it told `septet probe`.\npub static MODEM: Profile = Profile {\n";
    assert!(code.starts_with(head) && !code.contains("model:"), "{code}");
    assert!(transcript.starts_with("# format: 1\n# modem: unknown\n"), "{transcript}");
}

/// As a Huawei stick answers.
#[tokio::test(start_paused = true)]
async fn what_differs_from_the_generic_profile_is_rust() {
    let probed = ask_scripted(|command| match command {
        "AT+CGMI" => ok("^BOOT:48175390,0,0,0,89\nhuawei"),
        "AT+CGMM" => ok("E1550"),
        "AT+CGMR" => ok("11.608.12.00.143"),
        "AT+CNMI=?" => ok("^RSSI:13\n+CNMI: (0,1,2),(0,1),(0,2),(0,2),(0)"),
        "AT+CPMS=?" => ok("+CPMS: (\"SM\"),(\"SM\"),(\"SM\")"),
        "AT^CPIN?" => ok("^CPIN: READY,,10,3,10,3"),
        "AT+CMMS=?" => Some((0, "\r\nCOMMAND NOT SUPPORT\r\n".to_owned())),
        "AT+IFC=?" => ok("+IFC: (0-2),(0-2)"),
        "AT+CMGF=?" => ok("+CMGF: (0,1)"),
        "AT" | "ATE0" | "ATE1" => ok(""),
        _ => Some((0, "\r\nERROR\r\n".to_owned())),
    });
    let probed = probed.await.unwrap();
    assert_eq!(probed.findings.profile, "Huawei");
    assert_eq!(probed.findings.why, "AT+CGMI answers \"huawei\", which has \"huawei\" in it");
    assert_eq!(
        probed.code,
        "/// huawei E1550, revision 11.608.12.00.143, as it told `septet probe`.\n\
         pub static E1550: Profile = Profile {\n    \
             model: \"E1550\",\n    \
             says: &[\"E1550\"],\n    \
             // AT+CNMI=? says +CNMI: (0,1,2),(0,1),(0,2),(0,2),(0)\n    \
             indications: &[\"+CNMI=2,1,0,2,0\", \"+CNMI=2,1\"],\n    \
             // AT+CPMS=? says +CPMS: (\"SM\"),(\"SM\"),(\"SM\")\n    \
             stores: &[Store::SM],\n    \
             // AT^CPIN? says ^CPIN: READY,,10,3,10,3\n    \
             pin_tries: PinTries { command: \"^CPIN?\", index: 3 },\n    \
             // AT+CMMS=? is refused (ERROR)\n    \
             more_messages: false,\n    \
             ..GENERIC\n\
         };\n"
    );
}

#[tokio::test(start_paused = true)]
async fn a_late_answer_is_not_taken_for_the_next_one() {
    let probed = ask_scripted(|command| match command {
        "AT+CGMI" => Some((6_000, "\r\nSIMCOM_Ltd\r\n\r\nOK\r\n".to_owned())),
        "AT+CGMM" => ok("SIMCOM_SIM800L"),
        _ => ok(""),
    });
    let probed = probed.await.unwrap();
    assert_eq!(probed.unanswered, ["AT+CGMI"]);
    assert_eq!(probed.findings.model, "SIMCOM_SIM800L");
}

#[tokio::test(start_paused = true)]
async fn a_modem_that_says_nothing_is_told_with_what_to_do() {
    let silent = ask_scripted(|_| None).await.unwrap_err();
    assert_eq!(
        silent.sentence,
        "nothing answers at a port: check that the modem is on, that this is its AT port, and the \
         speed (115200 bits a second, --baud sets another)"
    );
    let noise = ask_scripted(|_| Some((0, "\u{1}\u{7f}x".to_owned()))).await.unwrap_err();
    assert_eq!(
        noise.sentence,
        "what comes from a port is no answer: check the speed (115200 bits a second, --baud sets \
         another)"
    );
    let gone = ask_scripted(|command| match command {
        "AT" | "AT+CMEE?" | "ATE0" | "AT+CMEE=1" | "ATI" => ok(""),
        _ => None,
    });
    // `AT` is answered still: the modem is slow, not gone.
    assert!(gone.await.unwrap().unanswered.contains(&"AT+CGMI".to_owned()));
    let count = std::sync::atomic::AtomicUsize::new(0);
    let gone = ask_scripted(move |_| {
        let count = count.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        if count < 8 { ok("") } else { None }
    });
    assert_eq!(
        gone.await.unwrap_err().sentence,
        "the modem at a port answers nothing any more since AT+CMEE=?: check its supply, and try again"
    );
}

#[tokio::test(start_paused = true)]
async fn no_pin_is_entered_and_nothing_is_sent_or_kept() {
    let asked = std::sync::Arc::new(std::sync::Mutex::new(Vec::new()));
    let heard = asked.clone();
    let probed = ask_scripted(move |command| {
        heard.lock().unwrap().push(command.to_owned());
        match command {
            "AT" => Some((0, "AT\r\r\nOK\r\n".to_owned())),
            "AT+CMEE?" => ok("+CMEE: 2"),
            _ => ok(""),
        }
    });
    probed.await.unwrap();
    let asked = asked.lock().unwrap();
    let sets: Vec<&str> = asked
        .iter()
        .map(String::as_str)
        .filter(|command| {
            let (_, value) = command.split_once('=').unwrap_or(("", "?"));
            value != "?" || command.starts_with("ATE")
        })
        .collect();
    let expected =
        ["ATE0", "AT+CMEE=1", "AT+CPINR=\"SIM PIN\"", "AT+QPINC=\"SC\"", "AT+CMEE=2", "ATE1"];
    assert_eq!(sets, expected);
}

fn septet(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_septet")).arg("probe").args(arguments).output().unwrap()
}

#[test]
fn the_command_writes_both_files_and_leaves_the_modem_as_it_was() {
    let mut command = Command::new(env!("CARGO_BIN_EXE_septet"));
    command.args(["modem", "--listen", "tcp:127.0.0.1:0", "--profile", "SIM800"]);
    let mut modem = command.stdout(Stdio::piped()).spawn().unwrap();
    let mut port = String::new();
    BufReader::new(modem.stdout.as_mut().unwrap()).read_line(&mut port).unwrap();
    let port = port.trim();
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("new");
    let output = septet(&["--port", port, "--json", "--out", out.to_str().unwrap()]);
    assert!(output.status.success(), "{output:?}");
    let json: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(json["profile"], "SIM800");
    let read = |name: &str| fs::read_to_string(out.join(name)).unwrap();
    assert_eq!(json["code"], read("simcom_sim800l.rs"));
    assert_eq!(json["transcript"], read("modem-simcom-sim800l-probe.txt"));

    let mut terminal = TcpStream::connect(port.strip_prefix("tcp:").unwrap()).unwrap();
    terminal.write_all(b"AT+CMEE?\r").unwrap();
    let answer = b"AT+CMEE?\r\r\n+CMEE: 0\r\n\r\nOK\r\n";
    let mut octets = vec![0; answer.len()];
    terminal.read_exact(&mut octets).unwrap();
    modem.kill().unwrap();
    modem.wait().unwrap();
    assert_eq!(octets, answer);
}

#[test]
fn a_modem_that_refuses_everything_is_a_failure_with_all_that_is_known() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = format!("tcp:{}", listener.local_addr().unwrap());
    let modem = std::thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        let mut octet = [0];
        while stream.read_exact(&mut octet).is_ok() {
            if octet == *b"\r" {
                stream.write_all(b"\r\nERROR\r\n").unwrap();
            }
        }
    });
    let output = septet(&["--port", &port]);
    modem.join().unwrap();
    assert_eq!(output.status.code(), Some(1));
    let stderr = String::from_utf8(output.stderr).unwrap();
    assert_eq!(
        stderr.lines().last().unwrap(),
        format!(
            "septet: the modem at {port} refuses every question: check that this is its AT port, and \
             that it has a SIM"
        )
    );
    let said = String::from_utf8(output.stdout).unwrap();
    assert!(
        said.contains("profile   generic: no profile is for what it says of itself\n"),
        "{said}"
    );
    assert!(said.contains("> AT+CNMI=?\\r\n< \\r\\nERROR\\r\\n\n"), "{said}");
}

#[test]
fn a_port_that_is_none_is_told_with_what_to_do() {
    let output = septet(&["--port", "/dev/no-such-modem"]);
    assert_eq!(output.status.code(), Some(1));
    assert_eq!(
        String::from_utf8(output.stderr).unwrap(),
        "septet: there is no port /dev/no-such-modem: check the name, and that the modem is plugged in\n"
    );
}
