"""Which sensors there are, by origin and time."""

from msgspec import structs

from tocsin.messages import Instant, Origin, Sensor

ALWAYS = Instant(-(2**63))


class Roster:
    """Sensor definitions by origin and id, each with the time from which it holds."""

    def __init__(self) -> None:
        """Start without sensors."""
        self._known: dict[tuple[Origin, str], list[tuple[Instant, Sensor]]] = {}

    def add(self, sensor: Sensor) -> str | None:
        """Learn a sensor; return None, or why it is refused: changed without a later `valid_from`."""
        history = self._known.setdefault((sensor.origin, sensor.id), [])
        since = sensor.valid_from if sensor.valid_from is not None else ALWAYS
        plain = structs.replace(sensor, received=None, seq=None)
        if any(start == since and plain == known for start, known in history):
            return None
        if history and plain == history[-1][1]:
            return None
        if history and since <= history[-1][0]:
            return (
                f"sensor {sensor.id} is already known with other properties; "
                "a change needs a valid_from later than the one before"
            )
        history.append((since, plain))
        return None

    def at(self, origin: Origin, name: str, t: int) -> Sensor | None:
        """Return the sensor as it was at `t`: of the origin itself, else a live one; None if unknown."""
        owners: tuple[Origin, ...] = (origin, "live")
        for owner in owners:
            valid = [sensor for since, sensor in self._known.get((owner, name), []) if since <= t]
            if valid:
                return valid[-1]
        return None

    def visible_to(self, origin: Origin) -> dict[str, Sensor]:
        """Return the newest definition of every sensor an origin may use, by id."""
        newest: dict[str, Sensor] = {}
        for (owner, name), history in sorted(self._known.items()):
            if owner == origin or (owner == "live" and name not in newest):
                newest[name] = history[-1][1]
        return newest
