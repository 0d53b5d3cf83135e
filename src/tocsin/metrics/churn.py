"""How often and how much a published area changes: every change asks people to listen again."""

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray


class Churn(Struct, frozen=True):
    """How a warned area changed from version to version.

    `changes`: in how many steps it did. `entered`, `left`: weight of the places that came in after the first version,
    and that were let go, counted each time. `steps` (versions - 1,): the part of either area that both do not share.
    """

    changes: int
    entered: float
    left: float
    steps: NDArray[np.float64]


def churn(areas: NDArray[np.bool_], weights: NDArray[np.float64]) -> Churn:
    """Judge a sequence of areas (versions, places), true where a place is in; `weights` (places,): people, or km²."""
    before, after = areas[:-1], areas[1:]
    entered, left = (after & ~before) @ weights, (before & ~after) @ weights
    either = (before | after) @ weights
    steps = np.divide(entered + left, either, out=np.zeros(len(either)), where=either > 0)
    changes = int(np.any(before != after, axis=1).sum())
    return Churn(changes, float(entered.sum()), float(left.sum()), steps)
