"""The false alarms of history, each as a playbook, and the step that stops it (literature note, cases R11 to R28).

Scenarios: `moon-1960`, `glint-1983`, `black-brant-1995`, `fireball-2013`; launches and drills of the record: `past.py`.
The others have no sky: a summary that nothing supports (1979), digits that turn into others on their way (1980), and
the load on an operator over 18 months.
"""

from typing import Any

import numpy as np
import past
from msgspec.structs import replace
from playbook import row, watched

from tocsin.alerting.desk import Desk
from tocsin.alerting.numbering import Numbering
from tocsin.alerting.settings import Settings
from tocsin.earth.time import parse_utc
from tocsin.formats import jsonl
from tocsin.formats.wire import LineError
from tocsin.messages import (
    SECOND,
    Assessment,
    Decision,
    EventLog,
    Evidence,
    Instant,
    Notification,
    Scan,
    Summary,
    Warning,
)
from tocsin.simulation import load, simulate

RUNS, QUICK_RUNS = 1, 1
TITLE = "False alarms of history"
FALSE_IN_18_MONTHS, TESTS_A_YEAR = 147, 55  # case R24
MONTHS = 18


def one(run: int) -> dict[str, Any]:
    """Return what became of each."""
    cases = [
        _case("R11 Moon, 1960", "moon-1960", "sun-moon", run),
        _case("R12 sunlight on cloud, 1983", "glint-1983", "glint", run),
        _case("R14 research rocket with notice, 1995", "black-brant-1995", "notified", run),
        _case("R14 the same without notice", "black-brant-1995", None, run, unread=True),
        _case("R21 fireball 2013, flash 2002", "fireball-2013", "meteor", run),
        training_tape(),
        chip(),
        *past.cases(run),
    ]
    return {"run": run, "cases": cases, "load": load_on_operator(run)}


def quick(run: int) -> dict[str, Any]:
    """Return what became of those without a sky."""
    return {"run": run, "cases": [training_tape(), chip()], "load": load_on_operator(run)}


def together(rows: list[dict[str, Any]]) -> dict[str, Any]:
    """Return the first run."""
    return {"cases": rows[0]["cases"], "load": rows[0]["load"]}


def lines(result: dict[str, Any]) -> list[str]:
    """Return the results as Markdown."""
    out = [
        "| case | step that stops it | steps counted | warnings | versions | corroborated | alerts | as asked |"
    ]
    out.append("|---" * 8 + "|")
    for case in result["cases"]:
        steps = ", ".join(f"{name} {count}" for name, count in case["steps"].items()) or "none"
        out.append(
            f"| {case['case']} | {case['step'] or 'none needed'} | {steps} | {case['warnings']} | "
            f"{case.get('versions', '–')} | {case['corroborated']} | {case['alerts']} | "
            f"{'yes' if case['holds'] else 'no'} |"
        )
    found = result["load"]
    told = ["", *past.lines(result["cases"])] if any("faults" in case for case in result["cases"]) else []
    return [
        *out,
        *told,
        "",
        f"R24, {MONTHS} months: {found['false']} false indications and {found['real']} real tests; real ones missed: "
        f"{found['missed']} (asked: 0); median time to dismiss {found['median_s']:.0f} s (asked: < 60); escalated "
        f"{found['escalated']} (asked: ≤ 4). The operator's times are our assumption.",
    ]


def training_tape() -> dict[str, Any]:
    """R15: a summary claims 2,200 objects; no sensor has seen one."""
    scenario = replace(load("quiet"), duration_s=120.0)
    messages = list(
        simulate(replace(scenario, settings=replace(scenario.settings, clutter_scale=0.0))).messages
    )
    at = next(m.time for m in messages if isinstance(m, Scan)) + 60 * SECOND
    tape = Summary(
        origin="test", path="radar-1", time=Instant(at), count=2_200, window_s=60.0, received=Instant(at)
    )
    k = next(i for i, m in enumerate(messages) if (m.received or 0) > at)
    said, steps = watched([*messages[:k], tape, *messages[k:]])
    faults = [e for e in said if isinstance(e, EventLog) and e.name == "data-path-fault"]
    return row("R15 training tape, 1979", "no-raw-support", said, steps, len(faults) == 1)


def chip() -> dict[str, Any]:
    """R16: zeros of a count turn into twos on a line that carries its checksum; three bursts, 18 s apart."""
    random = np.random.Generator(np.random.Philox(key=[1980, 6]))
    start = parse_utc("1980-06-03T08:26:00Z")
    caught = sent = 0
    for burst in range(3):
        for k in range(20):
            t = Instant(start + (18 * burst + k) * SECOND // 1)
            clean = jsonl.encode_recorded(
                Summary(origin="test", path="norad", time=t, count=0, window_s=10.0)
            )
            line = jsonl.with_crc32(clean)
            digits = "".join(random.choice(["2", "20", "200", "2000"]))
            bad = line.replace(b'"count":0', f'"count":{digits}'.encode())
            sent += bad != line
            try:
                jsonl.decode(bad)
            except LineError:
                caught += 1
    return row("R16 failed chip, 1980", "corrupted", [], {"corrupted": caught}, caught == sent == 60)


def load_on_operator(run: int) -> dict[str, Any]:
    """R24: 18 months at one desk: what is false is dismissed by a person, what is real is confirmed by two."""
    random = np.random.Generator(np.random.Philox(key=[run, 24]))
    span = MONTHS / 12 * 365.25 * 86_400.0
    false, real = random.poisson(FALSE_IN_18_MONTHS), random.poisson(TESTS_A_YEAR * MONTHS / 12)
    times = np.concatenate([random.uniform(0, span, false), random.uniform(0, span, real)])
    desk = Desk(Settings(), Numbering())
    waits: list[float] = []
    escalated = confirmed = 0
    free = 0.0  # when the operator has finished with the one before
    for k in np.argsort(times):
        is_real, t = bool(k >= false), float(times[k])
        said = desk.assess(_indication(int(k), t, is_real))
        name = next(e.id for e in said if isinstance(e, Warning))
        begun = max(t, free)
        first = begun + float(
            np.exp(random.normal(np.log(25.0), 0.35))
        )  # s to read and decide: our assumption
        second = first + float(np.exp(random.normal(np.log(10.0), 0.35)))
        free = second if is_real else first
        acts = (
            [("anna", "confirm", first), ("ben", "confirm", second)]
            if is_real
            else [("anna", "dismiss", first)]
        )
        for by, action, when in acts:
            said = desk.decide(
                Decision(origin="test", warning=name, action=action, by=by, time=_at(when)), _at(when)
            )
            escalated += sum(isinstance(e, EventLog) and e.name == "decision-overdue" for e in said)
            confirmed += any(isinstance(e, Warning) and e.state == "confirmed" for e in said)
        if not is_real:
            waits.append(first - t)
    return {
        "false": int(false), "real": int(real), "missed": int(real - confirmed), "escalated": int(escalated),
        "median_s": float(np.median(waits)),
    }  # fmt: skip


def _case(case: str, name: str, step: str | None, run: int, unread: bool = False) -> dict[str, Any]:
    """Run one scenario; `unread`: without its notifications."""
    messages = simulate(load(name), run=run).messages
    said, steps = watched([m for m in messages if not (unread and isinstance(m, Notification))])
    return row(case, step, said, steps, step is None or steps.get(step, 0) > 0)


def _indication(track: int, t: float, is_real: bool) -> Assessment:
    paths = {"geo-1": 5, "radar-1": 5} if is_real else {"geo-1": 5}
    identity = (
        {"ballistic-missile": 0.97, "other": 0.03} if is_real else {"ballistic-missile": 0.6, "other": 0.4}
    )
    evidence = Evidence(
        infrared=("geo-1",),
        radar=("radar-1",) if is_real else (),
        paths=tuple(paths),
        detections=5 * len(paths),
    )
    return Assessment(
        track=track, origin="test", time=_at(t), first_look=_at(t - 30.0), track_state="confirmed",
        identity=identity, evidence=evidence, path_detections=paths, phase="coast", launch=None, impact=None,
        state_vector=None,
    )  # fmt: skip


def _at(seconds: float) -> Instant:
    return Instant(parse_utc("1979-01-01T00:00:00Z") + round(seconds * SECOND))
