//! The PIN of a SIM, which is not to be seen on a command line.

use std::env;
use std::fs;
use std::path::Path;

use septet_firmware::options::SimPin;

use crate::Failed;

/// The variable that a PIN is read from.
const VARIABLE: &str = "SEPTET_PIN";

/// The PIN in this file, else that of the environment.
///
/// # Errors
/// A sentence where it cannot be read or is none.
pub fn given(file: Option<&Path>) -> Result<Option<SimPin>, Failed> {
    match (file, env::var(VARIABLE)) {
        (Some(file), _) => from_file(file).map(Some),
        (None, Ok(pin)) => read(&pin, VARIABLE).map(Some),
        (None, Err(_)) => Ok(None),
    }
}

/// The PIN in this file.
///
/// # Errors
/// A sentence where it cannot be read or is none.
pub fn from_file(file: &Path) -> Result<SimPin, Failed> {
    let name = file.display();
    let text = fs::read_to_string(file)
        .map_err(|error| Failed::input(format!("the PIN cannot be read from {name}: {error}")))?;
    read(&text, &name.to_string())
}

fn read(text: &str, place: &str) -> Result<SimPin, Failed> {
    SimPin::new(text.trim())
        .ok_or_else(|| Failed::input(format!("no PIN in {place}: a PIN has 4 to 8 digits")))
}
