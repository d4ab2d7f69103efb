"""The programs that pullcreds stands beside: which are here, how the others are got, and how each is called."""

import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).parent
FILTER = HERE / "inject.jq"


@dataclass(frozen=True)
class Peer:
    """A program found on this machine."""

    name: str
    program: str
    version: str


GOT_BY = {
    "jq": "apt-get install jq",
    "jaq": "cargo install jaq --locked",
    "node": "apt-get install nodejs",
    "rg": "apt-get install ripgrep",
}


def find() -> tuple[dict[str, Peer], dict[str, str]]:
    """The peers that are installed, and the missing ones with how they are got.

    Python is the interpreter that runs the comparison: a version manager's wrapper would be timed with it.
    """
    found = {"python3": Peer("python3", sys.executable, "Python " + sys.version.split()[0])}
    missing = {}
    for name, how in GOT_BY.items():
        program = shutil.which(name) or shutil.which(name, path=str(Path.home() / ".cargo/bin"))
        if program:
            found[name] = Peer(name, program, version(program))
        else:
            missing[name] = how
    return found, missing


def version(program) -> str:
    """The first line of `--version`."""
    try:
        said = subprocess.run([program, "--version"], capture_output=True, text=True, check=False).stdout
    except OSError as error:
        return f"(no version: {error})"
    return said.strip().partition("\n")[0] or "(says no version)"


def over_text(peer: Peer) -> list:
    """One process, JSON on standard input to JSON on standard output."""
    return {
        "jq": [peer.program, "-f", FILTER],
        "jaq": [peer.program, "-f", FILTER],
        "node": [peer.program, HERE / "inject.mjs", "-"],
        "python3": [peer.program, HERE / "inject.py", "-"],
    }[peer.name]


def over_tree(peer: Peer, files: list[str]) -> list:
    """One process over all files of the current folder; jq prints, having no way to write back, the others rewrite."""
    return {
        "jq": [peer.program, "-f", FILTER, *files],
        "jaq": [peer.program, "-i", "-f", FILTER, *files],
        "node": [peer.program, HERE / "inject.mjs", "."],
        "python3": [peer.program, HERE / "inject.py", "."],
    }[peer.name]


def over_each(peer: Peer) -> list:
    """A process a file, in a shell's loop over the current folder."""
    return ["/bin/sh", HERE / "inject-each.sh", ".", peer.program, "-f", FILTER]
