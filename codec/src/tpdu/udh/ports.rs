//! The application ports that a message goes to and comes from.

use core::fmt;

use super::{Element, Identifier};
use crate::error::Error;
use crate::wire::Writer;

/// The application ports that a message goes to and comes from.
///
/// 3GPP TS 23.040, sections 9.2.3.24.3 and 9.2.3.24.4.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[allow(missing_docs, reason = "the ports are what their names say")]
pub enum Ports {
    /// 8 bits each; 240..=255 are free to use.
    Short { destination: u8, source: u8 },
    /// 16 bits each, as UDP has them; 16000..=16999 are free to use.
    Long { destination: u16, source: u16 },
}

impl Element<'_> {
    /// The application ports, when the element has some.
    ///
    /// 3GPP TS 23.040, sections 9.2.3.24.3 and 9.2.3.24.4.
    ///
    /// Those that the standard reserves are given as well: [`Ports::reserved`] tells.
    pub const fn ports(self) -> Option<Ports> {
        match (self.identifier, self.data) {
            (Identifier::PORTS_8, [destination, source, ..]) => {
                Some(Ports::Short { destination: *destination, source: *source })
            }
            (Identifier::PORTS_16, [d_high, d_low, s_high, s_low, ..]) => Some(Ports::Long {
                destination: u16::from_be_bytes([*d_high, *d_low]),
                source: u16::from_be_bytes([*s_high, *s_low]),
            }),
            _ => None,
        }
    }
}

impl Ports {
    /// Whether one of the ports is reserved, so that a receiver is to ignore both.
    ///
    /// 3GPP TS 23.040, sections 9.2.3.24.3 and 9.2.3.24.4.
    pub const fn reserved(self) -> bool {
        match self {
            Self::Short { destination, source } => destination < 240 || source < 240,
            Self::Long { destination, source } => destination > 49151 || source > 49151,
        }
    }

    /// Writes the information element.
    ///
    /// # Errors
    /// [`ErrorKind::Full`](crate::ErrorKind::Full).
    pub fn emit(&self, w: &mut Writer<'_>) -> Result<(), Error> {
        match *self {
            Self::Short { destination, source } => {
                Element { identifier: Identifier::PORTS_8, data: &[destination, source] }.emit(w)
            }
            Self::Long { destination, source } => {
                let ([d_high, d_low], [s_high, s_low]) =
                    (destination.to_be_bytes(), source.to_be_bytes());
                let data = &[d_high, d_low, s_high, s_low];
                Element { identifier: Identifier::PORTS_16, data }.emit(w)
            }
        }
    }
}

/// `to port 2948 from port 9200`.
impl fmt::Display for Ports {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (destination, source) = match *self {
            Self::Short { destination, source } => (u16::from(destination), u16::from(source)),
            Self::Long { destination, source } => (destination, source),
        };
        write!(f, "to port {destination} from port {source}")
    }
}
