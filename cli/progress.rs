//! One line that counts what is done, shown only where a run is long and somebody watches.

use std::io::{self, IsTerminal, Write};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread::{self, Scope, ScopedJoinHandle};
use std::time::Duration;

/// Counts what is done; cheap to share between threads.
#[derive(Debug)]
pub(crate) struct Counter {
    count: AtomicUsize,
    is_over: AtomicBool,
    /// `checked`
    what: &'static str,
    /// Of how many, where that is known; 0 where it is not.
    total: usize,
    /// `files`
    things: &'static str,
}

/// How wide the bar of a known total is.
#[cfg(feature = "network")]
const WIDTH: usize = 20;

impl Default for Counter {
    fn default() -> Counter {
        Counter {
            count: AtomicUsize::new(0),
            is_over: AtomicBool::new(false),
            what: "checked",
            total: 0,
            things: "files",
        }
    }
}

impl Counter {
    /// For a known total, which is shown as a bar.
    #[cfg(feature = "network")]
    pub(crate) fn new(what: &'static str, total: usize, things: &'static str) -> Counter {
        Counter {
            what,
            total,
            things,
            ..Counter::default()
        }
    }

    /// One more.
    pub(crate) fn count(&self) {
        self.count.fetch_add(1, Ordering::Relaxed);
    }

    /// Starts showing the count after a second, if standard error is a terminal.
    pub(crate) fn show<'scope, 'env>(&'env self, scope: &'scope Scope<'scope, 'env>) -> Watch<'scope, 'env> {
        let thread = io::stderr().is_terminal().then(|| scope.spawn(|| self.run()));
        Watch { counter: self, thread }
    }

    fn run(&self) {
        let mut shown = false;
        thread::park_timeout(Duration::from_secs(1));
        while !self.is_over.load(Ordering::Acquire) {
            shown = write!(io::stderr(), "\r{}", self.line()).is_ok();
            thread::park_timeout(Duration::from_millis(100));
        }
        if shown {
            // Back to the start, and erase the line.
            let _ = write!(io::stderr(), "\r\x1b[K");
        }
    }

    fn line(&self) -> String {
        let Counter {
            what, total, things, ..
        } = self;
        let count = self.count.load(Ordering::Relaxed);
        #[cfg(feature = "network")]
        if *total > 0 {
            let bar = "#".repeat(count * WIDTH / total);
            return format!("[{bar:<WIDTH$}] {what} {count} of {total} {things}");
        }
        let _ = total;
        format!("{what} {count} {things}…")
    }
}

/// Ends the showing when dropped.
pub(crate) struct Watch<'scope, 'env> {
    counter: &'env Counter,
    thread: Option<ScopedJoinHandle<'scope, ()>>,
}

impl Drop for Watch<'_, '_> {
    fn drop(&mut self) {
        self.counter.is_over.store(true, Ordering::Release);
        if let Some(thread) = self.thread.take() {
            thread.thread().unpark();
            let _ = thread.join();
        }
    }
}
