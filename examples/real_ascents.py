"""Hold our coast and our boost against real ascents: 41 launch webcasts of 2015 to 2019.

    .venv/bin/python examples/real_ascents.py [FOLDER]

FOLDER: a copy of github.com/shahar603/Telemetry-Data (Unlicense); default: ../shared/data/spacex_webcast.

First stages, between their last burn and the entry burn: our coast with its start fitted and nothing else (drag as for
BulgariaSat-1, assumed). Upper stages: our staged thrust with one set of class figures for each flight, fitted.
"""

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import numpy as np
from bulgariasat import DRAG
from coasting import Arc, Array, Table, fit_arc, on_the_ground, way
from msgspec.structs import replace
from scipy.optimize import least_squares

from tocsin.earth.ellipsoid import height
from tocsin.flight.powered import Flight, FlightError, Launch, fly
from tocsin.flight.vehicles import VEHICLES, Vehicle

FOLDER = Path(__file__).parents[2] / "shared" / "data" / "spacex_webcast"
LC_39A, SLC_40, SLC_4E = (
    np.radians(p) for p in ((28.6084, -80.6043), (28.5619, -80.5774), (34.6321, -120.6106))
)

# Pads after the General Catalog of Artificial Space Objects. Headings are assumed, from each orbit's inclination.
STAGES = {
    "BulgariaSat-1": (LC_39A, 90.0),
    "Iridium_NEXT_3": (SLC_4E, 180.0),
    "Iridium_NEXT_8": (SLC_4E, 180.0),
    "SAOCOM_1A": (SLC_4E, 195.0),
    "SpaceX_CRS-11": (LC_39A, 44.0),
    "SpaceX_CRS-12": (LC_39A, 44.0),
    "X-37B_OTV-5": (LC_39A, 44.0),
    "ZUMA": (SLC_40, 44.0),
}
CLEAR_AFTER, CLEAR_BEFORE = 10, 2  # s: of burns, and of how far the author's smoothing has spread them
# The upper stages' launches: due east from the Cape is near enough for altitude and speed (our assumption).
CAPE_EAST = (LC_39A, 90.0)


class Coast(NamedTuple):
    """One first stage: its fitted arc, over which seconds, and the worst of what was not fitted, downrange [m]."""

    name: str
    window: tuple[int, int]
    arc: Arc
    downrange_rms: float


class Boost(NamedTuple):
    """One ascent: the fitted flight to `end` [s], and the rms of altitude [m] and speed [m/s] about it."""

    name: str
    end: float
    flight: Flight
    altitude_rms: float
    speed_rms: float


def read(folder: Path, name: str) -> tuple[Table, dict[str, int | None]]:
    """Read one flight's facts and its events [s]."""
    shown = json.loads((folder / name / "analysed.json").read_text())
    events = json.loads((folder / name / "events.json").read_text())
    columns = (
        np.array(shown[key], dtype=float) for key in ("time", "velocity", "altitude", "downrange_distance")
    )
    t, speed, altitude, aloft = columns
    return on_the_ground(t, speed, 1e3 * altitude, 1e3 * aloft), events


def coast(folder: Path, name: str) -> Coast:
    """Fit the coast between the last burn before the entry burn and the entry burn."""
    pad, heading = STAGES[name]
    table, events = read(folder, name)
    last, entry = events["boostback_end"] or events["meco"], events["entry_start"]
    assert last is not None
    assert entry is not None
    window = (last + (4 if events["boostback_end"] is None else CLEAR_AFTER), entry - CLEAR_BEFORE)
    i = int(np.searchsorted(table.t, window[0]))
    along = table.downrange[i + 1] - table.downrange[i]
    climb = float(np.arctan2(table.altitude[i + 1] - table.altitude[i], along))
    arc = fit_arc(table, pad, np.radians(heading), window, DRAG, climb, DRAG)
    rows = (table.t >= window[0]) & (table.t <= window[1])
    off = [way(arc, t, pad) - d for t, d in zip(table.t[rows], table.downrange[rows], strict=True)]
    return Coast(name, window, arc, float(np.sqrt(np.mean(np.square(off)))))


def boost(folder: Path, name: str) -> Boost | None:
    """Fit our staged thrust to an upper stage's ascent; None where the webcast followed the first stage."""
    table, events = read(folder, name)
    cut, lit = events["meco"], events["ses1"]
    if cut is None or lit is None:
        return None
    end = float((events["seco1"] or table.t[-1]) - 2)
    rows = (table.t > 0) & (table.t < end)
    t = table.t[rows]

    def errors(p: Array) -> Array:
        try:
            x = _flown(p, cut, lit, end).at(t)
        except FlightError:  # these figures burn more than the vehicle's mass
            return np.full(2 * len(t), 1e3)
        altitude = np.array([height(*r[:3]) for r in x]) - table.altitude[rows]
        speed = np.linalg.norm(x[:, 3:], axis=1) - table.speed[rows]
        return np.concatenate([altitude / 1_000.0, speed / 20.0])

    first = _FIRST.copy()
    first[3] = min(first[3], 0.88 * first[4] / (end + 2 - lit))  # light enough a burn to begin with
    scale = np.maximum(np.abs(first), 0.1)
    found = least_squares(errors, first, x_scale=scale, bounds=_BOUNDS, max_nfev=25)
    residual = found.fun.reshape(2, -1)
    rms = np.sqrt(np.mean(residual**2, axis=1))
    return Boost(name, end, _flown(found.x, cut, lit, end), float(1_000.0 * rms[0]), float(20.0 * rms[1]))


# Accelerations, exhaust velocities, declines of both stages; final pitch; the programme's four figures.
_FIRST = np.array([14.6, 3000.0, -0.1, 8.0, 3400.0, 0.0, 1.7, 0.18, 0.42, 0.45, 0.8])
_LOW = [10.0, 2700.0, -0.8, 5.0, 3100.0, -0.6, 1.2, 0.05, 0.1, 0.3, 0.55]
_HIGH = [20.0, 3250.0, 0.8, 14.0, 3500.0, 0.6, 2.0, 0.28, 0.6, 0.75, 1.1]
_BOUNDS = (_LOW, _HIGH)


def _flown(p: Array, cut: int, lit: int, end: float) -> Flight:
    """Fly the space-launcher class with other figures, to the end of the second burn as the webcast shows it."""
    kind: Vehicle = VEHICLES["space-launcher"]
    first, second = kind.stages
    stages = (
        replace(
            first,
            acceleration=p[0],
            exhaust_velocity=p[1],
            decline=p[2],
            burn=float(cut),
            gap=float(lit - cut),
        ),
        replace(second, acceleration=p[3], exhaust_velocity=p[4], decline=p[5], burn=end + 2 - lit),
    )
    vehicle = replace(kind, stages=stages, bends=((p[7], p[8]), (p[9], p[10])))
    pad, heading = CAPE_EAST
    launch = Launch(latitude=pad[0], longitude=pad[1], azimuth=np.radians(heading), pitch=p[6])
    return fly(vehicle, launch, until=end)


def names(folder: Path) -> list[str]:
    """Return the names of all flights in the folder."""
    return sorted(p.parent.name for p in folder.glob("*/analysed.json"))


def lines(folder: Path) -> Iterator[str]:
    """Tell the figures flight by flight."""
    yield f"{'first stage, coast':22}{'from':>6}{'to':>6}{'altitude':>12}{'speed':>12}{'downrange, unfitted':>22}   rms"
    for name in STAGES:
        c = coast(folder, name)
        yield (
            f"{c.name:22}{c.window[0]:4} s{c.window[1]:4} s{c.arc.altitude_rms:10.0f} m{c.arc.speed_rms:8.2f} m/s"
            f"{c.downrange_rms:20.0f} m"
        )
    yield f"\n{'upper stage, boost':22}{'from':>6}{'to':>6}{'altitude':>12}{'speed':>12}   rms"
    fitted = [b for name in names(folder) if (b := boost(folder, name)) is not None]
    for b in fitted:
        yield f"{b.name:22}{0:4} s{b.end:4.0f} s{b.altitude_rms:10.0f} m{b.speed_rms:8.1f} m/s"
    middle = np.median([[b.altitude_rms, b.speed_rms] for b in fitted], axis=0)
    yield f"median of {len(fitted):<30}{middle[0]:10.0f} m{middle[1]:8.1f} m/s"


if __name__ == "__main__":
    for line in lines(Path(sys.argv[1]) if len(sys.argv) > 1 else FOLDER):
        print(line, flush=True)
