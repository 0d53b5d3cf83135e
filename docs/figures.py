"""Pictures of the teaching pages: two plots side by side, one look for all."""

from collections.abc import Callable, Iterable
from pathlib import Path

import matplotlib as mpl

mpl.use("Agg")

import matplotlib.pyplot as plt
from matplotlib.axes import Axes

PICTURES = Path(__file__).parent / "pictures"


def pairs(page: str, draws: Iterable[Callable[[Axes, Axes], None]]) -> None:
    """Draw each pair and keep it as PAGE-NAME.png, NAME being its function's."""
    for draw in draws:
        figure, (left, right) = plt.subplots(1, 2, figsize=(8.0, 3.1), layout="constrained")
        for axes in (left, right):
            axes.tick_params(labelsize=7)
            axes.grid(alpha=0.3)
        draw(left, right)
        figure.savefig(PICTURES / f"{page}-{draw.__name__}.png", dpi=110, metadata={"Software": None})
        plt.close(figure)
