//! Whose certificates are trusted: the system's authorities, `--ca`, and Docker's certs.d.

use std::fs;
use std::path::Path;

use anyhow::{Context, bail};
use rustls::RootCertStore;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;

/// Certificates of authorities.
#[derive(Clone)]
pub(super) struct Authorities(Vec<CertificateDer<'static>>);

impl Authorities {
    /// The system's and those of `--ca`.
    pub(super) fn load(files: &[impl AsRef<Path>]) -> anyhow::Result<Authorities> {
        // What of the system's cannot be read vouches for nobody; whoever needs it is told that it is not trusted.
        let mut all = Authorities(rustls_native_certs::load_native_certs().certs);
        for file in files {
            let name = file.as_ref().display();
            all.add(file.as_ref()).with_context(|| format!("--ca {name}"))?;
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
        for certificate in CertificateDer::pem_slice_iter(&text) {
            let certificate = certificate.context("no good PEM")?;
            RootCertStore::empty()
                .add(certificate.clone())
                .context("has a certificate that cannot be read")?;
            self.0.push(certificate);
        }
        if self.0.len() == before {
            bail!("has no certificate (a block that begins with `-----BEGIN CERTIFICATE-----`)");
        }
        Ok(())
    }

    pub(super) fn certificates(&self) -> Vec<CertificateDer<'static>> {
        self.0.clone()
    }
}
