//! What the candidates are given: the same octets for all of a group.

/// 160 septets, all of them characters that GSM and ASCII have at the same place.
pub const ASCII: &str = "Your parcel 7731 from Nordic Books is on its way. Track it at https://example.com/t/7731, or \
     answer STOP for no more messages. Delivery on Tuesday, 08:00-12:00.";

/// 160 septets: 12 letters that are not in ASCII and 4 characters of the extension table.
pub const MIXED: &str = "Hej Søren! Din bestilling på blåbær, rødgrød og æblekage er klar. Pris: 25 € [3 stk]. \
     Hent den før kl. 17:00 i butikken på Østergade. God dag ~ Åse Sørensen";

/// 160 septets: nothing but euro signs, of the extension table.
pub fn all_escape() -> String {
    "€".repeat(80)
}

/// 68 letters of Cyrillic and what stands between them.
pub const CYRILLIC: &str = "Ваш заказ готов. Заберите его завтра до пяти часов вечера в магазине.";

/// Characters outside of the basic multilingual plane among others.
pub const EMOJI: &str = "Party 🎉 at 8 🕗 bring 🍕 and 🥤, see you there 😀👍";

/// 157 characters that ISO 8859-1 has, some of them not of ASCII.
pub fn latin1() -> String {
    MIXED.chars().map(|c| if c == '€' { '¤' } else { c }).collect()
}

/// The text eight parts are made of: 1224 septets of ASCII.
pub fn long_ascii() -> String {
    ASCII.chars().cycle().take(8 * 153).collect()
}

/// 1224 septets, a part of them escaped.
pub fn long_mixed() -> String {
    let mut septets = 0;
    let characters = MIXED.chars().cycle().take_while(|c| {
        septets += 1 + usize::from("€[]~".contains(*c));
        septets <= 8 * 153 - 8
    });
    characters.collect()
}

/// The names of a request's fields, in their order in every request.
pub const KEYS: [&str; 7] = ["user", "password", "to", "from", "text", "flash", "reference"];

fn request(to: &str, text: &str) -> Vec<u8> {
    format!("user=acme&password=s3cret&to={to}&from=Septet&text={text}&flash=0&reference=7731")
        .into_bytes()
}

/// 7 pairs that have nothing to decode but spaces.
pub fn form_short() -> Vec<u8> {
    request("4512345678", "Your+code+is+4711")
}

/// The same with a text of 160 septets.
pub fn form_mixed() -> Vec<u8> {
    let text: String = form_urlencoded::byte_serialize(MIXED.as_bytes()).collect();
    request("4512345678", &text)
}

/// The same to a thousand recipients, whose commas stand there as they are.
pub fn form_bulk() -> Vec<u8> {
    let to: Vec<_> = (0..1000).map(|n| (45_120_000_000_u64 + 37 * n).to_string()).collect();
    request(&to.join(","), "Your+code+is+4711")
}

/// The same with a text of a thousand octets, each of them escaped.
pub fn form_all_escaped() -> Vec<u8> {
    let mut text: String = MIXED.repeat(7).chars().take(950).collect();
    while text.len() > 1000 {
        text.pop();
    }
    while text.len() < 1000 {
        text.push('.');
    }
    request("4512345678", &text.bytes().map(|octet| format!("%{octet:02X}")).collect::<String>())
}

/// The request with its text in Windows-1252, all that is no letter escaped.
pub fn form_latin1() -> Vec<u8> {
    let (octets, _, _) = encoding_rs::WINDOWS_1252.encode(MIXED);
    let text: String = form_urlencoded::byte_serialize(&octets).collect();
    request("4512345678", &text)
}

/// A request with 7 members, one of them a list.
pub fn json_clean() -> Vec<u8> {
    json_request(ASCII)
}

/// The same; of its text all that is not ASCII is escaped.
pub fn json_escaped() -> Vec<u8> {
    let text: String = MIXED
        .chars()
        .map(|c| if c.is_ascii() { c.to_string() } else { format!("\\u{:04x}", u32::from(c)) })
        .collect();
    json_request(&text)
}

fn json_request(text: &str) -> Vec<u8> {
    format!(
        "{{\"sender\": \"Septet\", \"message\": \"{text}\", \"recipients\": [\"4512345678\", \"4587654321\"], \
         \"priority\": 3, \"flash\": false, \"reference\": \"order-7731\", \"validity\": 86400}}"
    )
    .into_bytes()
}
