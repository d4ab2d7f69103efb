//! Patterns, case by case (fixtures/images/patterns.tsv, wrong-patterns.tsv) and as properties.
#![allow(clippy::expect_used, reason = "a test fails by panicking")]

use super::{Difference, Pattern};
use crate::image::Reference;
use proptest::prelude::*;

const PATTERNS: &str = include_str!("../../../../fixtures/images/patterns.tsv");
const WRONG: &str = include_str!("../../../../fixtures/images/wrong-patterns.tsv");

fn rows(table: &'static str) -> impl Iterator<Item = Vec<&'static str>> {
    table
        .lines()
        .filter(|line| !line.starts_with('#') && !line.is_empty())
        .map(|line| line.split('\t').collect())
}

#[test]
fn each_row_of_the_table() {
    let mut count = 0;
    for row in rows(PATTERNS) {
        let [pattern, image, expected] = row[..] else {
            panic!("three columns wanted: {row:?}")
        };
        let read = Pattern::parse(pattern).unwrap_or_else(|error| panic!("{pattern}: {error}"));
        let found = match Reference::parse(image) {
            Ok(reference) => {
                let found = read.matches(&reference);
                // A reference without marks reads the same as text, and a tag still to come changes nothing.
                assert_eq!(read.matches_literal(image), found, "{pattern} on {image} as text");
                found
            }
            Err(_) => read.matches_literal(image),
        };
        assert_eq!(found, expected == "yes", "{pattern} on {image}");
        count += 1;
    }
    assert!(count > 60, "the table is there: {count}");
}

#[test]
fn each_wrong_pattern_is_told_why() {
    for row in rows(WRONG) {
        let [pattern, expected] = row[..] else {
            panic!("two columns wanted: {row:?}")
        };
        let pattern = pattern.replace("\\s", " ").replace("\\e", "");
        let message = Pattern::parse(&pattern).expect_err(&pattern).to_string();
        assert!(message.contains(expected), "{pattern}: {message}");
    }
}

proptest! {
    #[test]
    fn never_panics(pattern in any::<String>(), image in any::<String>()) {
        if let Ok(pattern) = Pattern::parse(&pattern) {
            let _ = pattern.matches_literal(&image);
        }
    }

    #[test]
    fn the_name_of_an_image_matches_the_image_and_its_host_alone_does(
        host in "[a-z]{1,4}(\\.[a-z]{1,3}){1,2}(:[0-9]{1,4})?",
        path in "[a-z]{1,3}(/[a-z]{1,3}){0,3}",
        tag in "[a-z]{1,3}",
    ) {
        let image = format!("{host}/{path}:{tag}");
        let reference = Reference::parse(&image).expect("valid");
        for pattern in [format!("{host}/{path}"), host.clone(), format!("{host}/**"), "**".to_owned()] {
            let pattern = Pattern::parse(&pattern).expect("valid");
            prop_assert!(pattern.matches(&reference), "{} on {}", pattern, image);
            prop_assert!(pattern.matches_literal(&image));
        }
        // Nothing that merely begins with the host's name.
        for other in [format!("{host}.evil.org/{path}"), format!("x{host}/{path}"), format!("{host}0/{path}")] {
            if let Ok(other) = Reference::parse(&other) {
                prop_assert!(!Pattern::parse(&host).expect("valid").matches(&other), "{} on {}", host, other);
            }
        }
    }
}

#[test]
fn an_image_differs_in_its_host_its_port_or_its_path() {
    for (pattern, image, expected) in [
        ("registry.example.com", "registry.example.com/a", None),
        ("registry.example.com", "REGISTRY.example.com/a", None),
        ("registry.example.com", "nginx", Some(Difference::Host)),
        (
            "registry.example.com",
            "registry.example.com:5000/a",
            Some(Difference::Port),
        ),
        (
            "registry.example.com:5000",
            "registry.example.com/a",
            Some(Difference::Port),
        ),
        (
            "registry.example.com:5000",
            "registry.example.com:5001/a",
            Some(Difference::Port),
        ),
        (
            "registry.example.com:5000",
            "eu.registry.example.com:5000/a",
            Some(Difference::Host),
        ),
        (
            "registry.example.com:*",
            "eu.registry.example.com:5000/a",
            Some(Difference::Host),
        ),
        ("*.example.com", "registry.example.com:5000/a", Some(Difference::Port)),
        (
            "registry.example.com/team/**",
            "registry.example.com/other/a",
            Some(Difference::Path),
        ),
        (
            "registry.example.com/team/**",
            "registry.example.com:1/other/a",
            Some(Difference::Port),
        ),
        ("**/app", "registry.example.com:5000/a", Some(Difference::Path)),
        ("${REGISTRY}/**", "registry.example.com/a", Some(Difference::Template)),
    ] {
        let reference = Reference::parse(image).expect(image);
        let pattern = Pattern::parse(pattern).expect(pattern);
        assert_eq!(pattern.difference(&reference), expected, "{pattern} {image}");
        assert_eq!(pattern.matches(&reference), expected.is_none(), "{pattern} {image}");
    }
}
