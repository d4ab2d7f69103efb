use std::os::unix::fs::{MetadataExt, PermissionsExt, symlink};

use super::*;

const WRITER: Writer = Writer {
    hard_links: false,
    fsync: true,
};

fn file(folder: &Path, name: &str, text: &str) -> PathBuf {
    let path = folder.join(name);
    fs::write(&path, text).unwrap();
    path
}

fn names(folder: &Path) -> Vec<String> {
    let mut names: Vec<_> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    names
}

#[test]
fn the_new_text_stands_there_and_nothing_else_is_left() {
    let folder = tempfile::tempdir().unwrap();
    let path = file(folder.path(), "a.json", "old");
    WRITER.replace(&path, b"old", b"new and longer").unwrap();
    assert_eq!(fs::read_to_string(&path).unwrap(), "new and longer");
    assert_eq!(names(folder.path()), ["a.json"]);
}

#[test]
fn the_mode_stays() {
    let folder = tempfile::tempdir().unwrap();
    let path = file(folder.path(), "a.json", "old");
    for mode in [0o600, 0o640, 0o755, 0o664, 0o604, 0o4750, 0o2755] {
        fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
        WRITER.replace(&path, b"old", b"old").unwrap();
        assert_eq!(fs::metadata(&path).unwrap().mode() & 0o7777, mode);
    }
}

#[test]
fn the_owner_stays() {
    let folder = tempfile::tempdir().unwrap();
    let path = file(folder.path(), "a.json", "old");
    if std::os::unix::fs::chown(&path, Some(12345), Some(54321)).is_err() {
        return; // only root can give files away
    }
    WRITER.replace(&path, b"old", b"new").unwrap();
    let metadata = fs::metadata(&path).unwrap();
    assert_eq!((metadata.uid(), metadata.gid()), (12345, 54321));
}

#[test]
fn a_symbolic_link_stays_one_and_its_target_is_written() {
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir(folder.path().join("real")).unwrap();
    let target = file(&folder.path().join("real"), "a.json", "old");
    let link = folder.path().join("link.json");
    symlink("real/a.json", &link).unwrap();
    WRITER.replace(&link, b"old", b"new").unwrap();
    assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
    assert_eq!(fs::read_to_string(&target).unwrap(), "new");
    assert_eq!(names(folder.path()), ["link.json", "real"]);
}

#[test]
fn a_file_with_two_names_is_refused_unless_told() {
    let folder = tempfile::tempdir().unwrap();
    let path = file(folder.path(), "a.json", "old");
    let other = folder.path().join("b.json");
    fs::hard_link(&path, &other).unwrap();

    let problem = WRITER.replace(&path, b"old", b"new").unwrap_err();
    assert!(problem.message.contains("2 names"), "{problem:?}");
    assert_eq!(fs::read_to_string(&path).unwrap(), "old");

    Writer {
        hard_links: true,
        ..WRITER
    }
    .replace(&path, b"old", b"new")
    .unwrap();
    assert_eq!(fs::read_to_string(&path).unwrap(), "new");
    assert_eq!(fs::read_to_string(&other).unwrap(), "old");
}

#[test]
fn a_read_only_file_is_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    let path = file(folder.path(), "a.json", "old");
    fs::set_permissions(&path, fs::Permissions::from_mode(0o444)).unwrap();
    let problem = WRITER.replace(&path, b"old", b"new").unwrap_err();
    assert!(problem.message.contains("read-only"), "{problem:?}");
    assert_eq!(fs::read_to_string(&path).unwrap(), "old");
}

#[test]
fn what_somebody_else_wrote_is_not_lost() {
    let folder = tempfile::tempdir().unwrap();
    for theirs in ["theirs", "ol", "older", ""] {
        let path = file(folder.path(), "a.json", theirs);
        let problem = WRITER.replace(&path, b"old", b"new").unwrap_err();
        assert!(problem.message.contains("changed while"), "{problem:?}");
        assert_eq!(fs::read_to_string(&path).unwrap(), theirs);
        assert_eq!(names(folder.path()), ["a.json"]);
    }
}

#[test]
fn a_long_text_is_compared_to_its_end() {
    let folder = tempfile::tempdir().unwrap();
    let old = vec![b'a'; 200_000];
    let path = file(folder.path(), "a.json", &"a".repeat(200_001));
    WRITER.replace(&path, &old, b"new").unwrap_err();
    fs::write(&path, &old).unwrap();
    WRITER.replace(&path, &old, b"new").unwrap();
    assert_eq!(fs::read(&path).unwrap(), b"new");
}

/// As a run over many files does it: the file was opened and read, then `meanwhile` happened.
fn replace_open(path: &Path, meanwhile: impl Fn()) -> Result<(), Problem> {
    let directory = Directory::new(parent(path));
    let mut file = directory.open(path.file_name().unwrap()).unwrap();
    let mut old = Vec::new();
    file.read_to_end(&mut old).unwrap();
    meanwhile();
    let opened = Opened {
        directory: &directory,
        file: &file,
    };
    WRITER.replace_open(opened, path, &old, b"new")
}

#[test]
fn an_open_file_is_replaced_with_the_same_care() {
    let folder = tempfile::tempdir().unwrap();
    let path = file(folder.path(), "a.json", "old");
    fs::set_permissions(&path, fs::Permissions::from_mode(0o640)).unwrap();
    replace_open(&path, || {}).unwrap();
    assert_eq!(fs::read_to_string(&path).unwrap(), "new");
    assert_eq!(fs::metadata(&path).unwrap().mode() & 0o7777, 0o640);

    let link = folder.path().join("link.json");
    fs::write(&path, "old").unwrap();
    symlink("a.json", &link).unwrap();
    replace_open(&link, || {}).unwrap();
    assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
    assert_eq!(fs::read_to_string(&path).unwrap(), "new");

    let other = folder.path().join("b.json");
    let refused = |expected: &str, meanwhile: &dyn Fn()| {
        let problem = replace_open(&path, meanwhile).unwrap_err();
        assert!(problem.message.contains(expected), "{problem:?}");
        assert_ne!(fs::read_to_string(&path).unwrap_or_default(), "new");
        fs::write(&path, "old").unwrap();
    };
    fs::write(&path, "old").unwrap();
    for theirs in ["their", "sad", "ol", "older", ""] {
        fs::write(&path, "old").unwrap();
        refused("changed while", &|| fs::write(&path, theirs).unwrap());
    }
    refused("changed while", &|| {
        fs::write(&other, "theirs").unwrap();
        fs::rename(&other, &path).unwrap();
    });
    refused("No such file", &|| fs::remove_file(&path).unwrap());
    refused("2 names", &|| fs::hard_link(&path, &other).unwrap());
    fs::remove_file(&other).unwrap();
    replace_open(&path, || {
        fs::rename(&path, &other).unwrap();
        fs::write(&path, "old").unwrap();
    })
    .unwrap();
    assert_eq!(fs::read_to_string(&path).unwrap(), "new");
    assert_eq!(fs::read_to_string(&other).unwrap(), "old");
    assert_eq!(names(folder.path()), ["a.json", "b.json", "link.json"]);
}

#[test]
fn a_name_that_came_to_lead_elsewhere_is_seen() {
    let folder = tempfile::tempdir().unwrap();
    let path = file(folder.path(), "a.json", "old");
    let directory = Directory::new(folder.path());
    let metadata = fs::metadata(&path).unwrap();
    assert_eq!(directory.length("a.json".as_ref(), &metadata), Some(3));
    fs::rename(file(folder.path(), "b.json", "old"), &path).unwrap();
    assert_eq!(directory.length("a.json".as_ref(), &metadata), None, "another file");
    fs::rename(&path, folder.path().join("b.json")).unwrap();
    symlink("b.json", &path).unwrap();
    let metadata = fs::metadata(&path).unwrap();
    assert_eq!(directory.length("a.json".as_ref(), &metadata), None, "a link to it");
}

#[test]
fn what_another_run_wrote_just_so_is_done_already() {
    let folder = tempfile::tempdir().unwrap();
    let path = file(folder.path(), "a.json", "new");
    let before = fs::metadata(&path).unwrap();
    WRITER.replace(&path, b"old", b"new").unwrap();
    assert_eq!(fs::metadata(&path).unwrap().ino(), before.ino());
    assert_eq!(names(folder.path()), ["a.json"]);
}

/// Attributes and an access control list, where the file system of the temporary folder has such things.
#[cfg(target_os = "linux")]
#[test]
fn attributes_stay_and_those_of_the_folder_do_not_come() {
    use rustix::fs::{XattrFlags, fgetxattr, fsetxattr};

    const NOBODY: u32 = u32::MAX;
    /// Who (owner, a user, group, mask, others), rights, id: as Linux keeps them after the version, 2.
    const ENTRIES: [(u16, u16, u32); 5] = [
        (1, 6, NOBODY),
        (2, 4, 12345),
        (4, 4, NOBODY),
        (16, 4, NOBODY),
        (32, 0, NOBODY),
    ];
    let mut acl = 2_u32.to_le_bytes().to_vec();
    for (who, rights, id) in ENTRIES {
        acl.extend([who.to_le_bytes(), rights.to_le_bytes()].concat());
        acl.extend(id.to_le_bytes());
    }
    let get = |path: &Path, name: &str| {
        let mut value = [0; 256];
        let length = fgetxattr(File::open(path).unwrap(), name, &mut value[..]).ok()?;
        Some(value[..length].to_owned())
    };
    let set = |path: &Path, name: &str, value: &[u8]| {
        let can = fsetxattr(File::open(path).unwrap(), name, value, XattrFlags::empty()).is_ok();
        if !can {
            eprintln!("{name}: not in this file system, left out");
        }
        can
    };
    let folder = tempfile::tempdir().unwrap();
    let path = file(folder.path(), "a.json", "old");
    fs::set_permissions(&path, fs::Permissions::from_mode(0o640)).unwrap();
    if set(&path, "user.origin", b"team") && set(&path, "user.empty", b"") {
        WRITER.replace(&path, b"old", b"new").unwrap();
        assert_eq!(get(&path, "user.origin").as_deref(), Some(&b"team"[..]));
        assert_eq!(get(&path, "user.empty").as_deref(), Some(&b""[..]));
        fs::write(&path, "old").unwrap();
    }
    if set(&path, "system.posix_acl_access", &acl) {
        let mode = fs::metadata(&path).unwrap().mode();
        WRITER.replace(&path, b"old", b"new").unwrap();
        assert_eq!(get(&path, "system.posix_acl_access").as_deref(), Some(acl.as_slice()));
        assert_eq!(fs::metadata(&path).unwrap().mode(), mode);
        // What the folder gives to new files, this one never had.
        assert!(set(folder.path(), "system.posix_acl_default", &acl));
        let plain = file(folder.path(), "plain.json", "old");
        assert!(get(&plain, "system.posix_acl_access").is_some());
        rustix::fs::removexattr(&plain, "system.posix_acl_access").unwrap();
        fs::set_permissions(&plain, fs::Permissions::from_mode(0o644)).unwrap();
        WRITER.replace(&plain, b"old", b"new").unwrap();
        assert_eq!(get(&plain, "system.posix_acl_access"), None);
        assert_eq!(fs::metadata(&plain).unwrap().mode() & 0o777, 0o644);
    }
}

#[test]
fn a_folder_that_cannot_be_written_leaves_the_file_whole() {
    let folder = tempfile::tempdir().unwrap();
    let path = file(folder.path(), "a.json", "old");
    fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o555)).unwrap();
    let is_root = fs::write(folder.path().join("probe"), "").is_ok();
    let result = WRITER.replace(&path, b"old", b"new");
    fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o755)).unwrap();
    if !is_root {
        let problem = result.unwrap_err();
        assert!(problem.help.iter().any(|help| help.contains("folder")), "{problem:?}");
        assert_eq!(fs::read_to_string(&path).unwrap(), "old");
    }
}

#[test]
fn a_name_of_the_longest_kind_can_be_written() {
    let folder = tempfile::tempdir().unwrap();
    let path = file(folder.path(), &"a".repeat(255), "old");
    WRITER.replace(&path, b"old", b"new").unwrap();
    assert_eq!(fs::read_to_string(&path).unwrap(), "new");
}
