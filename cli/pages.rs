//! What `explain` says of each rule: the pages of docs/rules, built in.

/// A rule's page, by its code.
pub(crate) fn page(code: &str) -> Option<&'static str> {
    PAGES.iter().find(|(known, _)| *known == code).map(|(_, page)| *page)
}

macro_rules! pages {
    ($($code:literal)*) => {
        &[$(($code, include_str!(concat!("../docs/rules/", $code, ".md")))),*]
    };
}

const PAGES: &[(&str, &str)] = pages![];
