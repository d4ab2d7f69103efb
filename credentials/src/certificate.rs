//! Certificates of a registry's CA: what a file holds, and whether Docker and Mesos can use it for the registry.
//!
//! It reads and judges; it verifies no signature, and the clock is the caller's. Where the certificates belong on an
//! agent is said by whoever writes them there.

use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use pullcreds_core::finding::Severity;
use thiserror::Error;
use x509_cert::certificate::{CertificateInner, Raw, TbsCertificateInner, Version};
use x509_cert::der::Decode;
use x509_cert::ext::pkix::name::GeneralName;
use x509_cert::ext::pkix::{BasicConstraints, KeyUsage, SubjectAltName};
use x509_cert::time::Time;

use crate::host;

/// Longer than any bundle of a registry's CAs; the system's own has some 200 KiB.
pub const LARGEST_FILE: usize = 1 << 20;

/// Why a file cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum CertificateError {
    /// It has none.
    #[error("there is no certificate in it: neither PEM (`-----BEGIN CERTIFICATE-----`) nor DER")]
    None,
    /// A private key would be handed to every agent.
    #[error("there is a private key in it, which is for the registry alone")]
    PrivateKey,
    /// A block that does not end, or is no base64.
    #[error("certificate {0}: the PEM block is broken")]
    Pem(usize),
    /// Not what X.509 says.
    #[error("certificate {index}: cannot be read: {reason}")]
    Der {
        /// Which, from 1.
        index: usize,
        /// Why.
        reason: String,
    },
}

/// One certificate.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Certificate {
    /// Whose it is, as RFC 4514 writes names.
    pub subject: String,
    /// From when it counts.
    pub not_before: Moment,
    /// Until when it counts.
    pub not_after: Moment,
    is_self_issued: bool,
    is_authority: bool,
    may_sign: bool,
    common_name: Option<String>,
    alternative: Vec<String>,
    der: Vec<u8>,
}

/// A moment that a certificate names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Moment {
    /// Since the beginning of 1970, UTC.
    pub since_epoch: Duration,
    /// `2026-11-21T09:00:00Z`
    pub text: String,
}

/// Something to know about a certificate before it goes to the agents.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Remark {
    /// An error means that nobody can use it.
    pub severity: Severity,
    /// One sentence without a final full stop.
    pub message: String,
}

/// The certificates of a file, PEM or DER, each once and in its order.
///
/// # Errors
/// When there is none, one cannot be read, or there is a private key beside them.
pub fn read(bytes: &[u8]) -> Result<Vec<Certificate>, CertificateError> {
    // DER is a SEQUENCE; no text begins with its tag and a length of more than 127 bytes.
    let blocks = match bytes {
        [0x30, 0x80..=0xff, ..] => vec![bytes.to_vec()],
        _ => pem(&String::from_utf8_lossy(bytes))?,
    };
    let mut certificates: Vec<Certificate> = Vec::new();
    for (index, der) in blocks.into_iter().enumerate() {
        if certificates.iter().all(|known| known.der != der) {
            certificates.push(Certificate::parse(index + 1, der)?);
        }
    }
    if certificates.is_empty() {
        return Err(CertificateError::None);
    }
    Ok(certificates)
}

/// The DER of each certificate in a text; what stands between them is for people.
fn pem(text: &str) -> Result<Vec<Vec<u8>>, CertificateError> {
    let mut found = Vec::new();
    let mut rest = text;
    while let Some((_, after)) = rest.split_once("-----BEGIN ") {
        let Some((label, after)) = after.split_once("-----") else {
            return Err(CertificateError::Pem(found.len() + 1));
        };
        if label.ends_with("PRIVATE KEY") {
            return Err(CertificateError::PrivateKey);
        }
        if !matches!(label, "CERTIFICATE" | "X509 CERTIFICATE") {
            rest = after;
            continue;
        }
        let broken = || CertificateError::Pem(found.len() + 1);
        let (body, after) = after.split_once(&format!("-----END {label}-----")).ok_or_else(broken)?;
        let body: String = body.split_ascii_whitespace().collect();
        let der = STANDARD.decode(body).map_err(|_| broken())?;
        found.push(der);
        rest = after;
    }
    Ok(found)
}

impl Certificate {
    fn parse(index: usize, der: Vec<u8>) -> Result<Certificate, CertificateError> {
        let failed = |error: x509_cert::der::Error| CertificateError::Der {
            index,
            reason: error.to_string(),
        };
        // The profile `Raw` takes serial numbers that a strict reader refuses, and OpenSSL and Go do not.
        let parsed = CertificateInner::<Raw>::from_der(&der).map_err(failed)?;
        let inner = parsed.tbs_certificate();
        let constraints = inner.get_extension::<BasicConstraints>().map_err(failed)?;
        let usage = inner.get_extension::<KeyUsage>().map_err(failed)?;
        let is_self_issued = inner.subject() == inner.issuer();
        Ok(Certificate {
            subject: inner.subject().to_string(),
            not_before: Moment::of(inner.validity().not_before),
            not_after: Moment::of(inner.validity().not_after),
            is_self_issued,
            is_authority: match constraints {
                Some((_, constraints)) => constraints.ca,
                // Before extensions there was no way to say so; OpenSSL takes such a root.
                None => inner.version() == Version::V1 && is_self_issued,
            },
            may_sign: usage.is_none_or(|(_, usage)| usage.key_cert_sign()),
            common_name: inner
                .subject()
                .common_name()
                .ok()
                .flatten()
                .map(|name| name.value().into_owned()),
            alternative: alternative(inner).map_err(failed)?,
            der,
        })
    }

    /// As PEM, without anything between the lines.
    #[must_use]
    pub fn pem(&self) -> String {
        let encoded = STANDARD.encode(&self.der);
        let mut out = String::from("-----BEGIN CERTIFICATE-----\n");
        let mut rest = encoded.as_str();
        while !rest.is_empty() {
            let (line, after) = rest.split_at(rest.len().min(64));
            out.push_str(line);
            out.push('\n');
            rest = after;
        }
        out.push_str("-----END CERTIFICATE-----\n");
        out
    }

    /// What there is to know at this moment, for this registry.
    #[must_use]
    pub fn remarks(&self, registry: &str, now: Duration) -> Vec<Remark> {
        let mut remarks = Vec::new();
        let mut remark = |severity, message: String| remarks.push(Remark { severity, message });
        if now > self.not_after.since_epoch {
            remark(Severity::Error, format!("expired at {}", self.not_after.text));
        } else if now < self.not_before.since_epoch {
            let from = &self.not_before.text;
            remark(
                Severity::Warning,
                format!("not valid before {from}: pulls fail until then"),
            );
        }
        if !self.is_authority {
            let message = if self.is_self_issued {
                "no CA: it can only be the registry's own certificate, and trusts nothing else"
            } else {
                "no CA, and issued by another: Mesos (OpenSSL) needs the certificate of the CA that issued it"
            };
            remark(Severity::Warning, message.to_owned());
        } else if !self.may_sign {
            let message = "a CA whose key usage does not let it sign certificates";
            remark(Severity::Warning, message.to_owned());
        }
        // A CA needs no name of a host; the registry's own certificate does.
        let host = host::split_port(registry).0;
        let is_own = !self.is_authority || self.common_name.as_deref() == Some(host);
        if is_own && self.alternative.is_empty() {
            let message = format!(
                "no subjectAltName: as the certificate of `{host}` itself, Docker refuses it (Go does since 1.15)"
            );
            remark(Severity::Warning, message);
        } else if is_own && !self.alternative.iter().any(|name| covers(name, host)) {
            let names = self.alternative.join(", ");
            remark(Severity::Warning, format!("not for `{host}`: it names {names}"));
        }
        remarks
    }
}

impl Moment {
    fn of(time: Time) -> Moment {
        Moment {
            since_epoch: time.to_unix_duration(),
            text: time.to_string(),
        }
    }
}

/// The hosts that it names.
fn alternative(inner: &TbsCertificateInner<Raw>) -> Result<Vec<String>, x509_cert::der::Error> {
    let Some((_, names)) = inner.get_extension::<SubjectAltName>()? else {
        return Ok(Vec::new());
    };
    let named = names.0.into_iter().filter_map(|name| match name {
        GeneralName::DnsName(name) => Some(name.to_string()),
        GeneralName::IpAddress(address) => address_text(address.as_bytes()),
        _ => None,
    });
    Ok(named.collect())
}

fn address_text(bytes: &[u8]) -> Option<String> {
    let four = <[u8; 4]>::try_from(bytes).map(|bytes| std::net::Ipv4Addr::from(bytes).to_string());
    let six = || <[u8; 16]>::try_from(bytes).map(|bytes| std::net::Ipv6Addr::from(bytes).to_string());
    four.or_else(|_| six()).ok()
}

/// RFC 6125, 6.4: a star stands for one label, the leftmost.
fn covers(name: &str, host: &str) -> bool {
    let host = host.trim_start_matches('[').trim_end_matches(']');
    if name.eq_ignore_ascii_case(host) {
        return true;
    }
    match (name.strip_prefix("*."), host.split_once('.')) {
        (Some(below), Some((_, parent))) => below.eq_ignore_ascii_case(parent),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::{CertificateError, covers, read};

    #[test]
    fn what_is_no_certificate_is_refused() {
        let told = |text: &[u8]| read(text).expect_err("none is one");
        assert_eq!(told(b""), CertificateError::None);
        assert_eq!(told(b"hello"), CertificateError::None);
        assert_eq!(told(b"-----BEGIN CERTIFICATE-----\neDp5\n"), CertificateError::Pem(1));
        assert_eq!(
            told(b"-----BEGIN CERTIFICATE-----\n*\n-----END CERTIFICATE-----\n"),
            CertificateError::Pem(1)
        );
        assert_eq!(
            told(b"-----BEGIN RSA PRIVATE KEY-----\neDp5\n-----END RSA PRIVATE KEY-----\n"),
            CertificateError::PrivateKey
        );
        let text = b"-----BEGIN CERTIFICATE-----\neDp5\n-----END CERTIFICATE-----\n";
        assert!(matches!(told(text), CertificateError::Der { index: 1, .. }));
        assert!(matches!(told(&[0x30, 0x82, 0xff]), CertificateError::Der { .. }));
    }

    #[test]
    fn a_star_is_one_label() {
        assert!(covers("*.example.com", "registry.example.com") && covers("A.b", "a.B"));
        assert!(!covers("*.example.com", "a.registry.example.com") && !covers("*.com", "com"));
        assert!(covers("10.0.0.1", "10.0.0.1") && covers("::1", "[::1]"));
    }
}
