"""Whether an event has more bodies than lights: at one time no more can have burned than looks at it showed.

Satellites pair lines of sight wrongly where many rise together, and such a body goes out where no light did. The
looks it claims to have burned in then tell that there was one fewer. Which one that is, the fits say: a light of its
own adds a dozen nats to the odds of a launch, another's adds less.
"""

from collections.abc import Sequence
from typing import Final

import numpy as np
from msgspec import Struct

from tocsin.messages import SECOND, Array
from tocsin.tracking.ahead import off
from tocsin.tracking.association import Flags, Indices
from tocsin.tracking.body import Body
from tocsin.tracking.burn import Burn
from tocsin.tracking.sightings import Sighting

ABOVE_S: Final = 60.0  # s after its launch, from which a burning body is above the clouds (our assumption)
STRAY: Final = (
    0.1  # chance of one light more in a look: a stray, or a body that is not known (our assumption)
)
LEAST: Final = 1e-3  # probability of any count: what is known of the bodies may be wrong (our assumption)
DIMMER: Final = (
    0.95  # of the stated chance of being seen: lights merge, and statements flatter (our assumption)
)
FULL: Final = (
    3.0  # nats by which looks speak for one body fewer, from which there is no room for more (our assumption)
)
SURPLUS: Final = 7.0  # from which the weakest that has gone out is given up (our assumption)
FIRST: Final = 3  # sightings, which start a launch and speak little for it
WEAKER: Final = 1.0  # nats a sighting, by which one burn is weaker than another (our assumption)
ITS_OWN: Final = 12.0  # Mahalanobis squared of a sighting that a burn explains (two angles: 99.75 %)
ONE_LOOK_S: Final = 2.0  # s, in which a satellite sees in one look what flies side by side (our assumption)
SHARED, LEAST_SHARED = 3, 2  # one sighting in three of a wrong burn, and two at least (our assumption)


class Counted(Struct, frozen=True):
    """The lights of an event in each look (n,): the ends of the looks, the lights, the chances that each was seen."""

    ends: Indices
    lights: Indices
    chances: Array

    def speaks(self, burns: Sequence[Burn]) -> Array:
        """Return by how many nats (m,) the looks speak for one body fewer while each of these burns went on."""
        claimed = np.array([_claims(burn, self.ends) for burn in burns]).reshape(len(burns), len(self.ends))
        total = claimed.sum(axis=0)
        fewer, all_of_them = (_likelihood(self.lights, total - k, self.chances) for k in (1, 0))
        gain = fewer - all_of_them
        return np.asarray(claimed @ gain)


def displaced(burn: Burn, bodies: Sequence[Body], counted: Counted) -> tuple[Body | None, bool]:
    """Return the body of an event that a new burn shows to be wrong, if any, and whether its lights have room for both.

    The new one is what the other should have been: the weakest of those gone out, if much weaker than the new burn.
    Either that explains its sightings as its own, or the event has as many bodies as lights already. Bodies that a
    radar follows are there.
    """
    launched = _launched(bodies)
    *speaks, against = counted.speaks([*[one for _, one in launched], burn]).tolist()
    found = _weakest(
        [
            (body, one)
            for (body, one), nats in zip(launched, speaks, strict=True)
            if _went_out(body, one) and (nats > FULL or _explains(burn, one))
        ]
    )
    weaker = found is not None and strength(found[1]) < strength(burn) - WEAKER
    return found[0] if found is not None and weaker else None, against <= FULL


def surplus(bodies: Sequence[Body], counted: Counted) -> Body | None:
    """Return the weakest of the bodies of an event that went out where surely no light did, if there is one."""
    launched = _launched(bodies)
    if not any(_went_out(*row) for row in launched):
        return None
    speaks = counted.speaks([one for _, one in launched]).tolist()
    found = _weakest(
        [row for row, nats in zip(launched, speaks, strict=True) if _went_out(*row) and nats > SURPLUS]
    )
    return None if found is None else found[0]


def strength(burn: Burn) -> float:
    """Return by how much each sighting of a burn beyond the first few adds to the odds of a launch."""
    return burn.odds / max(len(burn.sightings) - FIRST, 1)


def _launched(bodies: Sequence[Body]) -> list[tuple[Body, Burn]]:
    """Return the bodies whose burn satellites have seen, with it."""
    return [(body, body.burn) for body in bodies if body.burn is not None]


def _went_out(body: Body, burn: Burn) -> bool:
    """Say whether a body is known by a burn alone that is over: one that a radar follows is there."""
    return body.radar is None and burn.over


def _weakest(rows: list[tuple[Body, Burn]]) -> tuple[Body, Burn] | None:
    """Return the weakest of some bodies and their burns, the earliest of equals."""
    return min(rows, key=lambda row: (strength(row[1]), row[0].number), default=None)


def _explains(burn: Burn, other: Burn) -> bool:
    """Say whether a burn explains a third of another's sightings: then those were its own, paired wrongly.

    Only since it was first seen: before that its fit may have been anywhere. And none of a look that it was seen in.
    """
    seen = [s for s in other.sightings if s.time >= burn.epoch and not _has(burn, s)]
    count = sum(off(burn.modes[0], s, (s.time - burn.epoch) / SECOND) ** 2 < ITS_OWN for s in seen)
    return count >= LEAST_SHARED and SHARED * count >= len(other.sightings)


def _has(burn: Burn, s: Sighting) -> bool:
    """Say whether a burn was seen in the look of a sighting."""
    return any(
        own.sensor == s.sensor and abs(own.time - s.time) < ONE_LOOK_S * SECOND for own in burn.sightings
    )


def _claims(burn: Burn, ends: Indices) -> Flags:
    """Mark the looks (n,) in which a burn says that its body shone above the clouds."""
    launched = burn.epoch + round(float(burn.modes[0].launch[2] + ABOVE_S) * SECOND)
    return np.asarray((ends >= min(burn.epoch, launched)) & (ends <= burn.last))


def _likelihood(lights: Indices, n: Indices, chance: Array) -> Array:
    """Return the log likelihood of so many lights (m,) if `n` bodies burn (m,), one more of them a stray at times."""
    return np.asarray(
        np.log(
            (1.0 - STRAY) * _binomial(lights, n, chance) + STRAY * _binomial(lights - 1, n, chance) + LEAST
        )
    )


def _binomial(k: Indices, n: Indices, p: Array) -> Array:
    """Return the probability (m,) of `k` of `n`."""
    there = (k >= 0) & (k <= n)
    k, n = np.where(there, k, 0), np.maximum(n, 0)
    ways = np.concatenate([[0.0], np.cumsum(np.log(np.arange(1, int(n.max(initial=1)) + 1)))])
    log = ways[n] - ways[k] - ways[n - k] + k * np.log(p) + (n - k) * np.log1p(-p)
    return np.asarray(np.where(there, np.exp(log), 0.0))
