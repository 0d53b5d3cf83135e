"""Renew what the README shows of the demonstration: the story in its block and docs/pictures/demo.png.

    .venv/bin/python docs/demo.py

Run it when the demonstration's answer has changed. It is no part of `make docs`, which only reads the code.
"""

import contextlib
import io
import re
import sys
import tempfile
from pathlib import Path

from tocsin.cli import main
from tocsin.report.picture import write_picture

ROOT = Path(__file__).parent.parent
BLOCK = re.compile(r"(<!-- demo:begin -->\n```text\n).*?(\n```\n<!-- demo:end -->)", re.DOTALL)
FIRST = "every ± is 95 %"  # in the line before the story begins
LEFT_OUT = ("report:", "results:", "compiling")


def story(folder: Path) -> str:
    """Run the demonstration into `folder` and return what it tells from the first line of the story on."""
    said = io.StringIO()
    with contextlib.redirect_stdout(said):
        code = main(["run", "demo", "--out", str(folder)])
    if code:
        raise SystemExit(said.getvalue())
    lines = said.getvalue().splitlines()
    first = next(i for i, line in enumerate(lines) if FIRST in line)
    return "\n".join(line for line in lines[first:] if line.strip() and not line.startswith(LEFT_OUT))


def renew() -> None:
    """Write the README's block and the picture."""
    readme = ROOT / "README.md"
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name) / "demo"
        text = story(folder)
        write_picture(folder, ROOT / "docs" / "pictures" / "demo.png")
    page, count = BLOCK.subn(lambda match: match[1] + text + match[2], readme.read_text(encoding="utf-8"))
    if count != 1:
        raise SystemExit("README.md has lost its marks demo:begin and demo:end")
    readme.write_text(page, encoding="utf-8")


if __name__ == "__main__":
    renew()
    sys.stdout.write("written: README.md, docs/pictures/demo.png\n")
