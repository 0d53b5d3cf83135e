"""What is asked of Tocsin, and what each result says to it: the rows of the scoreboard.

A claim reads one benchmark's result and says what was measured, with its spread, and whether that is what is asked;
`met` is None where nothing is asked. What a result does not hold is told as such, never guessed.
"""

from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

Result = dict[str, Any]
Read = Callable[[Result], "tuple[str, bool | None]"]

SECTIONS = (
    "Detection", "False alarms", "Calibration", "Accuracy", "Latency and speed", "Raids", "Historical cases",
    "Real data", "Studies",
)  # fmt: skip


class Claim(NamedTuple):
    """One row: where it stands, whose result it reads, what it is about, what is asked, how to read it."""

    section: str
    bench: str
    what: str
    asked: str
    read: Read


def claims(results: dict[str, Result], benchmarks: dict[str, Any]) -> list[Claim]:
    """Return every claim; those of tables whose rows only a result knows as many as it has.

    A benchmark may bring its own: `claims(result)`, rows of (section, what, asked, read), beside `lines`.
    """
    found = [
        *_demo(),
        *_found(),
        *_quiet(),
        *_calibration(),
        *_accuracy(),
        *_speed(),
        *_noise(),
        *_real(),
        *_studies(),
    ]
    for table in (_historical, _raids, _areas):
        found += table(results)
    for name, bench in benchmarks.items():
        if name in results and hasattr(bench, "claims"):
            found += [Claim(section, name, *rest) for section, *rest in bench.claims(results[name])]
    return sorted(found, key=lambda claim: SECTIONS.index(claim.section))


# ------------------------------------------------------------------------------------------------- how to read


def percent(share: dict[str, float]) -> str:
    """Write a share with its interval."""
    if not share.get("of") or share.get("share") is None:
        return "none to judge"
    return f"{100 * share['share']:.1f} % ({100 * share['low']:.1f}–{100 * share['high']:.1f}) of {share['of']:,}"


def at_least(limit: float, *path: str) -> Read:
    """Read a share that is asked to reach `limit`."""

    def read(result: Result) -> tuple[str, bool | None]:
        share = at(result, *path)
        return percent(share), share["share"] >= limit if share.get("of") else None

    return read


def number(form: str, right: Callable[[float], bool] | None, *path: str) -> Read:
    """Read a number, written as `form`, that is asked to be `right`."""

    def read(result: Result) -> tuple[str, bool | None]:
        value = at(result, *path)
        return form.format(value), None if right is None else bool(right(value))

    return read


def at(result: Any, *path: str) -> Any:
    """Return what stands at a path of a result."""
    for step in path:
        result = result[int(step)] if isinstance(result, list) else result[step]
    return result


# ------------------------------------------------------------------------------------------------- the claims


def _demo() -> Iterator[Claim]:
    for name in (
        "one warning, no other", "first warning by the fourth sighting", "corroborated",
        "last launch within 5 km and in its ellipse",
        "impact 120 s after the radar within 3 km, in its ellipse, 10 s",
    ):  # fmt: skip
        read = at_least(0.95, "row", name)
        yield Claim(
            "Detection",
            "demo",
            f"demonstration, other draws: {name}",
            "each run; ≥ 95 % of draws (ours)",
            read,
        )


def _found() -> Iterator[Claim]:
    def found(result: Result) -> tuple[str, bool | None]:
        share = result["found"]
        return percent(share), share["share"] >= 0.98 and share["low"] >= 0.97

    yield Claim(
        "Detection", "honesty", "random launches in coverage found", "≥ 98 %, lower bound ≥ 97 %", found
    )

    def scenarios(result: Result) -> tuple[str, bool | None]:
        rows = result["rows"]
        bad = [row["name"] for row in rows if row["differs"]]
        owed = sum(bool(row["owed"]) for row in rows)
        but = f", {owed} of them but for a *not yet*" if owed else ""
        names = f": not {', '.join(bad)}" if bad else ""
        return f"{len(rows) - len(bad)} of {len(rows)}{but}{names}", not bad and not owed

    yield Claim("Detection", "scenarios", "bundled scenarios come out as they say", "all", scenarios)

    def space(how: str) -> Read:
        def read(result: Result) -> tuple[str, bool | None]:
            row, of = result[how], result["launches"]
            return f"{row['called']} of {of} (found {row['found']})", row["called"] >= 0.98 * of

        return read

    def found(result: Result) -> tuple[str, bool | None]:
        row = result["classes"]["all"]["found"]
        text = f"{100 * row['share']:.2f} % of {row['of']}, from {100 * row['low']:.2f} %"
        return text, row["share"] >= 0.98 and row["low"] >= 0.97 and row["of"] >= 1_000

    yield Claim("Detection", "found", "launches of all classes in coverage found, 50 km and 30 s",
                "≥ 98 %, lower bound ≥ 97 %, of ≥ 1,000", found)  # fmt: skip

    for how, text in (("alone", "without"), ("notified", "with")):
        what = f"space launches of a year called so before orbit, {text} notification"
        yield Claim("Detection", "space_launches", what, "≥ 98 %", space(how))


def _quiet() -> Iterator[Claim]:
    none = lambda v: v == 0  # noqa: E731
    yield Claim("False alarms", "quiet", "nights of false alarms alone: corroborated", "0",
                number("{}", none, "corroborated"))  # fmt: skip
    yield Claim("False alarms", "quiet", "the same: most `detected` in one night", "≤ 1",
                number("{}", lambda v: v <= 1, "most_detected_in_a_run"))  # fmt: skip

    def detected(result: Result) -> tuple[str, bool | None]:
        hours = result["hours"]
        rate = 24 * result["detected"] / hours
        high = 24 * (result["detected"] + 3.0) / hours  # about the 95 % bound of a Poisson count
        return f"{rate:.2f} (95 %: below some {high:.1f}) over {hours:g} h", rate <= 1

    yield Claim("False alarms", "watch", "real background: `detected` a day", "≤ 1", detected)
    for name in ("corroborated", "alerts"):
        yield Claim("False alarms", "watch", f"real background: {name}", "0", number("{}", none, name))
    for how, text in (("alone", "without"), ("notified", "with")):
        yield Claim("False alarms", "space_launches", f"space launches, {text} notification: public alerts", "0",
                    number("{}", none, how, "alerts"))  # fmt: skip

    def flips(result: Result) -> tuple[str, bool | None]:
        missed = sum(result["missed"].values())
        return f"{missed} of {result['flips']:,}", missed == 0

    yield Claim("False alarms", "alerts", "single bits flipped and missed", "0", flips)


def _calibration() -> Iterator[Claim]:
    for moment in ("120 s after the radar", "last before impact"):
        for part in ("launch", "impact"):
            read = at_least(0.935, "moments", moment, part, "inside", "95")
            yield Claim(
                "Calibration", "demo", f"demonstration, {moment}: 95 % {part} ellipse holds", "≥ 93.5 %", read
            )
    for moment in ("120 s after the radar", "last before impact"):

        def nees(result: Result, moment: str = moment) -> tuple[str, bool | None]:
            v = result["moments"][moment]["nees"]
            low, high = v["band"]
            return f"{v['mean']:.2f} over {v['of']}", low <= v["mean"] <= high

        yield Claim("Calibration", "demo", f"demonstration, {moment}: mean NEES", "5.70–6.31 (of six)", nees)

    def identity(result: Result) -> tuple[str, bool | None]:
        text = ", ".join(f"{name} {row['brier']:.3f}" for name, row in result["readings"].items())
        return text, None

    yield Claim("Calibration", "identity", "identity: Brier's score by reading", "stated", identity)


def _areas(results: dict[str, Result]) -> Iterator[Claim]:
    """The areas of random vehicles: one row a level, part and moment."""
    bands = {"50": 3.0, "90": 2.0, "95": 1.5, "99": 0.7}
    rows = [row for row in results.get("honesty", {}).get("held", []) if row["seen"] == "all"]
    pairs = [(row["part"], row["moment"]) for row in rows] or [("launch and impact", "all moments")]
    for part, moment in pairs:
        for level, band in bands.items():

            def read(result: Result, key: Any = (part, moment, level)) -> tuple[str, bool | None]:
                row = next(
                    r for r in result["held"] if r["seen"] == "all" and (r["part"], r["moment"]) == key[:2]
                )
                share = row["held"][key[2]]
                if not share.get("of"):
                    return "none to judge", None
                return percent(share), abs(100 * share["share"] - float(key[2])) <= bands[key[2]]

            what = f"random vehicles, {part}, {moment}: {level} % area holds"
            yield Claim("Calibration", "honesty", what, f"{level} ± {band:g} %", read)


def _noise() -> Iterator[Claim]:
    bands = {"launch": (1.6, 3.2), "impact": (2.5, 3.2), "impact, radar alone": (2.5, 3.2)}
    for what, (low, high) in bands.items():

        def read(result: Result, what: str = what) -> tuple[str, bool | None]:
            v, (low, high) = result[what]["error_m"], result[what]["band"]
            return f"× {v['ratio']:g} ({v['low']:g}–{v['high']:g})", low <= v["ratio"] <= high

        yield Claim(
            "Calibration", "noise", f"noise × 3, the same draws: error of the {what}", f"× {low}–{high}", read
        )


def _accuracy() -> Iterator[Claim]:
    def bound(satellites: int, looks: int, below: float) -> Read:
        def read(result: Result) -> tuple[str, bool | None]:
            rows = [f for f in result["rows"] if f["row"][1] == satellites and f["looks"] >= looks]
            ratios = [f["ratio"] for f in rows]
            good = all(2 - below <= ratio <= below for ratio in ratios)
            return f"× {min(ratios):g}–{max(ratios):g} over {len(rows)} rows, ± {rows[0]['spread']:g}", good

        return read

    yield Claim("Accuracy", "known", "launch point against its bound, profile known, two satellites (R9)", "× 0.9–1.1",
                bound(2, 1, 1.1))  # fmt: skip
    yield Claim("Accuracy", "known", "the same, one satellite with 12 looks or more", "× 0.85–1.15",
                bound(1, 12, 1.15))  # fmt: skip
    yield Claim("Accuracy", "peers", "radar tracks warm-started: RMSE against the bound", "× 0.95–1.05",
                number("× {:.2f}", lambda v: 0.95 <= v <= 1.05, "accuracy", "place_over_bound"))  # fmt: skip
    yield Claim("Accuracy", "peers", "the same: ANEES of one", "0.9–1.1",
                number("{:.2f}", lambda v: 0.9 <= v <= 1.1, "accuracy", "anees_6"))  # fmt: skip
    yield Claim("Accuracy", "propagation", "kicked conics at impact, largest of 10,000", "≤ 2 m",
                lambda r: (f"{r['error_m']['(a) drift: kicked conics'][1]:.2g} m",
                           r["error_m"]["(a) drift: kicked conics"][1] <= 2))  # fmt: skip


def _speed() -> Iterator[Claim]:
    part = "Latency and speed"

    def worst(n: str) -> Read:
        def read(result: Result) -> tuple[str, bool | None]:
            row = result["speed"][n]
            ratio = row["tracker_worst"] / row["tracker_median"]
            return f"{ratio:.1f}", ratio <= 3

        return read

    yield Claim(part, "speed", "15 min, four sensors: simulate, process, report", "≤ 10 s",
                number("{:.2f} s", lambda v: v <= 10, "total_s"))  # fmt: skip
    yield Claim(part, "speed", "`process` alone against real time", "≥ 1,000 ×",
                number("{:,} ×", lambda v: v >= 1000, "process_times_real_time"))  # fmt: skip
    yield Claim(part, "watch", "real background processed against real time", "≥ 5,000 ×",
                lambda r: (f"{(x := 3600 * r['hours'] / r['processor_s']):,.0f} ×", x >= 5000))  # fmt: skip
    yield Claim(part, "background", "a day of background simulated, 20 a scan", "≤ 60 s, < 1 GB",
                lambda r: (f"{(b := r['20 a scan'])['simulate_s']:.1f} s, {b['memory_mb']:.0f} MB",
                           b["simulate_s"] <= 60 and b["memory_mb"] < 1000))  # fmt: skip
    yield Claim(part, "propagation", "conics' time against heyoka's batch", "≤ 0.75",
                number("{:.2f}", lambda v: v <= 0.75, "ratio_to_heyoka_batch"))  # fmt: skip
    for n in ("100", "200"):
        yield Claim(part, "peers", f"tracker against Stone Soup's GNN, {n} targets", "≥ 300 ×",
                    number("{:.0f} ×", lambda v: v >= 300, "speed", n, "tracker_faster"))  # fmt: skip
        yield Claim(part, "peers", f"whole pipeline against it, {n} targets", "≥ 100 ×",
                    number("{:.0f} ×", lambda v: v >= 100, "speed", n, "pipeline_faster"))  # fmt: skip
        yield Claim(part, "peers", f"worst scan over the median, {n} targets", "≤ 3", worst(n))
    yield Claim(part, "peers", "worst scan over the median, 1,000 targets", "≤ 3", worst("1000"))
    yield Claim(part, "peers", "tracker, 1,000 targets, a scan", "≤ 10 ms",
                number("{:.1f} ms", lambda v: v <= 10, "speed", "1000", "tracker_median"))  # fmt: skip
    yield Claim(part, "alerts", "second approval to signed CAP on the disk, 99 %", "≤ 100 ms",
                number("{:.1f} ms", lambda v: v <= 100, "latency_p99_ms"))  # fmt: skip


def _raids(results: dict[str, Result]) -> Iterator[Claim]:
    cases = [name for name in results.get("raid", {}) if " from " in name] or ["2 to 100 launches"]
    asked: tuple[tuple[str, str, Callable[[float, str], bool]], ...] = (
        ("settled_warnings_error_percent", "warnings off 20 s after the last rose, %",
         lambda v, case: v <= (3 if " 2 km" in case else 1)),
        ("rising_raid_error_percent", "size said off while they rise, %", lambda v, _: v <= 10),
        ("phantoms", "phantoms", lambda v, _: v <= 1),
        ("phantoms_corroborated", "phantoms corroborated", lambda v, _: v == 0),
        ("switches_per_object", "switches an object", lambda v, _: v <= 0.1),
    )  # fmt: skip
    limits = {"settled_warnings_error_percent": "≤ 1 (2 km: 3)", "rising_raid_error_percent": "≤ 10", "phantoms": "≤ 1",
              "phantoms_corroborated": "0", "switches_per_object": "≤ 0.1"}  # fmt: skip
    for case in cases:
        for name, text, right in asked:

            def read(result: Result, key: Any = (case, name, right)) -> tuple[str, bool | None]:
                middle, low, high = result[key[0]][key[1]]
                return f"{middle:g} [{low:g}, {high:g}]", bool(key[2](abs(middle), key[0]))

            yield Claim("Raids", "raid", f"{case}: {text}", limits[name], read)


def _historical(results: dict[str, Result]) -> Iterator[Claim]:
    cases = results.get("false_alarms", {}).get("cases", []) or [{"case": "R11 to R24", "step": None}]
    for number_, case in enumerate(cases):

        def read(result: Result, at_: int = number_) -> tuple[str, bool | None]:
            row = result["cases"][at_]
            steps = ", ".join(f"{name} {count}" for name, count in row["steps"].items()) or "no step"
            return f"{steps}; {row['alerts']} alerts", bool(row["holds"])

        step = f"stopped by {case['step']}, 0 alerts" if case["step"] else "told, 0 alerts"
        yield Claim("Historical cases", "false_alarms", case["case"], step, read)

    def load(result: Result) -> tuple[str, bool | None]:
        r = result["load"]
        text = f"missed {r['missed']}, median {r['median_s']:.0f} s, escalated {r['escalated']}"
        return text, r["missed"] == 0 and r["median_s"] < 60 and r["escalated"] <= 4

    yield Claim(
        "Historical cases", "false_alarms", "R24: 18 months at one desk", "missed 0, < 60 s, ≤ 4", load
    )

    def oko(result: Result) -> tuple[str, bool | None]:
        hours, longest = result["r13"]["hours"], result["r13"]["longest_min"]
        return f"{hours:.1f} h, {longest:.0f} min", abs(hours - 9.3) <= 0.25 and abs(longest - 490) <= 10

    what = "R13: Oko sees missile fields, hours a day and longest"
    yield Claim("Historical cases", "maps", what, "9.3 ± 0.25 h, 490 ± 10 min (our bands)", oko)


def _real() -> Iterator[Claim]:
    part = "Real data"

    def one(result: Result) -> tuple[str, bool | None]:
        flight = result["flight"]
        good = flight["warnings"] == 1 and flight["identity"] == "ballistic-missile"
        return f"{flight['warnings']}, {flight['identity']}", good

    def impact(result: Result) -> tuple[str, bool | None]:
        flight = result["flight"]
        low, high = min(flight["all_km"]), max(flight["all_km"])
        return (
            f"{flight['impact_km']:.1f} km ({low:.1f}–{high:.1f} over {len(flight['all_km'])} seeds)",
            high <= 25,
        )

    def coasts(result: Result) -> tuple[str, bool | None]:
        rms = result["stages_m"]
        return f"{min(rms):.0f}–{max(rms):.0f} m of {len(rms)}", max(rms) <= 400

    def boosts(result: Result) -> tuple[str, bool | None]:
        middle, worst = result["upper_median_m"], result["upper_worst_m"]
        return f"median {middle:.0f} m, worst {worst:,.0f} m of {result['upper']}", None

    yield Claim(part, "real", "BulgariaSat-1's first stage: warnings", "1, ballistic", one)
    yield Claim(part, "real", "the same: impact off the arc's end", "≤ 25 km", impact)
    yield Claim(part, "real", "real first stages: altitude about our coast, rms", "≤ 400 m", coasts)
    yield Claim(part, "real", "real upper stages: altitude about our staged thrust, rms", "stated", boosts)


def _studies() -> Iterator[Claim]:
    def growth(result: Result) -> tuple[str, bool | None]:
        return f"× {result['memory_growth']:.3f} of {result['memory_mb']:.0f} MB", result[
            "memory_growth"
        ] <= 1.05

    def thousand(result: Result) -> tuple[str, bool | None]:
        return result["thousand_text"], result["thousand_s"] <= 600

    part = "Studies"
    yield Claim(part, "monte_carlo", "1,000 runs of the demonstration on 2 cores", "≤ 10 min", thousand)
    yield Claim(part, "monte_carlo", "two workers against one", "nearly 2 × (ours: ≥ 1.8)",
                number("{:.2f} ×", lambda v: v >= 1.8, "speed_up"))  # fmt: skip
    yield Claim(part, "monte_carlo", "a worker's memory, a study's last quarter against its second",
                "flat (ours: ≤ × 1.05)", growth)  # fmt: skip
    yield Claim(part, "maps", "2° world, ten fixed sensors, three shapes, 2 cores", "≤ 60 s",
                number("{:.1f} s", lambda v: v <= 60, "world_s"))  # fmt: skip
    yield Claim(part, "maps", "4° through a day, two of twelve sensors moving", "stated",
                number("{:.0f} s", None, "day_s"))  # fmt: skip
