"""Ephemerides as text: frames, scales and degrees read right, and slips told."""

import ccsds_ndm
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tocsin.earth.frames import EarthRotation
from tocsin.earth.orientation import bundled
from tocsin.earth.time import format_utc, parse_utc
from tocsin.errors import ConfigError
from tocsin.flight.coast import propagate
from tocsin.formats import oem
from tocsin.messages import SECOND
from tocsin.sensors.ephemeris import Ephemeris
from tocsin.sensors.platform import PlatformError

START = parse_utc("2026-05-16T00:00:00Z")
X0 = np.array([0.0, -26_554_000.0, 3_000_000.0, 3_300.0, 200.0, 1_500.0])  # ITRF
HEAD = """CCSDS_OEM_VERS = 2.0
CREATION_DATE = 2026-05-16T00:00:00
ORIGINATOR = TEST
META_START
OBJECT_NAME = EYE
OBJECT_ID = 2026-001A
CENTER_NAME = EARTH
REF_FRAME = {frame}
TIME_SYSTEM = {scale}
START_TIME = {start}
STOP_TIME = {stop}
{interpolation}META_STOP
"""


def flown(seconds):
    return propagate(X0, float(seconds), 0.0)


def text(turned=lambda x, t: x, frame="ITRF2014", scale="UTC", ahead_s=0.0, interpolation="", step=60):
    """Write an hour of flight, `turned` into `frame`, with times of `scale`, `ahead_s` before UTC."""
    times = [START + s * SECOND for s in range(0, 3_601, step)]
    names = [format_utc(t + round(ahead_s * SECOND)).rstrip("Z") for t in times]
    rows = []
    for t, name in zip(times, names, strict=True):
        x = turned(flown((t - START) / SECOND), t) / 1000.0
        rows.append(" ".join([name, *(f"{v:.12f}" for v in x)]))
    head = HEAD.format(frame=frame, scale=scale, start=names[0], stop=names[-1], interpolation=interpolation)
    return head + "\n".join(rows) + "\n"


def ephemeris(written):
    return Ephemeris("eye", oem.decode(written, "eye.oem"), EarthRotation(bundled()))


@pytest.mark.parametrize("seconds", [0, 17.25, 61, 1_799, 3_590, 3_600])
@pytest.mark.parametrize(
    "interpolation",
    [
        "",
        "INTERPOLATION = HERMITE\nINTERPOLATION_DEGREE = 7\n",
        "INTERPOLATION = LAGRANGE\nINTERPOLATION_DEGREE = 8\n",
    ],
)
def test_between_states_it_flies_as_gravity_does(seconds, interpolation):
    found = ephemeris(text(interpolation=interpolation)).state(START + round(seconds * SECOND))
    assert found[:3] == pytest.approx(flown(seconds)[:3], abs=0.01)
    assert found[3:] == pytest.approx(flown(seconds)[3:], abs=1e-3)


def inertial(turn_of):
    def turned(x, t):
        turn = turn_of(t)
        v = x[3:] + np.cross([0.0, 0.0, 7.292115e-5], x[:3])
        return np.concatenate((turn.T @ x[:3], turn.T @ v))

    return turned


def test_frames_name_the_same_places():
    rotation = EarthRotation(bundled())
    for frame, turn_of in (
        ("GCRF", rotation.itrf_from_gcrf),
        ("ICRF", rotation.itrf_from_gcrf),
        ("TEME", rotation.itrf_from_teme),
    ):
        found = ephemeris(text(inertial(turn_of), frame)).state(START + 1_234 * SECOND)
        assert found[:3] == pytest.approx(flown(1_234)[:3], abs=0.01)
        # Precession and the pole turn the axes too, unasked: millimetres a second.
        assert found[3:] == pytest.approx(flown(1_234)[3:], abs=5e-3)
    biased = ephemeris(text(inertial(rotation.itrf_from_gcrf), "EME2000")).position(START)
    # The frame bias is 23 mas (IERS Conventions 2010, 5.20); how much of it shows depends on where.
    assert 0.1 < np.linalg.norm(biased - X0[:3]) < 23e-3 / 206_265 * np.linalg.norm(X0[:3]) * 1.1


@pytest.mark.parametrize(("scale", "ahead_s"), [("TAI", 37.0), ("TT", 69.184), ("GPS", 18.0)])
def test_scales_name_the_same_times(scale, ahead_s):
    written = text(scale=scale, ahead_s=ahead_s)
    assert ephemeris(written).position(START + 90 * SECOND) == pytest.approx(flown(90)[:3], abs=0.01)


def test_outside_its_span_it_says_which_it_has():
    with pytest.raises(
        PlatformError, match=r"eye: its ephemeris says nothing of 2026-05-16T02.*only of 2026-05-16T00"
    ):
        ephemeris(text()).position(START + 7_200 * SECOND)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("CENTER_NAME = EARTH", "CENTER_NAME = MARS", "segment 1: CENTER_NAME: MARS is not EARTH"),
        ("ITRF2014", "RTN", "REF_FRAME: RTN is not known here; there are: ITRF, GCRF"),
        ("= UTC", "= TDB", "TIME_SYSTEM: TDB is not known here; there are: UTC, TAI"),
        (
            "META_STOP",
            "INTERPOLATION = SPLINE\nINTERPOLATION_DEGREE = 3\nMETA_STOP",
            "write HERMITE or LAGRANGE",
        ),
        ("CCSDS_OEM_VERS = 2.0", "nothing", "eye.oem: is not an ephemeris (CCSDS OEM): "),
        ("ORIGINATOR = TEST", "", "eye.oem: is not an ephemeris (CCSDS OEM): "),
    ],
)
def test_slips_are_told(old, new, said):
    with pytest.raises(ConfigError) as refused:
        oem.decode(text().replace(old, new), "eye.oem")
    assert said in str(refused.value)


def test_states_out_of_order_are_refused():
    lines = text().splitlines()
    lines[-1], lines[-2] = lines[-2], lines[-1]
    with pytest.raises(ConfigError, match="each later than the one before"):
        oem.decode("\n".join(lines) + "\n", "eye.oem")


def test_another_kind_of_message_is_named():
    omm = """CCSDS_OMM_VERS = 2.0
CREATION_DATE = 2026-05-16T00:00:00
ORIGINATOR = TEST
OBJECT_NAME = EYE
OBJECT_ID = 2026-001A
CENTER_NAME = EARTH
REF_FRAME = TEME
TIME_SYSTEM = UTC
MEAN_ELEMENT_THEORY = SGP4
EPOCH = 2026-05-16T00:00:00
MEAN_MOTION = 15.5
ECCENTRICITY = 0.001
INCLINATION = 51.6
RA_OF_ASC_NODE = 10
ARG_OF_PERICENTER = 20
MEAN_ANOMALY = 30
NORAD_CAT_ID = 25544
BSTAR = 0.0001
MEAN_MOTION_DOT = 0.00001
MEAN_MOTION_DDOT = 0.0
"""
    with pytest.raises(ConfigError, match=r"is a CCSDS OMM, not an ephemeris \(OEM\)"):
        oem.decode(omm, "eye.oem")


finite = st.floats(-5e7, 5e7, allow_nan=False)


@settings(max_examples=40, deadline=None)
@given(
    st.lists(st.integers(1, 10**12), min_size=1, max_size=6),
    st.lists(finite, min_size=42, max_size=42),
    st.sampled_from(["kvn", "xml"]),
)
def test_what_is_written_is_read_back_here_and_by_ccsds_ndm(steps, values, syntax):
    t = [int(START), *(START + np.cumsum(steps)).tolist()]
    x = np.array(values).reshape(-1, 6)[: len(t)]
    L = np.array(values[:36]).reshape(6, 6) / 1e5
    P = np.array([L @ L.T * k for k in range(1, len(t) + 1)])
    written = oem.encode("W-1", t, x, START, P, ["a remark"], syntax)
    (arc,) = oem.decode(written, "w.oem")
    assert arc.t.tolist() == t and arc.frame == "ITRF"
    np.testing.assert_allclose(arc.x, x, rtol=1e-12, atol=1e-9)
    message = ccsds_ndm.from_str(written)
    assert message.validate() is None
    (segment,) = message.segments
    assert (segment.metadata.object_name, segment.metadata.time_system) == ("W-1", "UTC")
    assert segment.metadata.interpolation is None
    for P_km, P_m in zip(segment.data.covariance_matrix, P, strict=True):
        assert P_km.cz_dot_x == pytest.approx(P_m[5, 0] * 1e-6, rel=1e-12, abs=1e-300)
        assert P_km.cy_dot_y_dot == pytest.approx(P_m[4, 4] * 1e-6, rel=1e-12, abs=1e-300)


def test_without_covariances_none_are_written():
    written = oem.encode("alpha", [START, START + SECOND], np.ones((2, 6)), START)
    assert "COVARIANCE" not in written


def test_a_day_the_year_does_not_have_is_told():
    with pytest.raises(ConfigError, match="the year 2026 has no day 400"):
        oem.decode(text().replace("2026-05-16T00:01:00.000000 ", "2026-400T00:01:00 "), "eye.oem")
