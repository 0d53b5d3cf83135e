"""What bodies read of radar rows, and tracks that are made into messages when they are read."""

import numpy as np
import pytest
from msgspec import structs

from tocsin.earth.ellipsoid import ecef_from_geodetic, enu_from_ecef
from tocsin.flight.coast import propagate
from tocsin.messages import SECOND, Instant, Sensor
from tocsin.sensors.radar import Radar
from tocsin.tracking.follow import Reading, Told
from tocsin.tracking.looks import RadarLook
from tocsin.tracking.settings import Settings
from tocsin.tracking.tracker import Tracker

T, PERIOD = 10**18, 5.0
SITE, AXES = ecef_from_geodetic(0.26, -0.47, 0.0), enu_from_ecef(0.26, -0.47)
RADAR = Radar.from_message(
    Sensor(
        origin="test", id="radar-1", type="radar", latitude_deg=np.degrees(0.26), longitude_deg=np.degrees(-0.47),
        height_m=0.0, range_sigma_m=50.0, azimuth_sigma_deg=0.1, elevation_sigma_deg=0.1, range_max_m=2.5e6,
        elevation_min_deg=2.0, elevation_max_deg=85.0, scan_period_s=PERIOD, detection_probability=0.9,
        false_alarms_per_scan=5.0,
    )
)  # fmt: skip


def body(east=-900e3, north=-300e3, up=300e3, velocity=(1500.0, 800.0, 900.0)):
    """Return a state (6,) in ITRF from a place and velocity (east, north, up) at the radar."""
    return np.concatenate([SITE + AXES.T @ np.array([east, north, up]), AXES.T @ np.array(velocity)])


def look(k, states, random):
    """Return look `k` of bodies whose states at T are given, in the middle of the scan."""
    start, t = T + round(k * PERIOD * SECOND), T + round((k + 0.5) * PERIOD * SECOND)
    noise = np.nan_to_num(RADAR.sigmas(), posinf=0)
    places = [propagate(x, (t - T) / SECOND, 0.0) for x in states if random.uniform() < 0.9]
    z = np.array([RADAR.predict(x)[0] + noise * random.normal(size=4) for x in places]).reshape(-1, 4)
    z[:, 3] = np.nan
    n = len(z)
    return RadarLook(
        "radar-1", Instant(start), Instant(start + round(PERIOD * SECOND)), np.full(n, t), z,
        np.tile(RADAR.sigmas(), (n, 1)), np.zeros(n, dtype=bool), np.arange(n), None,
    )  # fmt: skip


FLEET = [body(), body(north=-200e3), body(east=-700e3, north=-100e3, velocity=(1200.0, 500.0, 1100.0))]


def looks(count=24):
    """Return looks at three bodies, of which the last is not seen any more from the middle on."""
    random = np.random.Generator(np.random.Philox(5))
    return [look(k, FLEET if k < count // 2 else FLEET[:2], random) for k in range(count)]


def plain(track):
    """Return a track as what can be compared."""
    return {
        name: repr([(c.motion.tolist(), c.covariance.tolist(), c.weight, c.label) for c in value])
        if name == "components"
        else value
        for name, value in structs.asdict(track).items()
    }


@pytest.mark.parametrize("hold", ["at once", "after the next look"])
def test_messages_are_the_same_whenever_they_are_read(hold):
    first, second = Tracker(Settings(), "test"), Tracker(Settings(), "test")
    told, held = [], []
    for each in looks():
        told.append([plain(track) for track in first.radar(RADAR, each).read()])
        held.append(second.radar(RADAR, each))
        if hold == "at once":
            held[-1].read()
    assert [[plain(track) for track in some] for some in held] == told
    assert sum(map(len, told)) > 40
    assert all(isinstance(some, Told) for some in held)


def test_arrays_say_what_messages_say():
    tracker = Tracker(Settings(), "test")
    for each in looks(12):
        told = tracker.radar(RADAR, each)
        those, x, P = told.states()
        assert told.ids == [track.id for track in told]
        for k, state, covariance in zip(those.tolist(), x, P, strict=True):
            assert np.array_equal(told[k].components[0].motion, state)
            assert np.array_equal(told[k].components[0].covariance[4:, 4:], covariance)
        assert len(told) == len(told[:])
    assert len(those) >= 2


def test_a_message_tells_each_plot_once():
    """Of every look each track has the one plot it took, and the count of plots is that of the messages."""
    tracker, plots = Tracker(Settings(), "test"), {}
    for k, each in enumerate(looks()):
        for track in tracker.radar(RADAR, each):
            assert len(track.associations) == 1
            assert track.associations[0].time == T + round((k + 0.5) * 5.0 * SECOND)
            plots[track.id] = plots.get(track.id, 0) + 1
            assert track.detections == {"radar-1": plots[track.id]}


def test_a_body_whose_row_ends_keeps_what_it_was():
    """The arc that ended is the prior of the next: state, time and odds as the row last had them."""
    tracker = Tracker(Settings(silence_s=10.0), "test")
    known = {}
    for each in looks():
        tracker.radar(RADAR, each)
        for number, one in tracker.bodies.items():
            if isinstance(one.radar, Reading):
                known[number] = (one.radar.x.copy(), one.radar.t, one.existence)
    ended = [one for one in tracker.bodies.values() if one.radar is None]
    assert len(ended) == 1
    x, t, existence = known[ended[0].number]
    time, components = ended[0].mixture()
    assert time == t
    assert np.array_equal(components[0].motion, x)
    assert ended[0].existence == existence
