//! What was seen and found good, kept beside the tests. `SNAPSHOTS=overwrite cargo test` takes what comes out now; look at
//! it with `git diff` before it is committed.

use std::fs;
use std::path::Path;

/// Compares with `tests/snapshots/NAME`.
#[track_caller]
pub(crate) fn compare(name: &str, actual: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/snapshots").join(name);
    if std::env::var_os("SNAPSHOTS").is_some_and(|value| value == "overwrite") {
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        return fs::write(&path, actual).unwrap();
    }
    let expected = fs::read_to_string(&path).unwrap_or_default();
    let differing = expected.lines().zip(actual.lines()).position(|(old, new)| old != new);
    let line = differing.unwrap_or(expected.lines().count().min(actual.lines().count()));
    assert!(
        expected == actual,
        "tests/snapshots/{name} differs from line {} on:\n- {}\n+ {}\n`SNAPSHOTS=overwrite cargo test` takes what is new",
        line + 1,
        expected.lines().nth(line).unwrap_or_default(),
        actual.lines().nth(line).unwrap_or_default()
    );
}
