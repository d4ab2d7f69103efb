//! Plugins: what a policy's stages do, what they may not, and the commands about them.

mod commands;
mod forbidden;
mod guest;
mod hostile;
mod refusal;
mod stages;

use std::fs;
use std::path::PathBuf;
use std::process::Command;

use self::guest::Guest;
use crate::util::{APP, House, Ran};

/// What every plugin of these tests is called.
const NAME: &str = "guest";

/// A folder with an app, a policy that knows its registry, and a plugin that the policy pins.
struct Home {
    house: House,
}

impl Home {
    /// `keys` are further keys of the plugin, `settings` and tables after it included.
    fn new(plugin: &[u8], keys: &str) -> Home {
        let home = Home {
            house: House::new(&[("app.json", APP)]),
        };
        fs::write(home.house.path("guest.wasm"), plugin).unwrap();
        home.policy(&format!("sha256 = \"{}\"\n{keys}", digest(plugin)));
        home
    }

    fn of(guest: &Guest, keys: &str) -> Home {
        Home::new(&guest.build(), keys)
    }

    /// Writes the policy with these keys of the plugin.
    fn policy(&self, keys: &str) {
        let text = format!("{}\n[[plugin]]\npath = \"guest.wasm\"\n{keys}\n", crate::util::POLICY);
        self.house.write("pullcreds.toml", &text);
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = self.house.command(arguments);
        command.env("XDG_CACHE_HOME", cache());
        command
    }

    fn run(&self, arguments: &[&str]) -> Ran {
        Ran::from(self.command(arguments).output().unwrap())
    }

    /// `fix --plugins` of the app.
    fn fix(&self) -> Ran {
        self.run(&["fix", "--plugins", "app.json"])
    }
}

/// Compiled plugins are kept between runs, but not with those of whoever runs the tests.
fn cache() -> PathBuf {
    PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("plugin-cache")
}

/// As the program computes it (the known answer of the standard is in `commands`); nothing much for a file that it does not
/// read.
fn digest(bytes: &[u8]) -> String {
    let folder = House::new(&[]);
    fs::write(folder.path("file"), bytes).unwrap();
    let ran = folder.run(&["plugin", "inspect", "file", "--format", "json"]);
    if ran.code == Some(2) {
        return "0".repeat(64);
    }
    ran.report()["sha256"].as_str().unwrap().to_owned()
}
