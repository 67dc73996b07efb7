//! From an HTTP request to the handset, and the delivery report back to the customer.

use std::sync::Arc;

use septet::tpdu::codes::Status;
use septet_firmware::profile::GENERIC;
use septet_host::network::{Network, Outcome};
use septet_host::virtual_modem::VirtualModem;
use septet_tests::{Customer, CustomerAnswer, Gateway, SIM, Wish, field};
use serde_json::Value;
use tokio::net::TcpListener;
use tokio::sync::Notify;

const PATH: &str = "/legacy/http/v2/sendsms";
const TAKEN: CustomerAnswer = (200, "text/plain", "");

/// A request with everything but what `more` has.
fn send(sessionid: &str, text: &str, more: &str) -> String {
    let text = field("text", text);
    format!(
        "user=demo&password=secret&to=4512345678&smsc=dk.unknown&sessionid={sessionid}\
         &charset=utf-8{text}{more}"
    )
}

/// A text of this many characters.
fn letter(characters: usize, of: &str) -> String {
    of.chars().cycle().take(characters).collect()
}

#[tokio::test]
async fn a_long_letter_arrives_whole_and_its_report_is_tried_until_it_is_taken() {
    let gateway = Gateway::start(Wish::default()).await;
    // 204 does not take it.
    let customer = Customer::start(&[(204, "text/plain", ""), TAKEN]).await;
    let url = field("callbackurl", &format!("{}/dsn?own=1#top", customer.url));
    let text = letter(400, "Kære Åse, blåbærgrød på Læsø koster 5 € {se side 2}. ");
    let (status, body) =
        gateway.post(PATH, send("4512345678:1", &text, &format!("&from=Septet{url}"))).await;
    assert_eq!((status, body.as_str()), (200, "Processing:4512345678:1"));

    let messages = gateway.messages("4512345678", 1).await;
    assert_eq!(messages[0].text, text);
    // Not "Septet": a modem cannot carry it.
    assert_eq!(messages[0].from, format!("+{SIM}"));
    assert_eq!(messages[0].parts.len(), 3);
    let numbers: Vec<(u8, u8)> =
        messages[0].parts.iter().map(|part| (part.number, part.total)).collect();
    assert_eq!(numbers, [(1, 3), (2, 3), (3, 3)]);

    let asked = customer.asked_times(2).await;
    for (method, uri) in &asked {
        assert_eq!(method, "GET");
        assert_eq!(uri, "/dsn?sessionid=4512345678%3A1&statuscode=1");
    }
}

#[tokio::test]
async fn chinese_and_emoji_arrive_whole() {
    let gateway = Gateway::start(Wish::default()).await;
    let text = letter(400, "我喜欢你😀的信👩‍👩‍👧，谢谢。");
    assert_eq!(gateway.post(PATH, send("s", &text, "")).await.1, "Processing:s");
    let messages = gateway.messages("4512345678", 1).await;
    assert_eq!(messages[0].text, text);
    // 500 code units, 67 to a part at most.
    assert_eq!((text.encode_utf16().count(), messages[0].parts.len()), (500, 8));
}

#[tokio::test]
async fn captured_requests_are_accepted_or_refused_as_the_interface_says() {
    let wish = Wish { account: ("myusername", "mypassword"), ..Wish::default() };
    let gateway = Gateway::start(wish).await;
    let file: Value =
        serde_json::from_str(include_str!("../codec/vectors/http_requests.json")).unwrap();
    let of_v2 = |entry: &&Value| {
        entry["expected"]["api"] == "gatewayapi-v2" && entry["direction"] == "client-to-server"
    };
    let mut replayed = 0;
    for entry in file["requests"].as_array().unwrap().iter().filter(of_v2) {
        let path_and_query = entry["path_and_query"].as_str().unwrap();
        let answer = match entry["method"].as_str().unwrap() {
            "GET" => gateway.get(path_and_query).await,
            _ => gateway.post(path_and_query, entry["body"].as_str().unwrap().to_owned()).await,
        };
        let fields = &entry["expected"]["fields"];
        let (sessionid, to) =
            (fields["sessionid"].as_str().unwrap(), fields["to"].as_str().unwrap());
        replayed += 1;
        if fields["price"].is_string() {
            // Nobody is charged here, and nothing is sent as if somebody were.
            assert_eq!(answer, (400, "Charging is not set up: parameter price".to_owned()));
            continue;
        }
        assert_eq!(answer, (200, format!("Processing:{sessionid}")), "{}", entry["id"]);
        let text = fields["text"].as_str().unwrap();
        let arrived = |messages: &[septet_host::network::Message]| {
            messages.iter().any(|message| message.text == text)
        };
        septet_tests::until("the captured text", || {
            arrived(&gateway.network().handset(to).messages).then_some(())
        })
        .await;
    }
    assert_eq!(replayed, 5);
}

#[tokio::test]
async fn what_is_refused_is_not_sent() {
    let gateway = Gateway::start(Wish::default()).await;
    let refused = [
        (send("s", "", ""), "Unsupported parameter text: is empty"),
        (
            send(&"s".repeat(31), "t", ""),
            "Unsupported parameter sessionid: must have at most 30 characters",
        ),
        (
            send("s", "t", "&to=x"),
            "Unsupported parameter to: must be numbers of 5 to 15 digits, country code first, \
             without + or leading zero",
        ),
        (
            send("s", "t", "&to=4512345678"),
            "A message contains the same recipient more than once. MSISDNs 4512345678 is duplicated",
        ),
        (send("s", "t", "").replace("secret", "Secret"), "Invalid password"),
        (send("s", "t", "").replace("demo", "nobody"), "Invalid username: nobody"),
        (
            send("s", "t", &field("callbackurl", "http://10.0.0.1/")),
            "URL not allowed: parameter callbackurl: its address is not public",
        ),
        (
            send("s", "t", &field("callbackurl", "http://")),
            "Unsupported parameter callbackurl: must be a URL of http or https",
        ),
        (
            send("s", &letter(255 * 153 + 1, "a"), ""),
            "Too many parts: parameter text: needs more than 255 parts",
        ),
    ];
    for (form, expected) in refused {
        let (status, body) = gateway.post(PATH, form).await;
        assert_eq!((status, body.as_str()), (400, expected));
    }
    // What comes after is the first that arrives.
    gateway.post(PATH, send("s", "accepted", "")).await;
    assert_eq!(gateway.messages("4512345678", 1).await[0].text, "accepted");
}

#[tokio::test]
async fn the_same_request_again_sends_nothing_and_another_with_its_id_is_refused() {
    let gateway = Gateway::start(Wish::default()).await;
    for _ in 0..2 {
        assert_eq!(gateway.post(PATH, send("s", "once", "")).await.1, "Processing:s");
    }
    let (status, body) = gateway.post(PATH, send("s", "other", "")).await;
    assert_eq!(status, 400);
    assert_eq!(body, "Not unique: parameter sessionid: another message had it before");
    gateway.post(PATH, send("t", "after", "")).await;
    let messages = gateway.messages("4512345678", 2).await;
    let texts: Vec<&str> = messages.iter().map(|message| message.text.as_str()).collect();
    assert_eq!(texts, ["once", "after"]);
}

#[tokio::test]
async fn each_recipient_gets_the_text_and_a_report() {
    let gateway = Gateway::start(Wish::default()).await;
    let customer = Customer::start(&[TAKEN]).await;
    let url = field("callbackurl", &customer.url);
    let form = send("s", "to all", &format!("&to=4512345679;4512345670{url}"));
    assert_eq!(gateway.post(PATH, form).await.1, "Processing:s");
    for number in ["4512345678", "4512345679", "4512345670"] {
        assert_eq!(gateway.messages(number, 1).await[0].text, "to all");
    }
    let asked = customer.asked_times(3).await;
    assert!(asked.iter().all(|(_, uri)| uri == "/?sessionid=s&statuscode=1"), "{asked:?}");
}

/// The status code that a text of two parts ends with, when the network gives the parts these fates.
async fn status_of(outcomes: [Outcome; 2]) -> String {
    let gateway = Gateway::start(Wish::default()).await;
    let customer = Customer::start(&[TAKEN]).await;
    gateway.network().set_outcomes("4512345678", outcomes);
    let url = field("callbackurl", &customer.url);
    gateway.post(PATH, send("s", &letter(200, "a"), &url)).await;
    customer.asked_times(1).await[0].1.clone()
}

#[tokio::test]
async fn the_report_of_several_parts_is_the_worst_of_theirs() {
    let status = |octet| Outcome::status(Status(octet));
    let cases = [
        ([Outcome::DELIVERED, status(0x46)], 6),
        ([status(0x46), status(0x43)], 4),
        ([status(0x48), Outcome::DELIVERED], 8),
        ([status(0x41), status(0x46)], 7),
        ([Outcome::DELIVERED, status(0x62)], 7),
    ];
    for (outcomes, code) in cases {
        let expected = format!("/?sessionid=s&statuscode={code}");
        assert_eq!(status_of(outcomes).await, expected, "{outcomes:?}");
    }
}

/// The status code that a text of two parts ends with on a modem with these faults, and how many
/// parts a handset has.
async fn status_with(faults: &'static [&'static str]) -> (String, usize) {
    let gateway = Gateway::start(Wish { faults, ..Wish::default() }).await;
    let customer = Customer::start(&[TAKEN]).await;
    let url = field("callbackurl", &customer.url);
    gateway.post(PATH, send("s", &letter(200, "a"), &url)).await;
    let status = customer.asked_times(1).await[0].1.clone();
    let handset = gateway.network().handset("4512345678");
    let whole: usize = handset.messages.iter().map(|message| message.parts.len()).sum();
    (status, whole + handset.waiting.len())
}

#[tokio::test]
async fn a_modem_that_restarts_between_pdu_and_result_leaves_the_outcome_unknown() {
    let unknown = "/?sessionid=s&statuscode=5".to_owned();
    // The first part is lost in the restart and not sent again: it might have been sent.
    assert_eq!(status_with(&["1=reboot"]).await, (unknown.clone(), 1));
    assert_eq!(status_with(&["1=reboot-sent"]).await, (unknown, 2));
}

#[tokio::test]
async fn a_line_that_is_cut_leaves_the_outcome_unknown_and_is_opened_again() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = format!("tcp:{}", listener.local_addr().unwrap());
    let network = Network::new();
    let sim = network.add_sim(SIM, &[]);
    let silence = "1=silence".parse().unwrap();
    let mut modem = VirtualModem::new(&GENERIC, network.clone(), sim, vec![silence]);
    let cut = Arc::new(Notify::new());
    let cutter = cut.clone();
    let line = tokio::spawn(async move {
        loop {
            let (stream, _) = listener.accept().await.unwrap();
            tokio::select! {
                ended = modem.run(stream) => ended.unwrap(),
                () = cutter.notified() => {}
            }
        }
    });

    let gateway = Gateway::start(Wish { port, ..Wish::default() }).await;
    let customer = Customer::start(&[TAKEN]).await;
    let url = field("callbackurl", &customer.url);
    gateway.post(PATH, send("one", "first", &url)).await;
    let received = |count| {
        let network = network.clone();
        move || (network.handset("4512345678").messages.len() >= count).then_some(())
    };
    septet_tests::until("the first message", received(1)).await;
    cut.notify_one();
    assert_eq!(customer.asked_times(1).await[0].1, "/?sessionid=one&statuscode=5");
    gateway.post(PATH, send("two", "second", &url)).await;
    assert_eq!(customer.asked_times(2).await[1].1, "/?sessionid=two&statuscode=1");
    // The first one was not sent again.
    assert_eq!(network.handset("4512345678").messages.len(), 2);
    line.abort();
}

#[tokio::test]
async fn a_refusal_ends_the_text_or_is_tried_again() {
    let (undeliverable, delivered) = ("/?sessionid=s&statuscode=7", "/?sessionid=s&statuscode=1");
    // 1: unassigned number. The second part is not sent at all.
    assert_eq!(status_with(&["1=cms:1"]).await, (undeliverable.to_owned(), 0));
    // 42: congestion. The same part is sent again later.
    assert_eq!(status_with(&["1=cms:42"]).await, (delivered.to_owned(), 2));
}

#[tokio::test]
async fn a_callback_to_this_machine_is_refused_unless_the_configuration_allows_it() {
    let gateway = Gateway::start(Wish { allow: "192.0.2.0/24", ..Wish::default() }).await;
    let customer = Customer::start(&[TAKEN]).await;
    for url in [customer.url.clone(), customer.url.replace("127.0.0.1", "localhost")] {
        let (status, body) = gateway.post(PATH, send("s", "t", &field("callbackurl", &url))).await;
        let expected = "URL not allowed: parameter callbackurl: its address is not public";
        assert_eq!((status, body.as_str()), (400, expected));
    }
    assert!(customer.asked().is_empty());
}

#[tokio::test]
async fn a_sender_that_cannot_be_carried_is_refused_where_the_configuration_says_so() {
    let gateway = Gateway::start(Wish { sender: "refuse", ..Wish::default() }).await;
    let (status, body) = gateway.post(PATH, send("s", "t", "&from=Septet")).await;
    assert_eq!((status, body.as_str()), (400, "Sender cannot be carried: parameter from"));
    assert_eq!(gateway.post(PATH, send("s", "t", &format!("&from={SIM}"))).await.0, 200);
}

#[tokio::test]
async fn no_control_path_is_open() {
    let gateway = Gateway::start(Wish::default()).await;
    assert_eq!(gateway.get("/septet/handsets/4512345678").await.0, 401);
    assert_eq!(gateway.post("/septet/handsets/4512345678", "{}".to_owned()).await.0, 401);
}
