//! Reading, checking, matching and gathering never panic, whatever the text, and show no secret.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use proptest::prelude::*;
use pullcreds_core::image::Reference;
use pullcreds_core::json::{Document, Pointer};
use pullcreds_credentials::Secret;
use pullcreds_credentials::agent::stops_agent;
use pullcreds_credentials::compose::{Logins, Wanted};
use pullcreds_credentials::config::Config;
use pullcreds_credentials::edit::add;
use pullcreds_credentials::matching::Reader;
use pullcreds_credentials::rules::{About, of_image, of_text};
use pullcreds_credentials::{acs, auth};

const READERS: [Reader; 2] = [Reader::Docker, Reader::Ucr];

fn everything(text: &[u8]) -> usize {
    let stop = stops_agent(text);
    if let Some(stop) = &stop {
        assert!(
            stop.span.start <= text.len() && !stop.message.contains("hunter2"),
            "{stop:?}"
        );
    }
    let Ok(document) = Document::parse(text) else {
        assert!(stop.is_some(), "no agent takes what is no JSON");
        return 0;
    };
    let _ = acs::read(&document);
    let _ = add(Some(text), "a.b", "u", &Secret::from("p"));
    let Ok(config) = Config::read(&document) else { return 0 };
    let mut count = 0;
    for is_dockercfg in [false, true] {
        let about = About {
            readers: &READERS,
            is_dockercfg,
        };
        let found = of_text(&config, &about);
        for finding in &found {
            assert!(
                finding.span.end <= text.len() && !finding.message.contains("hunter2"),
                "{finding:?}"
            );
        }
        count += found.len();
    }
    for image in ["a.b/c", "a.b:5000/c", "c/d", "docker.io/c/d"] {
        let image = Reference::parse(image).unwrap();
        for reader in READERS {
            let _ = of_image(&config, "x", &image, reader, (0..1, Pointer::root()));
        }
    }
    let mut logins = Logins::default();
    if logins.add_config(&config, "x").is_ok()
        && let Ok(made) = logins.compose(&Wanted::All)
    {
        // What was made is clean, but for what only a person can know.
        let document = Document::parse(made.text.expose()).unwrap();
        let config = Config::read(&document).unwrap();
        let about = About {
            readers: &READERS,
            is_dockercfg: false,
        };
        let found = of_text(&config, &about);
        assert!(found.iter().all(|finding| finding.code == "CC004"), "{found:?}");
        assert_eq!(stops_agent(made.text.expose()), None);
    }
    count
}

fn text() -> impl Strategy<Value = String> {
    let key = prop::sample::select(vec![
        "a.b",
        "a.b:443",
        "https://a.b/v2/",
        "a.b/team",
        "docker.io",
        "https://index.docker.io/v1/",
        "ftp://x",
        "",
        "é/",
    ]);
    let auth = prop::sample::select(vec!["dTpodW50ZXIy", "dTpodW50ZXIyCg==", "hunter2", "", "Og==", "dTo="]);
    let extra = prop::sample::select(vec![
        "",
        r#", "identitytoken": "hunter2""#,
        r#", "username": "u", "password": "hunter2""#,
    ]);
    let entry = (key, auth, extra).prop_map(|(key, auth, extra)| format!(r#""{key}": {{"auth": "{auth}"{extra}}}"#));
    let entries = prop::collection::vec(entry, 0..5).prop_map(|entries| entries.join(", "));
    let frame = prop::sample::select(vec![
        (r#"{"auths": {"#, "}}"),
        ("{", "}"),
        (r#"{"auths": {"#, r#"}, "credsStore": "desktop"}"#),
        (r#"{"auths": {"#, r#"}, "credHelpers": {"a.b": "x"}}"#),
    ]);
    (frame, entries).prop_map(|((before, after), entries)| format!("{before}{entries}{after}"))
}

proptest! {
    #[test]
    fn likely_texts(text in text()) {
        everything(text.as_bytes());
    }

    #[test]
    fn unlikely_bytes(bytes in prop::collection::vec(any::<u8>(), 0..200), string in "\\PC{0,60}") {
        everything(&bytes);
        let _ = auth::decode(&string);
        if let Ok(document) = Document::parse(&bytes) {
            let _ = Config::read(&document);
        }
    }
}

#[test]
fn large_and_deep_texts_end() {
    let many: Vec<_> = (0..50_000)
        .map(|at| format!(r#""h{at}.example.com/x": {{"auth": "eDp5"}}"#))
        .collect();
    let text = format!(r#"{{"auths": {{{}}}}}"#, many.join(","));
    assert_eq!(everything(text.as_bytes()), 100_000);
    let deep = format!(r#"{{"auths": {}{}}}"#, "[".repeat(100_000), "]".repeat(100_000));
    everything(deep.as_bytes());
}

/// A CA that openssl made; its key is gone.
#[cfg(feature = "certificates")]
const CERTIFICATE: &str = "\
-----BEGIN CERTIFICATE-----
MIIByjCCAW+gAwIBAgIURgcLwqPNFy6wpAM5byT8Tr18jwkwCgYIKoZIzj0EAwIw
OjELMAkGA1UEBhMCREUxFjAUBgNVBAoMDUV4YW1wbGUgIEdtYkgxEzARBgNVBAMM
CkV4YW1wbGUgQ0EwHhcNMjYxMTIxMDkzNzM1WhcNMjcxMTIxMDkzNzM1WjA6MQsw
CQYDVQQGEwJERTEWMBQGA1UECgwNRXhhbXBsZSAgR21iSDETMBEGA1UEAwwKRXhh
bXBsZSBDQTBZMBMGByqGSM49AgEGCCqGSM49AwEHA0IABL6q24YR2MKo5ElNZD+y
/tmbYlzpP8VfvOj42VUuxvpzsxXaICfFrZgcSzEYfDfJrCtiraTuJ2PrE25K9+Cr
oLGjUzBRMB0GA1UdDgQWBBTgW/kUA6AnsVBm79D60ggl/syWJjAfBgNVHSMEGDAW
gBTgW/kUA6AnsVBm79D60ggl/syWJjAPBgNVHRMBAf8EBTADAQH/MAoGCCqGSM49
BAMCA0kAMEYCIQCfO4gx4mzu0QOOF1BMJBAkvW9C911xAYt3cHFaPw7+egIhAK4l
tZLn8bHvTNaXgwU/XbHLYVW82s95ARp0tKksOQ0u
-----END CERTIFICATE-----
";

#[cfg(feature = "certificates")]
proptest! {
    #[test]
    fn certificates_are_read_or_refused(
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..4),
        cut in any::<prop::sample::Index>(),
        registry in "[a-z0-9.:\\[\\]]{0,20}",
    ) {
        use pullcreds_credentials::certificate::read;
        let whole = read(CERTIFICATE.as_bytes()).unwrap();
        prop_assert_eq!(whole[0].pem(), CERTIFICATE);
        let mut text = CERTIFICATE.as_bytes().to_vec();
        for (at, byte) in changes {
            let at = at.index(text.len());
            text[at] = byte;
        }
        for text in [&text[..], &text[..cut.index(text.len())]] {
            for certificate in read(text).unwrap_or_default() {
                let _ = certificate.remarks(&registry, std::time::Duration::ZERO);
                prop_assert!(read(certificate.pem().as_bytes()).is_ok());
            }
        }
    }
}
