//! What stands for a character that the GSM 7-bit alphabet lacks, rung by rung.
//!
//! Every replacement is in the default tables. What depends on the reader's taste is not here.

use super::Rung;

/// Some characters and what they become.
pub(super) enum Row {
    /// Each character of `from` becomes `to`.
    Group { to: &'static str, from: &'static str },
    /// The characters from `first` on become one character each; `_` is none.
    Letters { first: char, to: &'static str },
    /// The characters from `first` on become one word each; `_` is none.
    Words { first: char, to: &'static str },
}

use Row::{Group, Letters, Words};

impl Row {
    pub(super) fn replace(&self, c: char) -> Option<&'static str> {
        let index = |first: char| usize::try_from(u32::from(c).checked_sub(first.into())?).ok();
        let to = match *self {
            Group { to, from } => return from.chars().any(|other| other == c).then_some(to),
            Letters { first, to } => {
                let index = index(first)?;
                let mut letters = to.char_indices().enumerate();
                let (_, (start, letter)) = letters.find(|(number, _)| *number == index)?;
                to.get(start..)?.get(..letter.len_utf8())?
            }
            Words { first, to } => word(to, index(first)?)?,
        };
        Some(to).filter(|to| *to != "_")
    }
}

/// The word of this number, from 0 on. `split` would do, but for the panic in it.
fn word(words: &str, number: usize) -> Option<&str> {
    let mut rest = words;
    let space = |words: &str| words.bytes().position(|octet| octet == b' ');
    for _ in 0..number {
        rest = rest.get(space(rest)?.saturating_add(1)..)?;
    }
    rest.get(..space(rest).unwrap_or(rest.len()))
}

/// The rungs between the exact text and `?`.
pub(super) static LADDER: [(Rung, &[Row]); 3] = [
    (Rung::Typographic, TYPOGRAPHIC),
    (Rung::Accents, ACCENTS),
    (Rung::Transliteration, TRANSLITERATION),
];

#[rustfmt::skip]
static TYPOGRAPHIC: &[Row] = &[
    Group { to: "'", from: "‘’‚‛′‵ʹʻʼ´`＇｀" },
    Group { to: "\"", from: "“”„‟″‶«»〝〞＂" },
    Group { to: "<", from: "‹〈" },
    Group { to: ">", from: "›〉" },
    Group { to: "-", from: "‐‑‒–—―−⁃﹘﹣－" },
    Group { to: " ", from: "\t\u{A0}\u{1680}\u{2000}\u{2001}\u{2002}\u{2003}\u{2004}\u{2005}\u{2006}\u{2007}\u{2008}\u{2009}\u{200A}\u{202F}\u{205F}\u{3000}" },
    Group { to: "\n", from: "\u{85}\u{2028}\u{2029}" },
    // Marks that are not seen: soft hyphen, zero-width and direction marks, variation selectors.
    Group { to: "", from: "\u{AD}\u{200B}\u{200C}\u{200D}\u{200E}\u{200F}\u{2060}\u{FE0E}\u{FE0F}\u{FEFF}" },
    Group { to: "...", from: "…" },
    Group { to: "..", from: "‥" },
    Group { to: ".", from: "․·‧。" },
    Group { to: ",", from: "、" },
    Group { to: "*", from: "•∙" },
    Group { to: "/", from: "⁄∕" },
    Group { to: "~", from: "∼〜" },
    Group { to: "|", from: "¦" },
    Group { to: "_", from: "＿" },
    Letters {
        first: '！',
        to: "!_#$%&_()*+,_./0123456789:;<=>?@ABCDEFGHIJKLMNOPQRSTUVWXYZ[\\]^__abcdefghijklmnopqrstuvwxyz{|}~",
    },
    Words { first: 'ﬀ', to: "ff fi fl ffi ffl st st" },
];

#[rustfmt::skip]
static ACCENTS: &[Row] = &[
    Letters {
        first: 'À',
        to: "AAAA____E_EEIIIID_OOOO___UUU_Y___aaa___c__ee_iii___ooo____uu_y_y\
             AaAaAaCcCcCcCcDdDdEeEeEeEeEeGgGgGgGgHhHhIiIiIiIiIi__JjKkkLlLlLlL\
             lLlNnNnNnnNnOoOoOo__RrRrRrSsSsSsSsTtTtTtUuUuUuUuUuUuWwYyYZzZzZzs\
             bB_____CcDD_______fG___IKkl__NnOOo__Pp_____tTtTUu_VYyZz_________\
             _____________AaIiOoUuÜüÜüÜüÜü_ÄäAaÆæGgGgKkOoOo__j___Gg__NnÅåÆæØø\
             AaAaEeEeIiIiOoOoRrRrUuUuSsTt__Hh_d____AaEeÖöOoOoOoYylntj__ACcLTs\
             z__B__EeJj__RrYy",
    },
    Letters {
        first: 'Ḁ',
        to: "AaBbBbBbÇcDdDdDdDdDdEeEeEeEeEeFfGgHhHhHhHhHhIiIiKkKkKkLlLlLlLlMm\
             MmMmNnNnNnNnOoOoOoOoPpPpRrRrRrRrSsSsSsSsSsTtTtTtTtUuUuUuUuUuVvVv\
             WwWwWwWwWwXxXxYyZzZzZzhtwy_s__ß_AaAaAaAaAaAaAaAaAaAaAaAaEeEeEeEe\
             EeEeEeEeIiIiOoOoOoOoOoOoOoOoOoOoOoOoUuUuUuUuUuUuUuYyYyYyYy______",
    },
    Group { to: "oe", from: "œ" },
    Group { to: "OE", from: "Œ" },
    Group { to: "ij", from: "ĳ" },
    Group { to: "IJ", from: "Ĳ" },
    // Accents that stand behind their letter.
    Group { to: "", from: "\u{300}\u{301}\u{302}\u{303}\u{304}\u{306}\u{307}\u{308}\u{309}\u{30A}\u{30B}\u{30C}\u{31B}\u{323}\u{326}\u{327}\u{328}" },
];

#[rustfmt::skip]
static TRANSLITERATION: &[Row] = &[
    // Greek: the capitals that the alphabet has, and the Latin letters that look like the others.
    Letters {
        first: 'Ά',
        to: "A_EHI_O_YΩIAB__EZH_IK_MN_O_P__TY_X__IY\
             AEHIYABΓΔEZHΘIKΛMNΞOΠPΣΣTYΦXΨΩIYOYΩ",
    },
    // Cyrillic letters that look like a letter of the alphabet, then the sound of the others.
    Letters { first: 'А', to: "A_B__E____K_MHO_PCTY_X" },
    Group { to: "Γ", from: "Г" },
    Group { to: "Π", from: "П" },
    Group { to: "Φ", from: "Ф" },
    Group { to: "p", from: "р" },
    Group { to: "c", from: "с" },
    Group { to: "y", from: "у" },
    Group { to: "x", from: "х" },
    Words {
        first: 'Ѐ',
        to: "E E Dj G Ye S I Yi J Lj Nj C K I U Dz \
             A B V G D E Zh Z I Y K L M N O P R S T U F Kh Ts Ch Sh Shch \" Y ' E Yu Ya \
             a b v g d e zh z i y k l m n o p r s t u f kh ts ch sh shch \" y ' e yu ya \
             e e dj g ye s i yi j lj nj c k i u dz",
    },
    Group { to: "G", from: "Ґ" },
    Group { to: "g", from: "ґ" },
    Group { to: "Th", from: "Þ" },
    Group { to: "th", from: "þ" },
    Group { to: "d", from: "ð" },
    Group { to: "c", from: "¢" },
    Group { to: "u", from: "µ" },
    Group { to: "a", from: "ª" },
    Group { to: "o", from: "º°" },
    Group { to: "x", from: "×" },
    Group { to: ":", from: "÷" },
    Group { to: "+-", from: "±" },
    Group { to: "1", from: "¹" },
    Group { to: "2", from: "²" },
    Group { to: "3", from: "³" },
    Group { to: "1/4", from: "¼" },
    Group { to: "1/2", from: "½" },
    Group { to: "3/4", from: "¾" },
    Group { to: "(C)", from: "©" },
    Group { to: "(R)", from: "®" },
    Group { to: "TM", from: "™" },
    Group { to: "No", from: "№" },
    Group { to: "<=", from: "≤" },
    Group { to: ">=", from: "≥" },
    Group { to: "->", from: "→" },
    Group { to: "<-", from: "←" },
    Group { to: "Rs", from: "₹" },
    Group { to: "TL", from: "₺" },
    Group { to: "RUB", from: "₽" },
    Group { to: "UAH", from: "₴" },
];
