"""The evidence of what an object is, piece by piece: each gives logarithms of likelihood by identity.

Every number here is a judgement of ours about the generic classes of `flight/vehicles.py` and of public accounts; a
source stands beside it where there is one. A term speaks of one thing, and no two of the same, so that they may be
added (naive Bayes). Absent identities weigh 0.
"""

import math
from collections.abc import Mapping
from typing import Final

import numpy as np
from numba import njit
from scipy.special import ndtr

from tocsin.assessment.flights import Flights, between, faster, levelled, mean, middle, weighed
from tocsin.assessment.surroundings import Glow
from tocsin.earth.ellipsoid import distance
from tocsin.earth.launch_sites import nearest
from tocsin.messages import SECOND, Array, ImpactEstimate, LaunchEstimate, Notification, Sensor, Term, Track

NEVER: Final = -12.0  # of what contradicts a class altogether: models fail more often than once in 10⁵
SURE: Final = 0.99  # of a declaration by several sensors, at most
SURE_ALONE: Final = (
    0.9  # of one satellite's: what moves among fires and glints may look like a launch (our assumption)
)
ROCKETS: Final = ("ballistic-missile", "space-launch", "sounding-rocket")

# Above these heights of perigee [m] a space launch is so much likelier: a missile of 12,000 km range on its least
# energy stays below −2,400 km (two-body), and none has a use for a perigee near the surface.
PERIGEES: Final = np.array([-500_000.0, -1_000_000.0, -1_500_000.0])
PERIGEE_FACTORS: Final = np.array([200.0, 20.0, 5.0])
NO_SOUNDING_ABOVE: Final = np.array([-1_500_000.0])  # m of perigee
NO_SOUNDING: Final = np.exp([NEVER])
STAYS_UP: Final = 120_000.0  # m of perigee, from which a body comes round again
GRAZES: Final = -300_000.0  # m of perigee, below which nothing falls out of an orbit by drag alone

STEEP: Final = 0.93  # apogee over range of a vacuum arc that leaves at 75°
SOUNDING_CEILING: Final = 1_600_000.0  # m, the highest sounding rockets (Black Brant XII: 1,453 km, 1995)
STEEPEST: Final = 3.0  # and of one that leaves at 85°
# Share of flights that are flatter than the first, between the two, steeper. Sounding rockets: our assumption.
# Missiles: the 71 tests of North Korea until 2021 that stayed below the ceiling and of which the press gave apogee and
# range (nagix/nk-missile-tests, Apache-2.0).
STEEP_SHARES: Final = {"sounding-rocket": (0.1, 0.4, 0.5), "ballistic-missile": (66 / 71, 3 / 71, 2 / 71)}
# Of steep flights, up to this apogee [m] from the one before: the share of sounding rockets over that of missiles.
# Sounding rockets: the 446 types of GCAT's class R (J. McDowell, 1 December 2025; quantiles 50, 75, 90 and 95 % at
# 200, 318, 600 and 1,000 km); missiles alike on a scale of logarithms from 150 to 1,600 km (our assumption).
STEEP_APOGEES: Final = (
    (200e3, 4.1), (318e3, 1.27), (600e3, 0.56), (1_000e3, 0.23), (SOUNDING_CEILING, 0.25),
)  # fmt: skip
# A launcher turns level on its way up and gains its speed so; a missile still climbs when it burns out. Share of
# sightings higher than that with a flatter path than that (our assumption).
LEVEL_HEIGHT: Final = 120_000.0  # m
LEVEL_ANGLE: Final = math.radians(10.0)
LEVEL_SHARE: Final = {"space-launch": 0.6, "ballistic-missile": 0.03, "sounding-rocket": 0.003}
COMES_DOWN_FACTOR: Final = 0.1  # a space launch is seldom seen coasting on an arc that comes down at once

# A burn seen so long [s]: log weight of a space launch, of a sounding rocket. Missiles of intercontinental range burn
# some 170 s (solid) to 250 s and more (liquid: APS study, IEEE Spectrum March 2005), launchers 500 s.
BURNS: Final = (
    (430.0, 5.0, NEVER),
    (350.0, 2.0, NEVER),
    (240.0, 0.0, NEVER),
    (150.0, 0.0, -3.0),
    (100.0, 0.0, -1.5),
)

# The short-range class burns 72 s, the research rocket 44 s with its pause (`flight/vehicles.py`); what is out before
# this may also be flashes (our assumption).
SHORTEST: Final = 60.0  # s
LEAST_SHORT: Final = 0.05  # probability of that, below which nothing is said
SHORT: Final = -3.0  # log weight against a missile: it may have failed, or be a small one

SITE_REACH: Final = 40_000.0  # m, how far the pads of a large site lie from its middle
# Share launched at a site for space launches, at a range for sounding rockets, elsewhere (our assumption).
FROM: Final = {
    "space-launch": (0.95, 0.01, 0.04),
    "ballistic-missile": (0.05, 0.01, 0.94),
    "sounding-rocket": (0.25, 0.4, 0.35),
}
VAGUE_LAUNCH: Final = 300_000.0  # m of the 95 % ellipse, beyond which a place says nothing

NOTIFIED: Final = (
    3.4  # log weight of the kind a matching notification names: once in thirty it is something else
)

# Mean and spread of ln radiant intensity [W/sr]: orders of `flight/vehicles.py`, `docs/explanation/background.md`.
INTENSITIES: Final = {
    "ballistic-missile": (11.5, 1.7), "space-launch": (13.1, 1.2), "sounding-rocket": (9.6, 1.2), "fire": (10.3, 2.0),
    "glint": (11.9, 1.5), "meteor": (18.5, 3.0),
}  # fmt: skip

DULL_SHARE: Final = 0.4  # of looks, in which what is strung together by chance is seen (our assumption)
MOST_STEADY: Final = 2.0  # log weight for a launch
LEAST_STEADY: Final = -8.0  # and against it: cloud and aspect may hide a plume for some looks

# Satellites that follow each other closer than they fly from look to look alias: a radar without range rates takes
# one for the next and sees them slower than they are, level, for up to ten plots (background, development seeds).
MOST_SATELLITES: Final = 1_000  # seen for each launch that only a radar sees, at most (our assumption)

STRING: Final = 2  # others near by, from which a body that flies level may be such (our assumption)
STRING_PLOTS: Final = 15  # after which it no longer may
STRING_HEIGHT: Final = 150_000.0  # m
STRING_CLIMB: Final = 0.1  # of its speed, that what flies level climbs or sinks at most
STRING_SHARE: Final = 0.95  # of what looks so and is satellites (our assumption)

ESCAPE: Final = 11_200.0  # m/s, above which nothing launched from the Earth moves
AIRCRAFT_CEILING: Final = 20_000.0  # m
AIRCRAFT_SPEED: Final = 400.0  # m/s


def prior(track: Track, shares: Mapping[str, float], satellites: int = 0) -> Term:
    """Return where the sum starts: a declared launch is a rocket with its existence, a radar's track may be all.

    `satellites`: how many of the tracks of radar alone before this one were satellites.
    """
    if all(c.launch is None for c in track.components):
        weights = {
            "ballistic-missile": 0.40, "space-launch": 0.03, "sounding-rocket": 0.02, "re-entering-body": 0.02,
            "satellite": 0.50, "aircraft": 0.01, "meteor": 0.005, "clutter": 0.005, "other": 0.01,
        }  # fmt: skip
        text = "a track of radar alone"
        if satellites > 1:
            weights["satellite"] *= min(satellites, MOST_SATELLITES)
            text += f", of which {satellites} were satellites"
        return Term(name="prior", weights=_logs(weights), text=text)
    sensors = len(track.detections)
    real = track.existence * (SURE_ALONE if sensors == 1 else SURE)
    dull = {"other": 0.4, "glint": 0.15, "fire": 0.2, "clutter": 0.2, "meteor": 0.05}
    weights = {name: real * share for name, share in shares.items()}
    weights |= {name: (1.0 - real) * share for name, share in dull.items()}
    return Term(name="prior", weights=_logs(weights), text=f"a declared launch, real with {real:.3f}")


def energy(track: Track, flights: Flights, company: int = 0) -> Term:
    """Weigh the height of the perigee over the spread of the motion; `company`: others that a radar follows near by."""
    perigee, shares = flights.perigee, flights.shares
    text = f"perigee {float(shares @ perigee) / 1000:.0f} km"
    if all(c.launch is None for c in track.components):
        mixed = STRING_SHARE if company >= STRING and _may_be_of_a_string(track, flights) else 0.0
        if mixed:
            text += f"; but level with {company} near it: satellites in a row may be taken for each other"
        return Term(name="energy", weights=_seen_by_radar_alone(perigee, shares, mixed), text=text)
    space = weighed(perigee, shares, PERIGEES, PERIGEE_FACTORS)
    sounding = weighed(perigee, shares, NO_SOUNDING_ABOVE, NO_SOUNDING)
    weights = {"space-launch": _log(space), "sounding-rocket": _log(sounding)}
    return Term(name="energy", weights=_kept(weights), text=text)


def comes_down(probability: float, phase: str) -> Term | None:
    """Weigh that it comes down at once, or does not. A thing in orbit is no missile."""
    if phase == "boost":
        return None
    up = 1.0 - probability
    factor = COMES_DOWN_FACTOR + up / max(1.0 - up, 1e-3)
    return Term(
        name="comes-down", weights={"space-launch": _log(factor)}, text=f"comes down with {probability:.2f}"
    )


def steep(place: tuple[float, float] | None, end: ImpactEstimate | None, flights: Flights) -> Term | None:
    """Weigh whether a flight goes higher than far, as research rockets do, and how high."""
    if place is None or end is None:
        return None
    apogee = middle(flights.apogee, flights.shares)
    if apogee >= SOUNDING_CEILING:
        return Term(name="steep", weights={"sounding-rocket": NEVER}, text=f"apogee {apogee / 1000:.0f} km")
    apart = distance(
        *place,
        math.radians(end.latitude_deg), math.radians(end.longitude_deg),
    )  # fmt: skip
    how = int(apogee > STEEP * apart) + int(apogee > STEEPEST * apart)
    ratio = STEEP_SHARES["sounding-rocket"][how] / STEEP_SHARES["ballistic-missile"][how]
    if how:
        ratio *= next(higher for most, higher in STEEP_APOGEES if apogee < most)
    text = f"apogee {apogee / 1000:.0f} km over a range of {apart / 1000:.0f} km"
    return Term(name="steep", weights={"sounding-rocket": _log(ratio)}, text=text)


def level(flights: Flights, since: float) -> Term | None:
    """Weigh a path that is level high up while it burns, or where it was last seen to, `since` seconds before.

    Motion that `energy` already takes for a launcher's is not weighed again.
    """
    flown = flights.states, flights.shares, flights.perigee
    flat = levelled(flown, since, LEVEL_HEIGHT, LEVEL_ANGLE, float(PERIGEES[-1]))
    if flat <= 0.0:
        return None
    missile = LEVEL_SHARE["ballistic-missile"]
    weights = {
        name: _log(1.0 - flat + flat * LEVEL_SHARE[name] / missile)
        for name in ("space-launch", "sounding-rocket")
    }
    text = f"{flat:.2f} climbs flatter than {np.degrees(LEVEL_ANGLE):.0f}° above {LEVEL_HEIGHT / 1000:.0f} km"
    return Term(name="level", weights=weights, text=text)


def burning(launch: LaunchEstimate | None, glow: Glow | None, over: bool) -> Term | None:
    """Weigh how long it has been seen to burn since its launch. `over`: it has gone out."""
    if launch is None or glow is None:
        return None
    seen = (glow.last - launch.time) / SECOND
    short = float(ndtr((SHORTEST - seen) / launch.time_sigma_s)) if over else 0.0
    if short > LEAST_SHORT:
        weight = _log(1.0 - short + short * np.exp(SHORT))
        weights = dict.fromkeys(("ballistic-missile", "space-launch"), weight)
        return Term(
            name="burning", weights=weights, text=f"out after {seen:.0f} ± {launch.time_sigma_s:.0f} s"
        )
    burned = seen - 2.0 * launch.time_sigma_s
    for least, space, sounding in BURNS:
        if burned > least:
            weights = _kept({"space-launch": space, "sounding-rocket": sounding})
            return Term(name="burning", weights=weights, text=f"burned {burned:.0f} s and more")
    return None


def site(launch: LaunchEstimate | None) -> Term | None:
    """Weigh how near the launch lies to a public launch site."""
    if launch is None or launch.ellipse_95.semi_major_m > VAGUE_LAUNCH:
        return None
    known, apart = nearest(math.radians(launch.latitude_deg), math.radians(launch.longitude_deg))
    reach = SITE_REACH + launch.ellipse_95.semi_major_m
    text = f"{apart / 1000:.0f} km from {known.name}"
    if apart > reach:
        weights = {name: _log(shares[2]) for name, shares in FROM.items()}
        return Term(name="site", weights=weights, text=f"no launch site within {reach / 1000:.0f} km")
    chance = (reach / SITE_REACH) ** 2  # a wider area holds a site by chance more often
    kind = 1 if known.kind == "sounding-rocket" else 0
    by_chance = {"space-launch": kind == 1, "ballistic-missile": True, "sounding-rocket": False}
    weights = {
        name: _log(min(shares[kind] * (chance if by_chance[name] else 1.0), 1.0))
        for name, shares in FROM.items()
    }
    return Term(name="site", weights=weights, text=text)


def notified(notice: Notification | None) -> Term | None:
    """Weigh a pre-launch notification that fits place, time and heading."""
    if notice is None:
        return None
    return Term(name="notified", weights={notice.vehicle: NOTIFIED}, text=f"{notice.id} from {notice.from_}")


def brightness(glow: Glow | None) -> Term | None:
    """Weigh the mean radiant intensity where sensors say how bright it was."""
    if glow is None or glow.looks == 0:
        return None
    weights = {
        name: -0.5 * ((glow.log_intensity - mean) / sigma) ** 2 - float(np.log(sigma))
        for name, (mean, sigma) in INTENSITIES.items()
    }
    reference = weights["ballistic-missile"]
    weights = {name: max(weight - reference, NEVER) for name, weight in weights.items()}
    text = f"{np.exp(glow.log_intensity):.0e} W/sr over {glow.looks} looks"
    return Term(name="brightness", weights=_kept(weights), text=text)


def steadiness(glow: Glow | None, sensors: Mapping[str, Sensor]) -> Term | None:
    """Weigh in how many of the looks since each satellite's first sighting it was seen: a plume burns on."""
    if glow is None:
        return None
    seen = missed = 0.0
    weight = 0.0
    for name in sorted(glow.spans):
        first, last, count = glow.spans[name]
        period = sensors[name].scan_period_s
        if period is None or count < 2:
            continue
        p = min(sensors[name].detection_probability, 0.95)
        again = min(count - 1, round((last - first) / SECOND / period))
        misses = max(round((last - first) / SECOND / period) - again, 0)
        weight += again * np.log(p / DULL_SHARE) + misses * np.log((1.0 - p) / (1.0 - DULL_SHARE))
        seen, missed = seen + again, missed + misses
    if seen + missed == 0:
        return None
    weight = float(np.clip(weight, LEAST_STEADY, MOST_STEADY))
    text = f"seen in {seen:.0f} of {seen + missed:.0f} looks after the first"
    return Term(name="steadiness", weights=dict.fromkeys(ROCKETS, weight), text=text)


def speed(track: Track, flights: Flights) -> Term | None:
    """Weigh a speed no rocket has, or one an aircraft has at its height."""
    if faster(flights.states, flights.shares, ESCAPE) > 0.5:
        weights = dict.fromkeys((*ROCKETS, "re-entering-body", "satellite", "aircraft"), NEVER)
        return Term(name="speed", weights=weights | {"meteor": 3.0}, text="faster than 11.2 km/s")
    if any(c.launch is not None for c in track.components):
        return None
    high, fast, _ = mean(flights.states, flights.shares)
    if high < AIRCRAFT_CEILING and fast < AIRCRAFT_SPEED:
        weights = {"aircraft": 7.0, "satellite": NEVER, "meteor": NEVER}
        return Term(name="speed", weights=weights, text="as low and slow as an aircraft")
    text = f"{fast:,.0f} m/s at {high / 1000:,.0f} km"
    return Term(name="speed", weights={"aircraft": NEVER, "meteor": -4.0}, text=text)


def _may_be_of_a_string(track: Track, flights: Flights) -> bool:
    """Say whether a radar's young track flies level in space, as plots of satellites in a row would."""
    if sum(track.detections.values()) >= STRING_PLOTS:
        return False
    high, fast, climb = mean(flights.states, flights.shares)
    return abs(climb) < STRING_CLIMB * fast and high > STRING_HEIGHT


def _seen_by_radar_alone(perigee: Array, shares: Array, mixed: float = 0.0) -> dict[str, float]:
    """Weigh a perigee where nobody saw a launch: what stays up is a satellite, what grazes the air is falling in.

    `mixed`: the chance that the motion is none, but plots of satellites taken for each other.
    """
    tail = _above(perigee, shares, STAYS_UP)
    up = mixed + (1.0 - mixed) * max(between(perigee, shares, STAYS_UP, math.inf), tail)
    grazing = (1.0 - mixed) * between(perigee, shares, GRAZES, STAYS_UP)
    deep = max(1.0 - up - grazing, 0.0)
    likely = {
        "satellite": 0.98 * up + 0.02 * grazing,
        "re-entering-body": 0.1 * up + 0.9 * grazing,
        "ballistic-missile": 0.002 * up + 0.02 * grazing + 0.98 * deep,
        "space-launch": 0.4 * up + 0.3 * grazing + 0.3 * deep,
        "sounding-rocket": deep,
        "aircraft": deep,
    }
    return {name: _log(value) for name, value in likely.items()}


@njit(cache=True, error_model="numpy")
def _above(values: Array, shares: Array, limit: float) -> float:
    """Return the chance that what is spread as `values` (n,) lies above a limit, in the tail of a normal law."""
    mean = np.sum(shares * values)
    sigma = math.sqrt(np.sum(shares * (values - mean) ** 2))
    return 0.5 * math.erfc((limit - mean) / (math.sqrt(2.0) * max(sigma, 1.0)))


def _log(value: float) -> float:
    return max(math.log(max(value, 1e-300)), NEVER)


def _logs(weights: Mapping[str, float]) -> dict[str, float]:
    return {name: _log(weight) for name, weight in weights.items()}


def _kept(weights: Mapping[str, float]) -> dict[str, float]:
    return {name: float(weight) for name, weight in weights.items() if weight != 0.0}
