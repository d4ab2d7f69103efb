//! One line that counts files, shown only where a run is long and somebody watches.

use std::io::{self, IsTerminal, Write};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread::{self, Scope, ScopedJoinHandle};
use std::time::Duration;

/// Counts files; cheap to share between threads.
#[derive(Debug, Default)]
pub(crate) struct Counter {
    files: AtomicUsize,
    done: AtomicBool,
}

impl Counter {
    /// One more.
    pub(crate) fn count(&self) {
        self.files.fetch_add(1, Ordering::Relaxed);
    }

    /// Starts showing the count after a second, if standard error is a terminal.
    pub(crate) fn show<'scope, 'env>(&'env self, scope: &'scope Scope<'scope, 'env>) -> Watch<'scope, 'env> {
        let thread = io::stderr().is_terminal().then(|| scope.spawn(|| self.run()));
        Watch { counter: self, thread }
    }

    fn run(&self) {
        let mut shown = false;
        thread::park_timeout(Duration::from_secs(1));
        while !self.done.load(Ordering::Acquire) {
            shown = write!(io::stderr(), "\rchecked {} files…", self.files.load(Ordering::Relaxed)).is_ok();
            thread::park_timeout(Duration::from_millis(100));
        }
        if shown {
            // Back to the start, and erase the line.
            let _ = write!(io::stderr(), "\r\x1b[K");
        }
    }
}

/// Ends the showing when dropped.
pub(crate) struct Watch<'scope, 'env> {
    counter: &'env Counter,
    thread: Option<ScopedJoinHandle<'scope, ()>>,
}

impl Drop for Watch<'_, '_> {
    fn drop(&mut self) {
        self.counter.done.store(true, Ordering::Release);
        if let Some(thread) = self.thread.take() {
            thread.thread().unpark();
            let _ = thread.join();
        }
    }
}
