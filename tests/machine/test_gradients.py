"""Norms of gradients against what calculus says of linear models.

Run as a program, this module prints the norms that its backend gives.
"""

import json
import os
import subprocess
import sys

import keras
import numpy as np
import pytest
from helpers import KIT

from colorkit.machine import gradients

FACES = 5
CLOSE = 1e-5
STREAM = np.random.default_rng(0)
X = STREAM.integers(0, 9, (FACES, 3)).astype(np.uint8)  # as L comes
TRUTH = {
    "near": STREAM.normal(size=(FACES, 2)).astype(np.float32),
    "far": STREAM.normal(size=(FACES, 1)).astype(np.float32),
}
WEIGHTS = [STREAM.normal(size=shape).astype(np.float32) for shape in ((3, 4), (4, 2), (2, 1))]
LOSSES = {
    "near": lambda true, pred: keras.ops.mean((pred - true) ** 2, axis=-1),  # (B,)
    "far": lambda true, pred: keras.ops.mean(true * pred),  # a scalar: its mean is itself
}


def build_chain() -> keras.Model:
    """Build three matrices in a row.

    `near` comes out of the second, so the third counts for `far` alone.
    """
    x = keras.Input((3,))
    layers = [keras.layers.Dense(weight.shape[1], use_bias=False) for weight in WEIGHTS]
    near = layers[1](layers[0](x))
    model = keras.Model(x, {"near": near, "far": layers[2](near)})
    model.set_weights(WEIGHTS)
    return model


def differentiate(weights: list[np.ndarray], learning: tuple[int, ...]) -> dict[str, float]:
    """Compute the norms of the gradients of `build_chain`, over the matrices that learn."""
    one, two, three = (weight.astype(np.float64) for weight in weights)
    middle = X @ one
    near = middle @ two
    found = {}
    pulls = {
        "near": (near - TRUTH["near"]) / FACES,
        "far": TRUTH["far"] / FACES @ three.T,
    }  # of the loss on `near`, (B, 2)
    for name, pull in pulls.items():
        parts = [
            X.T @ pull @ two.T,
            middle.T @ pull,
            near.T @ TRUTH["far"] / FACES if name == "far" else 0 * three,
        ]
        found[name] = float(np.sqrt(sum(np.sum(parts[index] ** 2) for index in learning)))
    return found


def build_normalized() -> keras.Model:
    """Build a model whose output depends on the batch and on chance, but only in training.

    In inference mode it depends on the moving averages alone, 2 and 4 squared.
    """
    x = keras.Input((3,))
    bn = keras.layers.BatchNormalization(center=False, scale=False, epsilon=0)
    model = keras.Model(
        x, {"far": keras.layers.Dense(1, use_bias=False)(keras.layers.Dropout(0.5)(bn(x)))}
    )
    bn.set_weights([np.full(3, 2, np.float32), np.full(3, 16, np.float32)])
    return model


def make_meter_of_norms(model: keras.Model, losses: gradients.Losses):
    """Make a `gradients.meter` of norms, which NumPy computes here."""
    measured = gradients.meter(model, losses)

    def norms(x, truth) -> dict[str, float]:
        return {
            name: float(np.linalg.norm([np.linalg.norm(part) for part in parts]))
            for name, parts in measured(x, truth).items()
        }

    return norms


def measure() -> dict[str, dict]:
    """Ask one meter several times while its model changes, and one of another model."""
    model = build_chain()
    norms = make_meter_of_norms(model, LOSSES)
    found = {"as made": norms(X, TRUTH)}
    model.layers[1].trainable = False
    found["first frozen"] = norms(X, TRUTH)
    model.layers[3].trainable = False
    found["second alone"] = norms(X, TRUTH)
    for layer in model.layers:
        layer.trainable = True
    model.set_weights([2 * weight for weight in WEIGHTS])
    found["doubled"] = norms(X, TRUTH)
    found["normalized"] = make_meter_of_norms(build_normalized(), {"far": lambda true, pred: pred})(
        X, TRUTH
    )
    return found


EXPECTED = {
    "as made": differentiate(WEIGHTS, (0, 1, 2)),
    "first frozen": differentiate(WEIGHTS, (1, 2)),
    "second alone": differentiate(WEIGHTS, (1,)),
    "doubled": differentiate([2 * weight for weight in WEIGHTS], (0, 1, 2)),
    "normalized": {"far": float(np.linalg.norm((X.mean(0) - 2) / 4))},
}


@pytest.fixture(scope="module")
def measured() -> dict[str, dict]:
    return measure()


@pytest.mark.parametrize("case", EXPECTED)
def test_norms_are_what_calculus_says(measured, case):
    """Whichever weights learn at that moment, whatever their values, always in inference mode."""
    assert measured[case] == pytest.approx(EXPECTED[case], rel=CLOSE)


@pytest.mark.slow
def test_jax_gives_the_same_norms(measured):
    surroundings = os.environ | {
        "KERAS_BACKEND": "jax",
        "CUDA_VISIBLE_DEVICES": "",
        "PYTHONPATH": os.pathsep.join([str(KIT), str(KIT / "tests")]),
    }
    done = subprocess.run(
        [sys.executable, __file__],
        env=surroundings,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
        encoding="utf-8",
    )
    assert done.returncode == 0, done.stderr[-2000:]
    other = json.loads(done.stdout)
    assert other["backend"] == "jax"
    for case in EXPECTED:
        assert other["norms"][case] == pytest.approx(measured[case], rel=CLOSE)


def test_a_loss_that_depends_on_no_weight_has_the_norm_0():
    norms = make_meter_of_norms(
        build_chain(), {"near": lambda true, pred: true**2, "far": LOSSES["far"]}
    )(X, TRUTH)
    assert norms == {"near": 0.0, "far": pytest.approx(EXPECTED["as made"]["far"], rel=CLOSE)}


def test_the_ratio_of_two_gradients():
    """Over all their numbers: 5 to 13, by Pythagoras."""
    one, other = (
        [np.array([[3.0]]), np.array([4.0, 0.0])],
        [np.array([[5.0]]), np.array([0.0, 12.0])],
    )
    assert gradients.ratio(one, other) == pytest.approx(5 / 13)
    assert gradients.ratio(other, one) == pytest.approx(13 / 5)
    assert gradients.ratio(one, [0 * part for part in other]) == float("inf")
    assert gradients.ratio([0 * part for part in one], other) == 0


def test_measuring_moves_nothing():
    for model in (build_chain(), build_normalized()):
        before = [variable.numpy().copy() for variable in model.variables]
        gradients.meter(model, {"far": LOSSES["far"]})(X, TRUTH)
        assert all(
            np.array_equal(old, variable.numpy())
            for old, variable in zip(before, model.variables, strict=True)
        )


def test_a_small_gradient_is_not_lost_in_float16():
    """Below 6e-8 float16 knows only 0."""
    x = keras.Input((3,))
    out = keras.layers.Dense(1, use_bias=False, dtype="mixed_float16")(x)
    model = keras.Model(x, {"far": keras.layers.Activation("linear", dtype="float32")(out)})
    norms = make_meter_of_norms(model, {"far": lambda true, pred: 1e-7 * pred})(
        X, TRUTH
    )  # of each of 5 rows, 2e-8
    assert norms["far"] == pytest.approx(1e-7 * np.linalg.norm(X.mean(0)), rel=3e-2)


def test_another_backend_is_refused_by_name(monkeypatch):
    model = build_chain()
    monkeypatch.setattr(keras.backend, "backend", lambda: "torch")
    with pytest.raises(
        NotImplementedError,
        match="measured with torch: set KERAS_BACKEND to one of tensorflow, jax",
    ):
        gradients.meter(model, LOSSES)


if __name__ == "__main__":
    print(json.dumps({"backend": keras.backend.backend(), "norms": measure()}))
