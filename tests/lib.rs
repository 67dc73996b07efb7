//! What needs more than one crate of Septet to be tested.
