"""The tables of a study: a row a run, a row an object, and apart from them how long each run took."""

from typing import Any, Final

import pyarrow as pa
from msgspec import Struct

from tocsin.errors import ConfigError
from tocsin.study.plan import Plan

Row = dict[str, Any]

RUN: Final = [
    ("run", pa.int64()), ("repeat", pa.int64()), ("point", pa.int64()), ("seed", pa.int64()), ("error", pa.string()),
]  # fmt: skip
RUN_SCORES: Final = [
    ("objects", pa.int64()), ("warnings", pa.int64()), ("events", pa.int64()), ("alerts", pa.int64()),
    ("false_warnings", pa.int64()), ("missed", pa.int64()), ("gospa_m", pa.float64()), ("scans", pa.int64()),
    ("detections", pa.int64()), ("rejected", pa.int64()), ("late", pa.int64()), ("duplicates", pa.int64()),
    ("dismissed", pa.int64()), ("data_s", pa.float64()),
]  # fmt: skip
_AREA: Final = [
    ("error_m", pa.float64()), ("time_error_s", pa.float64()), ("time_sigma_s", pa.float64()),
    ("semi_major_m", pa.float64()), ("semi_minor_m", pa.float64()), ("chi2", pa.float64()),
    ("inside_50", pa.bool_()), ("inside_95", pa.bool_()), ("inside_99", pa.bool_()),
]  # fmt: skip
OBJECTS: Final = pa.schema(
    [("run", pa.int64()), ("point", pa.int64()), ("object", pa.string()), ("origin", pa.string()),
     ("vehicle", pa.string()), ("true_identity", pa.string()), ("flight_s", pa.float64()), ("warning", pa.string()),
     ("versions", pa.int64()), ("state", pa.string()), ("outcome", pa.string()), ("identity", pa.string()),
     ("identity_probability", pa.float64()), ("first_detection_s", pa.float64()), ("first_warning_s", pa.float64()),
     ("corroborated_s", pa.float64()), ("first_impact_s", pa.float64()), ("first_alert_s", pa.float64()),
     ("lead_s", pa.float64()), ("corroborated_lead_s", pa.float64()), ("impact_lead_s", pa.float64()),
     ("alert_lead_s", pa.float64())]
    + [(f"{part}_{name}", kind) for part in ("launch", "impact") for name, kind in _AREA]
    + [("nees", pa.float64()), ("position_error_m", pa.float64()), ("velocity_error_mps", pa.float64())]
)  # fmt: skip
TIMING: Final = pa.schema(
    [("run", pa.int64()), ("wall_s", pa.float64()), ("simulate_s", pa.float64()), ("process_s", pa.float64()),
     ("score_s", pa.float64()), ("worker", pa.string())]
)  # fmt: skip
NAMES: Final = ("runs", "objects", "timing")


class Rows(Struct, frozen=True):
    """What runs came to, by table; as they cross from a worker."""

    runs: list[Row]
    objects: list[Row]
    timing: list[Row]

    def extend(self, others: "Rows") -> None:
        """Add the rows of other runs."""
        for name in NAMES:
            getattr(self, name).extend(getattr(others, name))


def schemas(plan: Plan) -> dict[str, pa.Schema]:
    """Return the columns of each table; those of what varies have the type of its values."""
    varied = [(path, _kind(values)) for path, values in varying(plan).items()]
    own = {name for name, _ in [*RUN, *RUN_SCORES]}
    for path, _ in varied:
        if path in own:
            raise ConfigError(f'{plan.file}: "{path}" cannot vary; it is the name of a result')
    return {"runs": pa.schema([*RUN, *varied, *RUN_SCORES]), "objects": OBJECTS, "timing": TIMING}


def varying(plan: Plan) -> dict[str, tuple[Any, ...]]:
    """Return the values (of what is drawn: the corners) of every path that varies."""
    corners = {
        path: tuple(float(v) for v in shape.values) if shape.shape != "choice" else shape.values
        for path, shape in plan.draws.items()
    }
    return plan.grid | corners


def table(rows: list[Row], schema: pa.Schema) -> pa.Table:
    """Make a table of rows; what a row leaves out is null."""
    return pa.Table.from_pylist(rows, schema)


def cells(plan: Plan, parameters: Row) -> Row:
    """Return the parameters of a run as its row holds them: what is neither number nor truth value as words."""
    kinds = {path: _kind(values) for path, values in varying(plan).items()}
    return {path: words(v) if kinds[path] == pa.string() else v for path, v in parameters.items()}


def words(value: Any) -> str:
    """Write a parameter's value; of a list, its items."""
    return ", ".join(words(item) for item in value) if isinstance(value, list | tuple) else str(value)


def _kind(values: tuple[Any, ...]) -> pa.DataType:
    kinds = {type(value) for value in values}
    if kinds == {bool}:
        return pa.bool_()
    if kinds == {int}:
        return pa.int64()
    return pa.float64() if kinds <= {int, float} else pa.string()
