//! With the feature `c`: compiles what calls the C libraries, and links it with those. They are Debian's
//! packages, installed, or unpacked by `.ci/install --c` into the folder `lab` of `target/tools`, which
//! BENCH_TOOLS can say is elsewhere.

use std::env;
use std::path::{Path, PathBuf};
use std::process::Command;

/// A library; `~` stands for the machine's triplet.
struct Library {
    /// Its name on the page.
    name: &'static str,
    /// The package that has its headers.
    package: &'static str,
    /// Where they are, below usr.
    headers: &'static [&'static str],
    /// The files to link. Shared ones have the names by which programs load them: those are there also where
    /// only the package of headers had to be unpacked.
    files: &'static [&'static str],
}

const LIBRARIES: &[Library] = &[
    Library {
        name: "Kannel",
        package: "kannel-dev",
        headers: &["include/kannel", "include/libxml2", "include"],
        files: &[
            "libgwlib.a",
            "libmariadb.so.3",
            "libpcreposix.so.3",
            "libxml2.so.2",
            "libssl.so.3",
            "libcrypto.so.3",
        ],
    },
    Library {
        name: "libcurl",
        package: "libcurl4-openssl-dev",
        headers: &["include/~"],
        files: &["libcurl.so.4"],
    },
    Library {
        name: "glib",
        package: "libglib2.0-dev",
        headers: &["include/glib-2.0", "lib/~/glib-2.0/include"],
        files: &["libglib-2.0.so.0"],
    },
    Library {
        name: "libgammu",
        package: "libgammu-dev",
        headers: &["include/gammu"],
        files: &["libGammu.so.8"],
    },
    Library {
        name: "libosmocore",
        package: "libosmocore-dev",
        headers: &["include"],
        files: &["libosmogsm.so.18"],
    },
];

fn main() {
    println!("cargo:rerun-if-changed=build.rs");
    println!("cargo:rerun-if-changed=c");
    println!("cargo:rerun-if-env-changed=BENCH_TOOLS");
    if env::var_os("CARGO_FEATURE_C").is_none() {
        return;
    }
    let tools = env::var_os("BENCH_TOOLS").unwrap_or_else(|| "../../target/tools".into());
    let lab = Path::new(&tools).join("lab");
    let triplet = said("cc", &["-print-multiarch"]).expect("a C compiler, as Debian has it");
    let out = PathBuf::from(env::var_os("OUT_DIR").expect("cargo says it"));

    let mut headers = Vec::new();
    let mut links = Vec::new();
    let mut versions = Vec::new();
    for library in LIBRARIES {
        let (root, version) = place(&lab, library.package);
        for folder in library.headers {
            let folder = folder.replace('~', &triplet);
            // What an unpacked package needs may be installed.
            for folder in [root.join("usr").join(&folder), Path::new("/usr").join(&folder)] {
                if folder.is_dir() {
                    headers.push("-isystem".into());
                    headers.push(folder.into_os_string());
                }
            }
        }
        for folder in ["usr/lib/~/kannel", "usr/lib/~", "usr/lib", "lib/~"] {
            let folder = root.join(folder.replace('~', &triplet));
            if folder.is_dir() {
                let folder = folder.display();
                links.push(format!("-L{folder}"));
                links.push(format!("-Wl,-rpath,{folder}"));
            }
        }
        links.extend(library.files.iter().map(|file| format!("-l:{file}")));
        versions.push(format!("{} {version}", library.name));
    }
    // Some linkers take of libc only what was asked for in front of it.
    links.push("-lc".to_owned());
    // By this tag the libraries find those that they need in the same folders.
    println!("cargo:rustc-link-arg=-Wl,--disable-new-dtags");
    for name in ["web", "kannel", "gsm", "heap"] {
        let object = out.join(format!("{name}.o"));
        let status = Command::new("cc")
            .args(["-O2", "-Wall", "-Wextra", "-Werror", "-c"])
            .arg(format!("c/{name}.c"))
            .args(&headers)
            .arg("-o")
            .arg(&object)
            .status();
        assert!(status.is_ok_and(|status| status.success()), "c/{name}.c does not compile");
        println!("cargo:rustc-link-arg={}", object.display());
    }
    links.iter().for_each(|link| println!("cargo:rustc-link-arg={link}"));
    println!("cargo:rustc-env=C_VERSIONS={}", versions.join(", "));
}

/// What a command prints, where it can.
fn said(command: &str, arguments: &[&str]) -> Option<String> {
    let output = Command::new(command).args(arguments).output().ok()?;
    let text = String::from_utf8(output.stdout).ok()?.trim().to_owned();
    output.status.success().then_some(text).filter(|text| !text.is_empty())
}

/// Where a package is, and its version.
fn place(lab: &Path, package: &str) -> (PathBuf, String) {
    let unpacked = lab.join(package);
    if unpacked.is_dir() {
        let unpacked = unpacked.canonicalize().expect("it is there");
        let changes = unpacked.join(format!("usr/share/doc/{package}/changelog.Debian.gz"));
        let changes = said("gzip", &["-dc", &changes.to_string_lossy()]).unwrap_or_default();
        // PACKAGE (VERSION) ...
        let version = changes.split(['(', ')']).nth(1).unwrap_or("of an unknown version");
        return (unpacked, version.to_owned());
    }
    let version = said("dpkg-query", &["-W", "-f=${Version}", package]);
    let Some(version) = version else {
        panic!("no {package}, neither installed nor in {}: run .ci/install --c", lab.display());
    };
    ("/".into(), version)
}
