"""The tie between an alert's area and the prediction it was drawn from.

On 4 October 2022 nine island towns were alerted because a list of areas from an old drill lay beside the new prediction
(literature.md, 4.10). Here an alert names the version of its warning whose impact it shows and carries that impact's
hash; the area in turn is tied to both (`formats.cap_area`). Whoever holds the warnings can compute it again.
"""

import hashlib

from tocsin.messages import ImpactEstimate


def prediction(warning: str, version: int, impact: ImpactEstimate) -> str:
    """Return `VERSION:HASH` of an impact: SHA-256, its first 32 hexadecimal digits.

    Hashed are the warning, the version, and the impact in the digits of `warnings.jsonl` (`formats.rounding`), so
    that a version read back gives the same.
    """
    ellipse = impact.ellipse_99 or impact.ellipse_95
    numbers = (
        (impact.time_sigma_s, 3), (impact.latitude_deg, 6), (impact.longitude_deg, 6),
        (ellipse.semi_major_m, 1), (ellipse.semi_minor_m, 1), (ellipse.bearing_deg, 6),
    )  # fmt: skip
    parts = [warning, str(version), str((impact.time + 500) // 1000)]
    parts += [f"{round(value, digits) + 0.0:.{digits}f}" for value, digits in numbers]
    return f"{version}:{hashlib.sha256('|'.join(parts).encode()).hexdigest()[:32]}"
