"""An automatic confirmation: a named policy that writes decisions as a person would, and says that it is one."""

from collections.abc import Iterable
from typing import Final

from tocsin.messages import Decision, Instant, Warning

LIKELY: Final = 0.9  # the least probability of a ballistic missile


class Policy:
    """Confirm each warning once. `name`: as it signs; `signed_by`: the people who signed it, if any."""

    def __init__(self, name: str = "auto", signed_by: tuple[str, ...] = ()) -> None:
        """Name a policy."""
        self.name = name
        self.signed_by = signed_by
        self.settled: set[str] = set()

    @property
    def signature(self) -> str:
        """Say who decides, as a decision's `by`."""
        return f"policy:{self.name}"

    def heed(self, decisions: Iterable[Decision]) -> None:
        """Leave alone what has already been decided: confirmed, dismissed or cancelled, by whomever."""
        self.settled |= {d.warning for d in decisions if d.action in ("confirm", "dismiss", "cancel")}


def decided(policy: Policy, warning: Warning, now: Instant) -> Decision | None:
    """Confirm a warning that is corroborated, past burnout, probably ballistic and has an impact; else None."""
    ripe = (
        warning.state == "corroborated"
        and warning.parent is None
        and warning.phase in ("coast", "re-entry")
        and warning.identity.get("ballistic-missile", 0.0) >= LIKELY
        and warning.impact is not None
    )
    if not ripe or warning.id in policy.settled:
        return None
    policy.settled.add(warning.id)
    return Decision(
        origin=warning.origin, received=now, warning=warning.id, action="confirm", by=policy.signature, time=now,
        reason="corroborated, past burnout, probably ballistic, with an impact area",
    )  # fmt: skip
