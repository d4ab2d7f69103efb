//! The filter in a world made of memory.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::collections::VecDeque;

use super::*;

const POLICY: &str = r#"{"registry": [{"match": "registry.example.com", "archive": "file:///etc/docker.tar.gz"}],
    "rules": {"MC021": "off", "MC027": "off"}}"#;
const APP: &str = r#"{"id": "/web", "container": {"docker": {"image": "registry.example.com/web"}}}"#;
const FIXED: &str = r#"{"id": "/web", "container": {"docker": {"image": "registry.example.com/web"}}, "fetch": [{"uri": "file:///etc/docker.tar.gz"}]}"#;

const TEMPLATE: &str = "{\"id\": \"/web\", {{ more }} \"container\": {\"docker\": {\"image\": \"a/b\"}}}";

#[derive(Default)]
struct Memory {
    chunks: VecDeque<Vec<u8>>,
    stdout: String,
    stderr: String,
    /// How many times something was written.
    writes: usize,
    closed: Option<Unwritten>,
}

impl World for Memory {
    fn read(&mut self, buffer: &mut Vec<u8>, most: usize) -> Result<usize, String> {
        let Some(mut chunk) = self.chunks.pop_front() else {
            return Ok(0);
        };
        if chunk.len() > most {
            self.chunks.push_front(chunk.split_off(most));
        }
        buffer.extend_from_slice(&chunk);
        Ok(chunk.len())
    }

    fn output(&mut self, bytes: &[u8]) -> Result<(), Unwritten> {
        if let Some(closed) = self.closed.clone() {
            return Err(closed);
        }
        self.writes += 1;
        self.stdout.push_str(std::str::from_utf8(bytes).unwrap());
        Ok(())
    }

    fn messages(&mut self, text: &str) {
        self.stderr.push_str(text);
    }
}

fn filter(arguments: &[&str], input: &str) -> (u8, String, String) {
    let mut world = Memory {
        chunks: [input.as_bytes().to_vec()].into(),
        ..Memory::default()
    };
    let arguments: Vec<_> = arguments.iter().map(|argument| (*argument).to_owned()).collect();
    let code = run(&arguments, None, &mut world);
    (code, world.stdout, world.stderr)
}

#[test]
fn a_definition_is_rewritten_and_what_was_done_is_told() {
    let (code, stdout, stderr) = filter(&[POLICY], APP);
    assert_eq!((code, stdout.as_str()), (0, FIXED));
    let line = "<stdin>:1:50: fixed[MC001 missing-archive]: ";
    assert!(stderr.starts_with(line) && stderr.lines().count() == 1, "{stderr}");
    assert_eq!(filter(&[POLICY], FIXED), (0, FIXED.to_owned(), String::new()));
}

#[test]
fn a_check_prints_findings_and_no_definition() {
    let (code, stdout, stderr) = filter(&["--check", POLICY], APP);
    assert_eq!((code, stdout.as_str()), (1, ""));
    assert!(
        stderr.starts_with("<stdin>:1:50: error[MC001 missing-archive]: "),
        "{stderr}"
    );
    let (code, ..) = filter(&["--check", "--ignore=MC001", POLICY], APP);
    assert_eq!(code, 0);
}

#[test]
fn the_argument_goes_before_the_environment() {
    for (arguments, code) in [(vec![], 1), (vec![POLICY.to_owned()], 0)] {
        let mut world = Memory {
            chunks: [APP.as_bytes().to_vec()].into(),
            ..Memory::default()
        };
        let other = r#"{"registry": [{"match": "other.example.com", "archive": "file:///other.tar.gz"}]}"#;
        assert_eq!(run(&arguments, Some(other), &mut world), code, "{}", world.stderr);
    }
}

#[test]
fn what_cannot_be_done_leaves_standard_output_empty() {
    for (arguments, input, told) in [
        (
            &[POLICY][..],
            "{\"id\": \"/web\", \"container\": {,\n",
            "<stdin>:1:30: error: ",
        ),
        (
            &["{\n\"registri\": []}"],
            APP,
            "<policy>:2:10: error: unknown field `registri`",
        ),
        (&["policy.json"], APP, "error: `policy.json` is no policy"),
        (&[POLICY, POLICY], APP, "error: there are two policies"),
        (&["--kind", "apple"], APP, "error: there is no kind `apple`; app, apps"),
        (&["--select", "MC9"], APP, "error: there is no rule `MC9`"),
        (&["--kinds"], APP, "error: there is no option --kinds"),
        (&["--kind"], APP, "error: --kind wants a value"),
        (&["--check=yes"], APP, "error: --check takes no value"),
        (&["--fail-on", "never"], APP, "error: --fail-on never: write"),
        (&["--archive", "docker.tar.gz"], APP, "error: --archive or --secret: "),
        (&["--strict-templates"], TEMPLATE, "<stdin>:1:1: error: template marks"),
        (
            &["--kind", "app-update", "--current", "{\n]", POLICY],
            r#"{"container": {"docker": {"image": "registry.example.com/web"}}}"#,
            "<current>:2:1: error: the stored definition: ",
        ),
    ] {
        let (code, stdout, stderr) = filter(arguments, input);
        assert_eq!((code, stdout.as_str()), (2, ""), "{arguments:?}: {stderr}");
        assert!(stderr.starts_with(told), "{arguments:?}: {stderr}");
        assert_eq!(stderr.matches('\n').count(), 1, "{stderr}");
    }
}

#[test]
fn what_is_not_for_us_is_handed_on() {
    for (text, told) in [
        ("hello", ""),
        ("", ""),
        ("{\"a\": 1}\n", ""),
        (TEMPLATE, "note: passed over: template"),
    ] {
        let (code, stdout, stderr) = filter(&[POLICY], text);
        assert_eq!((code, stdout.as_str()), (0, text));
        assert!(
            stderr.contains(told) && stderr.is_empty() == told.is_empty(),
            "{stderr}"
        );
    }
}

#[test]
fn a_stream_is_answered_line_by_line() {
    let input = format!("{APP}\r\n\n{FIXED}\n{{\"id\": \"/web\", \"container\": {{,\nhello\n{APP}");
    let (code, stdout, stderr) = filter(&["--ndjson", POLICY], &input);
    assert_eq!(code, 2, "{stderr}");
    assert_eq!(stdout, format!("{FIXED}\r\n\n{FIXED}\n\nhello\n{FIXED}"));
    let places: Vec<_> = stderr
        .lines()
        .map(|line| line.split(": ").take(2).collect::<Vec<_>>())
        .collect();
    assert_eq!(
        places,
        [
            ["<stdin>:1:50", "fixed[MC001 missing-archive]"],
            ["<stdin>:4:30", "error"],
            ["<stdin>:6:50", "fixed[MC001 missing-archive]"],
        ]
    );
}

#[test]
fn a_stream_flows_however_it_is_cut() {
    let input = format!("{APP}\n{APP}\n{APP}").into_bytes();
    for size in [1, 7, 1000] {
        let mut world = Memory {
            chunks: input.chunks(size).map(<[u8]>::to_vec).collect(),
            ..Memory::default()
        };
        assert_eq!(run(&["--ndjson".to_owned(), POLICY.to_owned()], None, &mut world), 0);
        assert_eq!(world.stdout, format!("{FIXED}\n{FIXED}\n{FIXED}"));
        // What is whole goes on before the rest has come.
        assert_eq!(world.writes, if size == 1000 { 2 } else { 3 });
    }
}

#[test]
fn a_closed_pipe_is_a_quiet_end() {
    for (closed, code, told) in [
        (Unwritten::Closed, 0, ""),
        (
            Unwritten::Failed("no space".to_owned()),
            2,
            "error: standard output cannot be written: no space\n",
        ),
    ] {
        let mut world = Memory {
            chunks: [FIXED.as_bytes().to_vec()].into(),
            closed: Some(closed),
            ..Memory::default()
        };
        assert_eq!(run(&[POLICY.to_owned()], None, &mut world), code);
        assert_eq!(world.stderr, told);
    }
}

#[test]
fn credentials_and_escapes_do_not_reach_the_log() {
    let app = r#"{"id": "/web\u001b[31m", "container": {"docker": {"image": "me:hunter2@registry.example.com/web"}}}"#;
    let (.., stderr) = filter(&["--check", POLICY], app);
    assert!(!stderr.is_empty() && !stderr.contains('\u{1b}'), "{stderr}");
}
