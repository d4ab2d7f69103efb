//! Whose certificates are trusted: the system's authorities, `--ca`, and Docker's certs.d.

use std::fs;
use std::path::Path;
use std::sync::Arc;

use anyhow::{Context, bail};
use ureq::tls::{Certificate, PemItem, RootCerts, parse_pem};

/// Authorities beside the system's.
#[derive(Clone, Default)]
pub(super) struct Authorities(Vec<Certificate<'static>>);

impl Authorities {
    /// Those of `--ca`.
    pub(super) fn load(files: &[impl AsRef<Path>]) -> anyhow::Result<Authorities> {
        let mut all = Authorities::default();
        for file in files {
            all.add(file.as_ref())
                .with_context(|| format!("--ca {}", file.as_ref().display()))?;
        }
        Ok(all)
    }

    /// With those of Docker's folder for a host, if it has one: every `*.crt` in it.
    ///
    /// Source: moby `registry/registry.go`, `ReadCertsDirectory`.
    pub(super) fn with_docker(&self, certs_d: &Path, host: &str) -> anyhow::Result<Option<Authorities>> {
        let folder = certs_d.join(host);
        if host.contains('/') || !folder.is_dir() {
            return Ok(None);
        }
        let mut all = self.clone();
        let mut files = fs::read_dir(&folder)
            .and_then(Iterator::collect::<Result<Vec<_>, _>>)
            .with_context(|| format!("{}: cannot be read", folder.display()))?;
        files.sort_by_key(fs::DirEntry::file_name);
        for file in files {
            let path = file.path();
            if path.extension().is_some_and(|extension| extension == "crt") {
                all.add(&path).with_context(|| path.display().to_string())?;
            }
        }
        Ok(Some(all))
    }

    fn add(&mut self, file: &Path) -> anyhow::Result<()> {
        let text = fs::read(file).context("cannot be read")?;
        let before = self.0.len();
        for item in parse_pem(&text) {
            if let PemItem::Certificate(certificate) = item.context("no good PEM")? {
                self.0.push(certificate);
            }
        }
        if self.0.len() == before {
            bail!("has no certificate (a block that begins with `-----BEGIN CERTIFICATE-----`)");
        }
        Ok(())
    }

    /// These and the system's.
    pub(super) fn roots(&self) -> RootCerts {
        if self.0.is_empty() {
            return RootCerts::PlatformVerifier;
        }
        // What of the system's cannot be read vouches for nobody; whoever needs it is told that it is not trusted.
        let system = rustls_native_certs::load_native_certs().certs;
        let system = system
            .iter()
            .map(|certificate| Certificate::from_der(certificate).to_owned());
        RootCerts::Specific(Arc::new(self.0.iter().cloned().chain(system).collect()))
    }
}
