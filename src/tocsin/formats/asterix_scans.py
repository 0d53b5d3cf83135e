"""What an air-surveillance radar reported (ASTERIX) as scans of a sensor.

Between two passages of the antenna lies one look, over the sector between them; plots without passages make looks
of a turn that took in no more than what lies about the plots. A plot has no elevation: its height gives it, on a
round Earth. A plot without a height is refused, because no direction can be made of it.
"""

import math
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise
from typing import Final

import numpy as np
from msgspec import Struct

from tocsin.earth.time import from_posix, parse_utc
from tocsin.errors import ConfigError
from tocsin.formats import sector
from tocsin.formats.asterix import DAY_S, SERVICE, Report
from tocsin.messages import SECOND, Instant, RadarDetection, RadarScan, RadarSigma, Rejected, Sensor
from tocsin.sensors.radar import elevation_at

MARGIN_DEG: Final = 1.0  # our assumption: how far about its plots a look took in, where no passage tells
HEIGHT_SIGMA_M: Final = 300.0  # our assumption: of a pressure altitude as a height over the ellipsoid
TURN_S: Final = 12.0  # our assumption: the slowest turn of an antenna, where the sensor has no scan_period_s
LONGEST_TURN: Final = 1.5  # turns; passages further apart have missed some, and no look is between them
TRUNCATED_S: Final = 512.0  # after so long a truncated time of day begins anew


class Timed(Struct, frozen=True):
    """A report and its moment."""

    time: Instant
    report: Report


def stations(reports: Iterable[Report]) -> dict[str, int]:
    """Count the plots of each radar, named as `25/201` (SAC/SIC)."""
    counts: dict[str, int] = {}
    for report in reports:
        name = _name(report)
        counts[name] = counts.get(name, 0) + (report.kind == "plot")
    return dict(sorted(counts.items()))


def scans(
    reports: Sequence[Report], sensor: Sensor, file: str, station: str | None = None, date: str | None = None
) -> tuple[tuple[RadarScan, ...], tuple[Rejected, ...]]:
    """Make the scans of `sensor`, of its origin, from what `station` (default: the only one) reported.

    `date`: the UTC day of the first report, `2026-05-16`; not needed of a capture, which has its own times. Raises
    ConfigError where sensor, station or date do not fit; what cannot be used comes with its reason.
    """
    if sensor.type != "radar":
        raise ConfigError(f"{file}: ASTERIX is of radars; the sensor {sensor.id} is of type {sensor.type}")
    name = _chosen(stations(reports), station, file)
    rejected: list[Rejected] = []
    timed = _timed([r for r in reports if _name(r) == name], file, date, rejected)
    plots: list[tuple[Instant, RadarDetection]] = []
    for item in _once(timed, "plot"):
        try:
            plots.append((item.time, _detection(item, sensor)))
        except ValueError as error:
            rejected.append(_refusal(item.report, file, str(error)))
    return _looks(sensor, sorted(plots, key=lambda p: p[0]), _passages(timed)), tuple(rejected)


def _name(report: Report) -> str:
    return f"{report.station[0]}/{report.station[1]}"


def _chosen(counts: dict[str, int], station: str | None, file: str) -> str:
    told = ", ".join(f"{name} ({count} plots)" for name, count in counts.items())
    if not counts:
        raise ConfigError(f"{file}: holds no plot of categories 001 or 048, nothing that makes a look")
    if station is None and len(counts) > 1:
        raise ConfigError(f"{file}: several radars report; name one with --station: {told}")
    if station is not None and station not in counts:
        raise ConfigError(f"{file}: no radar {station} reports; there are: {told}")
    return station or next(iter(counts))


# -------------------------------------------------------------------------------------------------- when


def _timed(reports: Sequence[Report], file: str, date: str | None, rejected: list[Rejected]) -> list[Timed]:
    """Give each report its moment: near its capture, else near the one before, from the day `date`."""
    midnight = _midnight(reports, date, file)
    last: float | None = None
    found: list[Timed] = []
    for report in reports:
        near = last
        if report.captured is not None:
            near = (from_posix(report.captured) - midnight) / SECOND
        seconds = _seconds(report, near)
        if seconds is None:
            why = (
                "has no time"
                if report.time_of_day_s is None
                else "has a truncated time and nothing to complete it"
            )
            rejected.append(_refusal(report, file, why))
            continue
        last = seconds
        found.append(Timed(Instant(midnight + round(seconds * SECOND)), report))
    return found


def _seconds(report: Report, near: float | None) -> float | None:
    """Return the seconds since the first midnight, of all that could be meant those nearest to `near`."""
    told = report.time_of_day_s
    if told is None or near is None:
        return None if report.truncated else told
    period = TRUNCATED_S if report.truncated else DAY_S
    return told + period * round((near - told) / period)


def _midnight(reports: Sequence[Report], date: str | None, file: str) -> Instant:
    captured = next((r.captured for r in reports if r.captured is not None), None)
    if captured is not None:
        date = str(np.datetime64(captured, "ns").astype("datetime64[D]"))
    if date is None:
        raise ConfigError(f"{file}: ASTERIX tells the time of day alone; give the day: --date 2026-05-16")
    try:
        return parse_utc(f"{date}T00:00:00Z")
    except ValueError as error:
        raise ConfigError(f"--date {date}: {error}") from None


# -------------------------------------------------------------------------------------------------- what


def _detection(item: Timed, sensor: Sensor) -> RadarDetection:
    """Turn a plot into a detection; ValueError says why it cannot be one."""
    report = item.report
    if report.simulated and sensor.origin == "live":
        raise ValueError(
            "is a simulated target: not for a live recording; --origin exercise or test takes it"
        )
    if report.height_m is None:
        raise ValueError("has no height (I048/110, I048/090, I001/090), so no elevation")
    if sensor.range_max_m is not None and report.range_m > sensor.range_max_m:
        raise ValueError(
            f"is {report.range_m:.0f} m away, beyond range_max_m {sensor.range_max_m:g}: wrapped?"
        )
    elevation = elevation_at(report.height_m, report.range_m, sensor.height_m or 0.0)
    if elevation is None:
        raise ValueError(f"is {report.range_m:.0f} m away and {report.height_m:.0f} m high: that cannot be")
    level = max(math.cos(elevation), 0.1) * report.range_m
    sigma = math.hypot(math.degrees(HEIGHT_SIGMA_M / level), sensor.elevation_sigma_deg or 0.0)
    return RadarDetection(
        time=item.time, range_m=report.range_m, azimuth_deg=report.azimuth_deg, elevation_deg=math.degrees(elevation),
        sigma=RadarSigma(elevation_sigma_deg=sigma),
    )  # fmt: skip


def _refusal(report: Report, file: str, why: str) -> Rejected:
    return Rejected(file=file, line=report.record, field=f"category {report.category:03}", why=why)


def _once(timed: Iterable[Timed], kind: str) -> list[Timed]:
    """Return the reports of a kind, each once: captures often hold a datagram twice."""
    kept = {
        (item.time, item.report.range_m, item.report.azimuth_deg): item
        for item in timed
        if item.report.kind == kind
    }
    return list(kept.values())


# ------------------------------------------------------------------------------------------------- looks


def _passages(timed: Sequence[Timed]) -> list[tuple[Instant, float]]:
    """Return when the antenna passed which azimuth [deg], in order of time."""
    kept = {item.time: item.report.azimuth_deg for item in timed if item.report.category in SERVICE}
    return sorted(kept.items())


def _looks(
    sensor: Sensor, plots: list[tuple[Instant, RadarDetection]], passages: list[tuple[Instant, float]]
) -> tuple[RadarScan, ...]:
    longest = round((sensor.scan_period_s or TURN_S) * LONGEST_TURN * SECOND)
    times = [t for t, _ in plots]
    found: list[RadarScan] = []
    strays: list[RadarDetection] = []
    done = 0
    for (start, begin), (end, stop) in pairwise(passages):
        if end - start <= longest:
            first, last = bisect_left(times, start), bisect_left(times, end)
            coverage = {"azimuth_from_deg": begin, "azimuth_to_deg": stop}
            found.append(_scan(sensor, start, end, [d for _, d in plots[first:last]], coverage))
            strays += [d for _, d in plots[done:first]]
            done = last
    for group in _turns(strays + [d for _, d in plots[done:]], longest):
        coverage = sector.about([d.azimuth_deg for d in group], [], MARGIN_DEG)
        found.append(_scan(sensor, group[0].time, group[-1].time, group, coverage))
    return tuple(sorted(found, key=lambda scan: scan.time))


def _turns(plots: Iterable[RadarDetection], longest: int) -> Iterator[list[RadarDetection]]:
    """Yield plots in groups of no more than a turn."""
    group: list[RadarDetection] = []
    for plot in plots:
        if group and plot.time - group[0].time >= longest:
            yield group
            group = []
        group.append(plot)
    if group:
        yield group


def _scan(
    sensor: Sensor, start: Instant, end: Instant, plots: list[RadarDetection], coverage: dict[str, float]
) -> RadarScan:
    return RadarScan(
        origin=sensor.origin, sensor=sensor.id, time=start, duration_s=(end - start) / SECOND,
        detections=tuple(plots), coverage=coverage,
    )  # fmt: skip
