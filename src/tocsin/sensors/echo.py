"""What a radar can measure: the optional `[sensor.physics]` table of one in a network or scenario.

It never goes over the wire: a `sensor` message says what a sensor promises, this says how the simulated one works.
"""

from msgspec import Struct


class RadarPhysics(Struct, frozen=True, kw_only=True):
    """The echo of one radar, as typed."""
