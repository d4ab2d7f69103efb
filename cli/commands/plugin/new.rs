//! `pullcreds plugin new`: the project of a plugin in Rust, with a rule to begin with and its test.

use std::fs;
use std::path::Path;

use anyhow::{Context, bail};

use crate::args::Voice;
use crate::args::plugin::NewArguments;
use crate::outcome::Exit;
use crate::printer;

/// Paths and texts. `{{name}}` stands for the plugin's name, `{{code}}` for the code of its rule.
const FILES: [(&str, &str); 6] = [
    ("Cargo.toml", include_str!("template/Cargo.toml.in")),
    (".gitignore", "/target\n/*.wasm\n"),
    ("README.md", include_str!("template/README.md")),
    ("src/lib.rs", include_str!("template/src/lib.rs")),
    ("src/rule.rs", include_str!("template/src/rule.rs")),
    (
        "wit/transform.wit",
        include_str!("../../../plugin-wasm/wit/transform.wit"),
    ),
];

pub(super) fn run(arguments: &NewArguments, voice: Voice) -> anyhow::Result<Exit> {
    let name = arguments.name.as_str();
    // Held to what a policy will hold it to.
    super::plugin(Path::new("plugin.wasm"), Some(name), &[], "{}").context("no plugin was begun")?;
    let folder = Path::new(name);
    if folder.symlink_metadata().is_ok() {
        bail!("{name}: is there already; choose another name, or another folder to stand in");
    }
    for (path, text) in FILES {
        let path = folder.join(path);
        let text = text.replace("{{name}}", name).replace("{{code}}", &code(name));
        fs::create_dir_all(crate::paths::parent(&path))
            .and_then(|()| fs::write(&path, text))
            .with_context(|| format!("{}: cannot be written", path.display()))?;
    }
    if !voice.quiet {
        let told = format!(
            "{name}: begun. Its rule and its test are in {name}/src/rule.rs; `cargo test` there runs them, `pullcreds \
             plugin build {name}` makes {name}/{name}.wasm, and {name}/README.md says what a policy writes.\n"
        );
        printer::messages(told.as_bytes())?;
    }
    Ok(Exit::Clean)
}

/// A code in the manner of ours: `OL001` for owner-label.
fn code(name: &str) -> String {
    let words: Vec<&str> = name.split('-').filter(|word| !word.is_empty()).collect();
    let letters: String = match words.as_slice() {
        [word] => word.chars().take(2).collect(),
        words => words.iter().filter_map(|word| word.chars().next()).take(3).collect(),
    };
    format!("{}001", letters.to_ascii_uppercase())
}

#[cfg(test)]
mod tests {
    #[test]
    fn a_code_is_made_of_the_name() {
        assert_eq!(
            ["owner-label", "cost", "a-b-c-d"].map(super::code),
            ["OL001", "CO001", "ABC001"]
        );
    }
}
