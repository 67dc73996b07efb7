//! USSD: what the network answers to `*100#`.

use std::time::Duration;

use super::{Network, SimId};

/// What the network answers to a USSD string.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UssdAnswer {
    /// The text.
    pub text: String,
    /// Whether it waits for a reply.
    pub asks: bool,
    /// How long it takes.
    pub after: Duration,
}

/// A USSD string, where the menu of another was asked the one that it replies to, and its answer.
struct Service {
    menu: &'static str,
    code: &'static str,
    text: &'static str,
    asks: bool,
    after_ms: u64,
}

const QUICK_MS: u64 = 300;

/// Every service.
static SERVICES: &[Service] = &[
    Service {
        menu: "",
        code: "*100#",
        text: "Balance: EUR 12.34",
        asks: false,
        after_ms: QUICK_MS,
    },
    Service {
        menu: "",
        code: "*101#",
        text: "1 Balance\n2 Own number",
        asks: true,
        after_ms: QUICK_MS,
    },
    Service {
        menu: "*101#",
        code: "1",
        text: "Balance: EUR 12.34",
        asks: false,
        after_ms: QUICK_MS,
    },
    Service { menu: "*101#", code: "2", text: "{number}", asks: false, after_ms: QUICK_MS },
    Service { menu: "", code: "*102#", text: "This took its time", asks: false, after_ms: 20_000 },
    Service {
        menu: "",
        code: "*103#",
        text: "Ваш баланс: 12,34 €",
        asks: false,
        after_ms: QUICK_MS,
    },
];

impl Network {
    /// What is answered to a string from a SIM; `menu` is the string whose answer asked for it, if
    /// one did. `None` where nobody knows it.
    pub fn ussd(&self, sim: SimId, menu: &str, code: &str) -> Option<UssdAnswer> {
        let service =
            SERVICES.iter().find(|service| (service.menu, service.code) == (menu, code))?;
        let text = service.text.replace("{number}", &format!("+{}", self.number(sim)));
        let after = Duration::from_millis(service.after_ms);
        Some(UssdAnswer { text, asks: service.asks, after })
    }
}
