"""Launches and drills of the record through our own chain: what is told, when, and what stops what should not be.

Cases R3, R17 to R20 and R26 to R28 of the literature note. Sensors are nominal and vehicles generic, as the bundled
scenarios say; who confirms is a policy, or the people of the scenario. Times are after lift-off.
"""

import re
from typing import Any

import numpy as np
from msgspec.structs import replace
from playbook import row, watched

from tocsin.earth.annulus import holders
from tocsin.formats import cap
from tocsin.formats.cap_ipaws import ipaws, needs_authority
from tocsin.messages import SECOND, Alert, Decision, EventLog, Instant, Warning
from tocsin.simulation import load, simulate

FIRST_ALERT_S = 5 * 60.0  # of 4 October 2022; for the right prefecture: 7 min
IMPACT_2022, RANGE_CLASS = (50.47, 23.93), (75e3, 90e3)  # 15 November 2022, case R27 (from memory)
# Old polygons of a drill, about towns that nothing threatens (R20)
OLD_AREA = b"".join(
    f"<polygon>{a},{o} {a},{o + 0.2} {a + 0.2},{o + 0.1} {a},{o}</polygon>".encode()
    for a, o in ((34.7, 139.3), (34.2, 139.1), (33.1, 139.7))
)


def cases(run: int) -> list[dict[str, Any]]:
    """Return the line of every case."""
    japan, japan_said = _told("R3 over Japan, 2022", "japan-2022", run, False, FIRST_ALERT_S)
    drill, drill_said = _drill(run)
    seoul, seoul_said = _told("R18 launcher past Seoul, 2023", "seoul-2023", run, False, None)
    hokkaido, hokkaido_said = _told("R19 lost in its first minutes, 2023", "hokkaido-2023", run, False, None)
    july, july_said = _told("R28 lofted, 4 July 2017", "july-2017", run, True, 5 * 60.0)
    heard = [*japan_said, *drill_said, *seoul_said, *hokkaido_said, *july_said]
    return [
        japan, drill, seoul, hokkaido, stale_area(japan_said), conformance(heard), reach(), july,
    ]  # fmt: skip


def _told(
    case: str, name: str, run: int, people: bool, public_s: float | None
) -> tuple[dict[str, Any], list[Any]]:
    """Run a launch, which must be one warning. `public_s`: the latest first alert [s]; None: none is asked."""
    recording = simulate(load(name), run=run)
    said, steps = watched(recording.messages, people)
    told = times(said, recording.truth.bodies[0].lift_off_time)
    if name == "seoul-2023":
        line = row(case, "notified", said, steps, steps.get("notified", 0) > 0)
    else:
        soon = public_s is None or (told["public_s"] is not None and told["public_s"] <= public_s)
        soon = soon and len({e.id for e in said if isinstance(e, Warning) and e.parent is None}) == 1
        if people:
            soon = soon and told["first_s"] <= 120.0 and told["confirmed_s"] <= 240.0
        line = row(case, None, said, steps, soon, alerted=True)
    return line | {"told": told}, said


def times(said: list[Any], launched: Instant) -> dict[str, float | None]:
    """Return when it was first told, corroborated, confirmed and made public [s after the launch]."""

    def first(found: Any) -> float | None:
        return next(
            ((e.time if isinstance(e, Warning) else e.sent) - launched for e in said if found(e)), None
        )

    moments = {
        "first_s": first(lambda e: isinstance(e, Warning)),
        "corroborated_s": first(lambda e: isinstance(e, Warning) and e.state == "corroborated"),
        "confirmed_s": first(lambda e: isinstance(e, Warning) and e.state == "confirmed"),
        "public_s": first(lambda e: isinstance(e, Alert)),
    }
    return {name: None if t is None else t / SECOND for name, t in moments.items()}


def _drill(run: int) -> tuple[dict[str, Any], list[Any]]:
    """R17: a drill that whoever is on duty believes to be live: both confirm it as such."""
    messages = [
        replace(m, origin="live") if isinstance(m, Decision) else m
        for m in simulate(load("drill-2018"), run=run).messages
    ]
    said, steps = watched(messages, people=True)
    blocked = sum(isinstance(e, EventLog) and e.name == "exercise-blocked" for e in said)
    line = row("R17 drill taken for live, 2018", "exercise", said, steps, blocked == 2)
    return line, said


def stale_area(said: list[Any]) -> dict[str, Any]:
    """R20: the area of an old drill in the place of ours, in every alert of the run: each is refused by name."""
    refused = tried = 0
    for alert in (e for e in said if isinstance(e, Alert)):
        bad = re.sub(rb"(<polygon>.*?</polygon>\s*)+", OLD_AREA, cap.write(alert), flags=re.DOTALL)
        tried += 1
        refused += any(fault.startswith("area: stale-area") for fault in cap.validate(bad))
    return row(
        "R20 area of an old drill, 2022", "stale-area", [], {"stale-area": refused}, refused == tried > 0
    )


def conformance(said: list[Any]) -> dict[str, Any]:
    """R26: every message keeps the semantic rules and the IPAWS profile's; ends name what they end."""
    alerts = [e for e in said if isinstance(e, Alert)]
    faults = 0
    for alert in alerts:
        data = cap.write(alert)
        faults += len(cap.validate(data)) + sum(not needs_authority(fault) for fault in ipaws(data))
        faults += data.count(b"-00:00</sent>") != 1
        faults += alert.msg_type in ("Update", "Cancel") and not alert.references
    line = row("R26 every CAP message of these", None, alerts, {}, faults == 0 and bool(alerts), alerted=True)
    return line | {"faults": faults}


def reach() -> dict[str, Any]:
    """R27: from whose land a range class reaches an impact: the ring holds Poland and Ukraine and nobody else."""
    latitude, longitude = np.radians(IMPACT_2022)
    held, sea = holders(float(latitude), float(longitude), *RANGE_CLASS)
    names = sorted(one.name for one in held)
    line = row("R27 reach, 15 November 2022", None, [], {}, names == ["Poland", "Ukraine"] and sea == 0.0)
    return line | {"holders": names}


def lines(found: list[dict[str, Any]]) -> list[str]:
    """Return when each launch was told, as Markdown."""
    out = [
        "| launch | first told | corroborated | confirmed | first alert | the record |",
        "|---|---|---|---|---|---|",
    ]
    record = {"R3": "alert at 5 min, for the right prefecture at 7", "R28": "press notice at 12 min",
              "R18": "alert at 2 min for an island, at 14 for Seoul by mistake"}  # fmt: skip
    for case in found:
        if "told" in case:
            told = (
                "–" if case["told"][name] is None else f"{case['told'][name]:.0f} s"
                for name in ("first_s", "corroborated_s", "confirmed_s", "public_s")
            )  # fmt: skip
            out.append(
                f"| {case['case']} | {' | '.join(told)} | {record.get(case['case'].split()[0], '–')} |"
            )
    faults = next(case["faults"] for case in found if "faults" in case)
    alerts = next(case["alerts"] for case in found if "faults" in case)
    holders_ = next(", ".join(case["holders"]) for case in found if "holders" in case)
    return [
        *out,
        "",
        f"R26: {alerts} CAP messages, {faults} faults by our rules and the IPAWS profile's that need no authority. "
        f"R27: 75 to 90 km from the impact lie {holders_}. R28 asks ≤ 120 s, ≤ 240 s and ≤ 300 s; its people are "
        "the scenario's, our assumption. Record: literature note, sections 3.3 and 4 with sources.",
    ]
