//! Receiving: nothing is deleted or acknowledged that nobody has.

use septet::at::Store;
use septet_firmware::engine::Outcome;
use septet_firmware::profile::GENERIC;
use septet_firmware::{EventKind, Profile};

use crate::bench::{
    Bench, MESSAGE, ONE_STORE, OTHER, READ, Slots, finished, plain, received, ticket,
};

#[test]
fn a_stored_message_is_deleted_only_after_the_caller_has_it() {
    let mut bench = Bench::ready(&GENERIC);
    bench.say("\r\n+CMTI: \"ME\",0\r\n");
    bench.pass(1_000, &mut |command| (command == "AT+CMGR=0").then_some(READ));
    assert_eq!(bench.commands, ["AT+CPMS=\"ME\"", "AT+CMGR=0"]);
    assert_eq!(bench.events[0], EventKind::Waiting { store: Store::ME, index: 0 });
    let ticket = ticket(bench.take());
    bench.pass(3_600_000, &mut |_| None);
    assert!(!bench.commands.iter().any(|command| command.starts_with("AT+CMGD")));
    bench.done(&ticket);
    bench.pass(1_000, &mut |_| None);
    assert!(bench.commands.contains(&"AT+CMGD=0".to_owned()));
}

#[test]
fn messages_that_wait_at_the_start_are_found_though_more_than_are_remembered() {
    let mut bench = Bench::new(&ONE_STORE);
    let mut slots = Slots((1..=20).map(|slot| (slot, MESSAGE)).collect());
    for _ in 0..100 {
        bench.pass(1_000, &mut |command| slots.answer(command));
        bench.done_with_all();
    }
    assert!(slots.0.is_empty());
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
    let ticket = ticket(bench.take());
    bench.done(&ticket);
    bench.pass(1_000, &mut |_| None);
    assert_eq!(bench.commands, ["AT+CNMA"]);

    // modem-telit-le910-cmt-cnma: late, and the modem forgets +CNMI.
    bench.commands.clear();
    bench.say(&format!("\r\n+CMT: ,23\r\n{MESSAGE}\r\n"));
    bench.pass(20_000, &mut |_| None);
    assert!(bench.commands.contains(&"AT+CNMI=2,2,0,1,0".to_owned()));
}

#[test]
fn an_acknowledgement_is_only_for_the_message_that_the_modem_waits_for() {
    static DIRECT: Profile =
        Profile { acknowledges: true, indications: &["+CNMI=2,2,0,1,0"], ..GENERIC };
    let mut bench = Bench::ready(&DIRECT);
    // While a message goes out, which takes long, none can be acknowledged; then another comes.
    bench.send().unwrap();
    bench.pass(100, &mut |said| Some(if said.ends_with('\x1a') { "" } else { plain(said) }));
    bench.say(&format!("\r\n+CMT: ,23\r\n{MESSAGE}\r\n"));
    let first = ticket(bench.take());
    bench.done(&first);
    bench.pass(20_000, &mut |_| Some(""));
    bench.say("\r\n+CMT: ,23\r\n0791155501\r\n\r\n+CMGS: 7\r\n\r\nOK\r\n");
    bench.pass(60_000, &mut |_| None);
    assert_eq!(bench.count("AT+CNMA"), 0, "the one that was damaged is nobody's yet");
    assert!(bench.count("AT+CNMI=2,2,0,1,0") > 0);
}

#[test]
fn a_modem_that_waits_for_no_acknowledgement_is_not_asked_for_direct_messages() {
    static DIRECT: Profile =
        Profile { acknowledges: true, indications: &["+CNMI=2,2,0,1,0"], ..GENERIC };
    let mut bench = Bench::new(&DIRECT);
    bench.pass(10_000, &mut |said| said.starts_with("AT+CSMS=").then_some("\r\nERROR\r\n"));
    assert_eq!(bench.take(), [EventKind::Ready]);
    assert_eq!(bench.count("AT+CSMS=1"), 3, "it may have been damaged on its way");
    assert_eq!(bench.count("AT+CNMI=2,2,0,1,0"), 0);
    assert_eq!(bench.count("AT+CNMI=2,1,0,1,0"), 1);
}

#[test]
fn a_slot_that_is_filled_again_is_not_emptied_with_the_answer_to_come() {
    let mut bench = Bench::ready(&ONE_STORE);
    let mut slots = Slots([(3, MESSAGE)].into());
    bench.say("\r\n+CMTI: \"SM\",3\r\n");
    bench.pass(500, &mut |command| slots.answer(command));
    assert_eq!(bench.done_with_all(), [MESSAGE]);
    // The modem deletes and takes longer to say so than it may.
    bench.pass(200, &mut |command| {
        slots.answer(command).filter(|_| command != "AT+CMGD=3").or(Some(""))
    });
    slots.0.insert(3, OTHER);
    bench.pass(60_000, &mut |command| slots.answer(command));
    assert_eq!(bench.done_with_all(), [OTHER]);
    bench.pass(60_000, &mut |command| slots.answer(command));
    assert!(slots.0.is_empty());
}

#[test]
fn a_deletion_that_is_never_answered_holds_nothing_up() {
    let mut bench = Bench::ready(&ONE_STORE);
    let mut slots = Slots([(3, MESSAGE), (4, OTHER)].into());
    let mut modem = |command: &str| match command {
        "AT+CMGD=3" => Some(""),
        _ => slots.answer(command),
    };
    bench.say("\r\n+CMTI: \"SM\",3\r\n\r\n+CMTI: \"SM\",4\r\n");
    let mut all = Vec::new();
    for _ in 0..3_600 {
        bench.pass(1_000, &mut modem);
        all.extend(bench.done_with_all());
    }
    assert_eq!(all, [MESSAGE, OTHER], "each once");
    assert!(slots.0.keys().eq(&[3]));
    let tries = bench.count("AT+CMGD=3");
    assert!((2..20).contains(&tries), "{tries} in an hour");
}

#[test]
fn an_acknowledgement_that_is_never_answered_holds_nothing_up() {
    static DIRECT: Profile =
        Profile { acknowledges: true, indications: &["+CNMI=2,2,0,1,0"], ..GENERIC };
    let mut bench = Bench::ready(&DIRECT);
    bench.say(&format!("\r\n+CMT: ,23\r\n{MESSAGE}\r\n"));
    assert_eq!(bench.done_with_all(), [MESSAGE]);
    bench.send().unwrap();
    bench.pass(60_000, &mut |command| (command == "AT+CNMA").then_some(""));
    assert_eq!(bench.count("AT+CNMA"), 1);
    assert!(matches!(bench.take()[..], [EventKind::Ready, EventKind::Finished(_)]));
}

#[test]
fn a_store_that_was_too_busy_is_selected_again() {
    static SIM: Profile = Profile { stores: &[Store::SM], ..GENERIC };
    let mut bench = Bench::new(&SIM);
    let (mut selected, mut tries) = (false, 0);
    bench.pass(20_000, &mut |command| match command {
        "AT+CPMS=\"SM\"" => {
            tries += 1;
            selected = tries > 1;
            (!selected).then_some("\r\n+CMS ERROR: 314\r\n")
        }
        _ if selected => Slots([(3, MESSAGE)].into()).answer(command),
        _ => None,
    });
    assert_eq!(bench.done_with_all(), [MESSAGE]);
}

#[test]
fn a_store_that_is_refused_for_good_is_not_asked_for_all_the_time() {
    let mut bench = Bench::new(&GENERIC);
    bench.pass(3_600_000, &mut |command| {
        (command == "AT+CPMS=\"ME\"").then_some("\r\n+CMS ERROR: 500\r\n")
    });
    assert!(bench.count("AT+CPMS=\"ME\"") < 20);
}

#[test]
fn a_store_that_was_too_busy_to_be_listed_is_listed_again() {
    let mut bench = Bench::new(&ONE_STORE);
    let mut slots = Slots([(3, MESSAGE)].into());
    let mut tries = 0;
    bench.pass(20_000, &mut |command| {
        tries += u32::from(command == "AT+CMGL=4");
        if command == "AT+CMGL=4" && tries == 1 {
            return Some("\r\n+CMS ERROR: 314\r\n");
        }
        slots.answer(command)
    });
    assert_eq!(bench.done_with_all(), [MESSAGE]);
}

#[test]
fn a_slot_that_is_announced_again_is_read_again() {
    let mut bench = Bench::ready(&ONE_STORE);
    let mut slots = Slots([(3, MESSAGE)].into());
    bench.say("\r\n+CMTI: \"SM\",3\r\n");
    bench.pass(500, &mut |command| slots.answer(command));
    assert_eq!(bench.done_with_all(), [MESSAGE]);
    bench.pass(500, &mut |command| match command {
        "AT+CMGD=3" => {
            slots.0.insert(3, OTHER);
            Some("\r\n+CMTI: \"SM\",3\r\n\r\nOK\r\n")
        }
        _ => slots.answer(command),
    });
    assert_eq!(bench.done_with_all(), [OTHER]);
}

#[test]
fn a_message_that_cannot_be_deleted_is_handed_over_once() {
    for (refusal, soon) in [("314", true), ("302", false)] {
        let mut bench = Bench::ready(&ONE_STORE);
        let mut slots = Slots([(3, MESSAGE)].into());
        let mut refused = 0;
        let mut modem = |command: &str| match command {
            "AT+CMGD=3" if refused < 3 => {
                refused += 1;
                Some(&*format!("\r\n+CMS ERROR: {refusal}\r\n").leak())
            }
            _ => slots.answer(command),
        };
        bench.say("\r\n+CMTI: \"SM\",3\r\n");
        let mut all = Vec::new();
        for _ in 0..60 {
            bench.pass(1_000, &mut modem);
            all.extend(bench.done_with_all());
        }
        assert_eq!(bench.count("AT+CMGD=3"), if soon { 4 } else { 1 }, "{refusal}");
        for _ in 0..600 {
            bench.pass(10_000, &mut modem);
            all.extend(bench.done_with_all());
        }
        assert_eq!(bench.count("AT+CMGD=3"), 4, "{refusal}");
        assert_eq!(all, [MESSAGE], "{refusal}");
        assert!(slots.0.is_empty());
    }
}

#[test]
fn another_message_in_the_slot_of_one_that_could_not_be_deleted_is_handed_over() {
    let mut bench = Bench::ready(&ONE_STORE);
    let mut slots = Slots([(3, MESSAGE)].into());
    bench.say("\r\n+CMTI: \"SM\",3\r\n");
    bench.pass(500, &mut |command| slots.answer(command));
    assert_eq!(bench.done_with_all(), [MESSAGE]);
    bench.pass(500, &mut |command| (command == "AT+CMGD=3").then_some("\r\nERROR\r\n"));
    slots.0.insert(3, OTHER);
    bench.say("\r\n+CMTI: \"SM\",3\r\n");
    bench.pass(500, &mut |command| slots.answer(command));
    assert_eq!(bench.done_with_all(), [OTHER]);
}

#[test]
fn a_message_that_is_kept_stays_and_holds_nothing_up() {
    let mut bench = Bench::ready(&ONE_STORE);
    let mut slots = Slots([(3, MESSAGE), (4, OTHER)].into());
    bench.say("\r\n+CMTI: \"SM\",3\r\n\r\n+CMTI: \"SM\",4\r\n");
    bench.pass(500, &mut |command| slots.answer(command));
    let kept = ticket(bench.take());
    bench.keep(&kept);
    bench.done(&kept);
    bench.pass(500, &mut |command| slots.answer(command));
    assert_eq!(bench.done_with_all(), [OTHER]);
    bench.pass(3_600_000, &mut |command| slots.answer(command));
    assert!(slots.0.keys().eq(&[3]));
    assert_eq!(received(bench.take()), [], "not again");
    // What comes in its place later is another message.
    slots.0.insert(3, OTHER);
    bench.pass(3_600_000, &mut |command| slots.answer(command));
    assert_eq!(bench.done_with_all(), [OTHER]);
}

#[test]
fn a_full_store_that_is_kept_is_handed_over_once_a_look() {
    let mut bench = Bench::new(&ONE_STORE);
    let mut slots = Slots((1..=20).map(|slot| (slot, MESSAGE)).collect());
    let mut times = 0;
    for _ in 0..ONE_STORE.sweep_ms / 1_000 - 10 {
        bench.pass(1_000, &mut |command| slots.answer(command));
        for (_, ticket) in received(bench.take()) {
            bench.keep(&ticket);
            times += 1;
        }
    }
    assert_eq!((times, slots.0.len()), (20, 20));
}

#[test]
fn a_record_with_its_padding_is_the_message_in_it() {
    let mut bench = Bench::ready(&ONE_STORE);
    let padded = format!("{MESSAGE}{}", "FF".repeat(175 - MESSAGE.len() / 2)).leak();
    let mut slots = Slots([(3, &*padded)].into());
    bench.say("\r\n+CMTI: \"SM\",3\r\n");
    bench.pass(500, &mut |command| slots.answer(command));
    assert_eq!(bench.done_with_all(), [MESSAGE]);
}

#[test]
fn what_a_modem_says_unasked_does_not_part_a_message_from_its_first_line() {
    let mut bench = Bench::ready(&ONE_STORE);
    bench.say("\r\n+CMTI: \"SM\",3\r\n");
    bench.pass(500, &mut |command| {
        let answer =
            READ.replace("23\r\n", "23\r\n^RSSI: 13\r\n\r\n+CMTI: \"SM\",4\r\n+CREG: 5\r\n");
        (command == "AT+CMGR=3").then(|| &*answer.leak())
    });
    assert_eq!(bench.done_with_all(), [MESSAGE]);
}

#[test]
fn a_restart_that_was_not_told_is_noticed_before_a_message_is_deleted() {
    let mut bench = Bench::ready(&GENERIC);
    let mut slots = Slots([(3, MESSAGE)].into());
    bench.say("\r\n+CMTI: \"SM\",3\r\n");
    bench.pass(5_000, &mut |command| slots.answer(command));
    let ticket = ticket(bench.take());
    // It restarts, selects another store by that, and echoes again.
    bench.done(&ticket);
    bench.pass(1_000, &mut |command| Some(format!("{command}\r{}", plain(command)).leak()));
    assert_eq!(bench.take(), [EventKind::Rebooted, EventKind::Ready]);
    assert_eq!(bench.count("AT+CMGD=3"), 0);
}

#[test]
fn a_message_that_was_read_from_another_store_than_was_asked_for_is_not_deleted_from_that() {
    let mut bench = Bench::ready(&GENERIC);
    let mut slots = Slots([(3, MESSAGE)].into());
    bench.say("\r\n+CMTI: \"ME\",3\r\n");
    bench.pass(5_000, &mut |command| match command {
        "AT+CPMS=\"ME\"" => Some("\r\nERROR\r\n"),
        _ => slots.answer(command),
    });
    assert_eq!(bench.done_with_all(), [MESSAGE]);
    bench.pass(1_000, &mut |_| None);
    assert_eq!(bench.count("AT+CPMS=\"ME\""), 2);
    assert_eq!(bench.count("AT+CMGD=3"), 0);
}

#[test]
fn a_store_is_selected_again_after_set_up_before_a_message_is_deleted() {
    let mut bench = Bench::ready(&ONE_STORE);
    let mut slots = Slots([(3, MESSAGE)].into());
    bench.say("\r\n+CMTI: \"SM\",3\r\n");
    bench.pass(500, &mut |command| slots.answer(command));
    let ticket = ticket(bench.take());
    bench.send().unwrap();
    bench.pass(10_000, &mut |command| command.starts_with("AT+CMGS=").then_some(""));
    while !bench.engine.is_ready() {
        bench.pass(10, &mut |_| None);
    }
    bench.commands.clear();
    bench.done(&ticket);
    bench.pass(500, &mut |command| slots.answer(command));
    assert_eq!(bench.commands, ["AT+CPMS=\"SM\"", "AT+CMGD=3"]);
}

#[test]
fn a_message_that_is_lost_with_another_event_is_told_behind_it() {
    let mut bench = Bench::ready(&GENERIC);
    bench.say("\r\n+CMT: ,23\r\n\r\n+CMS ERROR: 322\r\n");
    assert_eq!(bench.take(), [EventKind::Full { store: None }, EventKind::Damaged]);
    assert_eq!(bench.engine.damaged(), 1);
    bench.say("\r\n+CMT: ,23\r\n\r\nRDY\r\n");
    assert_eq!(bench.take(), [EventKind::Rebooted, EventKind::Damaged]);
}
