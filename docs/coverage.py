"""Renew the picture of docs/guides/coverage.md from the code.

    .venv/bin/python docs/coverage.py

It is no part of `make docs`.
"""

from pathlib import Path

from tocsin.study.coverage import asking, dataset, maps, pictures

PICTURES = Path(__file__).parent / "pictures"
NAME = "coverage-warning.png"


def main() -> None:
    """Map the regional network and keep one picture."""
    asked = asking.ask("regional", ["Lisbon"], ["minimum-energy"])
    found = maps.compute(asked)
    out = PICTURES.parent.parent / "out" / "coverage"
    out.mkdir(parents=True, exist_ok=True)
    pictures.draw(found, dataset.seeing(found), out)
    (PICTURES / NAME).write_bytes((out / "warning-1-minimum-energy.png").read_bytes())


if __name__ == "__main__":
    main()
