//! `cargo xtask plugin`: the component and the filter, built, encoded, checked and measured.
//!
//! The same sources and the same compiler give the same bytes, wherever the checkout stands and whoever builds it:
//! paths are remapped, and nobody's `RUSTFLAGS` count.

use std::collections::BTreeSet;
use std::ffi::{OsStr, OsString};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, bail, ensure};
use wasmparser::{Parser, Payload};
use wit_component::ComponentEncoder;

use crate::target::{self, TARGET};

/// The profile of the root's Cargo.toml that artifacts are built with.
const PROFILE: &str = "plugin";
/// A crate that becomes an artifact.
struct Guest {
    package: &'static str,
    /// What cargo makes of it.
    file: &'static str,
    /// What the compiler is told of it.
    flags: &'static [&'static str],
    /// The folder below the target folder that it is built in: where flags differ, folders must.
    folder: &'static str,
}

/// Vectors for the component: whatever speaks the component model has them, and searching a text is several times as fast.
/// And a megabyte of heap from the start, since growing costs each fresh instance time. The filter is for machines without
/// either.
const COMPONENT: Guest = Guest {
    package: "pullcreds-component",
    file: "pullcreds_component.wasm",
    flags: &["-Ctarget-feature=+simd128", "-Clink-arg=--initial-memory=2621440"],
    folder: "plugin-vectors",
};
const FILTER: Guest = Guest {
    package: "pullcreds-filter",
    file: "pullcreds_filter.wasm",
    flags: &[],
    folder: "",
};
/// All that the filter may ask of its host.
const FILTER_IMPORTS: [&str; 7] = [
    "args_get",
    "args_sizes_get",
    "environ_get",
    "environ_sizes_get",
    "fd_read",
    "fd_write",
    "proc_exit",
];
/// How large an artifact may become, in bytes; what makes it larger should be worth it.
pub const BUDGET: u64 = 1_000_000;

/// The artifacts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Artifacts {
    /// Imports nothing, exports `pullcreds:transform/transformer`.
    pub component: PathBuf,
    /// A WASI preview 1 command.
    pub filter: PathBuf,
}

impl Artifacts {
    /// Both, component first.
    #[must_use]
    pub fn files(&self) -> [&Path; 2] {
        [&self.component, &self.filter]
    }
}

/// Builds both artifacts of a checkout into `plugin/` below the target folder.
///
/// # Errors
/// Where they cannot be built, or are not what they must be.
pub fn build(checkout: &Path, target_folder: &Path) -> anyhow::Result<Artifacts> {
    target::ensure()?;
    let component = compile(&COMPONENT, checkout, target_folder)?;
    let filter = compile(&FILTER, checkout, target_folder)?;
    let component = ComponentEncoder::default()
        .validate(true)
        .module(&fs::read(&component)?)
        .context("the component's module is not as the encoder wants it")?
        .encode()
        .context("the component cannot be encoded")?;
    let filter = fs::read(&filter)?;
    check_component(&component)?;
    check_filter(&filter)?;
    let folder = target_folder.join("plugin");
    fs::create_dir_all(&folder)?;
    let artifacts = Artifacts {
        component: folder.join("pullcreds.component.wasm"),
        filter: folder.join("pullcreds.filter.wasm"),
    };
    for (path, bytes) in [(&artifacts.component, &component), (&artifacts.filter, &filter)] {
        // A test that is reading the old one is not to be disturbed by the same bytes again.
        if fs::read(path).ok().as_ref() != Some(bytes) {
            fs::write(path, bytes).with_context(|| format!("{} cannot be written", path.display()))?;
        }
        let size = bytes.len() as u64;
        ensure!(
            size <= BUDGET,
            "{} has {size} bytes, more than the {BUDGET} that xtask/src/plugin.rs allows",
            path.display()
        );
    }
    Ok(artifacts)
}

/// Builds a copy of the checkout in a folder of its own, from nothing, and compares it with what was built.
///
/// # Errors
/// Where a byte differs.
pub fn verify(checkout: &Path, target_folder: &Path, artifacts: &Artifacts) -> anyhow::Result<()> {
    let elsewhere = target_folder.join("plugin-elsewhere");
    let _ = fs::remove_dir_all(&elsewhere);
    let copy = elsewhere.join("another/name/of/the/checkout");
    fs::create_dir_all(&copy)?;
    for name in ["Cargo.toml", "Cargo.lock"] {
        fs::copy(checkout.join(name), copy.join(name))?;
    }
    for entry in fs::read_dir(checkout)? {
        let entry = entry?;
        let name = entry.file_name();
        if entry.file_type()?.is_dir() && is_source(&name) && !target_folder.starts_with(entry.path()) {
            copy_folder(&entry.path(), &copy.join(name))?;
        }
    }
    let again = build(&copy, &elsewhere.join("target"))?;
    for (one, other) in artifacts.files().into_iter().zip(again.files()) {
        ensure!(
            fs::read(one)? == fs::read(other)?,
            "built from another folder, {} has other bytes (kept in {})",
            one.display(),
            other.display()
        );
    }
    fs::remove_dir_all(&elsewhere)?;
    Ok(())
}

/// What a component imports, by name: no plugin of pullcreds imports anything.
///
/// # Errors
/// Where it is no component.
pub fn component_imports(bytes: &[u8]) -> anyhow::Result<Vec<String>> {
    let mut imports = Vec::new();
    // How many modules and components the reader is inside of; theirs are supplied by the component itself.
    let mut depth = 0_usize;
    let mut is_component = false;
    for payload in Parser::new(0).parse_all(bytes) {
        match payload? {
            Payload::Version { encoding, .. } if depth == 0 => {
                is_component = encoding == wasmparser::Encoding::Component;
            }
            Payload::ModuleSection { .. } | Payload::ComponentSection { .. } => depth += 1,
            Payload::End(_) => depth = depth.saturating_sub(1),
            Payload::ComponentImportSection(section) if depth == 0 => {
                for import in section {
                    imports.push(import?.name.name.to_owned());
                }
            }
            _ => {}
        }
    }
    ensure!(is_component, "this is no component");
    Ok(imports)
}

/// What a module imports: module and name.
///
/// # Errors
/// Where it is no module.
pub fn module_imports(bytes: &[u8]) -> anyhow::Result<BTreeSet<(String, String)>> {
    let mut imports = BTreeSet::new();
    for payload in Parser::new(0).parse_all(bytes) {
        if let Payload::ImportSection(section) = payload? {
            for import in section.into_imports() {
                let import = import?;
                imports.insert((import.module.to_owned(), import.name.to_owned()));
            }
        }
    }
    Ok(imports)
}

/// Clippy and the documentation of the guests, which are empty on the host.
///
/// # Errors
/// Where one complains.
pub fn lint(checkout: &Path, target_folder: &Path) -> anyhow::Result<()> {
    target::ensure()?;
    for (task, last, variable) in [
        ("clippy", &["--", "-D", "warnings"][..], None),
        ("doc", &["--no-deps"], Some(("RUSTDOCFLAGS", "-D warnings"))),
    ] {
        for guest in [COMPONENT, FILTER] {
            let mut command = cargo(&guest, checkout, target_folder, task);
            command.args(last).envs(variable);
            let package = guest.package;
            ensure!(command.status()?.success(), "cargo {task} of {package} failed");
        }
    }
    Ok(())
}

fn check_component(bytes: &[u8]) -> anyhow::Result<()> {
    let imports = component_imports(bytes)?;
    ensure!(
        imports.is_empty(),
        "the component imports {}, and it must import nothing",
        imports.join(", ")
    );
    Ok(())
}

fn check_filter(bytes: &[u8]) -> anyhow::Result<()> {
    wasmparser::Validator::new().validate_all(bytes)?;
    for (module, name) in module_imports(bytes)? {
        let is_known = module == "wasi_snapshot_preview1" && FILTER_IMPORTS.contains(&name.as_str());
        ensure!(is_known, "the filter imports {module}.{name}, which it must not");
    }
    Ok(())
}

/// The module of a guest.
fn compile(guest: &Guest, checkout: &Path, target_folder: &Path) -> anyhow::Result<PathBuf> {
    let mut command = cargo(guest, checkout, target_folder, "build");
    let status = command.args(["--profile", PROFILE]).status();
    if !status.context("cargo cannot be run")?.success() {
        bail!("{} cannot be built for {TARGET}", guest.package);
    }
    let built = target_folder.join(guest.folder).join(TARGET).join(PROFILE);
    Ok(built.join(guest.file))
}

/// A command of cargo's over a guest, whose result depends on the sources and the compiler alone.
fn cargo(guest: &Guest, checkout: &Path, target_folder: &Path, task: &str) -> Command {
    let mut command = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command
        .args([task, "--quiet", "--locked", "--target", TARGET])
        .args(["--package", guest.package, "--target-dir"])
        .arg(target_folder.join(guest.folder))
        .current_dir(checkout)
        .env("CARGO_ENCODED_RUSTFLAGS", flags(guest, checkout));
    for (name, _) in std::env::vars_os() {
        // Of the build that this runs in, or of whoever runs it: another profile, another wrapper, flags.
        let text = name.to_string_lossy();
        if text.starts_with("CARGO_PROFILE_") || text == "RUSTFLAGS" || text == "CARGO_BUILD_TARGET" {
            command.env_remove(&name);
        }
    }
    command
}

/// What the guest asks for, and the names of this machine's folders taken out of what is built: panics name the files that
/// they stand in.
fn flags(guest: &Guest, checkout: &Path) -> OsString {
    let mut flags: Vec<OsString> = guest.flags.iter().map(OsString::from).collect();
    let mut remap = |from: &Path, to: &str| {
        let mut flag = OsString::from("--remap-path-prefix=");
        flag.push(from);
        flag.push("=");
        flag.push(to);
        flags.push(flag);
    };
    remap(checkout, "pullcreds");
    if let Some(home) = cargo_home() {
        remap(&home.join("registry/src"), "registry");
    }
    // Where the sources of std are installed, the compiler names those instead of the ones that it was built from.
    if let (Ok(sysroot), Ok(version)) = (target::rustc(&["--print", "sysroot"]), target::rustc(&["-vV"]))
        && let Some(commit) = version.lines().find_map(|line| line.strip_prefix("commit-hash: "))
    {
        remap(
            &Path::new(&sysroot).join("lib/rustlib/src/rust"),
            &format!("/rustc/{commit}"),
        );
    }
    flags.join(OsString::from("\u{1f}").as_os_str())
}

fn cargo_home() -> Option<PathBuf> {
    match std::env::var_os("CARGO_HOME") {
        Some(home) => Some(PathBuf::from(home)),
        None => Some(std::env::home_dir()?.join(".cargo")),
    }
}

fn copy_folder(from: &Path, to: &Path) -> anyhow::Result<()> {
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from).with_context(|| format!("{}", from.display()))? {
        let entry = entry?;
        let (from, to) = (entry.path(), to.join(entry.file_name()));
        if !entry.file_type()?.is_dir() {
            fs::copy(&from, &to)?;
        } else if is_source(&entry.file_name()) {
            copy_folder(&from, &to)?;
        }
    }
    Ok(())
}

/// What cargo, Maven and npm make below a checkout, and folders that are hidden, are none.
fn is_source(folder: &OsStr) -> bool {
    let name = folder.as_encoded_bytes();
    !name.starts_with(b".") && !name.starts_with(b"target") && name != b"node_modules"
}
