"""What people and computers send beside the sensors: notifications, counts, catalogues, decisions.

Each table holds the fields of the message of its name and `time_s`, when it is sent; `origin` is the scenario's
unless it says otherwise.
"""

from collections.abc import Iterator, Sequence
from typing import Any, Protocol

import msgspec

from tocsin.errors import ConfigError
from tocsin.formats.rules import verify
from tocsin.formats.wire import LineError
from tocsin.messages import (
    SECOND,
    Catalogue,
    Decision,
    Incoming,
    Instant,
    Notification,
    NotNegative,
    Summary,
)
from tocsin.simulation.background.tables import SatelliteTable

_SET_HERE = ("origin", "received", "seq", "time")


def _table(message: type[msgspec.Struct]) -> Any:
    """Make the table of a message: its fields but those set here, and when it is sent."""
    own = [f for f in msgspec.structs.fields(message) if f.name not in _SET_HERE]
    fields: list[Any] = [("time_s", NotNegative, 0.0), ("origin", str | None, None)]
    for f in own:
        default = msgspec.NODEFAULT if f.required else f.default
        fields.append((f.name, f.type, msgspec.field(default=default, name=f.encode_name)))
    doc = f"One `{message.__struct_config__.tag}` message, sent at `time_s`. {message.__doc__}"
    namespace = {"__doc__": doc}
    return msgspec.defstruct(
        f"{message.__name__}Table", fields, kw_only=True, frozen=True, namespace=namespace
    )


NotificationTable = _table(Notification)
SummaryTable = _table(Summary)
CatalogueTable = _table(Catalogue)
DecisionTable = _table(Decision)
TOLD = {"notification": Notification, "summary": Summary, "catalogue": Catalogue, "decision": Decision}


class Telling(Protocol):
    """A scenario, as far as it is told here."""

    @property
    def start(self) -> Instant:
        """Return when it starts."""

    @property
    def origin(self) -> str:
        """Return whose it is."""

    @property
    def satellite(self) -> tuple[SatelliteTable, ...]:
        """Return the satellites it names."""


def told(scenario: Telling, file: str) -> Iterator[Incoming]:
    """Yield what a scenario's tables tell, table by table, then the catalogue of its satellites.

    Raises ConfigError naming what contradicts itself.
    """
    for name, message in TOLD.items():
        tables: Sequence[Any] = getattr(scenario, name)
        for i, table in enumerate(tables):
            yield _verified(_message(table, message, scenario), f"{file}: [{name}][{i}]: ")
    known = []
    for i, satellite in enumerate(scenario.satellite):
        _verified(_catalogue(scenario, [satellite]), f"{file}: [satellite][{i}]: orbit", "omm[0]")
        known += [satellite] if satellite.catalogued else []
    if known:
        yield _catalogue(scenario, known)


def _message(table: Any, message: type[Any], scenario: Telling) -> Incoming:
    """Make the message of a table."""
    own = msgspec.structs.asdict(table)
    sent = Instant(scenario.start + round(own.pop("time_s") * SECOND))
    own["origin"] = own["origin"] or scenario.origin
    if "time" in message.__struct_fields__:
        own["time"] = sent
    found: Incoming = message(received=sent, **own)
    return found


def _catalogue(scenario: Telling, satellites: Sequence[SatelliteTable]) -> Catalogue:
    omm = tuple({"OBJECT_NAME": s.id} | s.orbit for s in satellites)
    start = scenario.start
    return Catalogue(origin=scenario.origin, received=start, time=start, omm=omm)  # type: ignore[arg-type]


def _verified(message: Incoming, where: str, own: str = "") -> Incoming:
    """Return a message that does not contradict itself; `own` of its fields has no name in the table."""
    try:
        verify(message)
    except LineError as error:
        raise ConfigError(f"{where}{error.field.removeprefix(own)}: {error.why}") from None
    return message
