//! The compiler, called so that what it makes does not tell where the source lies.
//!
//! Paths are written into an image by `panic!` and for debuggers, and the path of a package is part of
//! the names of what it has. Cargo calls this program in place of rustc (`RUSTC_WRAPPER`), which calls
//! rustc with other names for the folders.

use std::env;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

/// The variable that has the source tree, and so has this program be the compiler.
const TREE: &str = "SEPTET_IMAGE_TREE";

/// The variable that has the folder where is built.
const BUILT: &str = "SEPTET_IMAGE_BUILT";

/// Has cargo call this program in place of rustc.
///
/// # Errors
/// Where this program is.
pub fn wrap(cargo: &mut Command, tree: &Path, built: &Path) -> std::io::Result<()> {
    cargo.env("RUSTC_WRAPPER", env::current_exe()?).env(TREE, tree).env(BUILT, built);
    // They would have the image be another one.
    for name in ["RUSTFLAGS", "CARGO_ENCODED_RUSTFLAGS", "RUSTC_WORKSPACE_WRAPPER"] {
        cargo.env_remove(name);
    }
    Ok(())
}

/// Is the compiler, where cargo has called this program for that: the exit code.
pub fn is_called() -> Option<ExitCode> {
    let (tree, built) = (env::var_os(TREE)?, env::var_os(BUILT)?);
    let mut arguments = env::args_os().skip(1);
    let mut rustc = Command::new(arguments.next()?);
    let package = env::var_os("CARGO_MANIFEST_DIR").map(PathBuf::from);
    rustc.args(renamed(arguments.collect(), tree.as_ref(), built.as_ref(), package.as_deref()));
    Some(match rustc.status() {
        Ok(status) => match status.code().map(u8::try_from) {
            Some(Ok(code)) => code.into(),
            _ => ExitCode::FAILURE,
        },
        Err(error) => {
            eprintln!(
                "septet: {} cannot be run: {error}",
                Path::new(rustc.get_program()).display()
            );
            ExitCode::FAILURE
        }
    })
}

/// The arguments of rustc, with other names for the folders. `package` is that of the package.
fn renamed(
    mut arguments: Vec<OsString>,
    tree: &Path,
    built: &Path,
    package: Option<&Path>,
) -> Vec<OsString> {
    let Some(package) = package else { return arguments };
    let is_own = package.starts_with(tree);
    if is_own {
        // Cargo makes it of the path, and it only has to differ from those of other crates of this name.
        for argument in &mut arguments {
            if argument.to_str().is_some_and(|own| own.starts_with("metadata=")) {
                *argument = "metadata=septet".into();
            }
        }
    }
    // The last that fits counts.
    let outside = package.parent().filter(|_| !is_own).map(|parent| (parent, "/crates"));
    for (path, name) in outside.into_iter().chain([(tree, "/septet"), (built, "/built")]) {
        let mut remap = OsString::from("--remap-path-prefix=");
        remap.push(path);
        remap.push("=");
        remap.push(name);
        arguments.push(remap);
    }
    arguments
}

#[cfg(test)]
mod tests {
    use super::*;

    fn renamed(arguments: &[&str], package: &str) -> Vec<String> {
        let arguments = arguments.iter().map(OsString::from).collect();
        let (tree, built) = (Path::new("/home/a/tree"), Path::new("/home/a/tree/target/b"));
        super::renamed(arguments, tree, built, Some(Path::new(package)))
            .into_iter()
            .map(|own| own.into_string().unwrap())
            .collect()
    }

    #[test]
    fn a_package_of_the_tree_is_called_by_its_name_alone() {
        let arguments =
            ["--crate-name", "septet", "-C", "metadata=0123", "-C", "extra-filename=-1"];
        assert_eq!(
            renamed(&arguments, "/home/a/tree/codec"),
            [
                "--crate-name",
                "septet",
                "-C",
                "metadata=septet",
                "-C",
                "extra-filename=-1",
                "--remap-path-prefix=/home/a/tree=/septet",
                "--remap-path-prefix=/home/a/tree/target/b=/built"
            ]
        );
    }

    #[test]
    fn a_package_of_others_keeps_its_name_and_loses_its_folder() {
        assert_eq!(
            renamed(&["-C", "metadata=0123"], "/home/a/.cargo/registry/src/x/nom-8.0.0"),
            [
                "-C",
                "metadata=0123",
                "--remap-path-prefix=/home/a/.cargo/registry/src/x=/crates",
                "--remap-path-prefix=/home/a/tree=/septet",
                "--remap-path-prefix=/home/a/tree/target/b=/built"
            ]
        );
    }

    #[test]
    fn what_compiles_no_package_is_left_alone() {
        let arguments = vec![OsString::from("-vV")];
        let (tree, built) = (Path::new("/a"), Path::new("/b"));
        assert_eq!(super::renamed(arguments.clone(), tree, built, None), arguments);
    }
}
