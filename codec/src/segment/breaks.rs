//! Where a part may end.

use core::fmt;

/// Where a part may end, besides at the end of the text.
///
/// A character is never split, in whatever alphabet. A word or a cluster that is longer than a whole
/// part is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[non_exhaustive]
pub enum Break {
    /// Behind any character.
    #[default]
    Anywhere,
    /// Not between two characters that are no white space, or white space that does not break.
    Words,
    /// Not inside what a reader takes for one character: a letter and its accents, a flag, a family.
    ///
    /// Unicode Standard Annex 29, extended grapheme clusters; of more than 64 octets of UTF-8 the
    /// first 64.
    #[cfg(feature = "graphemes")]
    Graphemes,
}

/// Finds the places where a part may end, one character after the other.
#[derive(Clone, Debug)]
pub(super) struct Finder {
    breaks: Break,
    /// Whether the last character was no white space.
    in_word: bool,
    #[cfg(feature = "graphemes")]
    cluster: Cluster,
}

impl Finder {
    pub(super) fn new(breaks: Break) -> Self {
        Self {
            breaks,
            in_word: false,
            #[cfg(feature = "graphemes")]
            cluster: Cluster::default(),
        }
    }

    /// Whether a part may end before `c`, which follows what was asked about before.
    pub(super) fn before(&mut self, c: char) -> bool {
        match self.breaks {
            Break::Anywhere => true,
            Break::Words => {
                let inside = self.in_word;
                self.in_word = !is_break(c);
                !(inside && self.in_word)
            }
            #[cfg(feature = "graphemes")]
            Break::Graphemes => self.cluster.before(c),
        }
    }
}

/// Whether a word ends at `c`: white space but for the three that are there to keep words together
/// (U+00A0, U+2007, U+202F).
///
/// Unicode Standard, PropList.txt (White_Space).
const fn is_break(c: char) -> bool {
    matches!(c,
        '\t'..='\r' | ' ' | '\u{85}' | '\u{1680}' | '\u{2000}'..='\u{2006}' | '\u{2008}'..='\u{200A}'
        | '\u{2028}' | '\u{2029}' | '\u{205F}' | '\u{3000}')
}

/// The cluster that the last character belongs to, as UTF-8.
#[cfg(feature = "graphemes")]
#[derive(Clone, Debug, Default)]
struct Cluster {
    octets: arrayvec::ArrayString<64>,
}

#[cfg(feature = "graphemes")]
impl Cluster {
    fn before(&mut self, c: char) -> bool {
        let end = self.octets.len();
        let is_boundary = self.octets.try_push(c).is_err() || {
            let all = self.octets.as_str();
            let mut cursor = unicode_segmentation::GraphemeCursor::new(end, all.len(), true);
            cursor.is_boundary(all, 0).unwrap_or(true)
        };
        if is_boundary {
            self.octets.clear();
            self.octets.push(c);
        }
        is_boundary
    }
}

impl fmt::Display for Break {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Anywhere => "behind any character",
            Self::Words => "between words",
            #[cfg(feature = "graphemes")]
            Self::Graphemes => "between what readers take for characters",
        })
    }
}
