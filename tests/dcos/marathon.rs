//! A Marathon on loopback: it keeps apps, pods and groups, refuses what Marathon refuses, and remembers every request.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;

use serde_json::{Value, json};

use super::shapes;

/// A request as it came in.
#[derive(Clone, Debug)]
pub(super) struct Request {
    pub(super) method: String,
    /// With its query.
    pub(super) path: String,
    #[cfg_attr(not(feature = "network"), expect(dead_code, reason = "of downloads only"))]
    pub(super) headers: String,
    pub(super) body: Vec<u8>,
}

impl Request {
    pub(super) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap()
    }
}

/// Runs until it is dropped.
pub(super) struct Marathon {
    pub(super) url: String,
    state: Arc<State>,
    server: Option<JoinHandle<()>>,
}

#[derive(Default)]
struct State {
    requests: Mutex<Vec<Request>>,
    /// By path: `apps/a`, `pods/a`, `groups/a`, `files/a.json`.
    kept: Mutex<BTreeMap<String, Value>>,
}

struct Reply {
    status: &'static str,
    headers: String,
    body: Vec<u8>,
}

impl Marathon {
    pub(super) fn new() -> Marathon {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let state = Arc::new(State::default());
        let shared = Arc::clone(&state);
        let server = std::thread::spawn(move || {
            for stream in listener.incoming() {
                let Ok(stream) = stream else { return };
                if serve(stream, &shared).is_none() {
                    return;
                }
            }
        });
        Marathon {
            url,
            state,
            server: Some(server),
        }
    }

    pub(super) fn keep(&self, path: &str, value: Value) {
        self.state.kept.lock().unwrap().insert(path.to_owned(), value);
    }

    /// What changed something, or tried to.
    pub(super) fn writes(&self) -> Vec<Request> {
        let mut requests = self.requests();
        requests.retain(|request| request.method == "POST" || request.method == "PUT");
        requests
    }

    pub(super) fn requests(&self) -> Vec<Request> {
        self.state.requests.lock().unwrap().clone()
    }
}

impl Drop for Marathon {
    fn drop(&mut self) {
        if let Ok(mut stream) = TcpStream::connect(&self.url["http://".len()..]) {
            let _ = stream.write_all(b"STOP / HTTP/1.1\r\n\r\n");
        }
        if let Some(server) = self.server.take() {
            let _ = server.join();
        }
    }
}

/// Answers one request; `None` when it is the one to stop.
fn serve(stream: TcpStream, state: &State) -> Option<()> {
    let mut reader = BufReader::new(stream);
    let mut line = String::new();
    reader.read_line(&mut line).unwrap_or_default();
    let mut words = line.split_whitespace().map(str::to_owned);
    let (Some(method), Some(path)) = (words.next(), words.next()) else {
        return Some(());
    };
    let (mut headers, mut length) = (String::new(), 0);
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).unwrap_or_default();
        if line.trim().is_empty() {
            break;
        }
        if let Some((name, value)) = line.split_once(':')
            && name.eq_ignore_ascii_case("content-length")
        {
            length = value.trim().parse().unwrap_or_default();
        }
        headers.push_str(&line);
    }
    if method == "STOP" {
        return None;
    }
    let mut body = vec![0; length];
    let _ = reader.read_exact(&mut body);
    let request = Request {
        method,
        path,
        headers,
        body,
    };
    state.requests.lock().unwrap().push(request.clone());
    let reply = answer(&request, state);
    let head = format!(
        "HTTP/1.1 {}\r\nContent-Type: application/json\r\nConnection: close\r\nContent-Length: {}\r\n{}\r\n",
        reply.status,
        reply.body.len(),
        reply.headers
    );
    let mut stream = reader.into_inner();
    // Who hangs up early is not at fault.
    let _ = stream.write_all(head.as_bytes());
    if request.method != "HEAD" {
        let _ = stream.write_all(&reply.body);
    }
    Some(())
}

fn answer(request: &Request, state: &State) -> Reply {
    let path = request.path.split('?').next().unwrap_or_default();
    if path == "/metadata" {
        return found(&json!({"PUBLIC_IPV4": "127.0.0.1", "CLUSTER_ID": "0f0f0f0f-1111-2222-3333-444444444444"}));
    }
    let kept = |path: &str| state.kept.lock().unwrap().get(path).cloned();
    if let Some(file) = path.strip_prefix("/files/") {
        return match (file, kept(&format!("files/{file}"))) {
            ("secret.json", _) => reply("401 Unauthorized", &json!({})),
            ("round.json", _) => Reply {
                headers: "Location: /files/round.json\r\n".to_owned(),
                ..reply("302 Found", &json!({}))
            },
            ("long.json", _) => Reply {
                body: vec![b' '; 65 << 20],
                ..reply("200 OK", &json!({}))
            },
            (_, Some(Value::String(text))) => Reply {
                body: text.into_bytes(),
                ..reply("200 OK", &json!({}))
            },
            _ => reply("404 Not Found", &json!({})),
        };
    }
    let Some(rest) = path.strip_prefix("/service/marathon/v2/") else {
        return reply("404 Not Found", &json!({"message": "no such page"}));
    };
    let rest = rest.trim_end_matches("::status").trim_end_matches('/');
    let (what, id) = rest.split_once('/').unwrap_or((rest, ""));
    match (request.method.as_str(), what, id) {
        ("GET", "deployments", "") => found(&kept("deployments").unwrap_or(json!([]))),
        ("HEAD", "pods", "") => found(&json!({})),
        ("GET", "apps" | "pods" | "groups", _) => match kept(rest) {
            Some(app) if what == "apps" => found(&json!({ "app": app })),
            Some(pod) if what == "pods" => found(&json!({"id": pod["id"], "status": "STABLE", "spec": pod})),
            Some(group) => found(&group),
            None => reply(
                "404 Not Found",
                &json!({"message": format!("{what} '/{id}' does not exist")}),
            ),
        },
        ("POST" | "PUT", "apps" | "pods" | "groups", _) => {
            let Ok(body) = serde_json::from_slice::<Value>(&request.body) else {
                return reply("400 Bad Request", &json!({"message": "Invalid JSON"}));
            };
            let stored = (request.method == "PUT").then(|| kept(rest)).flatten();
            let errors = match what {
                "apps" => shapes::app(&body, stored.as_ref()),
                "pods" => shapes::pod(&body),
                _ => shapes::group(&body, request.method == "POST"),
            };
            if !errors.is_empty() {
                let details: Vec<Value> = errors
                    .iter()
                    .map(|error| json!({"path": "/", "errors": [error]}))
                    .collect();
                return reply(
                    "422 Unprocessable Entity",
                    &json!({"message": "Object is not valid", "details": details}),
                );
            }
            let mut answer = body;
            answer["deploymentId"] = json!("5ed4c0c5");
            answer["version"] = json!("2026-01-01T00:00:00.000Z");
            answer["deployments"] = json!([{"id": "5ed4c0c5"}]);
            Reply {
                headers: "Marathon-Deployment-Id: 5ed4c0c5\r\n".to_owned(),
                ..found(&answer)
            }
        }
        _ => reply("404 Not Found", &json!({"message": "no such page"})),
    }
}

fn found(value: &Value) -> Reply {
    reply("200 OK", value)
}

fn reply(status: &'static str, value: &Value) -> Reply {
    Reply {
        status,
        headers: String::new(),
        body: value.to_string().into_bytes(),
    }
}
