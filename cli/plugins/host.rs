//! Runs one plugin: a fresh instance for each call, with nothing to reach for and bounds to all it may use.
//!
//! Knows wasmtime and the interface; nothing of what a definition is, and nothing of what becomes of an answer.

use pullcreds_core::policy::Limits;
use wasmtime::component::{Component, Linker};
use wasmtime::{
    Config, Enabled, Engine, InstanceAllocationStrategy, PoolingAllocationConfig, ResourceLimiter, Store, Trap,
};

use super::cache::Cached;
use super::ticker::Ticker;
use crate::outcome::Problem;

/// What wasmtime makes of `plugin-wasm/wit`.
mod bindings {
    #![allow(
        missing_docs,
        unused_qualifications,
        unreachable_pub,
        clippy::all,
        clippy::pedantic,
        clippy::needless_pass_by_value,
        clippy::semicolon_if_nothing_returned,
        reason = "generated"
    )]
    wasmtime::component::bindgen!({ path: "plugin-wasm/wit", world: "plugin" });
}

pub(crate) use bindings::exports::pullcreds::transform::transformer as wit;

/// One compiled plugin.
pub(crate) struct Host {
    plugin: bindings::PluginPre<Held>,
    engine: Engine,
    ticker: Ticker,
    limits: Limits,
}

/// Where compiled code comes from and goes to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Compiled {
    /// From the user's cache, where it is there; else compiled, and kept there.
    Cached,
    /// Compiled now, and not kept.
    Now,
}

impl Host {
    /// Compiles a component, or takes what was compiled before.
    ///
    /// # Errors
    /// Where it is no valid component, or not of this interface.
    pub(crate) fn new(bytes: &[u8], sha256: &str, limits: Limits, how: Compiled) -> Result<Host, Problem> {
        let engine = engine(limits).map_err(|error| Problem::new(format!("it cannot be compiled here: {error:#}")))?;
        let cached = match how {
            Compiled::Cached => Cached::of(&engine, sha256),
            Compiled::Now => None,
        };
        let component = match cached.as_ref().and_then(|cached| cached.load(&engine)) {
            Some(component) => component,
            None => {
                let component = Component::from_binary(&engine, bytes)
                    .map_err(|error| Problem::new(format!("it cannot be compiled: {}", error.root_cause())))?;
                if let Some(cached) = &cached {
                    cached.store(&component);
                }
                component
            }
        };
        let plugin = Linker::new(&engine)
            .instantiate_pre(&component)
            .and_then(bindings::PluginPre::new)
            .map_err(|error| Problem::new(format!("it is not of the interface that is spoken here: {error:#}")))?;
        let ticker = Ticker::start(&engine, MOST_CALLS)
            .map_err(|error| Problem::new(format!("the clock that would stop it cannot be started: {error}")))?;
        Ok(Host {
            plugin,
            engine,
            ticker,
            limits,
        })
    }

    /// Makes an instance and lets it go, for whoever wants to know how long that takes.
    ///
    /// # Errors
    /// Where it fails.
    pub(crate) fn instantiate(&self) -> Result<(), Problem> {
        self.call(|_, _| Ok(()))
    }

    /// What the plugin says of itself.
    ///
    /// # Errors
    /// Where it fails.
    pub(crate) fn describe(&self) -> Result<wit::Description, Problem> {
        self.call(|plugin, store| plugin.call_describe(store))
    }

    /// Hands the plugin one text, in an instance that nobody used before and nobody will use again.
    ///
    /// # Errors
    /// Where it fails, or exceeds a limit.
    pub(crate) fn transform(
        &self,
        definition: &str,
        settings: &str,
        options: &wit::Options,
    ) -> Result<Result<wit::Outcome, wit::Failure>, Problem> {
        self.call(|plugin, store| plugin.call_transform(store, definition, settings, options))
    }

    fn call<T>(&self, call: impl FnOnce(&wit::Guest, &mut Store<Held>) -> wasmtime::Result<T>) -> Result<T, Problem> {
        let most = self.limits.memory_mib as usize * MIB;
        // Before the store, so that the store's room is free when the next call may begin.
        let running = self.ticker.run();
        let mut store = Store::new(&self.engine, Held::new(most));
        store.limiter(|held| held);
        store.set_hostcall_fuel(self.limits.output_mib as usize * MIB);
        store.set_epoch_deadline(Ticker::steps(self.limits.time_ms));
        let done = self
            .plugin
            .instantiate(&mut store)
            .and_then(|plugin| call(plugin.pullcreds_transform_transformer(), &mut store));
        let done = done.map_err(|error| self.in_words(&error, store.data()));
        drop(store);
        drop(running);
        done
    }

    /// Why a call failed.
    fn in_words(&self, error: &wasmtime::Error, held: &Held) -> Problem {
        let limits = self.limits;
        let more = |key: &str| format!("if it is to be trusted with more, raise `{key}` under its [[plugin]]");
        if held.is_refused {
            return Problem::new(format!(
                "it wants more memory than the {} MiB that it may have",
                limits.memory_mib
            ))
            .with_help(more("memory-mib"));
        }
        let cause = error.root_cause().to_string();
        match error.downcast_ref::<Trap>() {
            Some(Trap::Interrupt) => Problem::new(format!("it ran longer than the {} ms that it may", limits.time_ms))
                .with_help(more("time-ms")),
            Some(Trap::StackOverflow) => Problem::new(format!(
                "its calls nest deeper than the {} KiB of stack that it may have",
                limits.stack_kib
            ))
            .with_help(more("stack-kib")),
            Some(trap) => Problem::new(format!("it broke off: {trap}")),
            None if cause.contains(OUTPUT_EXHAUSTED) => Problem::new(format!(
                "it hands back more than the {} MiB that it may",
                limits.output_mib
            ))
            .with_help(more("output-mib")),
            None => Problem::new(format!("what it hands back cannot be read: {cause}")),
        }
    }
}

impl std::fmt::Debug for Host {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Host")
            .field("limits", &self.limits)
            .finish_non_exhaustive()
    }
}

const MIB: usize = 1 << 20;
/// How wasmtime says that a guest handed over more than it may; it has no type for it.
const OUTPUT_EXHAUSTED: &str = "fuel allocated for hostcalls has been exhausted";
/// Elements of all tables together; a table of functions has one for each that is called indirectly.
const MOST_ELEMENTS: usize = 100_000;

/// How many calls of one plugin run at a time; who comes later waits.
const MOST_CALLS: u32 = 32;
const MOST_INSTANCES: u32 = 64;
const MOST_TABLES: u32 = 64;
const MOST_MEMORIES: u32 = 8;
/// Bytes of a memory, and of a table, that stay in place between two calls, as zeros again or as the plugin has them.
const KEPT_MEMORY: usize = 2 * MIB;
const KEPT_TABLE: usize = 64 << 10;

fn engine(limits: Limits) -> wasmtime::Result<Engine> {
    let mut config = Config::new();
    config
        .wasm_component_model(true)
        .wasm_relaxed_simd(false)
        .cranelift_nan_canonicalization(true)
        .epoch_interruption(true)
        .max_wasm_stack(limits.stack_kib as usize * 1024)
        .wasm_backtrace_max_frames(None);
    let on_demand = config.clone();
    config.allocation_strategy(InstanceAllocationStrategy::Pooling(pool()));
    // The places are addresses, hardly memory; where even those are scarce (`ulimit -v`), each instance asks for its own.
    Engine::new(&config).or_else(|_| Engine::new(&on_demand))
}

/// Places for instances, used again. Only what a call has written is made as it was, page by page, where the system tells
/// (Linux 6.7 and newer): an instance whose pages are all mapped anew costs several times as much, mostly in page faults.
fn pool() -> PoolingAllocationConfig {
    let mut pool = PoolingAllocationConfig::new();
    pool.total_component_instances(MOST_CALLS)
        .total_core_instances(MOST_CALLS * MOST_INSTANCES)
        .total_memories(MOST_CALLS * MOST_MEMORIES)
        .total_tables(MOST_CALLS * MOST_TABLES)
        .max_core_instances_per_component(MOST_INSTANCES)
        .max_memories_per_component(MOST_MEMORIES)
        .max_tables_per_component(MOST_TABLES)
        .table_elements(MOST_ELEMENTS)
        .linear_memory_keep_resident(KEPT_MEMORY)
        .table_keep_resident(KEPT_TABLE)
        .pagemap_scan(Enabled::Auto);
    pool
}

/// What an instance has taken; it has nothing else of its host's.
struct Held {
    memory: usize,
    most: usize,
    elements: usize,
    /// Whether it asked for more memory than it may have.
    is_refused: bool,
}

impl Held {
    fn new(most: usize) -> Held {
        Held {
            memory: 0,
            most,
            elements: 0,
            is_refused: false,
        }
    }
}

/// Bounds are those of all memories and of all tables together. Asking for more ends the call, so that the reason is told.
impl ResourceLimiter for Held {
    fn memory_growing(&mut self, current: usize, desired: usize, _: Option<usize>) -> wasmtime::Result<bool> {
        let grown = self.memory.saturating_add(desired.saturating_sub(current));
        if grown > self.most {
            self.is_refused = true;
            wasmtime::bail!("memory limit");
        }
        self.memory = grown;
        Ok(true)
    }

    fn table_growing(&mut self, current: usize, desired: usize, _: Option<usize>) -> wasmtime::Result<bool> {
        self.elements = self.elements.saturating_add(desired.saturating_sub(current));
        wasmtime::ensure!(
            self.elements <= MOST_ELEMENTS,
            "more than {MOST_ELEMENTS} elements of tables"
        );
        Ok(true)
    }

    fn instances(&self) -> usize {
        MOST_INSTANCES as usize
    }

    fn tables(&self) -> usize {
        MOST_TABLES as usize
    }

    fn memories(&self) -> usize {
        MOST_MEMORIES as usize
    }
}
