"""Many runs of one kind: what varies, where they run, what they say together.

    from tocsin.study import study

    if __name__ == "__main__":  # worker processes import the script that began them
        outcome = study("noise", "out/noise", workers=2)
        print(outcome.summary["all"]["impact"]["error_m"])

Nothing is loaded before it is used: worker processes need less than the whole.
"""

from importlib import import_module
from typing import Any, Final

_PUBLIC: Final = {
    "Outcome": "conduct", "Plan": "plan", "load": "plan", "only": "conduct", "studies": "plan", "study": "conduct",
}  # fmt: skip
__all__ = [*_PUBLIC]  # noqa: PLE0604 - names, all of them


def __getattr__(name: str) -> Any:
    """Load a public name when it is first asked for."""
    if name not in _PUBLIC:
        raise AttributeError(f"module 'tocsin.study' has no attribute {name!r}; it has: {', '.join(_PUBLIC)}")
    value = globals()[name] = getattr(import_module(f"tocsin.study.{_PUBLIC[name]}"), name)
    return value
