"""Scenario files: what is bundled works, what is wrong is said with its place and the remedy."""

import pytest
from msgspec.structs import replace

from tocsin.errors import ConfigError
from tocsin.flight.powered import FlightError
from tocsin.messages import Instant
from tocsin.simulation import load, networks, scenarios, template
from tocsin.simulation.scenario import decode
from tocsin.simulation.truth import happen

MANY = 5  # launches, of which only a few are flown here


@pytest.mark.parametrize("name", sorted(scenarios()))
def test_bundled_scenarios_decode_and_fly(name):
    scenario = load(name)
    if len(scenario.launch) > MANY:
        scenario = replace(scenario, launch=scenario.launch[:: len(scenario.launch) // 2])
    truth = happen(scenario)
    assert len([b for b in truth.bodies if b.parent is None]) == len(scenario.launch)
    assert scenario.story
    for body in truth.bodies:
        impact = body.flight.impact_time
        assert impact is None or body.lift_off + impact < scenario.duration_s or name == "one-satellite"


def test_the_issue_asks_for_these():
    wanted = "demo quiet exercise mixed salvo-2 radar-only one-satellite intercontinental short fire"
    assert set(wanted.split()) <= set(scenarios())
    assert {"demo", "regional"} <= set(networks())


def test_the_demo_is_what_the_issue_says():
    demo = load("demo")
    infrared = [s for s in demo.sensors if s.type == "infrared"]
    (radar,) = [s for s in demo.sensors if s.type == "radar"]
    assert demo.origin == "test"
    assert [(s.los_sigma_urad, s.scan_period_s) for s in infrared] == [(30.0, 10.0)] * 2
    assert (radar.range_sigma_m, radar.azimuth_sigma_deg, radar.range_max_m) == (50.0, 0.1, 2_500_000.0)
    assert all(s.false_alarms_per_scan >= 2 for s in demo.sensors)
    assert [launch.vehicle for launch in demo.launch] == ["medium-range"]


def test_network_of_three_satellites_decodes(read, head, launch):
    regional = read(head.replace('"demo"', '"regional"') + launch)
    assert [s.id for s in regional.sensors] == [
        "geo-west",
        "geo-middle",
        "geo-east",
        "radar-north",
        "radar-east",
    ]


@pytest.mark.parametrize("name", ["mine", 'a "quoted" \\ name', ""])
def test_template_decodes(name):
    scenario = decode(template(name), "new.toml", networks())
    assert isinstance(scenario.start, Instant)
    assert len(happen(scenario).bodies) == 1


def test_loads_a_file_with_a_network_beside_it(tmp_path, head, launch):
    (tmp_path / "mine.toml").write_text(networks()["demo"].replace("geo-1", "eye"))
    (tmp_path / "world.toml").write_text(head.replace('"demo"', '"mine"') + launch)
    assert load(str(tmp_path / "world.toml")).sensors[0].id == "eye"


def test_an_unknown_name_lists_what_there_is():
    with pytest.raises(ConfigError, match=r'no scenario "demmo".*demo.*quiet'):
        load("demmo")


SENSOR = """
[[sensor]]
id = "eye"
type = "infrared"
los_sigma_urad = 30.0
"""
OUTAGE = '\n[[outage]]\nsensor = "geo-9"\nfrom_s = 1\nto_s = 2\n'


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("latitude_deg = 12.0", "latitude_deg = 132.0", r"\[launch\]\[0\]: latitude_deg: 132 .*swapped\?"),
        ("latitude_deg = 12.0", "lattitude_deg = 12.0", r'"lattitude_deg"; did you mean "latitude_deg"'),
        ('"medium-range"', '"scud"', r'vehicle "scud" is not known; there are: short-range, medium-range'),
        ("range_m = 1_200_000", "range_m = -5", r"range_m"),
        ("range_m = 1_200_000", "", r"exactly one of range_m"),
        ("range_m = 1_200_000", "range_m = 1e5\npitch_deg = 50", r"exactly one of range_m"),
        ("range_m = 1_200_000", "range_m = 1e6\ncut_off_s = 60", r"cut_off_s goes with pitch_deg"),
        (
            "range_m = 1_200_000",
            'range_m = 1e6\nshape = "lofted"\napogee_m = 9e5',
            r"apogee_m goes with range_m",
        ),
        ("range_m = 1_200_000", "pitch_deg = 50\napogee_m = 9e5", r"apogee_m goes with range_m"),
        ("range_m = 1_200_000", "range_m = 1e6\nfragments = 4", r"fragments goes with failure_s"),
        (
            "range_m = 1_200_000",
            "range_m = 1e6\nvehicle_seed = 4",
            r'vehicle_seed goes with vehicle = "random"',
        ),
        ('"medium-range"', '"random:medium"', r'"random:medium" is not known; .* random:medium-range'),
        ("time_s = 60", "time_s = 1000", r"time_s: 1000 is not before the end"),
        ("azimuth_deg = 55.0", "azimuth_deg = 5500.0", r"azimuth_deg: 5500"),
        ("longitude_deg = -38.0", "longitude_deg = -380.0", r"longitude_deg: -380"),
        (
            "seed = 5",
            'seed = 5\norigin = "live"',
            r'a simulation is never "live"; write "test" or "exercise"',
        ),
        ("seed = 5", 'seed = 5\norigin = "drill"', r'"drill" is not known'),
        (
            'network = "demo"',
            'network = "nato"',
            r'network: "nato" is not known; there are: china, civil, demo, regional',
        ),
        ('network = "demo"', "", r"has no sensors"),
        ("[[launch]]", OUTAGE + "[[launch]]", r'sensor "geo-9" is not known; there are: geo-1'),
        ("[[launch]]", SENSOR + "longitude_deg = 3\n[[launch]]", r"sensor eye: scan_period_s is missing"),
        (
            "[[launch]]",
            SENSOR + "scan_period_s = 9\n[[launch]]",
            r"sensor eye: give tle, orbit, ephemeris, or longitude_deg",
        ),
        ("[[launch]]", SENSOR.replace("los_", "#") + "[[launch]]", r"\[sensor\]\[0\]: los_sigma_urad"),
        ("[[launch]]", "[settings]\ndelay_min_s = 3\n[[launch]]", r"delay_min_s is above delay_max_s"),
        ("start = 2026-05-16T00:00:00Z", 'start = "tomorrow"', r"start"),
    ],
)
def test_says_what_is_wrong(read, head, launch, old, new, says):
    text = (head + launch).replace(old, new, 1)
    assert text != head + launch
    with pytest.raises(ConfigError, match=r"^test\.toml: ") as error:
        read(text)
    assert error.match(says)


def test_two_launches_with_one_name(read, head, launch):
    with pytest.raises(ConfigError, match='id "alpha" stands twice'):
        read(head + launch + launch)


def test_a_range_out_of_reach_names_the_launch(read, head, launch):
    scenario = read(head + launch.replace("1_200_000", "9_000_000"))
    with pytest.raises(
        ConfigError, match=r"test\.toml: \[launch\]\[0\]: medium-range.*at most 1,\d\d\d km"
    ) as error:
        happen(scenario)
    assert not isinstance(error.value, FlightError)


def test_physics_of_sensors_is_kept_beside_them(read, head, launch):
    own = SENSOR + 'longitude_deg = -60.0\nscan_period_s = 10.0\n[sensor.physics]\nband = "4.3um"\n'
    scenario = read(head + launch + own)
    assert {name: type(inside).__name__ for name, inside in scenario.physics.items()} == {
        "eye": "InfraredPhysics"
    }
    assert read(head + launch).physics == {}
    with pytest.raises(ConfigError, match=r'\[sensor\]\[0\]\[physics\]: unknown key "colour"'):
        read(head + launch + own + "colour = 1\n")


def test_an_orbit_that_has_decayed_by_then(read, head, launch):
    """Elements of a low satellite of 2008, as published with SGP4, do not reach the year 2026."""
    satellite = """
[[sensor]]
id = "low"
type = "infrared"
los_sigma_urad = 30.0
scan_period_s = 10.0
tle = [
    "1 25544U 98067A   08264.51782528 -.00002182  00000-0  11606-3 0  2925",
    "2 25544  51.6416 247.4627 0006703 130.5360 325.0288 15.72125391563537",
]
"""
    with pytest.raises(ConfigError, match=r"^test\.toml: sensor low: SGP4 .*2026.*give elements"):
        read(head + satellite + launch)
    fresh = satellite.replace("08264.51782528", "26134.51782528").replace("2925", "2921")
    assert read(head + fresh + launch).sensors[-1].id == "low"


def test_a_launch_that_never_comes_down(read, head, launch):
    text = head + launch.replace("medium-range", "space-launcher").replace(
        "range_m = 1_200_000", "pitch_deg = 85"
    )
    with pytest.raises(
        ConfigError, match=r"\[launch\]\[0\]: space-launcher never comes down: .* cut the thrust earlier"
    ):
        happen(read(text))


def test_an_apogee_as_published(read, head, launch):
    text = launch.replace("1_200_000", "1_000_000\napogee_m = 600_000")
    (body,) = happen(read(head + text)).bodies
    from tocsin.earth.ellipsoid import height

    assert max(height(*r) for r in body.flight.x[:, :3]) == pytest.approx(600e3, abs=200.0)


def test_a_failed_vehicle_breaks_up(read, head, launch):
    text = head + launch + "failure_s = 80\nfragments = 5\nseparates = true"
    _, *rest = happen(read(text)).bodies
    pieces = [b for b in rest if "fragment" in b.id]
    assert [b.id for b in pieces] == [f"alpha/fragment-{k}" for k in range(1, 6)]
    assert all(b.parent == "alpha" and b.flight.t[0] == 80.0 for b in pieces)
    ends = [b.flight.impact_time for b in pieces]
    assert len(set(ends)) == 5
    assert all(end is not None for end in ends)
    again = happen(read(text)).bodies
    assert [b.flight.impact_time for b in again if "fragment" in b.id] == ends


def test_a_random_vehicle_goes_by_seed_and_name(read, head, launch):
    text = launch.replace('"medium-range"', '"random:short-range"').replace("range_m = 1_200_000", "")
    first, again = (happen(read(head + text)).bodies[0] for _ in range(2))
    assert (first.flight.x == again.flight.x).all()
    other = happen(read(head.replace("seed = 5", "seed = 6") + text)).bodies[0]
    assert other.flight.impact_time != first.flight.impact_time
    fixed = text + "vehicle_seed = 5"
    same = happen(read(head.replace("seed = 5", "seed = 6") + fixed)).bodies[0]
    assert same.flight.impact_time == first.flight.impact_time
    assert first.vehicle == "random short-range"


def test_a_random_vehicle_flies_the_range_it_is_given(read, head, launch):
    (body,) = happen(read(head + launch.replace('"medium-range"', '"random"'))).bodies
    assert body.vehicle == "random medium-range"
    assert body.impact_time is not None
