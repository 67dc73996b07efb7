//! A digest of what the database remembers only to see whether it is the same.

use std::hash::Hasher;

use blake2::{Blake2s256, Digest as _};

/// A digest that is the same in every run and release.
#[derive(Default)]
pub(super) struct Digest(Blake2s256);

impl Hasher for Digest {
    fn write(&mut self, octets: &[u8]) {
        self.0.update(octets);
    }

    fn finish(&self) -> u64 {
        let digest = self.0.clone().finalize();
        digest.iter().take(8).fold(0, |number, octet| number << 8 | u64::from(*octet))
    }
}
