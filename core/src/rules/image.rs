//! The image reference itself (MC023, MC027, MC028, MC031, MC032, MC034).

use super::context::Context;
use super::draft::{At, Drafts};
use crate::definition::{Containerizer, Member, Model, Place, Site};
use crate::finding::Severity;

/// MC023. In Marathon 1.3 to 1.8 for MESOS only; gone in 1.9.
pub(super) fn appc<'d>(context: &Context<'_, 'd>, model: &Model<'d>, drafts: &mut Drafts<'_>) {
    let gone = !context.older_than(1, 9);
    let mut report = |at: At| {
        let draft = drafts.report(at, "an appc image, which no credentials of a Docker registry apply to");
        if gone {
            draft.severity(Severity::Error);
            draft.label("Marathon 1.9 and later refuse it");
        } else {
            draft.label("gone in Marathon 1.9");
        }
    };
    if model.appc.is_some_and(|appc| appc.is_object()) {
        report(context.at_path(&["container", "appc"]));
    }
    for site in &model.sites {
        let is_appc = |kind: &str| kind.eq_ignore_ascii_case("APPC");
        if site.place != Place::App && site.kind.value().is_some_and(|kind| is_appc(kind)) {
            report(context.at_block(site, "kind"));
        }
    }
}

/// MC027. Docker looks for the image first and pulls only what is absent; UCR's store knows it by its reference.
pub(super) fn cached<'d>(context: &Context<'_, 'd>, model: &Model<'d>, drafts: &mut Drafts<'_>) {
    for (_, site, facts, containerizer) in context.sites(model) {
        let Ok(reference) = &facts.reference else { continue };
        let mutable = reference.digest().is_none() && reference.tag().is_none_or(|tag| tag == "latest");
        if facts.private().is_none() || !mutable || site.force || containerizer == Containerizer::Unknown {
            continue;
        }
        let force = site.place.force_key();
        drafts
            .report(
                context.at_image(site),
                "an agent that has this image never asks the registry again",
            )
            .label("a tag that moves")
            .help(format!(
                "a cached image hides wrong credentials: name a digest or a fixed tag, or set `{force}`"
            ));
    }
}

/// MC028.
pub(super) fn invalid<'d>(context: &Context<'_, 'd>, model: &Model<'d>, drafts: &mut Drafts<'_>) {
    for (_, site, facts, containerizer) in context.sites(model) {
        if facts.templated || containerizer == Containerizer::Unknown && is_appc(site) {
            continue;
        }
        if let Err(error) = &facts.reference {
            drafts
                .report(context.at_image(site), "the image reference is not valid")
                .label(error.to_string());
        } else if crate::image::looks_like_bare_host(&site.reference) {
            let host = &site.reference;
            let (what, read_as) = if host.contains(':') {
                ("a host and a port", "a name and a tag")
            } else {
                ("a host", "a name")
            };
            drafts
                .report(context.at_image(site), format!("{what} without a repository"))
                .label(format!("Docker reads this as {read_as} on Docker Hub"))
                .help(format!("write {host}/REPOSITORY:TAG"));
        }
    }
}

pub(super) fn is_appc(site: &Site<'_>) -> bool {
    matches!(&site.kind, Member::Present(kind) if kind.eq_ignore_ascii_case("APPC"))
}

/// MC031.
pub(super) fn ecr<'d>(context: &Context<'_, 'd>, model: &Model<'d>, drafts: &mut Drafts<'_>) {
    for (_, site, facts, containerizer) in context.sites(model) {
        let Ok(reference) = &facts.reference else { continue };
        let host = reference.host();
        let is_ecr =
            (host.ends_with(".amazonaws.com") || host.ends_with(".amazonaws.com.cn")) && host.contains(".dkr.ecr");
        if !is_ecr {
            continue;
        }
        if facts.private().is_some() || has_credentials(context, model, site, containerizer) {
            drafts
                .report(context.at_image(site), "a token for ECR lasts twelve hours")
                .label("an ECR registry")
                .help("refresh the archive or the secret at least twice a day; DC/OS supports no credential helper");
        }
    }
}

/// Whether the definition names credentials for a site, good or bad.
fn has_credentials<'d>(
    context: &Context<'_, 'd>,
    model: &Model<'d>,
    site: &Site<'d>,
    containerizer: Containerizer,
) -> bool {
    match containerizer {
        Containerizer::Docker => model.fetched().any(|entry| context.credential(entry).is_some()),
        Containerizer::Ucr => !site.pull_config.is_missing() && context.has_pull_secrets(),
        Containerizer::Unknown => false,
    }
}

/// MC032. UCR contacts the host as it is written (mesos `uri/fetchers/docker.cpp`).
pub(super) fn ucr_docker_io<'d>(context: &Context<'_, 'd>, model: &Model<'d>, drafts: &mut Drafts<'_>) {
    for (_, site, facts, containerizer) in context.sites(model) {
        let Ok(reference) = &facts.reference else { continue };
        let explicit = reference.explicit_host();
        if containerizer == Containerizer::Ucr
            && explicit.is_some_and(|host| host == "docker.io" || host == "index.docker.io")
        {
            drafts
                .report(
                    context.at_image(site),
                    "UCR contacts the host that is written here, not the registry that its agents are set up for",
                )
                .label("taken as it is")
                .help("leave the host out: UCR then asks the registry that its agents are set up for");
        }
    }
}

/// MC034.
pub(super) fn possibly_private<'d>(context: &Context<'_, 'd>, model: &Model<'d>, drafts: &mut Drafts<'_>) {
    for (_, site, facts, containerizer) in context.sites(model) {
        if has_credentials(context, model, site, containerizer) {
            continue;
        }
        if facts.templated && facts.registry.is_none() && facts.exposure().is_none() {
            drafts
                .report(
                    context.at_image(site),
                    "the image is a template, so its registry is not known",
                )
                .label("unresolved")
                .help("render the template first, or name the text as it stands in a [[registry]] of the policy");
            continue;
        }
        // What Docker takes for a host may be a part of the repository's name to UCR.
        let has_no_host = containerizer == Containerizer::Ucr
            && facts
                .reference
                .as_ref()
                .is_ok_and(|reference| reference.ucr_registry().is_none());
        if containerizer == Containerizer::Unknown || has_no_host {
            continue;
        }
        // A bare host is MC028's.
        if !facts.possibly_private() || crate::image::looks_like_bare_host(&site.reference) {
            continue;
        }
        let host = facts.registry_name();
        let flag = match containerizer {
            Containerizer::Ucr if !context.has_pull_secrets() => "",
            Containerizer::Ucr => ", or pass --secret PATH",
            _ => ", or pass --archive URI",
        };
        let message = format!("possibly private: no policy says whether {host} wants credentials");
        let draft = drafts.report(context.at_image(site), message);
        draft.label("pulled without credentials");
        draft.help(format!(
            "name {host} in a [[registry]] of pullcreds.toml, which `pullcreds init` begins (with `credentials = \"none\"` \
             if it is open){flag}"
        ));
    }
}
