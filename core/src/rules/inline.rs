//! Credentials where they do not belong: in the definition itself (MC019, MC020). Nothing here repeats what it found.

use std::borrow::Cow;
use std::sync::LazyLock;

use memchr::memchr2_iter;
use memchr::memmem::Finder;

use super::context::Context;
use super::draft::{At, Drafts};
use crate::definition::Model;
use crate::json::Value;
use crate::shown::commands;

/// MC019. 1.3 took it, though Mesos never used it; 1.4: "does not support credential"; from 1.5 on "must be empty".
pub(super) fn credential<'d>(context: &Context<'_, 'd>, model: &Model<'d>, drafts: &mut Drafts<'_>) {
    if context.older_than(1, 4) {
        return;
    }
    for site in &model.sites {
        let Some(value) = site.credential.filter(|value| !value.is_null()) else {
            continue;
        };
        let mut tokens = site.place.tokens();
        tokens.push("credential".into());
        drafts
            .report(
                At {
                    span: value.span(),
                    tokens,
                },
                "Marathon refuses `docker.credential`",
            )
            .label("never gave access to a registry")
            .help("remove it: the Docker containerizer wants a fetched archive, UCR a pullConfig");
    }
}

/// MC020.
pub(super) fn inline<'d>(context: &Context<'_, 'd>, _: &Model<'d>, drafts: &mut Drafts<'_>) {
    let owner = context.owner.value;
    // The strings are looked at one by one only where one may be found.
    if !*context.suspicious.get_or_init(|| is_suspicious(owner.raw().as_bytes())) {
        return;
    }
    let mut waiting: Vec<(Value<'_>, Vec<Cow<'static, str>>)> = vec![(owner, Vec::new())];
    while let Some((value, tokens)) = waiting.pop() {
        if tokens.len() > DEEPEST {
            continue;
        }
        let below = |token: String| {
            let mut tokens = tokens.clone();
            tokens.push(token.into());
            tokens
        };
        for member in value.members() {
            waiting.push((member.value, below(member.key.decoded().into_owned())));
        }
        // Of a command that is an array of words, no word alone is wrong.
        let words = is_command(value) && has_login(value);
        if !words {
            for (index, element) in value.elements().enumerate() {
                waiting.push((element, below(index.to_string())));
            }
        }
        let what = if words {
            Some(A_LOGIN)
        } else {
            value.as_str().and_then(|text| credential_in(value, &text))
        };
        let Some(what) = what else { continue };
        drafts
            .report(
                At {
                    span: value.span(),
                    tokens,
                },
                format!("{what} stands in the definition"),
            )
            .label("readable by everyone who can read the app")
            .help("take it out and revoke it; keep credentials in an archive on the agents or in the secret store");
    }
}

/// Strings deeper than this in one app are not looked at.
const DEEPEST: usize = 32;

/// Whether a value is an array of words, of which none is a command line with a password itself.
fn is_command(value: Value<'_>) -> bool {
    value.is_array()
        && value
            .elements()
            .all(|element| element.is_string() && !has_login(element))
}

const A_LOGIN: &str = "a password for `docker login`";

/// Whether a text has one of the words without which no string holds what [`credential_in`] looks for: an escape after
/// `auth` or of a letter, `eyJhdXRo` and `login`. Almost none has.
fn is_suspicious(text: &[u8]) -> bool {
    // Two of them have a character that hardly stands anywhere else, so one pass over the text stops at few places.
    let mut rare = memchr2_iter(b'\\', b'J', text);
    let found = rare.any(|at| match text[at] {
        b'\\' => text[..at].ends_with(b"auth") || text[at..].starts_with(b"\\u00"),
        _ => text[..at].ends_with(b"ey") && text[at..].starts_with(b"JhdXRo"),
    });
    found || LOGIN.find(text).is_some()
}

static LOGIN: LazyLock<Finder<'static>> = LazyLock::new(|| Finder::new("login"));

/// What kind of credential a string holds, if one.
fn credential_in(value: Value<'_>, text: &str) -> Option<&'static str> {
    if has_auth_member(text) {
        return Some("a Docker configuration with credentials");
    }
    // base64 of `{"auth`.
    if text.trim_start().starts_with("eyJhdXRo") {
        return Some("an encoded Docker configuration");
    }
    has_login(value).then_some(A_LOGIN)
}

/// Whether a string, or an array of words, is a command with a password for `docker login`. What a shell puts in, or
/// whoever fills in a template, is none yet.
fn has_login(value: Value<'_>) -> bool {
    let passwords = commands::passwords(value.raw().as_bytes());
    passwords
        .iter()
        .filter(|password| password.is_of_docker)
        .any(|password| {
            let filled_in_later = [&b"$"[..], b"`", b"{", b"<", b"%"];
            !filled_in_later.iter().any(|mark| password.text.starts_with(mark))
        })
}

/// Whether a text has a member `"auth"` with base64 of some length as its value; also where a shell's quotes have made
/// `\"auth\"` of it.
fn has_auth_member(text: &str) -> bool {
    let text: Cow<'_, str> = if text.contains("auth\\") {
        text.replace('\\', "").into()
    } else {
        text.into()
    };
    text.match_indices("\"auth\"").any(|(at, name)| {
        let value = text[at + name.len()..]
            .trim_start()
            .strip_prefix(':')
            .map(str::trim_start);
        let Some(value) = value.and_then(|value| value.strip_prefix('"')) else {
            return false;
        };
        let is_base64 = |character: char| character.is_ascii_alphanumeric() || matches!(character, '+' | '/' | '=');
        value.chars().take_while(|character| is_base64(*character)).count() >= 8
    })
}

/// A URI as it may be shown: without user name, password and query.
pub(crate) fn shown_uri(uri: &str) -> Cow<'_, str> {
    let (path, query) = match uri.split_once('?') {
        Some((path, _)) => (path, "?…"),
        None => (uri, ""),
    };
    let user = crate::definition::fetcher::user_info(path).map(|user| format!("://{user}@"));
    match user {
        Some(user) => format!("{}{query}", path.replacen(&user, "://…@", 1)).into(),
        None if query.is_empty() => uri.into(),
        None => format!("{path}{query}").into(),
    }
}
