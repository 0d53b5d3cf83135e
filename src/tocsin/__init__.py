"""Early warning of ballistic launches: from sensor reports to a human-confirmed alert.

Feed a `Pipeline` messages, let time pass, and read what it says; or have a whole run written into a folder
and load its results as data frames:

    from tocsin import Pipeline, Rejected, Results, Warning, load_scenario, read, run_scenario

    run_scenario(load_scenario("demo"), "out/demo")
    pipeline, events = Pipeline(), []
    for message, place in read(["out/demo/recording.jsonl.gz"]):
        events += [message] if isinstance(message, Rejected) else pipeline.receive(message, place)
    events += pipeline.finish()
    for warning in (event for event in events if isinstance(event, Warning)):
        print(warning.state, warning.reason)
    print(Results("out/demo").warnings()[["version", "state", "impact_semi_major_m"]])

Whatever is named here stays; everything else may move. Nothing is loaded before it is used.
"""

from importlib import import_module
from importlib.metadata import version
from typing import Any, Final

# `run_scenario`, because `tocsin.run` is the room it lives in.
_PUBLIC: Final = {
    "Alert": ("tocsin.messages", "Alert"),
    "Config": ("tocsin.config", "Config"),
    "ConfigError": ("tocsin.errors", "ConfigError"),
    "InputError": ("tocsin.errors", "InputError"),
    "Instant": ("tocsin.messages", "Instant"),
    "Pipeline": ("tocsin.pipeline", "Pipeline"),
    "Rejected": ("tocsin.messages", "Rejected"),
    "Results": ("tocsin.report.results", "Results"),
    "Warning": ("tocsin.messages", "Warning"),
    "explain": ("tocsin.report.explain", "explain"),
    "format_utc": ("tocsin.earth.time", "format_utc"),
    "load_scenario": ("tocsin.simulation.library", "load"),
    "parse_utc": ("tocsin.earth.time", "parse_utc"),
    "process": ("tocsin.run", "process"),
    "read": ("tocsin.journal", "read"),
    "run_scenario": ("tocsin.run", "run"),
    "write_report": ("tocsin.report.page", "write_report"),
}
__all__ = [*_PUBLIC, "__version__"]  # noqa: PLE0604 - names, all of them


def __getattr__(name: str) -> Any:
    """Load a public name when it is first asked for."""
    if name == "__version__":
        return version("tocsin")
    if name not in _PUBLIC:
        raise AttributeError(f"module 'tocsin' has no attribute {name!r}; it has: {', '.join(_PUBLIC)}")
    module, attribute = _PUBLIC[name]
    value = globals()[name] = getattr(import_module(module), attribute)
    return value


def __dir__() -> list[str]:
    """List the public names."""
    return sorted(__all__)
