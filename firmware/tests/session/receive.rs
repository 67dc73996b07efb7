//! Receiving: nothing is deleted or acknowledged that nobody has.

use septet::at::Store;
use septet_firmware::engine::Outcome;
use septet_firmware::profile::{GENERIC, SIM800};
use septet_firmware::{EventKind, Profile};

use crate::bench::{Bench, MESSAGE, READ, finished, ticket};

#[test]
fn a_stored_message_is_deleted_only_after_the_caller_has_it() {
    let mut bench = Bench::ready(&GENERIC);
    bench.say("\r\n+CMTI: \"ME\",0\r\n");
    bench.pass(1_000, &mut |command| (command == "AT+CMGR=0").then_some(READ));
    assert_eq!(bench.commands, ["AT+CPMS=\"ME\"", "AT+CMGR=0"]);
    assert_eq!(bench.events[0], EventKind::Waiting { store: Store::ME, index: 0 });
    let ticket = ticket(&bench.take());
    bench.pass(3_600_000, &mut |_| None);
    assert!(!bench.commands.iter().any(|command| command.starts_with("AT+CMGD")));
    bench.done(&ticket);
    bench.pass(1_000, &mut |_| None);
    assert!(bench.commands.contains(&"AT+CMGD=0".to_owned()));
}

#[test]
fn messages_that_wait_at_the_start_are_found_though_more_than_are_remembered() {
    let mut bench = Bench::new(&SIM800);
    let mut stored: Vec<u16> = (1..=20).collect();
    for _ in 0..100 {
        let mut modem = |command: &str| {
            if let Some(index) = command.strip_prefix("AT+CMGD=") {
                stored.retain(|stored| stored.to_string() != index);
            }
            if command == "AT+CMGL=4" {
                let list: String = stored
                    .iter()
                    .map(|i| format!("\r\n+CMGL: {i},1,,23\r\n{MESSAGE}\r\n"))
                    .collect();
                return Some(&*Box::leak(format!("{list}\r\nOK\r\n").into_boxed_str()));
            }
            command.starts_with("AT+CMGR=").then_some(READ)
        };
        bench.pass(1_000, &mut modem);
        for event in bench.take() {
            if let EventKind::Received { ticket, .. } = event {
                bench.done(&ticket);
            }
        }
    }
    assert_eq!(stored, []);
}

#[test]
fn an_empty_slot_is_no_message_and_holds_nothing_up() {
    // modem-quectel-ec25-cdsi-names-wrong-store, modem-sim7600x-cdsi-sr-cms-321
    for answer in ["\r\nOK\r\n", "\r\n+CMS ERROR: 321\r\n"] {
        let mut bench = Bench::ready(&GENERIC);
        bench.say("\r\n+CDSI: \"SM\",0\r\n");
        bench.pass(1_000, &mut |command| (command == "AT+CMGR=0").then_some(answer));
        assert_eq!(bench.take(), [EventKind::Waiting { store: Store::SM, index: 0 }]);
        bench.send().unwrap();
        bench.pass(1_000, &mut |_| None);
        assert_eq!(bench.take(), [finished(Outcome::Sent { reference: 7 })]);
    }
}

#[test]
fn what_is_no_pdu_is_told_and_not_deleted() {
    let mut bench = Bench::ready(&GENERIC);
    bench.say("\r\n+CMTI: \"SM\",3\r\n");
    bench.pass(1_000, &mut |command| {
        (command == "AT+CMGR=3").then_some("\r\n+CMGR: 0,,23\r\n0791155?\r\n\r\nOK\r\n")
    });
    assert_eq!(bench.take()[1..], [EventKind::Damaged]);
    assert!(!bench.commands.iter().any(|command| command.starts_with("AT+CMGD")));
}

#[test]
fn a_direct_message_is_acknowledged_once_the_caller_has_it() {
    static DIRECT: Profile =
        Profile { acknowledges: true, indications: &["+CNMI=2,2,0,1,0"], ..GENERIC };
    let mut bench = Bench::ready(&DIRECT);
    bench.say(&format!("\r\n+CMT: ,23\r\n{MESSAGE}\r\n"));
    bench.pass(1_000, &mut |_| None);
    assert!(bench.commands.is_empty());
    let ticket = ticket(&bench.take());
    bench.done(&ticket);
    bench.pass(1_000, &mut |_| None);
    assert_eq!(bench.commands, ["AT+CNMA"]);

    // modem-telit-le910-cmt-cnma: late, and the modem forgets +CNMI.
    bench.commands.clear();
    bench.say(&format!("\r\n+CMT: ,23\r\n{MESSAGE}\r\n"));
    bench.pass(20_000, &mut |_| None);
    assert!(bench.commands.contains(&"AT+CNMI=2,2,0,1,0".to_owned()));
}
