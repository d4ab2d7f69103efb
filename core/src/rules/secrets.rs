//! The entries of `secrets`: whether they are whole, and whether the service may read those that its pulls need
//! (MC006 to MC008). DC/OS's space rule: DC/OS 2.2 security documentation, "Spaces".

use super::context::Context;
use super::draft::{At, Drafts};
use crate::definition::id::may_read;
use crate::definition::{Containerizer, Member, Model, Secret};
use crate::finding::Severity;
use crate::image::is_templated;
use crate::shown::store::shown;

/// MC006.
pub(super) fn empty<'d>(context: &Context<'_, 'd>, model: &Model<'d>, drafts: &mut Drafts<'_>) {
    for secret in model.secrets.entries() {
        if secret.key.is_empty() {
            drafts.report(at_secret(context, secret, false), "a secret with an empty key");
        } else if secret.source.as_deref().is_none_or(str::is_empty) {
            let at = at_secret(context, secret, true);
            drafts
                .report(at, format!("the secret `{}` has no source", shown(&secret.key)))
                .help("`source` is the path in the secret store, without a leading `/`");
        }
    }
}

/// MC007.
pub(super) fn unreadable<'d>(context: &Context<'_, 'd>, model: &Model<'d>, drafts: &mut Drafts<'_>) {
    if !context.has_pull_secrets() {
        return;
    }
    let severity = if context.is_root_marathon() {
        Severity::Error
    } else {
        Severity::Warning
    };
    for secret in pull_secrets(model) {
        let Some(source) = known_source(secret) else { continue };
        let Some(id) = context.known_id() else { return };
        if may_read(source, id) {
            continue;
        }
        let draft = drafts.report(
            at_secret(context, secret, true),
            format!("{id} may not read the secret {}", shown(source)),
        );
        draft.severity(severity);
        draft.label("lies in another space");
        draft.help(readable_paths(id));
    }
    // What the policy would have had written.
    for (_, site, facts, containerizer) in context.sites(model) {
        let Some(registry) = facts.private() else { continue };
        if containerizer != Containerizer::Ucr || !site.pull_config.is_missing() {
            continue;
        }
        let (Some(id), Ok(Some(source))) = (context.known_id(), super::offer::source(context, registry)) else {
            continue;
        };
        if !may_read(&source, id) {
            let source = shown(&source);
            let message = format!("{id} may not read the secret {source}, which the policy names for this image");
            let draft = drafts.report(context.at_image(site), message);
            draft.severity(severity);
            draft.help(readable_paths(id));
        }
    }
}

fn readable_paths(id: &crate::definition::id::ServiceId) -> String {
    let path = id.to_string();
    let path = path.trim_start_matches('/');
    format!(
        "a service reads secrets at the root and in folders on the way to its id: `pullConfig` or `{path}/pullConfig`"
    )
}

/// MC008.
pub(super) fn cluster_wide<'d>(context: &Context<'_, 'd>, model: &Model<'d>, drafts: &mut Drafts<'_>) {
    if !context.has_pull_secrets() {
        return;
    }
    for secret in pull_secrets(model) {
        let Some(source) = known_source(secret) else { continue };
        let path = source.strip_prefix('/').unwrap_or(source);
        if !path.is_empty() && !path.contains('/') {
            drafts
                .report(
                    at_secret(context, secret, false),
                    format!("every service of the cluster can read the secret {}", shown(path)),
                )
                .help("put it into the folder of the group that needs it: `group/pullConfig`");
        }
    }
}

/// The path of a secret; none of one that is empty, or a template: what it will be, and who may read that, is known once
/// it is rendered.
fn known_source<'m>(secret: &'m Secret<'_>) -> Option<&'m str> {
    let source = secret.source.as_deref()?;
    (!source.is_empty() && !is_templated(source)).then_some(source)
}

/// The app's or pod's own secrets that a `pullConfig` of a site names.
fn pull_secrets<'m, 'd>(model: &'m Model<'d>) -> impl Iterator<Item = &'m Secret<'d>> {
    model.secrets.entries().iter().filter(|secret| {
        model.sites.iter().any(|site| {
            model.containerizer(site) == Containerizer::Ucr
                && matches!(&site.pull_config, Member::Present(key) if *key == secret.key)
        })
    })
}

fn at_secret(context: &Context<'_, '_>, secret: &Secret<'_>, source: bool) -> At {
    let mut tokens = vec!["secrets".into(), secret.key.clone().into_owned().into()];
    let Some(written) = secret.written.filter(|_| secret.original) else {
        // A fix has made it; it is shown where it is going to be.
        tokens.extend(source.then(|| "source".into()));
        return At {
            span: context.at_path(&["secrets"]).span,
            tokens,
        };
    };
    At::written(written, tokens, source.then_some("source"))
}
