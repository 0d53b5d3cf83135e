"""The real flight: the table is the source's, the arc fits what was measured, and Tocsin warns of it once."""

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest
from sgp4.api import Satrec
from skyfield.api import EarthSatellite, load, wgs84

ROOT = Path(__file__).parents[1]
EXAMPLES = ROOT / "examples"
SOURCE = ROOT.parent / "shared" / "data" / "spacex_webcast" / "BulgariaSat-1"
ELEMENTS = ROOT.parent / "shared" / "data" / "satellite_orbits" / "celestrak_geo.txt"


@pytest.fixture(scope="module", autouse=True)
def on_the_path() -> Iterator[None]:
    """Let the examples import each other, as they do when run."""
    sys.path.insert(0, str(EXAMPLES))
    yield
    sys.path.remove(str(EXAMPLES))


@pytest.fixture(scope="module")
def bulgariasat() -> ModuleType:
    import bulgariasat

    return bulgariasat


@pytest.fixture(scope="module")
def lookout() -> ModuleType:
    import lookout

    return lookout


@pytest.fixture(scope="module")
def flight(bulgariasat):
    return bulgariasat.real_flight()


@pytest.fixture(scope="module")
def result(flight, tmp_path_factory):
    import real_flight

    return real_flight.watch(flight, 2017, tmp_path_factory.mktemp("flight"))


# ------------------------------------------------------------------------------------------- facts


@pytest.mark.skipif(not SOURCE.is_dir(), reason="the webcast's data are not on this machine")
def test_table_is_the_sources(bulgariasat) -> None:
    source = json.loads((SOURCE / "analysed.json").read_text())
    table = bulgariasat.read_table()
    np.testing.assert_array_equal(table.t, source["time"])
    np.testing.assert_allclose(table.speed, source["velocity"], atol=5.1e-4)
    np.testing.assert_allclose(table.altitude, np.array(source["altitude"]) * 1e3, atol=0.51)
    events = json.loads((SOURCE / "events.json").read_text())
    assert events["meco"] == bulgariasat.CUT_OFF
    assert events["entry_start"] == bulgariasat.ENTRY_BURN
    assert events["entry_end"] == bulgariasat.ENTRY_BURN_END


@pytest.mark.skipif(not ELEMENTS.is_file(), reason="the satellites' elements are not on this machine")
def test_satellites_are_the_sources(lookout) -> None:
    lines = [line.strip() for line in ELEMENTS.read_text().splitlines()]
    for tle in lookout.SATELLITES.values():
        assert all(line in lines for line in tle)


# ------------------------------------------------------------------------------------------- flight


def test_arc_fits_altitude_and_speed(flight) -> None:
    """A wrong frame would show: inertial speeds differ by 400 m/s, a flat Earth by kilometres."""
    assert flight.arc.altitude_rms < 100.0
    assert flight.arc.speed_rms < 0.5
    heights = [wgs84_height(flight.at(t)) for t in np.arange(160.0, 390.0, 1.0)]
    assert max(heights) == pytest.approx(119_000.0, abs=500.0)  # the screen's whole kilometres


def test_arc_covers_the_ground_that_was_summed(flight, bulgariasat) -> None:
    """Downrange was not fitted: the arc must cover the ground that the author's steps cover, to 0.1 %."""
    from tocsin.earth.ellipsoid import distance, geodetic_from_ecef

    for t in (200, 270, 340, 388):
        lat, lon, _ = geodetic_from_ecef(flight.arc.at(t)[:3])
        assert distance(*bulgariasat.PAD, lat, lon) == pytest.approx(flight.table.downrange[t], abs=500.0)


def test_fitted_drag_agrees_with_the_stated_one(flight, bulgariasat) -> None:
    arc = bulgariasat.fit_arc(flight.table, None)
    assert abs(np.log(arc.drag / bulgariasat.DRAG)) < 2 * arc.drag_sigma
    assert arc.drag_sigma < 0.3


def test_path_is_smooth_where_parts_join(flight, bulgariasat) -> None:
    h = 0.05
    for t in (bulgariasat.ARC_START, bulgariasat.ARC_END):
        before, at, after = (flight.at(t + dt) for dt in (-h, 0.0, h))
        assert np.linalg.norm(after - 2 * at + before) / h < 10.0, "velocity jumps"


def test_path_keeps_the_measured_speed(flight) -> None:
    """Before and after the arc the splines know altitude and downrange only; the speed is their judge."""
    for first, last, rms in ((5, 155, 5.0), (165, 385, 0.5), (410, 425, 15.0)):
        t = np.arange(first, last)
        speed = np.array([np.linalg.norm(flight.at(s + 0.5) - flight.at(s - 0.5)) for s in t])
        assert np.sqrt(np.mean((speed - flight.table.speed[t]) ** 2)) < rms


def test_heading_is_due_east_from_the_pad(flight, bulgariasat) -> None:
    from tocsin.earth.ellipsoid import enu_from_ecef

    east, north, _ = enu_from_ecef(*bulgariasat.PAD) @ (flight.at(120.0) - flight.at(0.0))
    assert np.degrees(np.arctan2(east, north)) == pytest.approx(90.0, abs=0.3)


# ------------------------------------------------------------------------------------------- sensors


def test_moved_satellites_keep_their_longitude(lookout) -> None:
    """Skyfield places the elements before and after the move; checksums hold."""
    scale = load.timescale(builtin=True)
    for sensor, old in zip(lookout.satellites(), lookout.SATELLITES.values(), strict=True):
        for line in sensor.tle:
            assert len(line) == 69
            assert sum(int(c) if c.isdigit() else c == "-" for c in line[:68]) % 10 == int(line[68])
        longitudes = []
        for tle in (old, sensor.tle):
            satellite = EarthSatellite(*tle, "", scale)
            longitudes.append(wgs84.subpoint_of(satellite.at(satellite.epoch)).longitude.degrees)
        # An inclination of 4.6 degrees swings the longitude by up to 0.09 degrees either way in a day.
        assert longitudes[1] == pytest.approx(longitudes[0], abs=0.18)
        epoch = EarthSatellite(*sensor.tle, "", scale).epoch.utc_iso()
        assert epoch == lookout.EPOCH
        assert Satrec.twoline2rv(*sensor.tle).no_kozai == pytest.approx(Satrec.twoline2rv(*old).no_kozai)


def test_radar_sees_the_whole_arc(flight, bulgariasat, lookout) -> None:
    from tocsin.sensors.radar import Radar

    places = np.array([flight.at(t) for t in np.arange(bulgariasat.CUT_OFF, bulgariasat.ENTRY_BURN, 5.0)])
    assert Radar.from_message(lookout.RADAR).visible(places).all()


def test_recording_is_repeatable_and_moves_with_its_seed(flight, lookout) -> None:
    first, again, other = (lookout.recording(flight, seed) for seed in (1, 1, 2))
    assert first == again
    assert first != other


# ------------------------------------------------------------------------------------------- warning


def test_says_nothing_before_lift_off(result) -> None:
    from bulgariasat import LIFT_OFF

    assert all(w.time > LIFT_OFF for w in result.versions)


def test_lands_near_the_arcs_end(result) -> None:
    assert result.impact_error < 25_000.0
    assert result.launch_error < 10_000.0
    assert result.last.impact is not None
    assert abs(result.impact_time_error) < 2 * result.last.impact.time_sigma_s
    assert max(result.last.identity, key=lambda name: result.last.identity[name]) == "ballistic-missile"


def test_warns_once(result) -> None:
    assert result.warnings == 1


def test_example_runs() -> None:
    done = subprocess.run(
        [sys.executable, str(EXAMPLES / "real_flight.py")],
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )
    assert done.returncode == 0, done.stderr


def wgs84_height(r: np.ndarray) -> float:
    from tocsin.earth.ellipsoid import height

    return float(height(*r))
