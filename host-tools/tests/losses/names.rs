//! The names below a folder, and what happens to them.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// What a name stands for.
#[derive(Clone, Copy)]
pub enum Node {
    Folder,
    /// Which of the files.
    File(usize),
}

/// The names below the folder.
pub type Names = BTreeMap<PathBuf, Node>;

/// What happens to names.
pub enum Naming {
    Set(PathBuf, Node),
    Remove(PathBuf),
    Rename(PathBuf, PathBuf),
}

impl Naming {
    /// Has it happen.
    pub fn apply(&self, names: &mut Names) {
        let is_there = |names: &Names, path: &Path| match path.parent() {
            Some(parent) if parent != Path::new("") => names.contains_key(parent),
            _ => true,
        };
        match self {
            Self::Set(path, node) if is_there(names, path) => {
                names.insert(path.clone(), *node);
            }
            Self::Rename(from, to) if is_there(names, to) => {
                let moved: Vec<PathBuf> =
                    names.keys().filter(|path| path.starts_with(from)).cloned().collect();
                for path in moved {
                    let node = names.remove(&path).unwrap();
                    let below = path.strip_prefix(from).unwrap();
                    let new = if below == Path::new("") { to.clone() } else { to.join(below) };
                    names.insert(new, node);
                }
            }
            Self::Remove(path) => {
                names.remove(path);
            }
            // The folder that it is in was lost.
            Self::Set(..) | Self::Rename(..) => {}
        }
    }

    /// Whether this folder has one of its names.
    pub fn is_in(&self, folder: &Path) -> bool {
        let is_in = |path: &Path| path.parent() == Some(folder);
        match self {
            Self::Set(path, _) | Self::Remove(path) => is_in(path),
            Self::Rename(from, to) => is_in(from) || is_in(to),
        }
    }
}
