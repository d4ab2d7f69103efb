//! Runs one program and reports what it took: `launch REPORT PROGRAM ARGUMENT…`.
//!
//! Why not from Python directly: a child's peak memory starts at that of the process that forked it, so a child of the
//! interpreter never shows less than some 10 MB, and the interpreter's own work would be in the time of a program that
//! lives for a millisecond. This one is smaller than anything it measures. Linux only: `ru_maxrss` is in kilobytes there.
//!
//! REPORT gets one line: wall nanoseconds, user and system microseconds, peak kilobytes, exit status (minus the signal
//! when there was one). The program inherits the standard streams.

use std::ffi::{c_int, c_long};
use std::process::{Command, exit};
use std::time::Instant;
use std::{env, fs};

/// `struct rusage` of Linux: two `timeval`s and fourteen longs.
#[repr(C)]
#[derive(Default)]
struct Usage {
    user: [c_long; 2],
    system: [c_long; 2],
    peak: c_long,
    rest: [c_long; 13],
}

unsafe extern "C" {
    fn wait4(pid: c_int, status: *mut c_int, options: c_int, usage: *mut Usage) -> c_int;
}

fn main() {
    let mut arguments = env::args_os().skip(1);
    let (Some(report), Some(program)) = (arguments.next(), arguments.next()) else {
        eprintln!("launch REPORT PROGRAM ARGUMENT…");
        exit(2);
    };
    let mut command = Command::new(program);
    command.args(arguments);
    let start = Instant::now();
    let child = match command.spawn() {
        Ok(child) => child,
        Err(error) => {
            eprintln!("cannot start {:?}: {error}", command.get_program());
            exit(2);
        }
    };
    let (mut status, mut usage) = (0, Usage::default());
    // SAFETY: both pointers are to live values of the right layout, and nobody else waits for this child.
    let waited = unsafe { wait4(child.id() as c_int, &mut status, 0, &mut usage) };
    let wall = start.elapsed().as_nanos();
    if waited < 0 {
        eprintln!("cannot wait for the program");
        exit(2);
    }
    let code = if status & 0x7f == 0 { status >> 8 & 0xff } else { -(status & 0x7f) };
    let [user, system] = [usage.user, usage.system].map(|[seconds, micros]| seconds * 1_000_000 + micros);
    let line = format!("{wall} {user} {system} {} {code}\n", usage.peak);
    if let Err(error) = fs::write(&report, line) {
        eprintln!("cannot write the report: {error}");
        exit(2);
    }
}
