//! Numbers with their nouns, as people write them.

use std::fmt::Display;

/// A number and what it counts: `1 part`, `2 parts`. The noun is one whose plural ends with `s`.
pub fn counted<N: Display + PartialEq + From<u8>>(count: N, noun: &str) -> String {
    let end = plural(&count);
    format!("{count} {noun}{end}")
}

/// The end of a noun that stands for this many.
pub fn plural<N: PartialEq + From<u8>>(count: &N) -> &'static str {
    if *count == N::from(1) { "" } else { "s" }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_is_not_many() {
        let words = [0_u8, 1, 2].map(|count| counted(count, "part"));
        assert_eq!(words, ["0 parts", "1 part", "2 parts"]);
    }
}
