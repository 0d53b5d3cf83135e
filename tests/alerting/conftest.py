"""A playbook: given these looks, decisions and times, expect these events."""

from dataclasses import dataclass, field
from typing import Any

import pytest

from tocsin.alerting.desk import Desk
from tocsin.alerting.numbering import Numbering
from tocsin.alerting.settings import Settings
from tocsin.earth.time import parse_utc
from tocsin.messages import (
    SECOND,
    Alert,
    Assessment,
    Decision,
    Ellipse,
    EventLog,
    Evidence,
    ImpactEstimate,
    Instant,
    LaunchEstimate,
    Origin,
    Outgoing,
    Warning,
)

START = parse_utc("2026-05-16T00:00:00Z")
BALLISTIC = {"ballistic-missile": 0.97, "space-launch": 0.02, "sounding-rocket": 0.01, "other": 0.0}
SPACE = {"ballistic-missile": 0.03, "space-launch": 0.97}
BOTH = {"geo-1": 3, "radar-3": 4}
ONE = {"geo-1": 3}


def at(seconds: float) -> Instant:
    return Instant(START + round(seconds * SECOND))


def impact(
    seconds: float, sigma_s: float = 6.0, lat: float = 41.2, lon: float = 143.1, **more: Any
) -> ImpactEstimate:
    ellipse = Ellipse(semi_major_m=21_000.0, semi_minor_m=6_000.0, bearing_deg=80.0)
    fields = {"ellipse_95": ellipse} | more
    return ImpactEstimate(
        time=at(seconds), time_sigma_s=sigma_s, latitude_deg=lat, longitude_deg=lon, **fields
    )


def launch() -> LaunchEstimate:
    return LaunchEstimate(
        time=at(-60), time_sigma_s=3.1, latitude_deg=40.86, longitude_deg=129.67, azimuth_deg=78.9,
        azimuth_sigma_deg=0.6, ellipse_95=Ellipse(semi_major_m=4100.0, semi_minor_m=1800.0, bearing_deg=77.0),
    )  # fmt: skip


def assessment(seconds: float, paths: dict[str, int] | None = None, **more: Any) -> Assessment:
    paths = BOTH if paths is None else paths
    evidence = Evidence(
        infrared=tuple(p for p in paths if p.startswith("geo")),
        radar=tuple(p for p in paths if p.startswith("radar")),
        paths=tuple(paths),
        detections=sum(paths.values()),
    )
    fields: dict[str, Any] = {
        "track": 1, "origin": "live", "track_state": "confirmed", "identity": BALLISTIC, "phase": "coast",
        "first_look": START, "launch": launch(), "impact": impact(1200), "state_vector": None,
    }  # fmt: skip
    return Assessment(time=at(seconds), evidence=evidence, path_detections=paths, **(fields | more))


@dataclass
class Playbook:
    """One desk and a record of what it said."""

    settings: Settings = field(default_factory=Settings)
    numbering: Numbering = field(default_factory=Numbering)
    said: list[Outgoing] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.desk = Desk(self.settings, self.numbering)

    def look(self, seconds: float, paths: dict[str, int] | None = None, **more: Any) -> list[Outgoing]:
        return self._keep(self.desk.assess(assessment(seconds, paths, **more)))

    def decide(self, seconds: float, action: str, by: str = "anna", **more: Any) -> list[Outgoing]:
        fields = {"origin": "live", "warning": "W-20260516-0001", "time": at(seconds)} | more
        decision = Decision(action=action, by=by, **fields)
        return self._keep(self.desk.decide(decision, at(seconds)))

    def confirm(
        self, seconds: float, *, by: tuple[str, ...] = ("anna", "ben"), origin: Origin = "live"
    ) -> list[Outgoing]:
        return [event for name in by for event in self.decide(seconds, "confirm", name, origin=origin)]

    def advance(self, seconds: float) -> list[Outgoing]:
        return self._keep(self.desk.advance(at(seconds)))

    def alerts(self) -> list[Alert]:
        return [event for event in self.said if isinstance(event, Alert)]

    def warnings(self) -> list[Warning]:
        return [event for event in self.said if isinstance(event, Warning)]

    def logs(self) -> list[str]:
        return [event.name for event in self.said if isinstance(event, EventLog)]

    def _keep(self, events: list[Outgoing]) -> list[Outgoing]:
        self.said += events
        return events


@pytest.fixture(name="book")
def _book() -> Playbook:
    return Playbook()


@pytest.fixture(name="playbook")
def _playbook() -> type[Playbook]:
    return Playbook


@pytest.fixture(name="impact")
def _impact() -> Any:
    return impact


@pytest.fixture(name="assessment")
def _assessment() -> Any:
    return assessment


@pytest.fixture(name="at")
def _at() -> Any:
    return at
