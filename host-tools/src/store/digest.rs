//! A digest of what the database remembers only to see whether it is the same.

use std::fmt::{self, Display, Write as _};
use std::hash::{Hash as _, Hasher};

use siphasher::sip::SipHasher24;

/// Room for most of what is gathered, in octets.
const GATHERED: usize = 256;

/// A digest that is the same in every run and release. Octets are gathered: there are many pieces.
pub(super) struct Digest(Vec<u8>);

impl Default for Digest {
    fn default() -> Self {
        Self(Vec::with_capacity(GATHERED))
    }
}

impl Digest {
    /// Adds what is shown of something: the same as a text with the same characters.
    pub fn add_shown(&mut self, shown: impl Display) {
        // A vector takes everything.
        let _ = write!(self, "{shown}");
        self.write_u8(0xFF);
    }

    /// Adds what is shown of something that may be absent: the same as of a text.
    pub fn add_option(&mut self, shown: Option<impl Display>) {
        isize::from(shown.is_some()).hash(self);
        if let Some(shown) = shown {
            self.add_shown(shown);
        }
    }
}

impl fmt::Write for Digest {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        self.0.extend_from_slice(text.as_bytes());
        Ok(())
    }
}

impl Hasher for Digest {
    fn write(&mut self, octets: &[u8]) {
        self.0.extend_from_slice(octets);
    }

    fn finish(&self) -> u64 {
        // Its key is no secret: whoever finds two requests with the same digest has sent both.
        SipHasher24::new_with_keys(0, 0).hash(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_shown_counts_as_the_text_that_it_is() {
        let (mut shown, mut texts) = (Digest::default(), Digest::default());
        shown.add_shown(45);
        shown.add_option(Some("a"));
        shown.add_option(None::<&str>);
        ("45".to_owned(), Some("a".to_owned()), None::<String>).hash(&mut texts);
        assert_eq!(shown.finish(), texts.finish());
    }
}
