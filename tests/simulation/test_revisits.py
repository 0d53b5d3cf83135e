"""Whom a radar looks at again, and when."""

from tocsin.simulation.revisits import PATIENCE, Revisits


def test_what_is_new_is_looked_at_at_once_then_at_its_pace():
    followed = Revisits(10.0)
    followed.heard("a", 100.0)
    assert followed.due(100.5) == ["a"]
    followed.heard("a", 100.4)
    assert followed.due(110.0) == []
    assert followed.due(110.5) == ["a"]


def test_who_has_waited_longest_comes_first_and_ties_go_by_name():
    followed = Revisits(10.0)
    for name, t in (("c", 5.0), ("a", 6.0), ("b", 5.0)):
        followed.heard(name, t)
    assert followed.due(100.0) == ["b", "c", "a"]


def test_three_misses_in_a_row_and_it_is_forgotten():
    followed = Revisits(1.0)
    followed.heard("a", 0.0)
    for k in range(PATIENCE - 1):
        followed.missed("a", float(k))
    followed.heard("a", 5.0)
    for k in range(PATIENCE - 1):
        followed.missed("a", 6.0 + k)
    assert followed.due(100.0) == ["a"]
    followed.missed("a", 9.0)
    assert followed.due(100.0) == []
    followed.forget("a")
