//! The grammar of references, case by case (fixtures/images/references.tsv) and as properties.

use super::{Reference, ReferenceError};
use crate::image::is_templated;
use proptest::prelude::*;

const REFERENCES: &str = include_str!("../../../../fixtures/images/references.tsv");

/// The lines of a table, without its comments and heading, split into columns; `-` is nothing.
fn rows<const COLUMNS: usize>(table: &'static str) -> impl Iterator<Item = [&'static str; COLUMNS]> {
    table
        .lines()
        .filter(|line| !line.starts_with('#') && !line.is_empty())
        .map(|line| {
            let columns: Vec<&str> = line.split('\t').collect();
            columns
                .try_into()
                .unwrap_or_else(|columns| panic!("{COLUMNS} columns wanted: {columns:?}"))
        })
}

fn optional(column: &str) -> Option<&str> {
    (column != "-").then_some(column)
}

#[test]
fn each_row_of_the_table() {
    let mut count = 0;
    for [input, registry, repository, tag, digest, ucr, error] in rows(REFERENCES) {
        count += 1;
        let input = input
            .replace("\\t", "\t")
            .replace("\\n", "\n")
            .replace("\\s", " ")
            .replace("\\e", "");
        match (Reference::parse(&input), optional(error)) {
            (Ok(read), None) => {
                assert_eq!(read.registry(), registry, "registry of {input}");
                assert_eq!(read.repository(), repository, "repository of {input}");
                assert_eq!(read.tag(), optional(tag), "tag of {input}");
                assert_eq!(read.digest(), optional(digest), "digest of {input}");
                assert_eq!(read.ucr_registry(), optional(ucr), "UCR's registry of {input}");
            }
            (Err(problem), Some(error)) => {
                let message = problem.to_string();
                assert!(message.contains(error), "{input}: {message}");
            }
            (read, error) => panic!("{input}: expected error {error:?}, got {read:?}"),
        }
    }
    assert!(count > 80, "the table is there: {count}");
}

#[test]
fn hosts_and_ports() {
    let parts = |text| {
        let reference = Reference::parse(text).expect(text);
        (
            reference.host().to_owned(),
            reference.port().map(str::to_owned),
            reference.explicit_host().map(str::to_owned),
        )
    };
    let owned = |text: &str| Some(text.to_owned());
    assert_eq!(parts("nginx"), ("docker.io".to_owned(), None, None));
    assert_eq!(
        parts("index.docker.io/nginx"),
        ("docker.io".to_owned(), None, owned("index.docker.io"))
    );
    assert_eq!(
        parts("[::1]:5000/x"),
        ("[::1]".to_owned(), owned("5000"), owned("[::1]:5000"))
    );
    assert_eq!(parts("[::1]/x"), ("[::1]".to_owned(), None, owned("[::1]")));
    assert_eq!(parts("a.b:80/x:1"), ("a.b".to_owned(), owned("80"), owned("a.b:80")));
}

#[test]
fn lengths() {
    let tag = "t".repeat(128);
    assert_eq!(
        Reference::parse(&format!("a:{tag}")).expect("128 are allowed").tag(),
        Some(tag.as_str())
    );
    assert!(matches!(
        Reference::parse(&format!("a:{tag}t")),
        Err(ReferenceError::Tag { .. })
    ));

    let repository = format!("a/{}", "b".repeat(253));
    assert_eq!(
        Reference::parse(&repository).expect("255 are allowed").repository(),
        repository
    );
    assert_eq!(
        Reference::parse(&format!("registry.example.com/{repository}"))
            .expect("the host is not counted")
            .repository(),
        repository
    );
    assert_eq!(
        Reference::parse(&format!("{repository}b")),
        Err(ReferenceError::TooLong { length: 256 })
    );
    // `library/` is counted.
    assert!(Reference::parse(&"c".repeat(247)).is_ok());
    assert_eq!(
        Reference::parse(&"c".repeat(248)),
        Err(ReferenceError::TooLong { length: 256 })
    );
}

#[test]
fn a_message_shows_no_password_and_is_never_long() {
    for text in [
        "user:hunter2@registry.example.com/app",
        "user:hun/hunter2@registry.example.com/app",
        "user:hunter2@registry.example.com",
        "user:!hunter2@registry.example.com:5000",
        "user:hunter2/x@registry.example.com",
    ] {
        let error = Reference::parse(text).expect_err("no user names").to_string();
        assert!(!error.contains("hunter2"), "{text}: {error}");
    }
    let error = Reference::parse(&"A".repeat(1_000_000)).expect_err("uppercase");
    assert!(error.to_string().len() < 400, "{}", error.to_string().len());
    let error = Reference::parse("app:\u{202e}gpj").expect_err("not ASCII");
    assert!(!error.to_string().contains('\u{202e}'));
}

#[test]
fn only_a_digest_pins() {
    let digest = format!("sha256:{}", "0".repeat(64));
    assert!(Reference::parse("nginx").expect("valid").is_mutable_tag());
    assert!(Reference::parse("nginx:1.9").expect("valid").is_mutable_tag());
    assert!(
        !Reference::parse(&format!("nginx:1.9@{digest}"))
            .expect("valid")
            .is_mutable_tag()
    );
}

/// Texts near the grammar, right and wrong.
fn near_a_reference() -> impl Strategy<Value = String> {
    "(([a-z0-9A-Z.-]{1,6}|\\[[0-9a-f:]{1,5}\\])(:[0-9]{1,4})?/)?[a-z0-9._/-]{1,12}(:[\\w.-]{0,5})?(@sha256:[0-9a-f]{60,64})?"
}

proptest! {
    #[test]
    fn never_panics(text in any::<String>()) {
        let _ = Reference::parse(&text);
    }

    #[test]
    fn what_is_printed_reads_back_the_same(text in near_a_reference()) {
        if let Ok(reference) = Reference::parse(&text) {
            let printed = reference.to_string();
            let again = Reference::parse(&printed).expect("normalised text is a reference");
            prop_assert_eq!(again.registry(), reference.registry());
            prop_assert_eq!(again.repository(), reference.repository());
            prop_assert_eq!(again.tag(), reference.tag());
            prop_assert_eq!(again.digest(), reference.digest());
            prop_assert_eq!(again.to_string(), printed);
        }
    }

    #[test]
    fn a_reference_is_never_templated(text in near_a_reference()) {
        prop_assert!(!(Reference::parse(&text).is_ok() && is_templated(&text)));
    }
}
