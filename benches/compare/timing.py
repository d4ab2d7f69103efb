"""Runs commands in turn and keeps what each run took: wall time, processor time, peak memory.

Knows nothing of what the commands are for.
"""

import os
import statistics
import subprocess
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

HERE = Path(__file__).parent


class Unable(Exception):
    """Something could not be run, or did not do what it was to do."""


@dataclass
class Command:
    """One whole process to be timed."""

    name: str
    arguments: list
    folder: Path | None = None
    stdin: Path | None = None
    expected: tuple = (0,)
    """The exit statuses of a run that did its work."""
    prepare: Callable[[], None] | None = None
    """Run before each run, outside the time."""
    verify: Callable[[Path], str | None] | None = None
    """Given the warm-up's standard output; says what is wrong with what was done, if anything is."""


@dataclass
class Sample:
    """One run: seconds and bytes."""

    wall: float
    processor: float
    peak: int


@dataclass
class Runs:
    """What the commands of one group took, a list of samples each, in the order of the rounds."""

    samples: dict[str, list[Sample]] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)

    def wall(self, name: str) -> float:
        return statistics.median(sample.wall for sample in self.samples[name])

    def peak(self, name: str) -> int:
        return max(sample.peak for sample in self.samples[name])

    def ratios(self, name: str, other: str) -> list[float]:
        """`name` over `other`: of the medians, and the least and greatest of one round."""
        rounds = [a.wall / b.wall for a, b in zip(self.samples[name], self.samples[other])]
        return [self.wall(name) / self.wall(other), min(rounds), max(rounds)]


class Launcher:
    """The small program that starts a process and reads its usage; see launch.rs for why it is not Python."""

    def __init__(self, folder: Path):
        self.program = build(HERE / "launch.rs", folder)
        self.report = folder / "launch.report"
        self.output = folder / "launch.stdout"
        self.errors = folder / "launch.stderr"

    def run(self, command: Command, keep_output: bool = False) -> Sample:
        """One run; with `keep_output` its streams are kept in files, else thrown away."""
        self.report.unlink(missing_ok=True)
        arguments = [self.program, self.report, *command.arguments]
        with (
            open(command.stdin or os.devnull, "rb") as stdin,
            open(self.output if keep_output else os.devnull, "wb") as stdout,
            open(self.errors if keep_output else os.devnull, "wb") as stderr,
        ):
            subprocess.run(
                [os.fspath(argument) for argument in arguments],
                cwd=command.folder,
                stdin=stdin,
                stdout=stdout,
                stderr=stderr,
                check=False,
            )
        if not self.report.exists():
            raise Unable(f"{command.name}: could not be started: {command.arguments[0]}")
        wall, user, system, peak, status = map(int, self.report.read_text().split())
        if status not in command.expected:
            said = self.errors.read_text(errors="replace")[-300:].strip() if keep_output else ""
            raise Unable(f"{command.name}: exit {status}, not {command.expected}{': ' if said else ''}{said}")
        return Sample(wall / 1e9, (user + system) / 1e6, peak * 1024)


def build(source: Path, folder: Path) -> Path:
    """Builds a Rust program of one file."""
    program = folder / source.stem
    try:
        subprocess.run(["rustc", "-O", "--edition", "2024", "-o", program, source], check=True)
    except (OSError, subprocess.CalledProcessError) as error:
        raise Unable(f"rustc cannot build {source.name}: {error}") from error
    return program


def alternate(launcher: Launcher, commands: list[Command], runs: int, warm_ups: int = 1) -> Runs:
    """Runs the commands A B C A B C …, so that what drifts on the machine drifts for all of them.

    The first warm-up is also where the work is verified. A command that fails is left out of the rounds and named among
    the problems; the others go on.
    """
    result = Runs()
    going = []
    for command in commands:
        try:
            for attempt in range(max(1, warm_ups)):
                if command.prepare:
                    command.prepare()
                launcher.run(command, keep_output=attempt == 0)
                if attempt == 0 and command.verify and (wrong := command.verify(launcher.output)):
                    raise Unable(f"{command.name}: {wrong}")
            going.append(command)
            result.samples[command.name] = []
        except Unable as problem:
            result.problems.append(str(problem))
    for _ in range(runs):
        for command in list(going):
            if command.prepare:
                command.prepare()
            try:
                result.samples[command.name].append(launcher.run(command))
            except Unable as problem:
                result.problems.append(str(problem))
                going.remove(command)
                del result.samples[command.name]
    return result
