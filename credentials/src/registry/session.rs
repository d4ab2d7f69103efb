//! All that is asked of one registry, by one reader with one set of credentials.
//!
//! What holds for all of its images is asked once and remembered: how the registry wants to be asked, and what makes it
//! useless to ask on.

use std::sync::OnceLock;

use pullcreds_core::image::Reference;

use super::challenge::{Challenge, challenges};
use super::endpoint::{self, Base};
use super::presented::Presented;
use super::sent::{By, Sent};
use super::token::{self, Action};
use super::verdict::Verdict;
use super::wire::{Answer, Method, Request, Wire};
use super::{date, said};
use crate::Secret;
use crate::matching::Reader;

/// What Docker accepts, of today and of the last years.
const DOCKER_TAKES: &str = "application/vnd.docker.distribution.manifest.v2+json, \
                            application/vnd.docker.distribution.manifest.list.v2+json, \
                            application/vnd.oci.image.index.v1+json, application/vnd.oci.image.manifest.v1+json";
/// Letter by letter what Mesos sends.
const UCR_TAKES: &str = "application/vnd.docker.distribution.manifest.v2+json,\
                         application/vnd.docker.distribution.manifest.v1+json,\
                         application/vnd.docker.distribution.manifest.v1+prettyjws";

/// A reader, a registry, and what is presented to it. Threads may share it.
pub struct Session<'s> {
    wire: &'s dyn Wire,
    reader: Reader,
    bases: Vec<Base>,
    presented: Presented,
    /// Whether credentials may go to other machines without encryption.
    allows_plain: bool,
    contact: OnceLock<Result<Contact, Verdict>>,
    stopped: OnceLock<Verdict>,
}

/// What `/v2/` says.
pub(super) struct Contact {
    pub(super) base: Base,
    status: u16,
    challenges: Vec<Challenge>,
}

impl<'s> Session<'s> {
    /// For the registry of this image, and all other images there.
    pub fn new(wire: &'s dyn Wire, reader: Reader, image: &Reference<'_>, presented: Presented) -> Session<'s> {
        Session {
            wire,
            reader,
            bases: endpoint::bases(image, reader),
            presented,
            allows_plain: false,
            contact: OnceLock::new(),
            stopped: OnceLock::new(),
        }
    }

    /// The same, with credentials sent to whoever listens, where the reader does so.
    #[must_use]
    pub fn allow_plain(mut self) -> Session<'s> {
        self.allows_plain = true;
        self
    }

    /// Whether an image of this registry can be pulled.
    #[must_use]
    pub fn pull(&self, image: &Reference<'_>) -> Verdict {
        if let Some(verdict) = self.stopped.get() {
            return verdict.clone();
        }
        let verdict = match self.reader {
            Reader::Docker => self.docker(image),
            Reader::Ucr => self.ucr(image),
        };
        let verdict = verdict.unwrap_or_else(|verdict| verdict);
        if verdict.is_for_all() {
            // Whoever comes second says the same.
            let _ = self.stopped.set(verdict.clone());
        }
        verdict
    }

    fn docker(&self, image: &Reference<'_>) -> Result<Verdict, Verdict> {
        let contact = self.contact()?;
        let sent = self.authorize(contact, image.repository(), Action::Pull)?;
        let answer = self.ask(&self.manifest(image, &contact.base, &sent, DOCKER_TAKES))?;
        if answer.status == 404 && !matches!(contact.status, 200 | 401) {
            return Err(Verdict::NotARegistry { status: contact.status });
        }
        Ok(self.judge(image, &contact.base, &sent, &answer))
    }

    /// `/v2/`, without credentials. Where there are several ways, the first that answers is taken.
    pub(super) fn contact(&self) -> Result<&Contact, Verdict> {
        let contact = self.contact.get_or_init(|| {
            let mut failed = None;
            for base in &self.bases {
                let request = self.request(Method::Get, format!("{}/v2/", base.url), base);
                match self.ask(&request) {
                    Ok(answer) if answer.status == 429 => return Err(limited(&answer)),
                    Ok(answer) => {
                        return Ok(Contact {
                            base: base.clone(),
                            status: answer.status,
                            challenges: match answer.status {
                                401 => challenges(answer.challenges.iter().map(String::as_str)),
                                _ => Vec::new(),
                            },
                        });
                    }
                    Err(verdict) => failed = Some(verdict),
                }
            }
            Err(failed.unwrap_or(Verdict::NotARegistry { status: 0 }))
        });
        contact.as_ref().map_err(Clone::clone)
    }

    pub(super) fn authorize(&self, contact: &Contact, repository: &str, action: Action) -> Result<Sent, Verdict> {
        self.protect(&contact.base.url)?;
        let scheme = |name: &str| contact.challenges.iter().find(|challenge| challenge.scheme == name);
        if let Some(challenge) = scheme("bearer") {
            if let Some(token) = &self.presented.registry {
                return Ok(Sent::token(token, By::Token));
            }
            let user = self.presented.user.as_deref();
            let url = token::docker_url(challenge, repository, action, user).ok_or_else(no_realm)?;
            let form = self.presented.identity.as_ref();
            let form = form.map(|identity| token::form(challenge, repository, identity));
            let url = match &form {
                // The form says it all.
                Some(_) => challenge.get("realm").map_or(url, str::to_owned),
                None => url,
            };
            return self.token(&url, form, &contact.base);
        }
        Ok(match (scheme("basic"), &self.presented.basic) {
            (Some(_), Some(basic)) => Sent::basic(basic),
            _ => Sent::nothing(),
        })
    }

    fn ucr(&self, image: &Reference<'_>) -> Result<Verdict, Verdict> {
        let Some(base) = self.bases.first() else {
            return Err(Verdict::NotARegistry { status: 0 });
        };
        self.protect(&base.url)?;
        let mut sent = self.presented.basic.as_ref().map_or(Sent::nothing(), Sent::basic);
        let mut answer = self.ask(&self.manifest(image, base, &sent, UCR_TAKES))?;
        let asked = challenges(answer.challenges.iter().map(String::as_str));
        let bearer = asked.first().filter(|challenge| challenge.scheme == "bearer");
        if let (401, Some(challenge)) = (answer.status, bearer) {
            let url = match token::ucr_url(challenge) {
                Some(url) => url,
                None => self.ucr_fallback(image, base, &sent)?,
            };
            if !url.bytes().all(|byte| byte.is_ascii_graphic()) {
                return Err(Verdict::NoToken {
                    why: "the registry names its token server with characters that UCR does not encode".to_owned(),
                });
            }
            sent = self.token(&url, None, base)?;
            answer = self.ask(&self.manifest(image, base, &sent, UCR_TAKES))?;
        }
        Ok(self.judge(image, base, &sent, &answer))
    }

    /// Where the manifest's challenge is not whole, UCR goes by that of `/v2/`.
    fn ucr_fallback(&self, image: &Reference<'_>, base: &Base, sent: &Sent) -> Result<String, Verdict> {
        let mut request = self.request(Method::Get, format!("{}/v2/", base.url), base);
        request.authorization.clone_from(&sent.authorization);
        let answer = self.ask(&request)?;
        let asked = challenges(answer.challenges.iter().map(String::as_str));
        let bearer = asked.first().filter(|challenge| challenge.scheme == "bearer");
        bearer
            .and_then(|challenge| token::ucr_fallback_url(challenge, image.repository()))
            .ok_or_else(no_realm)
    }

    /// Asks a token server.
    fn token(&self, url: &str, form: Option<Secret>, base: &Base) -> Result<Sent, Verdict> {
        let (_, authority) = endpoint::origin(url).ok_or_else(no_realm)?;
        let is_anonymous = self.presented.basic.is_none() && form.is_none();
        if !is_anonymous {
            self.protect(url)?;
        }
        let authorization = match (&self.presented.basic, &form) {
            (Some(basic), None) => Sent::basic(basic).authorization,
            _ => None,
        };
        let answer = self.ask(&Request {
            method: if form.is_some() { Method::Post } else { Method::Get },
            url: url.to_owned(),
            accept: None,
            authorization,
            form,
            is_verified: base.is_verified || !endpoint::is_loopback(authority),
        })?;
        match answer.status {
            200 => {}
            401 if is_anonymous => return Err(Verdict::NeedsCredentials),
            401 => return Err(Verdict::WrongCredentials),
            403 if is_anonymous => return Err(Verdict::NeedsCredentials),
            403 => {
                let said = said::message(&answer);
                return Err(Verdict::Denied { said });
            }
            _ => return Err(refused(url, &answer)),
        }
        let token = token::read(&answer.body, self.reader).map_err(|instead| Verdict::NoToken {
            why: match instead {
                Some(member) => {
                    format!(
                        "{authority} gives the token as `{member}` alone, and {} reads `token`",
                        self.reader.as_str()
                    )
                }
                None => format!("{authority} gives no token"),
            },
        })?;
        Ok(Sent::token(&token, if is_anonymous { By::AnyToken } else { By::Token }))
    }

    fn judge(&self, image: &Reference<'_>, base: &Base, sent: &Sent, answer: &Answer) -> Verdict {
        match answer.status {
            200..=299 => self.form(answer),
            401 if is_bad_token(answer) => Verdict::NoToken {
                why:
                    "the registry does not take the token that its own token server gives: their clocks or their keys \
                      differ"
                        .to_owned(),
            },
            401 => match sent.by {
                By::Nothing | By::AnyToken => Verdict::NeedsCredentials,
                By::Basic => Verdict::WrongCredentials,
                By::Token => Verdict::Denied {
                    said: said::message(answer),
                },
            },
            403 => Verdict::Denied {
                said: said::message(answer),
            },
            404 => self.missing(image, base, sent),
            429 => limited(answer),
            _ => refused(&base.url, answer),
        }
    }

    /// Whether the reader takes what is there.
    fn form(&self, answer: &Answer) -> Verdict {
        let media_type = answer.content_type.as_deref().unwrap_or_default();
        let is_manifest = media_type.starts_with("application/vnd.docker.distribution.manifest.")
            || media_type.starts_with("application/vnd.oci.image.")
            || media_type.starts_with("application/json");
        if !media_type.is_empty() && !is_manifest {
            return Verdict::NotARegistry { status: answer.status };
        }
        let is_taken = match self.reader {
            Reader::Docker => true,
            Reader::Ucr => {
                media_type == "application/vnd.docker.distribution.manifest.v2+json"
                    || media_type.starts_with("application/vnd.docker.distribution.manifest.v1")
                    || media_type.starts_with("application/json")
            }
        };
        if is_taken {
            Verdict::Pullable
        } else {
            Verdict::WrongForm {
                media_type: media_type.to_owned(),
            }
        }
    }

    /// What exactly is not there. What cannot be found out is left open.
    fn missing(&self, image: &Reference<'_>, base: &Base, sent: &Sent) -> Verdict {
        if self.reader == Reader::Ucr {
            // A registry keeps silent about an image in a form that was not asked for.
            let answer = self.ask(&self.manifest(image, base, sent, DOCKER_TAKES));
            if let Ok(answer) = answer
                && answer.status == 200
            {
                return Verdict::WrongForm {
                    media_type: answer.content_type.unwrap_or_default(),
                };
            }
        }
        let url = format!("{}/v2/{}/tags/list?n=1", base.url, image.repository());
        let mut request = self.request(Method::Get, url, base);
        request.authorization.clone_from(&sent.authorization);
        match self.ask(&request) {
            Ok(answer) if answer.status == 200 => Verdict::NoManifest {
                name: endpoint::manifest(image).to_owned(),
            },
            Ok(answer) if answer.status == 404 && said::has_code(&answer, "NAME_UNKNOWN") => Verdict::NoRepository,
            _ => Verdict::NoImage,
        }
    }

    fn manifest(&self, image: &Reference<'_>, base: &Base, sent: &Sent, accept: &'static str) -> Request {
        let manifest = endpoint::manifest(image);
        let url = format!("{}/v2/{}/manifests/{manifest}", base.url, image.repository());
        Request {
            accept: Some(accept),
            authorization: sent.authorization.clone(),
            // Both readers use GET, which Docker Hub counts as a pull.
            ..self.request(Method::Head, url, base)
        }
    }

    pub(super) fn request(&self, method: Method, url: String, base: &Base) -> Request {
        Request {
            method,
            url,
            accept: None,
            authorization: None,
            form: None,
            is_verified: base.is_verified,
        }
    }

    pub(super) fn ask(&self, request: &Request) -> Result<Answer, Verdict> {
        self.wire.ask(request).map_err(|failure| Verdict::Failed {
            host: host(&request.url),
            failure,
        })
    }

    /// Credentials go to other machines by https alone, unless somebody says otherwise.
    fn protect(&self, url: &str) -> Result<(), Verdict> {
        match endpoint::origin(url) {
            Some(("http", authority))
                if !self.allows_plain && !self.presented.is_nothing() && !endpoint::is_loopback(authority) =>
            {
                Err(Verdict::Unencrypted { host: host(url) })
            }
            _ => Ok(()),
        }
    }
}

/// Source: RFC 6750, 3.1; distribution `registry/auth/token/accesscontroller.go`.
fn is_bad_token(answer: &Answer) -> bool {
    let asked = challenges(answer.challenges.iter().map(String::as_str));
    asked
        .iter()
        .any(|challenge| challenge.get("error") == Some("invalid_token"))
}

fn limited(answer: &Answer) -> Verdict {
    let wait = answer.retry_after.as_deref();
    Verdict::RateLimited {
        wait: wait.and_then(|wait| date::wait(wait, answer.date.as_deref())),
    }
}

fn refused(url: &str, answer: &Answer) -> Verdict {
    match answer.status {
        429 => limited(answer),
        status => Verdict::Refused {
            host: host(url),
            status,
            said: said::message(answer),
        },
    }
}

fn no_realm() -> Verdict {
    Verdict::NoToken {
        why: "the registry asks for a token and does not say where one is to be had".to_owned(),
    }
}

fn host(url: &str) -> String {
    endpoint::origin(url).map_or_else(String::new, |(_, authority)| authority.to_owned())
}
