"""`tocsin sensitivity`: how much errors depend on each nominal figure of each sensor."""

import json
import math
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from tocsin.cli.arguments import Arguments
from tocsin.cli.terminal import Terminal
from tocsin.errors import ConfigError

if TYPE_CHECKING:
    from tocsin.study.sensitivity import Sensitivity


def sensitivity(arguments: Arguments) -> int:
    """Print a table of elasticities; with --runs through studies under --out, otherwise through bounds."""
    from tocsin.simulation import library  # noqa: PLC0415
    from tocsin.study import sensitivity as of  # noqa: PLC0415

    if arguments.runs is None:
        found = of.by_bounds(library.load(arguments.scenario), arguments.step / 100)
    else:
        if arguments.out is None:
            raise ConfigError("name a folder for the runs: --out DIR")
        terminal = Terminal(not arguments.json)
        with terminal.compiling(), terminal.progress("figures") as advance:
            found = of.by_runs(
                arguments.scenario, Path(arguments.out), arguments.runs, arguments.step / 100,
                workers=arguments.workers, on_progress=advance,
            )  # fmt: skip
    if arguments.json:
        rows = of.frame(found).to_dict("records")
        told = [
            {n: None if isinstance(v, float) and not math.isfinite(v) else v for n, v in r.items()}
            for r in rows
        ]
        sys.stdout.write(json.dumps(told, indent=1) + "\n")
    else:
        sys.stdout.write("".join(f"{line}\n" for line in lines(list(of.rows_by_size(found)), arguments.runs)))
    if arguments.picture:
        file = Path(arguments.picture)
        names = dict.fromkeys(row.launch for row in found)
        for name in names:
            mine = file if len(names) == 1 else file.with_stem(f"{file.stem}-{name}")
            of.tornado([row for row in found if row.launch == name], mine)
    return 0


def lines(found: list["Sensitivity"], runs: int | None) -> list[str]:
    """Tell elasticities for people, the largest first."""
    how = (
        "least errors (bounds)" if runs is None else f"RMS errors of {runs} runs, 95 % intervals in brackets"
    )
    out = [f"by how many per cent errors grow where a figure grows by one per cent; {how}"]
    width = max([len(f"{row.sensor} {row.figure}") for row in found], default=10)
    out.append(
        f"{'launch':12}{'figure':{width + 2}}{'nominal':>12}{'launch':>22}{'time':>22}{'impact':>22}{'time':>22}"
    )
    for row in found:
        cells = "".join(f"{_cell(row, k):>22}" for k in range(len(row.by)))
        out.append(f"{row.launch:12}{f'{row.sensor} {row.figure}':{width + 2}}{row.nominal:>12g}{cells}")
    return out


def _cell(row: "Sensitivity", k: int) -> str:
    if not math.isfinite(row.by[k]):
        return "–"
    spread = f" ({row.low[k]:+.2f}, {row.high[k]:+.2f})" if row.low and math.isfinite(row.low[k]) else ""
    return f"{row.by[k]:+.2f}{spread}"
