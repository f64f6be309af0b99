"""Freed memory stays in the process, which saves a page fault for each 4 KB of every step."""

import json
import os
import subprocess
import sys

import pytest
from helpers import KIT

from colorkit.machine import feeding

PROGRAM = """
import ctypes, json, resource, sys
import numpy as np, tensorflow as tf
from colorkit.machine import feeding

def read_a_data_set():
    signature = tf.TensorSpec((), tf.int32)
    list(tf.data.Dataset.from_generator(lambda: iter([0]), output_signature=signature))

def faults():
    before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
    for _ in range(50):
        np.ones(500_000)  # 977 pages, freed at once; from 4 MB on NumPy would ask for large pages
    return resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before

if sys.argv[1] == "after TensorFlow":
    read_a_data_set()
    # the first as TensorFlow does from 2.21 on
    for threshold in (feeding.M_TRIM_THRESHOLD, feeding.M_MMAP_THRESHOLD):
        ctypes.CDLL(None).mallopt(threshold, 128 << 10)
found = [faults()]
feeding.keep()
faults()
read_a_data_set()
print(json.dumps([*found, faults()]))
"""


@pytest.mark.needs("glibc")
@pytest.mark.slow
def test_freed_memory_is_kept_whether_tensorflow_has_been_at_it_or_not():
    surroundings = os.environ | {
        "PYTHONPATH": str(KIT),
        "KERAS_BACKEND": "tensorflow",
        "CUDA_VISIBLE_DEVICES": "",
    }
    for order in ("after TensorFlow", "before"):
        done = subprocess.run(
            [sys.executable, "-c", PROGRAM, order],
            env=surroundings,
            capture_output=True,
            check=True,
            encoding="utf-8",
        )
        before, after = json.loads(done.stdout)
        if order == "after TensorFlow":
            assert before > 50 * 200  # the counter-check: each array is in new memory
        assert after < 2000


def test_elsewhere_nothing_is_done(monkeypatch):
    monkeypatch.setattr(sys, "platform", "darwin")
    monkeypatch.setattr(feeding.ctypes, "CDLL", lambda _: pytest.fail("looked for"))
    feeding.keep.__wrapped__()
