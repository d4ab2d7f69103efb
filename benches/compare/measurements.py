"""What is compared with what, a function a group, and the goals.

Each group runs its commands in turn and gives rows for the table. The reasons for the shape of each comparison stand in
the docstring of `benches/compare.py`, for those who read the numbers.
"""

import functools
import json
import os
import shutil
import subprocess
from dataclasses import dataclass, field
from pathlib import Path

from . import definitions, peers
from .report import Row, compared, seconds, size
from .timing import HERE, Command, Launcher, Runs, Unable, alternate, build

SAMPLE = 200
SIZES = (1, 10, 100)
MEGABYTES_A_SECOND = 150
TIMES_THE_FILE = 4
BEATEN = {"jaq": 4, "jq": 10, "python3": 25, "node": None}


@dataclass
class Bench:
    """Where things are, and what was measured so far."""

    binary: Path
    memory: Path
    disk: Path
    launcher: Launcher
    peers: dict[str, peers.Peer]
    runs: int
    repeats: int
    files: int
    component: Path
    rows: list[Row] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    raw: dict = field(default_factory=dict)

    @functools.cached_property
    def policy(self) -> Path:
        file = self.memory / "pullcreds.toml"
        file.write_text(definitions.POLICY, encoding="utf-8")
        return file

    @functools.cached_property
    def trees(self) -> Path:
        """The folder with `clean/`, `missing/` and the two arrays."""
        definitions.make_trees(self.memory, self.files)
        return self.memory

    @functools.cached_property
    def names(self) -> list[str]:
        """The tree's files, relative to it."""
        tree = self.trees / "missing"
        return sorted(os.path.relpath(file, tree) for file in tree.rglob("*.json"))

    def pullcreds(self, *arguments) -> list:
        return [self.binary, *arguments, "--config", self.policy]

    def rg(self, tree: Path, name: str = "rg -l") -> list[Command]:
        if "rg" not in self.peers:
            return []
        return [Command(name, [self.peers["rg"].program, "-l", definitions.HOST, tree])]

    def injectors(self) -> list[peers.Peer]:
        return [self.peers[name] for name in BEATEN if name in self.peers]

    def measure(self, group: str, commands: list[Command], runs: int | None = None, warm_ups: int = 1) -> Runs:
        result = alternate(self.launcher, commands, runs or self.runs, warm_ups)
        self.problems += [f"{group}: {problem}" for problem in result.problems]
        self.raw.setdefault(group, {}).update(
            {name: [vars(sample) for sample in samples] for name, samples in result.samples.items()}
        )
        return result

    def add(self, row: Row | None) -> None:
        if row:
            self.rows.append(row)


def check(bench: Bench) -> None:
    """`check` of the tree beside `rg -l` of the same tree, clean and with a finding in every file."""
    for variant, status, goal in (("clean", 0, 1.0), ("missing", 1, 3.0)):
        tree = bench.trees / variant
        verify = functools.partial(reported, bench, bench.files if variant == "missing" else 0)
        command = Command("check", bench.pullcreds("check", tree), expected=(status,), verify=verify)
        runs = bench.measure(f"check-{variant}", [command, *bench.rg(tree)])
        what = "check, clean tree" if variant == "clean" else "check, a finding in every file"
        bench.add(compared(runs, "check", "rg -l", what=what, at_most=goal))


def fix(bench: Bench) -> None:
    """`fix` that changes every file, beside `rg -l` and beside a program that only reads and rewrites."""
    tree, copy = bench.trees / "missing", bench.memory / "copy"
    remade = functools.partial(remake, tree, copy)
    rewrite = build(HERE / "rewrite.rs", bench.memory)
    commands = [
        Command("fix", bench.pullcreds("fix", copy, "--no-fsync"), prepare=remade, verify=functools.partial(unlike, bench, copy)),
        Command("rewrite", [rewrite, copy], prepare=remade),
        *bench.rg(tree),
    ]
    runs = bench.measure("fix", commands)
    bench.add(compared(runs, "fix", "rg -l", what="fix of every file, no fsync", at_most=3.0))
    bench.add(compared(runs, "rewrite", "rg -l", what="(reads and rewrites every file, no more)"))


def disk(bench: Bench) -> None:
    """The same on a disk, with and without waiting for it; stated, no goal: the file system decides."""
    copy = bench.disk / "copy"
    remade = functools.partial(remake, bench.trees / "missing", copy, settle=True)
    commands = [
        Command("fix, no fsync", bench.pullcreds("fix", copy, "--no-fsync"), prepare=remade),
        Command("fix, fsync", bench.pullcreds("fix", copy), prepare=remade, verify=functools.partial(unlike, bench, copy)),
        *bench.rg(bench.trees / "missing"),
    ]
    runs = bench.measure("disk", commands, runs=min(bench.runs, 2))
    for name in ("fix, no fsync", "fix, fsync"):
        bench.add(compared(runs, name, "rg -l", what=f"on the disk: {name}"))
    shutil.rmtree(copy, ignore_errors=True)


def text(bench: Bench) -> None:
    """The same injection by one process each, one array of all the apps from standard input to standard output."""
    array = bench.trees / "missing.json"
    expected = bench.trees / "clean.json"

    def right(output: Path) -> str | None:
        with open(output, encoding="utf-8") as made, open(expected, encoding="utf-8") as wanted:
            return None if json.load(made) == json.load(wanted) else "what it prints is not the right injection"

    commands = [Command("fix -", bench.pullcreds("fix", "-"), stdin=array, verify=right)]
    for peer in bench.injectors():
        commands.append(Command(peer.name, peers.over_text(peer), stdin=array, verify=right))
    python = bench.peers["python3"]
    commands.append(Command("compact", [*peers.over_text(python), "--compact"], stdin=array, verify=right))
    runs = bench.measure("text", commands)
    what = f"injection, one text of {array.stat().st_size / 1e6:.0f} MB"
    for name, goal in BEATEN.items():
        row = compared(runs, "fix -", name, what=what, at_least=goal or 1)
        bench.add(row if goal else plain(row))
    bench.add(plain(compared(runs, "fix -", "compact", what=what, at_least=1, beside="python3, unindented output")))


def tree(bench: Bench) -> None:
    """The same injection by one process each, over the tree of files."""
    source, copy = bench.trees / "missing", bench.memory / "copy"
    remade = functools.partial(remake, source, copy)
    changed = functools.partial(unlike, bench, copy)
    commands = [Command("fix", bench.pullcreds("fix", copy, "--no-fsync"), prepare=remade, verify=changed)]
    for peer in bench.injectors():
        arguments = peers.over_tree(peer, bench.names)
        if peer.name == "jq":
            commands.append(Command("jq", arguments, folder=source))
        else:
            # The folder is made anew before each run, so it is entered by name when the run begins.
            commands.append(Command(peer.name, arguments, folder=copy, prepare=remade, verify=changed))
    straight = [*peers.over_tree(bench.peers["python3"], []), "--straight"]
    commands.append(Command("straight", straight, folder=copy, prepare=remade, verify=changed))
    runs = bench.measure("tree", commands)
    what = "injection, tree, in place"
    how = {"jq": "jq (prints only)", "jaq": "jaq -i", "python3": "python3", "node": "node"}
    for name, goal in BEATEN.items():
        row = compared(runs, "fix", name, what=what, beside=how[name], at_least=goal or 1)
        bench.add(row if goal else plain(row))
    bench.add(plain(compared(runs, "fix", "straight", what=what, at_least=1, beside="python3, straight into the files")))


def each(bench: Bench) -> None:
    """A process a file, as shell scripts have it: a sample of the tree, and what the whole would take."""
    sample, copy = bench.memory / "sample", bench.memory / "sample-copy"
    names = bench.names[:: max(1, len(bench.names) // SAMPLE)][:SAMPLE]
    for name in names:
        (sample / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(bench.trees / "missing" / name, sample / name)
    remade = functools.partial(remake, sample, copy)
    changed = functools.partial(unlike, bench, copy)
    commands = [Command("fix", bench.pullcreds("fix", copy, "--no-fsync"), prepare=remade, verify=changed)]
    for name in ("jq", "jaq"):
        if name in bench.peers:
            arguments = peers.over_each(bench.peers[name])
            commands.append(Command(name, arguments, folder=copy, prepare=remade, verify=changed))
    runs = bench.measure("each", commands)
    for name in ("jq", "jaq"):
        if name in runs.samples:
            whole = seconds(runs.wall(name) * bench.files / len(names))
            beside = f"{name}, a process a file (all {bench.files}: {whole})"
            row = compared(runs, "fix", name, what=f"injection, {len(names)} files", beside=beside, at_least=1)
            bench.add(plain(row))


def one(bench: Bench) -> None:
    """`check` of one file beside a Rust program that does nothing."""
    nothing = build(HERE / "nothing.rs", bench.memory)
    file = bench.trees / "clean" / bench.names[0]
    commands = [Command("check", bench.pullcreds("check", file)), Command("nothing", [nothing])]
    runs = bench.measure("one", commands, runs=bench.repeats, warm_ups=10)
    bench.add(
        compared(runs, "check", "nothing", what="check, one file", beside="a Rust program that does nothing", at_most=1.5)
    )


def group(bench: Bench) -> None:
    """Group files of 1, 10 and 100 MB: speed, memory, and whether the time grows in proportion."""
    took = {}
    for megabytes in SIZES:
        definitions.make_group(bench.memory, megabytes)
        clean, missing = (bench.memory / f"group-{variant}-{megabytes}.json" for variant in ("clean", "missing"))
        apps = clean.read_bytes().count(b'"fetch"')
        found = functools.partial(reported, bench, apps)
        # Beyond that Python's own reading would take longer than all the rest.
        right = functools.partial(same_json, clean) if megabytes <= 10 else None
        commands = [
            Command("check, clean", bench.pullcreds("check", clean), verify=functools.partial(reported, bench, 0)),
            Command("check, a finding an app", bench.pullcreds("check", missing), expected=(1,), verify=found),
            Command("patch", bench.pullcreds("patch", missing), verify=functools.partial(patched, apps)),
            Command("fix --diff", bench.pullcreds("fix", missing, "--diff"), expected=(1,)),
            Command("fix -", bench.pullcreds("fix", "-"), stdin=missing, verify=right),
        ]
        runs = bench.measure(f"group-{megabytes}", commands)
        for name, samples in runs.samples.items():
            length = (clean if "clean" in name else missing).stat().st_size
            took.setdefault(name, {})[megabytes] = runs.wall(name) / length
            bench.rows += group_rows(f"{name}: group of {megabytes} MB", runs, name, samples, length)
        clean.unlink()
        missing.unlink()
    for name, per_byte in took.items():
        if 10 in per_byte and 100 in per_byte:
            growth = per_byte[100] / per_byte[10]
            # A fifth over proportion is left to caches and page tables.
            bench.add(Row(f"{name}: time a byte, 100 MB over 10 MB", "", ratio=f"{growth:.2f}×", goal="≤ 1.2×",
                          met=growth <= 1.2))  # fmt: skip


def group_rows(what: str, runs: Runs, name: str, samples: list, length: int) -> list[Row]:
    speeds = [length / sample.wall / 1e6 for sample in samples]
    speed, memory = length / runs.wall(name) / 1e6, runs.peak(name) / length
    median, peak = seconds(runs.wall(name)), size(runs.peak(name))
    return [
        Row(what, median, peak, "the file", its_peak=size(length),
            ratio=f"{speed:.0f} MB/s ({min(speeds):.0f}–{max(speeds):.0f})",
            goal=f"≥ {MEGABYTES_A_SECOND} MB/s", met=speed >= MEGABYTES_A_SECOND),
        Row(f"{what}, memory", median, peak, "the file", its_peak=size(length),
            ratio=f"{memory:.2f}×", goal=f"≤ {TIMES_THE_FILE}×", met=memory <= TIMES_THE_FILE),
    ]  # fmt: skip


def plugin(bench: Bench) -> None:
    """The transformer as a plugin beside the same call in the program itself, on one app of 2 and of 64 KB."""
    component = bench.component
    if not component.exists():
        raise Unable(f"no plugin at {component}: cargo xtask plugin, or --component FILE")
    settings = json.dumps({"registry": [{"match": definitions.HOST, "archive": definitions.ARCHIVE}]})
    for size_of_app, goal in ((2_000, 3.0), (64_000, 2.5)):
        app = bench.memory / "app.json"
        app.write_text(definitions.app_of(size_of_app), encoding="utf-8")
        command = [bench.binary, "plugin", "bench", component, app, "--settings", settings, "--format", "json"]
        ran = subprocess.run(command, capture_output=True, text=True, check=False)
        if ran.returncode:
            raise Unable(ran.stderr.strip())
        times = json.loads(ran.stdout)
        bench.raw.setdefault("plugin", {})[str(size_of_app)] = times
        call, native = times["call"] / 1e6, times["native"] / 1e6
        row = Row(f"a plugin's call, {times['bytes'] / 1000:.0f} KB", seconds(call), "", "native", seconds(native), "")
        row.ratio, row.goal, row.met = f"{call / native:.2f}×", f"≤ {goal:g}×", call / native <= goal
        bench.add(row)
    for what, name, least in (("a fresh instance", "instance", 100e-6), ("a second start of a plugin", "start", 10e-3)):
        took = times[name] / 1e6
        bench.add(Row(what, seconds(took), goal=f"≤ {seconds(least)}", met=took <= least))


def plain(row: Row | None) -> Row | None:
    """The row without its goal: stated only."""
    if row:
        row.goal, row.met = "", None
    return row


def remake(source: Path, copy: Path, settle: bool = False) -> None:
    """A fresh copy of a tree; `settle` waits until it is on the disk, so that its writing is not in what is timed."""
    shutil.rmtree(copy, ignore_errors=True)
    subprocess.run(["cp", "-r", source, copy], check=True)
    if settle:
        os.sync()


def unlike(bench: Bench, copy: Path, _output: Path) -> str | None:
    """What is wrong with a rewritten copy: every file must mean what the clean variant means, and none be left over."""
    for file in (file for file in copy.rglob("*") if file.is_file()):
        wanted = bench.trees / "clean" / file.relative_to(copy)
        if not wanted.exists():
            return f"left {file.relative_to(copy)} behind"
        if wrong := same_json(wanted, file):
            return f"{file.relative_to(copy)}: {wrong}"
    return None


def reported(bench: Bench, count: int, output: Path) -> str | None:
    """What is wrong with a report, on either stream: it must name the missing archive so many times."""
    named = sum(file.read_bytes().count(b"MC001") for file in (output, bench.launcher.errors))
    if named < count or named and not count:
        return f"reports MC001 {named} times, not {count}"
    return None


def patched(count: int, output: Path) -> str | None:
    """What is wrong with a patch: it must have an operation for each app."""
    operations = json.loads(output.read_bytes())
    return None if len(operations) >= count else f"{len(operations)} operations for {count} apps"


def same_json(wanted: Path, made: Path) -> str | None:
    try:
        same = json.loads(made.read_bytes()) == json.loads(wanted.read_bytes())
    except ValueError as error:
        return f"not JSON: {error}"
    return None if same else "not the right injection"


GROUPS = {
    "check": check,
    "fix": fix,
    "disk": disk,
    "text": text,
    "tree": tree,
    "each": each,
    "one": one,
    "group": group,
    "plugin": plugin,
}
