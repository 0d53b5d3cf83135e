"""The watch officer's words: one English sentence that can be read aloud. The public's: `texts`. No place names."""

from typing import Final

from tocsin.alerting.evidence import is_doubted, latest, likeliest, witnesses
from tocsin.alerting.settings import Settings
from tocsin.earth.time import format_utc
from tocsin.messages import (
    SECOND,
    Assessment,
    Ellipse,
    ImpactEstimate,
    Instant,
    LaunchEstimate,
    Origin,
)

# What every text of something that is not real begins and ends with (FCC, 2018: visibly different words).
MARKS: Final[dict[str, str]] = {"Actual": "", "Exercise": "EXERCISE", "Test": "TEST", "Draft": "DRAFT"}
ORIGIN_MARKS: Final[dict[Origin, str]] = {"live": "", "exercise": "EXERCISE", "test": "TEST"}

_PHASES: Final = {
    "boost": "still under power",
    "coast": "in free flight",
    "re-entry": "re-entering",
    "down": "down",
}


def marked(text: str, mark: str) -> str:
    """Begin and end a text with its mark."""
    return f"{mark}: {text} {mark}" if mark else text


def reason(lead: str, assessment: Assessment, now: Instant) -> str:
    """Say in one sentence who saw it, what it does, whence, where and when it comes down, and how surely."""
    parts = [f"{lead}: {_seen_by(assessment)}", _PHASES[assessment.phase]]
    if assessment.launch is not None:
        parts.append(_launched(assessment.launch))
    parts.append(_comes_down(assessment.impact, now))
    name, probability = likeliest(assessment.identity)
    parts.append(f"{name.replace('-', ' ')} with probability {probability:.2f}")
    if assessment.evidence.notification is not None:
        parts.append(f"matches notification {assessment.evidence.notification}")
    return marked("; ".join(parts) + ".", ORIGIN_MARKS[assessment.origin])


def lead(state: str, assessment: Assessment, settings: Settings, approvals: tuple[str, ...]) -> str:
    """Open the sentence with the state and why it is that."""
    if state == "confirmed":
        return f"Confirmed by {listed(approvals)}"
    if state == "corroborated":
        return evidence(assessment, settings)
    if is_doubted(assessment):
        return "Detected, and more likely nothing than an object"
    return "Detected, not corroborated"


def evidence(assessment: Assessment, settings: Settings) -> str:
    """Say on how many independent paths it stands."""
    count = len(witnesses(assessment, settings))
    both = bool(assessment.evidence.infrared) and bool(assessment.evidence.radar)
    if count < settings.paths:
        return f"Seen on {counted(count, 'independent path')}"
    return f"Corroborated by {count} independent paths" + (", infrared and radar" if both else "")


def quoted(text: str) -> str:
    """Fit a person's words into a sentence: one line, no full stop, at most 300 characters."""
    return " ".join(text.split()).rstrip(".")[:300]


def clock(t: int) -> str:
    """Tell the time to the second, as it is read aloud."""
    return f"{format_utc(Instant(t + SECOND // 2))[11:19]} UTC"


def _seen_by(assessment: Assessment) -> str:
    evidence = assessment.evidence
    seen = []
    if evidence.infrared:
        seen.append(f"infrared {listed(evidence.infrared)}")
    if evidence.radar:
        seen.append(f"radar {listed(evidence.radar)}")
    return (
        f"seen by {' and '.join(seen) or 'no sensor'} in {counted(evidence.detections, 'detection')} "
        f"on {counted(len(evidence.paths), 'independent path')}"
    )


def _launched(launch: LaunchEstimate) -> str:
    text = (
        f"launched at {clock(launch.time)} give or take {_seconds(1.96 * launch.time_sigma_s)} "
        f"near {_place(launch.latitude_deg, launch.longitude_deg)} within {_axes(launch.ellipse_95)}"
    )
    if launch.azimuth_deg is None:
        return text
    sigma = launch.azimuth_sigma_deg
    return (
        text + f", heading {launch.azimuth_deg:.0f}°" + ("" if sigma is None else f" ± {1.96 * sigma:.1f}°")
    )


def _comes_down(impact: ImpactEstimate | None, now: Instant) -> str:
    if impact is None:
        return "where it comes down is not known yet"
    verb = "comes down" if latest(impact) >= now else "came down"
    return (
        f"{verb} at {clock(impact.time)} give or take {_seconds(1.96 * impact.time_sigma_s)} "
        f"near {_place(impact.latitude_deg, impact.longitude_deg)} within {_axes(impact.ellipse_95)}"
    )


def _place(latitude_deg: float, longitude_deg: float) -> str:
    south_north = "N" if latitude_deg >= 0 else "S"
    west_east = "E" if longitude_deg >= 0 else "W"
    return f"{abs(latitude_deg):.2f}° {south_north} {abs(longitude_deg):.2f}° {west_east}"


def _axes(ellipse: Ellipse) -> str:
    return f"{_km(ellipse.semi_major_m)} by {_km(ellipse.semi_minor_m)} km"


def _km(metres: float) -> str:
    return f"{metres / 1000:.1f}" if metres < 10_000 else f"{metres / 1000:.0f}"


def _seconds(seconds: float) -> str:
    return f"{seconds:.1f} s" if seconds < 10 else f"{seconds:.0f} s"


def counted(n: int, noun: str) -> str:
    return f"{n} {noun}" if n == 1 else f"{n} {noun}s"


def listed(names: tuple[str, ...]) -> str:
    if len(names) < 2:
        return names[0] if names else "nobody"
    return f"{', '.join(names[:-1])} and {names[-1]}"
