//! Libraries of C that do the same work, behind the feature `c`: the functions of the folder `c`, and
//! what they answer.

use std::ffi::c_void;
use std::slice;

use crate::groups::See;

/// Does the work once, on octets of a length, and shows what it made to the last two.
pub type Peer = unsafe extern "C" fn(*const u8, usize, Piece, *mut c_void);
pub type Piece = extern "C" fn(*mut c_void, *const u8, usize);

macro_rules! peers {
    ($($name:ident)*) => {
        // SAFETY: they are as the macro PEER of c/peers.h has them.
        unsafe extern "C" {
            $(pub fn $name(octets: *const u8, len: usize, piece: Piece, whose: *mut c_void);)*
        }
    };
}

peers! {
    kannel_form_parse kannel_form_emit
    libcurl_form_parse libcurl_form_emit
    glib_form_parse glib_form_emit
    gammu_pack gammu_unpack gammu_deliver
    osmocore_pack osmocore_unpack
}

// SAFETY: it is as c/heap.c has it, and only tells.
unsafe extern "C" {
    /// How often this thread asked for memory; Rust's allocator does it there as well.
    pub safe fn c_allocations() -> u64;
}

extern "C" fn piece(whose: *mut c_void, octets: *const u8, len: usize) {
    // SAFETY: it is the closure that `call` has borrowed, and a peer shows `len` octets that it does
    // not change before this returns.
    let (see, octets) =
        unsafe { (&mut *whose.cast::<See<'_>>(), slice::from_raw_parts(octets, len)) };
    see(octets);
}

fn call(peer: Peer, octets: &[u8], len: usize, mut see: See<'_>) {
    // SAFETY: the callers see to it that a peer reads no more than these octets; it calls `piece` with
    // what it is given here for that, and only before it returns.
    unsafe { peer(octets.as_ptr(), len, piece, (&raw mut see).cast()) }
}

/// Has a peer do its work.
pub fn run(peer: Peer, octets: &[u8], see: See<'_>) {
    call(peer, octets, octets.len(), see);
}

/// Has a peer unpack so many septets.
pub fn unpack(peer: Peer, octets: &[u8], septets: usize, see: See<'_>) {
    assert!(octets.len() >= (7 * septets).div_ceil(8), "as many octets as that takes");
    call(peer, octets, septets, see);
}

/// The last piece that a peer makes; `None` where it makes none, as one that refuses.
pub fn last(work: impl FnOnce(See<'_>)) -> Option<Vec<u8>> {
    let mut made = None;
    work(&mut |octets| made = Some(octets.to_vec()));
    made
}
