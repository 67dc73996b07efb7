//! A disk that takes nothing, a database that another program keeps, a folder that is not ours: what is
//! asked is refused in the vendor's "try later" words, nothing that was accepted is lost, and it goes on
//! by itself.

use std::collections::BTreeSet;
use std::fs;
use std::io::{BufRead, BufReader};
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::{Child, Command, Stdio};

use rusqlite::Connection;
use septet_host::{accounts, callbacks};
use tempfile::TempDir;

/// What no file of the gateway's may grow past, in KiB.
const ROOM_KIB: u32 = 512;

struct Gateway {
    child: Child,
    url: String,
}

impl Gateway {
    /// Starts one whose files cannot grow past [`ROOM_KIB`].
    fn start(folder: &Path) -> Self {
        let hash = accounts::hash("secret").unwrap();
        let config = format!(
            "listen = \"127.0.0.1:0\"\n[[account]]\nname = \"demo\"\npassword = \"{hash}\"\n\
             [[modem]]\nname = \"one\"\nport = \"tcp:127.0.0.1:9\"\nnumber = \"4520001204\"\n"
        );
        fs::write(folder.join("septet.toml"), config).unwrap();
        // A write past the limit fails where the signal for it is ignored.
        let script = format!("trap '' XFSZ; ulimit -S -f {ROOM_KIB}; exec \"$0\" serve");
        let mut child = Command::new("bash")
            .current_dir(folder)
            .args(["-c", &script, env!("CARGO_BIN_EXE_septet")])
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let line = BufReader::new(child.stdout.take().unwrap()).lines().next().unwrap().unwrap();
        Self { child, url: line.rsplit(' ').next().unwrap().to_owned() }
    }

    /// Has the disk take everything again.
    fn make_room(&self) {
        let done = Command::new("prlimit")
            .args([&format!("--pid={}", self.child.id()), "--fsize=unlimited:unlimited"])
            .status()
            .unwrap();
        assert!(done.success());
    }

    async fn send(&self, id: &str) -> (u16, String) {
        callbacks::install_tls();
        let text = "x".repeat(1000);
        let form = format!("user=demo&password=secret&to=4512345678&sessionid={id}&text={text}");
        let client = reqwest::Client::builder().no_proxy().build().unwrap();
        let reply = client.post(format!("{}/sendsms", self.url)).body(form).send().await.unwrap();
        (reply.status().as_u16(), reply.text().await.unwrap())
    }
}

impl Drop for Gateway {
    fn drop(&mut self) {
        // It may have ended.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The ids that are in the database.
fn kept(path: &Path) -> BTreeSet<String> {
    let database = Connection::open(path).unwrap();
    let mut ids = database.prepare("SELECT client_id FROM request").unwrap();
    ids.query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect()
}

#[tokio::test]
async fn a_disk_that_is_full_refuses_and_goes_on_when_it_has_room() {
    let folder = TempDir::new().unwrap();
    let gateway = Gateway::start(folder.path());
    let mut accepted = BTreeSet::new();
    let refused = loop {
        let id = accepted.len().to_string();
        let (status, words) = gateway.send(&id).await;
        if status != 200 {
            break (status, words);
        }
        accepted.insert(id);
        assert!(accepted.len() < 100_000, "the disk is never full");
    };
    assert_eq!(refused.0, 503, "{}", refused.1);
    assert_eq!(gateway.send("still").await.0, 503);
    gateway.make_room();
    assert_eq!(gateway.send("again").await.0, 200);
    accepted.insert("again".to_owned());
    drop(gateway);
    assert_eq!(kept(&folder.path().join("septet-data/septet.db")), accepted);
}

#[tokio::test]
async fn a_database_that_another_program_keeps_refuses_and_goes_on_when_it_is_free() {
    let folder = TempDir::new().unwrap();
    let gateway = Gateway::start(folder.path());
    assert_eq!(gateway.send("before").await.0, 200);
    let path = folder.path().join("septet-data/septet.db");
    let other = Connection::open(&path).unwrap();
    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    assert_eq!(gateway.send("meanwhile").await.0, 503);
    other.execute_batch("ROLLBACK").unwrap();
    assert_eq!(gateway.send("after").await.0, 200);
    drop(gateway);
    assert!(kept(&path).iter().eq(["after", "before"].iter()));
}

#[test]
fn a_folder_that_is_not_ours_is_told_in_a_sentence() {
    let folder = TempDir::new().unwrap();
    let open = |path: &Path, mode| {
        fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
    };
    open(folder.path(), 0o755);
    let (data, program) = (folder.path().join("data"), folder.path().join("septet"));
    fs::create_dir(&data).unwrap();
    open(&data, 0o555);
    fs::copy(env!("CARGO_BIN_EXE_septet"), &program).unwrap();
    // Nothing is closed to root.
    let is_root = fs::metadata("/proc/self").is_ok_and(|own| {
        use std::os::unix::fs::MetadataExt as _;
        own.uid() == 0
    });
    let mut command = if is_root {
        let mut command = Command::new("setpriv");
        command.args(["--reuid=65534", "--regid=65534", "--clear-groups"]).arg(&program);
        command
    } else {
        Command::new(&program)
    };
    let said = command
        .current_dir(folder.path())
        .args(["serve", "--listen", "127.0.0.1:0", "--data", "data"])
        .env("SEPTET_DEMO_PASSWORD", "secret")
        .output()
        .unwrap();
    let sentence = String::from_utf8_lossy(&said.stderr);
    assert_eq!(said.status.code(), Some(1), "{sentence}");
    assert!(sentence.contains("data") && sentence.contains("Permission denied"), "{sentence}");
    assert!(!folder.path().join("septet.toml").exists());
}
