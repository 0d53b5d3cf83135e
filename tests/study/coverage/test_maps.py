"""Maps as a whole: the same by any number of threads; a lost sensor is like one that was never there."""

import numpy as np
import pytest

from tocsin.simulation import library
from tocsin.study.coverage import asking, maps
from tocsin.study.coverage._kernels import CORROBORATED, WARNED

AREA = (0.0, -60.0, 40.0, -10.0)


def _maps(network: str = "regional") -> maps.Maps:
    return maps.compute(asking.ask(network, ["16.9,-25.0"], ["lofted"], step_deg=10.0, area=AREA))


def test_any_number_of_threads_gives_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    first = _maps()
    monkeypatch.setattr(maps, "workers", lambda: 1)
    monkeypatch.setattr(maps, "BLOCK", 3)
    again = _maps()
    assert np.array_equal(first.chance, again.chance, equal_nan=True)
    assert np.array_equal(first.when, again.when, equal_nan=True)


def test_a_sensor_lost_is_as_one_that_never_was(tmp_path) -> None:
    whole = _maps()
    head, *tables = library.networks()["regional"].split("[[sensor]]")
    for name in ("geo-middle", "radar-north"):
        file = tmp_path / f"without-{name}.toml"
        file.write_text(
            "[[sensor]]".join([head, *(t for t in tables if f'id = "{name}"' not in t)]), encoding="utf-8"
        )
        without = _maps(str(file))
        v = whole.ask.variants.index(f"without {name}")
        for event in (WARNED, CORROBORATED):
            assert np.allclose(
                whole.chance[:, v, event], without.chance[:, 0, event], atol=2e-5, equal_nan=True
            )
            assert np.allclose(whole.when[:, v, event], without.when[:, 0, event], atol=1e-3, equal_nan=True)
