"""Messages through a fresh engine, and what a case of the past came to."""

from collections.abc import Iterable
from typing import Any

from tocsin.config import Config
from tocsin.messages import Alert, Incoming, Place, Warning
from tocsin.run.engine import Engine
from tocsin.run.policy import Policy


def watched(messages: Iterable[Incoming], people: bool = False) -> tuple[list[Any], dict[str, int]]:
    """Return all events and the steps counted; a policy confirms what it may, unless `people` do."""
    said: list[Any] = []
    engine = Engine(Config(), None if people else Policy(), lambda event, _: said.append(event), None, None)
    engine.feed((message, Place("playbook", i + 1)) for i, message in enumerate(messages))
    return said, engine.pipeline.steps


def row(
    case: str, step: str | None, said: list[Any], steps: dict[str, int], stopped: bool, alerted: bool = False
) -> dict[str, Any]:
    """Return the line of a case. `step`: what stops it; `stopped`: whether it did; `alerted`: alerts are right."""
    warnings = [e for e in said if isinstance(e, Warning) and e.parent is None]
    corroborated = {w.id for w in warnings if w.state in ("corroborated", "confirmed")}
    alerts = sum(isinstance(e, Alert) for e in said)
    last = {w.id: w for w in warnings}
    return {
        "case": case, "step": step, "steps": steps, "warnings": len(last), "versions": len(warnings),
        "corroborated": len(corroborated), "alerts": alerts, "holds": bool(stopped and (alerted or not alerts)),
        "identities": [max(w.identity, key=w.identity.__getitem__) for w in last.values()],
    }  # fmt: skip
