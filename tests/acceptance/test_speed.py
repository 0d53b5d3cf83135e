"""How long it takes: measured and said, judged only where it is wildly off. `make bench` measures it with care."""

import time
import warnings

from tocsin.run import process


def test_processing_is_far_faster_than_real_time(demo_run, tmp_path):
    begun = time.perf_counter()
    summary = process([demo_run.recording], tmp_path / "out").summary
    took = time.perf_counter() - begun
    faster = summary["data_s"] / took
    print(f"process: {took:.2f} s, {faster:.0f} times real time")
    if faster < 1_000:
        with warnings.catch_warnings():
            warnings.simplefilter("always")
            warnings.warn(f"process ran at {faster:.0f} times real time, asked are 1,000", stacklevel=1)
    assert faster > 10, "a real-time system that cannot keep up"
