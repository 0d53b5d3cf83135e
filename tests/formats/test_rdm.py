"""Re-entry data messages: what a warning tells of its impact, read back by ccsds-ndm."""

import math

import ccsds_ndm
import numpy as np
import pymap3d.vincenty
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from tocsin.earth.time import parse_utc
from tocsin.errors import ConfigError
from tocsin.formats import rdm
from tocsin.messages import (
    SECOND,
    Ellipse,
    Evidence,
    ImpactEstimate,
    Instant,
    LaunchEstimate,
    StateVector,
    Warning,
)

LAUNCH = parse_utc("2026-05-16T00:01:00Z")
NOW = parse_utc("2026-05-16T00:08:00.5Z")
P = tuple(tuple(float(100 * (i == j) + i + j) for j in range(6)) for i in range(6))


def ellipse(times=1.0):
    return Ellipse(semi_major_m=20_000.0 * times, semi_minor_m=5_000.0 * times, bearing_deg=60.0)


IMPACT = ImpactEstimate(
    time=Instant(LAUNCH + 600 * SECOND), time_sigma_s=5.0, latitude_deg=41.2, longitude_deg=143.1,
    ellipse_95=ellipse(), ellipse_50=ellipse(0.5), ellipse_99=ellipse(1.3),
)  # fmt: skip
WARNING = Warning(
    id="W-1", version=7, time=NOW, origin="exercise", state="corroborated", outcome=None, event="E-1", parent=None,
    identity={"ballistic-missile": 1.0}, phase="coast", step=None, reason="heading 56° ± 2°",
    evidence=Evidence(infrared=("a",), radar=("b",), paths=("a", "b"), detections=9),
    launch=LaunchEstimate(
        time=LAUNCH, time_sigma_s=1.0, latitude_deg=40.0, longitude_deg=130.0, ellipse_95=ellipse()
    ),
    impact=IMPACT,
    state_vector=StateVector(
        time=NOW, position_m=(6.5e6, 1.0e5, 2.0e5), velocity_mps=(1.0, -2.0, 3.5), covariance=P
    ),
)  # fmt: skip


def read(warning, syntax="kvn"):
    text = rdm.encode(warning, NOW, syntax)
    rdm.verify(text, "w.rdm")
    return ccsds_ndm.from_str(text)


@pytest.mark.parametrize("syntax", ["kvn", "xml"])
def test_times_and_place_of_the_impact(syntax):
    message = read(WARNING, syntax)
    assert message.header.message_id == "W-1-7"
    assert message.header.comment[0] == "Origin: exercise"
    assert message.header.comment[-1] == "heading 56 deg +/- 2 deg"
    assert message.segment.metadata.object_name == "W-1"
    life = message.segment.data.atmospheric_reentry_parameters
    assert life.orbit_lifetime * 86_400 == pytest.approx(600.0)
    ground = message.segment.data.ground_impact_parameters
    assert (ground.nominal_impact_lat, ground.nominal_impact_lon) == (41.2, 143.1)
    assert ground.nominal_impact_epoch.startswith("2026-05-16T00:11:00")
    assert ground.impact_window_start.startswith("2026-05-16T00:10:50.200")  # 1.96 sigma of 5 s
    assert ground.impact_window_end.startswith("2026-05-16T00:11:09.799")


def test_corridors_run_from_end_to_end_of_the_ellipses():
    """Vincenty's distance of an independent library between the ends is the whole longer axis."""
    ground = read(WARNING).segment.data.ground_impact_parameters
    for number, (confidence, times) in enumerate(((50.0, 0.5), (95.0, 1.0), (99.0, 1.3)), 1):
        names = ("confidence", "start_lat", "start_lon", "stop_lat", "stop_lon", "cross_track")
        told, *ends, width = (getattr(ground, f"impact_{number}_{name}") for name in names)
        distance, bearing = pymap3d.vincenty.vdist(*ends)
        assert (told, width) == (confidence, pytest.approx(10.0 * times))
        assert float(distance) == pytest.approx(40_000 * times, abs=1.0)
        assert float(bearing) == pytest.approx(60.0, abs=0.2)


def test_state_and_covariance_are_those_of_the_warning():
    data = read(WARNING).segment.data
    assert (data.state_vector.x, data.state_vector.z_dot) == (6_500.0, 0.0035)
    assert data.covariance_matrix.cx_x == pytest.approx(P[0][0] * 1e-6)
    assert data.covariance_matrix.cz_dot_y == pytest.approx(P[5][1] * 1e-6)
    assert data.covariance_matrix.cy_dot_x_dot == pytest.approx(P[4][3] * 1e-6)


def test_what_is_not_known_is_left_out():
    bare = replace(
        WARNING, launch=None, state_vector=None, impact=replace(IMPACT, ellipse_50=None, ellipse_99=None)
    )
    data = read(bare).segment.data
    assert data.state_vector is None and data.covariance_matrix is None
    assert data.ground_impact_parameters.impact_1_confidence == 95.0
    assert data.ground_impact_parameters.impact_2_confidence is None
    assert data.atmospheric_reentry_parameters.orbit_lifetime * 86_400 == pytest.approx(179.5)


def test_an_impact_that_is_past_still_has_a_lifetime():
    late = replace(WARNING, launch=None, time=Instant(IMPACT.time + SECOND))
    assert read(late).segment.data.atmospheric_reentry_parameters.orbit_lifetime > 0


def test_a_warning_without_an_impact_has_no_such_message():
    with pytest.raises(ValueError, match="W-1 version 7 tells no impact"):
        rdm.encode(replace(WARNING, impact=None), NOW)


@settings(max_examples=80, deadline=None)
@given(
    st.floats(-90, 90),
    st.floats(-180, 180),
    st.floats(0, 180, exclude_max=True),
    st.floats(1, 3e6),
    st.floats(0, 300),
)
def test_every_impact_can_be_written(latitude, longitude, bearing, semi_major, sigma):
    area = Ellipse(semi_major_m=semi_major, semi_minor_m=semi_major / 3, bearing_deg=bearing)
    impact = replace(
        IMPACT, latitude_deg=latitude, longitude_deg=longitude, ellipse_95=area, time_sigma_s=sigma,
        ellipse_50=None, ellipse_99=None,
    )  # fmt: skip
    ground = read(replace(WARNING, impact=impact)).segment.data.ground_impact_parameters
    assert ground.nominal_impact_lat == pytest.approx(latitude, abs=1e-6)
    assert math.cos(math.radians(ground.nominal_impact_lon - longitude)) == pytest.approx(1.0)
    assert -180 <= ground.impact_1_start_lon <= 180 and np.isfinite(ground.impact_1_stop_lat)


@pytest.mark.parametrize("text", ["CCSDS_RDM_VERS = 1.0\nCREATION_DATE = 2026\n", "nothing"])
def test_what_is_none_is_told(text):
    with pytest.raises(ConfigError, match=r"w.rdm: is no re-entry data message \(CCSDS RDM\)"):
        rdm.verify(text, "w.rdm")
