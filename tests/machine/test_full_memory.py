"""That the memory is full is recognized in the words of each library."""

import cv2
import numpy as np
import pytest

from colorkit.machine import console, memory


def fail_in_numpy():
    np.empty((10**6, 10**6, 10**3))


def fail_in_opencv():
    cv2.resize(np.zeros((9, 9), np.uint8), (2**30, 2**20))


@pytest.mark.parametrize("fail", [fail_in_numpy, fail_in_opencv])
def test_a_library_that_gets_no_memory(fail):
    with pytest.raises((MemoryError, cv2.error)) as caught:
        fail()
    assert memory.is_full(caught.value)
    assert console.describe(caught.value) == console.MEMORY


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("ResourceExhaustedError", "{{function_node __wrapped__Conv2D}} OOM when allocating"),
        ("JaxRuntimeError", "RESOURCE_EXHAUSTED: Out of memory while trying to allocate 9 bytes."),
    ],
)
def test_a_framework_whose_device_is_full(name, words):
    assert memory.is_full(type(name, (Exception,), {})(words))


def test_another_failure_is_another_failure():
    assert not memory.is_full(ValueError("the memory of a color"))
    assert not memory.is_full(KeyboardInterrupt())
