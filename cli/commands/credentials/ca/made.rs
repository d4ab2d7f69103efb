//! Reads the certificates, says what there is to know of them, and prints what brings them to the agents.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use anyhow::bail;
use pullcreds_core::finding::Severity;
use pullcreds_credentials::certificate::{self, Certificate, LARGEST_FILE};
use pullcreds_credentials::host;

use super::trust::Trust;
use super::{CaArguments, Exit, Voice};
use crate::commands::credentials::file;
use crate::commands::{fail, shown};
use crate::outcome::Problem;
use crate::printer;
use crate::report::safe;

const DAY: u64 = 24 * 60 * 60;

pub(crate) fn run(arguments: &CaArguments, voice: Voice) -> anyhow::Result<Exit> {
    let registry = arguments.registry.as_str();
    if !host::is_registry(registry) {
        bail!("--registry {registry}: no registry: write its host, and its port where images are written with one");
    }
    let name = shown(&arguments.file);
    let problem = |message: String| Problem::new(message).with_help("a registry's CA certificate is what is wanted");
    let bytes = match file::bytes(&arguments.file) {
        Ok(bytes) if bytes.expose().len() > LARGEST_FILE => {
            return fail(voice, &name, b"", &problem("is larger than 1 MiB".to_owned()));
        }
        Ok(bytes) => bytes,
        Err(problem) => return fail(voice, &name, b"", &problem),
    };
    let certificates = match certificate::read(bytes.expose()) {
        Ok(certificates) => certificates,
        Err(error) => return fail(voice, &name, b"", &problem(error.to_string())),
    };
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    let mut said = Vec::new();
    let (mut notes, mut is_unusable) = (String::new(), false);
    for certificate in &certificates {
        let line = safe::line(&described(certificate, now));
        notes.push_str(&format!("{}: {line}\n", safe::line(&name)));
        said.push(line);
        for remark in certificate.remarks(registry, now) {
            is_unusable |= remark.severity == Severity::Error;
            let severity = remark.severity.as_str();
            let subject = safe::line(&certificate.subject);
            let line = format!("{severity}: {subject}: {}\n", safe::line(&remark.message));
            notes.push_str(&line);
        }
    }
    if !voice.quiet || is_unusable {
        printer::messages(notes.as_bytes())?;
    }
    if is_unusable {
        return Ok(Exit::Failed);
    }
    let text: String = certificates.iter().map(Certificate::pem).collect();
    let trust = Trust {
        registry,
        certificates: &text,
        said: &said,
        restart_docker: arguments.restart_docker,
    };
    let script = if arguments.ansible {
        trust.play()
    } else {
        trust.script()
    };
    printer::output(script.as_bytes())?;
    if arguments.restart_docker {
        let said = "warning: restarting Docker stops all its containers: drain the agent of tasks that use Docker \
                    first. Docker reads new certificates without it.\n";
        printer::messages(said.as_bytes())?;
    }
    Ok(Exit::Clean)
}

/// `CN=Example CA: 2026-01-01T00:00:00Z to 2036-01-01T00:00:00Z, 3600 days left`
fn described(certificate: &Certificate, now: Duration) -> String {
    let Certificate {
        subject,
        not_before,
        not_after,
        ..
    } = certificate;
    let left = not_after.since_epoch.saturating_sub(now).as_secs() / DAY;
    format!("{subject}: {} to {}, {left} days left", not_before.text, not_after.text)
}
