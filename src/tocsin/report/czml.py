"""The scene as CZML, for a globe such as Cesium: tracks, ellipses as they shrank, sensors, truth."""

import json
import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from tocsin.messages import Array
from tocsin.report import ground, wording
from tocsin.report.results import Message, Recording, Results, nanoseconds
from tocsin.report.story import SECOND, Story, stories
from tocsin.report.story import Path as Way
from tocsin.report.whereabouts import sensor_points

Packet = dict[str, Any]
RGBA = {
    "track": [86, 180, 233, 255], "launch": [0, 158, 115, 255], "impact": [213, 94, 0, 255],
    "truth": [240, 228, 66, 255], "sensor": [204, 121, 167, 255],
}  # fmt: skip
AFTER_S = 120.0  # the scene goes on this long after the last thing known


def write_scene(folder: Path) -> Path:
    """Write `scene.czml` into a run's folder and return its path. The same folder gives the same bytes."""
    results = Results(folder)
    path = Path(folder) / "scene.czml"
    text = json.dumps(scene(results), separators=(",", ":"), ensure_ascii=False, allow_nan=False)
    path.write_text(text + "\n", encoding="utf-8")
    return path


def scene(results: Results) -> list[Packet]:
    """Build the list of CZML packets of a run."""
    told = stories(results)
    begin, end = _span(results.recorded, told)
    interval = _interval(begin, end)
    packets: list[Packet] = [{
        "id": "document", "name": f"Tocsin: {results.folder.name}", "version": "1.0",
        "clock": {"interval": interval, "currentTime": wording.iso(begin), "multiplier": 10,
                  "range": "CLAMPED", "step": "SYSTEM_CLOCK_MULTIPLIER"},
    }]  # fmt: skip
    for name, place in sensor_points(results.recorded).items():
        packets.append(_sensor(name, place, results.recorded.sensors[name]))
    for story in told:
        packets += _story_packets(story, end)
    return packets


def _span(recorded: Recording, told: Sequence[Story]) -> tuple[int, int]:
    moments = [look.time for look in recorded.looks]
    for story in told:
        moments += [story.zero, nanoseconds(story.last["time"])]
        if impact := story.latest("impact"):
            moments.append(nanoseconds(impact["time"]))
    if not moments:
        return 0, SECOND
    return min(moments), max(moments) + round(AFTER_S * SECOND)


def _sensor(name: str, place: Array, sensor: Message) -> Packet:
    height = float(sensor.get("height_m") or 0.0)
    return {
        "id": f"sensor/{name}", "name": f"{name} ({sensor['type']})",
        "position": {"cartographicDegrees": [round(float(place[0]), 6), round(float(place[1]), 6), height]},
        "point": {"pixelSize": 8, "color": {"rgba": RGBA["sensor"]}},
        "label": {"text": name, "font": "12px sans-serif", "pixelOffset": {"cartesian2": [10, 0]},
                  "horizontalOrigin": "LEFT", "fillColor": {"rgba": RGBA["sensor"]}},
    }  # fmt: skip


def _story_packets(story: Story, end: int) -> list[Packet]:
    packets = []
    if len(story.track.t):
        packets.append(_moving(story.id, f"{story.id}: estimate", story.track, story.zero, end, "track"))
        if story.latest("impact") is not None and story.track.phase[-1] != "down":
            t, r, v = ground.predicted_arc(story.track.r[-1], story.track.v[-1])
            way = Way(t + story.track.t[-1], r, v, ())
            packets.append(
                _moving(
                    f"{story.id}/predicted", f"{story.id}: predicted", way, story.zero, end, "track", True
                )
            )
    for part in ("launch", "impact"):
        if found := _ellipse(story, part, end):
            packets.append(found)
    true_path = story.true_path()
    if story.truth is not None and true_path is not None and len(true_path.t):
        packets.append(
            _moving(
                f"{story.id}/truth",
                f"truth: {story.truth.name}",
                _thin(true_path),
                story.zero,
                end,
                "truth",
            )
        )
    return packets


def _moving(name: str, title: str, way: Way, zero: int, end: int, role: str, dashed: bool = False) -> Packet:
    first = zero + round(way.t[0] * SECOND)
    rows = np.column_stack([way.t - way.t[0], way.r])
    samples = [round(float(value), 3 if k % 4 == 0 else 1) for k, value in enumerate(rows.ravel())]
    colour = {"color": {"rgba": RGBA[role]}}
    material = {"polylineDash": {**colour, "dashLength": 12}} if dashed else {"solidColor": colour}
    return {
        "id": name, "name": title, "availability": _interval(first, max(end, first + SECOND)),
        "position": {"referenceFrame": "FIXED", "epoch": wording.iso(first), "cartesian": samples,
                     "interpolationAlgorithm": "LINEAR", "forwardExtrapolationType": "HOLD"},
        "path": {"width": 2, "leadTime": round(way.t[-1] - way.t[0], 3) if dashed else 0, "trailTime": 86400,
                 "resolution": 5, "material": material},
        "point": {"pixelSize": 6, "color": {"rgba": RGBA[role]}},
    }  # fmt: skip


def _ellipse(story: Story, part: str, end: int) -> Packet | None:
    """Write an ellipse that changes with the versions. Cesium stops where a minor axis exceeds its major."""
    position, major, minor, turn = [], [], [], []
    shown = _shown(story, part, end)
    if not shown:
        return None
    for begin, until, estimate in shown:
        interval = _interval(begin, until)
        ellipse = estimate["ellipse_95"]
        a, b = sorted((ellipse["semi_major_m"], ellipse["semi_minor_m"]), reverse=True)
        bearing = ellipse["bearing_deg"] + (
            90.0 if ellipse["semi_minor_m"] > ellipse["semi_major_m"] else 0.0
        )
        place = [round(estimate["longitude_deg"], 6), round(estimate["latitude_deg"], 6), 0]
        position.append({"interval": interval, "cartographicDegrees": place})
        major.append({"interval": interval, "number": a})
        minor.append({"interval": interval, "number": b})
        # CZML turns counter-clockwise from north, a bearing clockwise.
        turn.append({"interval": interval, "number": round(math.radians(-bearing % 180.0), 6)})
    colour = RGBA[part]
    return {
        "id": f"{story.id}/{part}", "name": f"{story.id}: {part} area, 95 %",
        "availability": _joined([(begin, until) for begin, until, _ in shown]),
        "position": position,
        "ellipse": {"semiMajorAxis": major, "semiMinorAxis": minor, "rotation": turn, "height": 0,
                    "fill": True, "material": {"solidColor": {"color": {"rgba": [*colour[:3], 70]}}},
                    "outline": True, "outlineColor": {"rgba": colour}},
    }  # fmt: skip


def _shown(story: Story, part: str, end: int) -> list[tuple[int, int, Message]]:
    """List from when until when each estimate was believed; none while it was unknown or withdrawn."""
    starts = [nanoseconds(version["time"]) for version in story.versions]
    stops = [*starts[1:], max(end, starts[-1] + SECOND)]
    spans = zip(starts, stops, story.versions, strict=True)
    return [(begin, until, v[part]) for begin, until, v in spans if v.get(part) and begin < until]


def _joined(spans: Sequence[tuple[int, int]]) -> list[str]:
    """Join spans that touch into intervals."""
    joined: list[tuple[int, int]] = []
    for begin, until in spans:
        if joined and joined[-1][1] == begin:
            joined[-1] = (joined[-1][0], until)
        else:
            joined.append((begin, until))
    return [_interval(begin, until) for begin, until in joined]


def _interval(begin: int, end: int) -> str:
    return f"{wording.iso(begin)}/{wording.iso(end)}"


def _thin(way: Way, most: int = 400) -> Way:
    keep = np.unique(np.linspace(0, len(way.t) - 1, min(len(way.t), most)).astype(int))
    return Way(way.t[keep], way.r[keep], way.v[keep], ())
