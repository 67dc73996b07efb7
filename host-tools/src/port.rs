//! Where a modem is: a serial device, a pseudo-terminal or a TCP address.

use std::io::{self, ErrorKind as IoError};
use std::num::NonZeroU16;
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite, DuplexStream};
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_serial::{ErrorKind, SerialPort as _, SerialPortBuilderExt as _, SerialStream};

use crate::Failed;

/// What stands before a TCP address.
pub(crate) const TCP: &str = "tcp:";

/// How long a TCP connection may take to be made.
const CONNECT: Duration = Duration::from_secs(10);

/// A stream of octets in both directions.
pub trait Stream: AsyncRead + AsyncWrite + Send + Unpin {
    /// Switches to this speed, in bits a second; what has none stays as it is.
    ///
    /// # Errors
    /// Those of the device.
    fn switch(&mut self, baud: u32) -> io::Result<()> {
        let _ = baud;
        Ok(())
    }
}

impl Stream for TcpStream {}
impl Stream for DuplexStream {}

impl Stream for SerialStream {
    fn switch(&mut self, baud: u32) -> io::Result<()> {
        Ok(self.set_baud_rate(baud)?)
    }
}

/// An open port.
pub type Port = Box<dyn Stream>;

/// Opens `path`: a serial device or pseudo-terminal at `baud` bits a second, or `tcp:HOST:PORT`.
///
/// # Errors
/// A sentence that says what is wrong with the port and what to do.
pub async fn open(path: &str, baud: u32) -> Result<Port, Failed> {
    open_to("modem", path, baud).await
}

/// Opens `path`, where a modem or another device is; `what` is its name in sentences.
///
/// # Errors
/// As [`open`].
pub async fn open_to(what: &str, path: &str, baud: u32) -> Result<Port, Failed> {
    match path.strip_prefix(TCP) {
        Some(address) => connect(what, address).await,
        None => open_device(what, path, baud),
    }
}

/// What is wrong with what stands behind [`TCP`], where something is: what to write.
pub(crate) fn check_tcp(address: &str) -> Result<(), &'static str> {
    match address.rsplit_once(':') {
        Some((host, port)) if !host.is_empty() && port.parse::<NonZeroU16>().is_ok() => Ok(()),
        _ => Err("write tcp:HOST:PORT, with a port from 1 to 65535"),
    }
}

async fn connect(what: &str, address: &str) -> Result<Port, Failed> {
    let failed = |why: String| Failed::input(format!("no {what} at {TCP}{address}: {why}"));
    check_tcp(address).map_err(|why| failed(why.to_owned()))?;
    match timeout(CONNECT, TcpStream::connect(address)).await {
        Ok(Ok(stream)) => {
            // A PDU goes in several writes, which must not wait for each other's acknowledgement.
            // Where this cannot be had, they do.
            let _ = stream.set_nodelay(true);
            Ok(Box::new(stream))
        }
        Ok(Err(error)) => Err(failed(match error.kind() {
            IoError::ConnectionRefused => format!("nothing listens there, start the {what} first"),
            _ => format!("{error}; check the address"),
        })),
        Err(_) => Err(failed("no answer in 10 seconds, check the address".to_owned())),
    }
}

fn open_device(what: &str, path: &str, baud: u32) -> Result<Port, Failed> {
    let failed = |error: tokio_serial::Error| {
        Failed::input(match error.kind {
            ErrorKind::Io(IoError::NotFound) => {
                format!(
                    "there is no port {path}: check the name, and that the {what} is plugged in"
                )
            }
            ErrorKind::Io(IoError::PermissionDenied) => format!(
                "port {path} may not be opened by you: join the group that owns it, often dialout"
            ),
            // So named where another program has locked the device.
            ErrorKind::NoDevice => {
                format!("port {path} is in use: close the program that has opened it")
            }
            _ => format!("port {path} is no serial device ({error}): give the modem's own"),
        })
    };
    Ok(Box::new(tokio_serial::new(path, baud).open_native_async().map_err(failed)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn sentence(path: &str) -> String {
        open(path, 115_200).await.err().expect("nothing is there").sentence
    }

    #[tokio::test]
    async fn a_port_that_is_none_is_told_with_what_to_do() {
        assert_eq!(
            sentence("/dev/no-such-modem").await,
            "there is no port /dev/no-such-modem: check the name, and that the modem is plugged in"
        );
        assert_eq!(
            sentence("/dev/null").await,
            "port /dev/null is no serial device (Not a typewriter): give the modem's own"
        );
        assert_eq!(
            sentence("tcp:127.0.0.1").await,
            "no modem at tcp:127.0.0.1: write tcp:HOST:PORT, with a port from 1 to 65535"
        );
        // Port 1 is reserved, and nothing listens there.
        assert_eq!(
            sentence("tcp:127.0.0.1:1").await,
            "no modem at tcp:127.0.0.1:1: nothing listens there, start the modem first"
        );
    }
}
