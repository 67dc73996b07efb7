//! Streams of objects: an answer to each line, and no more memory for many lines than for a few.

#![cfg(target_os = "linux")]

use std::io::{BufRead, BufReader, Write};
use std::process::{Child, Command, Stdio};
use std::thread;

use serde_json::{Value, json};

const LINES: usize = 20_000;
/// Far less than the lines have together, and what an allocator may take and leave.
const GROWTH_KB: u64 = 2048;

fn vectors() -> Vec<Value> {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../codec/vectors/pdu.json");
    serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
}

/// The most memory that the process has had.
fn peak_kb(process: &Child) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{}/status", process.id())).unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap();
    line.trim().trim_end_matches(" kB").parse().unwrap()
}

/// Lines made from `objects` and some that are no objects, through `septet command --jsonl`.
fn memory_stays_for(command: &str, objects: &[Value]) {
    let mut process = Command::new(env!("CARGO_BIN_EXE_septet"))
        .args([command, "--jsonl"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut input = process.stdin.take().unwrap();
    let mut output = BufReader::new(process.stdout.take().unwrap()).lines();
    let long = json!({ "text": "a".repeat(10 << 20) }).to_string();
    let mut lines: Vec<String> = objects.iter().map(Value::to_string).collect();
    lines.extend(["{\"hex\":".to_owned(), "[".repeat(1000), "\u{0}".to_owned()]);
    let lines: Vec<String> = lines.into_iter().cycle().take(LINES).collect();

    // A long line among the first, so that its buffer is there from then on.
    let (first, rest) = lines.split_at(LINES / 10);
    let mut answers = 0;
    let mut peaks = Vec::new();
    for some in [first, rest] {
        let (text, long) = (some.join("\n"), &long);
        let input = &mut input;
        thread::scope(|scope| {
            scope.spawn(move || writeln!(input, "{text}\n{long}").unwrap());
            for _ in some {
                let answer: Value = serde_json::from_str(&output.next().unwrap().unwrap()).unwrap();
                answers += usize::from(answer["error"].is_null());
            }
            let answer: Value = serde_json::from_str(&output.next().unwrap().unwrap()).unwrap();
            assert_eq!(answer["error"]["kind"], "too_long", "{command}: {answer}");
        });
        peaks.push(peak_kb(&process));
    }
    drop(input);
    assert!(output.next().is_none());
    assert!(process.wait().unwrap().success());
    assert!(answers > LINES / 2, "{command}: {answers}");
    assert!(peaks[1] < peaks[0] + GROWTH_KB, "{command}: {peaks:?} kB");
}

#[test]
fn many_pdus_are_read_in_the_memory_of_few() {
    let asked = |vector: &Value| json!({ "hex": vector["hex"], "direction": vector["direction"], "smsc": vector["smsc"] });
    memory_stays_for("decode", &vectors().iter().map(asked).collect::<Vec<_>>());
}

#[test]
fn many_messages_are_written_in_the_memory_of_few() {
    let objects: Vec<Value> = vectors()
        .into_iter()
        .filter(|vector| vector["reencode"] == true)
        .map(|mut vector| vector["expect"].take())
        .collect();
    memory_stays_for("encode", &objects);
}

#[test]
fn many_texts_are_split_in_the_memory_of_few() {
    let texts = vectors().into_iter().filter(|vector| vector["expect"]["text"].is_string());
    let objects: Vec<Value> =
        texts.map(|vector| json!({ "text": vector["expect"]["text"] })).collect();
    memory_stays_for("split", &objects);
}
