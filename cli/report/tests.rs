//! No report of any format shows a password, wherever it stands and whatever stands around it.

use proptest::prelude::*;
use pullcreds_core::policy::Policy;
use pullcreds_core::transform::{self, Checked, Kind, Options};

use super::*;

const POLICY: &str = r#"
[[registry]]
match = "registry.example.com"
archive = "file:///etc/docker.tar.gz"
secret = "{top}/pullConfig"

[[registry]]
match = "old.example.com"
secret = "{top}/old"

[[relocate]]
from = "old.example.com"
to = "registry.example.com"
"#;

const IMAGES: [&str; 6] = [
    r#""type":"MESOS","docker":{"image":"registry.example.com/a:1"}"#,
    r#""type":"DOCKER","docker":{"image":"registry.example.com/a:1"}"#,
    r#""type":"MESOS","docker":{"image":"registry.example.com/a:1","pullConfig":{"secret":"k"}}"#,
    r#""type":"DOCKER","docker":{"image":"old.example.com/a:1","pullConfig":{"secret":"k:PASSWORD"}}"#,
    r#""type":"MESOS","secrets":{"k":{"source":"me:PASSWORD"}},"docker":{"image":"old.example.com/a:1","pullConfig":{"secret":"k"}}"#,
    r#""type":"MESOS","docker":{"image":"me:PASSWORD@registry.example.com/a:1"}"#,
];

const PLACES: [&str; 16] = [
    r#""cmd":"echo PASSWORD | docker login -u me --password-stdin r""#,
    r#""cmd":"PAD && echo 'PASSWORD' | docker login -u me --password-stdin r && PAD""#,
    r#""cmd":"echo PASSWORD > /p; PAD\ndocker login -u me --password-stdin r < /p""#,
    r#""cmd":"docker login -u me -e PAD --password PASSWORD r""#,
    r#""cmd":"docker login -u me --password-stdin r <<< PASSWORD""#,
    r#""cmd":"docker login -u me --password-stdin r <<END\nPASSWORD\nEND\nPAD""#,
    r#""cmd":"docker lo\u0067in -u me -\u0070 PASSWORD r""#,
    r#""args":["docker","login","-u","PAD","-p","PASSWORD"]"#,
    r#""cmd":"curl -u me:PASSWORD https://h.example.com/PAD""#,
    r#""fetch":[{"uri":"https://deploy:PASSWORD@h.example.com/PAD/docker.tar.gz"}]"#,
    r#""uris":["http://u:PASSWORD@h.example.com/docker.tar.gz"]"#,
    r#""env":{"DB_TOKEN":"PASSWORD","PAD":"1"}"#,
    r#""env":{"U":"https://deploy:PASSWORD@h.example.com/PAD"}"#,
    r#""secrets":{"k":{"source":"deploy:PASSWORD"}}"#,
    r#""secrets":{"k:PASSWORD":{"source":"PAD"}}"#,
    r#""secrets":{"k":{"value":"PASSWORD"}}"#,
];

/// All that any report says of a text.
fn told(text: &str, kind: Option<Kind>, current: Option<&str>) -> Vec<String> {
    let policy: Policy = toml::from_str(POLICY).unwrap();
    let selection = Selection::default();
    let options = Options {
        kind,
        current,
        fix_patches: true,
        ..Options::new(&policy, &selection)
    };
    let Ok(Checked::Definition(analysis)) = transform::check(text.as_bytes(), &options) else {
        return Vec::new();
    };
    let problem = Problem::new("wrong").at(text.len() / 2..text.len() / 2 + 1);
    let fixed: Vec<&Finding> = analysis.findings.iter().collect();
    let seen = Seen {
        name: "a.json",
        text: text.as_bytes(),
        kind,
        findings: &analysis.findings,
        fixed: &fixed,
        problem: Some(&problem),
    };
    let human = human::Human::new(false, false);
    let mut reports: Vec<Box<dyn Report>> = vec![
        Box::new(json::Json::new(selection.clone())),
        Box::new(sarif::Sarif::new(Root::of_repository())),
        Box::new(github::Github::new(Root::of_repository())),
        Box::new(gitlab::Gitlab::new(Root::of_repository())),
    ];
    #[cfg(feature = "junit")]
    reports.push(Box::new(junit::Junit::new(
        Root::of_repository(),
        SeverityName::Info.into(),
    )));
    let mut told: Vec<Vec<u8>> = reports.drain(..).map(|report| report.file(&seen)).collect();
    told.push(human.whole(&seen));
    told.push(human.file(&seen));
    told.into_iter().map(|told| String::from_utf8(told).unwrap()).collect()
}

fn any_password() -> impl Strategy<Value = String> {
    "[A-Z][a-z0-9]{2}Z[A-Za-z0-9!_.]{4,9}q[0-9]"
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]
    #[test]
    fn no_report_shows_a_password(
        password in any_password(),
        image in 0..IMAGES.len(),
        place in 0..PLACES.len(),
        paddings in [0..300_usize, 0..300, 0..600],
        is_minified in any::<bool>(),
        is_first in any::<bool>(),
    ) {
        let container = format!(r#""container":{{{}}}"#, IMAGES[image]);
        let [before, between, within] = paddings.map(|length| "x".repeat(length));
        let (one, other) = if is_first { (PLACES[place], container.as_str()) } else { (container.as_str(), PLACES[place]) };
        let text = format!(r#"{{"id":"/t/a","p":"{before}",{one},"q":"{between}",{other},"cpus":1}}"#);
        let text = text.replace("PASSWORD", &password).replace("PAD", &within);
        let text = if is_minified { text } else { text.replace(",\"", ",\n  \"").replace(":{\"", ": {\n  \"") };
        let update = format!(r#"{{"id":"/t/a","q":"{between}",{container},"secrets":{{}},"fetch":[]}}"#);
        let update = update.replace("PASSWORD", &password);
        let told = told(&text, Some(Kind::App), None)
            .into_iter()
            .chain(told(&update, Some(Kind::AppUpdate), Some(&text)));
        for told in told {
            for start in 0..password.len() - 5 {
                let part = &password[start..start + 6];
                prop_assert!(!told.contains(part), "{part} of {password}\n{text}\n{told}");
            }
        }
    }
}
