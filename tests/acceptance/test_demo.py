"""The demonstration does what issue 2 promises of it."""

import numpy as np
import pymap3d
import pytest

from tocsin.earth.frames import EarthRotation
from tocsin.earth.orientation import bundled
from tocsin.messages import SECOND, InfraredScan, Sensor
from tocsin.run.tables import utc_ns

SEEN = 300e-6  # rad; a sighting this near the true vehicle is of it (ten sigmas)


@pytest.fixture(scope="module")
def last(demo_run, alpha):
    """Return the last version before the true impact."""
    return [v for v in demo_run.versions if v.time < alpha.impact_time][-1]


def offset(latitude_deg, longitude_deg, place):
    east, north, _ = pymap3d.geodetic2enu(latitude_deg, longitude_deg, 0.0, *place, 0.0)
    return float(np.hypot(east, north))


def impact_place(alpha):
    return pymap3d.ecef2geodetic(*alpha.r_impact_ecef)[:2]


def true_sightings(recording, body):
    """Return the ends of the looks in which a satellite saw the vehicle: by geometry, not by the tracker."""
    rotation = EarthRotation(bundled())
    ends = []
    for scan in (m for m in recording.messages if isinstance(m, InfraredScan)):
        for d in scan.detections:
            ra, dec = np.radians(d.right_ascension_deg), np.radians(d.declination_deg)
            u = rotation.itrf_from_gcrf(d.time) @ [
                np.cos(dec) * np.cos(ra), np.cos(dec) * np.sin(ra), np.sin(dec)
            ]  # fmt: skip
            t = recording.truth.seconds(d.time)
            if body.burning(t):
                line = body.at(np.array([t]))[0, :3] - np.array(scan.position_m)
                off = np.linalg.norm(np.cross(u, line / np.linalg.norm(line)))
                ends += [scan.end] if off < SEEN else []
    return sorted(ends)


def test_the_demonstration_is_what_the_issue_describes(demo_recording):
    sensors = [m for m in demo_recording.messages if isinstance(m, Sensor)]
    infrared = [s for s in sensors if s.type == "infrared"]
    (radar,) = [s for s in sensors if s.type == "radar"]
    assert [(s.los_sigma_urad, s.scan_period_s) for s in infrared] == [(30.0, 10.0)] * 2
    assert (radar.range_sigma_m, radar.azimuth_sigma_deg, radar.elevation_sigma_deg) == (50.0, 0.1, 0.1)
    assert radar.range_max_m == 2_500_000.0
    assert all(s.false_alarms_per_scan > 0 for s in sensors)


def test_one_warning_and_no_other(demo_run):
    assert {v.id for v in demo_run.versions} == {"W-20260516-0001"}
    assert demo_run.summary["warnings"] == 1
    assert demo_run.summary["events"] == 1
    assert demo_run.summary["false_warnings"] == 0
    assert demo_run.summary["missed"] == 0
    assert demo_run.outcome.exit_code == 0


def test_first_warning_by_the_fourth_sighting(demo_run, demo_recording, alpha):
    sightings = true_sightings(demo_recording, alpha)
    assert len(sightings) > 6, "the vehicle is seen often, else this tests nothing"
    first = demo_run.versions[0]
    assert first.time <= sightings[3]
    assert first.time >= sightings[0]


def test_corroborated_by_an_independent_path(demo_run):
    corroborated = next(v for v in demo_run.versions if v.state == "corroborated")
    assert len(corroborated.evidence.paths) >= 2
    before = [v for v in demo_run.versions if v.version < corroborated.version]
    assert all(v.state == "detected" for v in before)


def test_last_launch_point(last, alpha, inside):
    true = (alpha.latitude_deg, alpha.longitude_deg)
    assert offset(last.launch.latitude_deg, last.launch.longitude_deg, true) < 5_000.0
    assert inside(last.launch.ellipse_95, (last.launch.latitude_deg, last.launch.longitude_deg), true)


def test_impact_two_minutes_after_the_radar(demo_run, alpha, inside):
    times = demo_run.updates.loc[demo_run.updates.sensor == "radar-1", "time"]
    begins = times.min().value
    at = [v for v in demo_run.versions if utc_ns(v.time) <= begins + 120 * SECOND][-1]
    true = impact_place(alpha)
    assert utc_ns(at.time) > begins + 110 * SECOND, "the radar still has it"
    assert offset(at.impact.latitude_deg, at.impact.longitude_deg, true) < 3_000.0
    assert inside(at.impact.ellipse_95, (at.impact.latitude_deg, at.impact.longitude_deg), true)
    assert abs(at.impact.time - alpha.impact_time) < 10 * SECOND


def test_last_impact(last, alpha, inside):
    true = impact_place(alpha)
    assert offset(last.impact.latitude_deg, last.impact.longitude_deg, true) < 3_000.0
    assert inside(last.impact.ellipse_95, (last.impact.latitude_deg, last.impact.longitude_deg), true)
    assert abs(last.impact.time - alpha.impact_time) < 10 * SECOND


def test_the_score_agrees_with_an_independent_one(demo_run, last, alpha):
    (row,) = demo_run.summary["objects"]
    launch = offset(
        last.launch.latitude_deg, last.launch.longitude_deg, (alpha.latitude_deg, alpha.longitude_deg)
    )
    impact = offset(last.impact.latitude_deg, last.impact.longitude_deg, impact_place(alpha))
    assert row["launch_error_m"] == pytest.approx(launch, abs=1.0)
    assert row["impact_error_m"] == pytest.approx(impact, abs=1.0)
    assert row["impact_time_error_s"] == pytest.approx(
        (last.impact.time - alpha.impact_time) / SECOND, abs=1e-3
    )


def test_every_version_can_be_read_aloud(demo_run):
    for version in demo_run.versions:
        assert version.reason.startswith("TEST: ")
        assert version.reason.endswith(". TEST")
        assert abs(sum(version.identity.values()) - 1.0) < 1e-3
    assert [v.version for v in demo_run.versions] == list(range(1, len(demo_run.versions) + 1))
    times = [v.time for v in demo_run.versions]
    assert times == sorted(times)
    assert demo_run.versions[-1].state == "closed"
    assert demo_run.versions[-1].outcome == "impacted"
