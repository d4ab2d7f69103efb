//! Sessions against answers that real registries give and that tests/registry cannot bring them to, and what goes where.

use std::sync::Mutex;

use pullcreds_core::image::Reference;

use super::*;
use crate::Secret;
use crate::config::Config;
use crate::matching::Reader;

/// Answers by a function, and remembers what was asked.
struct Script<F> {
    answer: F,
    asked: Mutex<Vec<String>>,
}

impl<F: Fn(&Request) -> Answer + Sync> Script<F> {
    fn new(answer: F) -> Script<F> {
        Script {
            answer,
            asked: Mutex::default(),
        }
    }

    fn asked(&self) -> Vec<String> {
        std::mem::take(&mut self.asked.lock().unwrap())
    }
}

impl<F: Fn(&Request) -> Answer + Sync> Wire for Script<F> {
    fn ask(&self, request: &Request) -> Result<Answer, Failure> {
        let sent = request
            .authorization
            .as_ref()
            .map_or("", |secret| secret.expose_text().unwrap());
        let line = format!("{:?} {} {sent}", request.method, request.url);
        self.asked.lock().unwrap().push(line.trim_end().to_owned());
        Ok((self.answer)(request))
    }
}

fn status(status: u16) -> Answer {
    Answer {
        status,
        ..Answer::default()
    }
}

fn challenge(text: &str) -> Answer {
    Answer {
        challenges: vec![text.to_owned()],
        ..status(401)
    }
}

fn body(text: &str) -> Answer {
    Answer {
        body: Secret::from(text),
        ..status(200)
    }
}

fn manifest() -> Answer {
    Answer {
        content_type: Some("application/vnd.docker.distribution.manifest.v2+json".to_owned()),
        ..status(200)
    }
}

/// base64 of `u:p`
const BASIC: &str = "Basic dTpw";

fn login(reader: Reader) -> Presented {
    let text = br#"{"auths": {"a": {"auth": "dTpw"}}}"#;
    let document = pullcreds_core::json::Document::parse(text).unwrap();
    Presented::of(&Config::read(&document).unwrap().entries[0], reader)
}

fn pull(wire: &dyn Wire, image: &str, reader: Reader) -> Verdict {
    let image = Reference::parse(image).unwrap();
    Session::new(wire, reader, &image, login(reader)).pull(&image)
}

#[test]
fn each_reader_asks_in_its_order() {
    let wire = Script::new(|request: &Request| match &request.authorization {
        Some(sent) if sent.expose() == BASIC.as_bytes() => manifest(),
        _ => challenge("Basic realm=x"),
    });
    assert_eq!(pull(&wire, "r.example.com/a:1", Reader::Docker), Verdict::Pullable);
    assert_eq!(
        wire.asked(),
        [
            "Get https://r.example.com/v2/".to_owned(),
            format!("Head https://r.example.com/v2/a/manifests/1 {BASIC}"),
        ]
    );
    assert_eq!(pull(&wire, "r.example.com/a:1", Reader::Ucr), Verdict::Pullable);
    assert_eq!(
        wire.asked(),
        [format!("Head https://r.example.com/v2/a/manifests/1 {BASIC}")]
    );
}

#[test]
fn nothing_secret_goes_without_encryption() {
    let bearer = r#"Bearer realm="http://tokens.example.com/t",service="s",scope="repository:a:pull""#;
    let wire = Script::new(|_: &Request| challenge(bearer));
    let host = |host: &str| Verdict::Unencrypted { host: host.to_owned() };
    for reader in [Reader::Docker, Reader::Ucr] {
        assert_eq!(pull(&wire, "r.example.com/a", reader), host("tokens.example.com"));
        assert!(!wire.asked().iter().any(|line| line.contains("tokens.example.com")));
    }
    assert_eq!(pull(&wire, "r.example.com:80/a", Reader::Ucr), host("r.example.com:80"));
    assert_eq!(wire.asked(), [""; 0]);
    // To this machine it may go, and where somebody says so.
    let wire = Script::new(|_: &Request| manifest());
    assert_eq!(pull(&wire, "localhost:5000/a", Reader::Ucr), Verdict::Pullable);
    let image = Reference::parse("r.example.com:80/a").unwrap();
    let session = Session::new(&wire, Reader::Ucr, &image, login(Reader::Ucr)).allow_plain();
    assert_eq!(session.pull(&image), Verdict::Pullable);
}

#[test]
fn ucr_wants_more_of_tokens_than_docker() {
    let (whole, bare) = (
        r#"Bearer realm="https://t/t",service="s",scope="repository:a:pull""#,
        r#"Bearer realm="https://t/t""#,
    );
    let server = |challenged: &'static str, token: &'static str| {
        move |request: &Request| match &request.authorization {
            Some(sent) if sent.expose() == b"Bearer x" => manifest(),
            _ if request.url.starts_with("https://t/") => body(token),
            _ => challenge(challenged),
        }
    };
    let wire = Script::new(server(bare, r#"{"token": "x"}"#));
    assert_eq!(pull(&wire, "r.example.com/a", Reader::Ucr), Verdict::Pullable);
    let asked = wire.asked();
    assert!(
        asked.contains(&format!("Get https://r.example.com/v2/ {BASIC}")),
        "{asked:?}"
    );
    assert!(
        asked.contains(&format!("Get https://t/t?scope=repository:a:pull {BASIC}")),
        "{asked:?}"
    );
    let wire = Script::new(server(whole, r#"{"access_token": "x"}"#));
    assert_eq!(pull(&wire, "r.example.com/a", Reader::Docker), Verdict::Pullable);
    assert_eq!(pull(&wire, "r.example.com/a", Reader::Ucr).as_str(), "no-token");
    let wire = Script::new(server(
        r#"Bearer realm="https://t/t",service="a b",scope="x""#,
        r#"{"token": "x"}"#,
    ));
    assert_eq!(pull(&wire, "r.example.com/a", Reader::Docker), Verdict::Pullable);
    assert_eq!(pull(&wire, "r.example.com/a", Reader::Ucr).as_str(), "no-token");
}

#[test]
fn answers_are_told_apart() {
    let of = |answer: Answer, reader| {
        let wire = Script::new(|request: &Request| match request.method {
            Method::Head => answer.clone(),
            _ => status(200),
        });
        pull(&wire, "r.example.com/a", reader).as_str()
    };
    let both = |answer: &Answer| (of(answer.clone(), Reader::Docker), of(answer.clone(), Reader::Ucr));
    let media = |media: &str| Answer {
        content_type: Some(media.to_owned()),
        ..status(200)
    };
    for (answer, docker, ucr) in [
        (manifest(), "pullable", "pullable"),
        (
            media("application/vnd.oci.image.index.v1+json"),
            "pullable",
            "wrong-form",
        ),
        (
            media("application/vnd.docker.distribution.manifest.list.v2+json"),
            "pullable",
            "wrong-form",
        ),
        (
            media("application/vnd.docker.distribution.manifest.v1+prettyjws"),
            "pullable",
            "pullable",
        ),
        (media("text/html; charset=utf-8"), "not-a-registry", "not-a-registry"),
        (status(200), "pullable", "wrong-form"),
        // Docker was told at `/v2/` that nothing is asked for, so it sends nothing.
        (status(401), "needs-credentials", "wrong-credentials"),
        (
            challenge("Bearer realm=x,error=\"invalid_token\""),
            "no-token",
            "no-token",
        ),
        (status(403), "denied", "denied"),
        (status(404), "no-manifest", "no-manifest"),
        (status(429), "rate-limited", "rate-limited"),
        (status(503), "refused", "refused"),
    ] {
        assert_eq!(both(&answer), (docker, ucr), "{answer:?}");
    }
}

#[test]
fn what_holds_for_all_is_asked_once() {
    for (answer, verdict) in [(401, "wrong-credentials"), (429, "rate-limited")] {
        let wire = Script::new(|request: &Request| match request.method {
            Method::Head => status(answer),
            _ => challenge("Basic realm=x"),
        });
        let images = ["r.example.com/a", "r.example.com/b"].map(|image| Reference::parse(image).unwrap());
        let session = Session::new(&wire, Reader::Docker, &images[0], login(Reader::Docker));
        for image in &images {
            assert_eq!(session.pull(image).as_str(), verdict);
        }
        assert_eq!(wire.asked().len(), 2, "/v2/, and one manifest");
    }
}

#[test]
fn an_upload_is_given_up_at_the_same_host_alone() {
    let upload = |to: &'static str| {
        move |request: &Request| match request.method {
            Method::Post => Answer {
                location: Some(to.to_owned()),
                ..status(202)
            },
            _ => status(200),
        }
    };
    let image = Reference::parse("r.example.com/a").unwrap();
    for (to, deleted) in [
        ("/u/1", true),
        ("https://r.example.com/u/1", true),
        ("https://elsewhere.example.com/u/1", false),
    ] {
        let wire = Script::new(upload(to));
        let session = Session::new(&wire, Reader::Docker, &image, Presented::default());
        assert_eq!(session.push(&image), Ok(true));
        let last = wire.asked().pop().unwrap();
        assert_eq!(last == "Delete https://r.example.com/u/1", deleted, "{last}");
    }
}
