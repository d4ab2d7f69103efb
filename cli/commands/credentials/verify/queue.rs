//! Work in parallel: so much at once, and never more than two pieces for one host.

use std::sync::{Condvar, Mutex, PoisonError};
use std::thread;

/// How many at one host.
const AT_A_HOST: usize = 2;

/// Work for one host. The first item is done alone: what it brings to light may spare the rest.
pub(super) struct Line<T> {
    pub(super) host: String,
    pub(super) items: Vec<T>,
}

struct Waiting<T> {
    host: String,
    items: std::vec::IntoIter<T>,
    at_work: usize,
    /// Whether the first is done.
    is_open: bool,
}

/// Does all of it, with so many threads at most.
pub(super) fn run<T: Send>(lines: Vec<Line<T>>, jobs: usize, work: impl Fn(T) + Sync) {
    let count = lines.iter().map(|line| line.items.len()).sum::<usize>();
    let waiting = lines.into_iter().map(|line| Waiting {
        host: line.host,
        items: line.items.into_iter(),
        at_work: 0,
        is_open: false,
    });
    let lines = Mutex::new(waiting.collect::<Vec<_>>());
    let changed = Condvar::new();
    thread::scope(|scope| {
        for _ in 0..jobs.min(count) {
            scope.spawn(|| worker(&lines, &changed, &work));
        }
    });
}

fn worker<T>(lines: &Mutex<Vec<Waiting<T>>>, changed: &Condvar, work: impl Fn(T)) {
    let mut held = lines.lock().unwrap_or_else(PoisonError::into_inner);
    while held.iter().any(|line| line.items.len() > 0) {
        let Some((at, item)) = take(&mut held) else {
            held = changed.wait(held).unwrap_or_else(PoisonError::into_inner);
            continue;
        };
        drop(held);
        let done = Done { lines, changed, at };
        work(item);
        drop(done);
        held = lines.lock().unwrap_or_else(PoisonError::into_inner);
    }
}

fn take<T>(lines: &mut [Waiting<T>]) -> Option<(usize, T)> {
    let at_host = |host: &str| -> usize {
        let there = lines.iter().filter(|line| line.host == host);
        there.map(|line| line.at_work).sum()
    };
    let at = lines.iter().position(|line| {
        line.items.len() > 0 && (line.is_open || line.at_work == 0) && at_host(&line.host) < AT_A_HOST
    })?;
    let item = lines[at].items.next()?;
    lines[at].at_work += 1;
    Some((at, item))
}

/// Makes room for others when dropped, also by a panic: they would wait for ever.
struct Done<'q, T> {
    lines: &'q Mutex<Vec<Waiting<T>>>,
    changed: &'q Condvar,
    at: usize,
}

impl<T> Drop for Done<'_, T> {
    fn drop(&mut self) {
        let mut lines = self.lines.lock().unwrap_or_else(PoisonError::into_inner);
        lines[self.at].at_work -= 1;
        lines[self.at].is_open = true;
        drop(lines);
        self.changed.notify_all();
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;
    use std::time::Duration;

    use super::*;

    #[test]
    fn two_at_a_host_and_the_first_alone() {
        let lines = ["a", "b", "a"].map(|host| Line {
            host: host.to_owned(),
            items: (0..6).map(|item| (host, item)).collect(),
        });
        let now = Mutex::new(HashMap::<&str, usize>::new());
        let seen = Mutex::new((0, 0, 0));
        run(lines.into(), 8, |(host, item)| {
            let (here, all) = {
                let mut now = now.lock().unwrap();
                *now.entry(host).or_default() += 1;
                (now[host], now.values().sum::<usize>())
            };
            thread::sleep(Duration::from_millis(2));
            *now.lock().unwrap().get_mut(host).unwrap() -= 1;
            let mut seen = seen.lock().unwrap();
            *seen = (seen.0.max(here), seen.1.max(all), seen.2 + item);
        });
        let (here, all, sum) = *seen.lock().unwrap();
        assert!(here <= AT_A_HOST && all <= 4, "{here} {all}");
        assert_eq!(sum, 3 * 15, "everything was done");
    }
}
