"""What a declared nucleus takes with it of the sightings that wait."""

from types import SimpleNamespace

import pytest

from tocsin.tracking import declaration


class Burn:
    """A burn of so many sightings whose odds are the sum of what each of them says."""

    def __init__(self, sightings, settings=None, dark=()):
        self.sightings, self.settings, self.dark = list(sightings), settings, dark

    @property
    def odds(self):
        return sum(s.says for s in self.sightings)

    def add(self, sightings):
        self.sightings = self.sightings + sightings

    def refit(self, may_search):
        assert not may_search, "a search was made when it was declared"


class Nucleation:
    """What waits, and what has been taken from it."""

    def __init__(self, waiting):
        self.waiting, self.taken = waiting, []

    def forget(self, keys):
        self.taken.append(keys)
        return []

    def loose(self):
        return self.waiting


@pytest.mark.parametrize(("says", "kept"), [((12.0,), True), ((12.0, -5.0), True), ((12.0, -40.0), False)])
def test_a_burn_keeps_what_speaks_for_it(says, kept, monkeypatch):
    """Of a crowd's sightings some were another's: then it stays as it was declared, and they wait on."""
    own = [SimpleNamespace(key=(k, "geo-1", 0), says=10.0) for k in range(3)]
    more = [SimpleNamespace(key=(9, "geo-1", k), says=x) for k, x in enumerate(says)]
    monkeypatch.setattr(declaration, "Burn", Burn)
    monkeypatch.setattr(declaration, "_adopted", lambda burn, loose, sensor: list(loose))
    nucleation = Nucleation(more)
    burn = declaration._gathered(Burn(own), SimpleNamespace(sightings=own), nucleation, None)
    assert burn.sightings == (own + more if kept else own)
    own_keys, more_keys = frozenset(s.key for s in own), frozenset(s.key for s in more)
    assert nucleation.taken == ([own_keys, more_keys] if kept else [own_keys])
