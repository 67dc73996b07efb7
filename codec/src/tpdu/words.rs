//! Words for the parts of messages.

use core::fmt;

use super::time::{Civil, Enhanced};
use super::udh::ems::{Colours, ExtendedObject, Object, ObjectKind};
use super::udh::voice_mail::{Details, VoiceMessage};
use super::udh::{Header, NationalLanguage, Reference, Shift};

/// `26-12-20 15:23:50 +02:00`.
impl fmt::Display for Civil {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { year, month, day, hour, minute, second, zone_quarters } = self;
        write!(f, "{year:02}-{month:02}-{day:02} {hour:02}:{minute:02}:{second:02} ")?;
        let sign = if *zone_quarters < 0 { '-' } else { '+' };
        let quarters = zone_quarters.unsigned_abs();
        write!(f, "{sign}{:02}:{:02}", quarters / 4, quarters % 4 * 15)
    }
}

/// `30 s, one attempt`.
impl fmt::Display for Enhanced {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.period().fmt(f)?;
        if self.single_shot() { f.write_str(", one attempt") } else { Ok(()) }
    }
}

/// `17 (8 bits)`.
impl fmt::Display for Reference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Short(reference) => write!(f, "{reference} (8 bits)"),
            Self::Long(reference) => write!(f, "{reference} (16 bits)"),
        }
    }
}

impl fmt::Display for Shift {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Single => "single shift",
            Self::Locking => "locking shift",
        })
    }
}

/// `1 (Turkish), locking shift`.
impl fmt::Display for NationalLanguage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}, {}", self.language, self.shift)
    }
}

/// Its elements with semicolons between.
impl fmt::Display for Header<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (i, element) in self.elements().enumerate() {
            write!(f, "{}{element}", if i > 0 { "; " } else { "" })?;
        }
        Ok(())
    }
}

/// `black on white`.
impl fmt::Display for Colours {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [text, behind] =
            [self.foreground(), self.background()].map(|c| c.words().unwrap_or_default());
        write!(f, "{text} on {behind}")
    }
}

impl fmt::Display for ObjectKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Sound => "sound",
            Self::LargeAnimation => "large animation",
            Self::SmallAnimation => "small animation",
            Self::LargePicture => "large picture",
            Self::SmallPicture => "small picture",
            Self::Graphics => "vector graphics",
            Self::CharacterGraphics => "vector graphics as large as a character",
        })
    }
}

/// `sound, 2 octets at 5`.
impl fmt::Display for Object<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}, {} octets at {}", self.kind, self.data.len(), self.position)
    }
}

/// `object 1, 9 (vCard), 2 of 5 octets at 11`.
impl fmt::Display for ExtendedObject<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { reference, len, kind, position, data, .. } = self;
        write!(f, "object {reference}, {kind}, {} of {len} octets at {position}", data.len())
    }
}

/// `number 3, 20 s, urgent, from +4512345678`.
impl fmt::Display for VoiceMessage<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "number {}", self.number)?;
        match &self.details {
            None => f.write_str(" deleted"),
            Some(details) => write!(f, ", {details}"),
        }
    }
}

/// `20 s, urgent, from +4512345678`.
impl fmt::Display for Details {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { seconds, urgent, caller, .. } = self;
        write!(f, "{seconds} s{}, from {caller}", if *urgent { ", urgent" } else { "" })
    }
}
