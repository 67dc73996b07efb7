//! What a disk has of a folder after the power went, by the record of the program that wrote to it.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Component, Path, PathBuf};

use fastrand::Rng;

use super::content::{Change, File};
use super::names::{Names, Naming, Node};
use super::record::{Argument, Call};

/// What lasts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reading {
    /// As ext4 does it: whoever syncs a file makes its content last, and every name that was made, changed
    /// or removed before, since these go through one journal. Nothing else lasts.
    Journal,
    /// What POSIX says, and no more: a file that is synced has its content, and a folder that is synced its
    /// names. Of what was written and not synced any sectors are there, and the first few of the other
    /// changes of names, by chance.
    Chance,
}

/// Where a write without a place goes.
#[derive(Clone, Copy)]
enum Place {
    At(usize),
    End,
}

/// A disk with a folder, to which one program writes.
pub struct Disk {
    /// The folder, without symbolic links.
    root: PathBuf,
    reading: Reading,
    files: Vec<File>,
    /// The names that programs see, below the folder.
    names: Names,
    /// The names that are on the disk.
    kept: Names,
    /// What happened to names since, each with the line of the record.
    changes: Vec<(usize, Naming)>,
    /// By descriptor.
    places: BTreeMap<u64, Place>,
}

impl Disk {
    /// All that is in a folder now, on the disk.
    pub fn new(folder: &Path, reading: Reading) -> Self {
        let root = folder.canonicalize().unwrap();
        let (mut files, mut names, mut folders) = (Vec::new(), Names::new(), vec![root.clone()]);
        while let Some(folder) = folders.pop() {
            for entry in fs::read_dir(folder).unwrap() {
                let path = entry.unwrap().path();
                let node = if path.is_dir() {
                    folders.push(path.clone());
                    Node::Folder
                } else {
                    files.push(File::on_disk(fs::read(&path).unwrap()));
                    Node::File(files.len() - 1)
                };
                names.insert(path.strip_prefix(&root).unwrap().to_owned(), node);
            }
        }
        let kept = names.clone();
        Self { root, reading, files, names, kept, changes: Vec::new(), places: BTreeMap::new() }
    }

    /// Does what a program did.
    ///
    /// # Panics
    /// Where it did to the folder what this does not know.
    pub fn replay(&mut self, calls: &[Call]) {
        for call in calls {
            self.call(call);
        }
    }

    /// Leaves in the folder what is on the disk.
    pub fn cut(mut self, random: &mut Rng) {
        if self.reading == Reading::Chance {
            let first = random.usize(..=self.changes.len());
            for (_, naming) in self.changes.drain(..first) {
                naming.apply(&mut self.kept);
            }
        }
        for entry in fs::read_dir(&self.root).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() { fs::remove_dir_all(path) } else { fs::remove_file(path) }.unwrap();
        }
        // A folder comes before what is in it.
        for (path, node) in &self.kept {
            let path = self.root.join(path);
            match node {
                Node::Folder => fs::create_dir(path).unwrap(),
                Node::File(file) if self.files[*file].is_mapped => {}
                Node::File(file) => {
                    let file = &self.files[*file];
                    let content = match self.reading {
                        Reading::Journal => &file.synced,
                        Reading::Chance => &file.by_chance(random),
                    };
                    fs::write(path, content).unwrap();
                }
            }
        }
    }

    /// The path below the folder; none of what is elsewhere.
    fn below(&self, path: &Path) -> Option<PathBuf> {
        let mut plain = PathBuf::new();
        for component in self.root.join(path).components() {
            match component {
                Component::CurDir => {}
                Component::ParentDir => {
                    plain.pop();
                }
                component => plain.push(component),
            }
        }
        plain.strip_prefix(&self.root).ok().map(Path::to_owned)
    }

    /// The path of a descriptor.
    fn opened(&self, descriptor: &Argument) -> Option<PathBuf> {
        self.below(&descriptor.path()?)
    }

    /// The file of a descriptor.
    fn file(&mut self, descriptor: &Argument) -> Option<&mut File> {
        match self.names.get(&self.opened(descriptor)?)? {
            Node::File(file) => self.files.get_mut(*file),
            Node::Folder => None,
        }
    }

    /// The path that a text names; programs are started in the folder, and stay there.
    fn named(&self, text: &Argument, from: Option<&Argument>) -> Option<PathBuf> {
        let text = String::from_utf8(text.octets()).unwrap();
        let base = from.and_then(Argument::path).unwrap_or_else(|| self.root.clone());
        self.below(&base.join(text))
    }

    fn rename(&mut self, line: usize, naming: Naming) {
        naming.apply(&mut self.names);
        self.changes.push((line, naming));
    }

    /// Has names that changed before this line last: all of them, or those of one folder.
    fn keep_names(&mut self, line: usize, folder: Option<&Path>) {
        let (kept, changes) = (&mut self.kept, &mut self.changes);
        changes.retain(|(ended, naming)| {
            let lasts = *ended < line && folder.is_none_or(|folder| naming.is_in(folder));
            if lasts {
                naming.apply(kept);
            }
            !lasts
        });
    }

    /// Goes on by what was read or written, and returns where that was.
    fn advance(&mut self, descriptor: &Argument, octets: usize) -> usize {
        let len = self.file(descriptor).map_or(0, |file| file.len);
        let number = descriptor.number().unwrap();
        let place = self.places.get_mut(&number).expect("a descriptor that nobody opened");
        match place {
            Place::End => len,
            Place::At(at) => {
                let before = *at;
                *at += octets;
                before
            }
        }
    }

    fn write(&mut self, call: &Call, at: Option<u64>) {
        let [descriptor, octets, ..] = &call.arguments[..] else { return };
        if self.file(descriptor).is_none() {
            return;
        }
        let mut octets = octets.octets();
        octets.truncate(size(&call.result));
        let at = at.map_or_else(
            || self.advance(descriptor, octets.len()),
            |at| usize::try_from(at).unwrap(),
        );
        self.file(descriptor).unwrap().change(call.ended, Change::Write { at, octets });
    }

    fn open(&mut self, call: &Call) {
        let Some(path) = self.opened(&call.result) else { return };
        let flag = |flag| call.name == "creat" || call.arguments.iter().any(|own| own.has(flag));
        let is_there = path == Path::new("") || self.names.contains_key(&path);
        assert!(is_there || flag("O_CREAT"), "{} came from nowhere", path.display());
        if !is_there {
            self.files.push(File::default());
            let node = Node::File(self.files.len() - 1);
            self.rename(call.ended, Naming::Set(path, node));
        } else if flag("O_TRUNC") {
            self.file(&call.result).unwrap().change(call.ended, Change::Resize(0));
        }
        let is_appending = call.arguments.iter().any(|own| own.has("O_APPEND"));
        let place = if is_appending { Place::End } else { Place::At(0) };
        self.places.insert(call.result.number().unwrap(), place);
    }

    fn sync(&mut self, call: &Call) {
        let Some(path) = call.arguments.first().and_then(|own| self.opened(own)) else { return };
        let node = self.names.get(&path).copied();
        if let Some(Node::File(file)) = node {
            self.files[file].sync(call.begun);
        }
        match (self.reading, node) {
            (Reading::Journal, _) => self.keep_names(call.begun, None),
            (Reading::Chance, Some(Node::File(_))) => {}
            (Reading::Chance, _) => self.keep_names(call.begun, Some(&path)),
        }
    }

    fn call(&mut self, call: &Call) {
        let own = &call.arguments;
        let line = call.ended;
        match call.name.as_str() {
            "open" | "openat" | "openat2" | "creat" => self.open(call),
            "dup" | "dup2" | "dup3" => {
                let place = own[0].number().and_then(|number| self.places.get(&number).copied());
                if let (Some(place), Some(number)) = (place, call.result.number()) {
                    self.places.insert(number, place);
                }
            }
            "lseek" if self.file(&own[0]).is_some() => {
                let place = self.places.get_mut(&own[0].number().unwrap());
                if let Some(Place::At(at)) = place {
                    *at = size(&call.result);
                }
            }
            "read" | "readv" if self.file(&own[0]).is_some() => {
                self.advance(&own[0], size(&call.result));
            }
            "write" | "writev" => self.write(call, None),
            "pwrite64" | "pwritev" | "pwritev2" => self.write(call, own[3].number()),
            "ftruncate" => {
                if let Some(file) = self.file(&own[0]) {
                    file.change(line, Change::Resize(size(&own[1])));
                }
            }
            "truncate" => {
                let path = self.named(&own[0], None);
                let node = path.and_then(|path| self.names.get(&path).copied());
                if let Some(Node::File(file)) = node {
                    self.files[file].change(line, Change::Resize(size(&own[1])));
                }
            }
            "fallocate" => {
                if let Some(file) = self.file(&own[0]) {
                    assert_eq!(own[1].number(), Some(0), "this way to make room is not known here");
                    let len = file.len.max(size(&own[2]) + size(&own[3]));
                    file.change(line, Change::Resize(len));
                }
            }
            "rename" => self.renamed(line, self.named(&own[0], None), self.named(&own[1], None)),
            "renameat" | "renameat2" => {
                let is_exchange = own.get(4).is_some_and(|flags| flags.has("RENAME_EXCHANGE"));
                assert!(!is_exchange, "two names that change places are not known here");
                let to = self.named(&own[3], Some(&own[2]));
                self.renamed(line, self.named(&own[1], Some(&own[0])), to);
            }
            "link" => self.linked(line, self.named(&own[0], None), self.named(&own[1], None)),
            "linkat" => {
                let to = self.named(&own[3], Some(&own[2]));
                self.linked(line, self.named(&own[1], Some(&own[0])), to);
            }
            "unlink" | "rmdir" => self.removed(line, self.named(&own[0], None)),
            "unlinkat" => self.removed(line, self.named(&own[1], Some(&own[0]))),
            "mkdir" => self.made(line, self.named(&own[0], None)),
            "mkdirat" => self.made(line, self.named(&own[1], Some(&own[0]))),
            "fsync" | "fdatasync" => self.sync(call),
            "sync" | "syncfs" => {
                self.files.iter_mut().for_each(|file| file.sync(call.begun));
                self.keep_names(call.begun, None);
            }
            "mmap" if own[2].has("PROT_WRITE") && own[3].has("MAP_SHARED") => {
                if let Some(file) = self.file(&own[4]) {
                    file.is_mapped = true;
                }
            }
            // Of no file of ours.
            "lseek" | "read" | "readv" | "mmap" => {}
            "copy_file_range" | "sendfile" | "splice" => {
                let is_ours = own.iter().any(|own| self.opened(own).is_some());
                assert!(!is_ours, "{} is not known here", call.name);
            }
            other => panic!("{other} is not known here"),
        }
    }

    fn renamed(&mut self, line: usize, from: Option<PathBuf>, to: Option<PathBuf>) {
        match (from, to) {
            (Some(from), Some(to)) => self.rename(line, Naming::Rename(from, to)),
            (None, None) => {}
            (from, to) => panic!("a name goes over the folder's border: {from:?}, {to:?}"),
        }
    }

    fn linked(&mut self, line: usize, from: Option<PathBuf>, to: Option<PathBuf>) {
        let node = from.and_then(|from| self.names.get(&from).copied());
        match (node, to) {
            (Some(node), Some(to)) => self.rename(line, Naming::Set(to, node)),
            (None, None) => {}
            (_, to) => panic!("a name goes over the folder's border: {to:?}"),
        }
    }

    fn removed(&mut self, line: usize, path: Option<PathBuf>) {
        if let Some(path) = path {
            self.rename(line, Naming::Remove(path));
        }
    }

    fn made(&mut self, line: usize, path: Option<PathBuf>) {
        if let Some(path) = path {
            self.rename(line, Naming::Set(path, Node::Folder));
        }
    }
}

/// A size or a place, in octets.
fn size(argument: &Argument) -> usize {
    usize::try_from(argument.number().unwrap()).unwrap()
}
