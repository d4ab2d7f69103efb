//! The clock that stops plugins: a thread that counts while one runs, and sleeps while none does. It lets no more run at
//! a time than there is room for.

use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Duration;

use wasmtime::{Engine, EngineWeak};

/// One step of the clock, in milliseconds.
const STEP_MS: u32 = 10;

/// Counts the epochs of one engine.
#[derive(Debug)]
pub(super) struct Ticker {
    shared: Arc<Shared>,
}

#[derive(Debug, Default)]
struct Shared {
    state: Mutex<State>,
    /// For the thread that counts: something runs, or it is over.
    changed: Condvar,
    /// For who waits until there is room.
    left: Condvar,
    most: u32,
}

#[derive(Debug, Default)]
struct State {
    running: u32,
    waiting: u32,
    /// Whether the thread that counts sleeps until it is called: most calls come while it still does its last step.
    is_asleep: bool,
    is_over: bool,
}

/// For as long as it lives, time passes.
#[derive(Debug)]
pub(super) struct Running<'t>(&'t Shared);

impl Ticker {
    /// # Errors
    /// Where no thread can be had.
    pub(super) fn start(engine: &Engine, most: u32) -> std::io::Result<Ticker> {
        let shared = Arc::new(Shared {
            most,
            ..Shared::default()
        });
        let (counter, engine) = (Arc::clone(&shared), engine.weak());
        thread::Builder::new()
            .name("plugin clock".to_owned())
            .stack_size(64 << 10)
            .spawn(move || count(&counter, &engine))?;
        Ok(Ticker { shared })
    }

    /// How many steps a time has, one more than it takes: the first may be nearly over.
    pub(super) fn steps(time_ms: u32) -> u64 {
        u64::from(time_ms.div_ceil(STEP_MS)) + 1
    }

    /// Waits until there is room for one more.
    pub(super) fn run(&self) -> Running<'_> {
        let shared = &*self.shared;
        let mut state = shared.lock();
        while state.running >= shared.most {
            state.waiting += 1;
            state = shared.left.wait(state).unwrap_or_else(PoisonError::into_inner);
            state.waiting -= 1;
        }
        state.running += 1;
        if state.is_asleep {
            shared.changed.notify_one();
        }
        Running(shared)
    }
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn count(shared: &Shared, engine: &EngineWeak) {
    loop {
        let mut state = shared.lock();
        while state.running == 0 && !state.is_over {
            state.is_asleep = true;
            state = shared.changed.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
        state.is_asleep = false;
        if state.is_over {
            return;
        }
        drop(state);
        thread::sleep(Duration::from_millis(u64::from(STEP_MS)));
        match engine.upgrade() {
            Some(engine) => engine.increment_epoch(),
            None => return,
        }
    }
}

impl Drop for Running<'_> {
    fn drop(&mut self) {
        let mut state = self.0.lock();
        state.running -= 1;
        if state.waiting > 0 {
            self.0.left.notify_one();
        }
    }
}

impl Drop for Ticker {
    fn drop(&mut self) {
        self.shared.lock().is_over = true;
        self.shared.changed.notify_one();
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test fails by panicking")]
    use std::sync::atomic::{AtomicU32, Ordering};

    use super::*;

    #[test]
    fn no_more_run_than_there_is_room_for_and_all_have_their_turn() {
        let ticker = Ticker::start(&Engine::default(), 2).unwrap();
        let (running, done) = (AtomicU32::new(0), AtomicU32::new(0));
        thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(|| {
                    for _ in 0..200 {
                        let turn = ticker.run();
                        assert!(running.fetch_add(1, Ordering::SeqCst) < 2);
                        thread::yield_now();
                        running.fetch_sub(1, Ordering::SeqCst);
                        drop(turn);
                        done.fetch_add(1, Ordering::SeqCst);
                    }
                });
            }
        });
        assert_eq!(done.into_inner(), 800);
    }
}
