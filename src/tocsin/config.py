"""One tree of settings, composed from each stage's own."""

from msgspec import Struct

from tocsin.alerting.settings import Settings as Alerting
from tocsin.assessment.settings import Settings as Assessment
from tocsin.tracking.settings import Settings as Tracking


class Config(Struct, frozen=True, kw_only=True):
    """All knobs. The defaults are what the documentation's figures were measured with."""

    tracking: Tracking = Tracking()
    assessment: Assessment = Assessment()
    alerting: Alerting = Alerting()
