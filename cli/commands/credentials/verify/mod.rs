//! `pullcreds credentials verify`: registries asked whether images can be pulled. Feature `network`.
//!
//! What is asked and how answers are judged is `pullcreds_credentials::registry`'s business; here images are collected,
//! connections opened, and results told.

#[cfg(feature = "network")]
mod ask;
#[cfg(feature = "network")]
mod certificates;
#[cfg(feature = "network")]
mod human;
#[cfg(feature = "network")]
mod json;
#[cfg(feature = "network")]
mod outcome;
#[cfg(feature = "network")]
mod queue;
#[cfg(feature = "network")]
mod targets;
#[cfg(feature = "network")]
mod tls;
#[cfg(feature = "network")]
mod wire;

use crate::args::Voice;
use crate::args::verify::VerifyArguments;
use crate::outcome::Exit;

#[cfg(feature = "network")]
pub(super) fn run(arguments: &VerifyArguments, voice: Voice) -> anyhow::Result<Exit> {
    use super::file::Failed;
    use crate::args::verify::VerifyFormat;
    use crate::printer;

    let credentials = match targets::Credentials::load(arguments) {
        Ok(credentials) => credentials,
        Err(Failed { name, text, problem }) => return crate::commands::fail(voice, &name, text.expose(), &problem),
    };
    let network = wire::Network::new(&arguments.network)?;
    let collected = targets::collect(arguments, voice)?;
    let questions = match targets::questions(&collected, &credentials) {
        Ok(questions) => questions,
        Err(Failed { name, text, problem }) => return crate::commands::fail(voice, &name, text.expose(), &problem),
    };
    if arguments.network.ignores_a_proxy() && !voice.quiet {
        printer::messages(b"note: the environment names a proxy, which is not used; `--proxy` uses it\n")?;
    }
    let results = ask::all(questions, &network, &arguments.network, voice)?;
    match arguments.format {
        VerifyFormat::Human => printer::messages(human::told(&results, &collected, voice).as_bytes())?,
        VerifyFormat::Json => printer::output(json::told(&results, &collected)?.as_bytes())?,
    }
    Ok(results.exit(&collected))
}

/// Says how to get it.
#[cfg(not(feature = "network"))]
pub(super) fn run(_arguments: &VerifyArguments, _voice: Voice) -> anyhow::Result<Exit> {
    anyhow::bail!(
        "this pullcreds was built without the feature `network`, which asks registries; build it with \
         `cargo install --features network` (released binaries have it)"
    )
}
