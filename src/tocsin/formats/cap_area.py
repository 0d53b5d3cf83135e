"""The tie of an alert's area to its prediction: `stale-area` where one was changed without the other.

`alerting/prediction.py` says why. `tocsin-prediction` names and hashes the impact; `tocsin-area` hashes that name, the
warning, the times and all polygons as they are written. So an area put in by hand, or left over from an older alert,
does not fit; and with the warnings at hand (`check_prediction`) the impact itself is computed again.
"""

import hashlib
from collections.abc import Iterable, Iterator
from typing import Final
from xml.etree.ElementTree import Element

from tocsin.alerting.prediction import prediction
from tocsin.earth.rings import contains
from tocsin.formats.cap_text import children, text_of
from tocsin.messages import Warning

STALE: Final = "stale-area"
PREDICTION: Final = "tocsin-prediction"
AREA: Final = "tocsin-area"
_TIED: Final = (
    "tocsin-warning", "tocsin-version", PREDICTION, "tocsin-impact-earliest", "tocsin-impact-likeliest",
    "tocsin-impact-latest",
)  # fmt: skip


def tie(parameters: dict[str, str], polygons: Iterable[str]) -> str:
    """Hash an area with what it was drawn from: SHA-256, its first 32 hexadecimal digits."""
    parts = [parameters.get(name, "") for name in _TIED] + [" ".join(text.split()) for text in polygons]
    return hashlib.sha256("|".join(parts).encode()).hexdigest()[:32]


def stale_area(info: Element) -> Iterator[str]:
    """Say where the areas of an info are not those its prediction was tied to."""
    values = {text_of(p, "valueName"): text_of(p, "value") for p in children(info, "parameter")}
    said = values.get(AREA)
    if said is not None and said != tie(values, _polygons(info)):
        yield f"area: {STALE}, it does not belong to the prediction {values.get(PREDICTION, '')}"


def check_prediction(root: Element, versions: Iterable[Warning]) -> Iterator[str]:
    """Hold an alert against the versions of its warning: the prediction recomputed, the likeliest place inside."""
    known = {(version.id, version.version): version for version in versions}
    for info in children(root, "info"):
        values = {text_of(p, "valueName"): text_of(p, "value") for p in children(info, "parameter")}
        name, number = values.get("tocsin-warning", ""), values.get(PREDICTION, "").partition(":")[0]
        version = known.get((name, int(number))) if number.isdecimal() else None
        impact = None if version is None else version.impact
        if impact is None:
            yield f"area: {STALE}, version {number} of {name} with an impact is not among the warnings"
            continue
        if prediction(name, int(number), impact) != values[PREDICTION]:
            yield f"area: {STALE}, version {number} of {name} predicts another impact"
        rings = [tuple(_pair(pair) for pair in text.split()) for text in _polygons(info)]
        if not any(contains(ring, (impact.latitude_deg, impact.longitude_deg)) for ring in rings):
            yield f"area: {STALE}, the likeliest impact of version {number} lies outside"


def _polygons(info: Element) -> list[str]:
    return [
        (polygon.text or "").strip()
        for area in children(info, "area")
        for polygon in children(area, "polygon")
    ]


def _pair(text: str) -> tuple[float, float]:
    latitude, longitude = text.split(",")
    return float(latitude), float(longitude)
