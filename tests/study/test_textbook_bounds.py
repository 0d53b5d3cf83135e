"""Case R9: our bound against every row of the table in literature.md, 1.3, and how it must scale."""

import numpy as np
import pytest

from tocsin.study.launch_bounds import launch_bounds
from tocsin.study.textbook_bounds import KINDS, TABLE, Row, round_earth, sightings, textbook


@pytest.fixture(scope="module")
def bounds():
    return dict(zip(TABLE, textbook(), strict=True))


@pytest.fixture(scope="module")
def short():
    return round_earth(KINDS["short"])


def printed(value: float) -> float:
    """Return half of the last digit the table prints."""
    text = f"{value:g}"
    return 0.5 * 10.0 ** -(len(text.partition(".")[2]))


@pytest.mark.parametrize("row", TABLE, ids=lambda r: f"{r.kind}-{r.satellites}-{r.sigma_urad}-{r.interval_s}")
def test_every_row_within_three_per_cent_and_rounding(bounds, row: Row) -> None:
    told = bounds[row]
    assert told.looks == row.looks * row.satellites
    ours = (told.launch / 1e3, told.launch_time, np.degrees(told.heading))
    for value, published in zip(ours, (row.launch_km, row.time_s, row.heading_deg), strict=True):
        assert abs(value - published) <= 0.03 * published + printed(published)


@pytest.mark.parametrize("row", TABLE)
def test_every_launch_point_within_three_per_cent(bounds, row: Row) -> None:
    assert bounds[row].launch == pytest.approx(row.launch_km * 1e3, rel=0.03)


@pytest.mark.parametrize(
    ("height_km", "looks", "launch_km", "time_s", "heading_deg"),
    [(0.5, 56, 0.27, 1.1, 1.7), (5, 38, 0.43, 1.4, 2.1), (15, 20, 1.04, 2.4, 3.6)],
)
def test_the_cloud_break(short, height_km, looks, launch_km, time_s, heading_deg) -> None:
    """The sensitivity under the table. At 15 km our 21st look falls 0.1 s before burnout; without it the row agrees."""
    told = launch_bounds(short, sightings(short, 2, 30, 1, height_km * 1e3)[: 2 * looks])[-1]
    assert told.launch / 1e3 == pytest.approx(launch_km, abs=0.03 * launch_km + 0.005)
    assert told.launch_time == pytest.approx(time_s, abs=0.03 * time_s + 0.05)
    assert np.degrees(told.heading) == pytest.approx(heading_deg, abs=0.03 * heading_deg + 0.05)


def test_the_flights_burn_out_where_the_note_says() -> None:
    """35 km and 155 km high; 1.57 and 4.54 km/s in the note, within 1.5 % here, which is why headings differ by 2 %."""
    for name, height, speed in (("short", 35e3, 1570.0), ("long", 155e3, 4540.0)):
        x = round_earth(KINDS[name]).true(np.array([KINDS[name].burn]))[0]
        assert np.linalg.norm(x[:3]) - 6_371e3 == pytest.approx(height, abs=500)
        assert np.linalg.norm(x[3:]) == pytest.approx(speed, rel=0.015)


def test_it_falls_with_looks_and_a_second_satellite(short) -> None:
    one, two = (launch_bounds(short, sightings(short, n, 30, 1)) for n in (1, 2))
    for series in (one, two):
        seen = [b.launch for b in series if np.isfinite(b.launch)]
        assert len(seen) > 20
        assert np.all(np.diff(seen) <= 1e-6 * seen[0])
    assert two[-1].launch < one[-1].launch / 2


def test_before_it_is_determined_it_is_infinite(short) -> None:
    told = launch_bounds(short, sightings(short, 1, 30, 10))
    assert [np.isfinite(b.launch) for b in told] == [False, True, True]
    assert (told[0].impact, told[0].impact_time) == (None, None)


def test_three_times_the_noise_with_two_satellites(bounds) -> None:
    """Case R9's second demand: 2.6 to 3.0 times, not quite three because the profile is known a priori."""
    by = {(r.kind, r.satellites, r.sigma_urad, r.interval_s): b.launch for r, b in bounds.items()}
    for kind in KINDS:
        assert 2.6 < by[kind, 2, 30, 10] / by[kind, 2, 10, 10] < 3.0
