"""Alerts in bulk: valid by schema and our rules, read alike by cap-tools; every bit of them guarded; quickly signed.

Each run drives desks through whole lives of alerts (first, updates, lost and found, all-clear or cancel) at random
places, in three languages, live, exercise and test. Then it flips single bits: in signed alerts, in lines of a summary
that carry their checksum, and in the counts of a data path, which are held against the recount. A flip is missed if
what comes of it is taken and is not what it was. (A flip in the name `crc32` itself takes the checksum away and leaves
the content as it was: that is no miss.) Last it measures the time from the second approval to the signed CAP file and
both feeds on the disk.
"""

import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zlib import crc32

import numpy as np
from cap_tools.models import Alert as OtherAlert
from lxml import etree
from msgspec.structs import replace
from xsdata.formats.dataclass.parsers import XmlParser

from tocsin.alerting.desk import Desk
from tocsin.alerting.numbering import Numbering
from tocsin.alerting.settings import Settings
from tocsin.earth.time import format_utc, parse_utc
from tocsin.formats import cap
from tocsin.formats.jsonl import decode_line, encode_recorded
from tocsin.messages import (
    SECOND,
    Alert,
    Assessment,
    Decision,
    Ellipse,
    Evidence,
    ImpactEstimate,
    InfraredDetection,
    InfraredScan,
    Instant,
    Rejected,
    Sensor,
    Summary,
)
from tocsin.run import signing
from tocsin.run.outlets import Outlets
from tocsin.tracking.recount import Recount

RUNS, QUICK_RUNS = 20, 1
TITLE = "Alerts"
ALERTS, FLIPS, APPROVALS = 500, 500, 50  # a run
SCHEMA = Path(__file__).parents[1] / "../shared/data/cap/cap12.xsd"
ORIGINS = ("live", "exercise", "test")
SETTINGS = Settings(languages=("en", "de", "ja"))
BALLISTIC = {"ballistic-missile": 0.97, "other": 0.03}
_PARTS = (
    ("headline", "headline"),
    ("description", "description"),
    ("instruction", "instruction"),
    ("event", "event"),
)


def one(run: int) -> dict[str, Any]:
    """Return the figures of one run."""
    return measured(run, ALERTS, FLIPS, APPROVALS)


def quick(run: int) -> dict[str, Any]:
    """Return the figures of a short run."""
    return measured(run, 100, 200, 5)


def measured(run: int, count: int, flips: int, approvals: int) -> dict[str, Any]:
    """Return the figures of a run with so many alerts, flipped bits and approvals."""
    random = np.random.Generator(np.random.Philox([1979, run]))
    with tempfile.TemporaryDirectory() as folder:
        signing.make_keys(Path(folder) / "keys", datetime.now(UTC))
        keys = signing.load_keys(Path(folder) / "keys")
        alerts: list[Alert] = []
        while len(alerts) < count:
            alerts += life(random)
        return {
            "run": run,
            **_conformance(alerts[:count]),
            **_flipped(random, alerts, keys, flips),
            "latency_s": [_approved(random, Path(folder) / f"{k}", keys) for k in range(approvals)],
        }


def life(random: np.random.Generator) -> list[Alert]:
    """Drive one desk through the life of one alert at a random place and time."""
    origin = ORIGINS[int(random.integers(3))]
    start = _moment(random)
    desk = Desk(SETTINGS, Numbering())
    place = float(random.uniform(-89.9, 89.9)), float(random.uniform(-180, 180))
    falls = float(random.uniform(300, 2400))
    said = desk.assess(_assessment(start, 10, 3, origin, _impact(random, start, falls, place)))
    said += _confirmed(desk, start, 12 + float(random.uniform(0, 100)), origin)
    t = 120.0
    for k in range(int(random.integers(0, 4))):
        t += float(random.uniform(20, 150))
        place = place[0] + float(random.normal(0, 0.3)) * (abs(place[0]) < 85), place[1]
        lost = random.uniform() < 0.2
        given = _assessment(start, t, 4 + k, origin, _impact(random, start, falls, place))
        said += desk.assess(replace(given, track_state="dropped") if lost else given)
    if random.uniform() < 0.3:
        said += desk.decide(_decision(start, t + 5, "cancel", "carla", origin), _at(start, t + 5))
    said += desk.advance(_at(start, 20_000))
    return [event for event in said if isinstance(event, Alert)]


def _conformance(alerts: list[Alert]) -> dict[str, int]:
    schema = etree.XMLSchema(file=str(SCHEMA)) if SCHEMA.is_file() else None
    faulty = invalid = different = 0
    for alert in alerts:
        data = cap.write(alert)
        faulty += bool(cap.validate(data))
        invalid += schema is not None and not schema.validate(etree.fromstring(data))
        different += not _alike(data)
    return {
        "alerts": len(alerts), "against_rules": faulty, "against_schema": invalid, "read_differently": different,
        "schema_here": int(schema is not None),
    }  # fmt: skip


def _alike(data: bytes) -> bool:
    """Compare our reading with that of cap-tools."""
    ours, other = cap.read(data), XmlParser().from_bytes(data, OtherAlert)
    same = [
        (ours.identifier, ours.sender, ours.note, cap.cap_time(ours.sent)[:19], " ".join(ours.references))
        == (other.identifier, other.sender, other.note or "", str(other.sent)[:19], other.references or ""),
        (ours.status, ours.msg_type, ours.scope)
        == (other.status.value, other.msg_type.value, other.scope.value),
        len(ours.infos) == len(other.infos),
    ]
    for mine, theirs in zip(ours.infos, other.infos, strict=False):
        same += [getattr(mine, name) == getattr(theirs, their) for name, their in _PARTS]
        same.append(mine.parameters == tuple((p.value_name.value, p.value.value) for p in theirs.parameters))
        (area,), (their_area,) = mine.areas, theirs.areas
        rings = [tuple(tuple(map(float, pair.split(","))) for pair in p.split()) for p in their_area.polygons]
        same += [area.description == their_area.area_desc, list(area.polygons) == rings]
    return all(same)


def _flipped(
    random: np.random.Generator, alerts: list[Alert], keys: dict[Any, signing.Key], flips: int
) -> dict[str, Any]:
    """Flip single bits and count those that nobody notices: eight of ten in alerts, one in lines, one in counts."""
    pinned = [key.certificate for key in keys.values()]
    missed = {"alert": 0, "line": 0, "count": 0}
    files = [_signed(alert, keys) for alert in alerts[:10]]
    assert all(signing.verify(data, pinned).valid for data in files)
    for _ in range(flips * 8 // 10):
        missed["alert"] += signing.verify(
            _one_bit(random, files[int(random.integers(len(files)))]), pinned
        ).valid
    recount, summary = _counted(random)
    line = encode_recorded(summary)
    line = line[:-1] + b',"crc32":%d}' % crc32(line)
    assert decode_line(line, "", 1) == summary
    assert recount.compare(summary) is None
    for _ in range(flips // 10):
        read = decode_line(_one_bit(random, line), "", 1)
        missed["line"] += not isinstance(read, Rejected) and read != summary
        other = replace(summary, count=summary.count ^ 1 << int(random.integers(16)))
        missed["count"] += recount.compare(other) is None
    return {"flips": flips, "missed": missed}


def _counted(random: np.random.Generator) -> tuple[Recount, Summary]:
    """Book some looks, and what their path truly says of them."""
    recount, start = Recount(), parse_utc("2026-05-16T00:00:00Z")
    sensor = Sensor(origin="live", id="geo-1", type="infrared", los_sigma_urad=30.0)
    total = 0
    for k in range(10):
        t = _at(start, 10.0 * k)
        seen = tuple(
            InfraredDetection(time=t, right_ascension_deg=1.0 + i, declination_deg=2.0)
            for i in range(int(random.integers(0, 4)))
        )
        total += len(seen)
        recount.book(
            sensor, InfraredScan(origin="live", sensor="geo-1", time=t, duration_s=1.0, detections=seen)
        )
    return recount, Summary(origin="live", sensor="geo-1", time=_at(start, 95), count=total, window_s=100.0)


def _approved(random: np.random.Generator, folder: Path, keys: dict[Any, signing.Key]) -> float:
    """Return the seconds from the second approval to the signed file and both feeds on the disk."""
    (folder / "alerts").mkdir(parents=True)
    outlets = Outlets(folder, keys)
    start = parse_utc(datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"))  # today, or it would not be signed
    desk = Desk(SETTINGS, Numbering())
    place = float(random.uniform(-60, 60)), float(random.uniform(-180, 180))
    desk.assess(_assessment(start, 1, 3, "live", _impact(random, start, 900.0, place)))
    first, second = (
        _decision(start, 2 + k, "confirm", name, "live") for k, name in enumerate(("anna", "ben"))
    )
    desk.decide(first, first.time)
    begun = time.perf_counter()
    told = [
        note for e in desk.decide(second, second.time) if isinstance(e, Alert) for note in outlets.give(e)
    ]
    took = time.perf_counter() - begun
    (file,) = (folder / "alerts").glob("*.xml")
    assert not told
    assert b"<status>Actual" in file.read_bytes()
    assert b"SignatureValue" in file.read_bytes()
    return took


def together(rows: list[dict[str, Any]]) -> dict[str, Any]:
    """Add the runs up."""
    latency = np.sort(np.concatenate([row["latency_s"] for row in rows]))
    total = {
        name: int(sum(row[name] for row in rows))
        for name in ("alerts", "against_rules", "against_schema", "read_differently", "flips")
    }
    return total | {
        "schema_here": all(row["schema_here"] for row in rows),
        "missed": {name: int(sum(row["missed"][name] for row in rows)) for name in rows[0]["missed"]},
        "approvals": len(latency),
        "latency_p50_ms": float(np.quantile(latency, 0.5) * 1e3),
        "latency_p99_ms": float(np.quantile(latency, 0.99) * 1e3),
        "latency_max_ms": float(latency[-1] * 1e3),
    }


def lines(result: dict[str, Any]) -> list[str]:
    """Say it in lines."""
    schema = (
        f"{result['against_schema']} against the schema"
        if result["schema_here"]
        else "the schema was not here"
    )
    missed = ", ".join(f"{count} of {name}s" for name, count in result["missed"].items())
    return [
        f"- {result['alerts']} generated alerts in three languages: {result['against_rules']} against our rules, "
        f"{schema}, {result['read_differently']} read differently by cap-tools",
        f"- {result['flips']} single bits flipped (in signed alerts, lines with checksum, counts): missed {missed}",
        f"- second approval to signed CAP file and feeds on the disk, {result['approvals']} times: median "
        f"{result['latency_p50_ms']:.1f} ms, 99 % {result['latency_p99_ms']:.1f} ms, "
        f"most {result['latency_max_ms']:.1f} ms",
    ]


def _signed(alert: Alert, keys: dict[Any, signing.Key]) -> bytes:
    return signing.sign(cap.write(alert), keys[signing.role_of(alert.status)])


def _one_bit(random: np.random.Generator, data: bytes) -> bytes:
    at = int(random.integers(len(data) * 8))
    flipped = bytearray(data)
    flipped[at // 8] ^= 1 << at % 8
    return bytes(flipped)


def _moment(random: np.random.Generator) -> Instant:
    """Return a time within the months in which the keys just made are valid."""
    today = parse_utc(datetime.now(UTC).strftime("%Y-%m-%dT00:00:00Z"))
    return Instant(today + int(random.integers(0, 200 * 86_400)) * SECOND)


def _impact(
    random: np.random.Generator, start: Instant, falls: float, place: tuple[float, float]
) -> ImpactEstimate:
    major = float(np.exp(random.uniform(np.log(500), np.log(8e5))))
    minor = major * float(random.uniform(0.05, 1))
    ellipse = Ellipse(semi_major_m=major, semi_minor_m=minor, bearing_deg=float(random.uniform(0, 180)))
    wide = Ellipse(semi_major_m=1.2 * major, semi_minor_m=1.2 * minor, bearing_deg=ellipse.bearing_deg)
    return ImpactEstimate(
        time=_at(start, falls + float(random.normal(0, 20))), time_sigma_s=float(random.uniform(0.5, 60)),
        latitude_deg=place[0], longitude_deg=place[1], ellipse_95=ellipse, ellipse_99=wide,
    )  # fmt: skip


def _assessment(start: Instant, t: float, n: int, origin: Any, impact: ImpactEstimate) -> Assessment:
    return Assessment(
        track=1, origin=origin, time=_at(start, t), first_look=start, track_state="confirmed", identity=BALLISTIC,
        evidence=Evidence(infrared=("geo-1",), radar=("radar-1",), paths=("geo-1", "radar-1"), detections=2 * n),
        path_detections={"geo-1": n, "radar-1": n}, phase="coast", launch=None, impact=impact, state_vector=None,
    )  # fmt: skip


def _confirmed(desk: Desk, start: Instant, t: float, origin: Any) -> list[Any]:
    both = [_decision(start, t + k, "confirm", name, origin) for k, name in enumerate(("anna", "ben"))]
    return [event for decision in both for event in desk.decide(decision, decision.time)]


def _decision(start: Instant, t: float, action: Any, by: str, origin: Any) -> Decision:
    name = f"W-{format_utc(start, 0)[:10].replace('-', '')}-0001"
    return Decision(origin=origin, warning=name, action=action, by=by, time=_at(start, t), reason="as drawn")


def _at(start: Instant, seconds: float) -> Instant:
    return Instant(start + round(seconds * SECOND))
