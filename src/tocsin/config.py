"""One tree of settings, composed from each stage's own."""

import msgspec
from msgspec import Struct

from tocsin.alerting.settings import Settings as Alerting
from tocsin.assessment.settings import Settings as Assessment
from tocsin.tracking.settings import Settings as Tracking


class Config(Struct, frozen=True, kw_only=True):
    """All knobs. The defaults are what the documentation's figures were measured with."""

    tracking: Tracking = Tracking()
    assessment: Assessment = Assessment()
    alerting: Alerting = Alerting()

    def fingerprint(self) -> bytes:
        """Return the settings as bytes, the same for the same settings, for a manifest's hash."""
        return msgspec.json.encode(self, order="sorted")
