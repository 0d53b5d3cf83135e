"""Distributions a study draws from, as its TOML writes them: `{ uniform = [0, 360] }`."""

from typing import Any, Final

import numpy as np
from msgspec import Struct

from tocsin.errors import ConfigError

SHAPES: Final = {
    "uniform": "uniform = [low, high]",
    "log-uniform": "log-uniform = [low, high], both above zero",
    "normal": "normal = [mean, sigma]",
    "choice": "choice = [one, or, another]",
}


class Distribution(Struct, frozen=True):
    """One of `SHAPES` with its numbers, or the values to choose from."""

    shape: str
    values: tuple[Any, ...]

    def value(self, random: np.random.Generator) -> Any:
        """Draw one value."""
        if self.shape == "choice":
            return self.values[int(random.integers(len(self.values)))]
        first, second = self.values
        if self.shape == "normal":
            return float(random.normal(first, second))
        if self.shape == "uniform":
            return float(random.uniform(first, second))
        return float(np.exp(random.uniform(np.log(first), np.log(second))))

    def corners(self) -> tuple[Any, ...]:
        """Return values that show whether all can be used: every choice, the ends, or the mean."""
        return self.values[:1] if self.shape == "normal" else self.values


def written(table: Any) -> bool:
    """Say whether a table is meant as a distribution and not as a path that goes on."""
    return isinstance(table, dict) and any(name in SHAPES for name in table)


def distribution(table: Any, where: str) -> Distribution:
    """Read a distribution; raise ConfigError saying how one is written."""
    if not isinstance(table, dict) or len(table) != 1 or next(iter(table)) not in SHAPES:
        ways = "; ".join(f"{{ {way} }}" for way in SHAPES.values())
        raise ConfigError(f"{where}: not a distribution; write one of {ways}")
    ((shape, values),) = table.items()
    if not isinstance(values, list) or not values:
        raise ConfigError(f"{where}: write {{ {SHAPES[shape]} }}")
    if shape != "choice":
        _verify_numbers(shape, values, where)
    return Distribution(shape, tuple(values))


def _verify_numbers(shape: str, values: list[Any], where: str) -> None:
    numbers = [v for v in values if isinstance(v, int | float) and not isinstance(v, bool)]
    if len(numbers) != 2 or len(values) != 2:
        raise ConfigError(f"{where}: {shape} takes two numbers: {{ {SHAPES[shape]} }}")
    first, second = numbers
    if shape == "normal":
        wrong = "sigma must be above zero" if second <= 0 else ""
    elif first >= second:
        wrong = f"{first:g} is not below {second:g}"
    else:
        wrong = "both must be above zero" if shape == "log-uniform" and first <= 0 else ""
    if wrong:
        raise ConfigError(f"{where}: {shape}: {wrong}")
