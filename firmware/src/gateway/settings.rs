//! Who may ask, and what the board was told of its surroundings.

use heapless::{String, Vec};
use septet::Error;
use septet::api::{Credentials, Reason, Refusal};
use septet::text::Text;
use septet::wire::Writer;

use super::keep::{Keep, Key, Kind, Trouble};

/// The most accounts of a board.
pub const ACCOUNTS_MAX: usize = 4;

/// The most octets of an account's name, and of its secret.
pub const NAME_MAX: usize = 32;
/// See [`NAME_MAX`].
pub const SECRET_MAX: usize = 64;

/// The most octets of the settings' record.
pub const SETTINGS_MAX: usize = 16 + ACCOUNTS_MAX * (NAME_MAX + SECRET_MAX + 2);

/// A customer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Account {
    /// Its name: user name, account number and user key.
    pub name: String<NAME_MAX>,
    /// Its password, key and token. It stands in the board's memory as it is: who has the board has it.
    pub secret: String<SECRET_MAX>,
}

/// What a board is told once and keeps.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Settings {
    /// The accounts.
    pub accounts: Vec<Account, ACCOUNTS_MAX>,
    /// The SIM's PIN; empty where it has none.
    pub pin: String<8>,
}

impl Settings {
    /// The settings that were kept; none where there are none.
    ///
    /// # Errors
    /// [`Trouble::Broken`].
    pub fn open(keep: &mut impl Keep) -> Result<Self, Trouble> {
        let mut room = [0; SETTINGS_MAX];
        let found = keep.get(Key::new(Kind::Settings, 0), &mut room)?;
        Ok(found.and_then(|len| Self::read(room.get(..len)?)).unwrap_or_default())
    }

    /// Keeps the settings.
    ///
    /// # Errors
    /// [`Trouble`].
    pub fn save(&self, keep: &mut impl Keep) -> Result<(), Trouble> {
        let mut room = [0; SETTINGS_MAX];
        let mut w = Writer::new(&mut room);
        self.emit(&mut w).map_err(|_| Trouble::Full)?;
        keep.put(Key::new(Kind::Settings, 0), w.written())
    }

    fn emit(&self, w: &mut Writer<'_>) -> Result<(), Error> {
        let accounts = self.accounts.iter().flat_map(|own| [own.name.as_str(), &own.secret]);
        core::iter::once(self.pin.as_str()).chain(accounts).try_for_each(|text| {
            w.octet(text.len() as u8)?;
            w.text(text)
        })
    }

    fn read(mut octets: &[u8]) -> Option<Self> {
        let mut next = || {
            let (len, rest) = octets.split_first()?;
            let (text, rest) = rest.split_at_checked(usize::from(*len))?;
            octets = rest;
            core::str::from_utf8(text).ok()
        };
        let pin = String::try_from(next()?).ok()?;
        let mut accounts = Vec::new();
        while let Some(name) = next() {
            let (name, secret) = (String::try_from(name).ok()?, String::try_from(next()?).ok()?);
            accounts.push(Account { name, secret }).ok()?;
        }
        Some(Self { accounts, pin })
    }

    /// The place of the account whose credentials these are. `session` is the key that a login gives.
    ///
    /// # Errors
    /// The refusal.
    pub fn admit(
        &self,
        credentials: &Credentials<'_>,
        session: &str,
    ) -> Result<u8, Refusal<'static>> {
        let (name, secret, is_session) = match *credentials {
            Credentials::Password { user, password } => (Some(user), password, false),
            Credentials::Key { account, key } => (account, key, false),
            Credentials::Token(token) => (None, token, false),
            Credentials::Session { user, key } => (Some(user), key, true),
            Credentials::AccessToken { user, token } => (Some(user), token, false),
        };
        let mut named = self
            .accounts
            .iter()
            .zip(0..)
            .filter(|(own, _)| name.is_none_or(|name| name.is_empty() || name == *own.name));
        // Every one of them is looked at, so that the time tells nothing.
        let mut known = false;
        let mut found = None;
        for (account, place) in &mut named {
            known = true;
            let own: &str = if is_session { session } else { &account.secret };
            if is_same(secret.0, own) {
                found = Some(place);
            }
        }
        let reason = match (known, is_session) {
            (_, true) => Reason::NoSession,
            (true, false) => Reason::WrongPassword,
            (false, false) => Reason::UnknownUser,
        };
        found.ok_or(Refusal::plain(reason))
    }
}

/// Whether a secret is the one that is known, in a time that does not tell how much of it is.
fn is_same(given: Text<'_>, own: &str) -> bool {
    let mut differ = u32::from(own.is_empty());
    let mut given = given.chars();
    for own in own.chars() {
        differ |= given.next().map_or(1, |given| u32::from(given) ^ u32::from(own));
    }
    differ == 0 && given.next().is_none()
}
