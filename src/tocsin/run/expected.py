"""What a scenario expects of the system, against what a run made of it."""

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import msgspec

from tocsin.formats import cap
from tocsin.formats.jsonl import decode_event
from tocsin.messages import EventLog, Warning
from tocsin.simulation.scenario import ExpectTable

SURE = ("corroborated", "confirmed")
NOT_CLAIMS = ("not_yet", "note")


def unmet(expect: ExpectTable, out: str | Path) -> dict[str, str]:
    """Return by claim how what a run wrote into the folder `out` differs from it; nothing where all came out."""
    folder = Path(out)
    versions = [v for v in _events(folder / "warnings.jsonl") if isinstance(v, Warning)]
    told = {e.name for e in _events(folder / "events.jsonl") if isinstance(e, EventLog)}
    steps = {v.step for v in versions} | set(_summary(folder)["steps"])
    alerts = [cap.read(file.read_bytes()) for file in sorted((folder / "alerts").glob("*.xml"))]
    fresh = sum(alert.msg_type == "Alert" for alert in alerts)
    return dict(_compared(expect, versions, told, steps, fresh))


def claims(expect: ExpectTable) -> dict[str, Any]:
    """Return what is claimed, by name."""
    names = [name for name in ExpectTable.__struct_fields__ if name not in NOT_CLAIMS]
    return {name: getattr(expect, name) for name in names if getattr(expect, name) is not None}


def _compared(
    expect: ExpectTable, versions: list[Warning], told: set[str], steps: set[str | None], alerts: int
) -> Iterator[tuple[str, str]]:
    """Yield each claim that does not hold, and a sentence."""
    last = {v.id: v for v in versions}
    whole = {v.id for v in last.values() if v.parent is None}
    sure = {v.id for v in versions if v.state in SURE} & whole
    found = {"warnings": len(whole), "corroborated": len(sure), "alerts": alerts}
    for name, count in found.items():
        if getattr(expect, name) not in (None, count):
            yield name, f"{count}, not {getattr(expect, name)}"
    if expect.detected_at_most is not None and len(whole) > expect.detected_at_most:
        yield "detected_at_most", f"{len(whole)}, more than {expect.detected_at_most}"
    likely = {name: max(last[name].identity, key=last[name].identity.__getitem__) for name in sorted(whole)}
    others = {name: what for name, what in likely.items() if what != expect.identity}
    if expect.identity is not None and others:
        yield "identity", f"{_listed(others.items())}, not {expect.identity}"
    if expect.origin is not None and {v.origin for v in versions} - {expect.origin}:
        yield "origin", f"warnings of other origins than {expect.origin}"
    if expect.step is not None and expect.step not in steps:
        yield (
            "step",
            f"{expect.step} stopped nothing; there were: {_listed((str(s), '') for s in steps if s)}",
        )
    if expect.event is not None and expect.event not in told:
        yield "event", f"nothing named {expect.event}; there were: {', '.join(sorted(told)) or 'none'}"


def _listed(pairs: Iterable[tuple[str, str]]) -> str:
    return ", ".join(" ".join(pair).strip() for pair in sorted(pairs)) or "none"


def _events(file: Path) -> list[Any]:
    return [decode_event(line) for line in file.read_bytes().splitlines()]


def _summary(folder: Path) -> dict[str, Any]:
    found: dict[str, Any] = msgspec.json.decode((folder / "summary.json").read_bytes())
    return found
