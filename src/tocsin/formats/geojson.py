"""Alerts as GeoJSON (RFC 7946), for maps: a feature an alert, what was superseded marked and kept.

The same alerts give the same bytes, and each keeps its `id` for ever: who reads the file twice sees nothing twice.
"""

from collections.abc import Iterable, Sequence
from typing import Any, Final

import msgspec

from tocsin.alerting.release import cap_time
from tocsin.earth.rings import Ring, area, cut_at_antimeridian
from tocsin.messages import Alert, Instant

MEDIA_TYPE: Final = "application/geo+json"


def write(alerts: Sequence[Alert], signed: frozenset[str] = frozenset()) -> bytes:
    """Write alerts in the order they were sent. `signed`: identifiers of those whose CAP file carries a signature."""
    later = superseded(alerts)
    return collection(feature(a, later.get(a.identifier), a.identifier in signed) for a in alerts)


def collection(features: Iterable[bytes]) -> bytes:
    """Join features, a line each."""
    lines = b",\n".join(features)
    return b'{"type": "FeatureCollection", "features": [\n' + lines + (b"\n" if lines else b"") + b"]}\n"


def feature(alert: Alert, later: str | None, signed: bool) -> bytes:
    """Write one alert. `later`: the identifier of the last alert that supersedes it."""
    return msgspec.json.encode(_feature(alert, later, signed))


def superseded(alerts: Sequence[Alert]) -> dict[str, str]:
    """Name for each alert that no longer holds the last one that says so."""
    return {reference.split(",")[1]: alert.identifier for alert in alerts for reference in alert.references}


def _feature(alert: Alert, later: str | None, signed: bool) -> dict[str, Any]:
    return {
        "type": "Feature",
        "id": alert.identifier,
        "geometry": {"type": "MultiPolygon", "coordinates": [[_right_handed(r)] for r in _rings(alert)]},
        "properties": {
            "status": alert.status,
            "msg_type": alert.msg_type,
            "phase": alert.phase,
            "superseded_by": later,
            "warning": alert.warning,
            "version": alert.version,
            "prediction": alert.prediction,
            "sent": cap_time(alert.sent),
            "expires": cap_time(alert.expires),
            "impact_earliest": _time(alert.impact_earliest),
            "impact_likeliest": _time(alert.impact_likeliest),
            "impact_latest": _time(alert.impact_latest),
            "texts": {
                text.language: {"headline": text.headline, "description": text.description,
                                "instruction": text.instruction, "area": text.area_description}
                for text in alert.texts
            },
            "cap": f"alerts/{alert.identifier}.xml",
            "signed": signed,
        },
    }  # fmt: skip


def _rings(alert: Alert) -> tuple[Ring, ...]:
    return cut_at_antimeridian(alert.polygon)


def _right_handed(ring: Ring) -> list[list[float]]:
    """Order a ring as RFC 7946 asks: counter-clockwise outside, longitude before latitude."""
    turned = ring if area(ring) > 0 else tuple(reversed(ring))
    return [[lon, lat] for lat, lon in turned]


def _time(t: Instant | None) -> str | None:
    return None if t is None else cap_time(t)
