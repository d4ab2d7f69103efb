//! A small token server, as distribution's `docs/spec/auth/token.md` has it. Its tokens are signed by openssl, and it is
//! docker-registry that verifies them.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::PathBuf;
use std::process::Command;
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{SystemTime, UNIX_EPOCH};

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};

use super::parts::{self, NAME, authorities, certificate, image, login, own_names, push, registry, sh};
use super::{PASSWORD, auth, verdicts, verify};
use crate::util::House;

/// What the server is called in tokens.
const ISSUER: &str = "tokens of the test";
/// What the registry is called in tokens.
const SERVICE: &str = "registry.test";

/// Who it knows: user, password, and the repository that they may pull.
type User = (&'static str, &'static str, &'static str);

/// The server; it ends with the test's process.
struct Tokens {
    port: u16,
    /// The first line of every question.
    asked: Arc<Mutex<Vec<String>>>,
}

impl Tokens {
    fn start(house: &House, users: &'static [User]) -> Tokens {
        sh(
            house,
            "openssl req -x509 -newkey rsa:2048 -nodes -keyout token.key -out token.crt -days 2 -subj '/CN=tokens' 2>&1
             openssl x509 -in token.crt -outform DER -out token.der",
        );
        let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
        let port = listener.local_addr().unwrap().port();
        let asked = Arc::new(Mutex::new(Vec::new()));
        let server = Arc::new(Issuer {
            folder: house.path("."),
            certificate: STANDARD.encode(std::fs::read(house.path("token.der")).unwrap()),
            users,
            asked: Arc::clone(&asked),
        });
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let server = Arc::clone(&server);
                thread::spawn(move || server.answer(stream));
            }
        });
        Tokens { port, asked }
    }
}

struct Issuer {
    folder: PathBuf,
    certificate: String,
    users: &'static [User],
    asked: Arc<Mutex<Vec<String>>>,
}

impl Issuer {
    fn answer(&self, mut stream: TcpStream) {
        let mut lines = BufReader::new(stream.try_clone().unwrap());
        let (mut first, mut authorization, mut length) = (String::new(), None, 0);
        lines.read_line(&mut first).unwrap();
        loop {
            let mut line = String::new();
            lines.read_line(&mut line).unwrap();
            let Some((name, value)) = line.trim().split_once(": ") else {
                break;
            };
            match name.to_ascii_lowercase().as_str() {
                "authorization" => authorization = Some(value.to_owned()),
                "content-length" => length = value.parse().unwrap(),
                _ => {}
            }
        }
        let mut body = vec![0; length];
        lines.read_exact(&mut body).unwrap();
        let body = String::from_utf8(body).unwrap();
        self.asked.lock().unwrap().push(first.trim().to_owned());
        let query = first
            .split(' ')
            .nth(1)
            .and_then(|path| path.split_once('?'))
            .map_or("", |(_, query)| query);
        // Of a form, too.
        let parameters = format!("{query}&{body}");
        let parameter = |name: &str| {
            let found = parameters
                .split('&')
                .find_map(|pair| pair.strip_prefix(name)?.strip_prefix('='));
            found.unwrap_or_default().replace("%3A", ":").replace("%2F", "/")
        };
        let user = match (&authorization, parameter("refresh_token").as_str()) {
            (None, "") => Some(None),
            (None, token) => self
                .users
                .iter()
                .find(|user| token == format!("identity-of-{}", user.0))
                .map(Some),
            (Some(authorization), _) => {
                let is_it = |user: &&User| *authorization == format!("Basic {}", auth(user.0, user.1));
                self.users.iter().find(is_it).map(Some)
            }
        };
        let (status, text) = match user {
            None => (
                "401 Unauthorized",
                r#"{"errors": [{"code": "UNAUTHORIZED"}]}"#.to_owned(),
            ),
            Some(user) => {
                let token = self.token(user, &parameter("scope"));
                let member = if body.is_empty() { "token" } else { "access_token" };
                ("200 OK", format!(r#"{{"{member}": "{token}"}}"#))
            }
        };
        let length = text.len();
        // Who does not wait for it is not at fault.
        let _ = write!(
            stream,
            "HTTP/1.1 {status}\r\nContent-Type: application/json\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n{text}"
        );
    }

    /// A token for what of the scope the user may do, which is to pull at most.
    fn token(&self, user: Option<&User>, scope: &str) -> String {
        let access = match (scope.split(':').nth(1), user) {
            (Some(repository), Some(user)) if user.2 == repository => {
                format!(r#"{{"type": "repository", "name": "{repository}", "actions": ["pull"]}}"#)
            }
            _ => String::new(),
        };
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs();
        // As by a server whose clock is behind.
        let is_late = user.is_some_and(|user| user.0 == "late");
        let head = format!(r#"{{"typ": "JWT", "alg": "RS256", "x5c": ["{}"]}}"#, self.certificate);
        let claims = format!(
            r#"{{"iss": "{ISSUER}", "sub": "{}", "aud": "{SERVICE}", "exp": {}, "nbf": {}, "iat": {now}, "jti": "1", "access": [{access}]}}"#,
            user.map_or("", |user| user.0),
            now.saturating_add_signed(if is_late { -300 } else { 300 }),
            now - 1000,
        );
        let signed = format!("{}.{}", URL_SAFE_NO_PAD.encode(head), URL_SAFE_NO_PAD.encode(claims));
        let mut file = tempfile::NamedTempFile::new_in(&self.folder).unwrap();
        file.write_all(signed.as_bytes()).unwrap();
        let signature = Command::new("openssl")
            .args(["dgst", "-sha256", "-sign", "token.key"])
            .arg(file.path())
            .current_dir(&self.folder)
            .output()
            .unwrap();
        assert!(signature.status.success(), "{signature:?}");
        format!("{signed}.{}", URL_SAFE_NO_PAD.encode(signature.stdout))
    }
}

/// Whoever of the test's users may pull what.
const USERS: &[User] = &[
    ("deploy", PASSWORD, "team/web"),
    ("other", "another-long-password", "team/other"),
    ("late", "a-third-long-password", "team/web"),
];

#[test]
fn a_registry_that_wants_tokens() {
    if !parts::are_here("a registry with tokens") {
        return;
    }
    let house = House::new(&[]);
    authorities(&house);
    certificate(&house, "server", "ca", &own_names(), None);
    image(&house);
    // Into the same storage, before anybody asks for tokens.
    let open = registry(&house, "tokens", "", "");
    push(
        &house,
        &format!("localhost:{}/team/web:1.2", open.port),
        None,
        "--dest-tls-verify=false",
    );
    drop(open);
    let server = Tokens::start(&house, USERS);
    let more = format!(
        "auth:\n  token: {{realm: \"http://127.0.0.1:{}/token\", service: {}, issuer: {}, rootcertbundle: token.crt}}\n",
        server.port, SERVICE, ISSUER
    );
    let tls = "  tls: {certificate: server.crt, key: server.key}\n";
    let registry = registry(&house, "tokens", tls, &more);
    let at = format!("{NAME}:{}", registry.port);
    let (web, tag) = (format!("{at}/team/web:1.2"), format!("{at}/team/web:9"));
    login(&house, "right.json", &at, "deploy", PASSWORD);
    login(&house, "wrong.json", &at, "deploy", "guessed");
    login(&house, "other.json", &at, "other", "another-long-password");
    login(&house, "late.json", &at, "late", "a-third-long-password");
    house.write(
        "identity.json",
        &format!(
            r#"{{"auths": {{"{at}": {{"auth": "{}", "identitytoken": "identity-of-deploy"}}}}}}"#,
            auth("x", "")
        ),
    );
    let ask = |more: &[&str]| {
        verify(
            &house,
            &[registry.port],
            &[&["--format", "json", "--ca", "ca.crt"], more].concat(),
        )
    };

    let ran = ask(&["--config-json", "right.json", &web, &tag]).exits_with(1);
    assert_eq!(
        verdicts(&ran),
        [
            "web:1.2 docker pullable",
            "web:1.2 ucr pullable",
            "web:9 docker no-manifest",
            "web:9 ucr no-manifest"
        ]
    );
    assert_eq!(ran.report()["registries"][0]["anyone_pulls"], false);
    let both = |verdict: &str| vec![format!("web:1.2 docker {verdict}"), format!("web:1.2 ucr {verdict}")];
    let asked = server.asked.lock().unwrap().len();
    for (file, verdict) in [("wrong.json", "wrong-credentials"), ("other.json", "denied")] {
        assert_eq!(
            verdicts(&ask(&["--config-json", file, &web]).exits_with(1)),
            both(verdict)
        );
    }
    assert_eq!(
        server.asked.lock().unwrap().len() - asked,
        4,
        "a token server is asked once for each"
    );
    assert_eq!(verdicts(&ask(&[&web]).exits_with(1)), both("needs-credentials"));
    let ran = ask(&["--config-json", "late.json", &web]).exits_with(1);
    assert_eq!(verdicts(&ran), both("no-token"));
    assert!(ran.stdout.contains("their clocks or their keys differ"), "{ran:?}");
    let ran = ask(&["--config-json", "identity.json", &web]).exits_with(1);
    assert_eq!(
        verdicts(&ran),
        ["web:1.2 docker pullable", "web:1.2 ucr wrong-credentials"]
    );
}
