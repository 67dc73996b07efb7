//! A program, and the record of what it asked of the operating system: strace writes that.
//!
//! A record holds what the program knew when it was killed, and more than that never: strace has written
//! down that a call came back before the program goes on.

use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::fs::File;
use std::io::{BufRead as _, BufReader, PipeReader, Read as _, pipe};
use std::os::unix::ffi::OsStrExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, Stdio};

/// What changes files and folders, makes them last, or says where a write without a place goes. A `?`
/// stands before what not every machine has.
const CALLS: &str = "?open,openat,?openat2,?creat,?dup,?dup2,dup3,lseek,read,readv,write,writev,pwrite64,\
    pwritev,pwritev2,ftruncate,truncate,fallocate,?rename,?renameat,renameat2,?link,linkat,?symlink,\
    symlinkat,?unlink,unlinkat,?mkdir,mkdirat,?rmdir,fsync,fdatasync,sync,syncfs,mmap,copy_file_range,\
    sendfile,splice,?io_uring_setup";

/// More octets than a program writes in one call.
const LONGEST: &str = "16777216";

/// Whether programs can be recorded here, else why not.
pub fn is_possible() -> Result<(), String> {
    match Command::new("strace").args(["-o", "/dev/null", "true"]).output() {
        Err(error) => Err(format!("strace does not start: {error}")),
        Ok(output) if output.status.success() => Ok(()),
        Ok(output) => Err(String::from_utf8_lossy(&output.stderr).trim_end().to_owned()),
    }
}

/// A program, recorded into this file where one is given. What is added to the command is the program's.
pub fn command(program: &Path, record: Option<&Path>) -> Command {
    let Some(record) = record else { return Command::new(program) };
    let mut command = Command::new("strace");
    // -D: the program is the process that is started here, and can be killed.
    command.args(["-D", "-f", "-y", "--seccomp-bpf", "-s", LONGEST, "-e"]);
    command.arg(format!("trace={CALLS}")).arg("-o").arg(record).arg(program);
    command
}

/// A program that runs until it is killed, by being dropped at the latest.
pub struct Process {
    child: Child,
    /// Ends when nobody is left that has its other end: neither the program nor who records it.
    ended: PipeReader,
}

impl Process {
    pub fn start(mut command: Command) -> Self {
        let (ended, held) = pipe().unwrap();
        let child = command.stdin(Stdio::from(held)).spawn().unwrap();
        Self { child, ended }
    }

    /// What it prints, where that is piped.
    pub fn printed(&mut self) -> ChildStdout {
        self.child.stdout.take().unwrap()
    }

    pub fn kill(&mut self) {
        // It may have ended.
        let _ = self.child.kill();
    }

    /// Waits until it has ended and its record is whole.
    pub fn wait(&mut self) {
        self.child.wait().unwrap();
        self.ended.read_to_end(&mut Vec::new()).unwrap();
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        self.kill();
        self.wait();
    }
}

/// A call that came back without an error.
pub struct Call {
    pub name: String,
    pub arguments: Vec<Argument>,
    /// What it returned.
    pub result: Argument,
    /// The line of the record at which it began, and the one at which it ended.
    pub begun: usize,
    pub ended: usize,
}

/// An argument as strace writes it: `3</etc/hosts>`, `"text\n"`, `O_RDONLY|O_CLOEXEC`, `4096`.
pub struct Argument(Vec<u8>);

impl Argument {
    /// The number at its beginning.
    pub fn number(&self) -> Option<u64> {
        let digits = self.0.iter().take_while(|octet| octet.is_ascii_digit()).count();
        std::str::from_utf8(&self.0[..digits]).unwrap().parse().ok()
    }

    /// The path of a descriptor; none of a file that has no name any more.
    pub fn path(&self) -> Option<PathBuf> {
        let inner = self.0.split(|octet| *octet == b'<').nth(1)?.strip_suffix(b">")?;
        Some(OsStr::from_bytes(inner).into())
    }

    /// Whether one of its flags is this.
    pub fn has(&self, flag: &str) -> bool {
        self.0.split(|octet| *octet == b'|').any(|part| part == flag.as_bytes())
    }

    /// What stands in quotes in it, one after the other.
    pub fn octets(&self) -> Vec<u8> {
        let (mut octets, mut rest) = (Vec::new(), self.0.iter().copied().peekable());
        let mut is_quoted = false;
        while let Some(octet) = rest.next() {
            match (octet, is_quoted) {
                (b'"', _) => is_quoted = !is_quoted,
                (_, false) => {}
                (b'\\', true) => octets.push(match rest.next().unwrap() {
                    b'n' => b'\n',
                    b't' => b'\t',
                    b'r' => b'\r',
                    b'v' => 0x0B,
                    b'f' => 0x0C,
                    digit @ b'0'..=b'7' => {
                        let mut value = u32::from(digit - b'0');
                        for _ in 1..3 {
                            let Some(digit) = rest.next_if(|octet| matches!(octet, b'0'..=b'7'))
                            else {
                                break;
                            };
                            value = value * 8 + u32::from(digit - b'0');
                        }
                        u8::try_from(value).unwrap()
                    }
                    itself => itself,
                }),
                (_, true) => octets.push(octet),
            }
        }
        octets
    }
}

/// The calls of a record, in the order in which they came back.
pub fn calls(record: &Path) -> Vec<Call> {
    let mut begun = BTreeMap::new();
    let mut calls = Vec::new();
    for (number, line) in BufReader::new(File::open(record).unwrap()).split(b'\n').enumerate() {
        let line = line.unwrap();
        let space = line.iter().position(|octet| *octet == b' ').unwrap();
        let (thread, text) = (&line[..space], line[space..].trim_ascii_start());
        if let Some(first) = text.strip_suffix(b" <unfinished ...>") {
            begun.insert(thread.to_vec(), (number, first.to_vec()));
        } else if text.starts_with(b"<... ") {
            let (at, mut whole) = begun.remove(thread).unwrap();
            let resumed = b" resumed>";
            let rest = text.windows(resumed.len()).position(|window| window == resumed).unwrap();
            whole.extend_from_slice(&text[rest + resumed.len()..]);
            calls.extend(call(&whole, at, number));
        } else {
            calls.extend(call(text, number, number));
        }
    }
    calls
}

/// `name(argument, argument) = result`; none of a call that failed, and of what is none: `+++ exited`.
fn call(text: &[u8], begun: usize, ended: usize) -> Option<Call> {
    let open = text.iter().position(|octet| *octet == b'(')?;
    let name = std::str::from_utf8(&text[..open]).ok()?.to_owned();
    if !name.bytes().all(|octet| octet.is_ascii_alphanumeric() || octet == b'_') {
        return None;
    }
    let mut arguments = Vec::new();
    let (mut from, mut depth, mut is_quoted, mut is_escaped) = (open + 1, 0_u32, false, false);
    for (at, octet) in text.iter().enumerate().skip(open + 1) {
        match octet {
            _ if is_escaped => is_escaped = false,
            b'\\' if is_quoted => is_escaped = true,
            b'"' => is_quoted = !is_quoted,
            _ if is_quoted => {}
            b',' | b')' if depth == 0 => {
                arguments.push(Argument(text[from..at].trim_ascii().to_vec()));
                from = at + 1;
                if *octet == b')' {
                    let result = text[from..].trim_ascii_start().strip_prefix(b"= ")?;
                    let result = Argument(result.to_vec());
                    result.number()?;
                    return Some(Call { name, arguments, result, begun, ended });
                }
            }
            b'(' | b'[' | b'{' => depth += 1,
            b')' | b']' | b'}' => depth -= 1,
            _ => {}
        }
    }
    None
}
