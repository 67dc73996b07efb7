//! The known answers: who reads the address and the text of each PDU, and refuses what is none.

use serde_json::Value;

use crate::answer::Answer;
use crate::message::Kind;
use crate::peers::{OURS, PEERS, Peer};

pub struct Score {
    pub peer: &'static Peer,
    pub passed: usize,
    /// Of the types that it claims to read; what is no message is everybody's.
    pub applicable: usize,
    pub broke: usize,
}

pub fn all(path: &str) -> Vec<Score> {
    let vectors = std::fs::read_to_string(path).unwrap_or_else(|error| panic!("{path}: {error}"));
    let vectors: Vec<Value> = serde_json::from_str(&vectors).unwrap();
    PEERS.iter().filter(|peer| peer.has_score).map(|peer| one(peer, &vectors)).collect()
}

fn one(peer: &'static Peer, vectors: &[Value]) -> Score {
    let applicable: Vec<&Value> =
        vectors.iter().filter(|vector| is_claimed(peer, vector)).collect();
    let jobs: Vec<String> = applicable
        .iter()
        .map(|vector| {
            // Without a service centre the length of none stands there.
            let centre = if vector["smsc"] == true { "" } else { "00" };
            format!("{} {centre}{}", text(&vector["direction"]), text(&vector["hex"]))
        })
        .collect();
    let (mut passed, mut broke) = (0, 0);
    let count = jobs.len();
    peer.ask(
        count,
        move |at| jobs[at].clone(),
        |at, answer| {
            let passes = passes(applicable[at], &answer);
            passed += usize::from(passes);
            broke += usize::from(answer.crash.is_some());
            if peer.name == OURS && !passes {
                println!("{}: {answer:?}", text(&applicable[at]["id"]));
            }
        },
    )
    .unwrap_or_else(|why| panic!("{why}"));
    Score { peer, passed, applicable: count, broke }
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

fn is_claimed(peer: &Peer, vector: &Value) -> bool {
    let kind = match text(&vector["expect"]["type"]) {
        "" => return true,
        "DELIVER" => Kind::Deliver,
        "SUBMIT" => Kind::Submit,
        "STATUS-REPORT" => Kind::StatusReport,
        // Reports of a transfer, and commands.
        _ => return peer.name == OURS,
    };
    peer.kinds.contains(&kind)
}

fn passes(vector: &Value, answer: &Answer) -> bool {
    let expect = &vector["expect"];
    if expect.is_null() {
        return answer.error.is_some();
    }
    if answer.error.is_some() || answer.crash.is_some() {
        return false;
    }
    let address = ["oa", "da", "ra"].iter().find_map(|name| expect.get(name));
    let address = address.map(|address| {
        let plus = if address["ton"] == 1 { "+" } else { "" };
        format!("{plus}{}", text(&address["value"]))
    });
    let reads_text = expect["text"].is_null()
        || expect["type"] == "STATUS-REPORT" && answer.text.is_none()
        || answer.text.as_deref().unwrap_or_default() == text(&expect["text"]);
    answer.address == address && reads_text
}
