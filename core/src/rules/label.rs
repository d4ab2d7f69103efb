//! The label by which a definition silences rules, and what is wrong with it (MC036).

use super::context::Context;
use super::draft::Drafts;
use crate::definition::Model;
use crate::image::excerpt;
use crate::json::Value;
use crate::policy::SILENCING_LABEL;

/// The word that names all of them.
const ALL: &str = "all";

/// The words of the label: codes or names, parted by commas or spaces, or `all`. `None` where there is no such label, or
/// it is no string.
pub(crate) fn silenced(labels: Option<Value<'_>>) -> Option<Vec<String>> {
    let label = labels?.get(SILENCING_LABEL)?.as_str()?;
    let words = label.split([',', ' ']).filter(|word| !word.is_empty());
    Some(words.map(str::to_owned).collect())
}

/// Whether a word of the label names a rule.
pub(crate) fn names(word: &str, code: &str, name: &str) -> bool {
    [ALL, code, name].iter().any(|known| word.eq_ignore_ascii_case(known))
}

/// MC036. A word that names no rule silences nothing, and whoever wrote it believes that it does.
pub(super) fn unknown<'d>(context: &Context<'_, 'd>, _: &Model<'d>, drafts: &mut Drafts<'_>) {
    let labels = context.owner.fields.labels;
    let Some(written) = labels.and_then(|labels| labels.get(SILENCING_LABEL)) else {
        return;
    };
    let message = match silenced(labels) {
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
