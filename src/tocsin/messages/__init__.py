"""The nouns that cross rooms: what comes in, what the stages hand on, what goes out.

Wire messages are the `msgspec` structs with a `kind`; their fields carry their unit in the name and are checked
on decoding. Times are `Instant`; `formats` turns them to and from text. The inner nouns (`Track`, `Assessment`)
pass from stage to stage inside one process and carry arrays in SI units.
"""

from tocsin.messages.alert import Alert, AlertPhase, AlertText
from tocsin.messages.assessment import (
    IDENTITIES,
    OUTCOMES,
    STEPS,
    Assessment,
    Ellipse,
    Evidence,
    ImpactEstimate,
    LaunchEstimate,
    StateVector,
    Term,
)
from tocsin.messages.fields import (
    ORIGINS,
    SECOND,
    Array,
    Azimuth,
    Declination,
    Elevation,
    GeoJSON,
    Instant,
    Latitude,
    Longitude,
    Name,
    NotNegative,
    Origin,
    Positive,
    Probability,
    Vector,
)
from tocsin.messages.incoming import (
    Catalogue,
    Decision,
    EarthOrientation,
    Incoming,
    Notification,
    Place,
    Summary,
)
from tocsin.messages.outgoing import Cue, Duplicate, EventLog, Outgoing, Raid, Rejected, Warning
from tocsin.messages.sensing import (
    InfraredDetection,
    InfraredScan,
    RadarDetection,
    RadarScan,
    RadarSigma,
    Scan,
    Sensor,
    Status,
)
from tocsin.messages.track import Association, Component, Drag, Track

__all__ = [
    "IDENTITIES", "ORIGINS", "OUTCOMES", "SECOND", "STEPS", "Alert", "AlertPhase", "AlertText", "Array",
    "Assessment", "Association", "Azimuth", "Catalogue", "Component", "Cue", "Decision", "Declination",
    "Drag", "Duplicate", "EarthOrientation", "Elevation", "Ellipse", "EventLog", "Evidence", "GeoJSON",
    "ImpactEstimate", "Incoming", "InfraredDetection", "InfraredScan", "Instant", "Latitude",
    "LaunchEstimate", "Longitude", "Name", "NotNegative", "Notification", "Origin", "Outgoing", "Place",
    "Positive", "Probability", "RadarDetection", "RadarScan", "RadarSigma", "Raid", "Rejected", "Scan",
    "Sensor", "StateVector", "Status", "Summary", "Term", "Track", "Vector", "Warning",
]  # fmt: skip
