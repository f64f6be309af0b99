import json
import os
import subprocess
import sys

import pytest
from helpers import KIT

from colorkit import memory

PROGRAM = """
import ctypes, json, resource, sys
import numpy as np, tensorflow as tf
from colorkit import memory

def faults():
    before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
    for _ in range(20):
        np.ones(1 << 20)  # 8 MB, 2,048 pages, freed at once
    return resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before

if sys.argv[1] == "after TensorFlow":
    list(tf.data.Dataset.from_generator(lambda: iter([0]), output_signature=tf.TensorSpec((), tf.int32)))
    ctypes.CDLL(None).mallopt(memory.M_TRIM_THRESHOLD, 128 << 10)  # which TensorFlow has done from 2.21 on
found = [faults()]
memory.keep()
faults()
list(tf.data.Dataset.from_generator(lambda: iter([0]), output_signature=tf.TensorSpec((), tf.int32)))
print(json.dumps([*found, faults()]))
"""


@pytest.mark.skipif(sys.platform != "linux", reason="glibc's")
def test_freed_memory_is_kept_whether_tensorflow_has_been_at_it_or_not():
    surroundings = os.environ | {"PYTHONPATH": str(KIT), "KERAS_BACKEND": "tensorflow", "CUDA_VISIBLE_DEVICES": ""}
    for order in ("after TensorFlow", "before"):
        done = subprocess.run([sys.executable, "-c", PROGRAM, order], env=surroundings, capture_output=True, text=True, check=True)
        before, after = json.loads(done.stdout)
        if order == "after TensorFlow":
            assert before > 4 * 2048  # the counter-check: each array is in new memory (in large pages where the system gives them)
        assert after < 2048


def test_elsewhere_nothing_is_done(monkeypatch):
    monkeypatch.setattr(sys, "platform", "darwin")
    monkeypatch.setattr(memory.ctypes, "CDLL", lambda _: pytest.fail("looked for"))
    memory.keep.__wrapped__()
