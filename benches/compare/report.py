"""The table: what was measured, beside what, and whether the goal was met. Markdown, so that it can be pasted."""

import os
import platform
from dataclasses import dataclass
from pathlib import Path

HEADINGS = ("what", "median", "peak", "beside", "its median", "its peak", "ratio (min–max)", "goal", "met")


@dataclass
class Row:
    """One line of the table."""

    what: str
    median: str
    peak: str = ""
    beside: str = ""
    its_median: str = ""
    its_peak: str = ""
    ratio: str = ""
    goal: str = ""
    met: bool | None = None

    def cells(self) -> tuple:
        met = {True: "yes", False: "NO", None: ""}[self.met]
        return (
            self.what, self.median, self.peak, self.beside, self.its_median, self.its_peak, self.ratio, self.goal, met
        )  # fmt: skip


def compared(runs, name, other, *, what=None, beside=None, at_most=None, at_least=None) -> Row | None:
    """A row of two commands of one group. With `at_least` the ratio is how many times the peer takes as long."""
    if name not in runs.samples or other not in runs.samples:
        return None
    middle, low, high = runs.ratios(other, name) if at_least else runs.ratios(name, other)
    row = Row(
        what or name, seconds(runs.wall(name)), size(runs.peak(name)),
        beside or other, seconds(runs.wall(other)), size(runs.peak(other)),
        f"{middle:.1f}× ({low:.1f}–{high:.1f})" if at_least else f"{middle:.2f}× ({low:.2f}–{high:.2f})",
    )  # fmt: skip
    if at_most:
        row.goal, row.met = f"≤ {at_most:g}×", middle <= at_most
    elif at_least:
        row.goal, row.met = f"≥ {at_least:g}×", middle >= at_least
    return row


def seconds(value: float) -> str:
    return f"{value:.2f} s" if value >= 1 else f"{value * 1e3:.1f} ms" if value >= 0.01 else f"{value * 1e3:.2f} ms"


def size(value: float) -> str:
    return f"{value / 1e6:.1f} MB"


def table(rows: list[Row]) -> str:
    """The rows as a Markdown table whose columns are aligned."""
    lines = [HEADINGS, *(row.cells() for row in rows)]
    widths = [max(len(line[column]) for line in lines) for column in range(len(HEADINGS))]
    text = ["| " + " | ".join(cell.ljust(width) for cell, width in zip(line, widths)) + " |" for line in lines]
    text.insert(1, "|" + "|".join("-" * (width + 2) for width in widths) + "|")
    return "\n".join(text)


def machine(memory: Path, disk: Path) -> dict:
    """What the numbers were measured on."""
    model = platform.processor()
    try:
        for line in Path("/proc/cpuinfo").read_text().splitlines():
            if line.startswith("model name"):
                model = line.partition(":")[2].strip()
                break
    except OSError:
        pass
    return {
        "processor": model,
        "cores": os.cpu_count(),
        "system": f"{platform.system()} {platform.release()}",
        "trees in": file_system(memory),
        "disk": file_system(disk),
        "load at the start": round(os.getloadavg()[0], 2),
    }


def file_system(folder: Path) -> str:
    """The type of file system that a folder is on."""
    best = ("", "unknown")
    try:
        for line in Path("/proc/mounts").read_text().splitlines():
            _, point, kind = line.split()[:3]
            if folder.resolve().is_relative_to(point) and len(point) >= len(best[0]):
                best = (point, kind)
    except OSError:
        pass
    return best[1]
