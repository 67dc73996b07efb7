//! The last hour as a picture.

use maud::{Markup, html};

use crate::watch::{Figures, Minute};

/// The size of the picture in its own units: it is stretched to the room that there is.
const WIDTH: i64 = 720;
const HEIGHT: i64 = 96;

/// How wide a minute is, and each of its two bars.
const MINUTE: i64 = 12;
const BAR: i64 = 5;

/// Messages that were accepted, delivered and failed in each minute of the last hour.
pub fn plot(figures: &Figures) -> Markup {
    let total = |of: fn(&Minute) -> i64| figures.minutes.iter().map(of).sum::<i64>();
    let (accepted, delivered, failed) =
        (total(|m| m.accepted), total(|m| m.delivered), total(|m| m.failed));
    let highest = figures.minutes.iter().map(|m| m.accepted.max(m.delivered + m.failed)).max();
    let highest = highest.unwrap_or_default().max(1);
    // What is not nothing is seen.
    let height = |count: i64| match count {
        0 => 0,
        count => (count * HEIGHT / highest).max(2),
    };
    let words = format!(
        "In the last hour {accepted} accepted, {delivered} delivered, {failed} failed or unknown; at \
         most {highest} in a minute"
    );
    html! {
        figure .plot {
            svg viewBox=(format!("0 0 {WIDTH} {HEIGHT}")) preserveAspectRatio="none" role="img"
                aria-label=(words) {
                @for (minute, at) in figures.minutes.iter().zip(0_i64..) {
                    @let x = at * MINUTE;
                    @let (all, good, bad) =
                        (height(minute.accepted), height(minute.delivered), height(minute.failed));
                    @if all > 0 {
                        rect .accepted x=(x) y=(HEIGHT - all) width=(BAR) height=(all) {}
                    }
                    @if good > 0 {
                        rect .good x=(x + BAR) y=(HEIGHT - good) width=(BAR) height=(good) {}
                    }
                    @if bad > 0 {
                        rect .bad x=(x + BAR) y=(HEIGHT - good - bad) width=(BAR) height=(bad) {}
                    }
                }
            }
            p .axis { span { "an hour ago" } span { "now" } }
            figcaption {
                span .accepted { (accepted) " accepted" } " "
                span .good { (delivered) " delivered" } " "
                span .bad { (failed) " failed or unknown" }
                span .muted { " in the last hour, at most " (highest) " a minute" }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_minute_with_something_has_a_bar_within_the_picture() {
        let mut figures = Figures { minutes: vec![Minute::default(); 60], ..Figures::default() };
        figures.minutes[59] = Minute { accepted: 100_000, sent: 1, delivered: 1, failed: 99_999 };
        figures.minutes[0] = Minute { accepted: 1, ..Minute::default() };
        let picture = plot(&figures).into_string();
        assert_eq!(picture.matches("<rect").count(), 4);
        // The highest bar is as high as there is room.
        assert!(picture.contains("y=\"0\" width=\"5\" height=\"96\""), "{picture}");
        assert!(plot(&Figures::default()).into_string().contains("0 accepted"));
    }
}
