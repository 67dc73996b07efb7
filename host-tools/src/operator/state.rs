//! The page of the gateway: what goes through it, its modems, what it owes, its accounts.

use jiff::Timestamp;
use maud::{Markup, html};

use super::frame::{MESSAGE, age};
use super::plot::plot;
use crate::watch::live::Modem;
use crate::watch::{Account, Callback, Figures, Other, STATES, Tone};

/// Counts, in a row.
pub fn strip(figures: &Figures, modems: &[Modem]) -> Markup {
    let carrying = modems.iter().filter(|modem| modem.carries()).count();
    let counted = |tones: &[Tone]| -> i64 {
        let names = STATES.iter().filter(|(_, _, tone, _)| tones.contains(tone));
        names.filter_map(|(_, name, ..)| figures.states.get(*name)).sum()
    };
    let failed = counted(&[Tone::Bad, Tone::Doubtful]);
    let figure = |count: i64, name: &str, class: &str| {
        html! { div .figure .(class) { dt { (name) } dd { (count) } } }
    };
    html! {
        dl #figures .figures data-live {
            (figure(figures.waiting, "waiting", ""))
            (figure(figures.on_the_way - figures.waiting.min(figures.on_the_way), "on the way", ""))
            (figure(figures.scheduled, "for later", ""))
            (figure(counted(&[Tone::Good]), "delivered", "good"))
            (figure(failed, "failed or unknown", if failed == 0 { "" } else { "bad" }))
            (figure(figures.callbacks_owed, "callbacks owed", ""))
            div .figure { dt { "modems ready" } dd { (carrying) " of " (modems.len()) } }
        }
    }
}

/// The page of the gateway: what goes through it, its modems and those of the gateways beside it, what it
/// owes, its accounts.
pub fn gateway(
    figures: &Figures,
    (modems, others): (&[Modem], &[Other]),
    callbacks: &[Callback],
    accounts: &[Account],
) -> Markup {
    let now = Timestamp::now();
    html! {
        (strip(figures, modems))
        section .panel { h1 { "Last hour" } div #plot data-live { (plot(figures)) } }
        section .panel {
            h2 { "Modems" }
            div #modems data-live { (modem_table(now, modems)) }
            div #others data-live { (other_table(others)) }
        }
        div .halves {
            section .panel {
                h2 { "Callbacks owed" }
                div #callbacks data-live { (callback_table(now, callbacks)) }
            }
            section .panel {
                h2 { "Accounts" }
                div #accounts data-live { (account_table(now, accounts)) }
            }
        }
    }
}

fn modem_table(now: Timestamp, modems: &[Modem]) -> Markup {
    html! {
        @if modems.is_empty() { p .empty { "The configuration has no modem." } } @else {
            table {
                thead {
                    tr {
                        th scope="col" { "Modem" } th scope="col" { "State" }
                        th scope="col" { "Signal" } th scope="col" { "Sent" }
                        th scope="col" { "Handed over" } th scope="col" { "Last trouble" }
                    }
                }
                tbody {
                    @for modem in modems {
                        tr {
                            td { strong { (modem.name) } " " span .muted { (modem.number) } }
                            td {
                                span .badge .good[modem.carries()] .bad[!modem.carries()] {
                                    (modem.state())
                                }
                            }
                            td .signal {
                                @match modem.signal {
                                    Some(signal) => { (bars(signal)) (signal) " dBm" },
                                    None => span .muted { "not told" },
                                }
                            }
                            td { (modem.sent) }
                            td { (modem.received) }
                            td {
                                @match (&modem.trouble, modem.trouble_at) {
                                    (Some(why), Some(at)) => {
                                        (why) " " span .muted { (age(now, at)) " ago" }
                                    },
                                    _ => span .muted { "none" },
                                }
                            }
                        }
                    }
                }
            }
        }
    }
}

/// The modems of the gateways beside this one; nothing where there is none.
fn other_table(others: &[Other]) -> Markup {
    html! {
        @if !others.is_empty() {
            h3 { "Of other gateways" }
            table {
                thead { tr { th scope="col" { "Gateway" } th scope="col" { "State" } th scope="col" { "Modems" } } }
                tbody {
                    @for other in others {
                        tr {
                            td { strong { (other.name) } }
                            td {
                                span .badge .good[other.works] .bad[!other.works] {
                                    @if other.works { "works" } @else { "is gone" }
                                }
                            }
                            td {
                                @if other.modems.is_empty() { span .muted { "none" } }
                                (other.modems.join(", "))
                            }
                        }
                    }
                }
            }
        }
    }
}

/// The strength of a signal as bars: one from −110 dBm on, and one more every 12 dB.
fn bars(signal: i16) -> Markup {
    let lit = (i32::from(signal) + 122) / 12;
    html! {
        svg .bars viewBox="0 0 22 14" aria-hidden="true" {
            @for bar in 1..=4_i32 {
                rect .lit[bar <= lit] x=(bar * 5 - 4) y=(14 - bar * 3) width="4" height=(bar * 3) {}
            }
        }
    }
}

fn callback_table(now: Timestamp, callbacks: &[Callback]) -> Markup {
    html! {
        @if callbacks.is_empty() { p .empty { "Customers have taken all." } } @else {
            table .messages .owed {
                thead {
                    tr {
                        th scope="col" { "Number" } th scope="col" { "Of" } th scope="col" { "To" }
                        th scope="col" { "Tries" } th scope="col" { "Next" }
                    }
                }
                tbody {
                    @for callback in callbacks {
                        tr {
                            td .to { (callback.id) }
                            td { (subject(callback)) }
                            td .text { (callback.origin) " " span .why { (callback.interface) } }
                            td .parts { span .unit { "tries: " } (callback.tries) }
                            td .age {
                                @match callback.next {
                                    Some(at) => (age(now, at)),
                                    None => "under way",
                                }
                            }
                        }
                    }
                }
            }
        }
    }
}

/// What a callback is of, and the way there.
fn subject(callback: &Callback) -> Markup {
    html! {
        @match (callback.inbound, callback.subject) {
            (true, Some(id)) => a href={ "/received?before=" (id.saturating_add(1)) } { "a received message" },
            (true, None) => "a received message",
            (false, Some(id)) => { "report of " a href={ (MESSAGE) (id) } { "message " (id) } },
            (false, None) => "a report",
        }
    }
}

fn account_table(now: Timestamp, accounts: &[Account]) -> Markup {
    html! {
        @if accounts.is_empty() { p .empty { "The configuration has no account." } } @else {
            table {
                thead {
                    tr {
                        th scope="col" { "Account" } th scope="col" { "Credits" }
                        th scope="col" { "Last request" }
                    }
                }
                tbody {
                    @for account in accounts {
                        tr {
                            td { strong { (account.name) } }
                            td {
                                @match (account.credits, account.began_with) {
                                    (Some(left), Some(all)) => { (left) " of " (all) },
                                    (Some(left), None) => (left),
                                    (None, _) => span .muted { "no limit" },
                                }
                            }
                            td {
                                @match account.last_request {
                                    Some(at) => { (age(now, at)) " ago" },
                                    None => span .muted { "none" },
                                }
                            }
                        }
                    }
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn modems_of_other_gateways_are_under_the_name_of_theirs() {
        let other = |name: &str, works, modems: &[&str]| Other {
            name: name.to_owned(),
            works,
            modems: modems.iter().map(|modem| (*modem).to_owned()).collect(),
        };
        assert_eq!(other_table(&[]).into_string(), "");
        let others = [other("<two>", true, &["a", "b"]), other("three", false, &[])];
        let page = other_table(&others).into_string();
        let places = ["&lt;two&gt;", "works", "a, b", "three", "is gone", "none"];
        let places: Vec<Option<usize>> = places.iter().map(|words| page.find(words)).collect();
        assert!(places.iter().all(Option::is_some) && places.is_sorted(), "{page}");
    }
}
