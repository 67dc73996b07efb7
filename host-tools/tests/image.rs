//! `septet image`: what it says of bad input, and that a program does not tell where its source lay.

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use tempfile::TempDir;

fn septet(folder: &Path, arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_septet"))
        .arg("image")
        .args(arguments)
        .current_dir(folder)
        .output()
        .unwrap()
}

/// What is said where nothing is built.
fn failure(folder: &Path, arguments: &[&str]) -> String {
    let output = septet(folder, arguments);
    assert_eq!(output.status.code(), Some(1), "{output:?}");
    assert!(output.stdout.is_empty(), "{output:?}");
    String::from_utf8(output.stderr).unwrap()
}

/// A tree with the board `blink`, for this target, which has a package of the tree.
fn tree(folder: &Path, target: &str) {
    let manifest = |name: &str, more: &str| {
        format!("[package]\nname = \"{name}\"\nversion = \"0.1.0\"\nedition = \"2024\"\n{more}")
    };
    let lock = "version = 4\n\n[[package]]\nname = \"blink\"\nversion = \"0.1.0\"\n\
                dependencies = [\n \"codec\",\n]\n\n\
                [[package]]\nname = \"codec\"\nversion = \"0.1.0\"\n";
    let codec = "[dependencies]\ncodec = { path = \"../../../codec\" }\n[workspace]\n";
    let generic =
        "#[inline(never)]\npub fn first<T: Copy>(all: &[T], at: usize) -> T { all[at] }\n";
    let main = "fn main() {\n    let all: Vec<String> = std::env::args().collect();\n    \
                let lens: Vec<usize> = all.iter().map(String::len).collect();\n    \
                println!(\"{}\", codec::first(&lens, all.len() - 1));\n}\n";
    for (path, text) in [
        ("codec/Cargo.toml", manifest("codec", "")),
        ("codec/src/lib.rs", generic.into()),
        ("firmware/boards/blink/Cargo.toml", manifest("blink", codec)),
        ("firmware/boards/blink/Cargo.lock", lock.into()),
        ("firmware/boards/blink/src/main.rs", main.into()),
        ("firmware/boards/blink/.cargo/config.toml", format!("[build]\ntarget = \"{target}\"\n")),
        ("firmware/boards/common/src/lib.rs", String::new()),
    ] {
        let path = folder.join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
}

#[test]
fn what_cannot_be_built_is_said() {
    let folder = TempDir::new().unwrap();
    assert_eq!(
        failure(folder.path(), &["blink"]),
        "septet: this folder is in no source tree of Septet: go into one, or name it as --source\n"
    );
    let path = folder.path().canonicalize().unwrap();
    let source = path.to_str().unwrap();
    assert_eq!(
        failure(Path::new("."), &["blink", "--source", source]),
        format!("septet: {source} is no source tree of Septet\n")
    );
    tree(&path, "z80-none-elf");
    let other = failure(&path.join("codec/src"), &["toaster"]);
    assert_eq!(other, "septet: there is no board toaster: there are blink\n");
    assert_eq!(
        failure(&path, &["blink"]),
        "septet: the compiler lacks z80-none-elf: run rustup target add z80-none-elf\n"
    );
}

#[test]
fn a_program_is_the_same_wherever_its_source_lies() {
    let said = Command::new("rustc").args(["--version", "--verbose"]).output().unwrap();
    let said = String::from_utf8(said.stdout).unwrap();
    let host = said.lines().find_map(|line| line.strip_prefix("host: ")).unwrap();
    let folder = TempDir::new().unwrap();
    let programs = ["one", "in/another/place"].map(|place| {
        let tree_of = folder.path().join(place);
        tree(&tree_of, host);
        let said = failure(&tree_of, &["blink"]);
        // It is built, and is no image: a computer of 64 bits has other files.
        assert!(said.contains("is no image of a board: "), "{said}");
        let built = tree_of.join("target/images/build").join(host).join("release/blink");
        fs::read(built).unwrap()
    });
    assert!(programs[0] == programs[1]);
    let has = |text: &str| programs[0].windows(text.len()).any(|own| own == text.as_bytes());
    assert!(has("/septet/codec/src/lib.rs") && !has(folder.path().to_str().unwrap()));
}
