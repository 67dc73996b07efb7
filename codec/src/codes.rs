//! Open codes: a newtype, its named values and their words, from one table.

/// Makes an open code: a newtype over the wire's number, a constant for each listed value, and its
/// words.
///
/// Behind the values may stand ranges, which have words and no names. A value that is in neither is
/// kept and prints as its number, so that nothing is lost by reading it.
macro_rules! codes {
    (
        $(#[$meta:meta])*
        pub struct $name:ident($number:ty);
        $( $(#[$value_meta:meta])* $constant:ident = $value:literal => $words:literal, )*
        $( $first:literal..=$last:literal => $range_words:literal, )*
    ) => {
        $(#[$meta])*
        #[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[cfg_attr(feature = "defmt", derive(defmt::Format))]
        #[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
        pub struct $name(pub $number);

        #[allow(missing_docs, reason = "the words of each value stand beside it in the table")]
        impl $name {
            $(
                $(#[$value_meta])*
                #[doc = concat!($words, ".")]
                pub const $constant: Self = Self($value);
            )*
        }

        impl $name {
            /// Every value that has a name.
            pub const LISTED: &'static [Self] = &[$(Self($value)),*];

            /// What the value means, where that is known.
            pub const fn words(self) -> Option<&'static str> {
                match self.0 {
                    $($value => Some($words),)*
                    $($first..=$last => Some($range_words),)*
                    #[allow(unreachable_patterns, reason = "the table may name every value")]
                    _ => None,
                }
            }
        }

        /// The number, and its words where they are known.
        impl core::fmt::Display for $name {
            fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
                match self.words() {
                    Some(words) => write!(f, "{} ({words})", self.0),
                    None => write!(f, "{}", self.0),
                }
            }
        }
    };
}

pub(crate) use codes;
