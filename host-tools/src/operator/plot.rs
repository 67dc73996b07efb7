//! The last hour as a picture.

use maud::{Markup, html};

use crate::watch::{Figures, MINUTES, Minute};

/// The size of the picture in its own units: it is stretched to the room that there is.
const WIDTH: i64 = 720;
const HEIGHT: i64 = 96;

/// How wide a minute is, and each of its two bars.
const MINUTE: i64 = 12;
const BAR: i64 = 5;

/// How many pieces the hour has at the foot of the picture, and the numbers at its side at most.
const QUARTERS: i64 = 4;
const PIECES: i64 = 4;

/// The numbers at the side: from 0 in steps of 1, 2 or 5, with noughts behind it, to one that is not below
/// `highest`.
fn scale(highest: i64) -> Vec<i64> {
    let steps = (0..18).flat_map(|noughts| [1, 2, 5].map(|step| step * 10_i64.pow(noughts)));
    let step = steps.into_iter().find(|step| step * PIECES >= highest).unwrap_or(highest);
    (0..=PIECES).map(|at| at * step).take_while(|number| *number < highest + step).collect()
}

/// Messages that were accepted, delivered and failed in each minute of the last hour.
pub fn plot(figures: &Figures) -> Markup {
    let total = |of: fn(&Minute) -> i64| figures.minutes.iter().map(of).sum::<i64>();
    let (accepted, delivered, failed) =
        (total(|m| m.accepted), total(|m| m.delivered), total(|m| m.failed));
    let highest = figures.minutes.iter().map(|m| m.accepted.max(m.delivered + m.failed)).max();
    let highest = highest.unwrap_or_default().max(1);
    let numbers = scale(highest);
    let top = numbers.last().copied().unwrap_or(highest);
    // What is not nothing is seen.
    let height = |count: i64| match count {
        0 => 0,
        count => (count * HEIGHT / top).max(2),
    };
    let words = format!(
        "In the last hour {accepted} accepted, {delivered} delivered, {failed} failed or unknown; at \
         most {highest} in a minute"
    );
    html! {
        figure .plot {
            p .side aria-hidden="true" { @for number in numbers.iter().rev() { span { (number) } } }
            svg viewBox=(format!("0 0 {WIDTH} {HEIGHT}")) preserveAspectRatio="none" role="img"
                aria-label=(words) {
                @for number in &numbers {
                    @let y = HEIGHT - number * HEIGHT / top;
                    line x1="0" x2=(WIDTH) y1=(y) y2=(y) {}
                }
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
            p .foot aria-hidden="true" {
                @for quarter in 0..QUARTERS {
                    @let ago = MINUTES as i64 * (QUARTERS - quarter) / QUARTERS;
                    span { (ago) @if quarter == 0 { " min ago" } }
                }
                span .now { "now" }
            }
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
    fn the_numbers_at_the_side_are_few_and_reach_as_far_as_the_bars() {
        for highest in (1..5000).chain([99_999, 100_000, 100_001, 1_000_000_000_000]) {
            let numbers = scale(highest);
            let step = numbers[1];
            assert!((2..=5).contains(&numbers.len()) && numbers[0] == 0, "{highest}: {numbers:?}");
            assert!(numbers.windows(2).all(|pair| pair[1] - pair[0] == step), "{numbers:?}");
            let top = numbers[numbers.len() - 1];
            assert!(top >= highest && top - step < highest, "{highest}: {numbers:?}");
        }
        assert_eq!(scale(7), [0, 2, 4, 6, 8]);
    }

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
