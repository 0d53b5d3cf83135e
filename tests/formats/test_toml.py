"""What a person types, and what they hear of a slip."""

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec import Struct

from tocsin.earth.time import parse_utc
from tocsin.errors import ConfigError
from tocsin.formats import toml
from tocsin.messages import Instant, Latitude, Positive
from tocsin.sensors.echo import RadarPhysics
from tocsin.sensors.radiometry import InfraredPhysics


class Stage(Struct, forbid_unknown_fields=True):
    burn_s: Positive
    thrust_n: float = 0.0


class Rocket(Struct, tag_field="type", tag="rocket"):
    stage: tuple[Stage, ...]


class Fire(Struct, tag_field="type", tag="fire"):
    power_w: float


class Launch(Struct, kw_only=True):
    latitude_deg: Latitude
    longitude_deg: float
    time: Instant | None = None
    vehicle: Rocket | Fire | None = None
    notes: dict[str, str] = {}


class World(Struct, kw_only=True):
    title: str
    launch: tuple[Launch, ...]


WORLD = """
title = "a world"
[[launch]]
latitude_deg = 40.0
longitude_deg = 129
time = {time}
[launch.vehicle]
type = "rocket"
[[launch.vehicle.stage]]
burn_s = 60
[[launch.vehicle.stage]]
{stage}
[launch.notes]
any = "thing"
[[launch]]
{second}
"""


def world(
    second: str = "latitude_deg = 1\nlongitude_deg = 2", time: str = '"2026-05-16T00:00:00Z"', stage: str = ""
) -> str:
    return WORLD.format(second=second, time=time, stage=stage or "burn_s = 5.5")


def test_a_world_decodes():
    decoded = toml.decode(world(), World, "w.toml")
    assert decoded.launch[0].vehicle == Rocket(stage=(Stage(60.0), Stage(5.5)))
    assert decoded.launch[1].latitude_deg == 1.0
    assert decoded.launch[0].notes == {"any": "thing"}


@pytest.mark.parametrize(
    "time", ['"2026-05-16T00:00:12.25Z"', "2026-05-16T00:00:12.25Z", "2026-05-16T09:00:12.25+09:00"]
)
def test_times_are_text_or_dates_with_an_offset(time):
    decoded = toml.decode(world(time=time), World, "w.toml")
    assert decoded.launch[0].time == parse_utc("2026-05-16T00:00:12.250Z")
    assert type(decoded.launch[0].time) is Instant


GOOD = "latitude_deg = 1\nlongitude_deg = 2\n"
SLIPS = {
    "misspelt": (
        world("lattitude_deg = 1\nlongitude_deg = 2"),
        'w.toml: [launch][1]: unknown key "lattitude_deg"; did you mean "latitude_deg"? (line 16)',
    ),
    "misspelt deep": (
        world(stage="burn = 3"),
        'w.toml: [launch][0][vehicle][stage][1]: unknown key "burn"; did you mean "burn_s"? (line 12)',
    ),
    "misspelt table": (world() + "[lunch]\n", 'w.toml: unknown key "lunch"; did you mean "launch"?'),
    "unheard of": (
        world(GOOD + "colour = 3"),
        'unknown key "colour"; known here: latitude_deg, longitude_deg',
    ),
    "missing": (world("latitude_deg = 1"), "w.toml: [launch][1]: longitude_deg: is missing"),
    "wrong type": (
        world('latitude_deg = "x"\nlongitude_deg = 2'),
        '[launch][1]: latitude_deg: "x" is not a number',
    ),
    "a table for a list": (
        'title = "a"\n[launch]\nlatitude_deg = 1\nlongitude_deg = 2',
        'w.toml: launch: {"latitude_deg": 1, "longitude_deg": 2} is not a list',
    ),
    "latitude 132": (
        world("latitude_deg = 132\nlongitude_deg = 43"),
        "latitude_deg: 132 must be at most 90; are latitude_deg and longitude_deg exchanged? (line 16)",
    ),
    "NaN": (world("latitude_deg = nan\nlongitude_deg = 2"), "[launch][1]: latitude_deg: NaN is not a value"),
    "infinite": (world("latitude_deg = 3\nlongitude_deg = -inf"), "longitude_deg: -infinity is not a value"),
    "negative": (world(stage="burn_s = -5"), "[launch][0][vehicle][stage][1]: burn_s: -5 must be above 0"),
    "no offset": (world(time="2026-05-16T00:00:00"), "write 2026-05-16T00:00:00Z for UTC"),
    "date only": (world(time="2026-05-16"), "is a date, not a time; write 2026-05-16T00:00:00Z"),
    "time of a number": (world(time="17"), "[launch][0]: time: 17 is not a time"),
    "unknown vehicle": (world(GOOD + 'vehicle = {type = "ufo"}'), "[launch][1][vehicle]: type: "),
    "not TOML": ("title = \n", "w.toml: not TOML: Invalid value (at line 1, column 9)"),
    "key twice": ('title = "a"\ntitle = "b"', "w.toml: not TOML: "),
    "empty": ("", "w.toml: title: is missing"),
}


@pytest.mark.parametrize("name", SLIPS)
def test_slips_are_told_with_file_table_key_and_remedy(name):
    text, said = SLIPS[name]
    with pytest.raises(ConfigError) as refused:
        toml.decode(text, World, "w.toml")
    assert said in str(refused.value)
    assert str(refused.value).startswith("w.toml: ")


@given(st.text(alphabet=st.sampled_from('[]{}="\n.,#ab_ 019-:TZ\x00é'), max_size=60))
@settings(deadline=None)
def test_any_text_raises_nothing_but_config_errors(text):
    for document in (text, world(text), world(time=text), NETWORK + text):
        for decode in (lambda t: toml.decode(t, World, "w.toml"), lambda t: toml.network(t, "n.toml")):
            try:
                decode(document)
            except ConfigError as error:
                assert ": " in str(error)


NETWORK = """
title = "two"
source = "made up for this test, 2026"
[[sensor]]
id = "geo-1"
type = "infrared"
los_sigma_urad = 30
valid_from = 2026-01-01T00:00:00Z
[[sensor]]
id = "radar-1"
type = "radar"
latitude_deg = 60
longitude_deg = 20
height_m = 5
range_sigma_m = 50
azimuth_sigma_deg = 0.1
elevation_sigma_deg = 0.1
range_max_m = 2_500_000
"""


def test_a_network_becomes_sensor_messages_of_the_callers_origin():
    geo, radar = toml.network(NETWORK, "n.toml", "exercise")
    assert (geo.id, geo.origin, geo.los_sigma_urad) == ("geo-1", "exercise", 30.0)
    assert geo.valid_from == parse_utc("2026-01-01T00:00:00Z")
    assert (radar.range_max_m, radar.origin) == (2.5e6, "exercise")
    assert msgspec.structs.asdict(radar)["elevation_max_deg"] == 90.0


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("los_sigma_urad = 30", "los_sigma_rad = 30", 'key "los_sigma_rad"; did you mean "los_sigma_urad"?'),
        ("los_sigma_urad = 30", "", "[sensor][0]: los_sigma_urad: is missing; an infrared sensor needs"),
        ("height_m = 5", "", "[sensor][1]: height_m: is missing; a radar needs"),
        (
            "range_sigma_m = 50",
            "range_sigma_m = -50",
            "[sensor][1]: range_sigma_m: -50 must be above 0 (line 15)",
        ),
        ('id = "radar-1"', 'id = "geo-1"', '[sensor][1]: id = "geo-1" stands twice'),
        ('id = "radar-1"', 'id = "radar-1"\norigin = "live"', '[sensor][1]: unknown key "origin"'),
        ("[[sensor]]", "[[sensors]]", 'unknown key "sensors"; did you mean "sensor"?'),
        ('source = "made up for this test, 2026"', "", "is missing; a network says"),
        ('id = "radar-1"', 'id = "r"\ncolour = 1', "known here: id, type, valid_from"),
    ],
)
def test_slips_in_a_network_are_told(old, new, said):
    with pytest.raises(ConfigError) as refused:
        toml.network(NETWORK.replace(old, new), "n.toml")
    assert said in str(refused.value)


def test_a_network_without_sensors_is_refused():
    with pytest.raises(ConfigError, match=r"has no \[\[sensor\]\] table"):
        toml.network('title = "a"\nsource = "b"', "n.toml")


def test_a_sensor_of_a_network_may_say_how_it_works_inside():
    inside = NETWORK.replace(
        '[[sensor]]\nid = "radar-1"', '[sensor.physics]\nband = "4.3um"\n[[sensor]]\nid = "radar-1"'
    )
    inside += "[sensor.physics]\n"
    geo, radar = toml.equipment(inside, "n.toml")
    assert isinstance(geo.physics, InfraredPhysics)
    assert geo.physics.band == "4.3um"
    assert isinstance(radar.physics, RadarPhysics)
    assert (geo.sensor, radar.sensor) == toml.network(NETWORK, "n.toml")
    assert [e.physics for e in toml.equipment(NETWORK, "n.toml")] == [None, None]


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("bandd = 1", '[sensor][1][physics]: unknown key "bandd"; did you mean "band"?'),
        ('band = "5um"', "[sensor][1][physics]: band: "),
        ("pixel_urad = 0", "[sensor][1][physics]: pixel_urad: 0 must be above 0"),
        ("pixel_urad = nan", "[sensor][1][physics]: pixel_urad: NaN is not a value"),
    ],
)
def test_slips_in_a_physics_table_are_told(line, said):
    own = NETWORK[: NETWORK.index('[[sensor]]\nid = "radar-1"')]
    text = own + '[[sensor]]\nid = "geo-2"\ntype = "infrared"\nlos_sigma_urad = 30\n[sensor.physics]\n' + line
    with pytest.raises(ConfigError) as refused:
        toml.network(text, "n.toml")
    assert said in str(refused.value)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("los_sigma_urad = 30", "los_sigma_urad = 30\nephemeris = 7", "ephemeris: is not the name of a file"),
        (
            "los_sigma_urad = 30",
            'los_sigma_urad = 30\nephemeris = "../eye.oem"',
            'write ephemeris = "satellite.oem"',
        ),
        (
            "los_sigma_urad = 30",
            'los_sigma_urad = 30\nephemeris = "eye.txt"',
            'write ephemeris = "satellite.oem"',
        ),
        (
            "height_m = 5",
            'height_m = 5\nephemeris = "eye.oem"',
            "[sensor][1]: ephemeris: goes with an infrared",
        ),
        ("los_sigma_urad = 30", 'los_sigma_urad = 30\nephemeri = "eye.oem"', 'did you mean "ephemeris"?'),
    ],
)
def test_slips_in_the_name_of_an_ephemeris_are_told(old, new, said):
    with pytest.raises(ConfigError) as refused:
        toml.network(NETWORK.replace(old, new), "n.toml")
    assert said in str(refused.value)


def test_an_ephemeris_stays_beside_the_message():
    inside = NETWORK.replace("los_sigma_urad = 30", 'los_sigma_urad = 30\nephemeris = "eye.oem"')
    geo, radar = toml.equipment(inside, "n.toml")
    assert (geo.ephemeris, radar.ephemeris) == ("eye.oem", None)
    assert geo.sensor == toml.network(NETWORK, "n.toml")[0]


def test_a_physics_that_is_no_table_is_told():
    with pytest.raises(ConfigError, match=r"\[sensor\]\[0\]: physics: is not a table"):
        toml.network(NETWORK.replace("los_sigma_urad = 30", "los_sigma_urad = 30\nphysics = 3"), "n.toml")
