//! What a terminal can set, and what is lost when the power goes.

use septet::at::Store;
use septet::tpdu::DataCoding;
use septet::tpdu::dcs::Class;

use super::charset::Charset;
use super::text_mode::Parameters;

/// The settings, as after the start.
#[derive(Clone)]
pub(super) struct Settings {
    /// `E`: whether what the terminal writes is written back.
    pub(super) echo: u8,
    /// `Q`: 1 says no result.
    pub(super) quiet: u8,
    /// `V`: 0 says results as digits.
    pub(super) verbose: u8,
    /// `S0` to `S10`.
    pub(super) registers: [u8; 11],
    /// `+CMEE`: 0 only `ERROR`, 1 with a number, 2 with words.
    pub(super) errors: u8,
    /// `+CREG`, `+CGREG`, `+CEREG`.
    pub(super) registration: [u8; 3],
    /// `+CGATT`: whether it is attached for packets.
    pub(super) attached: u8,
    /// `+COPS`: how the name of the operator is given.
    pub(super) operator_format: u8,
    /// `+CSCS`.
    pub(super) charset: Charset,
    /// `+CUSD`.
    pub(super) ussd: u8,
    /// `+CMGF`: 0 is PDU mode, 1 text mode.
    pub(super) format: u8,
    /// `+CSMP`.
    pub(super) parameters: Parameters,
    /// `+CSDH`.
    pub(super) details: u8,
    /// `+CSCB`, as it was written.
    pub(super) broadcasts: String,
    /// `+CMMS`.
    pub(super) more_messages: u8,
    /// `+CSMS`: 1 is phase 2+ service, in which the terminal acknowledges what comes directly.
    pub(super) service: u8,
    /// `+CNMI`.
    pub(super) indications: Indications,
    /// `+CPMS`.
    pub(super) stores: Stores,
}

/// `S3`: what ends a command line.
pub(super) const TERMINATOR: usize = 3;
/// `S4`: what is written behind it.
pub(super) const LINE_FEED: usize = 4;
/// `S5`: what deletes a character.
pub(super) const BACKSPACE: usize = 5;

/// How what arrives is announced.
///
/// 3GPP TS 27.005, section 3.4.1 (`+CNMI`).
#[derive(Clone, Copy, Default)]
pub(super) struct Indications {
    /// `<mode>`: at 0 indications wait until it changes.
    pub(super) mode: u8,
    /// `<mt>`: messages are 0 stored, 1 stored and announced, 2 given directly; 3 gives only those of
    /// class 3 directly.
    pub(super) messages: u8,
    /// `<bm>`: this network has no cell broadcast.
    pub(super) broadcasts: u8,
    /// `<ds>`: status reports are 0 stored, 1 given directly, 2 stored and announced.
    pub(super) reports: u8,
    /// `<bfr>`: indications that waited are 0 given, 1 dropped, when the mode changes.
    pub(super) buffer: u8,
}

/// The stores in use.
///
/// 3GPP TS 27.005, section 3.2.2 (`+CPMS`).
#[derive(Clone, Copy)]
pub(super) struct Stores {
    /// `<mem1>`: listed, read and deleted from.
    pub(super) reading: Store,
    /// `<mem2>`: written to and sent from.
    pub(super) writing: Store,
    /// `<mem3>`: where what arrives is put.
    pub(super) receiving: Store,
}

impl Settings {
    /// The settings after the start of a modem that uses this store first.
    pub(super) fn new(store: Store) -> Self {
        Self {
            echo: 1,
            quiet: 0,
            verbose: 1,
            registers: [0, 0, 43, b'\r', b'\n', 8, 2, 50, 2, 6, 14],
            errors: 0,
            registration: [0; 3],
            attached: 1,
            operator_format: 0,
            charset: Charset::Ira,
            ussd: 0,
            format: 0,
            parameters: Parameters::default(),
            details: 0,
            broadcasts: "0,\"\",\"\"".to_owned(),
            more_messages: 0,
            service: 0,
            indications: Indications::default(),
            stores: Stores { reading: store, writing: store, receiving: store },
        }
    }
}

/// What is done with a message or a report that arrives.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Route {
    /// It is put into a store.
    Store {
        /// Which, where it is not the one for what arrives.
        store: Option<Store>,
        /// The terminal is told where.
        announce: bool,
    },
    /// It is given to the terminal.
    Direct,
}

impl Indications {
    /// 3GPP TS 27.005, section 3.4.1, tables 1 and 2.
    pub(super) fn message_route(&self, coding: Option<DataCoding>) -> Route {
        let class = coding.and_then(DataCoding::class);
        let kept = coding.and_then(DataCoding::message_waiting).is_some_and(|kind| kind.store);
        let store = (class == Some(Class::Sim)).then_some(Store::SM);
        match (self.messages, class) {
            (2, _) if store.is_none() && !kept => Route::Direct,
            (3, Some(Class::Terminal)) => Route::Direct,
            (messages, _) => Route::Store { store, announce: messages != 0 },
        }
    }

    pub(super) fn report_route(&self) -> Route {
        match self.reports {
            1 => Route::Direct,
            reports => Route::Store { store: None, announce: reports == 2 },
        }
    }

    /// Gives nothing directly any more, since the terminal did not acknowledge in time.
    pub(super) fn stop_direct(&mut self) {
        self.messages = 0;
        self.reports = 0;
    }
}
