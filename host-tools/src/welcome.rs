//! What is told of a gateway with a virtual modem: the command lines to begin with.

use std::path::Path;

use crate::config::DATA;

/// The handset that gets the first message.
pub const HANDSET: &str = "4512345678";

/// The command line that sends a message, as its heading says. `password` is a word of a shell.
pub fn first_message(url: &str, account: &str, password: &str) -> String {
    let user = format!("user={account}");
    // Only NUL cannot be quoted, which stands in no argument.
    let user = shlex::try_quote(&user).unwrap_or_default();
    format!(
        "Send a message:\n  \
         curl {url}/legacy/http/v2/sendsms --data-urlencode {user} \
         --data-urlencode password={password} \\\n    \
         -d to={HANDSET} -d smsc=dk.unknown -d sessionid={HANDSET}:$(date +%s) \\\n    \
         -d from=Septet -d charset=utf-8 --data-urlencode 'text=Hello from Septet'\n"
    )
}

/// The command line that shows it on its handset, as its heading says.
pub fn arrival(data: &Path) -> String {
    format!("See it arrive:\n  {} handset {HANDSET}{}\n", program(), of_data(data))
}

/// This program, as it was called.
pub fn program() -> String {
    std::env::args().next().unwrap_or_else(|| "septet".to_owned())
}

/// What a command line says of the data folder, where that is another than the usual one.
pub fn of_data(data: &Path) -> String {
    match data == Path::new(DATA) {
        true => String::new(),
        false => format!(" --data {}", data.display()),
    }
}
