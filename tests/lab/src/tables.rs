//! The alphabets, from the known answers of the codec: nothing here asks the codec itself.

use std::collections::HashMap;

use serde_json::Value;

pub const ESCAPE: u8 = 0x1B;

/// The tables of one language; those of language 0 are the default ones.
#[derive(Default)]
pub struct Language {
    pub id: u8,
    /// None where the language has no main table of its own.
    pub locking: Option<[Option<char>; 128]>,
    pub single: Option<[Option<char>; 128]>,
}

pub struct Tables {
    languages: HashMap<u8, Language>,
}

impl Tables {
    pub fn read(path: &str) -> Self {
        let tables =
            std::fs::read_to_string(path).unwrap_or_else(|error| panic!("{path}: {error}"));
        let tables: Vec<Value> = serde_json::from_str(&tables).unwrap();
        let mut languages = HashMap::new();
        for table in &tables {
            let id = table["id"].as_u64().unwrap() as u8;
            let language: &mut Language = languages.entry(id).or_default();
            language.id = id;
            let mut cells = [None; 128];
            for map in ["map", "decode_only"] {
                for (septet, code) in table[map].as_object().into_iter().flatten() {
                    let septet = usize::from_str_radix(septet, 16).unwrap();
                    let code = u32::from_str_radix(code.as_str().unwrap(), 16).unwrap();
                    cells[septet] = char::from_u32(code);
                }
            }
            match table["kind"] == "locking" {
                true => language.locking = Some(cells),
                false => language.single = Some(cells),
            }
        }
        Self { languages }
    }

    /// The languages beside the default, in the order of their numbers.
    pub fn national(&self) -> Vec<&Language> {
        let mut languages: Vec<_> = self.languages.values().filter(|l| l.id != 0).collect();
        languages.sort_by_key(|language| language.id);
        languages
    }

    pub fn main(&self, language: u8) -> &[Option<char>; 128] {
        let own = self.languages.get(&language).and_then(|language| language.locking.as_ref());
        own.or(self.languages[&0].locking.as_ref()).unwrap()
    }

    pub fn extension(&self, language: u8) -> &[Option<char>; 128] {
        let own = self.languages.get(&language).and_then(|language| language.single.as_ref());
        own.or(self.languages[&0].single.as_ref()).unwrap()
    }

    /// The text of septets. TS 23.038, 6.2.1 and 6.2.1.1: what the extension table lacks is shown as
    /// in the main table, an escape that extends nothing as a space.
    pub fn text(&self, septets: &[u8], locking: u8, single: u8) -> String {
        let main = |septet: u8| match septet {
            ESCAPE => ' ',
            septet => self.main(locking)[usize::from(septet)].unwrap_or(' '),
        };
        let mut septets = septets.iter().copied();
        let mut text = String::new();
        while let Some(septet) = septets.next() {
            text.push(match septet {
                ESCAPE => septets.next().map_or(' ', |septet| {
                    self.extension(single)[usize::from(septet)].unwrap_or_else(|| main(septet))
                }),
                septet => main(septet),
            });
        }
        text
    }
}
