"""What is seen from where: infrared and radar geometry, noise and visibility."""

from tocsin.sensors.infrared import Infrared
from tocsin.sensors.platform import Platform, PlatformError
from tocsin.sensors.radar import Radar

__all__ = ["Infrared", "Platform", "PlatformError", "Radar"]
