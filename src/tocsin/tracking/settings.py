"""What an operator may turn in tracking, with the value we chose and why."""

from msgspec import Struct


class Settings(Struct, frozen=True, kw_only=True):
    """Knobs of the tracking stage. Times [s], rates [per hour over a satellite's disk], odds are natural logarithms."""

    reorder_lag_s: float = 2.0
    """How long looks wait so that late ones can take their place (formats.md)."""

    launch_rate: float = 1e-3
    """Launches an hour in view of one satellite, a priori (launch-from-angles, section 6)."""

    static_rate: float = 10.0
    """New static sources (fires, flares) an hour in view of one satellite (the same)."""

    odds_one_satellite: float = -4.0
    """Fit a launch to three sightings of one satellite above these odds (our choice: the small filters know less of
    rockets than the fit does that decides)."""

    odds_two_satellites: float = -5.0
    """The same for two satellites (our choice: where a pair of lines is followed by one 20 s later, the filters know
    least)."""

    fit_odds: float = 5.5
    """Wait with the declaration while the fitted flight's log odds against strays are below this: strays may crowd six
    times more about each of three sightings than is remembered (our assumption). Of several satellites, which may see
    the flashes of one storm."""

    fit_odds_one_satellite: float = 3.5
    """The same of one satellite alone: its glints have a place in the sky, and what stands still a reading (our choice,
    by hours of background)."""

    dull_odds: float = 0.5
    """The same against flashes and sources that stand still, alone or with a stray (our choice, by hours of
    background)."""

    dull_odds_one_satellite: float = -1.0
    """The same of one satellite alone. Were every reading true to life, no more than launch_rate · e = 0.003 an hour
    would be false (launch-from-angles, section 6, asks ≤ 0.02)."""

    gate: float = 25.0
    """Mahalanobis distance squared within which a sighting may belong to a burning body. Wide (2 angles: all but 4 in a
    million): at a staging thrust jumps, and whether a stray is likelier is asked anyway."""

    radar_gate: float = 20.0
    """The same for a radar plot (raid-association, life cycle)."""

    fusion_gate: float = 22.5
    """The same for a radar's state against the infrared's (6 numbers: 99.9 %; launch-from-angles, section 7)."""

    burnout_wait_s: float = 10.0
    """Misses may be chance or a staging gap (up to 8 s, the same). Burnout is believed when nothing was seen for this
    long and a burning body would be missed so with less than 0.02 %; or twice as long and with 1 %."""

    warm_iterations: int = 2
    """Levenberg-Marquardt steps for each mode at each new sighting."""

    cold_at: tuple[int, ...] = (4, 6, 9, 14, 22, 34)
    """Numbers of sightings at which all classes are searched afresh."""

    bias_time_s: float = 3600.0
    """In which the bias of a radar forgets itself: what was learnt of it fades so fast (our assumption)."""

    birth_rate: float = 0.1
    """Density of first plots of new bodies over the density of false plots (raid-association, life cycle)."""

    birth_speed: float = 2_500.0
    """Sigma of an unknown velocity, m/s an axis. Wide, so that a body of intercontinental range is born too."""

    confirm_existence: float = 0.999
    """Confirm a radar track above this probability of existence and `confirm_plots` plots (raid-association)."""

    confirm_plots: int = 4
    """See `confirm_existence`."""

    soft_plots: int = 8
    """A row of so many plots learns from all plots near it by their marginals, a younger one from its own alone
    (raid-association, decision)."""

    least_birth: float = 1e-3
    """A plot starts a row above this probability that it is a new body."""

    most_births: int = 2_000
    """Bound on the plots of one look that start rows: a radar that floods does not stop the rest."""

    most_rows: int = 4_000
    """Bound on the rows of the radar table; the least sure leave first."""

    flood: int = 2_000
    """A look of more detections is said to be a flood."""

    most_sightings: int = 300
    """Bound on the sightings of one look that may begin a launch; of more, every n-th is taken."""

    drop_existence: float = 0.01
    """Drop a radar track below this (the same)."""

    silence_s: float = 25.0
    """Drop a confirmed radar track not plotted for so long though it was looked at; young ones after half of it."""

    most_nuclei: int = 400
    """Bound on the groups of sightings that wait for a declaration."""
