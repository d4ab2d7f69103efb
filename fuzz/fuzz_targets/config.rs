//! Credentials as text: read, judged, looked up, edited, gathered.
#![no_main]

use libfuzzer_sys::fuzz_target;
use pullcreds_core::image::Reference;
use pullcreds_core::json::{Document, Pointer};
use pullcreds_credentials::compose::{Logins, Wanted};
use pullcreds_credentials::config::Config;
use pullcreds_credentials::matching::{Lookup, Reader, look_up};
use pullcreds_credentials::registry::Presented;
use pullcreds_credentials::rules::{About, of_image, of_text};
use pullcreds_credentials::{Secret, acs, archive, auth, edit};

const READERS: [Reader; 2] = [Reader::Docker, Reader::Ucr];

fuzz_target!(|text: &[u8]| {
    if let Ok(text) = std::str::from_utf8(text) {
        let _ = auth::decode(text);
    }
    let Ok(document) = Document::parse(text) else { return };
    let _ = acs::read(&document);
    if let Ok(added) = edit::add(Some(text), "a.b:5000", "u", &Secret::from("p")) {
        let bytes = added.text.expose();
        let document = Document::parse(bytes).expect("what was edited is JSON");
        let config = Config::read(&document).expect("and a config.json");
        let image = Reference::parse("a.b:5000/c").expect("an image");
        let found = look_up(&config, &image, Reader::Ucr);
        assert!(!matches!(found, Lookup::Missing(_)), "what was added is found");
    }
    let Ok(config) = Config::read(&document) else { return };
    for is_dockercfg in [false, true] {
        let about = About {
            readers: &READERS,
            is_dockercfg,
        };
        for finding in of_text(&config, &about) {
            assert!(finding.span.end <= text.len());
        }
    }
    for entry in &config.entries {
        for reader in READERS {
            let _ = Presented::of(entry, reader);
        }
    }
    for image in ["a.b/c", "a.b:5000/c", "c/d", "docker.io/c/d"] {
        let image = Reference::parse(image).expect("an image");
        for reader in READERS {
            let _ = of_image(&config, "x", &image, reader, (0..1, Pointer::root()));
        }
    }
    let mut logins = Logins::default();
    if logins.add_config(&config, "x").is_ok()
        && let Ok(made) = logins.compose(&Wanted::All)
    {
        let packed = archive::write(&made.text).expect("memory can be written to");
        let contents = archive::read(packed.expose()).expect("what was packed is read");
        assert_eq!(contents.config.as_ref(), Some(&made.text));
    }
});
