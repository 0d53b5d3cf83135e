"""Every bundled scenario whole, and whether it comes out as its `[expect]` says."""

import tempfile
import time
from typing import Any

from tocsin.run import expected
from tocsin.run import run as run_scenario
from tocsin.simulation import load, scenarios

QUICK = ("demo", "chip-1980")
RUNS, QUICK_RUNS = len(scenarios()), len(QUICK)
TITLE = "The bundled scenarios"


def one(run: int) -> dict[str, Any]:
    """Run one scenario, by number."""
    return _came_out(sorted(scenarios())[run])


def quick(run: int) -> dict[str, Any]:
    """Run one of a few short ones."""
    return _came_out(QUICK[run])


def together(rows: list[dict[str, Any]]) -> dict[str, Any]:
    """Return all rows, those first that differ from what is expected."""
    return {"rows": sorted(rows, key=lambda row: (not row["differs"], not row["owed"], row["name"]))}


def lines(result: dict[str, Any]) -> list[str]:
    """Return the results as Markdown."""
    rows = result["rows"]
    good = sum(not row["differs"] for row in rows)
    found = [
        f"{good} of {len(rows)} come out as expected, {sum(bool(r['owed']) for r in rows)} of them but for what they "
        "themselves call *not yet*.",
        "",
        "| scenario | minutes | processor s | claims | differs | not yet |",
        "|---|---|---|---|---|---|",
    ]
    for row in rows:
        differs = "; ".join(f"{claim}: {text}" for claim, text in row["differs"].items())
        found.append(
            f"| {row['name']} | {row['minutes']:.0f} | {row['processor_s']:.1f} | {row['claims']} | {differs} | "
            f"{'; '.join(row['owed'])} |"
        )
    return found


def _came_out(name: str) -> dict[str, Any]:
    """Run a scenario; `differs` from what is expected: what fails without saying so, or comes out and says not."""
    scenario = load(name)
    begun = time.process_time()
    with tempfile.TemporaryDirectory() as out:
        run_scenario(scenario, out)
        failed = expected.unmet(scenario.expect, out)
    owed = scenario.expect.not_yet
    differs = {claim: text[:200] for claim, text in failed.items() if claim not in owed}
    differs |= {claim: "comes out now" for claim in owed if claim not in failed}
    return {
        "name": name, "minutes": scenario.duration_s / 60, "processor_s": time.process_time() - begun,
        "claims": len(expected.claims(scenario.expect)), "differs": differs,
        "owed": {claim: failed[claim][:200] for claim in owed if claim in failed},
    }  # fmt: skip
