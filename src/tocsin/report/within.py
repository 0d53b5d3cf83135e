"""What a version of a warning means on the ground: land and sea, countries, cities, and when at a place."""

import math
from typing import Final

import msgspec
from msgspec import Struct

from tocsin.assessment.arrival import arrival
from tocsin.assessment.impact import scattered_state
from tocsin.assessment.inside import inside
from tocsin.assessment.settings import Settings
from tocsin.earth.places import country_at, nearest_city
from tocsin.earth.time import format_utc, parse_utc
from tocsin.messages import SECOND, Instant, StateVector
from tocsin.report import wording
from tocsin.report.results import Message

CITIES_TOLD: Final = 8
_WORTH: Final = 0.005  # countries less likely are not told
_MIDDLE_99: Final = 2.576  # sigmas that hold 99 %


class There(Struct, frozen=True):
    """A place asked for. `inside_area`: the smallest area that holds it, in %; times are absent where it is outside all
    that is worth a time. `near`: the nearest city.
    """

    latitude_deg: float
    longitude_deg: float
    country: str | None
    near: str
    inside_area: float | None
    earliest: str | None
    likeliest: str | None
    latest: str | None


class Within(Struct, frozen=True):
    """Of one version: probabilities of land and of each country, the largest cities and the people in all of them."""

    warning: str
    version: int
    time: str
    earliest: str
    likeliest: str
    latest: str
    on_land: float
    countries: dict[str, float]
    cities: list[str]
    city_count: int
    people_in_cities: int
    place: There | None

    def told(self) -> list[str]:
        """Say it in lines."""
        lines = [
            f"{self.warning} version {self.version} of {self.time}",
            f"impact {self.earliest} to {self.latest}, likeliest {self.likeliest} (99 %, anywhere)",
            *ground_lines(self),
        ]
        return lines + ([] if self.place is None else _there_lines(self.place))


def within(version: Message, place: tuple[float, float] | None = None) -> Within | None:
    """Work it out from a version that has an impact and a state vector; `place`: latitude, longitude [deg].

    None where that state does not come down. The state vector has forgotten the mixture the version was drawn from: one
    Gaussian stands for it here.
    """
    state = _state(version)
    spread = scattered_state(state, Settings())
    if spread is None:
        return None
    found = inside(spread)
    impact = version["impact"]
    middle = parse_utc(impact["time"])
    half = round(_MIDDLE_99 * impact["time_sigma_s"] * SECOND)
    there = None
    if place is not None:
        latitude, longitude = (math.radians(angle) for angle in place)
        country = country_at(latitude, longitude)
        city, far = nearest_city(latitude, longitude)
        when = arrival(spread, latitude, longitude)
        times = [None] * 3 if when is None else [
            _clock(state.time + round(t * SECOND)) for t in (when.earliest, when.likeliest, when.latest)
        ]  # fmt: skip
        there = There(
            *place, None if country is None else country.name, f"{wording.length(far)} from {city.name}",
            None if when is None else round(100 * when.level, 1), *times,
        )  # fmt: skip
    return Within(
        warning=version["id"], version=version["version"], time=version["time"],
        earliest=_clock(middle - half), likeliest=_clock(middle), latest=_clock(middle + half),
        on_land=round(found.on_land, 3),
        countries={name: round(p, 3) for name, p in found.countries if p >= _WORTH},
        cities=[city.name for city in found.cities[:CITIES_TOLD]], city_count=len(found.cities),
        people_in_cities=found.people, place=there,
    )  # fmt: skip


def facts(found: Within) -> list[tuple[str, str]]:
    """Say what lies where it may come down as names and values."""
    countries = ", ".join(f"{name} {_percent(p)}" for name, p in found.countries.items())
    told = [("Comes down on land", _percent(found.on_land) + (f": {countries}" if countries else ""))]
    if found.city_count:
        told.append(("Cities over 15,000 in the 95 % area", _cities(found)))
    return told


def ground_lines(found: Within) -> list[str]:
    """Say what lies where it may come down."""
    (_, land), *_ = facts(found)
    if not found.city_count:
        return [f"on land {land}", "no city over 15,000 people in the 95 % area"]
    return [f"on land {land}", f"cities over 15,000 people in the 95 % area: {_cities(found)}"]


def _cities(found: Within) -> str:
    more = found.city_count - len(found.cities)
    names = ", ".join(found.cities) + (f" and {more} more" if more else "")
    return f"{names}; {found.people_in_cities:,} people in them"


def _there_lines(there: There) -> list[str]:
    where = f"{there.latitude_deg:.4f}, {there.longitude_deg:.4f}, {there.country or 'at sea'}, {there.near}"
    if there.inside_area is None:
        return [where, "it is as good as excluded that it comes down there"]
    return [
        where,
        f"on the edge of the {there.inside_area:g} % area",
        f"if there, from {there.earliest} to {there.latest}, likeliest {there.likeliest} (99 %)",
    ]


def _state(version: Message) -> StateVector:
    told = dict(version["state_vector"])
    return msgspec.convert(told | {"time": parse_utc(told["time"])}, StateVector)


def _clock(t: int) -> str:
    return format_utc(Instant(round(t / SECOND) * SECOND), 0)


def _percent(p: float) -> str:
    return f"{100 * p:.0f} %" if p >= 0.01 or p == 0 else "< 1 %"
