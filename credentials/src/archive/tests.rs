//! Archives of every kind, made by hand where `tar` would not make them.

use std::io::Write;

use flate2::Compression;
use flate2::write::GzEncoder;
use proptest::prelude::*;
use tar::{Builder, EntryType, Header};

use super::*;
use crate::Secret;

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

/// A tar whose names are written raw, as no careful library would.
fn tar(members: &[(&str, EntryType, &[u8])]) -> Vec<u8> {
    let mut builder = Builder::new(Vec::new());
    for (path, kind, bytes) in members {
        let mut header = Header::new_gnu();
        header.as_old_mut().name[..path.len()].copy_from_slice(path.as_bytes());
        header.set_entry_type(*kind);
        header.set_size(bytes.len() as u64);
        header.set_mode(0o644);
        header.set_cksum();
        builder.append(&header, *bytes).unwrap();
    }
    builder.into_inner().unwrap()
}

#[track_caller]
fn refused(bytes: &[u8]) -> String {
    read(bytes).unwrap_err().to_string()
}

#[test]
fn what_is_written_is_read_and_always_the_same() {
    let config = Secret::from("{\"auths\": {}}");
    let archive = write(&config).unwrap();
    assert_eq!(archive, write(&config).unwrap());
    assert_eq!(archive.expose()[4..8], [0; 4], "no time in the header of gzip");
    let contents = read(archive.expose()).unwrap();
    assert_eq!(contents.config, Some(config));
    let members: Vec<_> = contents
        .members
        .iter()
        .map(|member| (member.path.as_str(), member.mode, member.is_folder))
        .collect();
    assert_eq!(
        members,
        [(".docker", 0o700, true), (".docker/config.json", 0o600, false)]
    );
}

#[test]
fn usual_spellings_are_read() {
    let plain = tar(&[
        ("./.docker/config.json", EntryType::Regular, b"{}"),
        (".dockercfg", EntryType::Regular, b"[]"),
    ]);
    for bytes in [plain.clone(), gzip(&plain)] {
        let contents = read(&bytes).unwrap();
        assert_eq!(contents.config, Some(Secret::from("{}")));
        assert_eq!(contents.legacy, Some(Secret::from("[]")));
    }
    let elsewhere = read(&tar(&[("home/u/.docker/config.json", EntryType::Regular, b"{}")])).unwrap();
    assert!(elsewhere.config.is_none() && elsewhere.members.len() == 1);
}

#[test]
fn what_leads_out_or_is_no_file_is_refused() {
    for path in ["/etc/passwd", "../x", ".docker/../../x", "a/.."] {
        assert!(
            refused(&tar(&[(path, EntryType::Regular, b"")])).contains("leads out"),
            "{path}"
        );
    }
    for (kind, what) in [
        (EntryType::Symlink, "a symbolic link"),
        (EntryType::Link, "a hard link"),
        (EntryType::Fifo, "a pipe"),
        (EntryType::Block, "a device"),
    ] {
        assert!(refused(&tar(&[(".docker/config.json", kind, b"")])).contains(what));
    }
    let twice = [(".docker/config.json", EntryType::Regular, &b"{}"[..]); 2];
    assert!(refused(&tar(&twice)).contains("twice"));
}

#[test]
fn bombs_are_refused_before_they_burst() {
    // 65 MiB of zeros, in one member and behind all members.
    let zeros = vec![0; 65 << 20];
    let member = gzip(&tar(&[("big", EntryType::Regular, &zeros)]));
    assert!(member.len() < 1 << 20);
    assert!(refused(&member).contains("more than 64 MiB"));
    let mut behind = tar(&[(".docker/config.json", EntryType::Regular, b"{}")]);
    behind.extend_from_slice(&zeros);
    assert!(refused(&gzip(&behind)).contains("more than 64 MiB"));
    let config = vec![b' '; (1 << 20) + 1];
    assert!(refused(&tar(&[(".docker/config.json", EntryType::Regular, &config)])).contains("larger than 1 MiB"));
    let many = vec![("a", EntryType::Regular, &b""[..]); 10_001];
    assert!(refused(&tar(&many)).contains("more than 10000 members"));
    // A size that is only claimed.
    let mut lying = tar(&[(".docker/config.json", EntryType::Regular, b"{}")]);
    lying[124..136].copy_from_slice(b"77777777777\0");
    assert!(read(&lying).is_err());
}

#[test]
fn what_is_broken_or_something_else_is_told() {
    let whole = write(&Secret::from("{}")).unwrap();
    let whole = whole.expose();
    for length in [3, 20, whole.len() / 2, whole.len() - 4] {
        assert!(refused(&whole[..length]).contains("broken or cut off"), "{length}");
    }
    let mut flipped = whole.to_vec();
    let at = flipped.len() - 6;
    flipped[at] ^= 1;
    assert!(refused(&flipped).contains("broken"));
    assert!(refused(b"PK\x03\x04").contains("zip"));
    assert!(refused(b"").contains("no gzip and no tar"));
    assert!(!looks_like_archive(b"{\"auths\": {}}"));
}

proptest! {
    #[test]
    fn archives_round_trip(text in "\\PC{0,300}") {
        let config = Secret::from(text.as_str());
        let contents = read(write(&config).unwrap().expose()).unwrap();
        prop_assert_eq!(contents.config, Some(config));
    }

    #[test]
    fn reading_never_panics(bytes in prop::collection::vec(any::<u8>(), 0..2000), place in 0..700_usize, other in any::<u8>()) {
        let _ = read(&bytes);
        let _ = read(&[&[0x1f, 0x8b, 8, 0], bytes.as_slice()].concat());
        let mut tar = tar(&[(".docker/", EntryType::Directory, b""), (".docker/config.json", EntryType::Regular, b"{}")]);
        tar[place] = other;
        let _ = read(&tar);
        let _ = read(&gzip(&tar));
    }
}
