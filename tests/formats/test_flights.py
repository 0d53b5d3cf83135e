"""Tables of published flights: TOML and CSV say the same, and what is wrong is said with its row and the remedy."""

import pytest

from tocsin.errors import ConfigError, InputError
from tocsin.formats.flights import decode

TOML = """
[[flight]]
name = "one"
range_km = 998
apogee_km = 3724.9
time_s = 2832
latitude_deg = 40.6
longitude_deg = 126.4
heading_deg = 70
"""
HEAD = "name,range_km,apogee_km,time_s,latitude_deg,longitude_deg,heading_deg\n"
ROW = "one,998,3724.9,2832,40.6,126.4,70\n"


def test_csv_says_what_toml_says():
    assert decode(HEAD + ROW, "mine.csv") == decode(TOML, "mine.toml")
    assert decode("\ufeff# a remark\n" + HEAD + "\n" + ROW, "mine.CSV") == decode(TOML, "mine.toml")


def test_csv_leaves_out_what_is_empty():
    (flight,) = decode(HEAD.strip() + ",rounding_s,source\n" + ROW.strip() + ",,\n", "mine.csv")
    assert (flight.rounding_s, flight.source, flight.assumed) == (0.5, "", "site and heading")


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("latitude_deg = 40.6", "latitude_deg = 126.4", r"latitude_deg: 126\.4 is not between -90 and 90"),
        ("heading_deg = 70", "heading_deg = 700", "heading_deg: 700 is no heading"),
        ("range_km = 998", "range_km = 998_000", "range_km: 998000 is above 20000; is it in metres"),
        ("apogee_km = 3724.9", "apogee_km = -1", "apogee_km"),
        ("time_s = 2832", "", "time_s"),
        ("time_s", "tyme_s", r'unknown key "tyme_s"; did you mean "time_s"'),
        ("range_km = 998", 'range_km = "far"', "range_km"),
        ("[[flight]]", "[[flights]]", "has no flight"),
        ("[[flight]]", "[[flight]", "not TOML"),
    ],
)
def test_says_what_is_wrong_in_toml(old, new, says):
    with pytest.raises(ConfigError, match=r"^mine\.toml: ") as error:
        decode(TOML.replace(old, new), "mine.toml")
    assert error.match(says)


def test_says_that_places_are_swapped():
    text = TOML.replace("latitude_deg = 40.6", "latitude_deg = 126.4").replace(
        "e_deg = 126.4\nh", "e_deg = 40.6\nh"
    )
    with pytest.raises(ConfigError, match="swapped"):
        decode(text, "mine.toml")


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (HEAD, "has no flight"),
        (HEAD + "one,998,3724.9\n", "row 1: has not as many fields as the header"),
        (HEAD + ROW.strip() + ",9\n", "row 1: has not as many fields"),
        (HEAD + ROW + ROW.replace("998", "far"), r"row 2: range_km: 'far' is not a number"),
        (HEAD.replace("range_km", "range") + ROW, r'unknown key "range"; did you mean "range_km"'),
        (HEAD + ROW.replace("2832", "nan"), "finite"),
    ],
)
def test_says_what_is_wrong_in_csv(text, says):
    with pytest.raises(ConfigError, match=r"^mine\.csv: ") as error:
        decode(text, "mine.csv")
    assert error.match(says)


@pytest.mark.parametrize("name", ["mine.csv", "mine.toml"])
def test_an_empty_file_is_said_to_be_empty(name):
    with pytest.raises(InputError, match="is empty"):
        decode(" \n", name)
