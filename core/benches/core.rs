//! How fast the core is: reading a text, checking it, fixing it; in bytes a second.
//!
//! `cargo bench -p pullcreds-core`, or with a part of a name, as `-- fix`. The whole program, and its peers, are timed by
//! `benches/compare.py`. Each text comes in two variants: *clean*, which names its credentials, and *missing*, in which
//! every app lacks them, the worst that a file can be.

use std::fmt;

use divan::Bencher;
use divan::counter::BytesCount;
use pullcreds_core::json::Document;
use pullcreds_core::policy::Policy;
use pullcreds_core::transform::{Checked, Fixed, Options, Selection, check as look, fix as rewrite};

const POLICY: &str = r#"
[[registry]]
match = "registry.example.com"
archive = "file:///etc/docker.tar.gz"
"#;

const APP: &str = r#"{
  "id": "/payments/api/orders-NUMBER",
  "instances": 3,
  "cpus": 0.25,
  "mem": 512,
  "disk": 0,
  "args": ["--listen", "0.0.0.0:8080", "--profile", "production"],
  "env": {
    "JAVA_OPTS": "-Xmx384m -XX:+UseG1GC",
    "DATABASE_URL": "jdbc:postgresql://payments-db.marathon.l4lb.thisdcos.directory:5432/orders",
    "KAFKA_BROKERS": "broker-0.kafka.mesos:9092,broker-1.kafka.mesos:9092",
    "STATSD_HOST": "statsd.marathon.mesos",
    "LOG_LEVEL": "info"
  },
  "container": {
    "type": "DOCKER",
    "docker": {
      "image": "registry.example.com/payments/api-orders:4.17.2",
      "network": "BRIDGE",
      "privileged": false,
      "forcePullImage": true,
      "portMappings": [
        {
          "containerPort": 8080,
          "hostPort": 0,
          "servicePort": 10101,
          "protocol": "tcp"
        }
      ],
      "parameters": [
        { "key": "log-driver", "value": "journald" }
      ]
    },
    "volumes": [
      {
        "containerPath": "/var/log/app",
        "hostPath": "/var/log/payments/orders",
        "mode": "RW"
      }
    ]
  },
  "healthChecks": [
    {
      "protocol": "MESOS_HTTP",
      "path": "/status?full=1",
      "portIndex": 0,
      "gracePeriodSeconds": 300,
      "intervalSeconds": 10,
      "timeoutSeconds": 10,
      "maxConsecutiveFailures": 3
    }
  ],
  "constraints": [
    ["hostname", "UNIQUE"],
    ["rack", "GROUP_BY", "3"]
  ],
  "labels": {
    "team": "payments",
    "owner": "payments@example.com",
    "HAPROXY_GROUP": "external",
    "HAPROXY_0_VHOST": "orders.payments.example.com",
    "description": "Keeps the orders of payments – asked by \"api\""
  },FETCH
  "upgradeStrategy": {
    "minimumHealthCapacity": 0.75,
    "maximumOverCapacity": 0.25
  },
  "backoffSeconds": 1,
  "backoffFactor": 1.15,
  "maxLaunchDelaySeconds": 3600,
  "killSelection": "YOUNGEST_FIRST"
}"#;

/// The text that is measured.
#[derive(Clone, Copy)]
enum Size {
    App,
    SmallGroup,
    LargeGroup,
}

const SIZES: [Size; 3] = [Size::App, Size::SmallGroup, Size::LargeGroup];

impl fmt::Display for Size {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Size::App => "app of 2 KB",
            Size::SmallGroup => "group of 64 KB",
            Size::LargeGroup => "group of 10 MB",
        })
    }
}

fn main() {
    divan::main();
}

#[divan::bench(args = SIZES)]
fn read(bencher: Bencher<'_, '_>, size: &Size) {
    let text = text(*size, true);
    assert!(Document::parse(text.as_bytes()).is_ok());
    bencher
        .counter(BytesCount::new(text.len()))
        .bench(|| Document::parse(divan::black_box(text.as_bytes())).is_ok());
}

#[divan::bench(args = SIZES)]
fn check_clean(bencher: Bencher<'_, '_>, size: &Size) {
    check(bencher, *size, true);
}

#[divan::bench(args = SIZES)]
fn check_missing(bencher: Bencher<'_, '_>, size: &Size) {
    check(bencher, *size, false);
}

#[divan::bench(args = SIZES)]
fn fix_clean(bencher: Bencher<'_, '_>, size: &Size) {
    fix(bencher, *size, true);
}

#[divan::bench(args = SIZES)]
fn fix_missing(bencher: Bencher<'_, '_>, size: &Size) {
    fix(bencher, *size, false);
}

fn check(bencher: Bencher<'_, '_>, size: Size, clean: bool) {
    let text = text(size, clean);
    with_options(|options| {
        // What is measured must be the work that is meant.
        let Ok(Checked::Definition(analysis)) = look(text.as_bytes(), options) else {
            panic!("the text is no definition");
        };
        assert_eq!(analysis.findings.len(), if clean { 0 } else { apps(&text) });
        bencher
            .counter(BytesCount::new(text.len()))
            .bench(|| look(divan::black_box(text.as_bytes()), options));
    });
}

fn fix(bencher: Bencher<'_, '_>, size: Size, clean: bool) {
    let text = text(size, clean);
    with_options(|options| {
        let Ok(Fixed::Definition(fixed)) = rewrite(text.as_bytes(), options) else {
            panic!("the text is no definition");
        };
        assert_eq!(fixed.restarts.apps, if clean { 0 } else { apps(&text) });
        bencher
            .counter(BytesCount::new(text.len()))
            .bench(|| rewrite(divan::black_box(text.as_bytes()), options));
    });
}

fn with_options(run: impl FnOnce(&Options<'_>)) {
    let Ok(policy) = toml::from_str::<Policy>(POLICY) else {
        panic!("the policy cannot be read");
    };
    let selection = Selection::default();
    let options = Options::new(&policy, &selection);
    run(&Options {
        fix_patches: false,
        ..options
    });
}

fn apps(text: &str) -> usize {
    text.matches("\"container\":").count()
}

/// One app, or a group of groups of up to twenty apps each, indented as people have it.
fn text(size: Size, clean: bool) -> String {
    let length = match size {
        Size::App => return app(0, clean) + "\n",
        Size::SmallGroup => 64_000,
        Size::LargeGroup => 10_000_000,
    };
    let mut text = String::from("{\n  \"id\": \"/payments\",\n  \"groups\": [");
    let mut number = 0;
    while text.len() < length {
        text += if number == 0 { "\n" } else { ",\n" };
        text += &format!("    {{\n      \"id\": \"/payments/api-{number}\",\n      \"apps\": [");
        for place in 0..20 {
            if place > 0 && text.len() >= length {
                break;
            }
            text += if place == 0 { "\n" } else { ",\n" };
            let id = format!("/payments/api-{number}/orders-");
            text += "        ";
            text += &app(number, clean)
                .replace("/payments/api/orders-", &id)
                .replace('\n', "\n        ");
            number += 1;
        }
        text += "\n      ]\n    }";
    }
    text + "\n  ]\n}\n"
}

fn app(number: usize, clean: bool) -> String {
    let fetch = "\n  \"fetch\": [\n    { \"uri\": \"file:///etc/docker.tar.gz\" }\n  ],";
    APP.replace("NUMBER", &number.to_string())
        .replace("FETCH", if clean { fetch } else { "" })
}
