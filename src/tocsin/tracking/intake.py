"""What may enter: duplicates, late looks and impossible times are told apart before anything is tracked."""

from typing import Final, Literal

from msgspec import structs

from tocsin.messages import SECOND, Incoming, InfraredScan, RadarScan

MEMORY: Final = 3_600 * SECOND  # looks older than this are too late anyway
TOO_FAR: Final = 86_400 * SECOND  # from the clock: not believed until a second sensor agrees

Verdict = Literal["take", "duplicate", "changed", "late", "future", "reset"]


class Intake:
    """Remember the looks of the last hour, by sensor and start, and who has set the clock."""

    def __init__(self) -> None:
        """Start without memory."""
        self._seen: dict[str, dict[int, InfraredScan | RadarScan]] = {}
        self._elsewhere: dict[str, int] = {}  # by sensor: its last time more than a day off the clock
        self._witnesses: dict[str, int] = {}  # by sensor: its last look that was taken

    def judge(self, scan: InfraredScan | RadarScan, clock: int | None, lag: int) -> Verdict:
        """Say what to do with a look, given the clock before it and the lag; remember it if it is taken.

        "reset": the look is right and the clock wrong: it was set by one sensor alone, days ahead of this and another.
        """
        plain = structs.replace(scan, received=None, seq=None)
        known = self._seen.get(scan.sensor, {}).get(scan.time)
        if known is not None:
            return "duplicate" if known == plain else "changed"
        latest = max(scan.end, scan.received or scan.end)
        if clock is not None and latest > clock + TOO_FAR and not self._agreed(scan.sensor, latest):
            return "future"
        arrived = max(scan.received or scan.end, clock if clock is not None else scan.end)
        verdict: Verdict = "take"
        if scan.end < arrived - lag:
            behind = clock is not None and latest < clock - TOO_FAR
            if not (behind and self._agreed(scan.sensor, latest) and len(self._witnesses) <= 1):
                return "late"
            verdict, arrived = "reset", latest
            self._seen.clear()
            self._witnesses.clear()
        self._remember(scan.sensor, scan.time, plain, arrived)
        return verdict

    def is_absurd(self, message: Incoming, clock: int | None) -> bool:
        """Say whether a message that is no look is dated more than a day past the clock."""
        times = [t for t in (message.received, getattr(message, "time", None)) if t is not None]
        return clock is not None and any(t > clock + TOO_FAR for t in times)

    def _agreed(self, sensor: str, t: int) -> bool:
        """Say whether another sensor has lately dated a look within a day of `t`; note this one."""
        self._elsewhere[sensor] = t
        return any(name != sensor and abs(other - t) < TOO_FAR for name, other in self._elsewhere.items())

    def _remember(self, sensor: str, time: int, plain: InfraredScan | RadarScan, now: int) -> None:
        self._witnesses[sensor] = time
        looks = self._seen.setdefault(sensor, {})
        looks[time] = plain
        if len(looks) > 64 and next(iter(looks)) < now - 2 * MEMORY:
            self._seen[sensor] = {t: look for t, look in looks.items() if t >= now - MEMORY}
