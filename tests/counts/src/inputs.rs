//! What the operations are given, and what their results are to be. The octets are those of an
//! encoder that has nothing of the codec.

/// 160 characters that have the same code in ASCII and in GSM 7-bit.
pub const ASCII: &str = "Your parcel is at the counter of the station and can be had until 18:30 \
    today. Bring the number 4471 and a card with your name, or send someone who has the two.";

/// The same, packed.
pub static ASCII_PACKED: [u8; 140] = octets(
    "\
    D9775D0E8287E5E3321B949E83C274101D5D068DDF7537BD2C07BDCD203ABA0C9AD3C3F4F4DB0D0A\
    BBC9A071D80D129741E830195477D3D36C500CA79BC140F437399C778184F2B4FB0CA2A3CB2077BD\
    2D2ECB4134DA2D060ABBC9A030681C969341F7341D0DCABFEB72903BDC2EB3406F39685E769341F3\
    77BBFC76974177F41B840ECF4174741944BFBF5D",
);

/// 160 septets: 156 characters, 12 of them no ASCII and 4 of the extension table.
pub const MIXED: &str = "Übermorgen um 9:30 früh kommt Søren [Tür 3] mit Ærø und Åse, Ñuñez bringt \
    für 25 € Öl und 7 ~ 8 kg Käse mit. Bitte klingeln, danke sehr und bis dann im Haus";

/// The same, packed.
pub static MIXED_PACKED: [u8; 140] = octets(
    "\
    5E7159DE7ECBCF6537A8DE06E5743318C82CF7A341EB77BB4D074D19F2B21BB4E151FD72D06CE303\
    B5D3741047CE00D5DD6490635E6681BAF57E590F12CBD3EE331D64F6CB41B21A68530671D9A0BA9B\
    0CBA81363D100EB43E8396FB7919D44ED35D20619A4E2F83D6ECB4FB5C66BB592072D8BD2E83E665\
    B41C54779341E2F41C440EBBDDA0741B840CD7E7",
);

/// Whom the message goes to, or who sent it.
pub const NUMBER: &str = "+4512345678";

/// An SMS-SUBMIT to [`NUMBER`] with the text [`MIXED`].
pub static SUBMIT: [u8; 152] = joined(&octets::<12>("01000A9154214365870000A0"), &MIXED_PACKED);

/// An SMS-DELIVER from [`NUMBER`] with the text [`MIXED`].
pub static DELIVER: [u8; 158] =
    joined(&octets::<18>("040A915421436587000062113281030000A0"), &MIXED_PACKED);

/// A form of 315 octets whose text is [`MIXED`].
pub const FORM: &[u8] = b"user=desk&password=horse%2Bbolt&sender=Septet&to=4512345678\
    &text=%C3%9Cbermorgen+um+9:30+fr%C3%BCh+kommt+S%C3%B8ren+%5BT%C3%BCr+3%5D+mit+%C3%86r%C3%B8\
    +und+%C3%85se,+%C3%91u%C3%B1ez+bringt+f%C3%BCr+25+%E2%82%AC+%C3%96l+und+7+~+8+kg+K%C3%A4se\
    +mit.+Bitte+klingeln,+danke+sehr+und+bis+dann+im+Haus&validity=600&report=1";

/// The names of the form, and what their values are.
pub const FIELDS: [(&str, &str); 7] = [
    ("user", "desk"),
    ("password", "horse+bolt"),
    ("sender", "Septet"),
    ("to", "4512345678"),
    ("text", MIXED),
    ("validity", "600"),
    ("report", "1"),
];

/// An object of 292 octets with seven members, whose message is [`ASCII`].
pub const JSON: &[u8] = br#"{"sender":"Septet","recipients":["4512345678","4587654321"],"message":"Your parcel is at the counter of the station and can be had until 18:30 today. Bring the number 4471 and a card with your name, or send someone who has the two.","class":1,"validity":600,"report":true,"id":"parcel-44710"}"#;

/// The octets that hexadecimal digits spell.
const fn octets<const N: usize>(digits: &str) -> [u8; N] {
    const fn value(digit: u8) -> u8 {
        if digit.is_ascii_digit() { digit - b'0' } else { digit - b'A' + 10 }
    }
    let digits = digits.as_bytes();
    assert!(digits.len() == 2 * N);
    let mut octets = [0; N];
    let mut at = 0;
    while at < N {
        octets[at] = value(digits[2 * at]) << 4 | value(digits[2 * at + 1]);
        at += 1;
    }
    octets
}

/// What stands in the one and then in the other.
const fn joined<const N: usize>(front: &[u8], back: &[u8]) -> [u8; N] {
    assert!(front.len() + back.len() == N);
    let mut both = [0; N];
    let mut at = 0;
    while at < N {
        both[at] = if at < front.len() { front[at] } else { back[at - front.len()] };
        at += 1;
    }
    both
}
