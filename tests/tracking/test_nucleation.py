"""From loose sightings to a declared launch: what rises is one, what stands still never."""

import numpy as np
import pytest
from scipy.stats import multivariate_normal

from tocsin.messages import SECOND, Sensor
from tocsin.sensors.infrared import Infrared
from tocsin.tracking._sight import at_height
from tocsin.tracking.burn import Burn
from tocsin.tracking.clutter import disk_solid_angle
from tocsin.tracking.dull import dull, each_its_own, first, flashing, lasting, standing
from tocsin.tracking.nucleation import Nucleation, Nucleus
from tocsin.tracking.profile import CLASSES
from tocsin.tracking.settings import Settings


def satellite(name="geo-1", **more):
    fields = {
        "origin": "test", "id": name, "type": "infrared", "los_sigma_urad": 30.0, "scan_period_s": 10.0,
        "detection_probability": 0.9, "false_alarms_per_scan": 3.0,
    }  # fmt: skip
    return Infrared.from_message(Sensor(**(fields | more)))


@pytest.fixture
def random():
    return np.random.Generator(np.random.Philox(11))


@pytest.fixture
def rising(sky, random):
    """Return what one satellite sees of a mean two-stage vehicle."""
    w, launch = np.zeros(CLASSES[2].size + 4), np.array([0.2, -0.7, 0.0, 1.0])
    return [s for s in sky.seen(2, w, launch, until=150.0, random=random) if s.sensor == "geo-1"]


def fire(sky, random, times, latitude=0.2, longitude=-0.7, sensor="geo-1"):
    r = sky.ecef(latitude, longitude, 500.0)
    return [sky.sighting(sensor, t, r, random, error=0.0) for t in times]


def strays(sky, random, t, count, sensor="geo-1"):
    """Return false alarms over the disk."""
    rows = []
    while len(rows) < count:
        v = random.normal(size=3)
        r = 6.378e6 * v / np.linalg.norm(v)
        if r @ sky.SATELLITES[sensor] > 6.378e6 * 6.4e6:
            rows.append(sky.sighting(sensor, t, r, None, number=len(rows)))
    return rows


def fed(nucleation, sensor, sightings, sky):
    """Feed looks of one sighting each; return the nuclei declared, with how many sightings had been given."""
    declared = []
    for k, s in enumerate(sightings):
        for nucleus in nucleation.feed(sensor, [s], s.time + SECOND // 2):
            declared.append((k + 1, nucleus))
    return declared


def test_a_rising_source_is_declared_by_the_third_or_fourth_sighting(sky, rising):
    nucleation = Nucleation(Settings())
    declared = fed(nucleation, satellite(), rising, sky)
    assert declared
    assert declared[0][0] in (3, 4)


def test_a_rising_source_among_strays(sky, rising, random):
    nucleation = Nucleation(Settings())
    found = []
    for k, s in enumerate(rising):
        look = [s, *strays(sky, random, (s.time - sky.T) / SECOND, 5)]
        for nucleus in nucleation.feed(satellite(), look, s.time + SECOND // 2):
            found.append((k + 1, [q.key for q in nucleus.sightings]))
            nucleation.forget(frozenset(found[-1][1]))
    assert found
    assert found[0][0] <= 4
    true = {s.key for s in rising}
    assert set(found[0][1]) <= true, "and it holds no stray"


def test_two_satellites_declare_sooner_in_time(sky, random):
    w, launch = np.zeros(CLASSES[2].size + 4), np.array([0.2, -0.7, 0.0, 1.0])
    seen = sky.seen(2, w, launch, until=150.0, random=random)
    times = {}
    for name, rows in (("both", seen), ("one", [s for s in seen if s.sensor == "geo-1"])):
        nucleation = Nucleation(Settings())
        for s in rows:
            if nucleation.feed(satellite(s.sensor), [s], s.time + SECOND // 2):
                times[name] = s.time
                break
    assert times["both"] < times["one"]


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize(("apart", "told"), [(2.0, False), (8.0, True)])
def test_a_flash_that_three_satellites_see_is_no_launch(sky, seed, apart, told):
    """High above the ground, where a launch may be; but all looks within five seconds show it at one place."""
    random = np.random.Generator(np.random.Philox(40 + seed))
    nucleation, declared = Nucleation(Settings()), []
    climb = 0.0 if not told else 600.0
    for k, name in enumerate(("geo-1", "geo-2", "geo-1")):
        t = apart * k / 2 + 1.0
        r = sky.ecef(0.2, -0.7, 14_000.0 + climb * t)
        s = sky.sighting(name, t, r, random, error=0.0)
        declared += nucleation.feed(satellite(name), [s], s.time + SECOND // 2)
    assert bool(declared) == told


@pytest.mark.parametrize("period", [1.0, 10.0])
@pytest.mark.parametrize("seed", range(4))
def test_static_sources_are_never_declared(sky, period, seed):
    random = np.random.Generator(np.random.Philox(seed))
    nucleation = Nucleation(Settings())
    eye = satellite(scan_period_s=period)
    shining = fire(sky, random, np.arange(0, 60 * period, period), latitude=random.uniform(-0.9, 0.9))
    assert fed(nucleation, eye, shining, sky) == []
    assert nucleation.static_count > 20, "it is known and counted"


def test_two_satellites_and_a_fire(sky, random):
    nucleation = Nucleation(Settings())
    rows = sorted(
        fire(sky, random, np.arange(0, 300, 10.0))
        + fire(sky, random, np.arange(4, 300, 10.0), sensor="geo-2"),
        key=lambda s: s.key,
    )  # fmt: skip
    for s in rows:
        assert nucleation.feed(satellite(s.sensor), [s], s.time + SECOND // 2) == []


def test_a_flickering_fire(sky, random):
    """Seen in a third of the looks, over an hour."""
    nucleation = Nucleation(Settings())
    for t in np.arange(0, 3600, 10.0):
        look = fire(sky, random, [t]) if random.uniform() < 0.35 else []
        assert nucleation.feed(satellite(), look, sky.T + round((t + 0.5) * SECOND)) == []


def test_signs_of_the_odds(sky, rising, random):
    nucleation, eye = Nucleation(Settings()), satellite()

    def odds(rows):
        n = Nucleus.of(rows[0])
        for s in rows[1:]:
            n = n.extended(s)
        return nucleation.odds(eye, n)

    assert odds(rising[:3]) > 0
    assert odds(rising[:4]) > odds(rising[:3]), "more of the same is surer"
    assert odds(fire(sky, random, [0, 10, 20])) < -3
    assert odds(fire(sky, random, [0, 10, 20, 30])) < odds(fire(sky, random, [0, 10, 20])) + 3
    scattered = [strays(sky, random, t, 1)[0] for t in (0.0, 10.0, 20.0)]
    assert odds(scattered) < -10
    high_rate = Nucleation(Settings(launch_rate=1.0))
    n = Nucleus.of(rising[0]).extended(rising[1]).extended(rising[2])
    assert high_rate.odds(eye, n) == pytest.approx(nucleation.odds(eye, n) + np.log(1000.0))


def test_the_static_reading_prefers_what_stands_still(sky, rising, random):
    assert standing(fire(sky, random, [0, 10, 20]))[0] > standing(rising[:3])[0]


def test_the_likelihood_is_that_of_a_gaussian(sky, random):
    """The sum of innovations equals the joint density of the later sightings given the first."""
    from scipy.stats import multivariate_normal

    rows = fire(sky, random, [0, 10, 20])
    n = Nucleus.of(rows[0])
    start = n.rising
    means, Hs = [], []
    for s in rows[1:]:
        dt = (s.time - rows[0].time) / SECOND
        F = np.hstack([np.eye(3), dt * np.eye(3), 0.5 * dt**2 * np.eye(3)])
        d = F @ start.x - s.platform
        H = np.array([s.e1, s.e2]) / (d @ s.u)
        means.append(H @ d)
        Hs.append(H @ F)
    H = np.vstack(Hs)
    S = H @ start.P @ H.T + np.eye(4) * sky.SIGMA**2
    joint = multivariate_normal(np.zeros(4), S).logpdf(-np.concatenate(means))
    grown = n.extended(rows[1]).extended(rows[2])
    assert grown.rising.log_likelihood == pytest.approx(joint, abs=0.3), (
        "but for the range at which H is taken"
    )


def test_strays_alone_declare_nothing(sky, random):
    nucleation = Nucleation(Settings())
    for t in np.arange(0, 1200, 10.0):
        look = strays(sky, random, t, 5)
        assert nucleation.feed(satellite(), look, sky.T + round((t + 0.5) * SECOND)) == []
    assert len(nucleation.nuclei) <= Settings().most_nuclei


def test_memory_is_bounded_in_a_flood(sky, random):
    nucleation = Nucleation(Settings(most_nuclei=50))
    for t in (0.0, 10.0, 20.0):
        nucleation.feed(satellite(), strays(sky, random, t, 120), sky.T + round((t + 0.5) * SECOND))
    assert len(nucleation.nuclei) <= 50


def test_forgetting_frees_the_others(sky, rising):
    nucleation = Nucleation(Settings())
    for s in rising[:3]:
        nucleation.feed(satellite(), [s], s.time + SECOND // 2)
    freed = nucleation.forget(frozenset({rising[0].key}))
    assert {s.key for s in freed} <= {s.key for s in rising[1:3]}
    assert all(rising[0].key not in [s.key for s in n.sightings] for n in nucleation.nuclei)


def test_missing_looks_cost(sky, rising):
    """A look of its satellite that does not see it speaks against a launch."""
    eye, settings = satellite(), Settings()
    through, gappy = Nucleation(settings), Nucleation(settings)
    for nucleation, gap in ((through, False), (gappy, True)):
        for s in rising[:2]:
            nucleation.feed(eye, [s], s.time + SECOND // 2)
        if gap:
            nucleation.feed(eye, [], rising[1].time + 8 * SECOND)
    pair = [next(n for n in x.nuclei if len(n.sightings) == 2) for x in (through, gappy)]
    assert pair[0].missed == 0.0
    assert pair[1].missed == pytest.approx(np.log(0.1))


def test_two_looks_in_a_row_may_miss_it(sky, rising):
    """The third sighting comes 30 s after the second: declared, and not before."""
    nucleation, given = Nucleation(Settings()), [rising[0], rising[1], rising[4]]
    assert given[2].time - given[1].time == 30 * SECOND
    looks = [[rising[0]], [rising[1]], [], [], [rising[4]]]
    times = [s.time + SECOND // 2 for s in rising[:5]]
    told = [nucleation.feed(satellite(), look, end) for look, end in zip(looks, times, strict=True)]
    assert [len(n) for n in told] == [0, 0, 0, 0, 1]
    assert [s.key for s in told[4][0].sightings] == [s.key for s in given]


def test_two_flashes_that_two_satellites_see_are_no_launch(sky, random):
    """Lines that meet twice, 26 km and 20 s apart: as strays beyond chance; as two flashes not, and the fit knows."""
    eyes = [satellite(name) for name in sky.SATELLITES]
    nucleation = Nucleation(Settings())
    for t, latitude, height in ((0.0, 0.2, 11_000.0), (20.0, 0.204, 6_000.0)):
        r = sky.ecef(latitude, -0.7, height)
        for eye in eyes:
            s = sky.sighting(eye.id, t, r, random, error=0.0)
            for candidate in nucleation.feed(eye, [s], s.time + SECOND // 2):
                assert not Burn(candidate.sightings, Settings()).convinces(0.0)
    four = next(n for n in nucleation.nuclei if len(n.sightings) == 4)
    launch = nucleation.odds(eyes[0], four) + flashing(four.sightings)
    assert launch - sum(s.stray for s in four.sightings) > 5.0


def test_flashes_are_strays_where_nothing_is_shared(sky, rising, random):
    lone = sum(s.stray for s in rising[:3])
    assert flashing(rising[:3]) == pytest.approx(lone), "ten seconds apart"
    r = sky.ecef(0.2, -0.7, 6_000.0)
    pair = [sky.sighting(name, 1.5 * k, r, random, error=0.0) for k, name in enumerate(sky.SATELLITES)]
    assert flashing(pair) > sum(s.stray for s in pair) + 5.0
    late = sky.sighting("geo-1", 7.0, r, random, error=0.0)
    assert flashing([*pair, late]) == pytest.approx(flashing(pair) + late.stray), "no flash lasts so long"


def test_solid_angle_of_the_disk(sky):
    half = np.arcsin(6.378137e6 / 42_164_000.0)
    assert disk_solid_angle(sky.SATELLITES["geo-1"]) == pytest.approx(
        2 * np.pi * (1 - np.cos(half)), rel=1e-6
    )


@pytest.mark.parametrize("seed", range(3))
def test_two_sources_one_for_each_satellite(sky, seed):
    """Each sees its own that stands still, 75 km apart: nothing else says so, and as sources each costs its rate."""
    random = np.random.Generator(np.random.Philox(60 + seed))
    places = {"geo-1": sky.ecef(0.18, -0.7, 1_000.0), "geo-2": sky.ecef(0.18, -0.688, 1_000.0)}
    rows = [(name, 10.0 * k + late) for k in range(2) for name, late in (("geo-1", 0.0), ("geo-2", 3.0))]
    seen = [sky.sighting(name, t, places[name], random) for name, t in rows]
    own = [[s for s in seen if s.sensor == name] for name in places]
    pieces = [np.log(10.0) + first(those, 10.0) + standing(those)[0] for those in own]
    assert each_its_own(seen, 10.0, 10.0, 0.9) == pytest.approx(sum(pieces))
    assert dull(seen, 10.0, 10.0, 0.9) == each_its_own(seen, 10.0, 10.0, 0.9)
    assert each_its_own(seen[:3], 10.0, 10.0, 0.9) == -np.inf, "that is a source and a stray"
    far = sky.sighting("geo-1", 10.0, sky.ecef(0.19, -0.7, 1_000.0), random)  # 60 km on: a stray of its own
    found = each_its_own([seen[0], seen[1], far, seen[3]], 10.0, 10.0, 0.9)
    assert found == pytest.approx(pieces[1] + 2.0 * far.stray - 2 * np.log(0.9))


@pytest.mark.parametrize("age", [0.0, 0.6, 1.0, 2.3, 4.4])
def test_how_long_a_flash_lasts(age):
    """Against draws: of flashes that last 1 to 5 s, one seen at some instant of its life still shines later."""
    random = np.random.Generator(np.random.Philox(4))
    life = random.uniform(1.0, 5.0, 400_000)
    still = np.clip(life - age, 0.0, None).sum() / life.sum()
    assert lasting(age) == pytest.approx(still, abs=3e-3)


@pytest.mark.parametrize("latitude", [0.2, 1.15, 1.25])
def test_a_source_that_stands_still_low_over_the_horizon_too(sky, latitude):
    """Against one joint normal law: a grazing line says where by its height, and noise moves that over the ground."""
    r = sky.ecef(latitude, -0.9, 400.0)
    random = np.random.Generator(np.random.Philox(11))
    seen = [
        sky.sighting(name, t, r, random, sigma=1e-4, error=0.0)
        for name, t in (("geo-1", 0.0), ("geo-2", 3.0))
    ]
    a, b = seen
    middle = at_height(a.platform, a.u, 1_000.0)
    up = middle / np.linalg.norm(middle)
    far = np.linalg.norm(middle - a.platform)
    known = (np.outer(a.e1, a.e1) + np.outer(a.e2, a.e2)) / (far**2 * a.variance) + np.outer(
        up, up
    ) / 1_500.0**2
    d = middle - b.platform
    H = np.array([b.e1, b.e2]) / float(d @ b.u)
    law = multivariate_normal(np.zeros(2), H @ np.linalg.inv(known) @ H.T + b.variance * np.eye(2))
    assert float(a.u @ up) < -0.06, "the formula's limit is farther"
    assert standing(seen)[0] == pytest.approx(law.logpdf(H @ d), abs=0.02)
