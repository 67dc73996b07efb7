//! What a program read in a message, as it stands on a line between the lab and a driver.

use serde::{Deserialize, Serialize};

/// What is in a message, as the standard or a program has it; what is absent is not told.
#[derive(Clone, Debug, Default, PartialEq, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct Answer {
    /// `DELIVER`, `SUBMIT` or `STATUS-REPORT`.
    #[serde(rename = "type", skip_serializing_if = "Option::is_none")]
    pub kind: Option<String>,
    /// Digits, behind a `+` where the number is an international one, or a name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub address: Option<String>,
    /// TP-SCTS in Greenwich time: `26-12-20 13:23:50`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub time: Option<String>,
    /// TP-DT, in the same form.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub discharge: Option<String>,
    /// TP-VP: `10080 min`, or a time.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub validity: Option<String>,
    /// TP-MR.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reference: Option<u8>,
    /// TP-ST.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status: Option<u8>,
    /// Reference, number of parts and number of this part.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub part: Option<[u16; 3]>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
    /// 8-bit data behind the header, in hexadecimal digits of either case.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub data: Option<String>,
    /// What a text to be sent became: PDUs in hexadecimal digits.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pdus: Option<Vec<String>>,
    /// The same of who has the alphabet alone: packed septets.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub packed: Option<String>,
    /// Why there is nothing else: the program said so.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
    /// The same: it did not say so, but broke.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub crash: Option<String>,
}

impl Answer {
    pub fn refused(why: impl ToString) -> Self {
        Self { error: Some(why.to_string()), ..Self::default() }
    }

    pub fn crashed(how: impl ToString) -> Self {
        Self { crash: Some(how.to_string()), ..Self::default() }
    }
}

/// Greenwich time of a local time whose zone is so many quarters of an hour ahead of it. The years
/// have two digits on the wire, and come round.
pub fn greenwich(local: [u8; 6], quarters: i32) -> String {
    let [year, month, day, hour, minute, second] = local.map(i64::from);
    // Days since 2000-01-01; within the hundred years every fourth one is a leap year.
    let before = |month: i64, leap: i64| {
        let lengths = [31, 28 + leap, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
        lengths.iter().take(month as usize - 1).sum::<i64>()
    };
    let leap = |year: i64| i64::from(year % 4 == 0);
    let days = year * 365 + (year + 3) / 4 + before(month, leap(year)) + day - 1;
    let minutes = (days * 24 + hour) * 60 + minute - i64::from(quarters) * 15;
    let minutes = minutes.rem_euclid(36_525 * 24 * 60);
    let (mut days, minutes) = (minutes / (24 * 60), minutes % (24 * 60));
    let mut year = 0;
    while days >= 365 + leap(year) {
        days -= 365 + leap(year);
        year += 1;
    }
    let month = (1..=12).rev().find(|month| before(*month, leap(year)) <= days).unwrap_or(1);
    let day = days - before(month, leap(year)) + 1;
    format!("{year:02}-{month:02}-{day:02} {:02}:{:02}:{second:02}", minutes / 60, minutes % 60)
}

#[cfg(test)]
mod tests {
    use super::greenwich;

    #[test]
    fn a_zone_moves_the_day_the_year_and_the_century() {
        assert_eq!(greenwich([26, 12, 20, 15, 23, 50], 8), "26-12-20 13:23:50");
        assert_eq!(greenwich([24, 2, 28, 23, 0, 1], -8), "24-02-29 01:00:01");
        assert_eq!(greenwich([0, 1, 1, 0, 0, 0], 4), "99-12-31 23:00:00");
        assert_eq!(greenwich([99, 12, 31, 23, 45, 0], -1), "00-01-01 00:00:00");
        assert_eq!(greenwich([0, 2, 29, 12, 0, 0], 0), "00-02-29 12:00:00");
    }
}
