"""`tocsin diff`: what differs between two runs or two studies."""

import sys
from typing import TYPE_CHECKING, Any

import msgspec

from tocsin.cli.arguments import Arguments

if TYPE_CHECKING:
    from tocsin.study.difference import Difference, Figure

SAME, DIFFERENT = 0, 1  # exit codes
MOST = 40  # figures told to a person; --json has all


def diff(arguments: Arguments) -> int:
    """Print what differs; the exit code says whether anything does."""
    from tocsin.study.difference import difference  # noqa: PLC0415

    found = difference(arguments.a, arguments.b)
    if arguments.json:
        told = {"same": found.same} | msgspec.to_builtins(found)
        sys.stdout.write(msgspec.json.format(msgspec.json.encode(told), indent=1).decode() + "\n")
    else:
        sys.stdout.write("".join(f"{line}\n" for line in lines(found)))
    return SAME if found.same else DIFFERENT


def lines(found: "Difference") -> list[str]:
    """Tell a difference for people."""
    things = "warnings" if found.kind == "run" else "objects found"
    out = [f"a: {found.a}", f"b: {found.b}"]
    out += [f"made from: {_figure(figure)}" for figure in found.made[:MOST]]
    out.append(
        f"{things}: {found.both} in both, {len(found.only_a)} only in a, {len(found.only_b)} only in b"
    )
    for side, rows in (("a", found.only_a), ("b", found.only_b)):
        out += [f"  only in {side}: {_words(row)}" for row in rows[:MOST]]
    out += [f"  {_changed(row)}" for row in found.changed]
    out += [
        f"alerts of {row['a']}: {_words(row['sent_a'])} → {_words(row['sent_b'])}" for row in found.alerts
    ]
    if found.figures:
        out.append(f"figures that moved: {len(found.figures)}")
        out += [f"  {_figure(figure)}" for figure in found.figures[:MOST]]
    if len(found.figures) > MOST:
        out.append(f"  … and {len(found.figures) - MOST} more; --json has all")
    return [*out, "the same" if found.same else "different"]


def _changed(row: dict[str, Any]) -> str:
    if "figure" in row:
        return (
            f"{row['figure']}: {row['differ']:,} of {row['of']:,} differ, median {row['median_a']:g} → "
            f"{row['median_b']:g}, smaller in b {row['smaller_in_b']:,}"
        )
    name = row["a"] if row["a"] == row["b"] else f"{row['a']} / {row['b']}"
    rest = {key: value for key, value in row.items() if key not in ("a", "b", "fields", "from_version")}
    fields = f" ({', '.join(row['fields'])})" if "fields" in row else ""
    return f"{name}: differs from version {row['from_version']}{fields}; {_words(rest) or 'its last says the same'}"


def _sent(alerts: list[str]) -> str:
    return f"{len(alerts)}, first {alerts[0]}, last {alerts[-1]}" if alerts else "none"


def _figure(figure: "Figure") -> str:
    moved = ""
    if isinstance(figure.a, int | float) and isinstance(figure.b, int | float) and figure.a:
        moved = f" ({100 * (figure.b - figure.a) / abs(figure.a):+.1f} %)"
    return f"{figure.path}: {_words(figure.a)} → {_words(figure.b)}{moved}"


def _words(value: Any) -> str:
    if value is None:
        return "–"
    if isinstance(value, dict):
        return ", ".join(f"{name.replace('_', ' ')} {_words(item)}" for name, item in value.items())
    if isinstance(value, list):
        return (
            " → ".join(_words(item) for item in value)
            if len(value) == 2
            else ", ".join(map(_words, value)) or "none"
        )
    return f"{value:g}" if isinstance(value, float) else str(value)
