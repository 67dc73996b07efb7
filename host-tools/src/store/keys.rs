//! The key by which a request that is made again is known: that of its interface, or of a header that
//! any request may have.

use septet::api::{Again, Dedupe, Reason, Refusal, Submit};
use septet::text::Text;

use super::SqlStore;

/// The header with the key of a request whose interface has none.
pub const KEY_HEADER: &str = "Idempotency-Key";

/// How long such a key stands for its request, in seconds: as long as the longest that a vendor has for
/// the same meaning.
const KEY_WINDOW_S: u32 = 24 * 60 * 60;

/// The most characters of such a key.
const KEY_MAX: usize = 255;

/// The key of a request.
pub(super) struct Key {
    /// As the database has it.
    pub name: String,
    /// What the same key again means.
    pub again: Again,
    /// How long it stands for the request, in seconds.
    pub window_s: u32,
}

impl SqlStore {
    /// Tells the [`KEY_HEADER`] of the request that is answered next.
    pub fn set_request_key(&mut self, key: Option<&str>) {
        self.request_key = key.map(str::to_owned);
    }

    /// The key of a request. That of the interface counts before that of the header.
    ///
    /// # Errors
    /// A header that is no key: a request that is made again would not be known.
    pub(super) fn key_of<'a>(&mut self, submit: &Submit<'a>) -> Result<Option<Key>, Refusal<'a>> {
        let header = self.request_key.take();
        if let Some(Dedupe { key, again, window_s }) = submit.dedupe {
            return Ok(Some(Key { name: key.to_string(), again, window_s }));
        }
        let Some(key) = header else { return Ok(None) };
        if key.is_empty() || key.len() > KEY_MAX || !key.bytes().all(|b| b.is_ascii_graphic()) {
            return Err(Refusal {
                reason: Reason::Invalid,
                subject: Text::plain(KEY_HEADER),
                detail: Text::plain("must be 1 to 255 characters of ASCII, without spaces"),
            });
        }
        // With its name, so that it is no key of the interface's.
        let name = format!("{KEY_HEADER}: {key}");
        Ok(Some(Key { name, again: Again::SameContent, window_s: KEY_WINDOW_S }))
    }
}
