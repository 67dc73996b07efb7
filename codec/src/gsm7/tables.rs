//! The tables of the GSM 7-bit alphabet as rows of characters.
//!
//! 3GPP TS 23.038, section 6.2.1. The tables of a national language are one more [`Locking`] and one
//! more [`Single`].

/// The table that a septet without an escape before it is looked up in.
#[derive(Debug)]
pub(super) struct Locking {
    /// The national language identifier, 0 for the default alphabet (TS 23.040, 9.2.3.24.16).
    pub(super) language: u8,
    pub(super) characters: [char; 128],
}

/// The table that a septet after an escape is looked up in.
#[derive(Debug)]
pub(super) struct Single {
    /// The national language identifier, 0 for the default table (TS 23.040, 9.2.3.24.15).
    pub(super) language: u8,
    pub(super) characters: &'static [(u8, char)],
}

/// The GSM 7-bit default alphabet. The escape reads as a space where nothing follows it.
pub(super) static DEFAULT: Locking = Locking {
    language: 0,
    #[rustfmt::skip]
    characters: [
        '@', '£', '$', '¥', 'è', 'é', 'ù', 'ì', 'ò', 'Ç', '\n', 'Ø', 'ø', '\r', 'Å', 'å',
        'Δ', '_', 'Φ', 'Γ', 'Λ', 'Ω', 'Π', 'Ψ', 'Σ', 'Θ', 'Ξ', ' ', 'Æ', 'æ', 'ß', 'É',
        ' ', '!', '"', '#', '¤', '%', '&', '\'', '(', ')', '*', '+', ',', '-', '.', '/',
        '0', '1', '2', '3', '4', '5', '6', '7', '8', '9', ':', ';', '<', '=', '>', '?',
        '¡', 'A', 'B', 'C', 'D', 'E', 'F', 'G', 'H', 'I', 'J', 'K', 'L', 'M', 'N', 'O',
        'P', 'Q', 'R', 'S', 'T', 'U', 'V', 'W', 'X', 'Y', 'Z', 'Ä', 'Ö', 'Ñ', 'Ü', '§',
        '¿', 'a', 'b', 'c', 'd', 'e', 'f', 'g', 'h', 'i', 'j', 'k', 'l', 'm', 'n', 'o',
        'p', 'q', 'r', 's', 't', 'u', 'v', 'w', 'x', 'y', 'z', 'ä', 'ö', 'ñ', 'ü', 'à',
    ],
};

/// The GSM 7-bit default alphabet extension table.
pub(super) static EXTENSION: Single = Single {
    language: 0,
    #[rustfmt::skip]
    characters: &[
        (0x0A, '\u{C}'), (0x14, '^'), (0x28, '{'), (0x29, '}'), (0x2F, '\\'),
        (0x3C, '['), (0x3D, '~'), (0x3E, ']'), (0x40, '|'), (0x65, '€'),
    ],
};
