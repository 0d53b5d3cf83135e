"""Where a satellite is: two-body motion from a scan, SGP4 from an orbit."""

import numpy as np
import pytest
from sgp4.api import Satrec, jday
from skyfield.api import EarthSatellite, load

from tocsin.constants import EARTH_GM, EARTH_RATE
from tocsin.earth.frames import EarthRotation
from tocsin.earth.orientation import bundled
from tocsin.earth.time import parse_utc
from tocsin.flight.coast import propagate
from tocsin.messages import SECOND, InfraredScan, Instant, Sensor
from tocsin.sensors.platform import Platform, PlatformError

# Published as an example with the source code of Vallado et al. (2006), object 25544's format; epoch 2026-001.
TLE = (
    "1 25544U 98067A   26001.50000000  .00000000  00000-0  00000-0 0  9996",
    "2 25544  51.6400 100.0000 0005000  50.0000 310.0000 15.50000000    07",
)
T = parse_utc("2026-01-02T03:04:05.678Z")


@pytest.fixture(scope="module")
def rotation():
    return EarthRotation(bundled())


def sensor(**more):
    return Sensor(origin="test", id="sat", type="infrared", los_sigma_urad=30.0, **more)


def scan(**more):
    return InfraredScan(origin="test", sensor="sat", time=T, duration_s=1.0, detections=(), **more)


def test_geostationary_stays(rotation):
    r = (EARTH_GM / EARTH_RATE**2) ** (1 / 3)
    still = scan(position_m=(r, 0.0, 0.0), velocity_mps=(0.0, 0.0, 0.0))
    platform = Platform(sensor(), rotation)
    assert platform.position(still, T).tolist() == [r, 0.0, 0.0]
    later = platform.position(still, T + 10 * SECOND)
    assert np.linalg.norm(later - [r, 0.0, 0.0]) < 2.0, "J2 pulls it by a millimetre a second squared at most"


def test_between_by_the_motion_itself(rotation):
    x = np.array([7.0e6, 1.0e6, 2.0e6, -1500.0, 5500.0, 3500.0])
    moving = scan(position_m=tuple(x[:3]), velocity_mps=tuple(x[3:]))
    platform = Platform(sensor(), rotation)
    for dt in (-3.0, 0.25, 30.0):
        found = platform.position(moving, Instant(T + round(dt * SECOND)))
        assert np.allclose(found, propagate(x, dt, 0.0)[:3], atol=1e-6)
        assert np.linalg.norm(found - (x[:3] + dt * x[3:])) > 0.5 * dt * dt, "not a straight line"


@pytest.mark.parametrize("hours", [0, 5, 30])
def test_two_line_elements(rotation, hours):
    t = Instant(T + hours * 3600 * SECOND)
    found = Platform(sensor(tle=TLE), rotation).position(scan(), t)
    satellite = Satrec.twoline2rv(*TLE)
    error, teme, _ = satellite.sgp4(*jday(2026, 1, 2, 3 + hours, 4, 5.678))
    assert error == 0
    assert np.linalg.norm(found) == pytest.approx(1000 * np.linalg.norm(teme), abs=0.5)
    assert found[2] == pytest.approx(1000 * teme[2], abs=30.0), (
        "polar motion moves the axis by some ten metres"
    )
    scale = load.timescale(builtin=True)
    other = EarthSatellite(*TLE, ts=scale).at(scale.utc(2026, 1, 2, 3 + hours, 4, 5.678))
    from skyfield.framelib import itrs

    assert np.linalg.norm(found - other.frame_xyz(itrs).m) < 150.0, "skyfield's own UT1 and no polar motion"


def test_elements_as_json_are_the_same(rotation):
    satellite = Satrec.twoline2rv(*TLE)
    from sgp4.exporter import export_omm

    orbit = {k: v for k, v in export_omm(satellite, "SAT").items() if v is not None}
    found = Platform(sensor(orbit=orbit), rotation).position(scan(), T)
    assert np.allclose(found, Platform(sensor(tle=TLE), rotation).position(scan(), T), atol=0.5)


MANDATORY = (
    "EPOCH", "MEAN_MOTION", "ECCENTRICITY", "INCLINATION", "RA_OF_ASC_NODE", "ARG_OF_PERICENTER",
    "MEAN_ANOMALY",
)  # fmt: skip


@pytest.mark.parametrize("text", [False, True])
@pytest.mark.parametrize("zone", ["", "Z"])
def test_elements_need_no_more_than_the_mandatory_fields(rotation, text, zone):
    from sgp4.exporter import export_omm

    everything = export_omm(Satrec.twoline2rv(*TLE), "SAT")
    orbit = {k: str(everything[k]) if text else everything[k] for k in MANDATORY}
    orbit["EPOCH"] += zone
    found = Platform(sensor(orbit=orbit), rotation).position(scan(), T)
    assert np.allclose(found, Platform(sensor(tle=TLE), rotation).position(scan(), T), atol=0.01)
    orbit["EPOCH"] = "2026-01-01T12:00:00" + zone
    found = Platform(sensor(orbit=orbit), rotation).position(scan(), T)
    assert np.allclose(found, Platform(sensor(tle=TLE), rotation).position(scan(), T), atol=0.01)


def test_drag_terms_count_where_they_are_given(rotation):
    from sgp4 import omm
    from sgp4.exporter import export_omm

    everything = export_omm(Satrec.twoline2rv(*TLE), "SAT") | {
        "BSTAR": 3e-4, "MEAN_MOTION_DOT": 1.2e-4, "MEAN_MOTION_DDOT": 1e-8, "NORAD_CAT_ID": 5,
    }  # fmt: skip
    published = Satrec()
    omm.initialize(published, {k: str(v) for k, v in everything.items()})
    ours = Platform(sensor(orbit=everything), rotation)._satellite
    late = (2_461_060.5, 0.25)
    assert np.allclose(ours.sgp4(*late)[1], published.sgp4(*late)[1], atol=1e-6)
    assert (ours.ndot, ours.nddot) == pytest.approx((published.ndot, published.nddot))


def test_a_scan_s_own_place_wins(rotation):
    placed = scan(position_m=(4.2e7, 0.0, 0.0), velocity_mps=(0.0, 0.0, 0.0))
    assert Platform(sensor(tle=TLE), rotation).position(placed, T).tolist() == [4.2e7, 0.0, 0.0]


def test_no_place_at_all(rotation):
    with pytest.raises(PlatformError, match="position_m and velocity_mps"):
        Platform(sensor(), rotation).position(scan(), T)


def test_an_orbit_underground(rotation):
    low = (TLE[0], TLE[1].replace("15.50000000", "17.50000000"))
    checksum = sum(int(c) if c.isdigit() else c == "-" for c in low[1][:68]) % 10
    decayed = Platform(sensor(tle=(low[0], low[1][:68] + str(checksum))), rotation)
    with pytest.raises(PlatformError, match="SGP4"):
        decayed.position(scan(), Instant(T + 3000 * 86_400 * SECOND))
