"""A thousand hours of background, an hour at a time: it goes on where it was, and says how far it has come.

Each hour is one line of a ledger: what `watch` counts, with the version that counted it. `--collect` adds the ledger
up into results/watch_night.json, which is committed with version, date and the hours done.
"""

import argparse
import json
import sys
import time
from pathlib import Path
from typing import Any

import ledger
import watch
from provenance import provenance

HERE = Path(__file__).parent
HOURS, SEED = 1_000, 2027  # 2026 was looked at: its five bad hours were mended


def main() -> int:
    """Watch what hours the ledger lacks, or add it up."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("ledger", type=Path, help="the file of hours done, made where it is not")
    parser.add_argument("--hours", type=int, default=HOURS, help=f"how many hours (default: {HOURS})")
    parser.add_argument("--seed", type=int, default=SEED, help=f"of all hours (default: {SEED})")
    parser.add_argument("--collect", action="store_true", help="only add up what is done")
    asked = parser.parse_args()
    rows = ledger.read(asked.ledger)
    if asked.collect:
        out = HERE / "results" / "watch_night.json"
        out.write_text(json.dumps(_collected(rows), indent=1) + "\n", encoding="utf-8")
        print(f"written: {out}")
        return 0
    done = {(row["seed"], row["run"]) for row in rows}
    with_ = provenance()
    for run in range(asked.hours):
        if (asked.seed, run) in done:
            continue
        row = watch.one(run, seed=asked.seed)
        row |= {
            "seed": asked.seed,
            "commit": with_["commit"],
            "date": time.strftime("%Y-%m-%d", time.gmtime()),
        }
        ledger.add(asked.ledger, row)
    return 0


def _collected(rows: list[dict[str, Any]]) -> dict[str, Any]:
    """Return the sums, and which versions counted how many hours of which seed."""
    versions: dict[str, float] = {}
    for row in rows:
        versions[row["commit"]] = versions.get(row["commit"], 0.0) + row["hours"]
    return {
        "name": "watch_night", "asked_hours": HOURS, "seeds": sorted({row["seed"] for row in rows}),
        "hours_by_commit": versions, "dates": sorted({row["date"] for row in rows}),
        "result": watch.together(rows), "with_warnings": [row for row in rows if row["detected"]],
    }  # fmt: skip


if __name__ == "__main__":
    sys.exit(main())
