//! Answers of a registry and of its token server: each is a line of the input.
#![no_main]

use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use libfuzzer_sys::fuzz_target;
use pullcreds_core::image::Reference;
use pullcreds_core::json::Document;
use pullcreds_credentials::Secret;
use pullcreds_credentials::config::Config;
use pullcreds_credentials::matching::Reader;
use pullcreds_credentials::registry::{Answer, Failure, Presented, Request, Session, Wire, date, endpoint};

struct Lines<'i> {
    lines: Vec<&'i [u8]>,
    next: AtomicUsize,
    asked: Mutex<Vec<Request>>,
}

impl Wire for Lines<'_> {
    fn ask(&self, request: &Request) -> Result<Answer, Failure> {
        self.asked.lock().expect("no other thread").push(request.clone());
        let at = self.next.fetch_add(1, Ordering::Relaxed);
        assert!(at < 16, "the questions come to an end");
        let line = self.lines.get(at).copied().unwrap_or_default();
        let (first, rest) = line.split_first().unwrap_or((&0, &[]));
        let text = String::from_utf8_lossy(rest).into_owned();
        let status = [200, 401, 403, 404, 202, 429, 500, 0][usize::from(first % 8)];
        if status == 0 {
            return Err(Failure::Timeout);
        }
        Ok(Answer {
            status,
            challenges: vec![text.clone()],
            content_type: Some(text.clone()).filter(|_| first & 8 == 0),
            location: Some(text.clone()),
            retry_after: Some(text.clone()),
            date: Some(text),
            body: Secret::new(rest.to_vec()),
        })
    }
}

fuzz_target!(|input: &[u8]| {
    let text = br#"{"auths": {"a": {"auth": "dTpodW50ZXIy"}, "b": {"auth": "dTpw", "identitytoken": "hunter2"}}}"#;
    let document = Document::parse(text).expect("JSON");
    let config = Config::read(&document).expect("a config.json");
    for entry in &config.entries {
        for reader in [Reader::Docker, Reader::Ucr] {
            for image in ["r.example.com/team/web:1", "localhost:5000/a", "r.example.com:80/a"] {
                let Ok(image) = Reference::parse(image) else { continue };
                let wire = Lines {
                    lines: input.split(|byte| *byte == b'\n').collect(),
                    next: AtomicUsize::new(0),
                    asked: Mutex::default(),
                };
                let session = Session::new(&wire, reader, &image, Presented::of(entry, reader));
                let verdict = session.pull(&image);
                let _ = (verdict.message(reader), verdict.help(reader), verdict.as_str());
                let _ = session.push(&image);
                for request in wire.asked.into_inner().expect("no other thread") {
                    let holds =
                        request.authorization.is_some() || request.form.is_some_and(|form| !form.expose().is_empty());
                    let (scheme, host) = endpoint::origin(&request.url).expect("an address");
                    assert!(
                        !holds || scheme == "https" || endpoint::is_loopback(host),
                        "{scheme} {host}"
                    );
                }
            }
        }
    }
    if let Ok(text) = std::str::from_utf8(input) {
        let _ = date::wait(text, Some(text));
        let _ = endpoint::location("https://a/b", text);
    }
});
