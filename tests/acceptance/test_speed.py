"""How long it takes: measured and said, judged only where it is wildly off. `make bench` measures it with care."""

from tocsin.run import process


def test_processing_is_far_faster_than_real_time(demo_run, tmp_path, pace):
    with pace(demo_run.summary["data_s"] / 1_000):
        process([demo_run.recording], tmp_path / "out")
