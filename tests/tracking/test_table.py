"""The radar's rows: births, confirmation, existence, silence and doubles."""

import numpy as np
import pytest

from tocsin.flight._kernels import radial_height
from tocsin.flight.coast import propagate
from tocsin.messages import SECOND
from tocsin.tracking._scan import HIGHEST
from tocsin.tracking.looks import RadarLook
from tocsin.tracking.settings import Settings
from tocsin.tracking.table import COLUMNS, RadarTable


@pytest.fixture
def random():
    return np.random.Generator(np.random.Philox(17))


def proved(table):
    return table.proved()


def lasting(table):
    """Mark rows of many plots that exist, also just after a miss."""
    return (table.r > 0.9) & (table.plots >= 12)


def test_a_plot_starts_a_row_that_probably_is_nothing(dish):
    table = RadarTable(Settings())
    plotted, dropped = table.scan(dish.RADAR, dish.look(0, [dish.body()]))
    assert (plotted.pair, dropped) == ({}, [])
    assert len(table) == 1
    assert table.r[0] == pytest.approx(0.1 / 1.1, abs=1e-6), "the birth rate's share"
    assert table.plots[0] == 1
    assert np.linalg.norm(table.estimate(0)[0][:3] - propagate(dish.body(), 2.5, 0.0)[:3]) < 1.0


def test_existence_grows_plot_by_plot_until_proved(dish):
    table = RadarTable(Settings())
    history = []
    for k in range(6):
        table.scan(dish.RADAR, dish.look(k, [dish.body()]))
        history.append(float(table.r[0]))
    assert history == sorted(history)
    assert history[-1] <= HIGHEST
    assert proved(table).tolist() == [True]
    assert table.plots[0] == 6


def test_the_state_is_consistent(dish, random):
    """Over 40 flights the normalised error of a row stays that of six numbers."""
    values = []
    for _ in range(40):
        table = RadarTable(Settings())
        for k in range(12):
            table.scan(dish.RADAR, dish.look(k, [dish.body()], random, seen=1.0))
        row = int(np.argmax(table.plots))
        x, P = table.estimate(row)
        d = x - propagate(dish.body(), (int(table.t[row]) - dish.T) / SECOND, 1 / 4_000.0)
        values.append(float(d @ np.linalg.solve(P, d)))
    assert 3.5 < np.mean(values) < 8.0
    assert np.mean(np.array(values) < 12.59) > 0.85


def test_a_young_row_is_consistent_though_its_looks_are_far_apart(dish, random):
    """Where the second plot lies nobody knew by tens of kilometres: the line of sight has turned on the way there."""
    values = []
    for _ in range(60):
        table = RadarTable(Settings())
        for k in (0, 6, 12):
            table.scan(dish.RADAR, dish.look(k, [dish.body()], random, seen=1.0))
        row = int(np.argmax(table.plots))
        assert table.plots[row] == 3
        x, P = table.estimate(row)
        d = x - propagate(dish.body(), (int(table.t[row]) - dish.T) / SECOND, 1 / 4_000.0)
        values.append(float(d @ np.linalg.solve(P, d)))
    assert np.mean(values) < 7.0
    assert np.mean(np.array(values) < 12.59) > 0.9


def test_missed_looks_lower_existence_and_end_it(dish):
    table = RadarTable(Settings())
    for k in range(4):
        table.scan(dish.RADAR, dish.look(k, [dish.body()]))
    before = float(table.r[0])
    table.scan(dish.RADAR, dish.look(4, []))
    after = float(table.r[0])
    d = dish.RADAR.detection_probability
    assert after == pytest.approx(0.9999 * before * (1 - d) / (1 - d * before), rel=1e-6)
    dropped = []
    for k in range(5, 12):
        dropped += table.scan(dish.RADAR, dish.look(k, []))[1]
    assert dropped == [1]
    assert len(table) == 0
    assert table.row(1) is None


def test_what_leaves_the_field_is_not_missed(dish):
    """Out of range a look says nothing against a row."""
    near = dish.radar(range_max_m=600e3)
    table = RadarTable(Settings())
    for k in range(4):
        table.scan(dish.RADAR, dish.look(k, [dish.body()]))
    before = float(table.r[0])
    table.scan(near, dish.look(4, []))
    assert table.r[0] == pytest.approx(0.9999 * before)


def test_a_plot_from_outside_the_declared_field_is_still_its_bodys(dish, random):
    """A radar that plots where it says it does not look loses no body, and makes no second row of it."""
    near = dish.radar(range_max_m=600e3)
    table = RadarTable(Settings())
    for k in range(10):
        table.scan(dish.RADAR, dish.look(k, [dish.body()], random, seen=1.0))
    name = int(table.ids[np.argmax(table.plots)])
    for k in range(10, 20):
        plotted, _ = table.scan(near, dish.look(k, [dish.body()], random, seen=1.0))
        assert name in plotted.pair
    assert lasting(table).sum() == 1


def test_a_kept_row_outlasts_a_short_silence(dish):
    for kept, alive in ((True, True), (False, False)):
        table = RadarTable(Settings())
        for k in range(10):
            table.scan(dish.RADAR, dish.look(k, [dish.body()]))
        table.kept[:] = kept
        far = dish.radar(range_max_m=600e3)
        for k in range(10, 13):
            table.scan(far, dish.look(k, []))
        assert bool(len(table)) == alive


def test_clutter_alone_proves_nothing(dish, random):
    table = RadarTable(Settings())
    most = 0
    for k in range(120):
        table.scan(dish.RADAR, dish.look(k, [], random, clutter=5))
        assert not proved(table).any()
        most = max(most, len(table))
    assert most < 60, "rows of clutter are forgotten"


def test_one_row_for_one_body_in_clutter(dish, random):
    table = RadarTable(Settings())
    for k in range(30):
        table.scan(dish.RADAR, dish.look(k, [dish.body()], random, clutter=5))
    assert lasting(table).sum() == 1
    x, P = table.estimate(int(np.flatnonzero(lasting(table))[0]))
    t = int(table.t[np.flatnonzero(lasting(table))[0]])
    off = np.linalg.norm(x[:3] - propagate(dish.body(), (t - dish.T) / SECOND, 0.0)[:3])
    assert off < 4 * np.sqrt(np.trace(P[:3, :3]))


def test_two_bodies_keep_their_rows(dish, random):
    """Crossing 10 km apart at different speeds, each row stays with its own."""
    a, b = dish.body(), dish.body(north=-290e3, velocity=(1500.0, 700.0, 900.0))
    table = RadarTable(Settings())
    for k in range(24):
        table.scan(dish.RADAR, dish.look(k, [a, b], random))
        table.kept |= proved(table)  # as the tracker does with what it has taken up
    rows = np.flatnonzero(lasting(table))
    assert len(rows) == 2
    for x0 in (a, b):
        errors = [
            np.linalg.norm(
                table.estimate(int(i))[0][3:] - propagate(x0, (int(table.t[i]) - dish.T) / SECOND, 0.0)[3:]
            )
            for i in rows
        ]
        assert min(errors) < 60.0


def test_doubles_are_dropped(dish):
    table = RadarTable(Settings())
    for k in range(4):
        table.scan(dish.RADAR, dish.look(k, [dish.body()]))
    for name in COLUMNS:
        value = getattr(table, name)
        setattr(table, name, np.concatenate([value, value]))
    table.ids = np.array([1, 2])
    table.next_id = 3
    _, dropped = table.scan(dish.RADAR, dish.look(4, []))
    assert dropped == [2]
    assert table.ids.tolist() == [1]


def test_the_order_of_plots_changes_nothing(dish, random):
    first, second = RadarTable(Settings()), RadarTable(Settings())
    for k in range(8):
        a = dish.look(k, [dish.body(), dish.body(north=-100e3)], random, clutter=3)
        order = random.permutation(len(a.z))
        b = RadarLook(
            a.sensor, a.start, a.end, a.times[order], a.z[order], a.sigmas[order], a.has_rate[order], a.index[order],
            a.coverage,
        )  # fmt: skip
        found = [table.scan(dish.RADAR, scan)[0] for table, scan in ((first, a), (second, b))]
        first_plots, second_plots = (
            sorted(plotted.association(row).detection for row in plotted.pair) for plotted in found
        )
        assert first_plots == second_plots
    assert np.sort(first.r) == pytest.approx(np.sort(second.r))


def test_associations_are_told_of_the_rows_asked_for_that_took_a_plot(dish, random):
    table = RadarTable(Settings())
    for k in range(6):
        plotted, _ = table.scan(dish.RADAR, dish.look(k, [dish.body(), dish.body(north=-100e3)], random))
    first, second = sorted(plotted.pair)[:2]
    told = plotted.associations([second, 0, first, 10**6])
    assert list(told) == [second, first]
    assert told == {row: plotted.association(row) for row in (first, second)}
    assert told[first].detection != told[second].detection


def test_ids_are_never_reused(dish, random):
    table = RadarTable(Settings())
    given = set()
    for k in range(20):
        before = set(table.ids.tolist())
        table.scan(dish.RADAR, dish.look(k, [], random, clutter=4))
        new = set(table.ids.tolist()) - before
        assert not new & given
        given |= new
    assert max(given) == len(given) or max(given) >= len(given)


def test_a_covariance_that_is_not_positive_ends_its_row_alone(dish, random):
    """It claims no plot, is dropped at once and counted; the row beside it goes on as if alone."""
    both, alone = RadarTable(Settings()), RadarTable(Settings())
    a, b = dish.body(), dish.body(north=300e3)
    for k in range(6):
        both.scan(dish.RADAR, dish.look(k, [a, b]))
        alone.scan(dish.RADAR, dish.look(k, [b]))
    bad = int(np.argmin([np.linalg.norm(x[:3] - propagate(a, 27.5, 0.0)[:3]) for x in both.estimates()[0]]))
    other = 1 - bad
    for value in (np.nan, -1e6):
        table = RadarTable(Settings())
        for name in COLUMNS:
            setattr(table, name, getattr(both, name).copy())
        table.next_id = 3
        table.P[bad, 0] = value * np.eye(6)
        _, dropped = table.scan(dish.RADAR, dish.look(6, [b]))
        assert dropped == [int(both.ids[bad])]
        assert table.unsound == 1
        assert np.isfinite(table.x).all()
        assert table.row(int(both.ids[other])) is not None
    alone.scan(dish.RADAR, dish.look(6, [b]))
    i = table.row(int(both.ids[other]))
    assert np.allclose(table.x[i], alone.x[0], rtol=1e-9)


def test_a_flood_takes_bounded_time(dish, random, pace):
    """Ten thousand plots in one look: known rows go on, births stay within their bound, all within seconds."""
    table = RadarTable(Settings())
    for k in range(10):
        table.scan(dish.RADAR, dish.look(k, [dish.body()], random, seen=1.0))
    name = int(table.ids[np.argmax(table.plots)])
    with pace(15.0):
        for k in range(10, 13):
            table.scan(dish.RADAR, dish.look(k, [dish.body()], random, clutter=10_000, seen=1.0))
    assert len(table) <= table.settings.most_rows
    i = table.row(name)
    assert i is not None
    assert np.isfinite(table.x).all()
    assert not (proved(table) & (table.ids != name)).any(), "a flood proves nothing"


def test_nothing_is_learned_from_a_radar_that_is_down(dish):
    """No looks, no change: the row is there when the radar looks again, and found."""
    table = RadarTable(Settings())
    for k in range(10):
        table.scan(dish.RADAR, dish.look(k, [dish.body()]))
    name = int(table.ids[0])
    table.kept[:] = True
    plotted, dropped = table.scan(dish.RADAR, dish.look(14, [dish.body()]))
    assert (list(plotted.pair), dropped) == ([name], [])


@pytest.mark.parametrize("probability", [0.5, 0.9])
def test_looks_that_do_not_see_end_a_row_as_fast_as_their_probability_says(dish, probability):
    """From 0.9999 to 0.01 existence falls by the recursion r (1 - Pd) / (1 - Pd r) and no slower."""
    eye = dish.radar(detection_probability=probability, scan_period_s=1.0)
    table = RadarTable(Settings(silence_s=1e3))
    for k in range(10):
        table.scan(dish.RADAR, dish.look(k, [dish.body()]))
    table.kept[:] = True
    table.r[:] = HIGHEST
    r, expected = HIGHEST, 0
    while r > 0.01:
        r = 0.9999 * r * (1 - probability) / (1 - probability * r)
        expected += 1
    count = 0
    while len(table):
        table.scan(eye, dish.look(10 + 0.2 * count, []))
        count += 1
    assert count == expected


def arc(dish, drag, seed, looks, start):
    """Return of one flight, look by look once it is known: height [km], NEES / 6 and the row's id."""
    random = np.random.Generator(np.random.Philox(seed))
    table, rows = RadarTable(Settings()), []
    for k in range(looks):
        x = propagate(start, (k + 0.5) * dish.PERIOD, drag)
        if radial_height(*x[:3]) < 25e3:
            break
        table.scan(dish.RADAR, dish.look(k, [start], random, drag=drag))
        table.kept |= table.proved()
        if k > 8:
            i = int(np.argmax(table.plots))
            d = table.estimate(i)[0] - propagate(start, (int(table.t[i]) - dish.T) / SECOND, drag)
            nees = float(d @ np.linalg.solve(table.estimate(i)[1], d))
            rows.append((radial_height(*x[:3]) / 1e3, nees / 6.0, int(table.ids[i])))
    return rows


def test_a_long_arc_in_vacuum_knows_how_well_it_is_known(dish):
    """After 40 looks the noise that stands for gravity's finer waves has not swollen what the plots have taught."""
    last = [arc(dish, 0.0, 100 + seed, 40, dish.body())[-1] for seed in range(60)]
    assert 0.8 < np.mean([nees for _, nees, _ in last]) < 1.2  # of six numbers over 60 flights sigma is 0.075


@pytest.mark.parametrize("drag", [1 / 1_500, 1 / 4_000, 1 / 10_000])
def test_a_body_of_any_drag_is_kept_as_it_falls_through_air(dish, drag):
    """From 300 km down to 25 km one row, never far surer than right, though it takes the middle of the prior."""
    falling = dish.body(east=-500e3, north=-100e3, up=240e3, velocity=(2500.0, 300.0, -300.0))
    for seed in range(6):
        rows = arc(dish, drag, seed, 60, falling)
        assert len({name for _, _, name in rows}) == 1
        assert rows[-1][0] < 40.0
        assert np.mean([nees for height, nees, _ in rows if height < 80.0]) < 3.0
