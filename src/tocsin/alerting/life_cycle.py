"""The life of a warning and of its alert, as two tables.

**A warning** says what the machine and the people believe of one object. The machine alone moves it between
`detected` and `corroborated`, up as independent paths agree and down again when they no longer do: a step
down is a new version, never a silence. Only people (or a policy they allowed) make it `confirmed`. What
people confirmed the machine does not take back by itself, with one exception: when the object turns out to
be harmless (`called off`), the approvals were given for something else; they lapse, and the warning is
again what its evidence makes it. A warning is `closed` by a person, by the clock after its latest impact
time, or because its track is lost; what the machine closed and then sees flying again it opens again, what
a person closed it does not.

**An alert** says what to do. It is `pending` once it is proposed and waits for people, `issued` when it is
out, `updated` as often as there is something new, and ends as `all-clear` (it was there and is over) or
`cancelled` (take it back). Both ends go to everyone who got the alert. An object that was called off and
then confirmed after all gets a new alert. `release` out of `issued` or `updated` is the step from a Draft
to the real thing. Once it is over, people say in the `follow-up` whether it was true, qualified or false.

Every cell that is not in a table is refused; a refusal changes nothing.
"""

from typing import Final, Literal

WarningState = Literal["detected", "corroborated", "confirmed", "closed"]
WarningTrigger = Literal["corroborate", "contradict", "confirm", "call-off", "close", "see-again"]
AlertState = Literal["none", "pending", "issued", "updated", "all-clear", "cancelled", "followed-up"]
AlertTrigger = Literal["propose", "retract", "release", "revise", "clear", "withdraw", "follow-up"]
Verdict = Literal["true", "qualified", "false"]

WARNING_STATES: Final[tuple[WarningState, ...]] = ("detected", "corroborated", "confirmed", "closed")
WARNING_TRIGGERS: Final[tuple[WarningTrigger, ...]] = (
    "corroborate", "contradict", "confirm", "call-off", "close", "see-again",
)  # fmt: skip
ALERT_STATES: Final[tuple[AlertState, ...]] = (
    "none", "pending", "issued", "updated", "all-clear", "cancelled", "followed-up",
)  # fmt: skip
ALERT_TRIGGERS: Final[tuple[AlertTrigger, ...]] = (
    "propose", "retract", "release", "revise", "clear", "withdraw", "follow-up",
)  # fmt: skip

WARNING_LIFE: Final[dict[tuple[WarningState, WarningTrigger], WarningState]] = {
    ("detected", "corroborate"): "corroborated",
    ("detected", "confirm"): "confirmed",  # only where `Settings.confirm_uncorroborated` allows it
    ("detected", "close"): "closed",
    ("corroborated", "contradict"): "detected",
    ("corroborated", "confirm"): "confirmed",
    ("corroborated", "close"): "closed",
    ("confirmed", "call-off"): "detected",  # and at once `corroborate`, where the evidence still stands
    ("confirmed", "close"): "closed",
    ("closed", "see-again"): "detected",
}

VERDICTS: Final[tuple[Verdict, ...]] = ("true", "qualified", "false")

ALERT_LIFE: Final[dict[tuple[AlertState, AlertTrigger], AlertState]] = {
    ("none", "propose"): "pending",
    ("pending", "retract"): "none",
    ("pending", "release"): "issued",
    ("issued", "release"): "issued",
    ("issued", "revise"): "updated",
    ("issued", "clear"): "all-clear",
    ("issued", "withdraw"): "cancelled",
    ("updated", "release"): "issued",
    ("updated", "revise"): "updated",
    ("updated", "clear"): "all-clear",
    ("updated", "withdraw"): "cancelled",
    ("all-clear", "propose"): "pending",
    ("all-clear", "follow-up"): "followed-up",
    ("cancelled", "propose"): "pending",
    ("cancelled", "follow-up"): "followed-up",
    ("followed-up", "propose"): "pending",
    ("followed-up", "follow-up"): "followed-up",  # a better answer replaces an earlier one
}


def next_warning_state(state: WarningState, trigger: WarningTrigger) -> WarningState | None:
    """Look up where `trigger` takes a warning in `state`; None where the table refuses it."""
    return WARNING_LIFE.get((state, trigger))


def next_alert_state(state: AlertState, trigger: AlertTrigger) -> AlertState | None:
    """Look up where `trigger` takes an alert in `state`; None where the table refuses it."""
    return ALERT_LIFE.get((state, trigger))


def mermaid(life: Literal["warning", "alert"]) -> str:
    """Draw one of the tables as a Mermaid state diagram for the docs."""
    start: str = WARNING_STATES[0] if life == "warning" else ALERT_STATES[0]
    cells = WARNING_LIFE.items() if life == "warning" else ALERT_LIFE.items()
    rows: list[tuple[str, str, str]] = [(state, trigger, after) for (state, trigger), after in cells]
    lines = ["stateDiagram-v2", f"    [*] --> {start}"]
    # Mermaid reads a hyphen in a state's name as syntax, so such a state gets a plain alias
    names = dict.fromkeys(name for state, _, after in rows for name in (state, after))
    lines += [f'    state "{name}" as {_alias(name)}' for name in names if "-" in name]
    lines += [f"    {_alias(state)} --> {_alias(after)}: {trigger}" for state, trigger, after in rows]
    return "\n".join(lines) + "\n"


def _alias(name: str) -> str:
    return name.replace("-", "_")
