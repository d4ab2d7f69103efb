//! What can be said to `pullcreds credentials verify`.

use std::net::IpAddr;
use std::path::PathBuf;

use clap::{Args, ValueEnum};

use super::WalkArguments;
use super::credentials::ReaderName;

/// Ask the registries whether images can be pulled with these credentials
///
/// Of an image named here it asks as Docker and as UCR would, which differ. Of files and folders it takes every image
/// that their definitions pull, asks as its containerizer would, and says which apps and pods cannot start and why. The
/// credentials are used where a definition names some (an archive in `fetch`, a `pullConfig`), or the policy says that
/// the cluster has them; other images are asked for without, as they will be pulled.
///
/// Nothing is pulled: manifests are asked for by HEAD, which Docker Hub does not count. Exits with 1 when an image cannot
/// be pulled, with 2 when that could not be found out.
#[derive(Debug, Args)]
pub(crate) struct VerifyArguments {
    /// An image, or a file or folder with definitions; `-` is a definition on standard input
    #[arg(value_name = "IMAGE|PATH", required = true)]
    pub(crate) what: Vec<String>,
    /// A config.json, as Docker finds it in the sandbox or UCR in its secret
    #[arg(long, value_name = "FILE")]
    pub(crate) config_json: Option<PathBuf>,
    /// A docker.tar.gz; Docker finds this one then, and UCR never does
    #[arg(long, value_name = "FILE")]
    pub(crate) archive: Option<PathBuf>,
    /// Ask as one of them only; said twice for both
    #[arg(long = "for", value_name = "READER")]
    pub(crate) readers: Vec<ReaderName>,
    /// How it is told: `human` on standard error, `json` on standard output
    #[arg(long, value_name = "FORMAT", default_value = "human")]
    pub(crate) format: VerifyFormat,
    #[command(flatten)]
    pub(crate) network: NetworkArguments,
    /// Use this policy instead of the nearest pullcreds.toml
    #[arg(long, value_name = "FILE", help_heading = "Policy")]
    pub(crate) config: Option<PathBuf>,
    /// Use no pullcreds.toml at all
    #[arg(long, conflicts_with = "config", help_heading = "Policy")]
    pub(crate) isolated: bool,
    #[command(flatten)]
    pub(crate) walk: WalkArguments,
}

#[derive(Debug, Args)]
#[command(next_help_heading = "Network")]
pub(crate) struct NetworkArguments {
    /// Trust these certificate authorities (PEM) too, beside the system's; may be given several times
    #[arg(long, value_name = "FILE")]
    pub(crate) ca: Vec<PathBuf>,
    /// Trust the authorities of Docker's certs.d for the hosts that they are for, and for Docker alone
    ///
    /// On an agent that is /etc/docker/certs.d, with a folder HOST:PORT for each registry. Its client certificates are
    /// not used.
    #[arg(long, value_name = "FOLDER")]
    pub(crate) certs_d: Option<PathBuf>,
    /// Take this address for that host and port, whatever DNS says; may be given several times
    ///
    /// For one of several servers behind one name, or before DNS knows it.
    #[arg(long, value_name = "HOST:PORT:ADDRESS", value_parser = resolved)]
    pub(crate) resolve: Vec<Resolved>,
    /// Go through the proxy that ALL_PROXY or HTTPS_PROXY names; without this they are ignored
    #[arg(long)]
    pub(crate) proxy: bool,
    /// Send credentials without encryption where UCR would, to registries on port 80
    #[arg(long)]
    pub(crate) plain_http: bool,
    /// How long one answer may take, in seconds
    #[arg(long, value_name = "SECONDS", default_value_t = 10, value_parser = clap::value_parser!(u64).range(1..=3600))]
    pub(crate) timeout: u64,
    /// How many questions are put at once; never more than two to one host
    #[arg(long, value_name = "N", default_value_t = 8, value_parser = clap::value_parser!(u8).range(1..=64))]
    pub(crate) jobs: u8,
    /// Also try whether anyone may push: begins an upload without credentials and gives it up again
    #[arg(long)]
    pub(crate) probe_push: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum VerifyFormat {
    /// Lines for a person
    Human,
    /// One document, described in docs/verify.md
    Json,
}

/// An address that is given.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Resolved {
    pub(crate) host: String,
    pub(crate) port: u16,
    pub(crate) address: IpAddr,
}

fn resolved(text: &str) -> Result<Resolved, String> {
    let parts = || {
        let (host, rest) = text.split_once(':')?;
        let (port, address) = rest.split_once(':')?;
        let address = address.trim_start_matches('[').trim_end_matches(']');
        Some(Resolved {
            host: host.to_owned(),
            port: port.parse().ok()?,
            address: address.parse().ok()?,
        })
    };
    parts().ok_or_else(|| "write it as registry.example.com:443:10.0.0.7".to_owned())
}

#[cfg(test)]
mod tests {
    use super::resolved;

    #[test]
    fn addresses_are_read() {
        for (text, address) in [
            ("a:443:10.0.0.7", "10.0.0.7"),
            ("a:443:[::1]", "::1"),
            ("a:443:::1", "::1"),
        ] {
            let resolved = resolved(text).unwrap();
            assert_eq!((resolved.host.as_str(), resolved.port), ("a", 443));
            assert_eq!(resolved.address.to_string(), address);
        }
        for bad in ["", "a", "a:443", "a:x:10.0.0.7", "a:443:b"] {
            assert!(resolved(bad).is_err(), "{bad}");
        }
    }
}
