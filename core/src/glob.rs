//! Globs over sequences of segments: the path components of an image, the labels of a host, the parts of an app id,
//! the folders of a file's path.
//!
//! `*` stands for any characters inside one segment, `**` for any number of whole segments, none included. Nothing
//! else is special, and a segment separator is never matched by `*`. Knows nothing of what the segments mean.
//! Matching allocates nothing and takes at most (segments of the pattern) × (length of the text) steps.

/// One segment of a pattern.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Part {
    /// `**`: any number of segments.
    Many,
    /// One segment, in which `*` stands for any characters.
    One(Box<str>),
}

impl Part {
    /// Reads one segment of a pattern.
    pub(crate) fn new(text: &str) -> Part {
        if text == "**" {
            Part::Many
        } else {
            Part::One(text.into())
        }
    }
}

/// Whether letters must agree in case.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Case {
    /// `a` is not `A`.
    Sensitive,
    /// `a` is `A` (ASCII only, which is all that a host name may hold).
    Insensitive,
}

/// Whether the whole of `segments` matches the whole of `pattern`.
pub(crate) fn matches<'t, I>(pattern: &[Part], segments: I, case: Case) -> bool
where
    I: Iterator<Item = &'t str> + Clone,
{
    let mut part = 0;
    let mut segments = segments;
    // Where the last `**` stands and where it began to take segments: the only place that is ever gone back to, since
    // an earlier `**` can give nothing that the last one cannot.
    let mut many: Option<(usize, I)> = None;
    loop {
        match pattern.get(part) {
            Some(Part::Many) => {
                part += 1;
                if part == pattern.len() {
                    return true;
                }
                many = Some((part, segments.clone()));
            }
            Some(Part::One(glob)) => {
                let Some(segment) = segments.next() else { return false };
                if segment_matches(glob, segment, case) {
                    part += 1;
                } else if !take_one_more(&mut many, &mut part, &mut segments) {
                    return false;
                }
            }
            None => {
                if segments.next().is_none() {
                    return true;
                }
                if !take_one_more(&mut many, &mut part, &mut segments) {
                    return false;
                }
            }
        }
    }
}

/// Goes back to the last `**` and lets it swallow one more segment.
fn take_one_more<'t, I>(many: &mut Option<(usize, I)>, part: &mut usize, segments: &mut I) -> bool
where
    I: Iterator<Item = &'t str> + Clone,
{
    let Some((after, from)) = many else { return false };
    if from.next().is_none() {
        return false;
    }
    *part = *after;
    *segments = from.clone();
    true
}

/// Whether one segment matches a glob of one segment.
pub(crate) fn segment_matches(glob: &str, segment: &str, case: Case) -> bool {
    let (glob, segment) = (glob.as_bytes(), segment.as_bytes());
    let same = |a: u8, b: u8| match case {
        Case::Sensitive => a == b,
        Case::Insensitive => a.eq_ignore_ascii_case(&b),
    };
    let (mut at, mut place) = (0, 0);
    let mut star: Option<(usize, usize)> = None;
    while place < segment.len() {
        match glob.get(at) {
            Some(b'*') => {
                at += 1;
                star = Some((at, place));
            }
            Some(&byte) if same(byte, segment[place]) => {
                at += 1;
                place += 1;
            }
            _ => {
                let Some((after, from)) = star else { return false };
                star = Some((after, from + 1));
                at = after;
                place = from + 1;
            }
        }
    }
    glob[at..].iter().all(|&byte| byte == b'*')
}

/// What each wildcard stands for, in the order of the pattern; `None` where it does not match. One `**` at most; of
/// several `*` in one segment, each takes as little as it can.
pub(crate) fn capture(pattern: &[Part], segments: &[&str]) -> Option<Vec<String>> {
    let mut captured = Vec::new();
    let one_by_one = |parts: &[Part], segments: &[&str], captured: &mut Vec<String>| {
        let fits = parts.len() == segments.len();
        let mut pairs = parts.iter().zip(segments);
        let all =
            fits && pairs.all(|(part, segment)| matches!(part, Part::One(glob) if pieces(glob, segment, captured)));
        all.then_some(())
    };
    match pattern.iter().position(|part| *part == Part::Many) {
        None => one_by_one(pattern, segments, &mut captured)?,
        Some(many) => {
            let after = pattern.len() - many - 1;
            let end = segments.len().checked_sub(after).filter(|end| *end >= many)?;
            one_by_one(&pattern[..many], &segments[..many], &mut captured)?;
            captured.push(segments[many..end].join("/"));
            one_by_one(&pattern[many + 1..], &segments[end..], &mut captured)?;
        }
    }
    Some(captured)
}

/// What each `*` of one segment stands for.
fn pieces(glob: &str, segment: &str, captured: &mut Vec<String>) -> bool {
    let Some((first, rest)) = glob.split_once('*') else {
        return glob == segment;
    };
    let Some(mut left) = segment.strip_prefix(first) else {
        return false;
    };
    let (between, last) = match rest.rsplit_once('*') {
        Some((between, last)) => (Some(between), last),
        None => (None, rest),
    };
    for literal in between.into_iter().flat_map(|between| between.split('*')) {
        let Some(at) = left.find(literal) else { return false };
        captured.push(left[..at].to_owned());
        left = &left[at + literal.len()..];
    }
    let Some(piece) = left.strip_suffix(last) else {
        return false;
    };
    captured.push(piece.to_owned());
    true
}

#[cfg(test)]
mod tests {
    use super::{Case, Part, capture, matches, segment_matches};
    use proptest::prelude::*;

    fn path(pattern: &str, text: &str) -> bool {
        let parts: Vec<Part> = pattern.split('/').map(Part::new).collect();
        matches(&parts, text.split('/'), Case::Sensitive)
    }

    #[test]
    fn segments() {
        for (pattern, text, expected) in [
            ("a/b", "a/b", true),
            ("a/b", "a/b/c", false),
            ("a/b", "a", false),
            ("a/*", "a/b", true),
            ("a/*", "a", false),
            ("a/*", "a/b/c", false),
            ("a/**", "a", true),
            ("a/**", "a/b/c", true),
            ("a/**", "ab", false),
            ("**/c", "a/b/c", true),
            ("**/c", "c", true),
            ("**/c", "a/c/b", false),
            ("**/b/**/d", "a/b/c/b/d", true),
            ("**/b/**/d", "a/b/c/b/e", false),
            ("**/b/*/d/**", "b/b/x/d", true),
            ("a/**/**/b", "a/b", true),
            ("a-*/x*y", "a-1/xy", true),
            ("a-*/x*y", "a-1/xyz", false),
            ("a*", "a/b", false),
        ] {
            assert_eq!(path(pattern, text), expected, "{pattern} on {text}");
        }
    }

    #[test]
    fn case_counts_only_where_asked() {
        assert!(segment_matches("REG*", "reg1", Case::Insensitive));
        assert!(!segment_matches("REG*", "reg1", Case::Sensitive));
    }

    #[test]
    fn a_hostile_pattern_stays_cheap() {
        let pattern = format!("{}b", "a*".repeat(200));
        assert!(!segment_matches(&pattern, &"a".repeat(20_000), Case::Sensitive));
        let parts: Vec<Part> = format!("{}b", "**/a/".repeat(50)).split('/').map(Part::new).collect();
        let text = "a/".repeat(20_000);
        assert!(!matches(&parts, text.split('/'), Case::Sensitive));
    }

    /// The definition of a match, said plainly and slowly.
    fn model(pattern: &[&str], text: &[&str]) -> bool {
        match pattern.split_first() {
            None => text.is_empty(),
            Some((&"**", rest)) => (0..=text.len()).any(|taken| model(rest, &text[taken..])),
            Some((glob, rest)) => text
                .split_first()
                .is_some_and(|(first, others)| characters(glob, first) && model(rest, others)),
        }
    }

    fn characters(glob: &str, text: &str) -> bool {
        match glob.chars().next() {
            None => text.is_empty(),
            Some('*') => (0..=text.len()).any(|taken| characters(&glob[1..], &text[taken..])),
            Some(wanted) => text.starts_with(wanted) && characters(&glob[1..], &text[1..]),
        }
    }

    proptest! {
        #[test]
        fn what_is_captured_makes_the_text_again(
            pattern in proptest::collection::vec("[ab]{0,2}(\\*[ab]{1,2}){0,2}\\*?", 0..4),
            many in proptest::option::of(0..4_usize),
            text in proptest::collection::vec("[ab]{0,4}", 0..6),
        ) {
            let mut pattern = pattern;
            if let Some(at) = many {
                pattern.insert(at.min(pattern.len()), "**".to_owned());
            }
            let parts: Vec<Part> = pattern.iter().map(|segment| Part::new(segment)).collect();
            let text: Vec<&str> = text.iter().map(String::as_str).collect();
            let captured = capture(&parts, &text);
            prop_assert_eq!(captured.is_some(), matches(&parts, text.iter().copied(), Case::Sensitive));
            if let Some(captured) = captured {
                let mut captured = captured.into_iter();
                let again: Vec<String> = pattern.iter().filter_map(|segment| match segment.as_str() {
                    // Of no segments at all nothing is left, not even a slash.
                    "**" => captured.next().filter(|taken| !taken.is_empty() || text.len() >= pattern.len()),
                    _ => Some(segment.chars().fold(String::new(), |mut again, character| {
                        match character {
                            '*' => again.push_str(&captured.next().unwrap_or_default()),
                            character => again.push(character),
                        }
                        again
                    })),
                }).collect();
                prop_assert_eq!(again.join("/"), text.join("/"));
                prop_assert_eq!(captured.next(), None);
            }
        }

        #[test]
        fn agrees_with_the_definition(
            pattern in proptest::collection::vec("[ab*]{0,4}", 0..5),
            text in proptest::collection::vec("[ab]{0,4}", 0..6),
        ) {
            let parts: Vec<Part> = pattern.iter().map(|segment| Part::new(segment)).collect();
            let pattern: Vec<&str> = pattern.iter().map(String::as_str).collect();
            let text: Vec<&str> = text.iter().map(String::as_str).collect();
            prop_assert_eq!(
                matches(&parts, text.iter().copied(), Case::Sensitive),
                model(&pattern, &text)
            );
        }
    }
}
