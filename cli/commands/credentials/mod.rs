//! `pullcreds credentials`: what the references point to. What such files mean is `pullcreds-credentials`' business; here
//! they are read, written and spoken of.

mod add;
mod archive;
pub(super) mod beside;
mod ca;
mod check;
mod cluster;
mod definitions;
mod distribute;
mod file;
mod gather;
mod nodes;
mod probe;
mod rotate;
mod scripts;
mod secret;
mod verify;
mod words;

use pullcreds_credentials::matching::Reader;

use crate::args::Voice;
use crate::args::credentials::{CredentialsArguments, CredentialsCommand};
use crate::outcome::Exit;
use crate::write::Writer;

/// Both, where nobody says who will read.
const EVERYBODY: [Reader; 2] = [Reader::Docker, Reader::Ucr];

/// How files with credentials are written.
const WRITER: Writer = Writer {
    hard_links: false,
    fsync: true,
};

pub(super) fn run(arguments: &CredentialsArguments, voice: Voice) -> anyhow::Result<Exit> {
    match &arguments.command {
        CredentialsCommand::Check(arguments) => check::run(arguments, voice),
        CredentialsCommand::Add(arguments) => add::run(arguments, voice),
        CredentialsCommand::Archive(arguments) => archive::run(arguments, voice),
        CredentialsCommand::Secret(arguments) => secret::run(arguments, voice),
        CredentialsCommand::Verify(arguments) => verify::run(arguments, voice),
        CredentialsCommand::Cluster(arguments) => cluster::run(arguments, voice),
        CredentialsCommand::Ca(arguments) => ca::run(arguments, voice),
        CredentialsCommand::Distribute(arguments) => distribute::run(arguments, voice),
        CredentialsCommand::Rotate(arguments) => rotate::run(arguments, voice),
        CredentialsCommand::Probe(arguments) => probe::run(arguments, voice),
    }
}
