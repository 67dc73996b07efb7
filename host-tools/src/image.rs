//! `septet image`: the image of a board, built from the source tree.

pub mod rustc;
pub mod uf2;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use clap::Args;
use object::Endianness;
use object::elf::{FileHeader32, PT_LOAD};
use object::read::elf::{FileHeader as _, ProgramHeader as _};
use serde::Deserialize;
use sha2::{Digest as _, Sha256};

use crate::Failed;

/// Where the boards are in the tree.
const BOARDS: &str = "firmware/boards";

/// Builds the image of a board: the ELF file, and for an RP2040 the UF2 file too.
///
/// It needs a source tree of Septet, and Rust with the board's target. The same source and the same
/// compiler make the same octets, wherever the tree lies.
#[derive(Debug, Args)]
pub struct Options {
    /// The board: a folder of firmware/boards
    #[arg(value_name = "BOARD")]
    board: String,
    /// Features that the board's Cargo.toml has, with commas between: usb
    #[arg(long, value_name = "FEATURES", value_delimiter = ',')]
    features: Vec<String>,
    /// The source tree; else the one that this folder is in
    #[arg(long, value_name = "DIR")]
    source: Option<PathBuf>,
    /// The folder that the image is written to; else target/images in the tree
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
}

/// Runs the command and returns what it prints: the files, their sizes and their SHA-256.
///
/// # Errors
/// One sentence.
pub fn run(options: &Options) -> Result<String, Failed> {
    let tree = tree(options.source.as_deref())?;
    let boards = boards(&tree)?;
    let name = &options.board;
    if !boards.contains(name) {
        return Err(Failed::input(format!(
            "there is no board {name}: there are {}",
            boards.join(", ")
        )));
    }
    let folder = tree.join(BOARDS).join(name);
    let target = target(&folder)?;
    let built = tree.join("target/images/build");
    let elf = build(&tree, &folder, &target, &built, &options.features)?;
    let octets = fs::read(&elf).map_err(|error| cannot("read", &elf, &error))?;
    let out = options.out.clone().unwrap_or_else(|| tree.join("target/images"));
    fs::create_dir_all(&out).map_err(|error| cannot("make", &out, &error))?;
    let pages = uf2::pages(pieces(&octets).map_err(|error| {
        Failed::input(format!("{} is no image of a board: {error}", elf.display()))
    })?);
    let uf2 = uf2::is_rp2040(&pages).then(|| ("uf2", uf2::write(&pages, uf2::RP2040)));
    let mut told = String::new();
    let stem = [std::slice::from_ref(name), &options.features].concat().join("-");
    for (ending, octets) in [("elf", octets)].into_iter().chain(uf2) {
        let path = out.join(format!("{stem}.{ending}"));
        fs::write(&path, &octets).map_err(|error| cannot("write", &path, &error))?;
        let sum: String = Sha256::digest(&octets).iter().map(|own| format!("{own:02x}")).collect();
        told += &format!("{}: {} octets, SHA-256 {sum}\n", path.display(), octets.len());
    }
    Ok(told)
}

fn cannot(what: &str, path: &Path, error: &std::io::Error) -> Failed {
    Failed::input(format!("cannot {what} {}: {error}", path.display()))
}

/// The source tree: the folder that is named, or the first above this one that is one.
fn tree(named: Option<&Path>) -> Result<PathBuf, Failed> {
    let is_tree = |folder: &Path| folder.join(BOARDS).is_dir() && folder.join("codec").is_dir();
    let start = named.unwrap_or(Path::new("."));
    let start = fs::canonicalize(start).map_err(|error| cannot("find", start, &error))?;
    let found = match named {
        Some(_) => is_tree(&start).then_some(start.as_path()),
        None => start.ancestors().find(|folder| is_tree(folder)),
    };
    found.map(Path::to_owned).ok_or_else(|| {
        Failed::input(match named {
            Some(_) => format!("{} is no source tree of Septet", start.display()),
            None => {
                "this folder is in no source tree of Septet: go into one, or name it as --source"
                    .to_owned()
            }
        })
    })
}

/// The names of the boards, in order.
fn boards(tree: &Path) -> Result<Vec<String>, Failed> {
    let folder = tree.join(BOARDS);
    let entries = fs::read_dir(&folder).map_err(|error| cannot("read", &folder, &error))?;
    let is_board = |path: &Path| path.join("src/main.rs").is_file();
    let mut names: Vec<String> = entries
        .filter_map(|entry| entry.ok())
        .filter(|entry| is_board(&entry.path()))
        .filter_map(|entry| entry.file_name().into_string().ok())
        .collect();
    names.sort();
    Ok(names)
}

/// What is read of a board's `.cargo/config.toml`.
#[derive(Deserialize)]
struct Config {
    build: Build,
}

#[derive(Deserialize)]
struct Build {
    target: String,
}

/// The target that a board is built for.
fn target(board: &Path) -> Result<String, Failed> {
    let path = board.join(".cargo/config.toml");
    let text = fs::read_to_string(&path).map_err(|error| cannot("read", &path, &error))?;
    toml::from_str::<Config>(&text)
        .map(|config| config.build.target)
        .map_err(|error| Failed::input(format!("{}: {error}", path.display())))
}

/// Cargo for a target, up to its subcommand: that of the default toolchain where it has the target, else
/// what the tree knows besides.
fn cargo(tree: &Path, target: &str) -> Result<Command, Failed> {
    let said = Command::new("rustc").args(["--print", "sysroot"]).output().map_err(|error| {
        Failed::input(format!("rustc cannot be run: {error}: install Rust with rustup"))
    })?;
    let sysroot = String::from_utf8_lossy(&said.stdout);
    if Path::new(sysroot.trim_end()).join("lib/rustlib").join(target).join("lib").is_dir() {
        let mut cargo = Command::new("cargo");
        cargo.args(["build", "--target", target]);
        return Ok(cargo);
    }
    let bare = tree.join(".ci/bare");
    let is_there = Command::new(&bare).arg(target).output().is_ok_and(|said| said.status.success());
    if !is_there {
        return Err(Failed::input(format!(
            "the compiler lacks {target}: run rustup target add {target}"
        )));
    }
    let mut cargo = Command::new(bare);
    cargo.args([target, "build"]);
    Ok(cargo)
}

/// What is read of what cargo says.
#[derive(Deserialize)]
struct Said {
    executable: Option<PathBuf>,
}

/// Builds a board's program with these features: its ELF file.
fn build(
    tree: &Path,
    board: &Path,
    target: &str,
    built: &Path,
    features: &[String],
) -> Result<PathBuf, Failed> {
    let mut cargo = cargo(tree, target)?;
    rustc::wrap(&mut cargo, tree, built)
        .map_err(|error| Failed::input(format!("cannot find this program: {error}")))?;
    cargo.args(["--release", "--locked", "--message-format=json-render-diagnostics"]);
    if !features.is_empty() {
        cargo.arg("--features").arg(features.join(","));
    }
    cargo.current_dir(board).env("CARGO_TARGET_DIR", built).env_remove("CARGO_BUILD_TARGET");
    let said = cargo.stderr(Stdio::inherit()).output().map_err(|error| {
        Failed::input(format!("cargo cannot be run: {error}: install Rust with rustup"))
    })?;
    if !said.status.success() {
        return Err(Failed::input(format!("cargo has built nothing in {}", board.display())));
    }
    let lines = String::from_utf8_lossy(&said.stdout);
    let mut programs = lines
        .lines()
        .filter_map(|line| serde_json::from_str::<Said>(line).ok())
        .filter_map(|said| said.executable);
    programs
        .next_back()
        .ok_or_else(|| Failed::input(format!("cargo has built no program in {}", board.display())))
}

/// What an ELF file of 32 bits has to be in the flash, with its addresses.
fn pieces(elf: &[u8]) -> Result<Vec<(u32, &[u8])>, String> {
    let said = |error: object::Error| error.to_string();
    let file = FileHeader32::<Endianness>::parse(elf).map_err(said)?;
    let endian = file.endian().map_err(said)?;
    let headers = file.program_headers(endian, elf).map_err(said)?.iter();
    let loaded = headers.filter(|own| own.p_type(endian) == PT_LOAD);
    loaded
        .map(|own| {
            let octets = own.data(endian, elf).map_err(|()| "a segment is cut short")?;
            Ok((own.p_paddr(endian), octets))
        })
        .collect()
}
