"""Measure: `python benchmarks/run.py [NAME …] [--quick] [--runs N] [--jobs N] [--out DIR] [--ledger DIR]`.

Names: alerts, background, cost, demo, descent, false_alarms, first_warning, found, honesty, identity, impact, known,
latency, maps, monte_carlo, noise, peers, propagation, quiet, raid, real, scenarios, separations, space_launches, speed,
unseen, watch; all by default. Results go to `results/NAME.json` and, for people, to `RESULTS.md` and
`docs/scoreboard.md`. `--quick` only shows that everything works, and writes under `out/`. With `--ledger` each run is
written down as it is done, and one that stands there is not run again, so that a long one may be broken off: delete the
ledger when the code has changed. `peers` needs the project's shared workload beside the repository.
"""

import argparse
import json
import sys
from pathlib import Path
from typing import Any

import alerts
import background
import cost
import demo
import descent
import false_alarms
import first_warning
import found
import honesty
import identity
import impact
import known
import latency
import ledger
import maps
import monte_carlo
import noise
import peers
import propagation
import quiet
import raid
import real
import scenarios
import separations
import space_launches
import speed
import unseen
import watch
from provenance import provenance

HERE = Path(__file__).parent
BENCHMARKS = {
    "speed": speed,
    "propagation": propagation,
    "quiet": quiet,
    "noise": noise,
    "demo": demo,
    "found": found,
    "known": known,
    "unseen": unseen,
    "first_warning": first_warning,
    "cost": cost,
    "honesty": honesty,
    "impact": impact,
    "descent": descent,
    "background": background,
    "false_alarms": false_alarms,
    "space_launches": space_launches,
    "identity": identity,
    "watch": watch,
    "raid": raid,
    "separations": separations,
    "alerts": alerts,
    "latency": latency,
    "scenarios": scenarios,
    "real": real,
    "maps": maps,
    "monte_carlo": monte_carlo,
} | ({"peers": peers} if peers.available() else {})


ALONE = (
    "speed",
    "propagation",
    "alerts",
    "latency",
    "cost",
    "maps",
    "monte_carlo",
)  # measure time: never two at once
LARGEST = 300_000  # characters of single runs that are kept in the repository


def main() -> int:
    """Run what was asked for and write it down."""
    asked = _arguments()
    out = asked.out or (HERE.parent / "out" / "bench" if asked.quick else HERE)
    (out / "results").mkdir(parents=True, exist_ok=True)
    for name in asked.names or BENCHMARKS:
        bench: Any = BENCHMARKS[name]
        runs = asked.runs or (bench.QUICK_RUNS if asked.quick else bench.RUNS)
        work = getattr(bench, "quick", bench.one) if asked.quick else bench.one
        before = provenance()
        jobs = 1 if name in ALONE else asked.jobs
        file = asked.ledger and asked.ledger / f"{name}{'-quick' if asked.quick else ''}.jsonl"
        rows, took = ledger.measured(name, work, runs, file, jobs)
        result = written(name, runs, took, asked.quick, before, rows, out)
        print("\n".join(bench.lines(result)), "\n")
    write_page(out)
    if out == HERE:
        import scoreboard  # noqa: PLC0415 - it imports this

        scoreboard.PAGE.write_text(scoreboard.text(scoreboard.records(HERE / "results")), encoding="utf-8")
    print(f"written: {out / 'RESULTS.md'}")
    return 0


def written(
    name: str, runs: int, took: float, quick: bool, before: dict[str, Any], rows: list[Any], out: Path
) -> Any:
    """Write a benchmark's record under `out` and return its result. `before`: where it began, with what."""
    result: Any = BENCHMARKS[name].together(rows)
    record = {"name": name, "runs": runs, "took_s": round(took, 1), "quick": quick, "with": before}
    kept = _short(rows)
    if len(json.dumps(kept)) > LARGEST:
        kept = []  # a ledger has them
    text = json.dumps(record | {"result": result, "rows": kept})
    (out / "results" / f"{name}.json").write_text(text + "\n", encoding="utf-8")
    return result


def write_page(out: Path) -> None:
    """Write RESULTS.md from all results there are."""
    (out / "RESULTS.md").write_text(_page(out / "results"), encoding="utf-8")


def _short(value: Any) -> Any:
    """Round what is kept of single runs to seven significant digits: a file in the repository, not an archive."""
    if isinstance(value, float):
        return float(f"{value:.6e}")
    if isinstance(value, dict):
        return {key: _short(item) for key, item in value.items()}
    return [_short(item) for item in value] if isinstance(value, list | tuple) else value


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("names", nargs="*", help="what to measure (default: all)")
    parser.add_argument("--quick", action="store_true", help="a few runs, to see that it works")
    parser.add_argument("--runs", type=int, help="how many runs of each")
    parser.add_argument(
        "--jobs", type=int, default=1, help=f"processes at a time ({', '.join(ALONE)}: always one)"
    )
    parser.add_argument("--out", type=Path, help="where to write (default: here; quick: out/bench)")
    parser.add_argument("--ledger", type=Path, help="where runs are written down, to go on from")
    asked = parser.parse_args()
    unknown = [name for name in asked.names if name not in BENCHMARKS]
    if unknown:
        parser.error(f"there is no {unknown[0]}; there are: {', '.join(BENCHMARKS)}")
    return asked


def _page(folder: Path) -> str:
    """Return the page of all results there are."""
    parts = [
        "# Measured",
        "",
        "Written by `make bench` (`benchmarks/run.py`) from `results/*.json`, which hold every run. "
        "Intervals are 95 %; shares by Wilson, ratios by bootstrap.",
    ]
    for name, bench in BENCHMARKS.items():
        file = folder / f"{name}.json"
        if not file.is_file():
            continue
        record = json.loads(file.read_text(encoding="utf-8"))
        with_ = record["with"]
        libraries = ", ".join(f"{k} {v}" for k, v in with_["libraries"].items())
        parts += [
            "",
            f"## {bench.TITLE}",
            "",
            f"{with_['date']}, Tocsin {with_['tocsin']} at {with_['commit']}, {record['runs']} runs in "
            f"{record['took_s']:.0f} s{', quick: not to be quoted' if record['quick'] else ''}. Python "
            f"{with_['python']}, {libraries}; {with_['processor']}, {with_['cores']} cores, load at the start "
            f"{with_['load_at_start']}.",
            "",
            *bench.lines(record["result"]),
        ]
    return "\n".join(parts) + "\n"


if __name__ == "__main__":
    sys.exit(main())
