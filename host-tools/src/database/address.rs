//! Where a PostgreSQL database is, and whether the way there is encrypted.

use std::error::Error as _;
use std::io;
use std::path::Path;
use std::sync::Arc;

use postgres::config::SslMode;
use postgres::{Client, Config, Error, NoTls};
use rustls::crypto::ring;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject as _;
use rustls::{CertificateError, ClientConfig, RootCertStore};
use rustls_platform_verifier::BuilderVerifierExt as _;
use tokio_postgres_rustls::MakeRustlsConnect;
use url::form_urlencoded;

use crate::callbacks::causes;

/// What libpq calls the file with the certificates that the server's may be signed by.
const ROOTS: &str = "sslrootcert";

/// What libpq calls an encrypted connection to a server that has proved its name; the driver has no word
/// for it, and here every encrypted connection is one.
const VERIFIED: &str = "sslmode=verify-full";

/// The same in the driver's words.
const ENCRYPTED: &str = "sslmode=require";

/// A database, as a URL says where it is.
#[derive(Clone)]
pub(super) struct Address {
    /// What the driver is told.
    pub(super) config: Config,
    /// What encrypts the connection, where that is required.
    tls: Option<MakeRustlsConnect>,
}

impl Address {
    /// Reads a URL, and the file of certificates that it names.
    ///
    /// # Errors
    /// What is wrong with either, in words.
    pub(super) fn read(url: &str) -> Result<Self, String> {
        let (url, roots) = split(url);
        let config: Config = url.parse().map_err(|e: Error| causes(&e))?;
        let is_encrypted = config.get_ssl_mode() == SslMode::Require;
        if !is_encrypted && roots.is_some() {
            return Err(format!("{ROOTS} counts with {ENCRYPTED} only: write that, too"));
        }
        let tls = is_encrypted.then(|| tls(roots.as_deref())).transpose()?;
        Ok(Self { config, tls })
    }

    /// Connects. It blocks.
    pub(super) fn connect(&self) -> Result<Client, Error> {
        match &self.tls {
            None => self.config.connect(NoTls),
            Some(tls) => self.config.connect(tls.clone()),
        }
    }
}

/// Why there is no connection, and what to do about a server that is not trusted.
pub(super) fn why_not(error: &Error) -> String {
    let why = causes(error);
    let tls = error.source().and_then(|cause| cause.downcast_ref::<io::Error>()?.get_ref());
    match tls.and_then(|cause| cause.downcast_ref()) {
        Some(rustls::Error::InvalidCertificate(CertificateError::UnknownIssuer)) => format!(
            "{why}: name the file with the certificate that signed the server's, by {ROOTS}=FILE"
        ),
        _ => why,
    }
}

/// A URL in the driver's words, and the file that it names with certificates.
fn split(url: &str) -> (String, Option<String>) {
    let Some((place, query)) = url.split_once('?') else { return (url.to_owned(), None) };
    let (mut kept, mut roots) = (Vec::new(), None);
    for pair in query.split('&') {
        match pair.split_once('=') {
            Some((ROOTS, _)) => {
                // A plus sign stands for itself here.
                let pair = pair.replace('+', "%2B");
                let file = form_urlencoded::parse(pair.as_bytes()).next();
                roots = file.map(|(_, file)| file.into_owned());
            }
            _ if pair == VERIFIED => kept.push(ENCRYPTED),
            _ => kept.push(pair),
        }
    }
    let query = kept.join("&");
    let url = if query.is_empty() { place.to_owned() } else { format!("{place}?{query}") };
    (url, roots)
}

/// What encrypts, to a server whose certificate has its name and is signed by one of this file's, or by
/// one that the system trusts.
fn tls(roots: Option<&str>) -> Result<MakeRustlsConnect, String> {
    let failed = |e: rustls::Error| format!("no TLS: {e}");
    let config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .map_err(failed)?;
    let config = match roots {
        Some(file) => config.with_root_certificates(certificates(Path::new(file))?),
        None => config.with_platform_verifier().map_err(failed)?,
    };
    Ok(MakeRustlsConnect::new(config.with_no_client_auth()))
}

fn certificates(file: &Path) -> Result<RootCertStore, String> {
    let wrong = |why: String| format!("{ROOTS} {} {why}", file.display());
    let pems = std::fs::read(file).map_err(|e| wrong(format!("cannot be read: {e}")))?;
    let mut roots = RootCertStore::empty();
    for certificate in CertificateDer::pem_slice_iter(&pems) {
        let certificate = certificate.map_err(|e| wrong(format!("is no PEM: {e}")))?;
        roots.add(certificate).map_err(|e| wrong(format!("has a wrong certificate: {e}")))?;
    }
    if roots.is_empty() { Err(wrong("has no certificate".to_owned())) } else { Ok(roots) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_driver_does_not_know_is_taken_out_of_the_url() {
        for (url, own, file) in [
            ("postgres://a@b/c", "postgres://a@b/c", None),
            ("postgres://a@b/c?sslrootcert=/x/c%2b+.pem", "postgres://a@b/c", Some("/x/c++.pem")),
            (
                "postgres://a@b/c?sslmode=verify-full&sslrootcert=r&options=-ca",
                "postgres://a@b/c?sslmode=require&options=-ca",
                Some("r"),
            ),
        ] {
            assert_eq!(split(url), (own.to_owned(), file.map(str::to_owned)), "{url}");
        }
    }

    #[test]
    fn what_cannot_keep_a_secret_is_refused_before_anything_is_said() {
        let folder = tempfile::TempDir::new().unwrap();
        let file = folder.path().join("roots.pem");
        let why = |query: &str| {
            let query = query.replace("FILE", file.to_str().unwrap());
            Address::read(&format!("postgres://a:secret@b/c?{query}")).err().unwrap()
        };
        assert_eq!(
            why("sslrootcert=FILE"),
            "sslrootcert counts with sslmode=require only: write that, too"
        );
        assert!(why("sslmode=require&sslrootcert=FILE").contains("roots.pem cannot be read: "));
        std::fs::write(&file, "").unwrap();
        assert!(why("sslmode=require&sslrootcert=FILE").ends_with("roots.pem has no certificate"));
        assert!(why("sslmode=verify-ca").contains("sslmode"));
    }
}
