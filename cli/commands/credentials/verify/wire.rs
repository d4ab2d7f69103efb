//! Connections: asks what a session wants asked, with rustls and without surprises.

use std::collections::HashMap;
use std::io::Read;
use std::path::PathBuf;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use anyhow::bail;
use pullcreds_credentials::Secret;
use pullcreds_credentials::matching::Reader;
use pullcreds_credentials::registry::{Answer, Certificate, Failure, Method, Request, Wire, date, endpoint};
use rustls::CertificateError;
use ureq::http::{self, HeaderMap, HeaderName, HeaderValue, header};
use ureq::unversioned::resolver::{DefaultResolver, ResolvedSocketAddrs, Resolver};
use ureq::unversioned::transport::{ConnectProxyConnector, Connector, NextTimeout, TcpConnector};
use ureq::{Agent, Body, ProxyProtocol};

use super::certificates::Authorities;
use super::tls::Tls;
use crate::args::verify::{NetworkArguments, Resolved};
use crate::outcome::in_words;

/// More than a token or an error takes.
const MOST_BYTES: u64 = 1024 * 1024;
const MOST_REDIRECTS: usize = 5;
const PROXIES: [&str; 6] = [
    "ALL_PROXY",
    "all_proxy",
    "HTTPS_PROXY",
    "https_proxy",
    "HTTP_PROXY",
    "http_proxy",
];

impl NetworkArguments {
    /// Whether the environment names a proxy that is not asked for.
    pub(super) fn ignores_a_proxy(&self) -> bool {
        !self.proxy
            && PROXIES
                .iter()
                .any(|name| std::env::var_os(name).is_some_and(|value| !value.is_empty()))
    }
}

/// How servers are reached.
pub(super) struct Network {
    authorities: Authorities,
    certs_d: Option<PathBuf>,
    proxy: Option<ureq::Proxy>,
    timeout: Duration,
    names: Vec<Resolved>,
    common: Agent,
    unverified: Agent,
    /// By how many seconds the clock of a host is ahead of this one.
    clocks: Mutex<HashMap<String, i64>>,
}

impl Network {
    pub(super) fn new(arguments: &NetworkArguments) -> anyhow::Result<Network> {
        let proxy = arguments.proxy.then(ureq::Proxy::try_from_env).flatten();
        let is_usable = |proxy: &ureq::Proxy| matches!(proxy.protocol(), ProxyProtocol::Http | ProxyProtocol::Https);
        if arguments.proxy && !proxy.as_ref().is_some_and(is_usable) {
            bail!("--proxy: the environment names none of http or https, in ALL_PROXY or HTTPS_PROXY");
        }
        let mut network = Network {
            authorities: Authorities::load(&arguments.ca)?,
            certs_d: arguments.certs_d.clone(),
            proxy,
            timeout: Duration::from_secs(arguments.timeout),
            names: arguments.resolve.clone(),
            common: Agent::new_with_defaults(),
            unverified: Agent::new_with_defaults(),
            clocks: Mutex::default(),
        };
        network.common = network.agent(Some(&network.authorities))?;
        network.unverified = network.agent(None)?;
        Ok(network)
    }

    /// Trusts these authorities, or, with `None`, everybody.
    fn agent(&self, authorities: Option<&Authorities>) -> anyhow::Result<Agent> {
        let config = Agent::config_builder()
            .proxy(self.proxy.clone())
            .timeout_global(Some(self.timeout))
            .http_status_as_error(false)
            .max_redirects(0)
            .max_redirects_will_error(false)
            .user_agent(concat!("pullcreds/", env!("CARGO_PKG_VERSION")))
            .build();
        let names = Names {
            given: self.names.clone(),
            usual: DefaultResolver::default(),
        };
        let connector =
            ().chain(ConnectProxyConnector::default())
                .chain(TcpConnector::default())
                .chain(Tls::new(authorities.map(Authorities::certificates))?);
        Ok(Agent::with_parts(config, connector, names))
    }

    /// For one reader and one registry: Docker has authorities of its own for some.
    pub(super) fn line(&self, reader: Reader, host: &str) -> anyhow::Result<Line<'_>> {
        let own = match (&self.certs_d, reader) {
            (Some(certs_d), Reader::Docker) => self.authorities.with_docker(certs_d, host)?,
            _ => None,
        };
        Ok(Line {
            verified: match own {
                Some(authorities) => self.agent(Some(&authorities))?,
                None => self.common.clone(),
            },
            network: self,
        })
    }

    /// By how many seconds the clocks of the hosts that answered are ahead of this one.
    pub(super) fn clocks(&self) -> HashMap<String, i64> {
        self.clocks.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn compare_clocks(&self, url: &str, date: Option<&str>) {
        let theirs = date.and_then(date::seconds);
        let ours = SystemTime::now().duration_since(UNIX_EPOCH).ok();
        let ours = ours.and_then(|now| i64::try_from(now.as_secs()).ok());
        if let (Some((_, host)), Some(theirs), Some(ours)) = (endpoint::origin(url), theirs, ours) {
            let mut clocks = self.clocks.lock().unwrap_or_else(PoisonError::into_inner);
            clocks.insert(host.to_owned(), theirs - ours);
        }
    }
}

/// Asks for one session.
pub(super) struct Line<'n> {
    verified: Agent,
    network: &'n Network,
}

impl Wire for Line<'_> {
    fn ask(&self, request: &Request) -> Result<Answer, Failure> {
        let mut request = request.clone();
        for _ in 0..MOST_REDIRECTS {
            let answer = self.once(&request)?;
            self.network.compare_clocks(&request.url, answer.date.as_deref());
            let is_redirect = matches!(answer.status, 301 | 302 | 303 | 307 | 308);
            let is_safe = matches!(request.method, Method::Get | Method::Head);
            let next = answer.location.as_deref().filter(|_| is_redirect && is_safe);
            let Some(next) = next.and_then(|to| endpoint::location(&request.url, to)) else {
                return Ok(answer);
            };
            if endpoint::origin(&next) != endpoint::origin(&request.url) {
                request.authorization = None;
                request.is_verified = true;
            }
            request.url = next;
        }
        Err(Failure::Other("it redirects in a circle, or too often".to_owned()))
    }
}

impl Line<'_> {
    fn once(&self, request: &Request) -> Result<Answer, Failure> {
        let agent = if request.is_verified {
            &self.verified
        } else {
            &self.network.unverified
        };
        let failed = |error: &ureq::Error| failure(error);
        let mut headers = HeaderMap::new();
        if let Some(accept) = request.accept {
            headers.insert(header::ACCEPT, HeaderValue::from_static(accept));
        }
        if let Some(authorization) = &request.authorization {
            let Ok(mut value) = HeaderValue::from_bytes(authorization.expose()) else {
                return Err(Failure::Other(
                    "what is written as `auth` cannot be sent in a header".to_owned(),
                ));
            };
            value.set_sensitive(true);
            headers.insert(header::AUTHORIZATION, value);
        }
        let answer = match &request.form {
            Some(form) => {
                let mut asking = agent.post(&request.url);
                if !form.expose().is_empty() {
                    asking = asking.content_type("application/x-www-form-urlencoded");
                }
                add(asking, headers).send(form.expose())
            }
            None => {
                let asking = match request.method {
                    Method::Head => agent.head(&request.url),
                    Method::Delete => agent.delete(&request.url),
                    Method::Get | Method::Post => agent.get(&request.url),
                };
                add(asking, headers).call()
            }
        };
        let mut answer = answer.map_err(|error| failed(&error))?;
        let mut body = Vec::with_capacity(16 * 1024);
        let read = answer.body_mut().as_reader().take(MOST_BYTES).read_to_end(&mut body);
        let body = Secret::new(body);
        read.map_err(|error| failed(&ureq::Error::from(error)))?;
        Ok(taken(&answer, body))
    }
}

fn add<B>(mut asking: ureq::RequestBuilder<B>, headers: HeaderMap) -> ureq::RequestBuilder<B> {
    if let Some(all) = asking.headers_mut() {
        all.extend(headers);
    }
    asking
}

fn taken(answer: &http::Response<Body>, body: Secret) -> Answer {
    let text = |name: HeaderName| {
        let value = answer.headers().get(name)?.to_str().ok()?;
        Some(value.to_owned())
    };
    let challenges = answer.headers().get_all(header::WWW_AUTHENTICATE).iter();
    Answer {
        status: answer.status().as_u16(),
        challenges: challenges
            .filter_map(|value| value.to_str().ok().map(str::to_owned))
            .collect(),
        content_type: text(header::CONTENT_TYPE),
        location: text(header::LOCATION),
        retry_after: text(header::RETRY_AFTER),
        date: text(header::DATE),
        body,
    }
}

/// Addresses that are given, before those of DNS.
#[derive(Debug)]
struct Names {
    given: Vec<Resolved>,
    usual: DefaultResolver,
}

impl Resolver for Names {
    fn resolve(
        &self,
        uri: &http::Uri,
        config: &ureq::config::Config,
        timeout: NextTimeout,
    ) -> Result<ResolvedSocketAddrs, ureq::Error> {
        let port = uri
            .port_u16()
            .unwrap_or(if uri.scheme_str() == Some("http") { 80 } else { 443 });
        let is_it = |given: &&Resolved| given.port == port && uri.host().is_some_and(|host| host == given.host);
        match self.given.iter().find(is_it) {
            Some(given) => {
                let mut found = self.empty();
                found.push((given.address, port).into());
                Ok(found)
            }
            None => self.usual.resolve(uri, config, timeout),
        }
    }
}

fn failure(error: &ureq::Error) -> Failure {
    use ureq::Error;
    match error {
        Error::Timeout(_) => Failure::Timeout,
        Error::HostNotFound => Failure::NoSuchHost,
        Error::ConnectionFailed => Failure::Unreachable("no address of it answers".to_owned()),
        Error::Rustls(error) => tls(error),
        Error::Io(error) => match error.get_ref().and_then(|inner| inner.downcast_ref::<rustls::Error>()) {
            Some(error) => tls(error),
            None => io(error),
        },
        Error::Tls(words) => Failure::Other((*words).to_owned()),
        Error::BadUri(_) | Error::Http(_) => Failure::Other("the address is none that can be asked for".to_owned()),
        Error::ConnectProxyFailed(_) | Error::InvalidProxyUrl => {
            Failure::Other("the proxy does not let it through".to_owned())
        }
        _ => Failure::Other("the answer is no good HTTP".to_owned()),
    }
}

fn io(error: &std::io::Error) -> Failure {
    use std::io::ErrorKind;
    match error.kind() {
        ErrorKind::TimedOut | ErrorKind::WouldBlock => Failure::Timeout,
        ErrorKind::UnexpectedEof => Failure::Other("it hangs up".to_owned()),
        // The look-up of a name fails with no kind of its own, in the words of the system.
        _ if error.to_string().starts_with("failed to lookup address") => Failure::NoSuchHost,
        _ => Failure::Unreachable(in_words(error)),
    }
}

fn tls(error: &rustls::Error) -> Failure {
    use rustls::{AlertDescription, Error};
    let certificate = match error {
        Error::InvalidCertificate(error) => certificate(error),
        Error::AlertReceived(AlertDescription::CertificateRequired) => Certificate::ClientWanted,
        Error::InvalidMessage(_) => return Failure::NotTls,
        other => return Failure::Other(other.to_string()),
    };
    Failure::Certificate(certificate)
}

fn certificate(error: &CertificateError) -> Certificate {
    match error {
        CertificateError::UnknownIssuer => Certificate::NotTrusted,
        CertificateError::Expired => Certificate::Expired { until: None, now: None },
        CertificateError::ExpiredContext { time, not_after } => Certificate::Expired {
            until: Some(not_after.as_secs()),
            now: Some(time.as_secs()),
        },
        CertificateError::NotValidYet => Certificate::NotYet { from: None, now: None },
        CertificateError::NotValidYetContext { time, not_before } => Certificate::NotYet {
            from: Some(not_before.as_secs()),
            now: Some(time.as_secs()),
        },
        CertificateError::NotValidForName => Certificate::OtherName(Vec::new()),
        CertificateError::NotValidForNameContext { presented, .. } => {
            // `DnsName("registry.example.com")`
            let bare = |name: &String| name.split('"').nth(1).unwrap_or(name).to_owned();
            Certificate::OtherName(presented.iter().map(bare).collect())
        }
        other => Certificate::Other(other.to_string()),
    }
}
