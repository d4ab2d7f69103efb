//! The labels that matter to the rules: the one by which a definition silences them, with what may be wrong with it
//! (MC036), and those of DC/OS packages.

use super::context::Context;
use super::draft::Drafts;
use crate::definition::{Fields, Model};
use crate::image::excerpt;
use crate::json::{Member, Value};
use crate::policy::SILENCING_LABEL;

/// The word that names all of them.
const ALL: &str = "all";

/// How many words that name no rule are told.
const MOST_NAMED: usize = 10;

/// The labels that say something about a definition as a whole, found in one pass.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Labels<'d> {
    /// The one by which it silences rules; of two, the last, as Marathon reads it.
    pub(crate) silencing: Option<Value<'d>>,
    /// The first of those by which a DC/OS package marks what it generates.
    pub(crate) package: Option<Member<'d>>,
    /// Whether they are the stored ones of an update that has none, and so stand in another text.
    pub(crate) stored: bool,
}

impl<'d> Labels<'d> {
    /// Those of an app or pod; those that are stored, where an update leaves them as they are.
    pub(crate) fn of(fields: &Fields<'d>, stored: Option<Value<'d>>) -> Labels<'d> {
        let own = fields.labels.filter(|labels| !labels.is_null());
        let mut labels = Labels {
            stored: own.is_none() && stored.is_some(),
            ..Labels::default()
        };
        let all = own.or_else(|| stored?.get("labels"));
        for member in all.into_iter().flat_map(|labels| labels.members()) {
            let key = member.key.decoded_bytes();
            if *key == *SILENCING_LABEL.as_bytes() {
                labels.silencing = Some(member.value);
            } else if labels.package.is_none() && key.starts_with(b"DCOS_PACKAGE_") {
                labels.package = Some(member);
            }
        }
        labels
    }
}

/// The words of the label: codes or names, parted by commas or spaces, or `all`. `None` where there is no such label, or
/// it is no string.
pub(crate) fn silenced(label: Option<Value<'_>>) -> Option<Vec<String>> {
    let label = label?.as_str()?;
    let words = label.split([',', ' ']).filter(|word| !word.is_empty());
    Some(words.map(str::to_owned).collect())
}

/// Whether a word of the label names a rule.
pub(crate) fn names(word: &str, code: &str, name: &str) -> bool {
    [ALL, code, name].iter().any(|known| word.eq_ignore_ascii_case(known))
}

/// MC036. A word that names no rule silences nothing, and whoever wrote it believes that it does.
pub(super) fn unknown<'d>(context: &Context<'_, 'd>, _: &Model<'d>, drafts: &mut Drafts<'_>) {
    let Some(written) = context.labels.silencing.filter(|_| !context.labels.stored) else {
        return;
    };
    let message = match silenced(Some(written)) {
        None if written.is_null() => return,
        None => format!("the label `{SILENCING_LABEL}` is not a string, so it silences nothing"),
        Some(words) if words.is_empty() => {
            format!("the label `{SILENCING_LABEL}` names no rule, so it silences nothing")
        }
        Some(words) => {
            let unknown = words.iter().filter(|word| !is_known(word));
            let unknown: Vec<_> = unknown.map(|word| format!("`{}`", excerpt(word))).collect();
            match unknown.as_slice() {
                [] => return,
                [word] => format!("{word} names no rule, so it silences nothing"),
                [named @ .., _, _] if named.len() >= MOST_NAMED => {
                    let (named, more) = unknown.split_at(MOST_NAMED);
                    format!(
                        "{} and {} more words name no rules, so they silence nothing",
                        named.join(", "),
                        more.len()
                    )
                }
                words => format!("{} name no rules, so they silence nothing", words.join(", ")),
            }
        }
    };
    drafts
        .report(context.at_path(&["labels", SILENCING_LABEL]), message)
        .help("write codes or names in full, parted by commas, or `all`; `pullcreds explain` lists the rules");
}

/// Whether a rule goes by this word; one of the credentials' rules may go by any code that is not ours, and one of a
/// plugin by any `NAME/CODE`.
fn is_known(word: &str) -> bool {
    if word.contains('/') {
        return true;
    }
    let digits = word.trim_start_matches(|character: char| character.is_ascii_alphabetic());
    let letters = &word[..word.len() - digits.len()];
    let is_of_others = !letters.is_empty()
        && !letters.eq_ignore_ascii_case("MC")
        && !digits.is_empty()
        && digits.bytes().all(|byte| byte.is_ascii_digit());
    is_of_others || super::RULES.iter().any(|rule| names(word, rule.code, rule.name))
}
