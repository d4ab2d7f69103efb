//! The shape of a definition around its pulls: types, names and levels
//! (MC021, MC022, MC024, MC025, MC029, MC033).

use std::borrow::Cow;

use super::context::{Context, SiteFacts};
use super::draft::{At, Drafts};
use crate::definition::{Change, Containerizer, Definition, Member, Misplaced, Model, OwnerKind, Place, Site, fetcher};
use crate::finding::{Applicability, Severity};

/// MC021.
pub(super) fn implicit_docker<'d>(context: &Context<'_, 'd>, model: &Model<'d>, drafts: &mut Drafts<'_>) {
    let Some(site) = model.sites.iter().find(|site| site.place == Place::App) else {
        return;
    };
    // With a pullConfig it is MC003's, which offers another type.
    let is_refused = !site.pull_config.is_missing() && context.reads_pull_config();
    if !model.container_type.is_missing() || is_refused {
        return;
    }
    let draft = drafts.report(
        context.at_path(&["container"]),
        "no `container.type`: Marathon takes DOCKER",
    );
    if let Some(inner) = site.block.get("type") {
        draft.related(inner.span(), "a type in the `docker` block says nothing");
        draft.help("move the type up into `container`");
        return;
    }
    draft.mend(
        Applicability::OptIn,
        "say `\"type\": \"DOCKER\"`",
        [Change::SetType("DOCKER")],
    );
}

/// MC022. Up to 1.4 the names are matched as they are written; from 1.5 on in any case.
pub(super) fn type_case<'d>(context: &Context<'_, 'd>, model: &Model<'d>, drafts: &mut Drafts<'_>) {
    if matches!(model.container_type, Member::Malformed) {
        drafts
            .report(
                context.at_path(&["container", "type"]),
                "`container.type` is not a string",
            )
            .severity(Severity::Error)
            .label("Marathon refuses this");
        return;
    }
    let mut look =
        |at: &dyn Fn() -> At, name: &str, known: &[&'static str], change: &dyn Fn(&'static str) -> Change| {
            case(context, drafts, at, name, known, change);
        };
    if let Member::Present(name) = &model.container_type {
        let bears = |facts: &SiteFacts<'_, '_>| facts.private().is_some() || facts.possibly_private();
        if fetcher::is_templated(name) && context.sites.iter().any(bears) {
            drafts
                .report(
                    context.at_path(&["container", "type"]),
                    "the containerizer is a template, so the credentials that its image needs are not known",
                )
                .severity(Severity::Warning)
                .label("unresolved")
                .help("render the template first");
            return;
        }
        look(
            &|| context.at_path(&["container", "type"]),
            name,
            &["DOCKER", "MESOS"],
            &Change::SetType,
        );
    }
    for (index, site) in model.sites.iter().enumerate() {
        if let Member::Present(kind) = &site.kind {
            let at = || context.at_block(site, "kind");
            look(&at, kind, &["DOCKER", "APPC"], &|kind| Change::SetKind(index, kind));
        }
    }
}

/// One name, and the spellings that Marathon knows.
fn case(
    context: &Context<'_, '_>,
    drafts: &mut Drafts<'_>,
    at: &dyn Fn() -> At,
    name: &str,
    known: &[&'static str],
    change: &dyn Fn(&'static str) -> Change,
) {
    if known.contains(&name) || fetcher::is_templated(name) {
        return;
    }
    let Some(right) = known.iter().find(|known| known.eq_ignore_ascii_case(name)) else {
        let message = format!("`{name}` is neither {}", known.join(" nor "));
        drafts
            .report(at(), message)
            .severity(Severity::Error)
            .label("Marathon refuses this");
        return;
    };
    let draft = drafts.report(at(), format!("written `{name}`, known as `{right}`"));
    if context.older_than(1, 5) {
        draft.severity(Severity::Error);
        draft.label("Marathon before 1.5 refuses this");
        draft.mend(Applicability::Safe, format!("write {right}"), [change(right)]);
    } else {
        draft.mend(Applicability::OptIn, format!("write {right}"), [change(right)]);
    }
}

/// MC024. `GroupUpdate` has no `pods` (marathon `group.raml`, 1.4 to the last version).
pub(super) fn pods_in_group(definition: &Definition<'_>, drafts: &mut Drafts<'_>) {
    for pods in &definition.dropped_pods {
        let tokens = pods.pointer.tokens().map(|token| token.into_owned().into()).collect();
        drafts
            .report(
                At {
                    span: pods.value.span(),
                    tokens,
                },
                "Marathon drops the pods of a group when the group is written",
            )
            .label("silently ignored")
            .help("add each pod by itself: `dcos marathon pod add`, or POST /v2/pods");
    }
}

/// MC025.
pub(super) fn misspelt<'d>(context: &Context<'_, 'd>, model: &Model<'d>, drafts: &mut Drafts<'_>) {
    for (index, site) in model.sites.iter().enumerate() {
        for misspelt in site.misspelt.iter().filter(|misspelt| !misspelt.renamed) {
            let mut tokens = site.place.tokens();
            tokens.push(misspelt.wrong.into());
            let at = At {
                span: misspelt.value.span(),
                tokens,
            };
            let draft = drafts.report(at, format!("Marathon does not read `{}` here", misspelt.wrong));
            draft.label(format!("`{}` is meant", misspelt.right));
            let is_pull_config = misspelt.right == "pullConfig";
            match site.rival(misspelt) {
                Some(rival) if rival == misspelt.right => {
                    draft.help(format!("`{rival}` is there too: remove this one"));
                }
                Some(rival) => {
                    draft.help(format!("`{rival}` means the same: remove one of them"));
                }
                None if is_pull_config && misspelt.value.is_null() => {
                    draft.help("it says nothing: remove this");
                }
                None if is_pull_config && model.containerizer(site) != Containerizer::Ucr => {
                    draft.help(
                        "Marathon takes a pullConfig for UCR alone: set `container.type` to MESOS, or remove this",
                    );
                }
                None if is_pull_config && !context.has_pull_secrets() => {
                    draft.help("no pullConfig brings credentials here (MC002): remove this");
                }
                None => {
                    let change = Change::Rename {
                        site: index,
                        wrong: misspelt.wrong,
                    };
                    draft.mend(
                        Applicability::Unsafe,
                        format!("rename it to `{}`", misspelt.right),
                        [change],
                    );
                }
            }
        }
    }
}

/// MC029.
pub(super) fn misplaced<'d>(context: &Context<'_, 'd>, model: &Model<'d>, drafts: &mut Drafts<'_>) {
    let first_secrets = movable_secrets(model);
    for (index, misplaced) in model
        .misplaced
        .iter()
        .enumerate()
        .filter(|(_, misplaced)| !misplaced.moved)
    {
        let at = At {
            span: misplaced.value.span(),
            tokens: misplaced.tokens.clone(),
        };
        let draft = drafts.report(at, format!("Marathon does not read `{}` at this level", misplaced.key));
        match misplaced.key {
            "pullConfig" => {
                let block = if model.kind == OwnerKind::Pod {
                    "the `image` of a container"
                } else {
                    "`container.docker`"
                };
                draft.label(format!("belongs into {block}"));
                // Where it brings nothing, Marathon might refuse the app for it.
                if let Some(site) = target(model, misplaced).filter(|_| context.has_pull_secrets()) {
                    let change = Change::MovePullConfig { misplaced: index, site };
                    draft.mend(Applicability::Safe, format!("move it into {block}"), [change]);
                }
            }
            "secrets" => {
                draft.label(format!("belongs to the {} itself", context.what()));
                if first_secrets == Some(index) {
                    let title = format!("move it up to the {}", context.what());
                    draft.mend(Applicability::Safe, title, [Change::MoveSecrets(index)]);
                }
            }
            _ if model.kind == OwnerKind::Pod => {
                draft.label("pods have no such member");
                draft.help("a pod's container fetches files with `artifacts`; its pulls want a pullConfig");
            }
            _ => {
                draft.label("belongs to the app itself");
            }
        }
    }
}

/// The misplaced `secrets` that can be moved. Of several, the first takes the place.
pub(super) fn movable_secrets(model: &Model<'_>) -> Option<usize> {
    let mut misplaced = model.misplaced.iter();
    misplaced.position(|misplaced| secrets_can_move(model, misplaced))
}

/// Whether misplaced `secrets` have a free place to go. In an update they would replace what is stored.
fn secrets_can_move(model: &Model<'_>, misplaced: &Misplaced<'_>) -> bool {
    misplaced.key == "secrets"
        && !misplaced.moved
        && misplaced.value.is_object()
        && model.secrets.is_missing()
        && model.kind != OwnerKind::AppUpdate
}

/// The model with its misplaced `secrets` where MC029 moves them, and that change. A fix that speaks of secrets brings the
/// move along: were it to make `secrets` of its own, there would be no place for these.
pub(super) fn with_secrets_moved<'m, 'd>(model: &'m Model<'d>) -> (Option<Change>, Cow<'m, Model<'d>>) {
    let Some(index) = movable_secrets(model) else {
        return (None, Cow::Borrowed(model));
    };
    let change = Change::MoveSecrets(index);
    let mut moved = model.clone();
    moved.change(std::slice::from_ref(&change));
    (Some(change), Cow::Owned(moved))
}

/// The site that a misplaced `pullConfig` belongs to, where it can be moved there.
pub(super) fn target(model: &Model<'_>, misplaced: &Misplaced<'_>) -> Option<usize> {
    if misplaced.key != "pullConfig" || misplaced.moved {
        return None;
    }
    let secret = misplaced.value.get("secret")?;
    if !secret.is_string() {
        return None;
    }
    let free = |site: &Site<'_>| model.containerizer(site) == Containerizer::Ucr && site.pull_config.is_missing();
    let index = match (model.kind, misplaced.tokens.get(1)) {
        // Sites stand in the order of their containers.
        (OwnerKind::Pod, Some(container)) => {
            let wanted: usize = container.parse().ok()?;
            let found = model.sites.binary_search_by_key(&wanted, |site| match site.place {
                Place::PodContainer(index) => index,
                Place::App => 0,
            });
            found.ok()?
        }
        // For a whole pod it can only mean one image where there is one.
        (OwnerKind::Pod, None) if model.sites.len() != 1 => return None,
        _ => 0,
    };
    free(model.sites.get(index)?).then_some(index)
}

/// MC033.
pub(super) fn package_generated<'d>(context: &Context<'_, 'd>, model: &Model<'d>, drafts: &mut Drafts<'_>) {
    if model.sites.is_empty() {
        return;
    }
    let Some(label) = context.labels.package else { return };
    let at = if context.labels.stored {
        context.at_owner()
    } else {
        At {
            span: label.value.span(),
            tokens: vec!["labels".into(), label.key.decoded().into_owned().into()],
        }
    };
    drafts
        .report(at, "a DC/OS package generated this definition")
        .label("the next update of the package writes it anew, so nothing is fixed here")
        .help(
            "credentials here reach the scheduler, not the tasks that it starts: use the package's own option (for \
             example `docker-credentials-uri`) or give the agents the credentials",
        );
}
