//! How modems differ, as data.
//!
//! The engine tolerates what it can without being told. A field stands here only where tolerance
//! cannot decide, and its documentation names the transcript (in `firmware/transcripts`) or the
//! document that made it necessary. [`GENERIC`] is the standard's behaviour.

use septet::at::Store;

/// One kind of modem. Times are in milliseconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Profile {
    /// The name to choose it by.
    pub model: &'static str,
    /// Commands, without `AT`, that set-up sends after its own. A refusal is passed over.
    pub init: &'static [&'static str],
    /// How new messages and reports are to be announced: the first that is not refused counts.
    ///
    /// Where all are refused, the engine still finds messages by looking every
    /// [`sweep_ms`](Self::sweep_ms).
    ///
    /// The default asks for messages by `+CMTI` and for reports by `+CDS`, since stores lose reports:
    /// a SIM7600 announces one at `"SR",8` where there is none.
    /// 3GPP TS 27.005, section 3.4.1.
    pub indications: &'static [&'static str],
    /// Whether to ask for phase 2+ service, in which the engine acknowledges each message that comes
    /// directly (`+CMT`, `+CDS`) once the caller has it: `AT+CSMS=1`, `AT+CNMA`.
    ///
    /// 3GPP TS 27.005, sections 3.2.1 and 3.4.4.
    pub acknowledges: bool,
    /// The stores in which messages may wait.
    pub stores: &'static [Store],
    /// Time to answer a command that does not ask network or SIM.
    pub answer_ms: u32,
    /// Time to show the prompt after `AT+CMGS`.
    pub prompt_ms: u32,
    /// Time to tell the fate of a message: `modem-sim800-cmgs-waits-60s-with-cmti-inside` answers in
    /// the 59th second. Giving up sooner makes duplicates.
    pub submit_ms: u32,
    /// Time to list a store.
    pub list_ms: u32,
    /// Pause between an answer and the next command.
    pub gap_ms: u32,
    /// Silence that ends the recovery of a line whose answers came late.
    pub quiet_ms: u32,
    /// Time from the first answer until everything is usable:
    /// `modem-sim800-boot-and-too-early-cmgf` refuses `AT+CMGF` for seconds after its start.
    pub boot_ms: u32,
    /// Time to find a network; past it messages are tried all the same.
    pub register_ms: u32,
    /// Time that the caller has to call [`done`](crate::Engine::done) for a message that must be
    /// acknowledged; past it the network sends it again.
    pub acknowledge_ms: u32,
    /// How often to look for messages of which no announcement came.
    pub sweep_ms: u32,
}

/// A modem that keeps to 3GPP TS 27.005 and 27.007, and takes its time.
pub static GENERIC: Profile = Profile {
    model: "generic",
    init: &[],
    indications: &["+CNMI=2,1,0,1,0", "+CNMI=1,1,0,1,0", "+CNMI=2,1,0,2,0", "+CNMI=2,1"],
    acknowledges: false,
    stores: &[Store::ME, Store::SM],
    answer_ms: 5_000,
    prompt_ms: 10_000,
    submit_ms: 120_000,
    list_ms: 60_000,
    gap_ms: 20,
    quiet_ms: 500,
    boot_ms: 60_000,
    register_ms: 60_000,
    acknowledge_ms: 10_000,
    sweep_ms: 600_000,
};

/// SIMCom SIM800 and its relatives, of the SIM800 AT command manual 1.12.
///
/// It answers a message within 60 s (section 4.2), stores messages on the SIM only, and shows the
/// prompt within 5 s.
pub static SIM800: Profile = Profile {
    model: "SIM800",
    stores: &[Store::SM],
    prompt_ms: 5_000,
    submit_ms: 65_000,
    ..GENERIC
};

/// Every profile.
pub static PROFILES: &[&Profile] = &[&GENERIC, &SIM800];
