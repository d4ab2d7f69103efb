//! Compiled plugins, kept between runs in a folder of the user's that nobody else can write.
//!
//! Machine code is run as it is found there, so the folder is held to that each time, and what comes from anywhere else is
//! never taken for compiled code. Whatever goes wrong here, the plugin is simply compiled again.
//!
//! What nobody has used for a month goes when something new is kept: other versions of a plugin, and of wasmtime.

use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::{Path, PathBuf};
use std::time::Duration;

use wasmtime::Engine;
use wasmtime::component::Component;

const DAY: Duration = Duration::from_secs(24 * 60 * 60);
/// How long a file stays that nobody uses.
const KEPT: Duration = DAY.saturating_mul(30);
/// The end of the names of files here.
const ENDING: &str = "cwasm";

/// The file of one plugin, compiled by one engine.
pub(super) struct Cached {
    file: PathBuf,
}

impl Cached {
    /// Where the compiled form of the plugin with this digest belongs; `None` where no folder will do.
    pub(super) fn of(engine: &Engine, sha256: &str) -> Option<Cached> {
        let folder = folder()?;
        // Version and settings of wasmtime, and what this processor can do.
        let mut hasher = DefaultHasher::new();
        engine.precompile_compatibility_hash().hash(&mut hasher);
        Some(Cached {
            file: folder.join(format!("{sha256}-{:016x}.{ENDING}", hasher.finish())),
        })
    }

    /// The component, if it is there and nobody else can have written it.
    #[allow(unsafe_code, reason = "see SAFETY")]
    pub(super) fn load(&self, engine: &Engine) -> Option<Component> {
        let bytes = read_own(&self.file)?;
        // SAFETY: the bytes must come from `Component::serialize`. They are those of a regular file that belongs to this
        // user, that nobody else may write, in a folder of the same kind (`is_own`), under a name that only `store` gives;
        // and they were read, not mapped, so that nothing changes them any more. wasmtime itself compares its version and
        // settings with those in the bytes.
        unsafe { Component::deserialize(engine, &bytes) }.ok()
    }

    /// Keeps a component for the next run, whole or not at all.
    pub(super) fn store(&self, component: &Component) {
        let Ok(bytes) = component.serialize() else { return };
        let written = || -> std::io::Result<()> {
            let folder = crate::paths::parent(&self.file);
            // Made with 0600.
            let mut file = tempfile::NamedTempFile::new_in(folder)?;
            std::io::Write::write_all(&mut file, &bytes)?;
            file.persist(&self.file)?;
            sweep(folder)
        };
        // It was compiled, and is run from memory; the next run compiles it once more.
        let _ = written();
    }
}

/// Takes away what nobody has used for so long.
fn sweep(folder: &Path) -> std::io::Result<()> {
    for entry in folder.read_dir()? {
        let entry = entry?;
        let is_ours = entry.path().extension().is_some_and(|ending| ending == ENDING);
        if is_ours && age(&entry.metadata()?) > KEPT {
            std::fs::remove_file(entry.path())?;
        }
    }
    Ok(())
}

/// How long ago a file was written or, as far as a day matters, read; nothing for one of the future.
fn age(metadata: &std::fs::Metadata) -> Duration {
    let modified = metadata.modified().ok();
    modified.and_then(|time| time.elapsed().ok()).unwrap_or_default()
}

/// `pullcreds/plugins` in the user's folder for caches, made where it is missing.
#[cfg(unix)]
fn folder() -> Option<PathBuf> {
    use std::os::unix::fs::DirBuilderExt;

    let caches = match std::env::var_os("XDG_CACHE_HOME").map(PathBuf::from) {
        Some(folder) if folder.is_absolute() => folder,
        _ => std::env::home_dir().filter(|home| home.is_absolute())?.join(".cache"),
    };
    let own = caches.join("pullcreds");
    let folder = own.join("plugins");
    let mut builder = std::fs::DirBuilder::new();
    builder.recursive(true).mode(0o700).create(&folder).ok()?;
    let is_good = |folder: &PathBuf| {
        std::fs::symlink_metadata(folder).is_ok_and(|metadata| metadata.is_dir() && is_own(&metadata))
    };
    (is_good(&own) && is_good(&folder)).then_some(folder)
}

#[cfg(unix)]
fn read_own(file: &Path) -> Option<Vec<u8>> {
    use std::io::Read;

    let mut file = std::fs::File::open(file).ok()?;
    let metadata = file.metadata().ok()?;
    if !metadata.is_file() || !is_own(&metadata) {
        return None;
    }
    let mut bytes = Vec::with_capacity(usize::try_from(metadata.len()).ok()?);
    file.read_to_end(&mut bytes).ok()?;
    if age(&metadata) > DAY {
        // It is in use. Where that cannot be written down it is compiled again in a month.
        let _ = file.set_modified(std::time::SystemTime::now());
    }
    Some(bytes)
}

/// Whether something belongs to this user, and nobody else may write it.
#[cfg(unix)]
fn is_own(metadata: &std::fs::Metadata) -> bool {
    use std::os::unix::fs::MetadataExt;

    metadata.uid() == rustix::process::geteuid().as_raw() && metadata.mode() & 0o022 == 0
}

/// Who may write a folder is not so simply told elsewhere, so nothing is kept there.
#[cfg(not(unix))]
fn folder() -> Option<PathBuf> {
    None
}

#[cfg(not(unix))]
fn read_own(_: &Path) -> Option<Vec<u8>> {
    None
}
