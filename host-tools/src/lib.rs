//! The library behind the binary `septet`.
