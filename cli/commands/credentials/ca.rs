//! `pullcreds credentials ca`: a registry's CA, for Docker and for Mesos on every agent.

#[cfg(feature = "certificates")]
mod made;
#[cfg(feature = "certificates")]
mod trust;

#[cfg(feature = "certificates")]
pub(super) use made::run;

use crate::args::Voice;
use crate::args::agents::CaArguments;
use crate::outcome::Exit;

/// Says how to get it.
#[cfg(not(feature = "certificates"))]
pub(super) fn run(_: &CaArguments, _: Voice) -> anyhow::Result<Exit> {
    anyhow::bail!(
        "this pullcreds was built without the feature `certificates`, which reads them; build it with `--features \
         certificates`, or take a released one"
    )
}
