//! A gateway that is stopped finishes what its modem sends, refuses what comes meanwhile, and leaves the
//! rest for the next start.

use septet_host::accounts;
use septet_host::config::Config;
use septet_host::database::Database;
use septet_host::serve::Running;
use tempfile::TempDir;
use tokio::task::yield_now;

/// The modem tells after this long that the network has a message.
const LATE_MS: u32 = 1500;

async fn send(url: &str, id: &str) -> (u16, String) {
    let form = format!("user=demo&password=secret&to=4512345678&sessionid={id}&text=Hello+{id}");
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    let reply = client.post(format!("{url}/sendsms")).body(form).send().await.unwrap();
    (reply.status().as_u16(), reply.text().await.unwrap())
}

#[tokio::test]
async fn what_a_modem_sends_is_finished_and_the_rest_waits() {
    let folder = TempDir::new().unwrap();
    let hash = accounts::hash("secret").unwrap();
    let config = format!(
        r#"
        listen = "127.0.0.1:0"
        data = "{}"
        [[account]]
        name = "demo"
        password = "{hash}"
        [[modem]]
        name = "one"
        port = "virtual"
        number = "4520001204"
        faults = ["1=late:{LATE_MS}"]
        "#,
        folder.path().display()
    );
    let running = Running::start(Config::parse(&config).unwrap()).await.unwrap();
    let url = running.url.clone();
    for id in ["first", "second"] {
        assert_eq!(send(&url, id).await.0, 200);
    }
    let mut database = Database::open(&folder.path().join("septet.db")).unwrap();
    let held = "SELECT id FROM message WHERE held = 1";
    while database.one(held, &[], |_| ()).is_none() {
        yield_now().await;
    }
    let stopped = tokio::spawn(running.stop());
    yield_now().await;
    // The modem has the first one still.
    let (status, words) = send(&url, "third").await;
    assert_eq!(status, 503, "{words}");
    let ready = reqwest::Client::builder().no_proxy().build().unwrap();
    let ready = ready.get(format!("{url}/readyz")).send().await.unwrap();
    assert_eq!(ready.status(), 503);
    assert!(ready.text().await.unwrap().contains("stops"));
    stopped.await.unwrap();
    let found = database.all(
        "SELECT r.client_id, m.sent, m.held FROM message m JOIN request r ON r.id = m.request \
         ORDER BY m.id",
        &[],
        |row| (row.string(0), row.number(1).is_some(), row.is(2)),
    );
    assert_eq!(found, [("first".to_owned(), true, false), ("second".to_owned(), false, false)]);
}
