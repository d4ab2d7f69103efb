//! Reads every file of a folder and writes it again by way of a new file and a rename, on all cores, and does no more:
//! what the file system alone takes of a `fix` that changes every file. `rewrite FOLDER`.

use std::fs::{self, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::{env, thread};

fn main() -> io::Result<()> {
    let folder = env::args_os().nth(1).ok_or_else(|| io::Error::other("rewrite FOLDER"))?;
    let (mut folders, mut files) = (vec![PathBuf::from(folder)], Vec::new());
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder)? {
            let entry = entry?;
            let rest = if entry.file_type()?.is_dir() { &mut folders } else { &mut files };
            rest.push(entry.path());
        }
    }
    let next = AtomicUsize::new(0);
    let work = || -> io::Result<()> {
        while let Some(file) = files.get(next.fetch_add(1, Ordering::Relaxed)) {
            rewrite(file)?;
        }
        Ok(())
    };
    thread::scope(|scope| {
        let threads: Vec<_> = (0..thread::available_parallelism()?.get()).map(|_| scope.spawn(work)).collect();
        threads.into_iter().try_for_each(|thread| thread.join().map_err(|_| io::Error::other("a thread panicked"))?)
    })
}

fn rewrite(file: &Path) -> io::Result<()> {
    let text = fs::read(file)?;
    let permissions = fs::metadata(file)?.permissions();
    let other = file.with_extension("rewritten");
    let mut new = OpenOptions::new().write(true).create_new(true).open(&other)?;
    new.write_all(&text)?;
    new.set_permissions(permissions)?;
    drop(new);
    fs::rename(&other, file)
}
