//! The key by which a request that is made again is known: that of its interface, or of a header that
//! any request may have.

use std::hash::{Hash, Hasher};
use std::time::Duration;

use septet::api::{Again, Api, Content, Dedupe, Reason, Refusal, Submit};
use septet::text::Text;

use super::accepting::owned;
use super::digest::Digest;
use super::{SqlStore, ms};

/// The header with the key of a request whose interface has none.
pub const KEY_HEADER: &str = "Idempotency-Key";

/// How long such a key stands for its request, in seconds: as long as the longest that a vendor has for
/// the same meaning.
const KEY_WINDOW_S: u32 = 24 * 60 * 60;

/// The most characters of such a key.
const KEY_MAX: usize = 255;

/// The key of a request.
#[derive(Debug)]
pub(super) struct Key {
    /// As the database has it.
    pub name: String,
    /// What the request has in it, where that counts.
    pub fingerprint: i64,
    /// What the same key again means.
    again: Again,
    /// How long it stands for the request, in seconds.
    window_s: u32,
}

/// What a key stands for.
pub(super) enum Known {
    /// Nothing, or a request that it no longer stands for.
    New,
    /// This request, which is the same.
    Same(i64),
    /// Another one.
    Other,
}

impl SqlStore {
    /// Tells the [`KEY_HEADER`] of the request that is answered next.
    pub fn set_request_key(&mut self, key: Option<&str>) {
        self.request_key = key.map(str::to_owned);
    }

    /// Whether a request was accepted that the key of this one stands for.
    pub fn is_known(&mut self, account: usize, api: &Api, submit: &Submit<'_>) -> bool {
        match Key::of(submit, None) {
            Ok(Some(key)) => !matches!(self.known_by(account, api, &key), Known::New),
            Ok(None) | Err(_) => false,
        }
    }

    /// What a key stands for now.
    pub(super) fn known_by(&mut self, account: usize, api: &Api, key: &Key) -> Known {
        let Key { name, fingerprint, again, .. } = key;
        let known = self.database.one(
            "SELECT id, fingerprint, key_until FROM request \
             WHERE account = $1 AND api = $2 AND key = $3",
            &[self.accounts[account].into(), api.name.into(), name.into()],
            |row| (row.integer(0), row.integer(1), row.integer(2)),
        );
        let Some((request, of_it, until)) = known else { return Known::New };
        if until <= self.now_ms {
            let sql = "UPDATE request SET key = NULL WHERE id = $1";
            self.database.execute(sql, &[request.into()]);
            return Known::New;
        }
        let is_same = match again {
            Again::FirstAnswer => true,
            Again::SameContent => of_it == *fingerprint,
            Again::Refused => false,
        };
        if is_same { Known::Same(request) } else { Known::Other }
    }

    /// Until when a key that is given now stands for its request.
    pub(super) fn key_until(&self, key: &Key) -> i64 {
        self.now_ms + ms(Duration::from_secs(key.window_s.into()))
    }
}

impl Key {
    /// The key of a request. That of the interface counts before that of the [`KEY_HEADER`].
    ///
    /// # Errors
    /// A header that is no key: a request that is made again would not be known.
    pub(super) fn of<'a>(
        submit: &Submit<'a>,
        header: Option<&str>,
    ) -> Result<Option<Self>, Refusal<'a>> {
        if let Some(Dedupe { key, again, window_s }) = submit.dedupe {
            return Ok(Some(Self::new(owned(key), again, window_s, submit)));
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
        Ok(Some(Self::new(name, Again::SameContent, KEY_WINDOW_S, submit)))
    }

    fn new(name: String, again: Again, window_s: u32, submit: &Submit<'_>) -> Self {
        // Only where it is asked for: a batch may be long.
        let fingerprint = match again {
            Again::SameContent => fingerprint(submit),
            Again::FirstAnswer | Again::Refused => 0,
        };
        Self { name, fingerprint, again, window_s }
    }
}

/// What tells one request from another with the same id.
fn fingerprint(submit: &Submit<'_>) -> i64 {
    let mut hasher = Digest::default();
    for (recipient, content) in submit.messages.iter() {
        hasher.add_shown(recipient);
        match content {
            Content::Text(filled) => match filled.plain() {
                Some(text) => hasher.add_shown(text),
                None => filled.chars().collect::<String>().hash(&mut hasher),
            },
            Content::Octets { .. } => hasher.add_shown(content),
        }
    }
    let Submit {
        messages: _,
        sender,
        client_id,
        network,
        charge,
        kind,
        dedupe: _,
        callback,
        schedule,
        validity,
        class,
        protocol,
        report,
        alphabet: _,
        parts_max,
        cut,
        duplicates: _,
        skip_invalid,
        test: _,
        wants_used: _,
        wants_left: _,
        notes,
    } = submit;
    for text in
        [*sender, *client_id, *network, *charge, *kind, callback.map(|callback| callback.url)]
    {
        hasher.add_option(text);
    }
    for note in notes.iter() {
        note.name.hash(&mut hasher);
        hasher.add_shown(note.value);
    }
    hasher.add_option(*schedule);
    (validity, class, protocol, report, parts_max, cut, skip_invalid).hash(&mut hasher);
    hasher.finish().cast_signed()
}
