//! UF2: what the boot ROM of an RP2040 takes as a file on its USB drive.
//!
//! The format of 2016, <https://github.com/microsoft/uf2>: blocks of 512 octets, each with an address, 256
//! octets for it, and its place among the blocks.

use std::collections::BTreeMap;

/// Octets of a block.
pub const BLOCK: usize = 512;

/// Octets that a block has for the flash. The boot ROM takes no other number, nor an address that is no
/// multiple of it: RP2040 datasheet, section 2.8.4.2.
pub const PAGE: usize = 256;

/// The family of the RP2040.
pub const RP2040: u32 = 0xE48B_FF56;

/// Where the flash of an RP2040 begins, and how far it may reach.
const FLASH: std::ops::Range<u32> = 0x1000_0000..0x1100_0000;

const MAGIC: [u32; 2] = [0x0A32_4655, 0x9E5D_5157];
const MAGIC_END: u32 = 0x0AB1_6F30;
const FAMILY_PRESENT: u32 = 0x2000;

/// What a flash is to hold: pages by their addresses.
pub type Pages = BTreeMap<u32, [u8; PAGE]>;

/// The pages that pieces of an image lie in. What is in none of them is as in erased flash.
pub fn pages<'a>(pieces: impl IntoIterator<Item = (u32, &'a [u8])>) -> Pages {
    let mut pages = Pages::new();
    for (address, octets) in pieces {
        for (at, octet) in (u64::from(address)..).zip(octets) {
            // A piece lies in the 4 GB that there are.
            let Ok(at) = u32::try_from(at) else { break };
            let place = at as usize % PAGE;
            let page = pages.entry(at - place as u32).or_insert([0xFF; PAGE]);
            if let Some(own) = page.get_mut(place) {
                *own = *octet;
            }
        }
    }
    pages
}

/// Whether an RP2040 starts it: all of it lies in its flash, and the first page is a second-stage boot
/// loader whose sum is right (RP2040 datasheet, section 2.8.1.3.1).
pub fn is_rp2040(pages: &Pages) -> bool {
    let is_inside = pages.keys().all(|address| FLASH.contains(address));
    let first = pages.get(&FLASH.start).and_then(|page| page.split_last_chunk::<4>());
    is_inside && first.is_some_and(|(code, sum)| crc(code) == u32::from_le_bytes(*sum))
}

/// CRC-32 as the boot ROM has it: from the highest bit, nothing inverted.
fn crc(octets: &[u8]) -> u32 {
    octets.iter().fold(u32::MAX, |sum, octet| {
        (0..8).fold(sum ^ u32::from(*octet) << 24, |sum, _| {
            let next = sum << 1;
            if sum >> 31 == 1 { next ^ 0x04C1_1DB7 } else { next }
        })
    })
}

/// The file for these pages.
pub fn write(pages: &Pages, family: u32) -> Vec<u8> {
    let count = pages.len() as u32;
    let mut file = Vec::with_capacity(pages.len() * BLOCK);
    for ((address, page), number) in pages.iter().zip(0..) {
        let head = [FAMILY_PRESENT, *address, PAGE as u32, number, count, family];
        let words = MAGIC.into_iter().chain(head);
        words.for_each(|word| file.extend(word.to_le_bytes()));
        file.extend(page);
        file.resize((number as usize + 1) * BLOCK - size_of::<u32>(), 0);
        file.extend(MAGIC_END.to_le_bytes());
    }
    file
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What a file holds, and of which family it is.
    fn read(file: &[u8]) -> (Pages, u32) {
        let (blocks, rest) = file.as_chunks::<BLOCK>();
        assert!(rest.is_empty());
        let mut pages = Pages::new();
        let mut family = 0;
        for (number, block) in blocks.iter().enumerate() {
            let word = |at: usize| u32::from_le_bytes(block[4 * at..][..4].try_into().unwrap());
            assert_eq!([word(0), word(1), word(127)], [0x0A324655, 0x9E5D5157, 0x0AB16F30]);
            assert_eq!((word(2), word(4)), (0x2000, 256));
            assert_eq!((word(5) as usize, word(6) as usize), (number, blocks.len()));
            assert_eq!(word(3) % 256, 0);
            assert!(block[32 + 256..508].iter().all(|octet| *octet == 0));
            assert!(pages.insert(word(3), block[32..][..256].try_into().unwrap()).is_none());
            family = word(7);
        }
        (pages, family)
    }

    #[test]
    fn a_file_holds_what_was_written_and_nothing_else() {
        for _ in 0..200 {
            // A file of no page is of no family.
            let mut octets = vec![0; fastrand::usize(1..2000)];
            fastrand::Rng::new().fill(&mut octets);
            let start = FLASH.start + fastrand::u32(0..1000);
            let gap = fastrand::u32(0..1000);
            let (one, two) = octets.split_at(fastrand::usize(0..=octets.len()));
            let second = start + one.len() as u32 + gap;
            let file = write(&pages([(start, one), (second, two)]), RP2040);
            let (read, family) = read(&file);
            assert_eq!(family, RP2040);
            let of = |at: u32| read.get(&(at / 256 * 256)).map(|page| page[at as usize % 256]);
            for (start, piece) in [(start, one), (second, two)] {
                for (at, octet) in (start..).zip(piece) {
                    assert_eq!(of(at), Some(*octet));
                }
            }
            // There are as many pages as the pieces touch.
            let touched = |start: u32, len: usize| {
                (len > 0)
                    .then(|| start / 256..=(start + len as u32 - 1) / 256)
                    .into_iter()
                    .flatten()
            };
            let touched: std::collections::BTreeSet<u32> =
                touched(start, one.len()).chain(touched(second, two.len())).collect();
            assert_eq!(file.len(), touched.len() * BLOCK);
        }
    }

    #[test]
    fn what_is_between_pieces_is_as_erased() {
        let pages = pages([(0x1000_0002, &[1, 2][..]), (0x1000_0005, &[3])]);
        let page = pages[&0x1000_0000];
        assert_eq!(page[..7], [0xFF, 0xFF, 1, 2, 0xFF, 3, 0xFF]);
    }

    #[test]
    fn an_image_for_an_rp2040_is_known_by_its_boot_loader() {
        // CRC-32/MPEG-2 of "123456789", which every catalogue of CRCs has.
        assert_eq!(crc(b"123456789"), 0x0376_E6E7);
        let mut loader = [7; PAGE];
        let sum = crc(&loader[..PAGE - 4]).to_le_bytes();
        loader[PAGE - 4..].copy_from_slice(&sum);
        let is_rp2040 = |pieces: &[(u32, &[u8])]| is_rp2040(&pages(pieces.iter().copied()));
        assert!(is_rp2040(&[(0x1000_0000, &loader), (0x1000_0100, &[1, 2, 3])]));
        assert!(!is_rp2040(&[(0x0800_0000, &loader)]));
        assert!(!is_rp2040(&[(0x1000_0000, &loader), (0x2000_0000, &[1])]));
        assert!(!is_rp2040(&[(0x1000_0000, &loader[..200])]));
        assert!(!is_rp2040(&[]));
    }
}
