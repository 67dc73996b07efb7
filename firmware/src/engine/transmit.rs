//! What is written to the modem: a command, or a PDU in parts.

use heapless::Vec;
use septet::at::{CR, CTRL_Z};
use septet::pdu::hex_octet;

/// The longest command, CR included.
pub(super) const COMMAND_MAX: usize = 64;

/// Octets of a PDU that are given out at a time: two digits each, and Ctrl-Z.
const PART_MAX: usize = 31;

/// What is written to the modem.
#[derive(Debug)]
pub(super) struct Transmit {
    /// Whether the octets are to be written yet.
    is_ready: bool,
    /// Octets of the outgoing PDU that were given out, while it is.
    pdu_at: Option<u8>,
    /// The command in flight, to know its echo; or the part of a PDU that was given out last.
    octets: Vec<u8, COMMAND_MAX, u8>,
}

impl Transmit {
    pub(super) const fn new() -> Self {
        Self { is_ready: false, pdu_at: None, octets: Vec::new() }
    }

    pub(super) const fn has_output(&self) -> bool {
        self.is_ready || self.pdu_at.is_some()
    }

    /// Whether the PDU was begun and is not yet given out.
    pub(super) const fn has_pdu(&self) -> bool {
        self.pdu_at.is_some()
    }

    pub(super) const fn begin_pdu(&mut self) {
        self.pdu_at = Some(0);
    }

    pub(super) const fn end_pdu(&mut self) {
        self.pdu_at = None;
    }

    /// The octets are not to be written any more.
    pub(super) const fn cancel(&mut self) {
        self.is_ready = false;
    }

    /// The command `AT` + `text`.
    pub(super) fn command(&mut self, text: &[u8]) {
        self.begin(text);
        self.put(&[CR]);
    }

    /// The command `AT` + `text` + `value` in quotation marks.
    pub(super) fn quoted(&mut self, text: &[u8], value: &[u8]) {
        self.begin(text);
        self.put(b"\"");
        self.put(value);
        self.put(b"\"\r");
    }

    /// The command `AT` + `text` + `number`.
    // By subtraction: a Cortex-M0 does not divide.
    pub(super) fn number(&mut self, text: &[u8], mut number: u32) {
        const POWERS: [u32; 10] =
            [1_000_000_000, 100_000_000, 10_000_000, 1_000_000, 100_000, 10_000, 1_000, 100, 10, 1];
        self.begin(text);
        let mut is_leading = true;
        for power in &POWERS {
            let mut digit = b'0';
            while number >= *power {
                number -= power;
                digit += 1;
                is_leading = false;
            }
            if *power == 1 || !is_leading {
                self.put(&[digit]);
            }
        }
        self.put(&[CR]);
    }

    #[inline(never)]
    fn begin(&mut self, text: &[u8]) {
        self.text(b"AT");
        self.put(text);
    }

    /// Octets that are no command.
    #[inline(never)]
    pub(super) fn text(&mut self, octets: &[u8]) {
        self.octets.clear();
        self.put(octets);
        self.is_ready = true;
    }

    #[inline(never)]
    fn put(&mut self, octets: &[u8]) {
        let put = self.octets.extend_from_slice(octets);
        debug_assert!(put.is_ok(), "a command longer than the transmit buffer");
    }

    /// Whether the modem wrote back the command in flight.
    pub(super) fn is_echo(&self, text: &[u8]) -> bool {
        self.octets.strip_suffix(&[CR]) == Some(text)
    }

    /// Whether there is something to be written now: what was put, or the next part of `pdu`.
    pub(super) fn take(&mut self, pdu: &[u8]) -> bool {
        if let (Some(at), false) = (self.pdu_at, self.is_ready) {
            self.text(b"");
            let rest = pdu.get(usize::from(at)..).unwrap_or_default();
            for octet in rest.iter().take(PART_MAX) {
                self.put(&hex_octet(*octet));
            }
            self.pdu_at = (rest.len() > PART_MAX).then(|| at.saturating_add(PART_MAX as u8));
            if self.pdu_at.is_none() {
                self.put(&[CTRL_Z]);
            }
        }
        core::mem::take(&mut self.is_ready)
    }

    pub(super) fn octets(&self) -> &[u8] {
        &self.octets
    }
}
