//! What is written to.

use core::fmt;

use crate::error::{Error, ErrorKind};

/// What is written to: a buffer of fixed size and how far it is filled.
#[derive(Debug)]
pub struct Writer<'b> {
    buffer: &'b mut [u8],
    len: usize,
    /// Something was put that had no room.
    overflows: bool,
}

impl<'b> Writer<'b> {
    /// An empty writer over `buffer`.
    pub const fn new(buffer: &'b mut [u8]) -> Self {
        Self { buffer, len: 0, overflows: false }
    }

    /// How many octets were written.
    pub const fn len(&self) -> usize {
        self.len
    }

    /// Whether nothing was written.
    pub const fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// Writes one octet.
    ///
    /// # Errors
    /// [`ErrorKind::Full`].
    pub fn octet(&mut self, octet: u8) -> Result<(), Error> {
        let Some(to) = self.buffer.get_mut(self.len) else { return Err(self.full()) };
        *to = octet;
        self.len = self.len.saturating_add(1);
        Ok(())
    }

    /// Writes `octets`, all or none.
    ///
    /// # Errors
    /// [`ErrorKind::Full`].
    pub fn octets(&mut self, octets: &[u8]) -> Result<(), Error> {
        if self.fits(octets) { Ok(()) } else { Err(self.full()) }
    }

    /// Writes `octets`, all or none; [`check`](Self::check) tells whether all had room that were put.
    ///
    /// For what writes field after field: an error to hand on with each costs more flash than the
    /// writing.
    #[cfg_attr(target_pointer_width = "64", inline)]
    #[cfg_attr(not(target_pointer_width = "64"), inline(never))]
    pub fn put(&mut self, octets: &[u8]) {
        let fits = self.fits(octets);
        self.overflows |= !fits;
    }

    /// As [`put`](Self::put), for one octet of many.
    #[inline]
    pub(crate) fn push(&mut self, octet: u8) {
        match self.buffer.get_mut(self.len) {
            Some(place) => {
                *place = octet;
                self.len += 1;
            }
            None => self.overflows = true,
        }
    }

    /// Whether there was room for everything that was put.
    ///
    /// # Errors
    /// [`ErrorKind::Full`].
    pub fn check(&self) -> Result<(), Error> {
        if self.overflows { Err(self.full()) } else { Ok(()) }
    }

    /// That there is no room for what comes next.
    #[cold]
    #[inline(never)]
    pub(crate) const fn full(&self) -> Error {
        ErrorKind::Full.at("", self.len)
    }

    /// Writes `octets` if they fit.
    fn fits(&mut self, octets: &[u8]) -> bool {
        let rest = self.buffer.get_mut(self.len..).unwrap_or_default();
        if rest.len() < octets.len() {
            return false;
        }
        // Not `copy_from_slice`, which panics where the compiler does not see that it cannot.
        rest.iter_mut().zip(octets).for_each(|(to, from)| *to = *from);
        self.len = self.len.saturating_add(octets.len());
        true
    }

    /// What is not written to yet.
    pub(crate) fn free(&mut self) -> &mut [u8] {
        self.buffer.get_mut(self.len..).unwrap_or_default()
    }

    /// Counts as written what was written to the front of what was [free](Self::free).
    pub(crate) const fn advance(&mut self, octets: usize) {
        self.len = self.len.saturating_add(octets);
    }

    /// Writes `text` as it stands.
    ///
    /// # Errors
    /// [`ErrorKind::Full`].
    pub fn text(&mut self, text: &str) -> Result<(), Error> {
        self.octets(text.as_bytes())
    }

    /// Writes `number` in decimal digits.
    ///
    /// # Errors
    /// [`ErrorKind::Full`].
    pub fn decimal(&mut self, mut number: u64) -> Result<(), Error> {
        if number < 10 {
            return self.octet(b'0' | number as u8);
        }
        let mut digits = [0; 20];
        let mut first = digits.len();
        for (i, digit) in digits.iter_mut().enumerate().rev() {
            *digit = b'0' | (number % 10) as u8;
            number /= 10;
            first = i;
            if number == 0 {
                break;
            }
        }
        self.octets(digits.get(first..).unwrap_or_default())
    }

    /// What was written.
    pub fn written(&self) -> &[u8] {
        self.buffer.get(..self.len).unwrap_or_default()
    }

    /// What was written, for as long as the buffer lives.
    pub fn into_written(self) -> &'b [u8] {
        self.buffer.get(..self.len).unwrap_or_default()
    }
}

/// `write!` for what is printed, not for what is parsed again.
impl fmt::Write for Writer<'_> {
    fn write_str(&mut self, s: &str) -> fmt::Result {
        self.text(s).map_err(|_| fmt::Error)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decimal_digits_are_written_without_leading_zeros() {
        let mut buffer = [0; 32];
        let mut w = Writer::new(&mut buffer);
        for number in [0, 7, 160, u64::MAX] {
            w.decimal(number).unwrap();
            w.octet(b' ').unwrap();
        }
        assert_eq!(w.written(), b"0 7 160 18446744073709551615 ");
    }

    #[test]
    fn a_full_writer_writes_nothing() {
        let mut buffer = [0; 2];
        let mut w = Writer::new(&mut buffer);
        w.octet(1).unwrap();
        assert_eq!(w.octets(&[2, 3]), Err(ErrorKind::Full.at("", 1)));
        assert_eq!(w.written(), [1]);
    }
}
