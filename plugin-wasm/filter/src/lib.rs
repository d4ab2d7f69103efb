//! The filter as a WASI preview 1 command: `_start`, `memory`, and no import but reading, writing, arguments,
//! environment and the exit code.
//!
//! It is built for wasm32-unknown-unknown over the bare calls, since std for wasm32-wasip1 imports more than it needs.
//! What it does is `pullcreds_plugin::filter`; on the host this crate is empty.
#![cfg(target_arch = "wasm32")]
#![expect(unsafe_code, reason = "the calls of WASI take addresses")]

use pullcreds_plugin::filter::{Unwritten, World, run};
use wasip1::{Ciovec, ERRNO_IO, ERRNO_PIPE, Errno, Iovec};

const STDIN: wasip1::Fd = 0;
const STDOUT: wasip1::Fd = 1;
const STDERR: wasip1::Fd = 2;
const POLICY: &[u8] = b"PULLCREDS_POLICY=";

/// The command.
#[unsafe(no_mangle)]
pub extern "C" fn _start() {
    std::panic::set_hook(Box::new(|panic| {
        let _ = write(STDERR, format!("internal error: {panic}\n").as_bytes());
        exit(2);
    }));
    let mut streams = Streams;
    let code = match (arguments(), policy()) {
        (Ok(arguments), Ok(policy)) => run(&arguments, policy.as_deref(), &mut streams),
        (Err(why), _) => complain(&format!("the arguments cannot be read: {why}")),
        (_, Err(why)) => complain(&format!("PULLCREDS_POLICY cannot be read: {why}")),
    };
    if code != 0 {
        exit(code);
    }
}

struct Streams;

impl World for Streams {
    fn read(&mut self, buffer: &mut Vec<u8>, most: usize) -> Result<usize, String> {
        buffer.reserve(most);
        let spare = &mut buffer.spare_capacity_mut()[..most];
        let iovec = [Iovec {
            buf: spare.as_mut_ptr().cast(),
            buf_len: spare.len(),
        }];
        // SAFETY: the one vector names `spare.len()` bytes that are ours to write.
        let read = unsafe { wasip1::fd_read(STDIN, &iovec) }.map_err(in_words)?;
        let read = read.min(most);
        // SAFETY: the host has written so many of the bytes behind the length.
        unsafe { buffer.set_len(buffer.len() + read) };
        Ok(read)
    }

    fn output(&mut self, bytes: &[u8]) -> Result<(), Unwritten> {
        write(STDOUT, bytes).map_err(|error| match error {
            ERRNO_PIPE => Unwritten::Closed,
            error => Unwritten::Failed(in_words(error)),
        })
    }

    fn messages(&mut self, text: &str) {
        // Nobody is left to tell that standard error is closed.
        let _ = write(STDERR, text.as_bytes());
    }
}

fn write(to: wasip1::Fd, mut bytes: &[u8]) -> Result<(), Errno> {
    while !bytes.is_empty() {
        let iovec = [Ciovec {
            buf: bytes.as_ptr(),
            buf_len: bytes.len(),
        }];
        // SAFETY: the one vector names bytes that are there to be read.
        let written = unsafe { wasip1::fd_write(to, &iovec) }?;
        if written == 0 {
            return Err(ERRNO_IO);
        }
        bytes = &bytes[written.min(bytes.len())..];
    }
    Ok(())
}

fn complain(message: &str) -> u8 {
    Streams.messages(&format!("error: {message}\n"));
    2
}

fn exit(code: u8) -> ! {
    // SAFETY: it takes a number and does not come back.
    unsafe { wasip1::proc_exit(code.into()) };
    // The call has no return; its type does not say so.
    std::process::abort()
}

fn in_words(error: Errno) -> String {
    error.message().to_owned()
}

/// Those after the program's name.
fn arguments() -> Result<Vec<String>, String> {
    // SAFETY: both calls fill what `list` gives them.
    let arguments = unsafe { list(wasip1::args_sizes_get, wasip1::args_get) }?;
    let arguments = arguments.into_iter().skip(1).map(String::from_utf8);
    arguments
        .collect::<Result<_, _>>()
        .map_err(|_| "one of them is not UTF-8".to_owned())
}

/// What the variable holds, if it is set.
fn policy() -> Result<Option<String>, String> {
    // SAFETY: both calls fill what `list` gives them.
    let variables = unsafe { list(wasip1::environ_sizes_get, wasip1::environ_get) }?;
    let policy = variables.iter().find_map(|variable| variable.strip_prefix(POLICY));
    let policy = policy.map(|policy| String::from_utf8(policy.to_vec()));
    policy.transpose().map_err(|_| "it is not UTF-8".to_owned())
}

/// The strings that such a pair of calls gives, each without its final zero.
///
/// # Safety
/// The second call must write as many addresses and bytes as the first one says.
unsafe fn list(
    sizes: unsafe fn() -> Result<(wasip1::Size, wasip1::Size), Errno>,
    get: unsafe fn(*mut *mut u8, *mut u8) -> Result<(), Errno>,
) -> Result<Vec<Vec<u8>>, String> {
    // SAFETY: it only reads.
    let (count, length) = unsafe { sizes() }.map_err(in_words)?;
    if count == 0 {
        // An empty list has no address that every host takes.
        return Ok(Vec::new());
    }
    let mut starts = vec![std::ptr::null_mut(); count];
    let mut bytes = vec![0_u8; length];
    // SAFETY: there is room for as many as the host has just said.
    unsafe { get(starts.as_mut_ptr(), bytes.as_mut_ptr()) }.map_err(in_words)?;
    let strings = bytes.split(|byte| *byte == 0).take(count);
    Ok(strings.map(<[u8]>::to_vec).collect())
}
