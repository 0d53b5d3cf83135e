"""The networks of real sensors: sourced, whole, where they should be, and fit to be simulated."""

import math

import numpy as np
import pytest

from tocsin.earth import ellipsoid, places
from tocsin.earth.frames import EarthRotation
from tocsin.earth.orientation import bundled
from tocsin.earth.time import parse_utc
from tocsin.formats import toml
from tocsin.messages import SECOND, Instant
from tocsin.sensors.platform import Platform
from tocsin.simulation import networks, simulate

REAL = {"united-states": (8, 11), "russia": (4, 9), "china": (3, 4), "civil": (8, 0)}  # satellites, radars
EARTH = EarthRotation(bundled())


def sensors(name):
    return toml.network(networks()[name], name)


@pytest.mark.parametrize("name", REAL)
def test_says_what_it_is_and_whence(name):
    text = networks()[name]
    assert text.startswith("# Nominal, open, not a truth for performance.")
    data = toml.tables(text, name)
    assert "nominal, open, not a truth for performance" in data["source"]
    found = sensors(name)
    kinds = [s.type for s in found]
    assert (kinds.count("infrared"), kinds.count("radar")) == REAL[name]
    for block in text.split("[[sensor]]")[1:]:
        assert "assumed" in block


@pytest.mark.parametrize("name", REAL)
def test_every_sensor_has_a_note_before_it(name):
    lines = networks()[name].splitlines()
    heads = [i for i, line in enumerate(lines) if line == "[[sensor]]"]
    assert all(lines[i - 1].startswith("# ") for i in heads)


@pytest.mark.parametrize("name", [n for n, (_, radars) in REAL.items() if radars])
def test_radars_stand_on_land(name):
    """Within 20 km of land drawn at 1:50m, which leaves out Cobra Dane's island of 15 square kilometres."""
    for radar in sensors(name):
        if radar.type != "radar" or radar.id == "cobra-dane":
            continue
        at = (math.radians(radar.latitude_deg), math.radians(radar.longitude_deg))
        around = [ellipsoid.destination(*at, turn, 20e3) for turn in np.linspace(0, 2 * math.pi, 16)]
        lat, lon = np.array([at, *around]).T.copy()
        assert places.on_land(lat, lon).any(), radar.id


@pytest.mark.parametrize("name", ["united-states", "russia"])
@pytest.mark.parametrize("year", [2024, 2026, 2028])
def test_elliptic_orbits_stay_over_the_north(name, year):
    start = parse_utc(f"{year}-05-16T00:00:00Z")
    elliptic = [s for s in sensors(name) if s.orbit is not None]
    assert elliptic
    for sensor in elliptic:
        platform = Platform(sensor, EARTH)
        r = np.array([platform.from_orbit(Instant(start + k * 600 * SECOND)) for k in range(144)])
        lat, _, h = ellipsoid.geodetic_from_ecef_batch(r)
        assert h.min() > 200e3
        assert 36_000e3 < h.max() < 45_000e3
        assert math.degrees(lat[np.argmax(h)]) > 50
        assert np.mean(lat > 0) > 0.85


def test_elliptic_satellites_of_russia_follow_each_other():
    """Four on one track six hours apart: where one is now the next will be."""
    first, second, *_ = [Platform(s, EARTH) for s in sensors("russia") if s.orbit is not None]
    start = parse_utc("2026-05-16T00:00:00Z")
    quarter = round(86_164.0905 / 4 * SECOND)
    for hours in range(0, 24, 3):
        now = Instant(start + hours * 3_600 * SECOND)
        later = second.from_orbit(Instant(now + quarter))
        apart = np.linalg.norm(first.from_orbit(now) - later)
        assert apart < 900e3, "SGP4's other perturbations in another plane"


def test_weather_satellites_stand_where_they_do():
    longitudes = {s.id: s.longitude_deg for s in sensors("civil")}
    assert longitudes["goes-east"] == -75.2
    assert longitudes["goes-west"] == -137.0
    assert longitudes["himawari"] == 140.7
    east = [s for s in sensors("civil") if s.evidence_path == "goes-east"]
    assert len(east) == 2, "a sector of one telescope is no second witness"


@pytest.mark.parametrize("name", REAL)
def test_is_fit_to_be_simulated(name, read, head, launch):
    scenario = read(head.replace('"demo"', f'"{name}"') + launch)
    messages = simulate(scenario)
    assert len(scenario.sensors) == sum(REAL[name])
    assert messages is not None
