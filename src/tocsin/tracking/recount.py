"""What a data path says it has seen, against what has come through it; and a rate that no sky explains."""

from typing import Final

from tocsin.messages import SECOND, InfraredScan, RadarScan, Sensor, Summary

MEMORY: Final = 3_600 * SECOND
JUMP: Final = (
    10.0  # times its running mean, and LEAST more: a look of so many is implausible (our assumption)
)
LEAST: Final = 200
SETTLED: Final = 20  # looks after which the mean is one
SHARE: Final = 0.05  # of a new look in the mean
PAUSE: Final = 600 * SECOND  # before the same sensor is named again


class Recount:
    """Count detections by sensor and path over the last hour, and by path since the start."""

    def __init__(self) -> None:
        """Start at nothing."""
        self._looks: list[tuple[int, str, str, int]] = []
        self._totals: dict[str, int] = {}
        self._rates: dict[str, tuple[int, float]] = {}
        self._named: dict[str, int] = {}

    def book(self, sensor: Sensor, scan: InfraredScan | RadarScan) -> str | None:
        """Count a look's detections; return a sentence where there are implausibly many."""
        count, path = len(scan.detections), sensor.evidence_path
        self._looks.append((scan.end, sensor.id, path, count))
        self._totals[path] = self._totals.get(path, 0) + count
        if len(self._looks) > 4096 and self._looks[0][0] < scan.end - 2 * MEMORY:
            self._looks = [row for row in self._looks if row[0] >= scan.end - MEMORY]
        return self._rated(sensor.id, scan.end, count)

    def compare(self, summary: Summary) -> str | None:
        """Return None where the claim equals the recount, else a sentence that says both."""
        since = summary.time - round(summary.window_s * SECOND)
        count = sum(
            n
            for end, sensor, path, n in self._looks
            if since < end <= summary.time
            and summary.sensor in (None, sensor)
            and summary.path in (None, path)
        )
        if count == summary.count:
            return None
        who = summary.sensor or summary.path
        return f"{who} claims {summary.count} detections in {summary.window_s:g} s; its looks hold {count}"

    def unsupported(self, claimed: dict[str, int]) -> tuple[str, ...]:
        """Name the paths that are said to have given a track more detections than ever came through them."""
        return tuple(sorted(path for path, n in claimed.items() if n > self._totals.get(path, 0)))

    def _rated(self, sensor: str, now: int, count: int) -> str | None:
        looks, mean = self._rates.get(sensor, (0, 0.0))
        jumped = looks >= SETTLED and count > JUMP * mean + LEAST
        share = max(SHARE, 1.0 / (looks + 1))
        learned = min(count, 2.0 * mean + 1.0) if jumped else count  # what is implausible is not soon usual
        self._rates[sensor] = (looks + 1, mean + share * (learned - mean))
        if not jumped or now - self._named.get(sensor, now - PAUSE) < PAUSE:
            return None
        self._named[sensor] = now
        return f"{sensor} reports {count} detections in one look; {mean:.1f} were usual"
