//! Text of a file made fit for a terminal: control characters shown instead of obeyed, credentials masked.

use std::borrow::Cow;

use super::mask;

/// A longer line is cut: nobody reads it, and what made it long may be anything.
const LONGEST_LINE: usize = 4096;

/// One line for a message: what would end it becomes a space.
#[must_use]
pub fn line(text: &str) -> String {
    if text.len() > LONGEST_LINE {
        // Cut only when it is masked: what is cut off may be what tells a credential.
        let shown = whole_line(text);
        return format!("{}…", &shown[..shown.floor_char_boundary(LONGEST_LINE)]);
    }
    whole_line(text)
}

fn whole_line(text: &str) -> String {
    let secrets = mask::secrets(text.as_bytes());
    if secrets.is_empty()
        && text
            .bytes()
            .fold(true, |plain, byte| plain & matches!(byte, b' '..=b'~'))
    {
        return text.to_owned();
    }
    masked(text, 0, &secrets)
        .map(|(_, character)| if character == '\t' { ' ' } else { character })
        .collect()
}

/// Several lines, kept apart.
#[must_use]
pub fn lines(text: &str) -> String {
    let secrets = mask::secrets(text.as_bytes());
    let shown = masked(text, 0, &secrets).zip(text.chars());
    shown
        .map(|((_, shown), real)| if real == '\n' { '\n' } else { shown })
        .collect()
}

/// For a program, which shows nothing itself: credentials masked, everything else as it is.
#[must_use]
pub fn data(text: &str) -> Cow<'_, str> {
    let secrets = mask::secrets(text.as_bytes());
    if secrets.is_empty() {
        return text.into();
    }
    masked(text, 0, &secrets)
        .zip(text.chars())
        .map(|((_, shown), real)| if shown == '*' { shown } else { real })
        .collect()
}

/// Whether a terminal, or whoever shows a text, takes a character for more than a sign.
#[must_use]
pub fn is_obeyed(character: char) -> bool {
    visible(character) != character || character == '\t'
}

/// Each character with its offset, as it may be shown. `secrets` are relative to a text in which this one begins at
/// `start`.
pub fn masked<'t>(
    text: &'t str,
    start: usize,
    secrets: &'t [std::ops::Range<usize>],
) -> impl Iterator<Item = (usize, char)> + 't {
    let mut secrets = secrets.iter().peekable();
    text.char_indices().map(move |(at, character)| {
        let place = start + at;
        while secrets.next_if(|secret| secret.end <= place).is_some() {}
        let is_secret = secrets.peek().is_some_and(|secret| secret.contains(&place));
        (at, if is_secret { '*' } else { visible(character) })
    })
}

/// One column wide whatever it stands for, so that what points at it points right. A tab stays: it is laid out later.
fn visible(character: char) -> char {
    match character {
        '\t' => '\t',
        '\n' | '\r' => ' ',
        '\u{7f}' => '\u{2421}',
        '\0'..='\u{1f}' => char::from_u32(0x2400 + u32::from(character)).unwrap_or('\u{fffd}'),
        // Marks that turn the direction of text or have no width, and the separators that some take for line ends.
        '\u{80}'..='\u{9f}'
        | '\u{61c}'
        | '\u{200b}'..='\u{200f}'
        | '\u{2028}'..='\u{202e}'
        | '\u{2060}'..='\u{206f}' => '\u{fffd}',
        '\u{feff}' | '\u{e0000}'..='\u{e007f}' => '\u{fffd}',
        character => character,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_that_a_terminal_obeys_is_left() {
        assert_eq!(
            line("a\u{1b}[31mb\u{9b}c\u{202e}d\u{7f}\r\ne"),
            "a␛[31mb\u{fffd}c\u{fffd}d␡  e"
        );
        assert_eq!(lines("a\u{7}\nb"), "a␇\nb");
    }

    #[test]
    fn nobody_is_shown_a_line_without_end() {
        assert_eq!(line(&"ä".repeat(100_000)).len(), 4096 + '…'.len_utf8());
    }

    #[test]
    fn a_line_is_cut_only_when_it_is_masked() {
        let text = format!("{} https://me:{}@example.com/a", "x".repeat(4070), "pw".repeat(100));
        assert!(!line(&text).contains("pw"));
    }

    #[test]
    fn data_is_masked_and_nothing_else() {
        assert_eq!(data("a\u{202e}\t\n"), "a\u{202e}\t\n");
        assert_eq!(data("/secrets/password=pw&\u{9b}"), "/secrets/password=**&\u{9b}");
    }

    #[test]
    fn credentials_are_masked_in_messages() {
        assert_eq!(
            line("fetches https://me:pw@example.com/a"),
            "fetches https://*****@example.com/a"
        );
    }
}
