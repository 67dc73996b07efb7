//! `embedded-io` 0.6 and `embedded-io-async` 0.6.

use embedded_io::{ErrorKind, ErrorType};

/// A port with the traits of `embedded-io` 0.6 or `embedded-io-async` 0.6, as many HALs have them
/// still.
///
/// ```
/// use septet_firmware::Instant;
/// use septet_firmware::adapt::Io06;
/// use septet_firmware::blocking::Driver;
/// use septet_firmware::profile::GENERIC;
///
/// fn session<P>(port: P, now: impl FnMut() -> Instant)
/// where
///     P: embedded_io_06::Read + embedded_io_06::Write,
/// {
///     let _ = Driver::new(&GENERIC, Io06(port), now);
/// }
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Io06<P>(pub P);

impl<P: embedded_io_06::ErrorType> ErrorType for Io06<P> {
    type Error = ErrorKind;
}

impl<P: embedded_io_06::Read> embedded_io::Read for Io06<P> {
    fn read(&mut self, octets: &mut [u8]) -> Result<usize, ErrorKind> {
        self.0.read(octets).map_err(kind)
    }
}

impl<P: embedded_io_06::Write> embedded_io::Write for Io06<P> {
    fn write(&mut self, octets: &[u8]) -> Result<usize, ErrorKind> {
        self.0.write(octets).map_err(kind).and_then(|len| some_of(len, octets))
    }

    fn flush(&mut self) -> Result<(), ErrorKind> {
        self.0.flush().map_err(kind)
    }
}

impl<P: embedded_io_async_06::Read> embedded_io_async::Read for Io06<P> {
    async fn read(&mut self, octets: &mut [u8]) -> Result<usize, ErrorKind> {
        self.0.read(octets).await.map_err(kind)
    }
}

impl<P: embedded_io_async_06::Write> embedded_io_async::Write for Io06<P> {
    async fn write(&mut self, octets: &[u8]) -> Result<usize, ErrorKind> {
        self.0.write(octets).await.map_err(kind).and_then(|len| some_of(len, octets))
    }

    async fn flush(&mut self) -> Result<(), ErrorKind> {
        self.0.flush().await.map_err(kind)
    }
}

/// What was written of `octets`. 0.6 lets a writer take none of them; 0.7 calls that an error.
fn some_of(len: usize, octets: &[u8]) -> Result<usize, ErrorKind> {
    if len == 0 && !octets.is_empty() { Err(ErrorKind::WriteZero) } else { Ok(len) }
}

fn kind(error: impl embedded_io_06::Error) -> ErrorKind {
    use embedded_io_06::ErrorKind as Kind;
    match error.kind() {
        Kind::NotFound => ErrorKind::NotFound,
        Kind::PermissionDenied => ErrorKind::PermissionDenied,
        Kind::ConnectionRefused => ErrorKind::ConnectionRefused,
        Kind::ConnectionReset => ErrorKind::ConnectionReset,
        Kind::ConnectionAborted => ErrorKind::ConnectionAborted,
        Kind::NotConnected => ErrorKind::NotConnected,
        Kind::AddrInUse => ErrorKind::AddrInUse,
        Kind::AddrNotAvailable => ErrorKind::AddrNotAvailable,
        Kind::BrokenPipe => ErrorKind::BrokenPipe,
        Kind::AlreadyExists => ErrorKind::AlreadyExists,
        Kind::InvalidInput => ErrorKind::InvalidInput,
        Kind::InvalidData => ErrorKind::InvalidData,
        Kind::TimedOut => ErrorKind::TimedOut,
        Kind::Interrupted => ErrorKind::Interrupted,
        Kind::Unsupported => ErrorKind::Unsupported,
        Kind::OutOfMemory => ErrorKind::OutOfMemory,
        Kind::WriteZero => ErrorKind::WriteZero,
        // The kinds of 0.6 may still become more.
        _ => ErrorKind::Other,
    }
}
