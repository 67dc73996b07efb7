//! Gives the linker its scripts, and the board the address that `SEPTET_ADDRESS` names.

use std::net::Ipv4Addr;
use std::{env, fs, path::PathBuf};

fn main() {
    let out = PathBuf::from(env::var_os("OUT_DIR").expect("cargo sets OUT_DIR"));
    fs::copy("memory.x", out.join("memory.x")).expect("memory.x can be copied");
    println!("cargo:rustc-link-search={}", out.display());
    println!("cargo:rerun-if-changed=memory.x");
    for script in ["link.x", "link-rp.x"] {
        println!("cargo:rustc-link-arg-bins=-T{script}");
    }
    println!("cargo:rustc-link-arg-bins=--nmagic");
    if ["CARGO_FEATURE_DEFMT", "CARGO_FEATURE_LOG"].iter().any(|own| env::var_os(own).is_some()) {
        println!("cargo:rustc-link-arg-bins=-Tdefmt.x");
    }
    fs::write(out.join("address.rs"), address()).expect("the address can be written");
}

/// The address as an expression: its octets and the length of its prefix.
fn address() -> String {
    println!("cargo:rerun-if-env-changed=SEPTET_ADDRESS");
    let Ok(text) = env::var("SEPTET_ADDRESS") else { return "None".into() };
    let read = || {
        let (address, prefix) = text.split_once('/')?;
        let address: Ipv4Addr = address.parse().ok()?;
        let prefix: u8 = prefix.parse().ok().filter(|prefix| *prefix <= 32)?;
        Some(format!("Some(({:?}, {prefix}))", address.octets()))
    };
    read().unwrap_or_else(|| panic!("SEPTET_ADDRESS is as 192.168.7.2/24, not {text}"))
}
