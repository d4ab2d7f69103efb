//! What is in the artifacts, without running them.

use std::fs;

use xtask::plugin::{self, component_imports, module_imports};

use crate::util::{artifacts, checkout, target_folder};

#[test]
fn the_component_imports_nothing_at_all() {
    let bytes = fs::read(&artifacts().component).unwrap();
    assert_eq!(component_imports(&bytes).unwrap(), Vec::<String>::new());
    // The reader does find imports where there are some: an empty component that imports one function.
    let mut with_import = b"\0asm\x0d\0\x01\0".to_vec();
    with_import.extend(b"\x07\x05\x01\x40\0\x01\0");
    with_import.extend(b"\x0a\x06\x01\0\x01f\x01\0");
    assert_eq!(component_imports(&with_import).unwrap(), ["f"]);
    assert!(component_imports(&fs::read(&artifacts().filter).unwrap()).is_err());
}

#[test]
fn the_filter_imports_its_streams_and_little_else() {
    let bytes = fs::read(&artifacts().filter).unwrap();
    let imports = module_imports(&bytes).unwrap();
    assert!(imports.iter().all(|(module, _)| module == "wasi_snapshot_preview1"));
    let names: Vec<_> = imports.iter().map(|(_, name)| name.as_str()).collect();
    assert_eq!(
        names,
        [
            "args_get",
            "args_sizes_get",
            "environ_get",
            "environ_sizes_get",
            "fd_read",
            "fd_write",
            "proc_exit"
        ]
    );
}

#[test]
fn the_artifacts_stay_within_their_budget_and_name_no_folder_of_this_machine() {
    let home = std::env::home_dir().unwrap();
    for file in artifacts().files() {
        let bytes = fs::read(file).unwrap();
        assert!(
            bytes.len() as u64 <= plugin::BUDGET,
            "{}: {}",
            file.display(),
            bytes.len()
        );
        for folder in [&checkout(), &target_folder(), &home.join(".cargo")] {
            let name = folder.to_str().unwrap().as_bytes();
            let is_named = bytes.windows(name.len()).any(|window| window == name);
            assert!(!is_named, "{} names {}", file.display(), folder.display());
        }
    }
}

/// The longest of these tests: all guests are compiled again, from a copy of the checkout under another name.
#[test]
fn the_same_sources_give_the_same_bytes() {
    plugin::verify(&checkout(), &target_folder(), artifacts()).unwrap_or_else(|error| panic!("{error:#}"));
}
