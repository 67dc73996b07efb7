//! Text mode.

use septet::pdu::hex;

use super::*;

impl Terminal {
    /// One in text mode.
    fn in_text_mode() -> Self {
        Self::with("+CMGF=1;+CSCS=\"GSM\";+CNMI=2,1,0,1", &[])
    }

    /// What a text at the prompt of this command comes to.
    fn enter(&mut self, command: &str, text: impl AsRef<[u8]>) -> String {
        assert_eq!(self.write(format!("AT{command}\r")), "\r\n> ", "{command}");
        self.write([text.as_ref(), b"\x1a"].concat())
    }

    fn last(&self) -> Message {
        self.received().last().unwrap().clone()
    }
}

/// The octets of UTF-16 in hexadecimal digits.
fn utf16(text: &str) -> String {
    let octets: Vec<u8> = text.encode_utf16().flat_map(u16::to_be_bytes).collect();
    hex(&octets).map(char::from).collect()
}

const SENT: &str = "\r\n+CMGS: 1\r\n\r\nOK\r\n";

#[test]
fn a_text_is_sent_in_each_character_set() {
    for (charset, typed, text) in [
        // In this one ESC, and so a euro sign, cannot be typed.
        ("GSM", &b"h\x00ll\x0C"[..], "h@llø"),
        ("IRA", b"hello [x]", "hello [x]"),
        ("8859-1", b"bl\xE5b\xE6r", "blåbær"),
        ("UCS2", utf16("Smør €").as_bytes(), "Smør €"),
        ("HEX", b"00680C1B65", "@hø€"),
    ] {
        let mut terminal = Terminal::in_text_mode();
        terminal.answers(&[(&format!("+CSCS=\"{charset}\""), "OK")]);
        assert_eq!(terminal.enter("+CMGS=\"+4512345678\"", typed), SENT, "{charset}");
        assert_eq!(terminal.last().text, text);
        assert!(terminal.last().parts[0].header.is_empty());
    }
}

#[test]
fn octets_are_hexadecimal_digits_where_there_is_a_header_or_another_alphabet() {
    for (parameters, typed, text, header) in [
        ("17,167,0,8", utf16("Привет 漢"), "Привет 漢", ""),
        ("17,167,0,4", "0102FF".to_owned(), "0102FF", ""),
        ("81,167,0,4", "06050415810000CAFE".to_owned(), "CAFE", "050415810000"),
        ("81,167,0,0", "0500030701016835".to_owned(), "45", "0003070101"),
    ] {
        let mut terminal = Terminal::in_text_mode();
        terminal.answers(&[(&format!("+CSMP={parameters}"), "OK")]);
        assert_eq!(terminal.enter("+CMGS=\"+4512345678\"", &typed), SENT, "{parameters}");
        assert_eq!((&*terminal.last().text, &*terminal.last().parts[0].header), (text, header));
    }
}

#[test]
fn what_is_no_text_of_its_parameters_is_refused() {
    let wrong = "\r\n+CMS ERROR: 305\r\n";
    let mut terminal = Terminal::in_text_mode();
    assert_eq!(terminal.enter("+CMGS=\"+4512345678\"", "x".repeat(161)), wrong);
    assert_eq!(terminal.enter("+CMGS=\"+4512345678\"", "x".repeat(160)), SENT);
    terminal.answers(&[
        ("+CSMP=,,,8", "OK"),
        ("+CMGS", "+CMS ERROR: 305"),
        ("+CMGS=\"nobody\"", "+CMS ERROR: 305"),
        ("+CSMP=17,\"26/11/22,15:04:05+04\"", "+CMS ERROR: 303"),
        ("+CSMP=25,\"26/11/22,15:04:05+04\"", "OK"),
        ("+CSMP?", "+CSMP: 25,\"26/11/22,15:04:05+04\",0,8|OK"),
    ]);
    for typed in ["hello", "004", "zz"] {
        assert_eq!(terminal.enter("+CMGS=\"+4512345678\"", typed), wrong, "{typed}");
    }
    terminal.answers(&[("+CSMP=65,167,0,4", "OK")]);
    assert_eq!(terminal.enter("+CMGS=\"+4512345678\"", "05000300"), wrong);
    assert_eq!(terminal.received().len(), 1);
}

#[test]
fn a_text_has_lines_can_be_corrected_and_left() {
    let mut terminal = Terminal::in_text_mode();
    assert_eq!(terminal.write("AT+CMGS=\"+4512345678\"\r\n"), "\r\n> ");
    assert_eq!(terminal.write("ab\x08c\rd\ne"), "\r\n> ");
    assert_eq!(terminal.write("\x1a"), SENT);
    assert_eq!(terminal.last().text, "ac\rd\ne");
    terminal.write("AT+CMGS=\"4512345678\",145\r");
    assert_eq!(terminal.write("hello\x1b"), "\r\nOK\r\n");
    assert_eq!(terminal.received().len(), 1);
}

#[test]
fn a_report_is_asked_for_by_the_first_octet_and_told_in_values() {
    let mut terminal = Terminal::in_text_mode();
    terminal.answers(&[("+CSMP=49,167,0,0", "OK")]);
    assert_eq!(terminal.enter("+CMGS=\"+4512345678\"", "hello"), SENT);
    let report = "6,1,\"+4512345678\",145,\"23/11/14,22:13:20+00\",\"23/11/14,22:13:20+00\",0";
    assert_eq!(terminal.calm(), format!("\r\n+CDS: {report}\r\n"));
    terminal.answers(&[("+CNMI=2,1,0,2", "OK")]);
    terminal.enter("+CMGS=\"+4512345678\"", "hello");
    assert_eq!(terminal.calm(), "\r\n+CDSI: \"ME\",1\r\n");
    let report = report.replacen("6,1,", "6,2,", 1);
    terminal.answers(&[
        ("+CMGL=\"ALL\"", &format!("+CMGL: 1,\"REC UNREAD\",{report}|OK")),
        ("+CMGR=1", &format!("+CMGR: \"REC READ\",{report}|OK")),
    ]);
}

#[test]
fn a_message_is_listed_and_read_with_as_much_as_is_asked_for() {
    let mut terminal = Terminal::in_text_mode();
    terminal.text("hej");
    terminal.text("漢");
    let from = "\"+4512345678\",,\"23/11/14,22:13:20+00\"";
    let listed =
        |status| format!("+CMGL: 1,\"{status}\",{from}|hej|+CMGL: 2,\"{status}\",{from}|6F22|OK");
    terminal.answers(&[
        ("+CMGL=?", "+CMGL: (\"REC UNREAD\",\"REC READ\",\"STO UNSENT\",\"STO SENT\",\"ALL\")|OK"),
        ("+CMGL=\"STO SENT\"", "OK"),
        ("+CMGL", &listed("REC UNREAD")),
        ("+CMGL=\"REC UNREAD\"", "OK"),
        ("+CMGL=\"ALL\"", &listed("REC READ")),
        ("+CMGL=\"SOME\"", "+CMS ERROR: 305"),
        ("+CMGL=4", "+CMS ERROR: 305"),
        ("+CMGR=1", &format!("+CMGR: \"REC READ\",{from}|hej|OK")),
        ("+CSDH=1", "OK"),
        ("+CMGR=1", &format!("+CMGR: \"REC READ\",{from},145,4,0,0,\"+15550100427\",145,3|hej|OK")),
        (
            "+CMGR=2",
            &format!("+CMGR: \"REC READ\",{from},145,4,0,8,\"+15550100427\",145,2|6F22|OK"),
        ),
        (
            "+CMGL=\"ALL\"",
            &listed("REC READ")
                .replace(",\"23/11/14,22:13:20+00\"|h", ",\"23/11/14,22:13:20+00\",145,3|h")
                .replace("+00\"|6", "+00\",145,2|6"),
        ),
        ("+CMGR=3", "+CMS ERROR: 321"),
    ]);
}

#[test]
fn a_message_comes_directly_in_values() {
    let mut terminal = Terminal::in_text_mode();
    terminal.answers(&[("+CNMI=2,2;+CSMS=1", "+CSMS: 1,1,1|OK")]);
    let head = "\r\n+CMT: \"+4512345678\",,\"23/11/14,22:13:20+00\"";
    assert_eq!(terminal.text("hej"), format!("{head}\r\nhej\r\n"));
    terminal.answers(&[("+CNMA=?", "OK"), ("+CNMA", "OK"), ("+CSDH=1", "OK")]);
    let head = format!("{head},145,4,0,0,\"+15550100427\",145,2\r\n");
    assert_eq!(terminal.text("då"), format!("{head}d\x0F\r\n"));
}

#[test]
fn what_is_written_is_sent_later_and_to_others() {
    let mut terminal = Terminal::in_text_mode();
    let written = "\r\n+CMGW: 1\r\n\r\nOK\r\n";
    assert_eq!(terminal.enter("+CMGW=\"+4512345678\"", "hello"), written);
    assert_eq!(terminal.enter("+CMGW", "anyone"), written.replace('1', "2"));
    assert_eq!(
        terminal.enter("+CMGW=\"+4587654321\",145,\"STO SENT\"", "x"),
        written.replace('1', "3")
    );
    assert_eq!(
        terminal.enter("+CMGW=\"+4587654321\",145,\"REC READ\"", "y"),
        written.replace('1', "4")
    );
    terminal.answers(&[
        ("+CMGW=\"+4587654321\",145,\"SENT\"", "+CMS ERROR: 305"),
        (
            "+CMGL=\"ALL\"",
            "+CMGL: 1,\"STO UNSENT\",\"+4512345678\",,|hello|+CMGL: 2,\"STO UNSENT\",\"\",,|anyone|\
             +CMGL: 3,\"STO SENT\",\"+4587654321\",,|x|\
             +CMGL: 4,\"REC READ\",\"+4587654321\",,\"23/11/14,22:13:20+00\"|y|OK",
        ),
        ("+CMSS=1", "+CMSS: 1|OK"),
        ("+CMSS=2,\"+4512345678\"", "+CMSS: 2|OK"),
        ("+CMSS=4,\"+4512345678\"", "+CMS ERROR: 302"),
        ("+CMSS=9", "+CMS ERROR: 321"),
        ("+CSDH=1", "OK"),
        (
            "+CMGR=1",
            "+CMGR: \"STO SENT\",\"+4512345678\",,145,17,0,0,167,\"+15550100427\",145,5|hello|OK",
        ),
    ]);
    let texts: Vec<_> = terminal.received().into_iter().map(|message| message.text).collect();
    assert_eq!(texts, ["hello", "anyone"]);
}

#[test]
fn a_number_is_in_the_character_set_or_plain() {
    let mut terminal = Terminal::in_text_mode();
    terminal.answers(&[("+CSCS=\"UCS2\"", "OK")]);
    for number in ["+4512345678", &utf16("+4512345678")] {
        terminal.enter(&format!("+CMGS=\"{number}\""), utf16("hello"));
    }
    assert_eq!(terminal.received().len(), 2);
    terminal.text("hej");
    let shown = utf16("+4512345678");
    let centre = utf16("+15550100427");
    terminal.answers(&[
        (
            "+CMGR=1",
            &format!("+CMGR: \"REC UNREAD\",\"{shown}\",,\"23/11/14,22:13:20+00\"|00680065006A|OK"),
        ),
        ("+CSCA?", &format!("+CSCA: \"{centre}\",145|OK")),
        ("+CSCS=\"00470053004D\"", "OK"),
        ("+CSCS?", "+CSCS: \"GSM\"|OK"),
    ]);
}

#[test]
fn a_command_asks_after_a_message_and_deletes_it() {
    let mut terminal = Terminal::in_text_mode();
    terminal.network.switch_handset(HANDSET, false);
    terminal.enter("+CMGS=\"+4512345678\"", "hello");
    for (command, reference, status) in [(0, 2, 34), (2, 3, 71), (0, 4, 73)] {
        let answer = terminal.enter(&format!("+CMGC=34,{command},0,1,\"+4512345678\""), "");
        assert_eq!(answer, format!("\r\n+CMGC: {reference}\r\n\r\nOK\r\n"));
        let told = terminal.calm();
        assert!(told.starts_with(&format!("\r\n+CDS: 38,{reference},")), "{told}");
        assert!(told.ends_with(&format!(",{status}\r\n")), "{told}");
    }
    terminal.network.switch_handset(HANDSET, true);
    assert!(terminal.received().is_empty());
    terminal.answers(&[("+CMGC=34", "+CMS ERROR: 305")]);
    // In PDU mode, with the same fields.
    terminal.answers(&[("+CMGF=0", "OK")]);
    assert_eq!(terminal.write("AT+CMGC=13\r"), "\r\n> ");
    let pdu = "00220000 00 01 0A9154214365870000".replace(' ', "");
    assert_eq!(terminal.write(format!("{pdu}\x1a")), "\r\n+CMS ERROR: 304\r\n");
    terminal.write("AT+CMGC=13\r");
    let pdu = &pdu[..pdu.len() - 2];
    assert_eq!(terminal.write(format!("{pdu}\x1a")), "\r\n+CMGC: 5\r\n\r\nOK\r\n");
}

#[test]
fn what_is_wrong_with_a_slot_is_told_in_the_words_of_text_mode() {
    let mut terminal = Terminal::with("+CNMI=2,1,0,2;+CMGF=1;+CSMP=49,167,0,0", &[]);
    terminal.write("AT+CMGS=\"+4512345678\"\r");
    terminal.write("hello\x1a");
    assert_eq!(terminal.calm(), "\r\n+CDSI: \"ME\",1\r\n");
    terminal.answers(&[
        ("+CMGR=", "+CMS ERROR: 305"),
        ("+CMGD=x", "+CMS ERROR: 305"),
        ("+CMSS=", "+CMS ERROR: 305"),
        ("+CMSS=1", "+CMS ERROR: 302"),
    ]);
    assert_eq!(terminal.text("hej"), "\r\n+CMTI: \"ME\",2\r\n");
    terminal.answers(&[("+CMSS=2", "+CMS ERROR: 302")]);
}
