//! How an image stands with a registry, and what to say of it.

use super::wire::{Certificate, Failure};
use crate::matching::Reader;

/// Whether an image can be pulled, and if not, why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It is there, and the credentials (or none) are good for it.
    Pullable,
    /// The registry wants credentials, and none were sent.
    NeedsCredentials,
    /// The user or the password is not what the registry knows.
    WrongCredentials,
    /// The credentials (or none) are not good for this image, though for others; or it is not there, and the registry
    /// does not say so.
    Denied {
        /// What the registry says, fit to be shown.
        said: Option<String>,
    },
    /// No such repository.
    NoRepository,
    /// The repository has no such tag or digest.
    NoManifest {
        /// The tag or the digest.
        name: String,
    },
    /// One or the other.
    NoImage,
    /// It is there in a form that its reader does not take.
    WrongForm {
        /// Its media type; empty where the registry tells none.
        media_type: String,
    },
    /// The registry wants to be left alone.
    RateLimited {
        /// The seconds to wait.
        wait: Option<u64>,
    },
    /// Not asked: the credentials would go through the network for everybody to read.
    Unencrypted {
        /// To this host.
        host: String,
    },
    /// What answers is no registry.
    NotARegistry {
        /// The status with which it answers at `/v2/`, or for the manifest.
        status: u16,
    },
    /// The registry, or its token server, answers in another way.
    Refused {
        /// Who.
        host: String,
        /// Its status.
        status: u16,
        /// What it says, fit to be shown.
        said: Option<String>,
    },
    /// No token in what the token server says.
    NoToken {
        /// Why.
        why: String,
    },
    /// No answer.
    Failed {
        /// Whose.
        host: String,
        /// Why.
        failure: Failure,
    },
}

impl Verdict {
    /// One word for a program; it never changes its meaning.
    #[must_use]
    pub fn as_str(&self) -> &'static str {
        match self {
            Verdict::Pullable => "pullable",
            Verdict::NeedsCredentials => "needs-credentials",
            Verdict::WrongCredentials => "wrong-credentials",
            Verdict::Denied { .. } => "denied",
            Verdict::NoRepository => "no-repository",
            Verdict::NoManifest { .. } => "no-manifest",
            Verdict::NoImage => "no-image",
            Verdict::WrongForm { .. } => "wrong-form",
            Verdict::RateLimited { .. } => "rate-limited",
            Verdict::Unencrypted { .. } => "unencrypted",
            Verdict::NotARegistry { .. } => "not-a-registry",
            Verdict::Refused { .. } => "refused",
            Verdict::NoToken { .. } => "no-token",
            Verdict::Failed { failure, .. } => match failure {
                Failure::NoSuchHost => "no-such-host",
                Failure::Unreachable(_) => "unreachable",
                Failure::Timeout => "timeout",
                Failure::NotTls => "not-tls",
                Failure::Other(_) => "connection",
                Failure::Certificate(certificate) => match certificate {
                    Certificate::NotTrusted => "certificate-not-trusted",
                    Certificate::Expired { .. } => "certificate-expired",
                    Certificate::NotYet { .. } => "certificate-not-yet-valid",
                    Certificate::OtherName(_) => "certificate-other-name",
                    Certificate::ClientWanted => "certificate-wanted",
                    Certificate::Other(_) => "certificate",
                },
            },
        }
    }

    /// Whether it says nothing of a pull: the question could not be put to its end.
    #[must_use]
    pub fn is_unknown(&self) -> bool {
        matches!(self, Verdict::RateLimited { .. } | Verdict::Unencrypted { .. })
    }

    /// Whether it holds for all images that are asked for in the same way, so that a wrong password is not sent again and
    /// again until somebody's account is locked, and a host that does not answer is waited for once.
    pub(super) fn is_for_all(&self) -> bool {
        matches!(
            self,
            Verdict::WrongCredentials
                | Verdict::RateLimited { .. }
                | Verdict::Unencrypted { .. }
                | Verdict::NotARegistry { .. }
                | Verdict::Failed { .. }
        )
    }

    /// What it is, in one clause. The caller masks what servers said.
    #[must_use]
    pub fn message(&self, reader: Reader) -> String {
        let with = |said: &Option<String>| {
            said.as_ref()
                .map_or(String::new(), |said| format!(" (it says: {said})"))
        };
        match self {
            Verdict::Pullable => "it is there and can be pulled".to_owned(),
            Verdict::NeedsCredentials => "the registry asks for credentials, and none are sent".to_owned(),
            Verdict::WrongCredentials => "the registry refuses user and password".to_owned(),
            Verdict::Denied { said } => {
                format!("access to it is denied, or there is no such repository{}", with(said))
            }
            Verdict::NoRepository => "there is no such repository".to_owned(),
            Verdict::NoManifest { name } => format!("the repository has no `{name}`"),
            Verdict::NoImage => "there is no such image".to_owned(),
            Verdict::WrongForm { media_type } if media_type.is_empty() => {
                format!(
                    "the registry does not say in which form it has it, without which {} fails",
                    reader.as_str()
                )
            }
            Verdict::WrongForm { media_type } => {
                format!("it is there as `{media_type}`, which {} does not take", reader.as_str())
            }
            Verdict::RateLimited { wait: Some(wait) } => {
                format!("not known: the registry asks to be left alone for {wait} seconds (429)")
            }
            Verdict::RateLimited { wait: None } => "not known: the registry asks to be left alone (429)".to_owned(),
            Verdict::Unencrypted { host } => {
                format!("not known: the credentials would go to {host} without encryption, so nothing was asked")
            }
            Verdict::NotARegistry { status } => format!("what answers there is no registry (status {status})"),
            Verdict::Refused { host, status, said } => format!("{host} answers {status}{}", with(said)),
            Verdict::NoToken { why } => why.clone(),
            Verdict::Failed { host, failure } => failed(host, failure),
        }
    }

    /// What to do about it.
    #[must_use]
    pub fn help(&self, reader: Reader) -> Option<String> {
        let text = match self {
            Verdict::WrongCredentials => {
                "`pullcreds credentials add REGISTRY --username USER --password-stdin` writes the right ones; no other \
                 image was asked for with these"
            }
            Verdict::WrongForm { .. } => {
                "push it as one image in Docker's form: `skopeo copy --format v2s2`, or `docker buildx build \
                 --provenance=false --output type=image,oci-mediatypes=false,push=true`"
            }
            Verdict::Unencrypted { .. } => "let the registry speak https; `--plain-http` asks all the same",
            Verdict::Failed { failure, .. } => match (failure, reader) {
                (Failure::Certificate(Certificate::NotTrusted), Reader::Docker) => {
                    "`--ca FILE` names its authority here; agents want it as `/etc/docker/certs.d/HOST:PORT/ca.crt`"
                }
                (Failure::Certificate(Certificate::NotTrusted), Reader::Ucr) => {
                    "`--ca FILE` names its authority here; agents want it in `/var/lib/dcos/pki/tls/certs`, linked by \
                     its hash"
                }
                (Failure::Certificate(Certificate::Expired { .. } | Certificate::NotYet { .. }), _) => {
                    "renew it, or set the clock that is wrong: agents go by their own"
                }
                (Failure::NotTls, Reader::Docker) => {
                    "let it speak https, or name it in the `insecure-registries` of each agent's Docker"
                }
                _ => return None,
            },
            _ => return None,
        };
        Some(text.to_owned())
    }
}

fn failed(host: &str, failure: &Failure) -> String {
    let clock =
        |now: &Option<u64>| now.map_or(String::new(), |now| format!("; this machine's clock says {}", day(now)));
    match failure {
        Failure::NoSuchHost => format!("no address is known for {host}"),
        Failure::Unreachable(why) => format!("{host} cannot be reached: {why}"),
        Failure::Timeout => format!("{host} does not answer in time"),
        Failure::NotTls => format!("{host} does not speak TLS, and https is asked for"),
        Failure::Other(why) => format!("the connection to {host} fails: {why}"),
        Failure::Certificate(certificate) => match certificate {
            Certificate::NotTrusted => format!("the certificate of {host} is by no authority that is trusted here"),
            Certificate::Expired {
                until: Some(until),
                now,
            } => {
                format!("the certificate of {host} expired on {}{}", day(*until), clock(now))
            }
            Certificate::Expired { until: None, .. } => format!("the certificate of {host} has expired"),
            Certificate::NotYet { from: Some(from), now } => {
                format!(
                    "the certificate of {host} is good from {} only{}",
                    day(*from),
                    clock(now)
                )
            }
            Certificate::NotYet { from: None, .. } => format!("the certificate of {host} is not good yet"),
            Certificate::OtherName(names) if names.is_empty() => {
                format!("the certificate of {host} is for another name")
            }
            Certificate::OtherName(names) => format!("the certificate of {host} is for {}", names.join(", ")),
            Certificate::ClientWanted => format!("{host} wants a certificate of the client's"),
            Certificate::Other(why) => format!("the certificate of {host} is not good: {why}"),
        },
    }
}

/// `2026-03-01` of seconds since 1970.
fn day(seconds: u64) -> String {
    // The inverse of what date.rs does: days from a 1 March of a year 0, by eras of 400 years.
    let days = seconds / 86_400 + 719_468;
    let (era, day_of_era) = (days / 146_097, days % 146_097);
    let year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month + 2) / 5 + 1;
    let (year, month) = (era * 400 + year_of_era, if month < 10 { month + 3 } else { month - 9 });
    format!("{}-{month:02}-{day:02}", year + u64::from(month <= 2))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_are_those_of_date() {
        for (seconds, expected) in [
            (0, "1970-01-01"),
            (784_111_777, "1994-11-06"),
            (1_709_251_199, "2024-02-29"),
            (1_709_251_200, "2024-03-01"),
            (4_107_542_399, "2100-02-28"),
        ] {
            assert_eq!(day(seconds), expected);
        }
    }
}
