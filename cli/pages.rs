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

const PAGES: &[(&str, &str)] = pages![
    "MC001" "MC002" "MC003" "MC004" "MC005" "MC006" "MC007" "MC008" "MC009" "MC010" "MC011" "MC012" "MC013" "MC014" "MC015" "MC016" "MC017" "MC018" "MC019" "MC020" "MC021" "MC022" "MC023" "MC024" "MC025" "MC026" "MC027" "MC028" "MC029" "MC030" "MC031" "MC032" "MC033" "MC034" "MC035" "MC036" "MC037" "CC001" "CC002" "CC003" "CC004" "CC005" "CC006" "CC007"
];
