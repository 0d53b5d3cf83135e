"""Where nothing happens, nothing is said: false alarms alone. Two hours here, six in `make bench`."""

from msgspec.structs import replace

from tocsin.messages import Alert, Warning
from tocsin.pipeline import Pipeline
from tocsin.simulation import load, simulate


def test_two_hours_of_false_alarms():
    recording = simulate(replace(load("quiet"), duration_s=7_200.0))
    pipeline = Pipeline()
    events = [event for message in recording.messages for event in pipeline.receive(message)]
    events += pipeline.finish()
    scans = [m for m in recording.messages if hasattr(m, "detections")]
    assert sum(len(m.detections) for m in scans) > 10_000, "there were false alarms to be misled by"
    warnings = [e for e in events if isinstance(e, Warning)]
    assert not [w for w in warnings if w.state in ("corroborated", "confirmed")]
    assert len({w.id for w in warnings}) <= 1
    assert not [e for e in events if isinstance(e, Alert)]
