//! Open codes: a newtype, its named values and their words, from one table.

/// Makes an open code: a newtype over the wire's number, a constant for each listed value, and its
/// words.
///
/// An unlisted value is kept and prints as its number, so that nothing is lost by reading it.
macro_rules! codes {
    (
        $(#[$meta:meta])*
        pub struct $name:ident($number:ty);
        $( $(#[$value_meta:meta])* $constant:ident = $value:literal => $words:literal, )*
    ) => {
        $(#[$meta])*
        #[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[cfg_attr(feature = "defmt", derive(defmt::Format))]
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
            /// Every listed value.
            pub const LISTED: &'static [Self] = &[$(Self($value)),*];

            /// What the value means, where it is listed.
            pub const fn words(self) -> Option<&'static str> {
                match self.0 {
                    $($value => Some($words),)*
                    _ => None,
                }
            }
        }

        /// The number, and its words where it is listed.
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
