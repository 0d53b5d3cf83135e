"""A run's folder as the messages of others: what is in the tables is what they say."""

import ccsds_ndm
import numpy as np
import pytest

from tocsin.earth.time import from_posix, parse_utc
from tocsin.errors import ConfigError
from tocsin.formats import oem
from tocsin.report import standards
from tocsin.report.results import Results

NOW = parse_utc("2026-05-16T12:00:00Z")


def test_the_states_of_a_warning_are_those_of_its_tracks(run):
    results = Results(run.path)
    tracks = results.tracks()
    name = str(tracks["warning"].dropna().iloc[0])
    rows = tracks[tracks["warning"] == name].drop_duplicates("time", keep="last").sort_values("time")
    text = standards.ephemeris(results, name, NOW)
    (arc,) = oem.decode(text, "w.oem")
    assert arc.t.tolist() == [from_posix(int(moment.value)) for moment in rows["time"]]
    np.testing.assert_allclose(arc.x[:, :3], rows[["x_m", "y_m", "z_m"]].to_numpy(), rtol=1e-12)
    np.testing.assert_allclose(arc.x[:, 3:], rows[["vx_mps", "vy_mps", "vz_mps"]].to_numpy(), rtol=1e-12)
    told = ccsds_ndm.from_str(text).segments[0].data.covariance_matrix
    assert [P.cx_x * 1e6 for P in told] == pytest.approx([P[0] for P in rows["covariance"]])


def test_the_truth_has_the_velocities_of_its_positions(run):
    results = Results(run.path)
    truth = results.truth()
    name = str(truth["object"].iloc[0])
    rows = truth[truth["object"] == name]
    (arc,) = oem.decode(standards.ephemeris(results, name, NOW, "xml"), "t.xml")
    r = rows[["x_m", "y_m", "z_m"]].to_numpy()
    np.testing.assert_allclose(arc.x[:, :3], r, rtol=1e-12)
    seconds = (arc.t - arc.t[0]) / 1e9
    differences = (r[2:] - r[:-2]) / (seconds[2:] - seconds[:-2])[:, None]
    miss = np.linalg.norm(arc.x[1:-1, 3:] - differences, axis=1)
    assert np.median(miss) < 1.0


def test_the_last_impact_is_the_one_told(run):
    results = Results(run.path)
    version = [v for v in results.versions if v.get("impact")][-1]
    message = ccsds_ndm.from_str(standards.impact(results, version["id"], NOW))
    assert message.header.message_id == f"{version['id']}-{version['version']}"
    ground = message.segment.data.ground_impact_parameters
    assert ground.nominal_impact_lat == pytest.approx(version["impact"]["latitude_deg"], abs=1e-6)


def test_what_is_not_there_is_told_with_what_is(run):
    results = Results(run.path)
    known = results.versions[0]["id"]
    with pytest.raises(ConfigError, match=f'holds no states of "x"; there are: {known}'):
        standards.ephemeris(results, "x", NOW)
    with pytest.raises(ConfigError, match=f'no warning "x"; of these an impact is known: {known}'):
        standards.impact(results, "x", NOW)
