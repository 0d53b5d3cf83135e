"""What people and computers send beside the sensors: as written, in its turn, and refused where it is wrong."""

import numpy as np
import pytest

from tocsin.earth.frames import EarthRotation
from tocsin.earth.orientation import bundled
from tocsin.errors import ConfigError
from tocsin.formats.jsonl import decode, encode_recorded
from tocsin.messages import SECOND, Catalogue, Decision, Notification, RadarScan, Sensor, Summary
from tocsin.sensors.platform import Platform
from tocsin.sensors.radar import Radar
from tocsin.simulation import load, simulate

NOTICE = """
[[notification]]
time_s = 5
id = "notice"
from = "somebody"
window_start = 2026-05-15T00:00:00Z
window_end = 2026-05-17T00:00:00Z
latitude_deg = 1.0
longitude_deg = 2.0
vehicle = "space-launch"
"""
CLAIM = '[[summary]]\ntime_s = 30\nsensor = "geo-1"\ncount = 5\nwindow_s = 10\n'
ACT = '[[decision]]\ntime_s = 40\nwarning = "W-1"\naction = "dismiss"\nby = "me"\norigin = "exercise"\n'
ORBIT = (
    'EPOCH = "2026-05-16T00:00:00", MEAN_MOTION = 16.3, ECCENTRICITY = 0.001, INCLINATION = 62.9, '
    "ARG_OF_PERICENTER = 0.0, RA_OF_ASC_NODE = 0.0, MEAN_ANOMALY = 0.0"
)
STAGE = f'[[satellite]]\nid = "stage"\ncatalogued = true\norbit = {{ {ORBIT} }}\n'
KNOWN = f"[[catalogue]]\ntime_s = 7\nomm = [{{ {ORBIT} }}]\n"
TOLD = (Notification, Summary, Catalogue, Decision)


def test_comes_at_its_time_as_written(read, head):
    scenario = read(head + NOTICE + CLAIM + ACT + KNOWN)
    sent = simulate(scenario).messages
    found = {type(m): m for m in sent if isinstance(m, TOLD)}
    since = {kind: (m.received - scenario.start) / SECOND for kind, m in found.items()}
    assert since == {Notification: 5, Catalogue: 7, Summary: 30, Decision: 40}
    assert found[Notification].from_ == "somebody"
    assert (found[Summary].time, found[Summary].count) == (found[Summary].received, 5)
    assert found[Decision].origin == "exercise"
    assert found[Notification].origin == "test"
    for message in found.values():
        assert decode(encode_recorded(message)) == message, "it can be written and read"
    received = [m.received for m in sent]
    assert received == sorted(received)


def test_a_satellite_is_heard_where_its_elements_say_and_told_if_it_is_catalogued(read, head):
    recording = simulate(load("rocket-body-1979"))
    (catalogue,) = [m for m in recording.messages if isinstance(m, Catalogue)]
    assert catalogue.omm[0]["OBJECT_NAME"] == "stage-1979"
    assert catalogue.received == recording.scenario.start
    assert recording.background["coast", "satellite"] > 20
    omm = catalogue.omm[0]
    place = Sensor(origin="test", id="x", type="infrared", los_sigma_urad=1.0, orbit=omm)
    platform, radar = (
        Platform(place, EarthRotation(bundled())),
        Radar.from_message(recording.scenario.sensors[0]),
    )
    near = []
    for scan in (m for m in recording.messages if isinstance(m, RadarScan)):
        for plot in scan.detections:
            z = radar.predict(np.append(platform.from_orbit(plot.time), np.zeros(3))[None])[0]
            near.append(abs(z[0] - plot.range_m) < 500 and abs(z[2] - np.radians(plot.elevation_deg)) < 0.01)
    assert sum(near) == recording.background["coast", "satellite"], "by SGP4 alone"
    silent = simulate(read(head + STAGE.replace("catalogued = true\n", "")))
    assert not [m for m in silent.messages if isinstance(m, Catalogue)]


@pytest.mark.parametrize(
    ("text", "where"),
    [
        (NOTICE.replace("2026-05-17", "2026-05-14"), r"\[notification\]\[0\]: window_end"),
        (CLAIM.replace('sensor = "geo-1"\n', ""), r"\[summary\]\[0\]: sensor"),
        (ACT.replace("dismiss", "fix-identity"), r"\[decision\]\[0\]: identity"),
        (ACT.replace('"exercise"', '"live"'), r"\[decision\]: origin: a simulation is never"),
        (KNOWN.replace("16.3", "0.0"), r"\[catalogue\]\[0\]: omm\[0\].MEAN_MOTION"),
        (STAGE.replace("16.3", "30.0"), r"\[satellite\]\[0\]: orbit.MEAN_MOTION"),
        (
            STAGE.replace("2026-05-16", "2016-05-16").replace("orbit = { ", "orbit = { BSTAR = 0.1, "),
            "SGP4 cannot carry it",
        ),
        (STAGE + STAGE, 'id "stage" stands twice'),
        (CLAIM.replace("count", "coutn"), "did you mean count|coutn"),
    ],
)
def test_wrong_is_said_with_its_place(read, head, text, where):
    with pytest.raises(ConfigError, match=where):
        read(head + text)
