//! What a terminal can set, and what is lost when the power goes.

use septet::at::Store;

/// The settings, as after the start.
#[derive(Clone)]
pub(super) struct Settings {
    /// `E`: whether what the terminal writes is written back.
    pub(super) echo: u8,
    /// `+CMEE`: 0 only `ERROR`, 1 with a number, 2 with words.
    pub(super) errors: u8,
    /// `+CREG`, `+CGREG`, `+CEREG`.
    pub(super) registration: [u8; 3],
    /// `+CMGF`: 0 is PDU mode.
    pub(super) format: u8,
    /// `+CMMS`.
    pub(super) more_messages: u8,
    /// `+CSMS`: 1 is phase 2+ service, in which the terminal acknowledges what comes directly.
    pub(super) service: u8,
    /// `+CNMI`.
    pub(super) indications: Indications,
    /// `+CPMS`.
    pub(super) stores: Stores,
}

/// How what arrives is announced.
///
/// 3GPP TS 27.005, section 3.4.1 (`+CNMI`).
#[derive(Clone, Copy, Default)]
pub(super) struct Indications {
    /// `<mode>`: at 0 indications wait until it changes.
    pub(super) mode: u8,
    /// `<mt>`: messages are 0 stored, 1 stored and announced, 2 given directly.
    pub(super) messages: u8,
    /// `<bm>`: this network has no cell broadcast.
    pub(super) broadcasts: u8,
    /// `<ds>`: status reports are 0 dropped, 1 given directly, 2 stored and announced.
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
            errors: 0,
            registration: [0; 3],
            format: 0,
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
    /// Nobody sees it.
    Drop,
    /// It is put into a store.
    Store {
        /// The terminal is told where.
        announce: bool,
    },
    /// It is given to the terminal.
    Direct,
}

impl Indications {
    pub(super) fn message_route(&self) -> Route {
        match self.messages {
            0 => Route::Store { announce: false },
            1 => Route::Store { announce: true },
            _ => Route::Direct,
        }
    }

    pub(super) fn report_route(&self) -> Route {
        match self.reports {
            0 => Route::Drop,
            1 => Route::Direct,
            _ => Route::Store { announce: true },
        }
    }

    /// Gives nothing directly any more, since the terminal did not acknowledge in time.
    pub(super) fn stop_direct(&mut self) {
        self.messages = 0;
        self.reports = 0;
    }
}
