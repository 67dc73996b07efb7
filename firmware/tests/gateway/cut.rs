//! The board's power is cut at any moment: nothing that was accepted is lost, and nothing is sent twice
//! that was known to be sent.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;

use septet_firmware::engine::Outcome;
use septet_firmware::gateway::keep::{Keep, Key, Memory, Trouble};

use crate::bench::{Bench, Kept, form, settings, status};

/// Memory that outlives the board, and a power that lasts for so many changes of it.
#[derive(Clone)]
struct Flash {
    kept: Rc<RefCell<Kept>>,
    left: Rc<RefCell<usize>>,
}

impl Flash {
    fn change(&self, change: impl FnOnce(&mut Kept) -> Result<(), Trouble>) -> Result<(), Trouble> {
        let mut left = self.left.borrow_mut();
        *left = left.checked_sub(1).ok_or(Trouble::Broken)?;
        change(&mut self.kept.borrow_mut())
    }

    fn is_off(&self) -> bool {
        *self.left.borrow() == 0
    }
}

impl Keep for Flash {
    fn put(&mut self, key: Key, value: &[u8]) -> Result<(), Trouble> {
        self.change(|kept| kept.put(key, value))
    }

    fn get(&mut self, key: Key, room: &mut [u8]) -> Result<Option<usize>, Trouble> {
        self.kept.borrow_mut().get(key, room)
    }

    fn remove(&mut self, key: Key) -> Result<(), Trouble> {
        self.change(|kept| kept.remove(key))
    }

    fn keys(&mut self, tell: &mut dyn FnMut(Key)) -> Result<(), Trouble> {
        self.kept.borrow_mut().keys(tell)
    }
}

#[test]
fn a_power_cut_loses_nothing_and_sends_nothing_twice_that_was_known_to_be_sent() {
    let mut cuts = 0;
    for moment in 1.. {
        let flash = Flash {
            kept: Rc::new(RefCell::new(Memory::new())),
            left: Rc::new(RefCell::new(usize::MAX)),
        };
        settings().save(&mut *flash.kept.borrow_mut()).unwrap();
        *flash.left.borrow_mut() = moment;
        let (mut accepted, mut sent, mut known) = (Vec::new(), BTreeMap::new(), Vec::new());
        let mut bench = Bench::with(flash.clone());
        bench.ready();
        for number in 0..6 {
            // One part, or two recipients, or three parts; no two parts are alike.
            let letter = char::from(b'a' + number as u8);
            let (to, len) = match number % 3 {
                0 => ("4512345678", 1),
                1 => ("4512345671,4512345679", 10),
                _ => ("4512345678", 90),
            };
            let text: String = (0..len).map(|place| format!("{letter}{place:02} ")).collect();
            let body = format!(
                "username=demo&password=secret&allow_concat_text_sms=1&concat_text_sms_max_parts=4\
                 &message={text}&msisdn={to}"
            );
            if flash.is_off() {
                break;
            }
            let reply = bench.ask(&form("/eapi/submission/send_sms/2/2.0", "", &body));
            if status(&reply) == 200 && reply.contains("\r\n\r\n0|") && !flash.is_off() {
                accepted.push((to, text));
            }
            while !flash.is_off()
                && let Some(part) = bench.next()
            {
                // The modem has it, and the network gets it.
                *sent.entry(part.clone()).or_insert(0) += 1;
                bench.finished(Outcome::Sent { reference: number as u8 });
                if !flash.is_off() {
                    known.push(part);
                }
            }
        }
        let was_cut = flash.is_off();
        cuts += usize::from(was_cut);

        // The power comes back.
        *flash.left.borrow_mut() = usize::MAX;
        let mut bench = Bench::with(flash.clone());
        bench.ready();
        while let Some(part) = bench.next() {
            *sent.entry(part.clone()).or_insert(0) += 1;
            bench.finished(Outcome::Sent { reference: 9 });
        }
        for part in &known {
            assert_eq!(sent[part], 1, "{part} was known to be sent, at {moment}");
        }
        assert!(sent.values().all(|count| *count == 1), "{sent:?} at {moment}");
        for (to, text) in &accepted {
            for to in to.split(',') {
                let parts = sent.keys().filter(|part| part.starts_with(to));
                let joined: String = parts.map(|part| &part[to.len() + 2..]).collect();
                // Every word, but for those that stand in two parts.
                let is_there = |word: &str| joined.contains(word);
                let lost = text.split(' ').filter(|word| !is_there(word)).count();
                let most = if text.len() > 160 { 2 } else { 0 };
                assert!(lost <= most, "{text} to {to} is lost at {moment}: {sent:?}");
            }
        }
        if !was_cut {
            break;
        }
    }
    assert!(cuts > 20, "{cuts}");
}
