"""What an infrared sensor can measure: the optional `[sensor.physics]` table of one in a network or scenario.

It never goes over the wire: a `sensor` message says what a sensor promises, this says how the simulated one works.
"""

from typing import Annotated, Literal

from msgspec import Meta, Struct

from tocsin.messages import Positive

Band = Literal["2.7um", "4.3um", "ground"]
Share = Annotated[float, Meta(ge=0, le=1)]


class InfraredPhysics(Struct, frozen=True, kw_only=True):
    """The radiometry of one infrared sensor, as typed. The defaults are our assumption, of no real sensor.

    `noise_equivalent_irradiance_w_m2`: rms noise of one look before a dark sky, as irradiance at the aperture;
    before the Earth's disk it is `earth_noise` times that. Detected is what passes `threshold_snr` times the noise.
    `saturation_w_m2` caps what is measured. A detection's angle noise is `sigma_floor_urad` and, by root of
    squares, `centroid` times `pixel_urad` over the signal-to-noise ratio. `spin` scans: each source is seen when
    the line sweeps its azimuth about nadir. `bias_time_s`: in which the pointing bias forgets itself;
    `star_calibration_s`: how often stars reset it to `star_calibration_left` of its size.
    """

    band: Band = "2.7um"
    noise_equivalent_irradiance_w_m2: Positive = 2e-12
    earth_noise: Annotated[float, Meta(ge=1)] = 1.5
    threshold_snr: Positive = 5.0
    saturation_w_m2: Positive = 1e-8
    pixel_urad: Positive = 60.0
    centroid: Positive = 0.5
    sigma_floor_urad: Positive = 10.0
    spin: bool = False
    sun_exclusion_deg: Annotated[float, Meta(ge=0, le=90)] = 5.0
    bias_time_s: Positive = 3600.0
    star_calibration_s: Positive | None = None
    star_calibration_left: Share = 0.2
