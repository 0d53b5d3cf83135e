"""A Gaussian of many numbers that come and go, and the jumps supposed beside it. Private to tracking."""

import numpy as np

from tocsin.messages import Array
from tocsin.tracking.jumps import Jumps


class Joint:
    """Mean `m` (d,), covariance `C` (d, d), and `jumps`, whose answers have as many rows."""

    def __init__(self) -> None:
        """Start without numbers."""
        self.m: Array = np.zeros(0)
        self.C: Array = np.zeros((0, 0))
        self.jumps = Jumps()

    def grow(self, mean: Array, sigmas: Array) -> int:
        """Append independent numbers; return their place."""
        place, count = len(self.m), len(mean)
        C = np.zeros((place + count, place + count))
        C[:place, :place] = self.C
        C[place:, place:] = np.diag(sigmas**2)
        self.m, self.C = np.concatenate([self.m, mean]), C
        self.jumps.grow(count)
        return place

    def drop(self, gone: slice) -> None:
        """Take the numbers at `gone` out."""
        self.m = np.delete(self.m, gone)
        self.C = np.delete(np.delete(self.C, gone, axis=0), gone, axis=1)
        self.jumps.shrink(gone)

    def move(self, step: Array, C: Array) -> None:
        """Add a step (d,) to the mean and C (d, d) to the covariance."""
        self.m = self.m + step
        self.C = self.C + C
        self.C = 0.5 * (self.C + self.C.T)
