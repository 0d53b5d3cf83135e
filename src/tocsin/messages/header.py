"""What every message into the system opens with."""

from tocsin.messages.fields import Instant, Origin
from tocsin.messages.shown import Shown


class Header(Shown, frozen=True, kw_only=True, tag_field="kind", omit_defaults=True):
    """The fields that every message into the system opens with."""

    origin: Origin
    received: Instant | None = None
    seq: int | None = None
