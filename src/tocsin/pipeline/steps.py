"""What was held back and why: every dismissed candidate leaves its step, a count and, once, an event."""

from typing import Final

from tocsin.messages import Assessment, EventLog, Instant, Origin

# Events of the system that are themselves false-alarm steps.
STEP_OF_EVENT: Final = {
    "exercise-blocked": "exercise", "data-path-fault": "no-raw-support", "no-raw-support": "no-raw-support",
    "implausible-rate": "implausible-rate", "sequence-broken": "corrupted", "stale-area": "stale-area",
}  # fmt: skip


class Steps:
    """Count by step, and remember which tracks have been told."""

    def __init__(self, origin: Origin) -> None:
        """Start at nothing."""
        self.origin = origin
        self.counts: dict[str, int] = {}
        self._told: dict[int, str] = {}

    def count(self, step: str, times: int = 1) -> None:
        """Add to a step."""
        self.counts[step] = self.counts.get(step, 0) + times

    def of_event(self, name: str) -> None:
        """Count an event that is a step."""
        if name in STEP_OF_EVENT:
            self.count(STEP_OF_EVENT[name])

    def held(self, assessment: Assessment) -> list[EventLog]:
        """Say once of a track, and again when the step changes, which step holds it."""
        if assessment.step is None or (assessment.step == "orbit" and assessment.track_state != "tentative"):
            return []
        if self._told.get(assessment.track) == assessment.step:
            return []
        self._told[assessment.track] = assessment.step
        because = next((t.text for t in assessment.terms if t.name == _NAME.get(assessment.step)), "")
        likely = max(assessment.identity, key=assessment.identity.__getitem__)
        text = f"track {assessment.track} is {likely} with {assessment.identity[likely]:.2f}" + (
            f": {because}" if because else ""
        )
        return [self.dismissed(assessment.step, assessment.time, text)]

    def dismissed(self, step: str, time: Instant, text: str, sensor: str | None = None) -> EventLog:
        """Name a dismissed candidate and count it."""
        self.count(step)
        return EventLog(
            name="candidate-dismissed", time=time, origin=self.origin, text=f"{step}: {text}", sensor=sensor
        )

    def forget(self, track: int) -> None:
        """Forget a track that is gone."""
        self._told.pop(track, None)


_NAME: Final = {
    "meteor": "speed", "aircraft": "speed", "orbit": "energy", "catalogued": "catalogued", "sun-moon": "sun-moon",
    "notified": "notified", "glint": "glint", "static": "prior", "flash": "steadiness",
}  # fmt: skip
