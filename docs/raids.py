"""Renew the picture of docs/explanation/raids.md from the code: two raids of `benchmarks/raid.py`, as they are told.

    .venv/bin/python docs/raids.py

Run it when the counting of raids has changed. It is no part of `make docs`; it takes about a minute.
"""

import sys
from pathlib import Path

import figures
from matplotlib.axes import Axes

sys.path.insert(0, str(Path(__file__).parents[1] / "benchmarks"))

import raid

SEED = 1  # not one of those that figures are quoted for


def told(axes: Axes, n: int) -> None:
    """Draw how many there are, how many are told, and how many warnings stand, over time."""
    found = raid.measured(n, 20.0, 60.0, SEED)
    rows = [row for row in found["curve"] if row["launched"]]
    t = [row["t"] for row in rows]
    axes.fill_between(t, [r["low"] for r in rows], [r["high"] for r in rows], color="C0", alpha=0.25, lw=0)
    axes.plot(t, [r["raid"] for r in rows], color="C0", label="size told, with its interval")
    axes.plot(t, [r["warnings"] for r in rows], color="C1", label="warnings that stand")
    axes.step(t, [r["launched"] for r in rows], "k:", lw=1, where="post", label="launched")
    axes.step(t, [r["true"] for r in rows], "k", lw=1, where="post", label="could be told by now")
    axes.set(xlabel="time [s]", ylabel="objects", title=f"{n} from 20 km within 60 s", ylim=(0, 1.15 * n))
    axes.title.set_fontsize(8)


def counted(left: Axes, right: Axes) -> None:
    """Draw raids of 20 and of 50."""
    told(left, 20)
    told(right, 50)
    right.legend(fontsize=6.5, loc="lower right")


if __name__ == "__main__":
    figures.pairs("raids", (counted,))
    sys.stdout.write("written: docs/pictures/raids-counted.png\n")
