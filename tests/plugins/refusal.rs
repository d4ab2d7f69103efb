//! The end that every hostile plugin must have: an error that names it and the file, in bounded time and memory, and nothing
//! written.

use std::fs;
use std::process::Child;
use std::time::{Duration, Instant};

use super::{Home, NAME};
use crate::util::Ran;

/// Far more than any of them takes, far less than the harm that each means.
const LONGEST: Duration = Duration::from_secs(30);
const MOST_MEMORY_KIB: u64 = 300 << 10;

/// Runs `fix`, and holds it to the end that every hostile plugin must have.
#[track_caller]
pub(super) fn refused(home: &Home, words: &str) -> String {
    refused_at(home, "app.json", words)
}

/// The same, of a plugin that is refused before any file is looked at: the policy is what is named.
#[track_caller]
pub(super) fn refused_at_once(home: &Home, words: &str) -> String {
    refused_at(home, "pullcreds.toml", words)
}

#[track_caller]
pub(super) fn refused_at(home: &Home, file: &str, words: &str) -> String {
    let before = home.house.read("app.json");
    let begin = Instant::now();
    let mut child = home.command(&["fix", "--plugins", "app.json"]).spawn().unwrap();
    let peak = peak_memory(&mut child);
    let ran = Ran::from(child.wait_with_output().unwrap()).exits_with(2);
    assert!(begin.elapsed() < LONGEST, "{:?}: {}", begin.elapsed(), ran.stderr);
    assert!(peak < MOST_MEMORY_KIB, "{peak} KiB: {}", ran.stderr);
    let said = ran.stderr;
    assert!(
        said.contains(&format!("plugin {NAME}")),
        "the plugin is not named: {said}"
    );
    assert!(said.contains(file), "the file is not named: {said}");
    assert!(said.contains(words), "{words:?} is not said: {said}");
    assert!(!said.contains("internal error"), "{said}");
    assert_eq!(home.house.read("app.json"), before);
    said
}

/// The most memory that a child held, in KiB, as far as looking often shows; 0 where the system does not tell.
fn peak_memory(child: &mut Child) -> u64 {
    let status = format!("/proc/{}/status", child.id());
    let mut peak = 0;
    while child.try_wait().unwrap().is_none() {
        let text = fs::read_to_string(&status).unwrap_or_default();
        let line = text.lines().find_map(|line| line.strip_prefix("VmHWM:"));
        let now = line.and_then(|line| line.split_whitespace().next()?.parse().ok());
        peak = peak.max(now.unwrap_or(0));
        std::thread::sleep(Duration::from_millis(2));
    }
    peak
}
