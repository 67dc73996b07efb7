//! Transcripts of what goes over the line, as `septet send --trace` and the gateway write them.

use std::fs;
use std::io::{BufRead, BufReader};
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};
use std::time::Duration;

use septet_firmware::options::Options;
use septet_firmware::profile::GENERIC;
use septet_host::config::Config;
use septet_host::port::Port;
use septet_host::serve::Running;
use septet_host::shell::{self, Line};
use tokio::time::timeout;
use tokio_serial::{SerialPort as _, SerialStream};

/// The running command; it is stopped when this is dropped.
struct Modem {
    child: Child,
    port: String,
}

impl Modem {
    fn start() -> Self {
        let mut command = Command::new(env!("CARGO_BIN_EXE_septet"));
        command.args(["modem", "--listen", "tcp:127.0.0.1:0"]).stdout(Stdio::piped());
        let mut child = command.spawn().unwrap();
        let mut said = BufReader::new(child.stdout.as_mut().unwrap());
        let mut port = String::new();
        said.read_line(&mut port).unwrap();
        Self { child, port: port.trim().to_owned() }
    }
}

impl Drop for Modem {
    fn drop(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }
}

fn send(port: &str, trace: &Path, more: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_septet"));
    command.args(["send", "--to", "4512345678", "hello", "--port", port, "--trace"]);
    command.arg(trace).args(more).output().unwrap()
}

#[test]
fn send_writes_a_transcript_without_the_numbers_of_people() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("trace.txt");
    let modem = Modem::start();
    let output = send(&modem.port, &path, &[]);
    assert!(output.status.success(), "{output:?}");
    let text = fs::read_to_string(&path).unwrap();
    assert!(text.starts_with("# format: 1\n# modem: auto\n# framing: exact\n"), "{text}");
    let said: Vec<&str> = text.lines().collect();
    for line in [
        "= ready",
        "> AT+CMGS=17\\r",
        "> 0001000A915155100024000005E8329BFD06\\x1a",
        "< \\r\\n+CMGS: 1\\r\\n",
        "= sent mr=1",
    ] {
        assert!(said.contains(&line), "{line} is missing in {text}");
    }
    assert!(!text.contains("5421436587"), "{text}");
    assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);

    // A second one follows, with the numbers.
    let output = send(&modem.port, &path, &["--trace-numbers"]);
    assert!(output.status.success(), "{output:?}");
    let text = fs::read_to_string(&path).unwrap();
    assert_eq!(text.matches("# format: 1\n").count(), 2);
    assert!(text.contains("5421436587"), "{text}");
}

#[test]
fn a_trace_that_cannot_be_written_is_told_before_anything_is_sent() {
    let output = send("tcp:127.0.0.1:1", Path::new("/dev/null/trace"), &[]);
    assert_eq!(output.status.code(), Some(1));
    assert_eq!(
        String::from_utf8(output.stderr).unwrap(),
        "septet: cannot write the trace /dev/null/trace: Not a directory (os error 20)\n"
    );
}

#[tokio::test]
async fn the_gateway_traces_a_modem_where_its_configuration_says_so() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("trace.txt");
    let text = format!(
        "listen = \"127.0.0.1:0\"\ndata = {:?}\n[[modem]]\nname = \"virtual\"\nport = \"virtual\"\n\
         number = \"4520001204\"\ntrace = {path:?}\n",
        folder.path().join("data"),
    );
    let running = Running::start(Config::parse(&text).unwrap()).await.unwrap();
    let ready = async {
        while !fs::read_to_string(&path).unwrap().contains("= ready\n") {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    timeout(Duration::from_secs(60), ready).await.unwrap();
    running.stop().await;
    let text = fs::read_to_string(&path).unwrap();
    assert!(text.contains("> AT\\r\n") && text.contains("= ready\n"), "{text}");
}

/// A modem that never answers is looked for at every speed.
#[tokio::test(start_paused = true)]
async fn a_serial_device_is_switched_to_the_speed_that_the_session_wants() {
    let (ours, theirs) = SerialStream::pair().unwrap();
    let name = theirs.name().unwrap();
    let port: Port = Box::new(ours);
    // The other end shows the speed: a pseudo-terminal has one for both.
    let options = Options { bauds: &[9_600, 57_600], ..Options::new(&GENERIC) };
    let mut session = shell::session(options, Line(Some(port)), None);
    let mut speeds = Vec::new();
    while !speeds.contains(&57_600) {
        // Each turn is cut short, to look at the speed.
        let _ = timeout(Duration::from_millis(500), session.next()).await;
        speeds.push(theirs.baud_rate().unwrap());
        assert!(speeds.len() < 10_000, "{name} was switched to {speeds:?} only");
    }
}
