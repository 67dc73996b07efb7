//! Who may ask, and what the board was told of its surroundings.

use core::hash::Hasher;

use core::net::Ipv4Addr;

use heapless::{String, Vec};
use septet::Error;
use septet::api::{Authorization, Credentials, Reason, Refusal};
use septet::fields::Source;
use septet::form::FormReader;
use septet::pdu::hex_octet;
use septet::text::Text;
use septet::wire::Writer;
use siphasher::sip::SipHasher24;

use super::keep::{Keep, Key, Kind, Trouble};
use crate::apis::is_same;

/// The most accounts of a board.
pub const ACCOUNTS_MAX: usize = 4;

/// The most octets of an account's name, and of its secret.
pub const NAME_MAX: usize = 32;
/// See [`NAME_MAX`].
pub const SECRET_MAX: usize = 64;

/// The most keywords, and the most octets of one and of its URL.
pub const KEYWORDS_MAX: usize = 4;
/// See [`KEYWORDS_MAX`].
pub const KEYWORD_MAX: usize = 16;
/// See [`KEYWORDS_MAX`].
pub const URL_MAX: usize = 120;

/// The most octets of a network: `192.168.100.100/32`.
pub const NETWORK_MAX: usize = 18;

/// The most octets of the settings' record.
pub const SETTINGS_MAX: usize = 3
    + PIN_MAX
    + SECRET_MAX
    + NUMBER_MAX
    + INTERFACE_MAX
    + NETWORK_MAX
    + URL_MAX
    + 4
    + 2
    + ACCOUNTS_MAX * (2 + NAME_MAX + SECRET_MAX + 2)
    + KEYWORDS_MAX * (KEYWORD_MAX + URL_MAX + 2);

/// The most digits of a SIM's number, and the most octets of an interface's name.
pub const NUMBER_MAX: usize = 15;
/// See [`NUMBER_MAX`].
pub const INTERFACE_MAX: usize = 16;

/// The most digits of a PIN. 3GPP TS 31.101, section 9.3.
pub const PIN_MAX: usize = 8;

/// A customer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Account {
    /// Its number: that of no other account that the board has had. Requests are kept with it.
    pub number: u16,
    /// Its name: user name, account number and user key.
    pub name: String<NAME_MAX>,
    /// Its password, key and token. It stands in the board's memory as it is: who has the board has it.
    pub secret: String<SECRET_MAX>,
}

/// Where messages go that begin with a word: the host is told the URL with them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Keyword {
    /// The word, compared without regard to case.
    pub word: String<KEYWORD_MAX>,
    /// The URL.
    pub url: String<URL_MAX>,
}

/// What a board is told once and keeps.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Settings {
    /// The accounts.
    pub accounts: Vec<Account, ACCOUNTS_MAX>,
    /// The number that was given to an account last.
    last: u16,
    /// Where received messages go.
    pub keywords: Vec<Keyword, KEYWORDS_MAX>,
    /// The SIM's PIN; empty where it has none. The board takes it when it starts.
    pub pin: String<PIN_MAX>,
    /// The password of who may change the settings; empty while anybody may.
    pub operator: String<SECRET_MAX>,
    /// The number of the SIM, by which received messages say where they were sent to; empty, none goes out.
    pub number: String<NUMBER_MAX>,
    /// The interface in whose words received messages go out; empty, none does.
    pub interface: String<INTERFACE_MAX>,
    /// Where reports go of requests that name no URL; empty, they go nowhere.
    pub reports: String<URL_MAX>,
    /// A network that callbacks may go to though it is not public; empty, there is none.
    pub allow: String<NETWORK_MAX>,
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

    #[inline(never)]
    fn emit(&self, w: &mut Writer<'_>) -> Result<(), Error> {
        w.octet(self.accounts.len() as u8)?;
        w.octets(&self.last.to_be_bytes())?;
        self.accounts.iter().try_for_each(|own| w.octets(&own.number.to_be_bytes()))?;
        let accounts = self.accounts.iter().flat_map(|own| [own.name.as_str(), &own.secret]);
        let keywords = self.keywords.iter().flat_map(|own| [own.word.as_str(), &own.url]);
        let Self { pin, operator, number, interface, reports, allow, .. } = self;
        let single = [pin.as_str(), operator, number, interface, reports, allow];
        let texts = single.into_iter().chain(accounts).chain(keywords);
        for text in texts {
            w.octet(text.len() as u8)?;
            w.text(text)?;
        }
        Ok(())
    }

    #[inline(never)]
    fn read(octets: &[u8]) -> Option<Self> {
        let (&[accounts, high, low], octets) = octets.split_first_chunk()?;
        let numbers = usize::from(accounts).saturating_mul(2);
        let (numbers, mut octets) = octets.split_at_checked(numbers)?;
        let mut next = || {
            let (len, rest) = octets.split_first()?;
            let (text, rest) = rest.split_at_checked(usize::from(*len))?;
            octets = rest;
            core::str::from_utf8(text).ok()
        };
        let mut settings = Self { last: u16::from_be_bytes([high, low]), ..Self::default() };
        settings.pin.push_str(next()?).ok()?;
        settings.operator.push_str(next()?).ok()?;
        settings.number.push_str(next()?).ok()?;
        settings.interface.push_str(next()?).ok()?;
        settings.reports.push_str(next()?).ok()?;
        settings.allow.push_str(next()?).ok()?;
        for number in numbers.as_chunks().0 {
            let number = u16::from_be_bytes(*number);
            let (name, secret) = (String::try_from(next()?).ok()?, String::try_from(next()?).ok()?);
            settings.accounts.push(Account { number, name, secret }).ok()?;
        }
        while let Some(word) = next() {
            let (word, url) = (String::try_from(word).ok()?, String::try_from(next()?).ok()?);
            settings.keywords.push(Keyword { word, url }).ok()?;
        }
        Some(settings)
    }

    /// Changes what the pairs of a form say: `account` and `secret` make an account or give it another
    /// secret, `keyword` and `url` the same, `remove` takes the account or the keyword of this name
    /// away, `pin`, `operator`, `number`, `interface`, `reports` and `allow` are set.
    ///
    /// # Errors
    /// The pair that is wrong.
    #[inline(never)]
    pub fn change(&mut self, form: FormReader<'_>) -> Result<(), &'static str> {
        let mut form = Source::of_form(form);
        let mut pending: Option<(&'static str, Text<'_>)> = None;
        while let Some(pair) = form.next_pair() {
            let text = pair.value.text().map_err(|_| "a value cannot be read")?;
            let is = |name| pair.is_named(name);
            match pending.take() {
                Some(("account", name)) if is("secret") => self.set_account(name, text)?,
                Some(("keyword", word)) if is("url") => self.set_keyword(word, text)?,
                Some(("account", _)) => return Err("an account has no secret behind it"),
                Some(_) => return Err("a keyword has no url behind it"),
                None if is("account") => pending = Some(("account", text)),
                None if is("keyword") => pending = Some(("keyword", text)),
                None if is("remove") => {
                    self.accounts.retain(|own| text != *own.name);
                    self.keywords.retain(|own| text != *own.word);
                }
                None if is("pin") => {
                    let pin: String<PIN_MAX> = own(text).ok_or("pin is longer than 8 digits")?;
                    if !pin.bytes().all(|digit| digit.is_ascii_digit()) {
                        return Err("pin is not all digits");
                    }
                    self.pin = pin;
                }
                None if is("operator") => {
                    self.operator = own(text).ok_or("operator is longer than 64 octets")?;
                }
                None if is("number") => {
                    let number = own(text).filter(|own: &String<NUMBER_MAX>| {
                        let is_number = own.len() >= 5 && own.bytes().all(|c| c.is_ascii_digit());
                        own.is_empty() || is_number
                    });
                    self.number = number.ok_or("number is not 5 to 15 digits")?;
                }
                None if is("interface") => {
                    self.interface = own(text).ok_or("there is no such interface")?;
                }
                None if is("reports") => {
                    self.reports = own(text).ok_or("reports is longer than 120 octets")?;
                }
                None if is("allow") => {
                    let allow = own(text).filter(|own: &String<NETWORK_MAX>| {
                        own.is_empty() || Network::read(own).is_some()
                    });
                    self.allow = allow.ok_or("allow is no network, as 192.168.0.0/16")?;
                }
                None => return Err("there is no such setting"),
            }
        }
        match pending {
            Some(("account", _)) => Err("an account has no secret behind it"),
            Some(_) => Err("a keyword has no url behind it"),
            None => Ok(()),
        }
    }

    /// Makes an account, or gives it another secret.
    ///
    /// # Errors
    /// What is wrong with the name or the secret, or that there are [`ACCOUNTS_MAX`].
    pub fn set_account(&mut self, name: Text<'_>, secret: Text<'_>) -> Result<(), &'static str> {
        let secret = own(secret).filter(|own: &String<_>| !own.is_empty());
        let secret = secret.ok_or("secret is empty or longer than 64 octets")?;
        if let Some(account) = self.accounts.iter_mut().find(|own| name == *own.name) {
            account.secret = secret;
            return Ok(());
        }
        let name = own(name).filter(|own: &String<_>| !own.is_empty());
        let name = name.ok_or("account is empty or longer than 32 octets")?;
        let number = self.last.wrapping_add(1);
        let account = Account { number, name, secret };
        self.accounts.push(account).map_err(|_| "there is no room for another account")?;
        self.last = number;
        Ok(())
    }

    fn set_keyword(&mut self, word: Text<'_>, url: Text<'_>) -> Result<(), &'static str> {
        let url = own(url).ok_or("url is longer than 120 octets")?;
        if let Some(keyword) = self.keywords.iter_mut().find(|own| word == *own.word) {
            keyword.url = url;
            return Ok(());
        }
        let word = own(word).filter(|own: &String<_>| !own.is_empty());
        let word = word.ok_or("keyword is empty or longer than 16 octets")?;
        let keyword = Keyword { word, url };
        self.keywords.push(keyword).map_err(|_| "there is no room for another keyword")
    }

    /// The URL for a message that begins with a keyword.
    pub fn url(&self, text: impl Iterator<Item = char>) -> Option<&str> {
        let mut first = String::<KEYWORD_MAX>::new();
        for c in text.take_while(|c| !c.is_whitespace()) {
            first.push(c).ok()?;
        }
        let mut keywords = self.keywords.iter();
        keywords.find(|own| own.word.eq_ignore_ascii_case(&first)).map(|own| own.url.as_str())
    }

    /// Whether callbacks may go to an address: a public one, or one of the network that is allowed.
    pub fn lets_call(&self, address: Ipv4Addr) -> bool {
        Network::read(&self.allow).is_some_and(|own| own.has(address))
            || !NOT_PUBLIC.iter().any(|own| own.has(address))
    }

    /// Whether somebody with this authorization may change the settings.
    pub fn lets_change(&self, authorization: &Authorization<'_>) -> bool {
        match authorization {
            _ if self.operator.is_empty() => true,
            Authorization::Basic(_, password) => is_same(password.0, &self.operator),
            _ => false,
        }
    }

    /// An account by its number.
    pub fn account(&self, number: u16) -> Option<&Account> {
        self.accounts.iter().find(|own| own.number == number)
    }

    /// The number of the account whose credentials these are.
    ///
    /// # Errors
    /// The refusal.
    #[inline(never)]
    pub fn admit(
        &self,
        credentials: &Credentials<'_>,
        sessions: &Sessions,
    ) -> Result<u16, Refusal<'static>> {
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
            .filter(|own| name.is_none_or(|name| name.is_empty() || name == *own.name));
        // Every one of them is looked at, so that the time tells nothing.
        let mut known = false;
        let mut found = None;
        for account in &mut named {
            known = true;
            let is_own = if is_session {
                is_same(secret.0, &sessions.key(account))
            } else {
                is_same(secret.0, &account.secret)
            };
            if is_own {
                found = Some(account.number);
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

/// A network of IPv4: addresses that begin with the same bits.
#[derive(Clone, Copy)]
struct Network(Ipv4Addr, u8);

impl Network {
    fn read(text: &str) -> Option<Self> {
        let (address, bits) = text.split_once('/')?;
        let bits = bits.parse().ok().filter(|bits| *bits <= 32)?;
        Some(Self(address.parse().ok()?, bits))
    }

    fn has(self, address: Ipv4Addr) -> bool {
        let Self(own, bits) = self;
        let differs = own.to_bits() ^ address.to_bits();
        differs.checked_shr(32 - u32::from(bits)).unwrap_or(0) == 0
    }
}

/// Networks that are not public: the IANA special-purpose registry for IPv4, and multicast.
const NOT_PUBLIC: [Network; 15] = [
    Network(Ipv4Addr::new(0, 0, 0, 0), 8),
    Network(Ipv4Addr::new(10, 0, 0, 0), 8),
    Network(Ipv4Addr::new(100, 64, 0, 0), 10),
    Network(Ipv4Addr::new(127, 0, 0, 0), 8),
    Network(Ipv4Addr::new(169, 254, 0, 0), 16),
    Network(Ipv4Addr::new(172, 16, 0, 0), 12),
    Network(Ipv4Addr::new(192, 0, 0, 0), 24),
    Network(Ipv4Addr::new(192, 0, 2, 0), 24),
    Network(Ipv4Addr::new(192, 88, 99, 0), 24),
    Network(Ipv4Addr::new(192, 168, 0, 0), 16),
    Network(Ipv4Addr::new(198, 18, 0, 0), 15),
    Network(Ipv4Addr::new(198, 51, 100, 0), 24),
    Network(Ipv4Addr::new(203, 0, 113, 0), 24),
    Network(Ipv4Addr::new(224, 0, 0, 0), 4),
    Network(Ipv4Addr::new(240, 0, 0, 0), 4),
];

/// The keys of sessions: each account has one, until the board starts again or its secret is another.
#[derive(Clone, Copy)]
pub struct Sessions(SipHasher24);

impl core::fmt::Debug for Sessions {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str("Sessions")
    }
}

impl Sessions {
    /// Keys that nobody guesses who does not know these numbers.
    pub fn new(seed: u64, random: u64) -> Self {
        Self(SipHasher24::new_with_keys(seed, random))
    }

    /// The key of an account: sixteen hexadecimal digits.
    #[inline(never)]
    pub fn key(&self, account: &Account) -> String<16> {
        let mut hasher = self.0;
        hasher.write(&account.number.to_be_bytes());
        hasher.write(account.secret.as_bytes());
        let mut key = String::new();
        for digit in hasher.finish().to_be_bytes().into_iter().flat_map(hex_octet) {
            // There are sixteen.
            let _ = key.push(char::from(digit));
        }
        key
    }
}

/// A text of one's own; `None` where it is too long.
fn own<const N: usize>(text: Text<'_>) -> Option<String<N>> {
    let mut own = String::new();
    text.chars().try_for_each(|c| own.push(c)).ok()?;
    Some(own)
}
