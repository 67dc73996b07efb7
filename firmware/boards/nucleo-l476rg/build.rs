//! Gives the linker its scripts: memory.x of this folder, and those of the crates.

use std::{env, fs, path::PathBuf};

fn main() {
    let out = PathBuf::from(env::var_os("OUT_DIR").expect("cargo sets OUT_DIR"));
    fs::copy("memory.x", out.join("memory.x")).expect("memory.x can be copied");
    println!("cargo:rustc-link-search={}", out.display());
    println!("cargo:rerun-if-changed=memory.x");
    for script in ["link.x"] {
        println!("cargo:rustc-link-arg-bins=-T{script}");
    }
    println!("cargo:rustc-link-arg-bins=--nmagic");
    if ["CARGO_FEATURE_DEFMT", "CARGO_FEATURE_LOG"].iter().any(|own| env::var_os(own).is_some()) {
        println!("cargo:rustc-link-arg-bins=-Tdefmt.x");
    }
}
