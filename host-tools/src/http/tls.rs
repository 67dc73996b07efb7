//! TLS: the certificate that the gateway shows, which may be another one tomorrow.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError, RwLock};
use std::time::Duration;

use blake2::{Blake2s256, Digest};
use jiff::Timestamp;
use rustls::client::verify_server_cert_signed_by_trust_anchor;
use rustls::crypto::{CryptoProvider, ring};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, UnixTime};
use rustls::server::{ClientHello, ParsedCertificate, ResolvesServerCert};
use rustls::sign::CertifiedKey;
use rustls::{CertificateError, Error, InconsistentKeys, RootCertStore, ServerConfig};
use tokio::signal::unix::{SignalKind, signal};
use tokio::task::spawn_blocking;
use tokio::time::sleep;
use tokio_rustls::TlsAcceptor;
use tracing::{info, warn};

use crate::Failed;
use crate::config::Tls;

/// How often the files are looked at: a certificate is renewed days before the old one ends.
const LOOK_EVERY: Duration = Duration::from_secs(60);

/// The bits of a file's mode by which everybody may read or write it.
const OTHERS: u32 = 0o006;

/// A certificate with its key, read from files that may change.
pub struct Certificates {
    files: Tls,
    shown: Arc<Shown>,
    acceptor: TlsAcceptor,
    /// What the files held when they were read last, as a hash.
    read: Mutex<[u8; 32]>,
}

/// What the files hold.
struct Pems {
    certificate: Vec<u8>,
    key: Vec<u8>,
}

/// The certificate that customers are shown.
#[derive(Debug)]
struct Shown(RwLock<Arc<CertifiedKey>>);

impl ResolvesServerCert for Shown {
    fn resolve(&self, _: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        Some(self.0.read().unwrap_or_else(PoisonError::into_inner).clone())
    }
}

impl Certificates {
    /// Reads the files.
    ///
    /// # Errors
    /// One sentence with the file that cannot be used.
    pub fn load(files: &Tls) -> Result<Self, Failed> {
        let provider = Arc::new(ring::default_provider());
        let pems = Pems::read(files)?;
        let key = pems.certified(files, &provider)?;
        let mode = fs::metadata(&files.key).map(|file| file.permissions().mode());
        if mode.is_ok_and(|mode| mode & OTHERS != 0) {
            warn!(file = %files.key.display(), "others on this machine may read the key");
        }
        let shown = Arc::new(Shown(RwLock::new(Arc::new(key))));
        let mut config = ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .map_err(|e| Failed::input(format!("no TLS: {e}")))?
            .with_no_client_auth()
            .with_cert_resolver(shown.clone());
        config.alpn_protocols = vec![b"http/1.1".to_vec()];
        Ok(Self {
            files: files.clone(),
            shown,
            acceptor: TlsAcceptor::from(Arc::new(config)),
            read: Mutex::new(pems.hash()),
        })
    }

    /// What makes connections ones of TLS.
    pub fn acceptor(&self) -> TlsAcceptor {
        self.acceptor.clone()
    }

    /// Reads the files again: at once when the process gets SIGHUP, else every minute.
    pub async fn watch(self: Arc<Self>) {
        let mut hangups = signal(SignalKind::hangup()).ok();
        let mut hangup = async || match &mut hangups {
            Some(hangups) => hangups.recv().await,
            None => std::future::pending().await,
        };
        loop {
            let is_asked = tokio::select! {
                _ = hangup() => true,
                () = sleep(LOOK_EVERY) => false,
            };
            let own = self.clone();
            // Where it panics, the certificate stays as well.
            let _ = spawn_blocking(move || own.look(is_asked)).await;
        }
    }

    /// Shows what the files hold now, if that can be shown. Says what became of it where the files
    /// have changed, or somebody asked.
    fn look(&self, is_asked: bool) {
        let (pems, hash) = match Pems::read(&self.files) {
            Ok(pems) => {
                let hash = pems.hash();
                (Ok(pems), hash)
            }
            Err(failed) => (Err(failed), [0; 32]),
        };
        let mut read = self.read.lock().unwrap_or_else(PoisonError::into_inner);
        if *read == hash && !is_asked {
            return;
        }
        *read = hash;
        let provider = ring::default_provider();
        match pems.and_then(|pems| pems.certified(&self.files, &provider)) {
            Ok(key) => {
                *self.shown.0.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(key);
                info!(file = %self.files.certificate.display(), "the certificate was read again");
            }
            Err(failed) => warn!(why = failed.sentence, "the certificate stays the old one"),
        }
    }
}

fn read(path: &Path) -> Result<Vec<u8>, Failed> {
    fs::read(path).map_err(|e| Failed::input(format!("cannot read {}: {e}", path.display())))
}

impl Pems {
    fn read(files: &Tls) -> Result<Self, Failed> {
        Ok(Self { certificate: read(&files.certificate)?, key: read(&files.key)? })
    }

    fn hash(&self) -> [u8; 32] {
        let Self { certificate, key } = self;
        Blake2s256::new().chain_update(certificate).chain_update(key).finalize().into()
    }

    /// The certificate with its key, if customers can be shown it now.
    fn certified(&self, files: &Tls, provider: &CryptoProvider) -> Result<CertifiedKey, Failed> {
        let Self { certificate, key } = self;
        let (file, key_file) = (files.certificate.display(), files.key.display());
        let chain: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(certificate).collect();
        let chain = chain.unwrap_or_default();
        if chain.is_empty() {
            return Err(Failed::input(format!(
                "{file} has no certificate in PEM: [tls] certificate is the file with the gateway's own \
                 certificate first, and then those that it is signed by"
            )));
        }
        let key = PrivateKeyDer::from_pem_slice(key).map_err(|_| {
            Failed::input(format!(
                "{key_file} has no private key in PEM: [tls] key is the file with the key of the \
                 certificate, without a password"
            ))
        })?;
        let certified = CertifiedKey::from_der(chain, key, provider).map_err(|error| {
            Failed::input(match error {
                Error::InconsistentKeys(InconsistentKeys::KeyMismatch) => format!(
                    "the key in {key_file} is not that of the first certificate in {file}: give the \
                     two files that were made together"
                ),
                error => format!("the certificate in {file} or the key in {key_file} is none: {error}"),
            })
        })?;
        match validity(&certified, provider) {
            None => Ok(certified),
            Some(Validity::Over(at)) => Err(Failed::input(format!(
                "the certificate in {file} has expired{}: renew it",
                shown(" on ", at)
            ))),
            Some(Validity::NotYet(at)) => Err(Failed::input(format!(
                "the certificate in {file} is not valid yet{}: look at this machine's clock",
                shown(", but from ", at)
            ))),
        }
    }
}

/// Why a certificate is not valid at this time, and until or from when it is.
enum Validity {
    Over(Option<UnixTime>),
    NotYet(Option<UnixTime>),
}

/// Whether it is the wrong time for a certificate. Who signed it is the customers' business.
fn validity(key: &CertifiedKey, provider: &CryptoProvider) -> Option<Validity> {
    let certificate = ParsedCertificate::try_from(key.end_entity_cert().ok()?).ok()?;
    // The time is looked at first: nobody is trusted here, so that it always ends with an error.
    let error = verify_server_cert_signed_by_trust_anchor(
        &certificate,
        &RootCertStore::empty(),
        &[],
        UnixTime::now(),
        provider.signature_verification_algorithms.all,
    );
    match error.err()? {
        Error::InvalidCertificate(error) => match error {
            CertificateError::Expired => Some(Validity::Over(None)),
            CertificateError::ExpiredContext { not_after, .. } => {
                Some(Validity::Over(Some(not_after)))
            }
            CertificateError::NotValidYet => Some(Validity::NotYet(None)),
            CertificateError::NotValidYetContext { not_before, .. } => {
                Some(Validity::NotYet(Some(not_before)))
            }
            _ => None,
        },
        _ => None,
    }
}

/// A time behind these words, where it is known.
fn shown(words: &str, at: Option<UnixTime>) -> String {
    let second = at.and_then(|at| i64::try_from(at.as_secs()).ok());
    let time = second.and_then(|second| Timestamp::from_second(second).ok());
    time.map(|time| format!("{words}{time}")).unwrap_or_default()
}
