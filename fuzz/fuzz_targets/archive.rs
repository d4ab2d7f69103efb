//! Archives: bombs, links, paths that lead elsewhere, members without an end.
#![no_main]

use std::io::Write;

use flate2::{Compression, write::GzEncoder};
use libfuzzer_sys::fuzz_target;
use pullcreds_credentials::archive::{LARGEST_CONFIG, looks_like_archive, read};

fuzz_target!(|input: &[u8]| {
    let Some((how, rest)) = input.split_first() else { return };
    let packed = if how % 2 == 0 {
        let mut packer = GzEncoder::new(Vec::new(), Compression::fast());
        packer.write_all(rest).expect("memory can be written to");
        packer.finish().expect("likewise")
    } else {
        rest.to_vec()
    };
    let _ = looks_like_archive(&packed);
    let Ok(contents) = read(&packed) else { return };
    for text in [&contents.config, &contents.legacy].into_iter().flatten() {
        assert!(text.expose().len() as u64 <= LARGEST_CONFIG);
    }
    for member in &contents.members {
        assert!(
            !member.path.starts_with('/') && !member.path.split('/').any(|part| part == ".."),
            "{member:?}"
        );
    }
});
