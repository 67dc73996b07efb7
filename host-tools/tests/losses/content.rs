//! The content of a file: what is on the disk, and what was written since.

use fastrand::Rng;

/// What a disk writes whole or not at all, in octets.
const SECTOR: usize = 512;

/// What happens to the content of a file.
pub enum Change {
    Write { at: usize, octets: Vec<u8> },
    Resize(usize),
}

impl Change {
    fn apply(&self, content: &mut Vec<u8>) {
        match self {
            Self::Write { at, octets } => {
                let end = at + octets.len();
                content.resize(content.len().max(end), 0);
                content[*at..end].copy_from_slice(octets);
            }
            Self::Resize(len) => content.resize(*len, 0),
        }
    }

    /// What of it stands in one sector each.
    fn sectors(&self) -> Vec<Self> {
        let (at, octets) = match self {
            Self::Write { at, octets } => (*at, octets),
            Self::Resize(len) => return vec![Self::Resize(*len)],
        };
        let (mut sectors, mut from) = (Vec::new(), 0);
        while from < octets.len() {
            let until = octets.len().min(from + SECTOR - (at + from) % SECTOR);
            sectors.push(Self::Write { at: at + from, octets: octets[from..until].to_vec() });
            from = until;
        }
        sectors
    }
}

/// A file.
#[derive(Default)]
pub struct File {
    /// How long it is for programs, in octets.
    pub len: usize,
    /// What is on the disk.
    pub synced: Vec<u8>,
    /// What happened since, each with the line of the record.
    changes: Vec<(usize, Change)>,
    /// Whether it is written to through memory, which no record has. SQLite does that with an index,
    /// `-shm`, which it makes anew.
    pub is_mapped: bool,
}

impl File {
    /// One that is on the disk as it is.
    pub fn on_disk(synced: Vec<u8>) -> Self {
        Self { len: synced.len(), synced, ..Self::default() }
    }

    /// Notes what happened to it by this line of the record.
    pub fn change(&mut self, line: usize, change: Change) {
        self.len = match &change {
            Change::Write { at, octets } => self.len.max(at + octets.len()),
            Change::Resize(len) => *len,
        };
        self.changes.push((line, change));
    }

    /// Has all that ended before this line last.
    pub fn sync(&mut self, line: usize) {
        let until = self.changes.partition_point(|(ended, _)| *ended < line);
        for (_, change) in self.changes.drain(..until) {
            change.apply(&mut self.synced);
        }
    }

    /// What may be there where any sector may be.
    pub fn by_chance(&self, random: &mut Rng) -> Vec<u8> {
        let mut content = self.synced.clone();
        let share = random.f64();
        for (_, change) in &self.changes {
            for sector in change.sectors() {
                if random.f64() < share {
                    sector.apply(&mut content);
                }
            }
        }
        content
    }
}
