"""Renew the picture and the table of docs/explanation/what-it-is.md from what was measured.

    .venv/bin/python docs/identity.py

Run it when `benchmarks/results/identity.json` has changed. It is no part of `make docs`.
"""

import json
import re
from pathlib import Path
from typing import Any

import figures
from matplotlib.axes import Axes

HERE = Path(__file__).parent
PAGE = HERE / "explanation" / "what-it-is.md"
RESULT = HERE.parent / "benchmarks" / "results" / "identity.json"
TABLE = re.compile(r"(<!-- said:begin -->\n).*?(\n<!-- said:end -->)", re.DOTALL)
COLOURS = {"ballistic-missile": "tab:red", "space-launch": "tab:blue", "sounding-rocket": "tab:green"}


def curve(left: Axes, right: Axes) -> None:
    """Draw how often what was said came true, with 95 % intervals, and how often each tenth was said."""
    result = json.loads(RESULT.read_text(encoding="utf-8"))["result"]
    left.plot([0, 1], [0, 1], color="0.6", linewidth=0.8)
    for name, row in result["readings"].items():
        said = [b[2] for b in row["bins"]]
        came = [figures_of(b) for b in row["bins"]]
        off = [[share - low for share, low, _ in came], [high - share for share, _, high in came]]
        left.errorbar(
            said,
            [c[0] for c in came],
            yerr=off,
            fmt="o",
            ms=3,
            lw=0.8,
            capsize=2,
            color=COLOURS[name],
            label=name,
        )
        right.plot(said, [b[4] for b in row["bins"]], "o", ms=4, lw=0.8, color=COLOURS[name], label=name)
    left.set(xlabel="said", ylabel="came true", xlim=(-0.03, 1.03), ylim=(-0.03, 1.03))
    right.set(xlabel="said", ylabel="launches", yscale="log", xlim=(-0.03, 1.03))
    left.legend(fontsize=7, loc="upper left")


def figures_of(row: list[Any]) -> tuple[float, float, float]:
    """Return the share of a tenth that came true, and Wilson's interval of it."""
    from tocsin.metrics.shares import share  # noqa: PLC0415 - as the benchmark counts

    found = share([True] * row[3] + [False] * (row[4] - row[3]))
    return found.share, found.low, found.high


def table() -> str:
    """Write Brier's score of each reading, and of who always says how common it is among these launches."""
    record = json.loads(RESULT.read_text(encoding="utf-8"))
    result = record["result"]
    rows = [
        "| reading | launches that are it | Brier | of who always says their share |",
        "|---|---|---|---|",
    ]
    for name, row in result["readings"].items():
        true = sum(b[3] for b in row["bins"])
        share = true / result["found"]
        rows.append(
            f"| {name} | {true} of {result['found']} | {row['brier']:.4f} | {share * (1 - share):.4f} |"
        )
    where = record["with"]
    note = f"{record['runs']} launches, {where['date']}, Tocsin {where['tocsin']} at {where['commit']}."
    return "\n".join([*rows, "", note])


def main() -> None:
    """Renew both."""
    figures.pairs("identity", (curve,))
    text, count = TABLE.subn(lambda m: m[1] + table() + m[2], PAGE.read_text(encoding="utf-8"))
    if count != 1:
        raise SystemExit(f"{PAGE} has lost its marks said:begin and said:end")
    PAGE.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
