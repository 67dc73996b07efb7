//! How modems differ, as data.
//!
//! The engine tolerates what it can without being told. A field stands here only where tolerance
//! cannot decide, and where a profile differs, the source stands beside it: a transcript of
//! `firmware/transcripts`, the maker's manual, or the thread or driver of a project that met it.
//! [`GENERIC`] is the standard's behaviour.

mod models;

use septet::at::Store;

pub use models::*;

/// One kind of modem. Times are in milliseconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Profile {
    /// The name to choose it by.
    pub model: &'static str,
    /// What its answers to `AT+CGMI` and `AT+CGMM` have in them, in any letter case: one of these is
    /// enough.
    ///
    /// 3GPP TS 27.007, sections 5.1 and 5.2.
    pub says: &'static [&'static str],
    /// Commands, without `AT`, that set-up sends after its own. A refusal is passed over.
    pub init: &'static [&'static str],
    /// How new messages and reports are to be announced: the first that is not refused counts.
    ///
    /// Where all are refused, the engine still finds messages by looking every
    /// [`sweep_ms`](Self::sweep_ms).
    ///
    /// The default asks for messages by `+CMTI` and for reports by `+CDS`, since stores lose reports:
    /// a SIM7600 announces one at `"SR",8` where there is none (`modem-sim7600x-cdsi-sr-cms-321`).
    /// 3GPP TS 27.005, section 3.4.1.
    pub indications: &'static [&'static str],
    /// Whether the engine acknowledges each message that comes directly (`+CMT`, `+CDS`) once the caller
    /// has it. For that it asks for phase 2+ service, `AT+CSMS=1`; from a modem that refuses it no
    /// message is asked for directly, since nobody would know whether the caller has it.
    ///
    /// 3GPP TS 27.005, sections 3.2.1 and 3.4.4.
    pub acknowledges: bool,
    /// Whether there is a choice of service, `AT+CSMS`. An nRF91 has none and must always be answered:
    /// `modem-nrf91-pdu-in-one-go-no-prompt`.
    pub has_services: bool,
    /// The command, without `AT`, that acknowledges.
    pub acknowledge: &'static str,
    /// Whether it asks for a PDU with `>`. One that does not takes it right behind the command:
    /// `modem-nrf91-pdu-in-one-go-no-prompt`.
    pub prompts: bool,
    /// Whether `AT+CMMS` keeps the link for more messages; a Huawei E1752 refuses it
    /// (`modem-huawei-e1752-cmms-500-not-support`).
    ///
    /// 3GPP TS 27.005, section 3.5.6.
    pub more_messages: bool,
    /// The stores in which messages may wait.
    pub stores: &'static [Store],
    /// How to ask for the tries that the PIN has left.
    pub pin_tries: PinTries,
    /// Whether the string of `AT+CUSD` is packed septets in hexadecimal digits, not text.
    pub packs_ussd: bool,
    /// The command, without `AT`, after which the modem heeds RTS and CTS.
    pub flow_control: &'static str,
    /// The command, without `AT`, that starts the modem anew.
    pub restart: &'static str,
    /// How the modem is let sleep.
    pub sleep: Sleep,
    /// How its pins are to be held.
    pub power: Power,
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
    /// How often to look for messages of which no announcement came, and whether the modem still has
    /// its settings.
    pub sweep_ms: u32,
}

/// The command that tells how often the PIN may still be wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct PinTries {
    /// The command, without `AT`. Its answer has the same name.
    pub command: &'static str,
    /// Which value of the answer it is, 0 to 5.
    pub index: u8,
}

/// How a modem is let sleep while nothing is to be done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum Sleep {
    /// Not at all.
    Never,
    /// By the pin `DTR`, after this command, without `AT`. Awake `wake_ms` after the pin says so.
    Pin {
        /// The command, without `AT`.
        command: &'static str,
        /// From the pin to the first command.
        wake_ms: u16,
    },
    /// By itself after `quiet_ms` without a command, after this command, without `AT`. What wakes it
    /// is lost: an `AT` goes ahead of the next command by `wake_ms`.
    Line {
        /// The command, without `AT`.
        command: &'static str,
        /// From the last command to sleep.
        quiet_ms: u16,
        /// From what wakes it to the first command.
        wake_ms: u16,
    },
}

/// How long pins are held to switch a modem, in milliseconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Power {
    /// `PWRKEY`, to switch it on.
    pub on_ms: u16,
    /// `PWRKEY`, to switch it off.
    pub off_ms: u16,
    /// `RESET`.
    pub reset_ms: u16,
    /// From `PWRKEY` until it is off, and the time without supply that makes it forget everything.
    pub down_ms: u16,
    /// From switching on or starting anew to the first answer.
    pub up_ms: u16,
}

/// A modem that keeps to 3GPP TS 27.005 and 27.007, and takes its time.
pub static GENERIC: Profile = Profile {
    model: "generic",
    says: &[],
    init: &[],
    indications: &["+CNMI=2,1,0,1,0", "+CNMI=1,1,0,1,0", "+CNMI=2,1,0,2,0", "+CNMI=2,1"],
    acknowledges: false,
    has_services: true,
    acknowledge: "+CNMA",
    prompts: true,
    more_messages: true,
    stores: &[Store::ME, Store::SM],
    // 3GPP TS 27.007, section 8.65.
    pin_tries: PinTries { command: "+CPINR=\"SIM PIN\"", index: 1 },
    packs_ussd: false,
    flow_control: "+IFC=2,2",
    restart: "+CFUN=1,1",
    sleep: Sleep::Never,
    power: Power { on_ms: 1_500, off_ms: 3_000, reset_ms: 300, down_ms: 5_000, up_ms: 10_000 },
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
