//! Logins from the places that the command line names, as one config.json.

use std::path::{Path, PathBuf};

use pullcreds_core::json::Document;
use pullcreds_credentials::compose::{ComposeError, Composed, Logins, Wanted};
use pullcreds_credentials::{Secret, acs};

use super::WRITER;
use super::file::{self, CredentialFile, Failed};
use crate::args::credentials::FromArguments;
use crate::commands::shown;
use crate::outcome::Problem;

/// A config.json's text, as GitLab's runners take it.
const ENV_CONFIG: &str = "DOCKER_AUTH_CONFIG";
const ENV_LOGIN: [&str; 3] = ["PULLCREDS_REGISTRY", "PULLCREDS_USERNAME", "PULLCREDS_PASSWORD"];

/// Takes what is asked for and nothing else.
pub(super) fn gather(from: &FromArguments) -> Result<Composed, Failed> {
    let mut logins = Logins::default();
    // What is named one by one is wanted; a config.json holds whatever somebody logged in to.
    let mut is_exact = from.from_config.is_empty();
    for path in &from.from_config {
        let file = CredentialFile::load(path)?;
        take(&mut logins, &file)?;
    }
    if from.from_env {
        is_exact &= environment(&mut logins)?;
    }
    for path in &from.from_acs {
        model(&mut logins, path)?;
    }
    let wanted = match (from.registry.as_slice(), from.all || is_exact) {
        ([], true) => Wanted::All,
        ([], false) => Wanted::TheOne,
        (registries, _) => Wanted::These(registries),
    };
    logins.compose(&wanted).map_err(|error| composing(&error))
}

/// Keeps what was made in a file for its owner alone; never in one that it was taken from.
pub(super) fn put(path: &Path, made: &Composed, from: &FromArguments) -> Result<(), Problem> {
    if !path.exists() {
        return WRITER.put_private(path, None, made.text.expose());
    }
    let place = path.canonicalize();
    let is_source = |source: &PathBuf| {
        let source = source.canonicalize();
        matches!((&place, source), (Ok(place), Ok(source)) if *place == source)
    };
    if from.from_config.iter().any(is_source) {
        return Err(Problem::new(
            "not written: the credentials are taken from this file; name another with `--output`",
        ));
    }
    let old = file::bytes(path)?;
    WRITER.put_private(path, Some(old.expose()), made.text.expose())
}

fn take(logins: &mut Logins, file: &CredentialFile) -> Result<(), Failed> {
    match file.with_config(|config| logins.add_config(config, &file.name))? {
        Some(added) => added.map_err(|error| composing(&error)),
        None => Err(plain(
            &file.name,
            Problem::new("there is no `.docker/config.json` in it"),
        )),
    }
}

/// Whether the environment named one login, rather than a config.json.
fn environment(logins: &mut Logins) -> Result<bool, Failed> {
    let variable = |name: &str| match std::env::var(name) {
        Ok(text) if !text.is_empty() => Ok(Some(text)),
        Ok(_) | Err(std::env::VarError::NotPresent) => Ok(None),
        Err(std::env::VarError::NotUnicode(_)) => Err(plain(name, Problem::new("is not valid UTF-8"))),
    };
    let mut is_exact = true;
    let config = variable(ENV_CONFIG)?;
    let has_config = config.is_some();
    if let Some(text) = config {
        is_exact = false;
        let file = CredentialFile {
            name: ENV_CONFIG.to_owned(),
            text: Some(Secret::new(text.into_bytes())),
            layout: Vec::new(),
            is_archive: false,
            is_dockercfg: false,
        };
        take(logins, &file)?;
    }
    let [registry, user, password] = ENV_LOGIN;
    match (variable(registry)?, variable(user)?, variable(password)?) {
        (Some(registry), Some(user), Some(password)) => {
            let password = Secret::new(password.into_bytes());
            logins
                .add(&registry, &user, &password, "the environment")
                .map_err(|error| composing(&error))?;
        }
        (None, None, None) if has_config => {}
        _ => {
            let message = format!("--from-env: set {}, or {ENV_CONFIG}", ENV_LOGIN.join(", "));
            return Err(plain("", Problem::new(message)));
        }
    }
    Ok(is_exact)
}

fn model(logins: &mut Logins, path: &Path) -> Result<(), Failed> {
    let name = shown(path);
    let text = file::bytes(path).map_err(|problem| plain(&name, problem))?;
    let failed = |problem: Problem| Failed {
        name: name.clone(),
        text: text.clone(),
        problem: Box::new(problem),
    };
    let document = Document::parse(text.expose())
        .map_err(|error| failed(Problem::new(error.to_string()).at(error.offset..error.offset.saturating_add(1))))?;
    let login = acs::read(&document).map_err(|error| failed(Problem::new(error.message).at(error.span)))?;
    logins
        .add(&login.registry, &login.user, &login.password, &name)
        .map_err(|error| composing(&error))
}

fn composing(error: &ComposeError) -> Failed {
    let problem = Problem::new(error.to_string());
    let problem = match error {
        ComposeError::Several { .. } => problem
            .with_help("name them with `--registry`, or take them all with `--all`")
            .with_help("every task that fetches them can read them"),
        ComposeError::Unusable { .. } => problem.with_help(
            "write the entry with `pullcreds credentials add REGISTRY --username USER --password-stdin --file FILE`",
        ),
        ComposeError::Conflict { .. } => problem.with_help("take it from one of them"),
        _ => problem,
    };
    plain("", problem)
}

fn plain(name: &str, problem: Problem) -> Failed {
    Failed {
        name: name.to_owned(),
        text: Secret::default(),
        problem: Box::new(problem),
    }
}
