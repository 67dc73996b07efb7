//! Who asks: from a file or the environment, never from the command line, and never printed.

use std::fs;
use std::io::Read;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use base64ct::{Base64, Encoding};
use septet::api::{Api, Asked, Credentials, Endpoint, How, Login, Op, Scheme};
use septet::text::{Secret, Text};
use serde_json::Value;
use url::form_urlencoded;

use crate::Failed;

/// A piece of credentials.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// Name; the user key where a token stands beside it.
    User,
    /// Password.
    Password,
    /// The account's number.
    Account,
    /// Key.
    Key,
    /// Token.
    Token,
}

impl Part {
    const ALL: [Self; 5] = [Self::User, Self::Password, Self::Account, Self::Key, Self::Token];

    /// Its key in the file.
    pub const fn name(self) -> &'static str {
        match self {
            Self::User => "user",
            Self::Password => "password",
            Self::Account => "account",
            Self::Key => "key",
            Self::Token => "token",
        }
    }

    /// Its variable in the environment.
    pub const fn variable(self) -> &'static str {
        match self {
            Self::User => "SEPTET_API_USER",
            Self::Password => "SEPTET_API_PASSWORD",
            Self::Account => "SEPTET_API_ACCOUNT",
            Self::Key => "SEPTET_API_KEY",
            Self::Token => "SEPTET_API_TOKEN",
        }
    }
}

/// What is known of who asks.
#[derive(Clone, Default)]
pub struct Known([Option<String>; Part::ALL.len()]);

impl Known {
    /// What the file has, and else the environment, which `variable` looks into.
    ///
    /// A file that others can read is named in a warning on standard error.
    ///
    /// # Errors
    /// One sentence with the file; nothing that stands in it but the name of a key.
    pub fn load(
        file: Option<&Path>,
        variable: impl Fn(&'static str) -> Option<String>,
    ) -> Result<Self, Failed> {
        let mut known = match file {
            Some(file) => Self::read(file)?,
            None => Self::default(),
        };
        for (part, value) in Part::ALL.into_iter().zip(&mut known.0) {
            // What is empty is not there.
            let given = value.take().or_else(|| variable(part.variable()));
            *value = given.filter(|value| !value.is_empty());
        }
        Ok(known)
    }

    fn read(file: &Path) -> Result<Self, Failed> {
        let failed = |error: &dyn std::fmt::Display| {
            Failed::input(format!("cannot read {}: {error}", file.display()))
        };
        let mut text = String::new();
        let open = fs::File::open(file).map_err(|error| failed(&error))?;
        open.take(FILE_MAX + 1).read_to_string(&mut text).map_err(|error| failed(&error))?;
        if text.len() as u64 > FILE_MAX {
            return Err(failed(&format_args!("it has more than {FILE_MAX} octets")));
        }
        let mode = fs::metadata(file).map_err(|error| failed(&error))?.permissions().mode();
        if mode & 0o077 != 0 {
            let file = file.display();
            eprintln!("septet: others can read {file}: chmod 600 {file}");
        }
        Self::parse(&text).map_err(|why| Failed::input(format!("{}: {why}", file.display())))
    }

    /// Reads the text of a file. What is wrong is said without what stands there, which is secret.
    fn parse(text: &str) -> Result<Self, String> {
        let table: toml::Table = toml::from_str(text).map_err(|error| {
            let start = error.span().map_or(0, |span| span.start);
            let line = 1 + text.get(..start).unwrap_or_default().matches('\n').count();
            format!("line {line} is no TOML")
        })?;
        let mut known = Self::default();
        for (name, value) in table {
            let at = Part::ALL.iter().position(|part| part.name() == name).ok_or_else(|| {
                let names = Part::ALL.map(Part::name).join(", ");
                format!("no key is called {name}; known: {names}")
            })?;
            known.0[at] = Some(match value {
                toml::Value::String(text) => text,
                toml::Value::Integer(number) if Part::ALL[at] == Part::Account => {
                    number.to_string()
                }
                _ => return Err(format!("{name} is no string")),
            });
        }
        Ok(known)
    }

    fn get(&self, part: Part) -> Option<&str> {
        let at = Part::ALL.iter().position(|own| *own == part)?;
        self.0[at].as_deref()
    }

    /// What must not be printed.
    pub fn secrets(&self) -> Secrets {
        let mut secrets = Secrets::default();
        for part in [Part::Password, Part::Key, Part::Token] {
            let Some(secret) = self.get(part) else { continue };
            secrets.add(secret);
            // As HTTP Basic has it.
            for name in [Part::User, Part::Account] {
                let pair = format!("{}:{secret}", self.owned(name));
                secrets.add(&Base64::encode_string(pair.as_bytes()));
            }
        }
        secrets
    }

    fn owned(&self, part: Part) -> String {
        self.get(part).unwrap_or_default().to_owned()
    }
}

/// The most octets of a file with credentials.
const FILE_MAX: u64 = 64 * 1024;

/// The fewest octets of a secret that is looked for in words: a shorter one stands in any.
const SECRET_MIN: usize = 4;

/// What must not be printed, in each way in which the other end may repeat it: the longest first.
#[derive(Clone, Default)]
pub struct Secrets(Vec<String>);

impl Secrets {
    /// One more.
    pub fn add(&mut self, secret: &str) {
        if secret.len() < SECRET_MIN {
            return;
        }
        let form: String = form_urlencoded::byte_serialize(secret.as_bytes()).collect();
        let json = serde_json::Value::from(secret).to_string();
        let json = json.get(1..json.len() - 1).unwrap_or(secret);
        self.0.extend([secret, &form, &form.replace('+', "%20"), json].map(str::to_owned));
        self.0.sort_by_key(|form| std::cmp::Reverse(form.len()));
    }

    /// Words without them.
    pub fn masked(&self, words: &str) -> String {
        self.0.iter().fold(words.to_owned(), |words, secret| words.replace(secret, MASK))
    }

    /// JSON whose texts are without them.
    pub fn masked_json(&self, value: Value) -> Value {
        match value {
            Value::String(text) => self.masked(&text).into(),
            Value::Array(list) => list.into_iter().map(|value| self.masked_json(value)).collect(),
            Value::Object(map) => {
                map.into_iter().map(|(name, value)| (name, self.masked_json(value))).collect()
            }
            value => value,
        }
    }
}

/// What a scheme cannot do without.
const fn needs(scheme: Scheme) -> &'static [Part] {
    match scheme {
        Scheme::Basic | Scheme::Fields { .. } | Scheme::SessionHeaders { .. } => {
            &[Part::User, Part::Password]
        }
        Scheme::BasicKey => &[Part::Key],
        Scheme::KeyFields { .. } => &[Part::Account, Part::Key],
        Scheme::Bearer | Scheme::TokenField(_) => &[Part::Token],
        Scheme::TokenHeaders { .. } => &[Part::User, Part::Token],
    }
}

/// The names of what a call's credentials are made of, one entry for each way.
pub fn ways(call: &dyn Endpoint) -> Vec<String> {
    let mut ways = Vec::new();
    for scheme in call.schemes() {
        let names: Vec<&str> = needs(*scheme).iter().map(|part| part.name()).collect();
        let names = names.join(" and ");
        if !ways.contains(&names) {
            ways.push(names);
        }
    }
    ways
}

/// Credentials, owned.
#[derive(Clone, PartialEq, Eq)]
pub enum Owned {
    /// A name and a password.
    Password(String, String),
    /// The account's number and a key.
    Key(Option<String>, String),
    /// A token.
    Token(String),
    /// A user key, and the key of a session.
    Session(String, String),
    /// A user key, and a token.
    AccessToken(String, String),
}

impl Owned {
    /// The credentials.
    pub fn credentials(&self) -> Credentials<'_> {
        match self {
            Self::Password(user, password) => Credentials::Password {
                user: Text::plain(user),
                password: Secret(Text::plain(password)),
            },
            Self::Key(account, key) => Credentials::Key {
                account: account.as_deref().map(Text::plain),
                key: Secret(Text::plain(key)),
            },
            Self::Token(token) => Credentials::Token(Secret(Text::plain(token))),
            Self::Session(user, key) => {
                Credentials::Session { user: Text::plain(user), key: Secret(Text::plain(key)) }
            }
            Self::AccessToken(user, token) => Credentials::AccessToken {
                user: Text::plain(user),
                token: Secret(Text::plain(token)),
            },
        }
    }

    /// The same, each secret replaced.
    #[must_use]
    pub fn masked(&self) -> Self {
        let mask = || MASK.to_owned();
        match self {
            Self::Password(user, _) => Self::Password(user.clone(), mask()),
            Self::Key(account, _) => Self::Key(account.clone(), mask()),
            Self::Token(_) => Self::Token(mask()),
            Self::Session(user, _) => Self::Session(user.clone(), mask()),
            Self::AccessToken(user, _) => Self::AccessToken(user.clone(), mask()),
        }
    }
}

/// What stands in place of a secret: no carrier escapes it.
pub const MASK: &str = "***";

/// How a call comes by its credentials.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    /// It needs none.
    Free,
    /// They stand in the request by this scheme.
    Given(Scheme),
    /// A login gives them.
    Session,
}

/// How a call comes by its credentials: by the first of its schemes for which everything is known.
///
/// # Errors
/// One sentence that says what is missing, and where it may stand.
pub fn access(api: &Api, call: &dyn Endpoint, known: &Known) -> Result<Access, Failed> {
    let schemes = call.schemes();
    if schemes.is_empty() {
        return Ok(Access::Free);
    }
    let missing = |scheme: &Scheme| -> Vec<Part> {
        needs(*scheme).iter().copied().filter(|part| known.get(*part).is_none()).collect()
    };
    if let Some(scheme) = schemes.iter().find(|scheme| missing(scheme).is_empty()) {
        return Ok(first_of(*scheme));
    }
    let mut ways: Vec<Vec<Part>> = Vec::new();
    for way in schemes.iter().map(missing) {
        if !ways.contains(&way) {
            ways.push(way);
        }
    }
    let words = |word: fn(Part) -> &'static str| {
        let ways = ways
            .iter()
            .map(|way| way.iter().map(|part| word(*part)).collect::<Vec<_>>().join(" and "));
        ways.collect::<Vec<_>>().join(", or ")
    };
    Err(Failed::input(format!(
        "{} of {} needs in the environment {}; in the file of --credentials these are {}",
        call.name(),
        api.name,
        words(Part::variable),
        words(Part::name)
    )))
}

const fn first_of(scheme: Scheme) -> Access {
    match scheme {
        Scheme::SessionHeaders { .. } => Access::Session,
        scheme => Access::Given(scheme),
    }
}

/// How a call comes by credentials of which some are known, or none.
pub fn likely_access(api: &Api, call: &dyn Endpoint, known: &Known) -> Access {
    access(api, call, known)
        .ok()
        .or_else(|| call.schemes().first().map(|scheme| first_of(*scheme)))
        .unwrap_or(Access::Free)
}

/// Credentials of a scheme, each part as `part` gives it.
pub fn of_scheme(scheme: Scheme, part: impl Fn(Part) -> String) -> Owned {
    match scheme {
        Scheme::Basic | Scheme::Fields { .. } => {
            Owned::Password(part(Part::User), part(Part::Password))
        }
        Scheme::BasicKey | Scheme::KeyFields { .. } => {
            Owned::Key(Some(part(Part::Account)), part(Part::Key))
        }
        Scheme::Bearer | Scheme::TokenField(_) => Owned::Token(part(Part::Token)),
        Scheme::SessionHeaders { .. } => Owned::Session(part(Part::User), part(Part::Key)),
        Scheme::TokenHeaders { .. } => Owned::AccessToken(part(Part::User), part(Part::Token)),
    }
}

impl Known {
    /// The credentials of a scheme.
    pub fn of_scheme(&self, scheme: Scheme) -> Owned {
        of_scheme(scheme, |part| self.owned(part))
    }
}

/// The call that begins a session.
pub fn login(api: &Api) -> Option<&'static dyn Endpoint> {
    let text = Text::plain("x");
    let credentials = Credentials::Password { user: text, password: Secret(text) };
    let asked = Asked { credentials: Some(credentials), op: Op::Login(Login::Session) };
    let begins =
        |call: &&dyn Endpoint| call.emit_request(&asked, &How::default(), &mut [0; 1024]).is_ok();
    api.calls.iter().copied().find(begins)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn secrets_are_found_however_they_are_written() {
        let all = |name| match name {
            "SEPTET_API_USER" => Some("demo".to_owned()),
            "SEPTET_API_PASSWORD" => Some("p@ss \"word".to_owned()),
            "SEPTET_API_KEY" => Some("p@ss \"word longer".to_owned()),
            "SEPTET_API_TOKEN" => Some("abc".to_owned()),
            _ => None,
        };
        let secrets = Known::load(None, all).ok().unwrap().secrets();
        for (said, shown) in [
            ("is p@ss \"word.", "is ***."),
            ("p@ss \"word longer", "***"),
            ("p%40ss+%22word&p%40ss%20%22word", "***&***"),
            (r#"{"a":"p@ss \"word"}"#, r#"{"a":"***"}"#),
            ("Basic ZGVtbzpwQHNzICJ3b3Jk", "Basic ***"),
            ("abc Og==", "abc Og=="),
        ] {
            assert_eq!(secrets.masked(said), shown);
        }
        let said = json!({ "p@ss \"word": ["p@ss \"word", 1234, { "a": "p@ss \"word" }] });
        let shown = json!({ "p@ss \"word": ["***", 1234, { "a": "***" }] });
        assert_eq!(secrets.masked_json(said), shown);
    }
}
