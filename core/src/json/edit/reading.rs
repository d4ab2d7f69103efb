//! The long way to what `verify` finds out: an edited text read from end to end by the reader of all texts. For debug
//! builds and tests, where both have to come to the same.

use std::ops::Range;

use super::expected::{Stretch, Tokens};
use super::overlay::Overlay;
use crate::json::Document;
use crate::json::tape::{Tag, same_tokens};

/// Whether a text is JSON of just these tokens.
pub(super) fn is_expected(text: &str, expected: &[Stretch], overlay: &Overlay<'_, '_>) -> bool {
    let Ok(result) = Document::of(text) else {
        return false;
    };
    let mut at = 0;
    for stretch in expected {
        let end = at + length(&stretch.tokens);
        if end as usize > result.len() || !is(&stretch.tokens, overlay, &result, at..end) {
            return false;
        }
        at = end;
    }
    at as usize == result.len()
}

fn length(tokens: &Tokens) -> u32 {
    match tokens {
        Tokens::Kept { count, .. } => *count,
        Tokens::New { nodes, .. } => nodes.end - nodes.start,
        Tokens::Key(_) => 1,
    }
}

/// Whether some tokens of the result, as many as there have to be, are the right ones.
fn is(tokens: &Tokens, overlay: &Overlay<'_, '_>, result: &Document<'_>, there: Range<u32>) -> bool {
    match tokens {
        // The same bytes from the beginning of a token to the end of one are the same tokens.
        Tokens::Kept { new, .. } => {
            result.start(there.start) == new.start as usize && result.token_end(there.end - 1) == new.end as usize
        }
        Tokens::New { source, nodes } => {
            let source = overlay.source(*source);
            same_tokens(source.text(), source.nodes(nodes.clone()), result, there)
        }
        Tokens::Key(key) => {
            matches!(result.node(there.start).tag(), Tag::Plain | Tag::Escaped)
                && result.raw(there.start) == overlay.keys[*key as usize]
        }
    }
}
