"""How long a place has left: where it lies in an impact area, and when the first arrival may come; `tocsin place`."""

import json
import math
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from msgspec import Struct

from tocsin.alerting.evidence import earliest, latest
from tocsin.cli.arguments import Arguments
from tocsin.earth.ellipsoid import azimuth, distance
from tocsin.errors import ConfigError
from tocsin.messages import SECOND, Ellipse, ImpactEstimate, Instant

if TYPE_CHECKING:
    from tocsin.report.within import Within

# A place counts as near within half the area's size, or this far from its edge (our judgement).
NEAR_SCALE: Final = 1.5
NEAR_M: Final = 50_000.0


class Threat(Struct, frozen=True, kw_only=True):
    """What an impact means for a place. `inside`: "95" or "99" %, or "" outside, `edge_m` from the edge."""

    inside: str
    edge_m: float
    earliest: Instant
    left_s: float

    def told(self) -> str:
        """Say it in words, time first."""
        where = (
            f"inside the {self.inside} % area"
            if self.inside
            else f"{self.edge_m / 1000:.0f} km outside the area"
        )
        if self.left_s <= 0:
            return f"here: impact may come at any moment, {where}"
        minutes, rest = divmod(int(self.left_s), 60)
        return f"here: {minutes} min {rest:02d} s left, {where}"


def threat(place: tuple[float, float], impact: ImpactEstimate, now: int) -> Threat | None:
    """Weigh an impact for a place (lat, lon) [deg]; None where the area is far, or the time is over."""
    if now > latest(impact):
        return None
    area = impact.ellipse_99 or impact.ellipse_95
    far = _distance(place, impact)
    scale = _scale(place, impact, area)
    edge = 0.0 if scale <= 1 else far * (1 - 1 / scale)
    if scale > NEAR_SCALE and edge > NEAR_M:
        return None
    inside = "95" if _scale(place, impact, impact.ellipse_95) <= 1 else "99" if scale <= 1 else ""
    first = earliest(impact)
    return Threat(inside=inside, edge_m=edge, earliest=first, left_s=(first - now) / SECOND)


def place(arguments: Arguments) -> int:
    """Say of a run's warning when it may come down at a place, and what lies where it may."""
    from tocsin.report.within import within  # noqa: PLC0415

    version = _version(arguments)
    found = within(version, arguments.place)
    if found is None:
        raise ConfigError(f"{arguments.folder}: the state of {version['id']} does not come down")
    sys.stdout.write(_json(found) if arguments.json else "\n".join(found.told()) + "\n")
    return 0


def _version(arguments: Arguments) -> dict[str, Any]:
    """Find the version that is asked for; a ConfigError says what there is."""
    from tocsin.cli.pages import only  # noqa: PLC0415
    from tocsin.report.results import Results  # noqa: PLC0415

    folder = Path(arguments.folder)
    name = arguments.warning or only(folder)
    versions = [v for v in Results(folder).versions if v["id"] == name]
    if not versions:
        raise ConfigError(f"{folder}: there is no warning {name}")
    if arguments.version is not None:
        versions = [v for v in versions if v["version"] == arguments.version]
        if not versions:
            raise ConfigError(f"{folder}: {name} has no version {arguments.version}")
    known = [v for v in versions if v["impact"] is not None and v["state_vector"] is not None]
    if not known:
        raise ConfigError(f"{folder}: {name} has no impact{' yet' if arguments.version else ''}")
    return next((v for v in reversed(known) if v["state"] != "closed"), known[-1])


def _json(found: "Within") -> str:
    import msgspec  # noqa: PLC0415

    return json.dumps(msgspec.to_builtins(found), ensure_ascii=False) + "\n"


def _distance(place: tuple[float, float], impact: ImpactEstimate) -> float:
    return float(distance(*_radians(place, impact)))


def _scale(place: tuple[float, float], impact: ImpactEstimate, area: Ellipse) -> float:
    """Say how large the ellipse would have to be, as a factor, for the place to lie on its edge."""
    points = _radians(place, impact)
    far = distance(*points)
    turn = azimuth(*points) - math.radians(area.bearing_deg)
    along, across = far * math.cos(turn), far * math.sin(turn)
    return math.hypot(along / area.semi_major_m, across / area.semi_minor_m)


def _radians(place: tuple[float, float], impact: ImpactEstimate) -> tuple[float, float, float, float]:
    return (
        math.radians(impact.latitude_deg),
        math.radians(impact.longitude_deg),
        math.radians(place[0]),
        math.radians(place[1]),
    )
