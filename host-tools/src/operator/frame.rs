//! What every page has: how it begins and ends, and how times and tones are written.
//!
//! Every value is escaped by the macro that the pages are written in. What has an attribute `data-live`
//! is brought up to date by the script, where there is one.

use jiff::Timestamp;
use maud::{DOCTYPE, Markup, html};

use crate::watch::{Health, Tone};

/// How a page begins and ends: its name, and the token of the session's forms.
pub struct Frame<'a> {
    /// The token; nothing where nobody is logged in.
    pub token: Option<&'a str>,
    /// Whether the gateway does its work, where that is shown.
    pub health: Option<&'a Health>,
}

/// The pages that the head of each leads to.
const PAGES: [(&str, &str); 3] =
    [("/", "Messages"), ("/received", "Received"), ("/gateway", "Gateway")];

/// How the path of a message's own page begins.
pub const MESSAGE: &str = "/messages/";

impl Frame<'_> {
    /// The page at `path`, which the head marks: itself, or the list that it is a page of.
    pub fn page(&self, path: &str, title: &str, content: Markup) -> Markup {
        html! {
            (DOCTYPE)
            html lang="en" {
                head {
                    meta charset="utf-8";
                    meta name="viewport" content="width=device-width, initial-scale=1";
                    meta name="color-scheme" content="light dark";
                    title { (title) " · Septet" }
                    link rel="icon" href="/operator.svg" type="image/svg+xml";
                    link rel="stylesheet" href="/operator.css";
                    script src="/operator.js" defer {}
                }
                body {
                    a .skip href="#content" { "Skip to the content" }
                    header .top {
                        a .brand href="/" { "Septet" }
                        @if let Some(token) = self.token {
                            nav aria-label="Pages" {
                                @for (to, name) in PAGES {
                                    a href=(to) aria-current=[current(to, path)] { (name) }
                                }
                            }
                            @if let Some(health) = self.health {
                                p #health .health .good[health.ready] .bad[!health.ready] data-live {
                                    (health.words)
                                }
                            }
                            form method="post" action="/logout" {
                                (hidden(token))
                                button .quiet { "Log out" }
                            }
                        }
                    }
                    main #content { (content) }
                }
            }
        }
    }
}

/// What a link of the head's is to the page at `path`.
fn current(to: &str, path: &str) -> Option<&'static str> {
    match to == path {
        true => Some("page"),
        false => (to == "/" && path.starts_with(MESSAGE)).then_some("true"),
    }
}

/// The token of a session's forms, as a form has it.
pub fn hidden(token: &str) -> Markup {
    html! { input type="hidden" name="token" value=(token); }
}

/// The page that asks for the password.
pub fn login(wrong: Option<&str>) -> Markup {
    html! {
        form .panel .login method="post" action="/login" {
            h1 { "Operator" }
            @if let Some(wrong) = wrong {
                p .alert role="alert" { (wrong) }
            }
            label for="password" { "Password" }
            input #password type="password" name="password" autocomplete="current-password" required
                autofocus;
            button { "Log in" }
        }
    }
}

/// A page of one sentence.
pub fn sentence(title: &str, words: &str) -> Markup {
    html! { section .panel { h1 { (title) } p { (words) } p { a href="/" { "Messages" } } } }
}

/// How long ago it was.
pub fn age(now: Timestamp, at: Timestamp) -> Markup {
    let seconds = now.as_second().saturating_sub(at.as_second());
    let words = match seconds {
        ..0 => format!("in {}", span(-seconds)),
        _ => span(seconds),
    };
    html! { time datetime=(at) title=(at) { (words) } }
}

fn span(seconds: i64) -> String {
    match seconds {
        0..60 => format!("{seconds} s"),
        60..3600 => format!("{} min", seconds / 60),
        3600..86_400 => format!("{} h", seconds / 3600),
        _ => format!("{} d", seconds / 86_400),
    }
}

/// The class of a tone.
pub const fn tone(tone: Tone) -> &'static str {
    match tone {
        Tone::Open => "open",
        Tone::Good => "good",
        Tone::Doubtful => "doubtful",
        Tone::Bad => "bad",
    }
}
