"""The scoreboard: `python benchmarks/scoreboard.py [--run] [--quick] [--only NAME …] [--out DIR] [--page FILE]`.

Without `--run` it writes `docs/scoreboard.md` from the results there are, old or new, and says of each how it was
measured. With `--run` (`make scoreboard`) it first measures what this very code has not measured yet, each benchmark at
the size of the suite below. Kill it and run it again: finished runs are kept under `out/scoreboard`, by a hash of the
code, and a benchmark that this code has measured is not measured again. `--quick` takes sizes that only show that it
works, and writes under `out/`.
"""

import argparse
import hashlib
import json
import sys
import traceback
from collections import Counter
from itertools import groupby
from pathlib import Path
from typing import Any

import ledger
from claims import Claim, claims
from provenance import provenance

from run import BENCHMARKS, HERE, write_page, written
from tocsin.study.plan import code

ROOT = HERE.parent
PAGE = ROOT / "docs" / "scoreboard.md"
KEPT = ROOT / "out" / "scoreboard"
SUITE_VERSION = 2  # raise it when a size or a claim changes: figures of two suites do not compare
# Runs of each benchmark where the suite's size is not the benchmark's own. Some hours on one core altogether.
SIZES = {"demo": 200, "known": 500, "honesty": 5_000, "watch": 50, "quiet": 10, "monte_carlo": 2}
VERDICT = {True: "met", False: "**falls short**", None: "stated"}
MISSING = "not measured"


def main() -> int:
    """Measure what is missing if asked to, then write the page."""
    asked = _arguments()
    out = asked.out or (ROOT / "out" / "bench" if asked.quick else HERE)
    names = asked.only or list(BENCHMARKS)
    failed: list[str] = []
    if asked.run:
        (out / "results").mkdir(parents=True, exist_ok=True)
        failed = _measured(names, out, asked.quick)
        write_page(out)
    page = asked.page or (out / "scoreboard.md" if asked.quick or asked.out else PAGE)
    page.write_text(text(records(out / "results")), encoding="utf-8")
    print(f"written: {page}")
    return 1 if failed else 0


def _measured(names: list[str], out: Path, quick: bool) -> list[str]:
    """Measure each benchmark; one that fails is told and does not stop the others. Return those that failed."""
    failed = []
    print(outlook(names, out, quick), file=sys.stderr, flush=True)
    for number, name in enumerate(names, 1):
        print(f"{number} of {len(names)}: {name}", file=sys.stderr, flush=True)
        try:
            measure(name, out, quick)
        except Exception:
            traceback.print_exc()
            failed.append(name)
    if failed:
        print(f"failed, and not measured: {', '.join(failed)}", file=sys.stderr)
    return failed


def outlook(names: list[str], out: Path, quick: bool = False) -> str:
    """Say what is to be measured and about how long that takes, by how long it took before."""
    left = [name for name in names if not _is_measured(name, out, quick)]
    known = {name: record for name, record in records(out / "results").items() if name in left}
    seconds = sum(record["took_s"] / record["runs"] * _size(name, quick) for name, record in known.items())
    new = [name for name in left if name not in known]
    told = f"to measure: {len(left)} of {len(names)}"
    told += f", about {seconds / 3600:.1f} h by their last time" if known else ""
    return told + (f"; never measured here: {', '.join(new)}" if new else "")


def measure(name: str, out: Path, quick: bool = False) -> None:
    """Measure one benchmark at the suite's size, unless this code has; go on with runs kept from before."""
    if _is_measured(name, out, quick):
        return
    bench: Any = BENCHMARKS[name]
    runs = _size(name, quick)
    mine = fingerprint(bench, runs, quick)
    work = getattr(bench, "quick", bench.one) if quick else bench.one
    begun = provenance() | {"code": mine}
    kept = KEPT / f"{name}-{mine}.jsonl"
    rows, took = ledger.measured(name, work, runs, kept)
    written(name, runs, took, quick, begun, rows, out)
    kept.unlink(missing_ok=True)


def _size(name: str, quick: bool) -> int:
    bench: Any = BENCHMARKS[name]
    return int(bench.QUICK_RUNS if quick else SIZES.get(name, bench.RUNS))


def _is_measured(name: str, out: Path, quick: bool) -> bool:
    """Say whether there is a result of this very code at this size."""
    file = out / "results" / f"{name}.json"
    mine = fingerprint(BENCHMARKS[name], _size(name, quick), quick)
    return file.is_file() and _read(file)["with"].get("code") == mine


def records(folder: Path) -> dict[str, dict[str, Any]]:
    """Read the results there are, by benchmark."""
    files = {name: folder / f"{name}.json" for name in BENCHMARKS}
    return {name: _read(file) for name, file in files.items() if file.is_file()}


def text(found: dict[str, dict[str, Any]]) -> str:
    """Write the page."""
    asked = claims({name: record["result"] for name, record in found.items()}, BENCHMARKS)
    rows = [(claim, *told(claim, found)) for claim in asked]
    counts = Counter(verdict for _, _, verdict in rows)
    parts = [
        "<!-- Made by benchmarks/scoreboard.py (`make scoreboard`); measure again, do not edit. -->",
        "",
        "# Scoreboard",
        "",
        f"What is asked, what was measured, good and bad. Suite {SUITE_VERSION}: {len(rows)} rows, "
        + ", ".join(f"{counts[name]} {plain}" for name, plain in _ORDER if counts[name])
        + ". Brackets: 95 % intervals, or least and greatest over seeds. What counts as found: "
        "[the match rule](explanation/match-rule.md), 50 km and 30 s. `by`: the benchmark and how many runs it "
        "made; a row may ask for more runs than were made. The whole of every result: "
        "[benchmarks/RESULTS.md](../benchmarks/RESULTS.md).",
    ]
    for section, group in groupby(rows, key=lambda row: row[0].section):
        parts += ["", f"## {section}", "", "| what | asked | measured | | by |", "|---|---|---|---|---|"]
        parts += [
            f"| {claim.what} | {claim.asked} | {measured} | {verdict} | {_by(claim.bench, found)} |"
            for claim, measured, verdict in group
        ]
    return "\n".join([*parts, *_how(found), *_unasked(found, {claim.bench for claim, *_ in rows})]) + "\n"


def told(claim: Claim, found: dict[str, dict[str, Any]]) -> tuple[str, str]:
    """Return what was measured of a claim, and the verdict."""
    record = found.get(claim.bench)
    if record is None:
        return "–", MISSING
    try:
        measured, met = claim.read(record["result"])
    except (KeyError, IndexError, TypeError, ValueError, ZeroDivisionError, StopIteration):
        return "– (the result is older than this row)", MISSING
    if record["quick"]:
        return f"{measured} (quick: not to be quoted)", MISSING
    return measured, VERDICT[met]


def fingerprint(bench: Any, runs: int, quick: bool) -> str:
    """Return a hash of Tocsin's code, the benchmarks' and the size: what makes a result this code's."""
    whole = hashlib.blake2b(f"{code()} {SUITE_VERSION} {runs} {quick}".encode(), digest_size=8)
    own = Path(bench.__file__)
    for path in (own, *(HERE / f"{name}.py" for name in ("scores", "watching"))):
        whole.update(path.read_bytes())
    return whole.hexdigest()


_ORDER = [("met", "met"), ("**falls short**", "fall short"), ("stated", "stated only"), (MISSING, MISSING)]


def _by(name: str, found: dict[str, dict[str, Any]]) -> str:
    return f"`{name}`" + (f" × {found[name]['runs']:,}" if name in found else "")


def _how(found: dict[str, dict[str, Any]]) -> list[str]:
    parts = [
        "", "## How it was measured", "",
        "One processor core unless the row says otherwise. `+`: with changes that were not committed.", "",
        "| by | command | runs | took s | date | Tocsin | load at the start |", "|---|---|---|---|---|---|---|",
    ]  # fmt: skip
    for name, record in found.items():
        with_ = record["with"]
        parts.append(
            f"| `{name}` | `python benchmarks/run.py {name} --runs {record['runs']}` | {record['runs']:,} | "
            f"{record['took_s']:,.0f} | {with_['date']} | {with_['tocsin']} at {with_['commit']} | "
            f"{with_['load_at_start']} |"
        )
    machines = dict.fromkeys(
        f"{record['with']['processor']}, {record['with']['cores']} cores, Python {record['with']['python']}"
        for record in found.values()
    )
    return [*parts, "", f"Machine: {'; '.join(machines) or MISSING}."]


def _unasked(found: dict[str, dict[str, Any]], claimed: set[str]) -> list[str]:
    """Name the benchmarks that have no row yet, and those that have rows and no result."""
    missing = sorted(claimed - set(found))
    rest = [name for name in found if name not in claimed]
    parts = ["", f"Without a result: {', '.join(f'`{n}`' for n in missing)}."] if missing else []
    return [
        *parts,
        *(["", f"Measured, with no row here yet: {', '.join(f'`{n}`' for n in rest)}."] if rest else []),
    ]


def _read(file: Path) -> dict[str, Any]:
    return json.loads(file.read_text(encoding="utf-8"))


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--run", action="store_true", help="measure first what this code has not measured")
    parser.add_argument("--quick", action="store_true", help="sizes that only show that it works")
    parser.add_argument(
        "--only", nargs="+", metavar="NAME", choices=tuple(BENCHMARKS), help="measure these only"
    )
    parser.add_argument(
        "--out", type=Path, help="folder with results/ (default: benchmarks; quick: out/bench)"
    )
    parser.add_argument("--page", type=Path, help="the page (default: docs/scoreboard.md)")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
