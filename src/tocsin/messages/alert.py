"""What a public alert says, before it is written as CAP."""

from typing import Literal

from tocsin.messages.fields import Instant, Origin
from tocsin.messages.shown import Shown

AlertPhase = Literal["advisory", "take-shelter", "all-clear"]


class AlertText(Shown, frozen=True, kw_only=True):
    """What an alert says in one language (RFC 5646, as `de`)."""

    language: str
    event: str
    headline: str
    description: str
    instruction: str
    area_description: str


class Alert(Shown, frozen=True, kw_only=True, tag_field="kind", tag="alert"):
    """A public alert before it is written as CAP 1.2. `polygon`: closed ring of (latitude, longitude) [deg].

    The texts are in `language`; `translations` say the same in others. `prediction`: version and hash of the impact
    the area was drawn from.
    """

    identifier: str
    sender: str
    sent: Instant
    status: Literal["Actual", "Exercise", "Test", "Draft"]
    msg_type: Literal["Alert", "Update", "Cancel"]
    references: tuple[str, ...]
    warning: str
    version: int
    phase: AlertPhase
    event: str
    urgency: str
    severity: str
    certainty: str
    headline: str
    description: str
    instruction: str
    expires: Instant
    impact_earliest: Instant | None
    impact_likeliest: Instant | None
    impact_latest: Instant | None
    area_description: str
    polygon: tuple[tuple[float, float], ...]
    origin: Origin
    approvals: tuple[str, ...] = ()
    note: str = ""
    language: str = "en"
    translations: tuple[AlertText, ...] = ()
    prediction: str = ""

    @property
    def texts(self) -> tuple[AlertText, ...]:
        """Give the texts in every language, the main one first."""
        main = AlertText(
            language=self.language, event=self.event, headline=self.headline, description=self.description,
            instruction=self.instruction, area_description=self.area_description,
        )  # fmt: skip
        return (main, *self.translations)
