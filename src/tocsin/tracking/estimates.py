"""What a radar table believes after a look, as plain lists: bodies copy single rows of it, many a look."""

import numpy as np
from msgspec import Struct

from tocsin.messages import Array
from tocsin.tracking.table import RadarTable


class Estimates(Struct, frozen=True):
    """By place in the table: means (n, 6), covariances (n, 6, 6), times, shares of boost, first plots, log odds."""

    x: Array
    P: Array
    t: list[int]
    boosting: list[float]
    first: list[int]
    log_odds: list[float]

    @classmethod
    def of(cls, table: RadarTable) -> "Estimates":
        """Read a table."""
        x, P = table.estimates()
        odds = np.log(table.r / (1.0 - table.r))
        return cls(x, P, table.t.tolist(), table.mu[:, 1].tolist(), table.first_plot.tolist(), odds.tolist())
