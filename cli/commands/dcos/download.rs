//! A definition that is given as a URL. Feature `network`; without it, the way to get it.

use crate::outcome::Problem;

/// More than any definition holds.
#[cfg(feature = "network")]
const MOST_BYTES: u64 = 64 * 1024 * 1024;
/// From the look-up of the name to the last byte.
#[cfg(feature = "network")]
const TIMEOUT: std::time::Duration = std::time::Duration::from_secs(60);

/// The text behind a URL.
///
/// # Errors
/// When it cannot be had. Nothing in the message comes from the URL, which may hold credentials.
#[cfg(feature = "network")]
pub(super) fn get(url: &str) -> Result<Vec<u8>, Problem> {
    use ureq::tls::{RootCerts, TlsConfig};
    // Firms that run private registries have certificate authorities of their own.
    let tls = TlsConfig::builder().root_certs(RootCerts::PlatformVerifier).build();
    let agent: ureq::Agent = ureq::Agent::config_builder()
        .tls_config(tls)
        .timeout_global(Some(TIMEOUT))
        .user_agent(concat!("pullcreds/", env!("CARGO_PKG_VERSION")))
        .build()
        .into();
    let mut answer = agent.get(url).call().map_err(|error| told(&error))?;
    answer
        .body_mut()
        .with_config()
        .limit(MOST_BYTES)
        .read_to_vec()
        .map_err(|error| told(&error))
}

#[cfg(feature = "network")]
fn told(error: &ureq::Error) -> Problem {
    use ureq::Error;
    let problem = |words: &str| Problem::new(format!("cannot be downloaded: {words}"));
    match error {
        Error::StatusCode(code @ (401 | 403)) => problem(&format!("the server answers {code}"))
            .with_help("download it with a client that can log in, and give it as a file or on standard input"),
        Error::StatusCode(code) => problem(&format!("the server answers {code}")),
        Error::Timeout(_) => problem(&format!("not done within {} seconds", TIMEOUT.as_secs())),
        Error::BodyExceedsLimit(_) => problem(&format!("it is longer than {} MiB", MOST_BYTES >> 20)),
        Error::HostNotFound => problem("there is no such host"),
        Error::TooManyRedirects => problem("it redirects in a circle, or too often"),
        Error::BadUri(_) | Error::Http(_) => problem("it is no URL that can be asked for"),
        Error::Io(error) => problem(&crate::outcome::in_words(error)),
        Error::ConnectionFailed => problem("the server cannot be reached"),
        Error::Tls(words) => problem(&format!("no secure connection: {words}")),
        Error::Rustls(error) => problem(&format!("no secure connection: {error}")),
        _ => problem("the answer is no good HTTP"),
    }
}

/// Says how to get it.
#[cfg(not(feature = "network"))]
pub(super) fn get(_url: &str) -> Result<Vec<u8>, Problem> {
    Err(
        Problem::new("this pullcreds was built without the feature `network`, which downloads definitions").with_help(
            "download it yourself: `curl -fsS URL | pullcreds dcos marathon app add`, or build with \
             `cargo install --features network` (released binaries have it)",
        ),
    )
}
