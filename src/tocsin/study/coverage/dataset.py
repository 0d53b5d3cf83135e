"""The maps as an xarray data set after the CF conventions (cfconventions.org), fit for NetCDF."""

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from tocsin.constants import EARTH_FLATTENING, EARTH_RADIUS
from tocsin.earth.time import format_utc
from tocsin.study.coverage import heights
from tocsin.study.coverage._kernels import PARTS
from tocsin.study.coverage.maps import DAY, EVENTS, KINDS, Maps
from tocsin.study.coverage.watch import eyes_at, watch

GRID = ("lat", "lon")


def dataset(maps: Maps) -> xr.Dataset:
    """Gather the maps with names, units and the reference ellipsoid."""
    ask = maps.ask
    kinds, lost = slice(0, len(KINDS)), slice(len(KINDS), None)
    flight, event, part = ("flight",), ("event",), ("part",)
    by_kind, by_loss = (*flight, "reports", *event, *GRID), (*flight, "sensor", *event, *GRID)
    median = maps.when[:, :, :, 1]
    variables = {
        "flight_time": _variable((*flight, *GRID), maps.flight_time, "time of flight to the target", "s"),
        "vehicle_class": _variable((*flight, *GRID), maps.vehicle.astype(np.int32), "number of the vehicle class", "1"),
        "chance": _variable(by_kind, maps.chance[:, kinds], "probability that the event comes at all", "1"),
        "time": _variable(
            (*flight, "reports", *event, *part, *GRID), maps.when[:, kinds],
            "time after launch by which the event has come in this part of all cases", "s",
        ),
        "time_left": _variable(by_kind, maps.left[:, kinds], "time left at the target at the median event", "s"),
        "chance_lost": _variable(
            by_loss, maps.chance[:, :1] - maps.chance[:, lost], "probability lost with the sensor", "1"
        ),
        "delay": _variable(by_loss, median[:, lost] - median[:, :1], "by how much later without the sensor", "s"),
    }  # fmt: skip
    if maps.day is not None:
        for values, name, said in zip(maps.day, ("mean", "least", "when", "latest"), DAY, strict=True):
            words, _, unit = said.partition(" [")
            variables[f"day_{name}"] = _variable(by_kind, values, words, unit.rstrip("]") or "1")
    radars, satellites = seeing(maps)
    variables["radars"] = _variable(("altitude", *GRID), radars, "radars that cover this altitude", "1")
    variables["satellites"] = _variable(GRID, satellites, "satellites in whose view a burning rocket is", "1")
    variables["crs"] = xr.Variable((), np.int32(0), {
        "grid_mapping_name": "latitude_longitude", "semi_major_axis": EARTH_RADIUS,
        "inverse_flattening": 1 / EARTH_FLATTENING, "longitude_of_prime_meridian": 0.0,
    })  # fmt: skip
    coordinates = {
        "lat": xr.Variable("lat", ask.latitudes_deg, {"standard_name": "latitude", "units": "degrees_north"}),
        "lon": xr.Variable("lon", ask.longitudes_deg, {"standard_name": "longitude", "units": "degrees_east"}),
        "altitude": xr.Variable("altitude", np.array(heights.HEIGHTS), {
            "standard_name": "altitude", "units": "m", "positive": "up"}),
        "flight": [task.name for task in ask.tasks],
        "event": list(EVENTS),
        "reports": list(KINDS),
        "sensor": list(ask.sensors),
        "part": xr.Variable("part", PARTS, {"long_name": "part of all cases", "units": "1"}),
    }  # fmt: skip
    return xr.Dataset(variables, coordinates, {
        "Conventions": "CF-1.11", "title": f"Coverage by {ask.title}", "source": "Tocsin, simulated; nominal figures",
        "launch_time": format_utc(ask.start), "launches_in_day": len(ask.times), "handling_s": ask.handling,
    })  # fmt: skip


def seeing(maps: Maps) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
    """Count the radars that cover each of `heights.HEIGHTS` (h, y, x), and the satellites that see a burn (y, x)."""
    ask = maps.ask
    look = watch(ask.network, eyes_at(ask.wheres, ask.start, ask.file))
    shape = len(ask.latitudes_deg), len(ask.longitudes_deg)
    lat = np.radians(np.repeat(ask.latitudes_deg, shape[1]))
    lon = np.radians(np.tile(ask.longitudes_deg, shape[0]))
    radars = [heights.covered(lat, lon, h, look, True).reshape(shape) for h in heights.HEIGHTS]
    satellites = heights.covered(lat, lon, heights.BURNING, look, False).reshape(shape)
    return np.array(radars, dtype=np.int32), satellites.astype(np.int32)


def _variable(dims: tuple[str, ...], values: NDArray[np.generic], name: str, units: str) -> xr.Variable:
    small = values.astype(np.float32) if values.dtype.kind == "f" else values
    return xr.Variable(dims, small, {"long_name": name, "units": units, "grid_mapping": "crs"})
