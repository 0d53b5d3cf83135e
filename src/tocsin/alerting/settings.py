"""The knobs of alerting. Every one is a judgement of ours unless a source stands beside it."""

from typing import Annotated, Literal

from msgspec import Meta, Struct

Count = Annotated[int, Meta(ge=1)]
Seconds = Annotated[float, Meta(ge=0)]
NotNegative = Annotated[float, Meta(ge=0)]
Positive = Annotated[float, Meta(gt=0)]
Language = Literal["en", "de", "ja"]
Share = Annotated[float, Meta(ge=0, le=1)]


class Settings(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Set the evidence rules, who may release an alert, and the pace of what is said.

    Evidence
        `paths`: independent data paths that make a warning corroborated. `detections_per_path`: associated
        detections a path needs to count (two, so that one stray point is never a witness).
        `confirm_uncorroborated`: may two people confirm what only one path saw? Off: 1983 had one
        phenomenology. `call_off_probability`: at this probability an identity of `harmless` calls a
        confirmed warning's alert off.

    Decisions
        `approvals`: different people who must confirm (FCC, 2018: more than one, for tests also).
        `approval_lasts_s`: an approval that no second one has joined after this long lapses; what it was given for has
        changed.
        `policies`: names of policies that are heard; None: all. `signed_policies`: names of policies signed
        by two people; only these can turn a live warning into an `Actual` alert, any other leaves a
        `Draft`. `escalate_after_s`: when a warning that waits for approval is called out again. It is never
        released by it.

    Clock
        `closing_delay_s`: after the latest impact time the object counts as down. `all_clear_automatic`:
        whether the alert then gives the all-clear by itself. `expires_after_s`: an alert expires this long
        after the latest impact. `withdrawn_expires_s`: a Cancel and an all-clear expire this long after
        they are sent. `take_shelter_before_s`: the alert says take shelter from this long before the
        earliest impact, else it is an advisory.

    Pace: an update goes out
        when the likeliest impact has moved by `update_shift` of the published semi-major axis, or by
        `update_time_s`, or an axis has changed by the factor `update_growth`, but not within `update_gap_s`
        of the alert before; else with the next look once `update_pace_s` has passed: pairs of (age of the
        alert below which it holds, time since the alert before).

    Area
        `area_points`: corners of the polygon. `area_axis_min_m`: no axis of it is drawn shorter, a fragment
        does not fall on a point. `area_axis_max_m`: an area with a longer axis tells nobody what to do: the
        alert waits. `lost_growth_mps`: the area of what is no longer tracked is drawn wider by this much for each
        second since the last look, at the pace of updates (an estimate that nobody checks any more is stale).

    Languages
        `languages`: codes of `alerting/phrases.py` in which alerts are written, the main one first: `en`, `de`, `ja`.

    `sender`: the CAP sender, an address in a domain of the operator's own; the default names nobody (RFC
    2606).
    """

    paths: Count = 2
    detections_per_path: Count = 2
    confirm_uncorroborated: bool = False
    call_off_probability: Share = 0.9

    approvals: Count = 2
    approval_lasts_s: Positive = 900.0
    policies: tuple[str, ...] | None = None
    signed_policies: tuple[str, ...] = ()
    escalate_after_s: tuple[Seconds, ...] = (60.0, 180.0)

    closing_delay_s: Seconds = 30.0
    all_clear_automatic: bool = True
    expires_after_s: Positive = 1800.0
    withdrawn_expires_s: Positive = 3600.0
    take_shelter_before_s: Seconds = 900.0

    update_shift: Positive = 0.5
    update_time_s: Seconds = 30.0
    update_growth: Annotated[float, Meta(gt=1)] = 1.5
    update_gap_s: Seconds = 10.0
    update_pace_s: tuple[tuple[Seconds, Seconds], ...] = ((120.0, 60.0), (600.0, 120.0), (86_400.0, 300.0))

    area_points: Annotated[int, Meta(ge=24, le=90)] = 36
    area_axis_min_m: Positive = 1_000.0
    area_axis_max_m: Positive = 3_000_000.0
    lost_growth_mps: NotNegative = 30.0

    languages: Annotated[tuple[Language, ...], Meta(min_length=1)] = ("en",)

    sender: Annotated[str, Meta(pattern=r"^[^\s,<&]+$")] = "desk@tocsin.invalid"
