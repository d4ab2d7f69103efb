//! The secret that an image without a working pullConfig can be given: the stored one that an update drops, or the one
//! that the policy names. Reports nothing.

use super::context::Context;
use crate::definition::{Change, Member, Model, OwnerKind};
use crate::policy::Registry;
use crate::shown::store::shown;

/// A pullConfig for the secret that an update's container drops, or that the policy names.
pub(super) struct Offer {
    pub(super) title: String,
    pub(super) note: Option<String>,
    pub(super) changes: Vec<Change>,
}

/// The pullConfig that a site can be given for the registry on this host; why it cannot be given one otherwise.
pub(super) fn offer<'d>(
    context: &Context<'_, 'd>,
    model: &Model<'d>,
    (site, host): (usize, &str),
    registry: &Registry,
) -> Result<Offer, String> {
    if !context.reads_pull_config() {
        return Err(
            "Marathon has pullConfig since 1.5: give the agents the credentials (cluster_docker_credentials), or run \
             the image with the Docker containerizer"
                .to_owned(),
        );
    }
    if !context.policy.has_secrets() {
        return Err(
            "the policy says that there is no secret store: give the agents the credentials \
             (cluster_docker_credentials), or run the image with the Docker containerizer"
                .to_owned(),
        );
    }
    let (moves, model) = super::shape::with_secrets_moved(model);
    let model = &*model;
    let takes_secrets = !matches!(model.secrets, Member::Malformed);
    if let Some((key, source)) = super::update::dropped_secret(context, model, (registry, host))
        && takes_secrets
        && context.may_read(source)
    {
        let declare = Change::DeclareSecret {
            key: key.to_owned(),
            source: source.to_owned(),
        };
        let named = Change::UseSecret {
            site,
            key: key.to_owned(),
        };
        return Ok(Offer {
            title: format!("keep the stored pullConfig for the secret `{}`", shown(key)),
            note: None,
            changes: vec![declare, named],
        });
    }
    let Some(source) = source(context, registry)? else {
        return Err(format!(
            "the policy names no secret for {host}: add `secret = \"{{top}}/pullConfig\"` to its [[registry]], or pass \
             --secret"
        ));
    };
    if let Some(id) = context.known_id()
        && !context.may_read(&source)
    {
        let source = shown(&source);
        return Err(format!("the policy's secret {source} is not readable by {id} (MC007)"));
    }
    if !takes_secrets {
        return Err("`secrets` is not an object; mend that first".to_owned());
    }
    if model.is_blind_update() && model.secrets.is_missing() {
        return Err(format!(
            "an update's `secrets` replaces what is stored, so nothing is added blindly: {}",
            context.give_current()
        ));
    }
    let wanted_key = registry.secret_name().to_owned();
    let mut note = None;
    let title = match model.secret_of(&source) {
        Some(secret) => format!("add a pullConfig for the secret `{}`", shown(&secret.key)),
        None => {
            let key = model.free_key(&wanted_key);
            if key != wanted_key {
                note = Some(format!("`{wanted_key}` names another secret here, so `{key}` is taken"));
            }
            let source = shown(&source);
            format!("add a pullConfig and the secret `{key}` with the source {source}")
        }
    };
    let title = match moves {
        None => title,
        Some(_) => format!("move `secrets` up to the {}, and {title}", context.what()),
    };
    let supply = Change::Supply {
        site,
        source,
        wanted_key,
    };
    Ok(Offer {
        title,
        note,
        changes: moves.into_iter().chain([supply]).collect(),
    })
}

/// The secret's path for this app or pod; why it is not known otherwise.
pub(super) fn source(context: &Context<'_, '_>, registry: &Registry) -> Result<Option<String>, String> {
    let Some(template) = registry.secret() else {
        return Ok(None);
    };
    template
        .expand(context.known_id())
        .map(Some)
        .map_err(|error| match context.id() {
            Some(Err(why)) => format!("{error}: {why}"),
            Some(Ok(id)) if id.is_root() => format!("{error}: `/` is the root group's alone"),
            Some(Ok(_)) => error.to_string(),
            None if context.owner.kind == OwnerKind::AppUpdate => {
                format!("{error}: write it into the update, or {}", context.give_current())
            }
            None if context.owner.fields.id.is_some_and(|id| id.is_string()) => {
                format!("{error}; --group says which group the definition is added to")
            }
            None => format!("{error}: write one, as in `/team/app`"),
        })
}
