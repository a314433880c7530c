//! The one TLS configuration: verified chains, and names unless `verify-ca`.

use super::error::PgError;
use super::settings::{ConnectSettings, TlsMode};
use rustls::client::WebPkiServerVerifier;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{CryptoProvider, aws_lc_rs};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{
    CertificateError, ClientConfig, DigitallySignedStruct, Error, RootCertStore, SignatureScheme,
};
use std::path::Path;
use std::sync::Arc;
use tokio_postgres_rustls::MakeRustlsConnect;

/// Builds the connector for settings that ask for TLS.
pub fn connector(settings: &ConnectSettings) -> Result<MakeRustlsConnect, PgError> {
    let roots = match &settings.root_certificate {
        Some(file) => roots_of(file)?,
        None => system_roots()?,
    };
    let provider = Arc::new(aws_lc_rs::default_provider());
    let builder = ClientConfig::builder_with_provider(Arc::clone(&provider))
        .with_safe_default_protocol_versions()
        .map_err(|error| PgError::Roots(error.to_string()))?;
    let config = if settings.tls == TlsMode::Authority {
        let verifier = AuthorityOnly::over(roots, &provider)?;
        builder
            .dangerous()
            .with_custom_certificate_verifier(Arc::new(verifier))
            .with_no_client_auth()
    } else {
        builder.with_root_certificates(roots).with_no_client_auth()
    };
    Ok(MakeRustlsConnect::new(config))
}

/// The authorities of one PEM file, and no others: who names a file means it.
fn roots_of(file: &Path) -> Result<RootCertStore, PgError> {
    let told = |why: String| PgError::Roots(format!("{}: {why}", file.display()));
    let mut roots = RootCertStore::empty();
    for certificate in CertificateDer::pem_file_iter(file).map_err(|e| told(e.to_string()))? {
        let certificate = certificate.map_err(|e| told(e.to_string()))?;
        roots.add(certificate).map_err(|e| told(e.to_string()))?;
    }
    if roots.is_empty() {
        return Err(told("it holds no certificate".to_owned()));
    }
    Ok(roots)
}

fn system_roots() -> Result<RootCertStore, PgError> {
    let found = rustls_native_certs::load_native_certs();
    let mut roots = RootCertStore::empty();
    roots.add_parsable_certificates(found.certs);
    if roots.is_empty() {
        return Err(PgError::Roots(
            "this machine has no trusted authorities installed".to_owned(),
        ));
    }
    Ok(roots)
}

/// Accepts a name that does not match, and nothing else: the chain, the dates
/// and the signatures were judged before the name was.
#[derive(Debug)]
struct AuthorityOnly(Arc<WebPkiServerVerifier>);

impl AuthorityOnly {
    fn over(roots: RootCertStore, provider: &Arc<CryptoProvider>) -> Result<Self, PgError> {
        WebPkiServerVerifier::builder_with_provider(Arc::new(roots), Arc::clone(provider))
            .build()
            .map(Self)
            .map_err(|error| PgError::Roots(error.to_string()))
    }
}

impl ServerCertVerifier for AuthorityOnly {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        server_name: &ServerName<'_>,
        ocsp_response: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        match self
            .0
            .verify_server_cert(end_entity, intermediates, server_name, ocsp_response, now)
        {
            Err(Error::InvalidCertificate(
                CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. },
            )) => Ok(ServerCertVerified::assertion()),
            judged => judged,
        }
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.0.verify_tls12_signature(message, certificate, signed)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.0.verify_tls13_signature(message, certificate, signed)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.0.supported_verify_schemes()
    }
}
