//! What the board gathers of its own doings, with the feature `log`: the modem's line, and a log.

#[cfg(feature = "log")]
mod kept {
    use septet_firmware::Instant;
    use septet_firmware::gateway::tape::{Shared, Tapes};
    use septet_firmware::trace::{Ring, Traced};

    use crate::time;
    use crate::uart::Uart;

    /// Octets of the trace, which go into a reply together.
    const TRACE: usize = 1_024;

    static MODEM: Shared<Ring<TRACE>> = Shared::new(Ring::new());

    /// The modem's line, with its trace.
    pub type Line = Traced<Uart, &'static Shared<Ring<TRACE>>, fn() -> Instant>;

    /// The modem's line, traced.
    pub fn line(uart: Uart) -> Line {
        Traced::new(uart, &MODEM, time::now)
    }

    /// What is beneath the trace.
    pub fn uart(line: &mut Line) -> &mut Uart {
        line.port()
    }

    /// The tapes for the gateway.
    pub fn tapes() -> Tapes {
        Tapes { trace: Some(&MODEM), log: Some(septet_board::log::tape()) }
    }
}

#[cfg(not(feature = "log"))]
mod kept {
    use septet_firmware::gateway::tape::Tapes;

    use crate::uart::Uart;

    /// The modem's line.
    pub type Line = Uart;

    /// The modem's line, of which nothing is kept.
    pub fn line(uart: Uart) -> Line {
        uart
    }

    /// The line itself.
    pub fn uart(line: &mut Line) -> &mut Uart {
        line
    }

    /// No tapes for the gateway.
    pub fn tapes() -> Tapes {
        Tapes::default()
    }
}

pub use kept::{Line, line, tapes, uart};
