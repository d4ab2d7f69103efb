//! What can be said to the filter, and nothing of what it does.

use pullcreds_core::finding::Severity;

use crate::transform::Asked;

/// What `--help` prints.
pub(super) const HELP: &str = "\
Makes sure that Marathon apps and pods say where the credentials for their private images are.
Reads a definition on standard input and prints it rewritten on standard output; findings go to
standard error, one a line.

Usage: pullcreds-filter [OPTIONS] [POLICY]

  POLICY                 the policy: JSON of the same shape as pullcreds.toml
                         (else what is in PULLCREDS_POLICY; else an empty policy)

  --check                print no definition, only what is found
  --ndjson               one definition a line, each answered by one line
  --archive URI          the credential archive, before what the policy says
  --secret PATH          the secret for UCR and pods, before what the policy says
  --select CODE,…        only these rules
  --ignore CODE,…        not these rules
  --unsafe-fixes         apply fixes that may change what a service does
  --fail-on SEVERITY     exit with 1 from this severity on: info, warning (default) or error
  --kind KIND            app, apps, app-reply, apps-reply, app-update, app-updates, group, pod, pods
  --group ID             the group that the definition will be added under
  --current JSON         the stored definition that an update is merged into
  --path PATH            the path of the definition, for `[[ignore]] path`
  --strict-templates     fail on template marks outside of strings
  --help, --version

Exit codes: 0 nothing to complain of, 1 something was found (and remains), 2 the work could not be
done; then standard output gets nothing (with --ndjson: an empty line).
";

/// What is asked for.
pub(super) enum Command {
    Filter(Box<Settings>),
    Help,
    Version,
}

/// How to filter.
pub(super) struct Settings {
    pub(super) policy: Option<String>,
    pub(super) archive: Option<String>,
    pub(super) secret: Option<String>,
    pub(super) check: bool,
    pub(super) ndjson: bool,
    pub(super) fail_on: Severity,
    pub(super) asked: Asked,
}

impl Default for Settings {
    fn default() -> Settings {
        Settings {
            policy: None,
            archive: None,
            secret: None,
            check: false,
            ndjson: false,
            fail_on: Severity::Warning,
            asked: Asked::default(),
        }
    }
}

/// Reads the arguments after the program's name.
///
/// # Errors
/// A sentence that says what is wrong and what to do.
pub(super) fn read(arguments: &[String]) -> Result<Command, String> {
    let mut settings = Box::<Settings>::default();
    let mut arguments = arguments.iter();
    let mut only_policy = false;
    while let Some(argument) = arguments.next() {
        if only_policy || !argument.starts_with("--") {
            take_policy(&mut settings, argument)?;
            continue;
        }
        let (name, inline) = match argument.split_once('=') {
            Some((name, value)) => (name, Some(value.to_owned())),
            None => (argument.as_str(), None),
        };
        if let Some(flag) = flag(&mut settings, name) {
            if inline.is_some() {
                return Err(format!("{name} takes no value"));
            }
            *flag = true;
            continue;
        }
        match name {
            "--" => only_policy = true,
            "--help" => return Ok(Command::Help),
            "--version" => return Ok(Command::Version),
            _ => {
                let mut value = || {
                    let value = inline.clone().or_else(|| arguments.next().cloned());
                    value.ok_or_else(|| format!("{name} wants a value; see --help"))
                };
                take_value(&mut settings, name, &mut value)?;
            }
        }
    }
    Ok(Command::Filter(settings))
}

fn flag<'s>(settings: &'s mut Settings, name: &str) -> Option<&'s mut bool> {
    Some(match name {
        "--check" => &mut settings.check,
        "--ndjson" => &mut settings.ndjson,
        "--unsafe-fixes" => &mut settings.asked.unsafe_fixes,
        "--strict-templates" => &mut settings.asked.strict_templates,
        _ => return None,
    })
}

fn take_value(
    settings: &mut Settings,
    name: &str,
    value: &mut dyn FnMut() -> Result<String, String>,
) -> Result<(), String> {
    let asked = &mut settings.asked;
    let one = match name {
        "--archive" => &mut settings.archive,
        "--secret" => &mut settings.secret,
        "--kind" => &mut asked.kind,
        "--group" => &mut asked.group,
        "--current" => &mut asked.current,
        "--path" => &mut asked.path,
        "--select" | "--ignore" => {
            let list = if name == "--select" {
                &mut asked.select
            } else {
                &mut asked.ignore
            };
            list.extend(value()?.split(',').map(|code| code.trim().to_owned()));
            return Ok(());
        }
        "--fail-on" => {
            settings.fail_on = severity(&value()?)?;
            return Ok(());
        }
        _ => return Err(format!("there is no option {name}; --help lists them")),
    };
    *one = Some(value()?);
    Ok(())
}

fn take_policy(settings: &mut Settings, argument: &str) -> Result<(), String> {
    if !argument.trim_start().starts_with('{') {
        return Err(format!(
            "`{argument}` is no policy: write JSON such as '{{\"registry\": [{{\"match\": …}}]}}'; this filter reads no \
             files, so a file's text must be given, as in \"$(cat policy.json)\""
        ));
    }
    if settings.policy.is_some() {
        return Err("there are two policies; give one".to_owned());
    }
    settings.policy = Some(argument.to_owned());
    Ok(())
}

fn severity(name: &str) -> Result<Severity, String> {
    [Severity::Info, Severity::Warning, Severity::Error]
        .into_iter()
        .find(|severity| severity.as_str() == name)
        .ok_or_else(|| format!("--fail-on {name}: write info, warning or error"))
}
