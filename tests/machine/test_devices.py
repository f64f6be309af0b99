"""Several devices, tried on logical ones of this CPU.

They have processes of their own, because their number can't change once Keras has started.
"""

import json
import os
import socket
import subprocess
import sys
import types
from pathlib import Path

import keras
import numpy as np
import pytest
from helpers import KIT, tiny_config
from packaging.version import Version

from colorkit import profiles
from colorkit.data.splits import Split
from colorkit.errors import KitError
from colorkit.machine import accelerators, devices
from colorkit.training import build, run_config

pytestmark = pytest.mark.slow  # four processes
CLOSE = 1e-4  # relative: sums in another order
# What this Keras can't do is refused (test_a_keras_that_can_not_share_..._is_refused).
MIRRORS = Version(keras.__version__) >= Version(devices.KERAS_FOR_MIRRORS)
SEVERAL_HOSTS = Version(keras.__version__) >= Version(accelerators.KERAS_FOR_HOSTS)
on_mirrors = pytest.mark.skipif(not MIRRORS, reason="this Keras has no sound mirrors")
on_several_hosts = pytest.mark.skipif(not SEVERAL_HOSTS, reason="this Keras trains on one host")
FACES = Split(np.zeros((5, 112, 112, 3), np.uint8), np.arange(5).astype(str))


def start_process(folder: Path, what: str, backend: str, **variables: str) -> subprocess.Popen:
    """Start tests/sharing.py; what it prints goes to a file, so that no pipe fills up."""
    folder.mkdir()
    surroundings = os.environ | {"KERAS_BACKEND": backend, "CUDA_VISIBLE_DEVICES": ""} | variables
    with open(folder / "log", "w", encoding="utf-8") as log:
        command = [sys.executable, "sharing.py", what, str(folder)]
        return subprocess.Popen(
            command, cwd=KIT / "tests", env=surroundings, stdout=log, stderr=subprocess.STDOUT
        )


@pytest.fixture(scope="module")
def results(tmp_path_factory) -> dict[str, dict]:
    """What each process found. They run at once, because most of their time is compilation."""
    folder = tmp_path_factory.mktemp("sharing")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        address = f"127.0.0.1:{free.getsockname()[1]}"
    hosts = [
        {"JOB_ADDRESSES": address, "NUM_PROCESSES": "2", "PROCESS_ID": number}
        for number in ("0", "1")
    ]
    hosts = [
        {f"KERAS_DISTRIBUTION_{name}": value for name, value in host.items()} for host in hosts
    ]
    flags = f"{os.environ.get('XLA_FLAGS', '')} --xla_force_host_platform_device_count=2"
    running = {"jax": start_process(folder / "jax", "two", "jax", XLA_FLAGS=flags)}
    if MIRRORS:
        running["tensorflow"] = start_process(folder / "tensorflow", "two", "tensorflow")
    if SEVERAL_HOSTS:
        for name, variables in (("host 0", hosts[0]), ("host 1", hosts[1])):
            running[name] = start_process(folder / name, "joined", "jax", **variables)
    try:
        ended = {name: process.wait(timeout=300) for name, process in running.items()}
    finally:
        for process in running.values():
            process.kill()
    failed = {
        name: (folder / name / "log").read_text(encoding="utf-8")[-2000:]
        for name, status in ended.items()
        if status
    }
    assert not failed, failed
    return {
        name: json.loads((folder / name / "result.json").read_text(encoding="utf-8"))
        for name in running
    }


@pytest.fixture(params=[pytest.param("tensorflow", marks=on_mirrors), "jax"])
def result(request, results) -> dict:
    return results[request.param]


def test_both_devices_hold_the_model(result):
    assert result["count"] == result["holders"] == 2


@pytest.mark.parametrize("network", ["plain", "normalized"])
def test_two_devices_give_the_loss_of_one(result, network):
    one, both = result[network]
    assert both == pytest.approx(one, rel=CLOSE)
    # it learned, so not only the first step's forward pass is the same
    assert one[1] < (1 - 3 * CLOSE) * one[0]


@on_mirrors
def test_unsynchronized_normalization_would_not(results):
    """The counter-check: each device's half of a batch has a mean and variance of its own."""
    one, _ = results["tensorflow"]["normalized"]
    assert results["tensorflow"]["unsynchronized"] != pytest.approx(one, rel=10 * CLOSE)


def test_batch_by_batch_too(results):
    one, both = results["jax"]["by batch"]
    assert both == pytest.approx(one, rel=CLOSE)
    assert one[1] != pytest.approx(one[0], rel=CLOSE)


def test_a_gan_by_epoch_trains_and_is_judged(result):
    (record,) = result["gan"]
    assert {"mse", "g_cross_entropy", "d_loss", "d_real", "d_generated", "g_ratio"} <= record.keys()
    assert np.isfinite(list(record.values())).all()
    assert record["g_ratio"] > 0


def test_a_prediction_for_a_number_of_faces_that_devices_do_not_divide(result):
    assert result["odd"] < 1e-4  # CIELAB units


def test_values_go_back_exactly(result):
    assert result["restored"] is True


def test_nothing_of_it_stays_behind(result):
    """Keras' distribution on JAX is the process's: a reader's own model must not meet it."""
    assert result["left behind"] == "None"


@on_several_hosts
def test_two_processes_train_one_run(results):
    hosts = [results["host 0"], results["host 1"]]
    assert [host["hosts"] for host in hosts] == [2, 2]
    assert hosts[0]["history"] == hosts[1]["history"]
    one, _ = results["jax"]["normalized"]
    assert [record["mse"] for record in hosts[0]["history"]] == pytest.approx(one, rel=CLOSE)
    # as trained, and as read back from either folder
    assert len({digest for host in hosts for digest in host["digests"]}) == 1


@on_several_hosts
def test_hosts_that_hold_different_states_are_refused(results):
    for name in ("host 0", "host 1"):
        assert results[name]["refused"].startswith(
            "the hosts hold different states of this run: copy one host's run folder"
        )


# how a pass is shared


def set_devices(monkeypatch, number: int, backend: str = "jax") -> None:
    monkeypatch.setattr(devices, "count", lambda: number)
    monkeypatch.setattr(devices, "host", lambda: (0, 1))
    monkeypatch.setattr(keras.backend, "backend", lambda: backend)


@pytest.mark.parametrize(("number", "sizes"), [(1, [2, 2, 1]), (2, [2, 2])])
def test_a_pass_is_a_multiple_of_the_devices(monkeypatch, number, sizes):
    set_devices(monkeypatch, number)
    batches = build.batches(tiny_config("cnn", batch_size=2), FACES, 0)
    assert [len(batches[index][0]) for index in range(len(batches))] == sizes


@pytest.mark.parametrize(
    ("size", "number", "choice"),
    [
        (4, 3, "choose a batch size of 3"),
        (2, 4, "choose a batch size of 4"),
        (8, 8, "choose 8 faces or more"),
    ],
)
def test_what_cannot_be_shared_is_refused_by_name(monkeypatch, size, number, choice):
    set_devices(monkeypatch, number)
    with pytest.raises(KitError, match=f"can't be shared evenly by {number} devices: {choice}"):
        build.batches(tiny_config("cnn", batch_size=size), FACES, 0)


@pytest.mark.parametrize(
    ("schedule", "backend", "shares"),
    [("epoch", "tensorflow", 4), ("batch", "tensorflow", 1), ("batch", "jax", 4)],
)
def test_a_gan_by_batch_takes_one_device_of_tensorflow(monkeypatch, schedule, backend, shares):
    set_devices(monkeypatch, 4, backend)
    assert (
        build.shares_of(run_config.configure("gan", profiles.get("smoke"), "d", schedule=schedule))
        == shares
    )


@pytest.mark.parametrize(("faces", "shown"), [(1, 3), (3, 3), (31, 33), (34, 36), (66, 66)])
def test_every_device_has_a_face_to_predict(monkeypatch, faces, shown):
    """In the last batch too: it is a multiple of the devices, as the batch size is."""
    set_devices(monkeypatch, 3, "tensorflow")
    asked = []

    def predict(batches, verbose):
        shown = [second.numpy() for ((_, second),) in batches]
        asked.extend(len(batch) for batch in shown)
        return np.concatenate(shown) + 1

    L = np.arange(faces, dtype=np.float32)[:, None]
    assert np.array_equal(
        devices.predict(types.SimpleNamespace(predict=predict), (0 * L, L)), L + 1
    )
    assert (sum(asked), max(asked)) == (shown, min(shown, 33))
    assert all(size % 3 == 0 for size in asked)


def test_every_normalization_is_synchronized(monkeypatch, small_resnet):
    """Also those of the encoder, a model in the model; on one device none."""
    monkeypatch.setattr(keras.backend, "backend", lambda: "tensorflow")
    model = build.build_trainer(tiny_config("resnet")).predictor
    found = [
        layer
        for layer in devices.all_layers(model)
        if isinstance(layer, keras.layers.BatchNormalization)
    ]
    assert {layer.synchronized for layer in found} == {False}
    assert len(found) == 1 + 1 + 5  # the small encoder's, the mixing convolution's, the decoder's
    devices.synchronize(model)
    assert {layer.synchronized for layer in found} == {True}


def test_a_keras_that_can_not_share_with_gpus_is_refused(monkeypatch):
    monkeypatch.setattr(keras, "__version__", "3.9.2")
    set_devices(monkeypatch, 2, "tensorflow")
    devices._strategy.cache_clear()
    with pytest.raises(KitError) as caught:
        devices.building(2)
    assert str(caught.value) == (
        "several GPUs: expected Keras 3.10 or newer, got 3.9.2: "
        "run `pip install 'keras>=3.10'` or set CUDA_VISIBLE_DEVICES=0 to train on one"
    )


def test_a_keras_that_can_not_share_with_hosts_is_refused(monkeypatch):
    """Before any host is joined: the others would wait for it."""
    monkeypatch.setattr(keras, "__version__", "3.10.0")
    monkeypatch.setattr(keras.distribution, "initialize", pytest.fail)
    monkeypatch.setenv("KERAS_DISTRIBUTION_NUM_PROCESSES", "2")
    accelerators._join_hosts.cache_clear()
    with pytest.raises(KitError) as caught:
        accelerators.jax_devices()
    assert str(caught.value) == (
        "several machines: expected Keras 3.11 or newer, got 3.10.0: "
        "run `pip install 'keras>=3.11'` on each of them"
    )


def test_hosts_are_joined_once_and_before_jax_is_asked(monkeypatch):
    asked = []
    monkeypatch.setattr(keras, "__version__", "3.11.0")
    monkeypatch.setattr(keras.distribution, "initialize", lambda: asked.append("joined"))
    monkeypatch.setitem(
        sys.modules, "jax", types.SimpleNamespace(devices=lambda: asked.append("devices"))
    )
    accelerators._join_hosts.cache_clear()
    accelerators.jax_devices()
    assert asked == ["devices"]
    monkeypatch.setenv("KERAS_DISTRIBUTION_NUM_PROCESSES", "2")
    accelerators.jax_devices()
    accelerators.jax_devices()
    accelerators._join_hosts.cache_clear()
    assert asked == ["devices", "joined", "devices", "devices"]
