"""What a data path says it has seen, against what has come through it."""

from typing import Final

from tocsin.messages import SECOND, InfraredScan, RadarScan, Sensor, Summary

MEMORY: Final = 3_600 * SECOND


class Recount:
    """Count detections by sensor and path over the last hour."""

    def __init__(self) -> None:
        """Start at nothing."""
        self._looks: list[tuple[int, str, str, int]] = []

    def book(self, sensor: Sensor, scan: InfraredScan | RadarScan) -> None:
        """Count a look's detections."""
        self._looks.append((scan.end, sensor.id, sensor.evidence_path, len(scan.detections)))
        if len(self._looks) > 4096 and self._looks[0][0] < scan.end - 2 * MEMORY:
            self._looks = [row for row in self._looks if row[0] >= scan.end - MEMORY]

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
