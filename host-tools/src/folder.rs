//! Folders, and names in them that are still there after a power cut.

use std::fs::{self, File};
use std::io::{self, ErrorKind};
use std::path::Path;

/// Makes a folder, and those that it is in, where they are not there. Its name lasts.
///
/// # Errors
/// The operating system's, of the first folder that cannot be made.
pub fn make(path: &Path) -> io::Result<()> {
    match fs::create_dir(path) {
        Err(error) if error.kind() == ErrorKind::NotFound => {
            make(containing(path).filter(|folder| *folder != path).ok_or(error)?)?;
            fs::create_dir(path)?;
        }
        // A run that was killed may have made it, and not come to what follows.
        Err(_) if path.is_dir() => {}
        made => made?,
    }
    sync_name(path);
    Ok(())
}

/// Has the name of a file or a folder last, and its removal. Some file systems cannot, and a folder above
/// may be none that one may read: then this is up to the system.
pub fn sync_name(path: &Path) {
    if let Some(folder) = containing(path) {
        let _ = File::open(folder).and_then(|folder| folder.sync_all());
    }
}

/// The folder that a path is in; none of the root.
fn containing(path: &Path) -> Option<&Path> {
    let parent = path.parent()?;
    Some(if parent == Path::new("") { Path::new(".") } else { parent })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folders_are_made_once_and_not_over_a_file() {
        let place = tempfile::TempDir::new().unwrap();
        let deep = place.path().join("a/b/c");
        make(&deep).unwrap();
        assert!(deep.is_dir());
        make(&deep).unwrap();
        fs::write(deep.join("file"), "").unwrap();
        assert_eq!(make(&deep.join("file")).unwrap_err().kind(), ErrorKind::AlreadyExists);
        assert!(make(&deep.join("file/in")).is_err());
        assert_eq!(make(Path::new("")).unwrap_err().kind(), ErrorKind::NotFound);
    }
}
