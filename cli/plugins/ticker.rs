//! The clock that stops plugins: a thread that counts while one runs, and sleeps while none does.

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
    changed: Condvar,
}

#[derive(Debug, Default)]
struct State {
    running: usize,
    is_over: bool,
}

/// For as long as it lives, time passes.
#[derive(Debug)]
pub(super) struct Running<'t>(&'t Shared);

impl Ticker {
    /// # Errors
    /// Where no thread can be had.
    pub(super) fn start(engine: &Engine) -> std::io::Result<Ticker> {
        let shared = Arc::<Shared>::default();
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

    pub(super) fn run(&self) -> Running<'_> {
        self.shared.lock().running += 1;
        self.shared.changed.notify_one();
        Running(&self.shared)
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
            state = shared.changed.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
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
        self.0.lock().running -= 1;
    }
}

impl Drop for Ticker {
    fn drop(&mut self) {
        self.shared.lock().is_over = true;
        self.shared.changed.notify_one();
    }
}
