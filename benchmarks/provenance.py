"""What a figure was measured with: version, date, machine, libraries."""

import os
import platform
import subprocess
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

LIBRARIES = ("numpy", "numba", "scipy", "msgspec", "pyerfa", "matplotlib")


def provenance() -> dict[str, Any]:
    """Return what must stand beside every figure."""
    return {
        "date": datetime.now(UTC).strftime("%Y-%m-%d"),
        "tocsin": version("tocsin"),
        "commit": _commit(),
        "python": platform.python_version(),
        "libraries": {name: version(name) for name in LIBRARIES},
        "machine": platform.machine(),
        "processor": _processor(),
        "cores": os.cpu_count(),
        "load_at_start": round(os.getloadavg()[0], 1),
    }


def _commit() -> str:
    """Name the commit, with a plus where the tree differs from it in what is measured."""
    here = Path(__file__).parent
    try:
        name = subprocess.run(
            ["git", "rev-parse", "--short", "HEAD"], cwd=here, capture_output=True, text=True, check=True
        ).stdout.strip()
        changed = subprocess.run(
            ["git", "status", "--porcelain", "--", "../src", "."],
            cwd=here, capture_output=True, text=True, check=True,
        ).stdout.splitlines()  # fmt: skip
    except (OSError, subprocess.CalledProcessError):
        return "unknown"
    return name + ("+" if any("results" not in line.lower() for line in changed) else "")


def _processor() -> str:
    """Name the processor as Linux does, elsewhere as Python can."""
    info = Path("/proc/cpuinfo")
    if info.is_file():
        for line in info.read_text(encoding="utf-8").splitlines():
            if line.startswith("model name"):
                return line.split(":", 1)[1].strip()
    return platform.processor() or "unknown"
