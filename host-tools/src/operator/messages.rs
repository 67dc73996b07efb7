//! The pages of messages: those that were accepted, those that were received, and one.

use jiff::Timestamp;
use maud::{Markup, html};

use super::frame::{MESSAGE, age, hidden, tone};
use super::state::strip;
use crate::network::Handset;
use crate::nouns::{counted, plural};
use crate::watch::live::Modem;
use crate::watch::{Figures, Message, Received, STATES, Tone, Wanted};

/// How many numbers of handsets are offered: the network may remember thousands, and the page is shown
/// again and again.
const HANDSETS_OFFERED: usize = 100;

/// Messages, one a row.
fn messages(now: Timestamp, messages: &[Message]) -> Markup {
    html! {
        table .messages {
            thead {
                tr {
                    th scope="col" { "State" } th scope="col" { "To" } th scope="col" { "Text" }
                    th scope="col" { "Route" } th scope="col" { "Parts" } th scope="col" { "Age" }
                }
            }
            tbody {
                @for message in messages {
                    tr {
                        td .state {
                            span .badge .(tone(message.tone)) { (message.state) }
                        }
                        td .to { a href={ (MESSAGE) (message.id) } { (message.recipient) } }
                        td .text {
                            span .cut { (message.text) }
                            @if message.tone != Tone::Good {
                                span .why { (message.words) }
                            }
                        }
                        td .route {
                            (message.account) " → " (message.modem.as_deref().unwrap_or("any modem"))
                        }
                        td .parts {
                            (message.parts.len()) span .unit { " part" (plural(&message.parts.len())) }
                        }
                        td .age { (age(now, message.accepted)) }
                    }
                }
            }
        }
    }
}

/// What the page of messages has besides them.
pub struct Beside<'a> {
    /// The token of the session's forms.
    pub token: &'a str,
    /// The accounts that a text may count for.
    pub accounts: &'a [String],
    /// What was typed, where it was not accepted.
    pub typed: Typed,
    /// What came of what was typed last.
    pub notice: Option<Notice>,
    /// A handset of the virtual network.
    pub handset: Option<Phone<'a>>,
}

/// What was typed into the form.
#[derive(Clone, Debug, Default)]
pub struct Typed {
    /// The account.
    pub account: String,
    /// To whom.
    pub to: String,
    /// The text.
    pub text: String,
}

/// What came of a form.
#[derive(Clone, Debug)]
pub enum Notice {
    /// It was done.
    Done(String),
    /// It was not, and why.
    Refused(String),
}

/// A handset of the virtual network.
pub struct Phone<'a> {
    /// What it has received.
    pub handset: Handset,
    /// The handsets that there are.
    pub others: &'a [String],
    /// The numbers that it can answer to.
    pub numbers: Vec<String>,
    /// What an answer begins with.
    pub keyword: String,
}

/// The page of messages.
pub fn overview(
    figures: &Figures,
    modems: &[Modem],
    wanted: &Wanted,
    list: &[Message],
    received: &[Received],
    beside: &Beside<'_>,
) -> Markup {
    let now = Timestamp::now();
    let is_chosen = !wanted.search.is_empty() || !wanted.state.is_empty();
    html! {
        (strip(figures, modems))
        div .columns {
            div {
                section .panel aria-labelledby="messages" {
                    div .head {
                        h1 #messages { "Messages" }
                        a .write href="#compose" { "Send" }
                        form .search method="get" action="/" role="search" {
                            label .hidden for="q" { "Number, text or id" }
                            input #q type="search" name="q" value=(wanted.search)
                                placeholder="Number, text or id";
                            label .hidden for="state" { "State" }
                            select #state name="state" {
                                option value="" { "every state" }
                                @for (_, name, ..) in STATES {
                                    option value=(name) selected[wanted.state == name] { (name) }
                                }
                            }
                            button .quiet { "Search" }
                        }
                    }
                    div #list data-live {
                        @if list.is_empty() {
                            p .empty {
                                @if is_chosen { "Nothing fits." } @else { "No message yet." }
                            }
                        } @else { (messages(now, list)) }
                        (older(wanted, list))
                    }
                }
                section .panel aria-labelledby="arrived" {
                    div .head { h2 #arrived { "Received" } a href="/received" { "All" } }
                    div #received data-live { (inbox(now, received)) }
                }
            }
            div .side {
                (compose(beside))
                @if let Some(phone) = &beside.handset { (handset(now, phone, beside.token)) }
            }
        }
    }
}

/// The way to the messages before the last of a page.
fn older(wanted: &Wanted, list: &[Message]) -> Markup {
    let last = list.last().filter(|_| list.len() == wanted.limit as usize);
    html! {
        @if let Some(last) = last {
            @let query = url::form_urlencoded::Serializer::new(String::new())
                .append_pair("q", &wanted.search)
                .append_pair("state", &wanted.state)
                .append_pair("before", &last.id.to_string())
                .finish();
            p .older { a href={ "/?" (query) } { "Older" } }
        }
    }
}

fn compose(beside: &Beside<'_>) -> Markup {
    let Beside { token, accounts, typed, notice, .. } = beside;
    html! {
        form #compose .panel method="post" action="/send" {
            h2 { "Send" }
            @match notice {
                Some(Notice::Done(words)) => p .done role="status" { (words) },
                Some(Notice::Refused(words)) => p .alert role="alert" { (words) },
                None => {},
            }
            (hidden(token))
            @if accounts.len() == 1 {
                @for account in *accounts { input type="hidden" name="account" value=(account); }
            } @else {
                label for="account" { "Account" }
                select #account name="account" {
                    @for account in *accounts {
                        option value=(account) selected[*account == typed.account] { (account) }
                    }
                }
            }
            label for="to" { "To" }
            input #to name="to" inputmode="tel" autocomplete="off" required value=(typed.to)
                placeholder="+45 12 34 56 78";
            label for="text" { "Text" }
            textarea #text name="text" rows="4" required aria-describedby="counter" { (typed.text) }
            output #counter .counter for="text" aria-live="polite" {}
            button { "Send" }
        }
    }
}

fn handset(now: Timestamp, phone: &Phone<'_>, token: &str) -> Markup {
    let Phone { handset, others, numbers, keyword } = phone;
    html! {
        section .panel .handset aria-labelledby="handset" {
            h2 #handset { "Virtual handset" }
            form .pick method="get" action="/" {
                label .hidden for="handset-number" { "Number of the handset" }
                input #handset-number name="handset" inputmode="tel" list="handsets" autocomplete="off"
                    value=(handset.number);
                datalist #handsets {
                    @for number in others.iter().take(HANDSETS_OFFERED) { option value=(number) {} }
                }
                button .quiet { "Show" }
            }
            ol #screen .screen data-live tabindex="0" aria-label="What the handset has received" {
                @if handset.messages.is_empty() { li .empty { "Nothing has arrived." } }
                @for message in handset.messages.iter().rev().take(20) {
                    li {
                        p { (message.text) }
                        @let parts = message.parts.len();
                        p .muted {
                            (message.from) " · " (counted(parts, "part")) " · "
                            @if let Ok(at) = Timestamp::try_from(message.at) { (age(now, at)) }
                        }
                    }
                }
            }
            form #answer method="post" action="/handset" {
                (hidden(token))
                input type="hidden" name="number" value=(handset.number);
                label for="answer-to" { "Answer to" }
                select #answer-to name="to" {
                    @for number in numbers { option value=(number) { (number) } }
                }
                label for="answer-text" { "Text" }
                input #answer-text name="text" required autocomplete="off"
                    placeholder={ (keyword) " hello" };
                button { "Send from the handset" }
            }
        }
    }
}

/// Messages that were received, one a row.
pub fn inbox(now: Timestamp, received: &[Received]) -> Markup {
    html! {
        @if received.is_empty() { p .empty { "Nothing was received." } } @else {
            table .messages .inbox {
                thead {
                    tr {
                        th scope="col" { "From" } th scope="col" { "To" } th scope="col" { "Text" }
                        th scope="col" { "Account" } th scope="col" { "Age" }
                    }
                }
                tbody {
                    @for message in received {
                        tr {
                            td .to { (message.sender) }
                            td .route { (message.recipient) }
                            td .text { span .cut { (message.text) } }
                            td .route .account {
                                @match &message.account {
                                    Some(account) => (account),
                                    None => "for nobody: no keyword matched",
                                }
                            }
                            td .age { (age(now, message.received)) }
                        }
                    }
                }
            }
        }
    }
}

/// The page of one message.
pub fn message(message: &Message) -> Markup {
    let row = |name: &str, value: &str| {
        html! { @if !value.is_empty() { dt { (name) } dd { (value) } } }
    };
    let time = |name: &str, at: Option<Timestamp>| {
        html! {
            @if let Some(at) = at {
                dt { (name) }
                dd { time datetime=(at) { (at.strftime("%F %T UTC").to_string()) } }
            }
        }
    };
    html! {
        p .back { a href="/" { "← Messages" } }
        article #message .panel data-live {
            h1 { "Message " (message.id) " " span .badge .(tone(message.tone)) { (message.state) } }
            p { (message.words) }
            p .whole { (message.text) }
            dl .facts {
                (row("To", &message.recipient))
                (row("Sender asked for", message.sender.as_deref().unwrap_or_default()))
                (row("Sent from", message.sim.as_deref().unwrap_or_default()))
                (row("Modem", message.modem.as_deref().unwrap_or_default()))
                (row("Account", &message.account))
                (row("Interface", &message.interface))
                (row("Id", &message.name))
                (row("Customer's id", message.client_id.as_deref().unwrap_or_default()))
                (row("Request", &message.request.to_string()))
                (row("Not carried", &message.noted))
                (time("Accepted", Some(message.accepted)))
                (time("For", message.scheduled))
                (time("Sent", message.sent))
                (time("Final", message.done))
            }
            h2 { "Parts" }
            ol .fates { @for part in &message.parts { li { (part.fate) } } }
        }
    }
}

/// The page of messages that were received.
pub fn received(list: &[Received], page: u32) -> Markup {
    let last = list.last().filter(|_| list.len() == page as usize);
    html! {
        section .panel {
            h1 { "Received" }
            div #received data-live { (inbox(Timestamp::now(), list)) }
            @if let Some(last) = last {
                p .older { a href={ "/received?before=" (last.id) } { "Older" } }
            }
        }
    }
}
