"""The demonstration many times with other draws: errors, containment, consistency, and the issue's row."""

from typing import Any

from scores import consistency, impact_row, launch_row, nees, share, summarised
from watching import Watched, demo, watched

from tocsin.messages import SECOND, Warning
from tocsin.simulation import simulate
from tocsin.simulation.truth import Body

RUNS, QUICK_RUNS = 500, 2
TITLE = "The demonstration with other draws"


def one(run: int) -> dict[str, Any]:
    """Return what one run came to."""
    scenario, truth, body = demo()
    seen = watched(simulate(scenario, run=run, truth=truth).messages)
    first = {name: (t - body.lift_off_time) / SECOND for name, t in seen.first_used.items()}
    row: dict[str, Any] = {"run": run, "warnings": len({v.id for v in seen.versions}), "first_used_s": first}
    if not seen.versions:
        return row | {"looks": {}}
    assert body.impact_time is not None
    moments = {
        "end of boost": _last_in(seen, "boost"),
        "120 s after the radar": seen.after_radar(),
        "last before impact": seen.last_until(body.impact_time),
    }
    began = seen.versions[0]
    steps = [v for v in seen.versions if v.state in ("corroborated", "confirmed")]
    return row | {
        "first_warning_s": (began.time - body.lift_off_time) / SECOND,
        "sightings_at_first": began.evidence.detections,
        "corroborated_s": (steps[0].time - body.lift_off_time) / SECOND if steps else None,
        "looks": {name: _judged(body, v) for name, v in moments.items() if v is not None},
        "nees": {phase: nees(body, v) for phase in ("boost", "coast", "re-entry")
                 if (v := _last_in(seen, phase)) is not None},
    }  # fmt: skip


def together(rows: list[dict[str, Any]]) -> dict[str, Any]:
    """Return the statistics over runs."""
    seen = [row for row in rows if row["looks"]]
    names = ("end of boost", "120 s after the radar", "last before impact")
    moments: dict[str, Any] = {}
    for name in names:
        looks = [row["looks"][name] for row in seen if name in row["looks"]]
        moments[name] = {
            "launch": summarised([look["launch"] for look in looks if "launch" in look]),
            "impact": summarised([look["impact"] for look in looks if "impact" in look]),
            "nees": consistency([look["nees"] for look in looks]),
        }
    phases = ("boost", "coast", "re-entry")
    return {
        "moments": moments,
        "nees_last_of_phase": {
            p: consistency([r["nees"][p] for r in seen if p in r["nees"]]) for p in phases
        },
        "row": _promises(rows),
    }


def lines(result: dict[str, Any]) -> list[str]:
    """Return the results as Markdown."""
    out = ["| what the issue asks of one run | share of runs (95 % interval) |", "|---|---|"]
    out += [f"| {name} | {_share(value)} |" for name, value in result["row"].items()]
    for name, moment in result["moments"].items():
        out += ["", f"**{name.capitalize()}**", ""]
        out += [
            "| | runs | RMS m | median m | 95 % below m | mean semi-major m | time RMS s "
            "| inside 50 % | inside 95 % | inside 99 % |",
            "|---|---|---|---|---|---|---|---|---|---|",
        ]
        for what in ("launch", "impact"):
            s = moment[what]
            if s["of"]:
                inside = " | ".join(_share(s["inside"][p]) for p in ("50", "95", "99"))
                out.append(
                    f"| {what} | {s['of']} | {s['rms_m']:,} | {s['median_m']:,} | {s['worst_of_95_m']:,} | "
                    f"{s['mean_semi_major_m']:,} | {s['time_rms_s']} | {inside} |"
                )
        if moment["nees"]["of"]:
            out += ["", f"NEES of the state vector: {_nees(moment['nees'])}"]
    out += ["", "NEES of the last version of each phase: "]
    out += [f"- {p}: {_nees(v)}" for p, v in result["nees_last_of_phase"].items() if v["of"]]
    return out


def _promises(rows: list[dict[str, Any]]) -> dict[str, Any]:
    def met(row: dict[str, Any], moment: str, what: str, error: float, time: float | None = None) -> bool:
        found = row["looks"].get(moment, {}).get(what)
        return (
            found is not None
            and found["error_m"] < error
            and found["depth"] < 5.991
            and (time is None or abs(found["time_error_s"]) < time)
        )

    return {
        "one warning, no other": share([row["warnings"] == 1 for row in rows]),
        "first warning by the fourth sighting": share(
            [row.get("sightings_at_first", 99) <= 4 for row in rows]
        ),
        "corroborated": share([row.get("corroborated_s") is not None for row in rows]),
        "last launch within 5 km and in its ellipse": share(
            [met(row, "last before impact", "launch", 5e3) for row in rows]
        ),
        "impact 120 s after the radar within 3 km, in its ellipse, 10 s": share(
            [met(row, "120 s after the radar", "impact", 3e3, 10.0) for row in rows]
        ),
    }


def _judged(body: Body, version: Warning) -> dict[str, Any]:
    row: dict[str, Any] = {"phase": version.phase, "nees": nees(body, version)}
    if version.launch is not None:
        row["launch"] = launch_row(body, version.launch)
    if version.impact is not None:
        row["impact"] = impact_row(body, version.impact)
    return row


def _last_in(seen: Watched, phase: str) -> Warning | None:
    return next((v for v in reversed(seen.versions) if v.phase == phase and v.state != "closed"), None)


def _share(value: dict[str, Any]) -> str:
    return f"{100 * value['share']:.1f} % ({100 * value['low']:.1f}–{100 * value['high']:.1f})"


def _nees(value: dict[str, Any]) -> str:
    low, high = value["band"]
    return (
        f"mean {value['mean']} (a consistent estimate: 6, band {low}–{high} over {value['of']} runs), "
        f"median {value['median']} (5.35), within the 95 % quantile {_share(value['within_95'])}"
    )
