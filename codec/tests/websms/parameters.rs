//! Every parameter with what it changes.

use septet::api::{
    Alphabet, Callback, Duplicates, Messages, Method, Payload, Submit, Test, websms,
};
use septet::text::Text;

use super::{BINARY, SIMPLE, TEXT, endpoint, get, numbers, post, submit};

/// What a parameter changes.
enum Changes {
    /// The neutral model, as this finds.
    Op(fn(&Submit<'_>) -> bool),
    /// Nothing: it is a note.
    Note(&'static str),
}
use Changes::{Note, Op};

fn text_of<'a>(submit: &Submit<'a>) -> Option<Text<'a>> {
    match submit.messages {
        Messages::Same { body: Payload::Text(text), .. } => Some(text),
        _ => None,
    }
}

fn is_url(submit: &Submit<'_>, url: &'static str) -> bool {
    submit.callback == Some(Callback { url: Text::plain(url), carrier: None })
}

/// Each parameter, a value in JSON, and what it changes.
const OF_ALL: &[(&str, &str, Changes)] = &[
    (
        "recipientAddressList",
        r#"["4367612345678", 4912345678901]"#,
        Op(|submit| {
            numbers(submit).iter().map(|n| n.to_string()).eq(["4367612345678", "4912345678901"])
        }),
    ),
    ("senderAddress", r#""MyBrand""#, Op(|submit| submit.sender == Some(Text::plain("MyBrand")))),
    // Which kind of sender it is follows from the sender itself.
    ("senderAddressType", r#""alphanumeric""#, Note("alphanumeric")),
    ("sendAsFlashSms", "true", Op(|submit| submit.class == Some(0))),
    (
        "notificationCallbackUrl",
        r#""https:\/\/a.example/cb?x=1""#,
        Op(|submit| is_url(submit, "https://a.example/cb?x=1")),
    ),
    (
        "clientMessageId",
        r#""msg-1""#,
        Op(|submit| submit.client_id == Some(Text::plain("msg-1")) && submit.dedupe.is_none()),
    ),
    // A modem has no priorities.
    ("priority", "9", Note("9")),
    // No network asks what a message is about.
    ("contentCategory", r#""informational""#, Note("informational")),
    ("validityPeriode", "259200", Op(|submit| submit.validity == Some(259_200))),
    ("test", "true", Op(|submit| submit.test == Some(Test::Succeed))),
];

const OF_TEXTS: &[(&str, &str, Changes)] = &[
    (
        "messageContent",
        r#""Gr\u00fc\u00dfe""#,
        Op(|submit| text_of(submit) == Some(Text::plain("Grüße"))),
    ),
    ("maxSmsPerMessage", "255", Op(|submit| submit.parts_max == Some(255))),
    // The one other value is refused.
    ("messageType", r#""default""#, Note("default")),
];

const OF_BINARY: &[(&str, &str, Changes)] = &[
    (
        "messageContent",
        r#"["BQAD/AIBYQ", "BQAD_AICYg=="]"#,
        Op(|submit| {
            let Messages::Same { body: Payload::Octets { segments, .. }, .. } = submit.messages
            else {
                return false;
            };
            segments.iter().map(|s| s.to_string()).eq(["050003fc020161", "050003fc020262"])
        }),
    ),
    (
        "userDataHeaderPresent",
        "true",
        Op(|submit| {
            let Messages::Same { body, .. } = submit.messages else { return false };
            matches!(body, Payload::Octets { has_header: true, .. })
        }),
    ),
];

fn changes(submit: &Submit<'_>, name: &str, changes: &Changes) -> bool {
    match changes {
        Op(is_changed) => is_changed(submit),
        Note(value) => submit.note(name) == Some(Text::plain(value)),
    }
}

fn json<'a>(fields: impl Iterator<Item = (&'a str, &'a str)>) -> String {
    let fields: Vec<_> = fields.map(|(name, value)| format!("\"{name}\": {value}")).collect();
    format!("{{\"new\": [{{}}], {}}}", fields.join(" ,\n"))
}

fn table(
    own: &'static [(&'static str, &'static str, Changes)],
) -> Vec<&'static (&'static str, &'static str, Changes)> {
    OF_ALL.iter().chain(own).collect()
}

#[test]
fn every_parameter_is_in_the_table() {
    for (path, own) in [(TEXT, OF_TEXTS), (SIMPLE, OF_TEXTS), (BINARY, OF_BINARY)] {
        let mut names: Vec<_> = table(own).iter().map(|(name, ..)| *name).collect();
        let mut fields = endpoint(Method::Post, path).fields().to_vec();
        names.sort_unstable();
        fields.sort_unstable();
        assert_eq!(names, fields);
    }
    assert_eq!(OF_ALL.len() + OF_TEXTS.len(), 13);
}

#[test]
fn every_parameter_changes_what_it_says() {
    for (path, own) in [(TEXT, OF_TEXTS), (BINARY, OF_BINARY)] {
        let all = table(own);
        let whole = json(all.iter().map(|(name, value, _)| (*name, *value)));
        for (name, value, change) in all.iter().map(|row| (row.0, row.1, &row.2)) {
            let request = post(path, whole.as_bytes());
            assert!(changes(&submit(&request).unwrap(), name, change), "{name}");
            // Absent, null or empty, it changes nothing, or is missed.
            let others =
                || OF_ALL.iter().chain(own).filter(|row| row.0 != name).map(|row| (row.0, row.1));
            for absent in [json(others()), json(others().chain([(name, "null")]))] {
                match submit(&post(path, absent.as_bytes())) {
                    Ok(submit) => assert!(!changes(&submit, name, change), "{name}"),
                    Err(error) => {
                        assert_eq!(error.to_string(), format!("{name} is missing at octet 0"));
                        assert!(["recipientAddressList", "messageContent"].contains(&name));
                    }
                }
            }
            // A string, where it is one no more than a number or boolean.
            if !value.contains(['"', '[']) {
                let quoted = format!("\"{value}\"");
                let body = json(others().chain([(name, &*quoted)]));
                let request = post(path, body.as_bytes());
                assert!(changes(&submit(&request).unwrap(), name, change), "{name}");
            }
        }
    }
}

#[test]
fn the_same_parameters_stand_in_a_form_and_a_query() {
    let form = "recipientAddressList=4367612345678+4912345678901&senderAddress=MyBrand\
        &senderAddressType=alphanumeric&sendAsFlashSms=1\
        &notificationCallbackUrl=https%3A%2F%2Fa.example/cb?x%3D1&clientMessageId=msg-1&priority=9\
        &contentCategory=informational&validityPeriode=259200&test=true&messageContent=Gr%FC%DFe\
        &maxSmsPerMessage=255&messageType=default";
    let posted = septet::api::Request {
        headers: &[("Content-Type", "application/x-www-form-urlencoded")],
        ..post(SIMPLE, form.as_bytes())
    };
    for request in [get(form.as_bytes()), posted] {
        let submit = submit(&request).unwrap();
        for (name, _, change) in table(OF_TEXTS) {
            assert!(changes(&submit, name, change), "{name}");
        }
    }
    for list in ["436,437", "436;437", "436%20437", "436&recipientAddressList=437"] {
        let form = format!("recipientAddressList={list}&messageContent=a&sendAsFlashSms=0");
        let request = get(form.as_bytes());
        let submit = submit(&request).unwrap();
        assert!(numbers(&submit).iter().map(|n| n.to_string()).eq(["436", "437"]), "{list}");
        assert_eq!(submit.class, None);
    }
}

#[test]
fn what_is_not_asked_is_as_documented() {
    let body = br#"{"recipientAddressList":["436"],"messageContent":"a","priority":0,
        "maxSmsPerMessage":0,"senderAddress":"","contentCategory":null,"test":false}"#;
    let submit = submit(&post("//json///smsmessaging/text", body)).unwrap();
    assert_eq!((submit.parts_max, submit.sender, submit.validity), (None, None, None));
    assert_eq!((submit.class, submit.test, submit.schedule), (None, None, None));
    assert_eq!((submit.protocol, submit.alphabet, submit.cut), (None, Alphabet::Any, false));
    assert_eq!((submit.duplicates, submit.skip_invalid), (Duplicates::Strip, false));
    assert!(submit.report && !submit.wants_used && !submit.wants_left);
    assert_eq!(submit.note("contentCategory"), None);
}

#[test]
fn the_size_of_a_binary_message_is_ignored() {
    let body =
        br#"{"recipientAddressList":["436"],"messageContent":["YQ"],"maxSmsPerMessage":"x"}"#;
    assert_eq!(submit(&post(BINARY, body)).unwrap().parts_max, None);
}

#[test]
fn every_parameter_of_a_notification_is_listed() {
    let report = [
        ("messageType", "tells the kind"),
        ("notificationId", "notification"),
        ("transferId", "id"),
        ("senderAddress", "recipient"),
        ("deliveryReportMessageStatus", "state"),
        ("sentOn", "sent"),
        ("deliveredOn", "done"),
        ("deliveredAs", "nothing: it is sms"),
        ("clientMessageId", "client_id"),
    ];
    let inbound = [
        ("messageType", "tells the kind"),
        ("notificationId", "id"),
        ("senderAddress", "sender"),
        ("senderAddressType", "nothing: the sender shows it"),
        ("recipientAddress", "recipient"),
        ("recipientAddressType", "nothing: the recipient shows it"),
        ("messageFlashSms", "flash"),
        ("textMessageContent", "body"),
        ("userDataHeaderPresent", "body"),
        ("binaryMessageContent", "body"),
    ];
    assert!(websms::API.report.unwrap().fields().iter().eq(report.iter().map(|(name, _)| name)));
    assert!(websms::API.inbound.unwrap().fields().iter().eq(inbound.iter().map(|(name, _)| name)));
}
