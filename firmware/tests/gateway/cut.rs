//! The board's power is cut at any moment: nothing that was accepted is lost, and nothing is sent twice
//! that was known to be sent.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::ops::Range;
use std::rc::Rc;

use embedded_storage::nor_flash::{
    ErrorType, MultiwriteNorFlash, NorFlash, NorFlashError, NorFlashErrorKind, ReadNorFlash,
};
use septet::api::State;
use septet::parts::Fate;
use septet_firmware::engine::Outcome;
use septet_firmware::gateway::flash::once::Once;
use septet_firmware::gateway::flash::{Flash, Held};
use septet_firmware::gateway::keep::{Keep, Key, Kind, Memory, Trouble};
use septet_firmware::gateway::sms::Sms;

use crate::bench::{Bench, Kept, form, settings};

/// A power that lasts for so many changes.
#[derive(Clone)]
struct Power(Rc<RefCell<usize>>);

impl Power {
    fn new() -> Self {
        Self(Rc::new(RefCell::new(usize::MAX)))
    }

    fn lasts(&self, changes: usize) {
        *self.0.borrow_mut() = changes;
    }

    /// Whether another change may be: with the last one it goes.
    fn change(&self) -> bool {
        let mut left = self.0.borrow_mut();
        *left = left.saturating_sub(1);
        *left > 0
    }

    fn is_off(&self) -> bool {
        *self.0.borrow() == 0
    }
}

/// What keeps records, made again after a cut of what a cut leaves.
trait Chip: Clone {
    type Keep: Keep;
    fn keep(&self) -> Self::Keep;
}

/// Memory that outlives the board: a record is changed, or it is not.
#[derive(Clone)]
struct Whole(Rc<RefCell<Kept>>, Power);

impl Whole {
    fn change(&self, change: impl FnOnce(&mut Kept) -> Result<(), Trouble>) -> Result<(), Trouble> {
        if self.1.change() { change(&mut self.0.borrow_mut()) } else { Err(Trouble::Broken) }
    }
}

impl Chip for Whole {
    type Keep = Self;

    fn keep(&self) -> Self {
        self.clone()
    }
}

impl Keep for Whole {
    fn put(&mut self, key: Key, value: &[u8]) -> Result<(), Trouble> {
        self.change(|kept| kept.put(key, value))
    }

    fn get(&mut self, key: Key, room: &mut [u8]) -> Result<Option<usize>, Trouble> {
        self.0.borrow_mut().get(key, room)
    }

    fn remove(&mut self, key: Key) -> Result<(), Trouble> {
        self.change(|kept| kept.remove(key))
    }

    fn keys(&mut self, tell: &mut dyn FnMut(Key)) -> Result<(), Trouble> {
        self.0.borrow_mut().keys(tell)
    }
}

const PAGE: usize = 4096;
const PAGES: usize = 4;

/// A NOR flash: writing makes zeros of ones, erasing makes ones of a page. A cut tears what is under
/// way: of the octets that are written some are done, and one has some of its bits; of those that are
/// erased all have some of theirs.
#[derive(Clone)]
struct Torn {
    octets: Rc<RefCell<Vec<u8>>>,
    power: Power,
    /// Which octet is torn.
    tear: usize,
    erased: Rc<RefCell<usize>>,
}

#[derive(Debug)]
struct Off;

impl NorFlashError for Off {
    fn kind(&self) -> NorFlashErrorKind {
        NorFlashErrorKind::Other
    }
}

impl ErrorType for Torn {
    type Error = Off;
}

impl ReadNorFlash for Torn {
    const READ_SIZE: usize = 1;

    fn read(&mut self, offset: u32, bytes: &mut [u8]) -> Result<(), Off> {
        bytes.copy_from_slice(&self.octets.borrow()[offset as usize..][..bytes.len()]);
        Ok(())
    }

    fn capacity(&self) -> usize {
        PAGE * PAGES
    }
}

impl Torn {
    fn set(&self, offset: u32, octets: impl ExactSizeIterator<Item = u8>) -> Result<(), Off> {
        if self.power.is_off() {
            return Err(Off);
        }
        let lasts = self.power.change();
        let done = if lasts { octets.len() } else { self.tear % (octets.len() + 1) };
        let mut all = self.octets.borrow_mut();
        for (place, octet) in octets.enumerate() {
            let own = &mut all[offset as usize + place];
            match place {
                _ if place < done => *own = octet,
                _ if place == done => *own ^= (*own ^ octet) & 0x5A,
                _ => break,
            }
        }
        if lasts { Ok(()) } else { Err(Off) }
    }
}

impl NorFlash for Torn {
    const WRITE_SIZE: usize = 1;
    const ERASE_SIZE: usize = PAGE;

    fn erase(&mut self, from: u32, to: u32) -> Result<(), Off> {
        *self.erased.borrow_mut() += 1;
        if self.power.is_off() {
            return Err(Off);
        }
        let lasts = self.power.change();
        // How much of it is done: nothing, a little, or nearly all.
        let done = [0, 1, 6, 28, 31][self.tear % 5];
        let mut chance = self.tear as u32 | 1;
        for own in &mut self.octets.borrow_mut()[from as usize..to as usize] {
            for bit in 0..8 {
                chance = chance.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                if lasts || (chance >> 27) < done {
                    *own |= 1 << bit;
                }
            }
        }
        if lasts { Ok(()) } else { Err(Off) }
    }

    fn write(&mut self, offset: u32, bytes: &[u8]) -> Result<(), Off> {
        let before = self.octets.borrow()[offset as usize..][..bytes.len()].to_vec();
        let after: Vec<u8> = before.iter().zip(bytes).map(|(old, new)| old & new).collect();
        self.set(offset, after.into_iter())
    }
}

impl MultiwriteNorFlash for Torn {}

impl Chip for Torn {
    type Keep = Flash<Torn>;

    fn keep(&self) -> Flash<Torn> {
        Flash::new(self.clone(), 0..(PAGE * PAGES) as u32).unwrap()
    }
}

/// The same flash with words of eight octets that are written once between two erasures.
#[derive(Clone)]
struct Words(Torn);

impl ErrorType for Words {
    type Error = Off;
}

impl ReadNorFlash for Words {
    const READ_SIZE: usize = 8;

    fn read(&mut self, offset: u32, bytes: &mut [u8]) -> Result<(), Off> {
        assert_eq!((offset % 8, bytes.len() % 8), (0, 0));
        self.0.read(offset, bytes)
    }

    fn capacity(&self) -> usize {
        self.0.octets.borrow().len()
    }
}

impl NorFlash for Words {
    const WRITE_SIZE: usize = 8;
    const ERASE_SIZE: usize = PAGE / 2;

    fn erase(&mut self, from: u32, to: u32) -> Result<(), Off> {
        assert_eq!((from % 2048, to % 2048), (0, 0));
        self.0.erase(from, to)
    }

    fn write(&mut self, offset: u32, bytes: &[u8]) -> Result<(), Off> {
        let octets = self.0.octets.borrow()[offset as usize..][..bytes.len()].to_vec();
        assert!(octets.iter().all(|octet| *octet == 0xFF), "written again at {offset}");
        self.0.write(offset, bytes)
    }
}

impl Chip for Words {
    type Keep = Flash<Once<Words>>;

    fn keep(&self) -> Self::Keep {
        Flash::new(Once(self.clone()), 0..(PAGE * PAGES) as u32).unwrap()
    }
}

/// A board sends messages of one part, to two recipients, and of several parts; its power lasts for so many
/// changes, comes back, and it sends the rest. Whether it was cut.
fn survives(chip: &impl Chip, power: &Power, changes: usize) -> bool {
    settings().save(&mut chip.keep()).unwrap();
    power.lasts(changes);
    let (mut accepted, mut sent, mut known) = (Vec::new(), BTreeMap::new(), Vec::new());
    let mut bench = Bench::with(chip.keep());
    bench.ready();
    for number in 0..6 {
        if power.is_off() {
            break;
        }
        // No two parts are alike.
        let letter = char::from(b'a' + number);
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
        let reply = bench.ask(&form("/eapi/submission/send_sms/2/2.0", "", &body));
        if reply.contains("\r\n\r\n0|") && !power.is_off() {
            accepted.push((to, text));
        }
        while !power.is_off()
            && let Some(part) = bench.next()
        {
            // The modem has it, and the network gets it.
            *sent.entry(part.clone()).or_insert(0) += 1;
            bench.finished(Outcome::Sent { reference: number });
            if !power.is_off() {
                known.push(part);
            }
        }
    }
    let was_cut = power.is_off();
    power.lasts(usize::MAX);
    let mut bench = Bench::with(chip.keep());
    bench.ready();
    while let Some(part) = bench.next() {
        *sent.entry(part.clone()).or_insert(0) += 1;
        bench.finished(Outcome::Sent { reference: 9 });
    }
    for part in &known {
        assert_eq!(sent[part], 1, "{part} was known to be sent, at {changes}");
    }
    assert!(sent.values().all(|count| *count == 1), "{sent:?} at {changes}");
    // One may be unknown: the modem was to have it when the power was cut.
    let is_unknown = |sms: &&Sms| sms.known.fates.contains(&Fate::Final(State::Unknown));
    let unknown = bench.gateway.outbox().messages().filter(is_unknown).count();
    assert!(unknown <= 1, "{unknown} at {changes}");
    let is_lost = |to: &str, text: &str| {
        let parts = sent.keys().filter(|part| part.starts_with(to));
        let joined: String = parts.map(|part| &part[to.len() + 2..]).collect();
        // Every word, but for those that stand in two parts.
        let lost = text.split(' ').filter(|word| !joined.contains(word)).count();
        lost > if text.len() > 160 { 2 } else { 0 }
    };
    let each = accepted.iter().flat_map(|(to, text)| to.split(',').map(move |to| (to, text)));
    let lost: Vec<_> = each.filter(|(to, text)| is_lost(to, text)).collect();
    assert!(lost.len() <= unknown, "{lost:?} of {accepted:?} are lost at {changes}: {sent:?}");
    was_cut
}

#[test]
fn a_power_cut_loses_nothing_and_sends_nothing_twice_that_was_known_to_be_sent() {
    let cuts = (1..).take_while(|changes| {
        let power = Power::new();
        let chip = Whole(Rc::new(RefCell::new(Memory::new())), power.clone());
        survives(&chip, &power, *changes)
    });
    assert!(cuts.count() > 20);
}

/// Has the power be cut at each change, with pages that are more or less full, so that one is erased
/// sooner or later: how many cuts there were, and how many pages were erased.
fn cuts<C: Chip>(fulls: Range<usize>, len: usize, chip: impl Fn(Torn) -> C) -> (usize, usize) {
    let erased = Rc::new(RefCell::new(0));
    let (mut cuts, mut pages) = (0, 0);
    for full in fulls {
        let own = (1..).take_while(|changes| {
            let power = Power::new();
            let octets = Rc::new(RefCell::new(vec![0xFF; len]));
            let tear = (changes * 7 + full) * 7919 % 101;
            let chip = chip(Torn { octets, power: power.clone(), tear, erased: erased.clone() });
            let mut keep = chip.keep();
            for _ in 0..8 + full {
                keep.put(Key::new(Kind::Settings, 1), &[0; 900]).unwrap();
            }
            *erased.borrow_mut() = 0;
            survives(&chip, &power, *changes)
        });
        cuts += own.count();
        pages += *erased.borrow();
    }
    (cuts, pages)
}

#[test]
fn nor_does_one_that_tears_what_is_being_written_to_flash() {
    let (cuts, pages) = cuts(4..12, PAGE * PAGES, |torn| torn);
    assert!(cuts > 500 && pages >= 4, "{cuts} cuts, {pages} pages erased");
}

#[test]
fn what_was_moved_out_of_a_page_outlives_a_cut_of_its_erasing() {
    let (old, new) = (Key::new(Kind::Settings, 1), Key::new(Kind::Settings, 2));
    let mut cuts = 0;
    for tear in 0..5 {
        for changes in 1.. {
            let power = Power::new();
            let octets = Rc::new(RefCell::new(vec![0xFF; PAGE * PAGES]));
            let erased = Rc::new(RefCell::new(0));
            let chip = Torn { octets, power: power.clone(), tear, erased: erased.clone() };
            let mut keep = chip.keep();
            keep.put(old, &[7; 40]).unwrap();
            power.lasts(changes);
            while *erased.borrow() < 3 && keep.put(new, &[8; 500]).is_ok() {}
            if !power.is_off() {
                break;
            }
            cuts += usize::from(*erased.borrow() > 0);
            power.lasts(usize::MAX);
            let mut keep = chip.keep();
            // The first may have to be repaired.
            let _ = keep.put(new, &[9; 500]);
            let mut room = [0; 40];
            assert_eq!(keep.get(old, &mut room), Ok(Some(40)), "tear {tear}, cut {changes}");
            assert_eq!(room, [7; 40]);
        }
    }
    assert!(cuts > 50, "{cuts}");
}

#[test]
fn what_was_there_before_all_records_is_erased() {
    for before in [0x00, 0x55, 0xF0, 0xFE] {
        let octets = Rc::new(RefCell::new(vec![before; PAGE * PAGES]));
        let (power, erased) = (Power::new(), Rc::new(RefCell::new(0)));
        let chip = Torn { octets, power, tear: 0, erased };
        assert_eq!(chip.keep().get(Key::new(Kind::Settings, 1), &mut [0; 8]), Ok(None));
        chip.keep().put(Key::new(Kind::Settings, 1), &[1, 2, 3]).unwrap();
        let mut room = [0; 8];
        assert_eq!(chip.keep().get(Key::new(Kind::Settings, 1), &mut room), Ok(Some(3)));
        assert_eq!(room[..3], [1, 2, 3]);
    }
}

/// A NOR flash some of whose octets cannot be written any more, or not be erased; it does not say so.
#[derive(Clone)]
struct Worn(Torn, Range<usize>, bool);

impl ErrorType for Worn {
    type Error = Off;
}

impl ReadNorFlash for Worn {
    const READ_SIZE: usize = 1;

    fn read(&mut self, offset: u32, bytes: &mut [u8]) -> Result<(), Off> {
        self.0.read(offset, bytes)
    }

    fn capacity(&self) -> usize {
        self.0.capacity()
    }
}

impl NorFlash for Worn {
    const WRITE_SIZE: usize = 1;
    const ERASE_SIZE: usize = PAGE;

    fn erase(&mut self, from: u32, to: u32) -> Result<(), Off> {
        self.0.erase(from, to)?;
        let worn = self.1.clone().filter(|at| self.2 && (from as usize..to as usize).contains(at));
        worn.for_each(|at| self.0.octets.borrow_mut()[at] &= 0xEF);
        Ok(())
    }

    fn write(&mut self, offset: u32, bytes: &[u8]) -> Result<(), Off> {
        let before = self.0.octets.borrow().clone();
        self.0.write(offset, bytes)?;
        let worn = self.1.clone().filter(|_| !self.2);
        worn.for_each(|at| self.0.octets.borrow_mut()[at] = before[at]);
        Ok(())
    }
}

impl MultiwriteNorFlash for Worn {}

#[test]
fn a_flash_that_is_worn_out_is_told_and_what_was_kept_can_be_read() {
    for (worn, is_erasing) in [(PAGE + 100..PAGE + 200, false), (PAGE + 100..PAGE + 101, true)] {
        let octets = Rc::new(RefCell::new(vec![0xFF; PAGE * PAGES]));
        let (power, erased) = (Power::new(), Rc::new(RefCell::new(0)));
        let chip = Worn(Torn { octets, power, tear: 0, erased }, worn, is_erasing);
        let mut keep = Flash::new(chip, 0..(PAGE * PAGES) as u32).unwrap();
        let (mut kept, mut refused) = (None, 0);
        for number in 0..200_u8 {
            match keep.put(Key::new(Kind::Settings, 1), &[number; 90]) {
                Ok(()) => kept = Some(number),
                Err(trouble) => {
                    assert_eq!(trouble, Trouble::Broken);
                    refused += 1;
                }
            }
            let mut room = [0; 90];
            assert_eq!(keep.get(Key::new(Kind::Settings, 1), &mut room), Ok(kept.map(|_| 90)));
            assert_eq!(Some(room[0]), kept);
        }
        assert!(refused > 0);
    }
}

#[test]
fn nor_to_a_flash_whose_words_are_written_once() {
    // One page in each of them: it reads four times as much.
    let (cuts, pages) = cuts(11..12, 4 * PAGE * PAGES, Words);
    assert!(cuts > 50 && pages >= 1, "{cuts} cuts, {pages} pages erased");
}

#[test]
fn a_word_that_is_written_once_is_written_several_times() {
    let octets = Rc::new(RefCell::new(vec![0xFF; 4 * PAGE]));
    let erased = Rc::new(RefCell::new(0));
    let torn = Torn { octets, power: Power::new(), tear: 0, erased };
    let mut flash = Once(Words(torn));
    let read = |flash: &mut Once<Words>| {
        let mut room = [0; 16];
        flash.read(8, &mut room).unwrap();
        room
    };
    assert_eq!((flash.capacity(), read(&mut flash)), (PAGE, [0xFF; 16]));
    flash.write(8, &[0xFF; 16]).unwrap();
    // What is the same, or as erased, takes no place.
    for (word, all) in
        [(0xF7, 0xF7), (0x77, 0x77), (0x77, 0x77), (0xFF, 0x77), (0x3F, 0x37), (0, 0)]
    {
        flash.write(8, &[word; 8]).unwrap();
        assert_eq!(read(&mut flash), [[all; 8], [0xFF; 8]].concat()[..]);
    }
    flash.write(8, &[0; 8]).unwrap();
    flash.write(16, &[1; 8]).unwrap();
    flash.erase(0, PAGE as u32).unwrap();
    flash.write(8, &[0x77; 8]).unwrap();
    assert_eq!(read(&mut flash), [[0x77; 8], [0xFF; 8]].concat()[..]);
    for word in [0x37, 0x17, 0x07] {
        flash.write(8, &[word; 8]).unwrap();
    }
    flash.write(8, &[0x03; 8]).unwrap_err();
    assert_eq!(read(&mut flash), [[0x07; 8], [0xFF; 8]].concat()[..]);
    flash.write(4, &[0; 4]).unwrap_err();
}

#[test]
fn a_full_flash_is_not_erased_for_each_record_that_has_no_room() {
    let octets = Rc::new(RefCell::new(vec![0xFF; PAGE * PAGES]));
    let (power, erased) = (Power::new(), Rc::new(RefCell::new(0)));
    let mut keep = Torn { octets, power, tear: 0, erased: erased.clone() }.keep();
    let key = |number| Key::new(Kind::Message, number);
    let kept = (0..100).take_while(|number| keep.put(key(*number), &[1; 500]).is_ok()).count();
    assert!(kept > 20 && kept < 32, "{kept}");
    let before = *erased.borrow();
    for number in 40..140 {
        assert_eq!(keep.put(key(number), &[1; 600]), Err(Trouble::Full));
        keep.remove(key(number)).unwrap();
    }
    assert_eq!(*erased.borrow(), before);
    keep.put(Key::new(Kind::Fates, 1), &[1; 4]).unwrap();
    keep.remove(key(3)).unwrap();
    keep.put(key(200), &[1; 500]).unwrap();
}

#[test]
fn lines_are_held_while_a_page_is_erased() {
    let held = RefCell::new(Vec::new());
    let power = Power::new();
    let octets = Rc::new(RefCell::new(vec![0; PAGE * PAGES]));
    let erased = Rc::new(RefCell::new(0));
    let flash = Torn { octets, power, tear: 0, erased: erased.clone() };
    let hold = |is_held| held.borrow_mut().push((is_held, *erased.borrow()));
    let place = 0..(PAGE * PAGES) as u32;
    Flash::new(Held { flash, hold }, place).unwrap().erase().unwrap();
    let held = held.borrow();
    assert!(held.len() >= 2);
    for (number, pair) in held.chunks(2).enumerate() {
        assert_eq!(pair, [(true, number), (false, number + 1)]);
    }
}
