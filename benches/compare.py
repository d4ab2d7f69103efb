#!/usr/bin/env python3
"""Times pullcreds beside other programs that do the same job, whole processes in one run, and prints one table.

    cargo build --profile dist
    python3 benches/compare.py                    # everything, some minutes
    python3 benches/compare.py --only one         # a group: check fix disk text tree each one group plugin
    python3 benches/compare.py --runs 9 --json numbers.json

Needs Linux, Python 3.11, rustc, and of jq, jaq, node and rg those that are to be compared (it says how the missing ones
are got; `--require-all` makes a missing one an error). It asserts nothing: the exit status is 0 unless something could
not be run or did not do the job, so that a slow machine fails nobody's build.

How it measures. The commands of a group run in turn (A B C A B C …), after a warm-up each in which what they do is
verified: an injection counts only if every file then means what it should. Times are wall times of the whole process;
the ratio is that of the medians, with the least and greatest ratio of one round. Output goes nowhere (/dev/null), input
is in the page cache. Peaks are the greatest resident set of any run. All definitions come from one seed.

Where the files are. The trees are in memory (/dev/shm, `--memory`), because on a disk the renames of 20,000 files can
take fifty times all the rest together, for every program alike, and the table would compare file systems. The group
`disk` states the same `fix` on a real disk (`--disk`), with fsync and without. When there is no room in memory, both are
on the disk, and the machine's line says so.

What is compared with what, and why it is fair:

check   `pullcreds check TREE` beside `rg -l registry.example.com TREE`: 20,000 apps of about 2 KB in nested folders, all
        with the credential archive in `fetch` (clean) or none with it (a finding in every file, all reported). rg reads
        each file to the first match only, walks as pullcreds does (.gitignore honoured, all cores), and knows no JSON.
fix     `pullcreds fix TREE --no-fsync` that changes all files, beside the same rg, which writes nothing. The row below it
        is a Rust program that reads every file and writes it by a rename, as a safe `fix` must, and does nothing else:
        what the file system alone takes. The tree is made anew before each run, outside the time.
text    The injection itself, by one process each, from standard input to standard output: all apps as one array. The
        purest comparison, with no file system in it. All print indented JSON, since the definitions are kept in
        repositories and read; Python without indentation, for which it has a writer in C, is stated beside it. Only
        pullcreds keeps the other bytes as they were.
tree    The injection by one process each over the tree, changed in place. Every file keeps its indentation and is written
        by a rename, so that a killed run leaves it whole: pullcreds does it so, and so do the scripts for node and Python,
        as a careful person writes them. `jaq -i` renames, too, but indents as it likes; jq cannot write back, so it gets
        all the names and prints: less work, both of them. Python without that care, straight into the files with two
        spaces, is stated beside it. pullcreds uses all cores, the others one: that is how each comes.
each    How jq is mostly used: a process a file in a shell's loop, on 200 of the files; in brackets what all would take.
one     `pullcreds check FILE` beside a Rust program that does nothing: what a pre-commit hook costs beyond a process.
group   One group file of 1, 10 and 100 MB (nested groups, clean or with a finding an app): speed, peak memory over the
        file's size, and whether the time a byte stays the same.
plugin  What `pullcreds plugin bench` says of the component that `cargo xtask plugin` makes: one call in a fresh instance
        beside the same call in the program itself, in turns, within one process; needs a build with `--features plugins`.

The goal "jaq beaten 4 times, jq 10 times, python 25 times in one process" is taken in the stricter sense: one process of
each does all the work, however many files that are. A process a file, as in `each`, would flatter pullcreds; it has no
goal. The goal stands at both jobs that can be done so, `text` and `tree`.
"""

import argparse
import json
import os
import shutil
import signal
import sys
import tempfile
from pathlib import Path

sys.dont_write_bytecode = True

from compare import peers, report  # noqa: E402
from compare.measurements import GROUPS, Bench  # noqa: E402
from compare.timing import Launcher, Unable  # noqa: E402

ROOT = Path(__file__).resolve().parent.parent
ROOM_IN_MEMORY = 1_500_000_000


def main() -> int:
    arguments = parse()
    binary = arguments.binary.resolve()
    if not os.access(binary, os.X_OK):
        print(f"compare: no program at {binary}: cargo build --profile dist, or --binary PATH", file=sys.stderr)
        return 2
    found, missing = peers.find()
    for name, how in missing.items():
        print(f"compare: {name} is not installed, so it is left out: {how}", file=sys.stderr)
    if missing and arguments.require_all:
        return 2

    with (
        tempfile.TemporaryDirectory(prefix="pullcreds-bench-", dir=memory_folder(arguments)) as memory,
        tempfile.TemporaryDirectory(prefix="pullcreds-bench-", dir=arguments.disk) as disk,
    ):
        machine = report.machine(Path(memory), Path(disk))
        try:
            bench = Bench(
                binary=binary,
                memory=Path(memory),
                disk=Path(disk),
                launcher=Launcher(Path(memory)),
                peers=found,
                runs=arguments.runs,
                repeats=arguments.repeats,
                files=arguments.files,
                component=arguments.component.resolve(),
            )
        except Unable as problem:
            print(f"compare: {problem}", file=sys.stderr)
            return 2
        for name in arguments.only or GROUPS:
            print(f"compare: {name} …", file=sys.stderr)
            try:
                GROUPS[name](bench)
            except Unable as problem:
                bench.problems.append(f"{name}: {problem}")
    machine["load at the end"] = round(os.getloadavg()[0], 2)
    versions = {"pullcreds": peers.version(binary)} | {name: peer.version for name, peer in found.items()}

    print(report.table(bench.rows))
    print()
    print("Machine: " + "; ".join(f"{what}: {value}" for what, value in machine.items()) + ".")
    print("Versions: " + "; ".join(versions.values()) + ".")
    counts = f"{arguments.runs} runs each, {arguments.repeats} of one file, {arguments.files} files in the tree"
    print(f"Counts: {counts}.")
    if max(machine["load at the start"], machine["load at the end"]) > machine["cores"]:
        print("The machine was busy with other things: take these numbers for no more than a sign of life.")
    if arguments.json:
        rows = [vars(row) for row in bench.rows]
        numbers = {"machine": machine, "versions": versions, "counts": counts, "rows": rows, "samples": bench.raw}
        arguments.json.write_text(json.dumps(numbers | {"problems": bench.problems}, indent=1) + "\n", encoding="utf-8")
    for problem in bench.problems:
        print(f"compare: {problem}", file=sys.stderr)
    return 1 if bench.problems else 0


def parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--binary", type=Path, default=ROOT / "target/dist/pullcreds", help="the pullcreds to time")
    parser.add_argument(
        "--component", type=Path, default=ROOT / "target/plugin/pullcreds.component.wasm", help="the plugin to time"
    )
    parser.add_argument("--only", action="append", choices=GROUPS, help="this group (may be repeated)")
    parser.add_argument("--runs", type=positive, default=5, help="timed runs of each command (5)")
    parser.add_argument("--repeats", type=positive, default=200, help="timed runs of one small file (200)")
    parser.add_argument("--files", type=positive, default=20_000, help="files in the tree (20000; fewer is a smoke test)")
    parser.add_argument("--memory", type=Path, help="a folder in memory for the trees (/dev/shm)")
    parser.add_argument("--disk", type=Path, default=Path(tempfile.gettempdir()), help="a folder on a disk (TMPDIR)")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the raw numbers there")
    parser.add_argument("--require-all", action="store_true", help="fail when a peer is missing")
    return parser.parse_args()


def positive(text: str) -> int:
    value = int(text)
    if value < 1:
        raise ValueError
    return value


def memory_folder(arguments: argparse.Namespace) -> Path:
    """Where the trees go: in memory when there is room for them."""
    if arguments.memory:
        return arguments.memory
    shared = Path("/dev/shm")
    if os.access(shared, os.W_OK) and shutil.disk_usage(shared).free > ROOM_IN_MEMORY:
        return shared
    return arguments.disk


if __name__ == "__main__":
    # A killed run must not leave half a gigabyte in memory.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    sys.exit(main())
