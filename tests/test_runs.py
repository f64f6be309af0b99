import json
import os
import shutil
import subprocess
import sys

import numpy as np
import pytest
from helpers import KIT, small_encoder, tiny_config, truncate

from colorkit import checkpoints, runs
from colorkit.errors import KitError

# what must survive a restart: dropout's random state for both, and for the GAN two models and two optimizers that take turns
CONFIGS = {
    "cnn": tiny_config("cnn", dropout=0.3, dropout_at=("bottleneck", "dense")),
    "gan": tiny_config("gan", dropout=0.3, fine_tune=True),
}

# a student's next session: another process, which knows nothing but the folder
NEXT_SESSION = """
import sys
from pathlib import Path
import keras
from helpers import small_encoder
from colorkit import runs, splits
keras.applications.ResNet50 = small_encoder
train, val = (splits.load(Path(sys.argv[1]), name) for name in ("train", "val"))
for folder in sys.argv[2:]:
    runs.Run(Path(folder)).train(train, val, 4)
"""


@pytest.fixture(scope="module")
def sessions(tmp_path_factory, data, train, val):
    """Both configs trained for 4 epochs straight; and from the folder as it was after 2 epochs, a new process trained 2 more."""
    home = tmp_path_factory.mktemp("runs")

    def save_and_copy(store, number, arrays, state):
        original(store, number, arrays, state)
        if number == 2:  # what a session that ended here would leave
            shutil.copytree(store.folder, str(store.folder).replace("straight", "parts"))

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(runs.keras.applications, "ResNet50", small_encoder)
        original = checkpoints.Store.save
        patch.setattr(checkpoints.Store, "save", save_and_copy)
        for name, config in CONFIGS.items():
            runs.start(config, "x", home, home / f"{name}-straight").train(train, val, 4)
    paths = os.pathsep.join([str(KIT), str(KIT / "tests")])
    folders = [str(home / f"{name}-parts") for name in CONFIGS]
    command = [sys.executable, "-c", NEXT_SESSION, str(data), *folders]
    done = subprocess.run(command, env=os.environ | {"PYTHONPATH": paths}, capture_output=True, text=True, check=True)
    return home, done.stdout


@pytest.fixture(scope="module")
def trained(tmp_path_factory, train, val):
    """The folder of a CNN after one epoch. Read only."""
    run = runs.start(tiny_config("cnn"), "smoke", tmp_path_factory.mktemp("trained"))
    run.train(train, val, 1)
    return run.folder


@pytest.fixture
def tiny(home, trained) -> runs.Run:
    """A CNN after one epoch, in a home folder of its own."""
    return runs.Run(shutil.copytree(trained, home / "runs" / trained.name))


@pytest.mark.parametrize("model", CONFIGS)
def test_a_resumed_run_equals_an_uninterrupted_one_byte_for_byte(sessions, model):
    home, _ = sessions
    straight, parts = (checkpoints.Store(home / f"{model}-{kind}").newest() for kind in ("straight", "parts"))
    assert straight.number == parts.number == 4
    assert straight.arrays.keys() == parts.arrays.keys()
    owners = {"cnn": {"model0", "optimizer1"}, "gan": {"model0", "model1", "optimizer2", "optimizer3"}}
    assert {key.split("/")[0] for key in parts.arrays} == owners[model]
    for key, array in straight.arrays.items():
        assert array.tobytes() == parts.arrays[key].tobytes(), key
    assert json.dumps(straight.state["history"]) == json.dumps(parts.state["history"])


@pytest.mark.parametrize("model", CONFIGS)
def test_the_runs_did_train(sessions, model):
    """The counter-check of the test above: weights, moments and dropout's state differ between epochs 3 and 4."""
    home, _ = sessions
    store = checkpoints.Store(home / f"{model}-straight")
    with np.load(store.folder / "ckpt-00003" / "arrays.npz") as before:
        changed = {key.split("/")[0] for key, array in store.newest().arrays.items() if not np.array_equal(array, before[key])}
        assert changed == {key.split("/")[0] for key in before}
        states = [key for key in before if before[key].shape == (2,) and before[key].dtype.kind in "iu"]  # dropout's
        assert states
        assert all(not np.array_equal(before[key], store.newest().arrays[key]) for key in states)


@pytest.mark.parametrize("model", CONFIGS)
def test_the_second_session_trains_the_missing_epochs_only(sessions, model):
    _, printed = sessions
    lines = printed.splitlines()
    assert len(lines) == 2 * 3
    start = lines.index(f"{model}-parts: resumes at epoch 3, 4 epochs in all")
    assert [line.split(":")[0] for line in lines[start + 1 : start + 3]] == ["epoch 3/4", "epoch 4/4"]


@pytest.mark.parametrize("model", CONFIGS)
def test_history_has_a_record_an_epoch(sessions, model):
    home, _ = sessions
    run = runs.Run(home / f"{model}-parts")
    assert [record["epoch"] for record in run.history] == [1, 2, 3, 4]
    assert {"mse", "accuracy", "val_mse", "val_accuracy"} <= set(run.history[0])
    assert all(0 <= record["val_accuracy"] <= 1 and record["val_mse"] > 0 for record in run.history)
    assert len(run.seconds) == 4
    assert min(run.seconds) > 0


def test_digests_are_equal_when_weights_are(sessions, small_resnet):
    home, _ = sessions
    digests = {path.name: runs.Run(path).digest() for path in home.iterdir()}
    assert digests["cnn-straight"] == digests["cnn-parts"]
    assert digests["gan-straight"] == digests["gan-parts"]
    assert digests["cnn-straight"] != digests["gan-straight"]


@pytest.mark.parametrize("number", [0, -1])
def test_the_digest_changes_with_any_weight(tiny, number):
    before = tiny.digest()
    weight = tiny.model.weights[number]
    value = weight.numpy()
    value.flat[0] += 1e-3
    weight.assign(value)
    assert tiny.digest() != before


def test_the_digest_of_a_gan_covers_the_discriminator(sessions, small_resnet):
    home, _ = sessions
    run = runs.Run(home / "gan-straight")
    before = run.digest()
    bias = run._load_trainer().discriminator.get_layer("logit").bias
    bias.assign(bias + 1)
    assert run.digest() != before


def test_a_finished_run_trains_nothing(tiny, train, val, capsys):
    before, stored = tiny.digest(), sorted(tiny.folder.rglob("*"))
    again = runs.Run(tiny.folder)
    capsys.readouterr()
    assert again.train(train, val, 1) == tiny.history
    assert capsys.readouterr().out == f"{tiny.folder.name}: finished, 1 epochs done\n"
    assert again.digest() == before
    assert sorted(tiny.folder.rglob("*")) == stored


def test_an_interrupted_epoch_is_done_again_from_its_start(sessions, home, train, val, monkeypatch):
    """A student stops the cell in the middle of an epoch and runs it again, with the same Run still in memory."""
    folder, _ = sessions
    run = runs.start(CONFIGS["cnn"], "x", home)
    original, orders = runs.Batches, []

    def batches(split, batch_size, seed, epoch):
        orders.append((seed, epoch))
        return original(split, batch_size, seed, epoch)

    def stop(_):
        raise KeyboardInterrupt

    monkeypatch.setattr(runs, "Batches", batches)
    run.train(train, val, 1)
    with monkeypatch.context() as patch:
        patch.setattr(run, "_validate", stop)  # the epoch's steps are done, its checkpoint is not written
        with pytest.raises(KeyboardInterrupt):
            run.train(train, val, 4)
    assert run.train(train, val, 4) == runs.Run(folder / "cnn-straight").history
    assert orders == [(0, 0), (0, 1), (0, 1), (0, 2), (0, 3)]
    assert run.digest() == runs.Run(folder / "cnn-straight").digest()


def test_a_damaged_newest_checkpoint_costs_one_epoch(tiny, train, val, capsys):
    tiny.train(train, val, 2)
    digest = tiny.digest()
    truncate(tiny.folder / "ckpt-00002" / "arrays.npz")
    again = runs.Run(tiny.folder)
    assert again.epochs_done == 1
    again.train(train, val, 2)
    assert "ckpt-00002 is passed over" in capsys.readouterr().out
    assert again.digest() == digest


def test_prediction_uses_the_newest_checkpoint(tiny, val):
    pred = runs.Run(tiny.folder).predict(val.L)
    assert (pred.shape, pred.dtype) == ((4, 112, 112, 2), np.float32)
    assert np.array_equal(pred, tiny.predict(val.L))
    error = np.mean((pred - val.ab) ** 2, dtype=np.float64)
    assert tiny.history[-1]["val_mse"] == pytest.approx(error, rel=1e-5)


def test_training_uses_the_config_s_images_only(tiny, home, train, val):
    """Faces after the first eight can be anything."""
    other = runs.Split(train.lab.copy(), train.identities)
    other.lab[8:] = 0
    run = runs.start(tiny_config("cnn"), "x", home, home / "other")
    run.train(other, val, 1)
    assert run.digest() == tiny.digest()


def test_the_seed_decides_the_initial_weights(home):
    digests = [runs.start(tiny_config("cnn", seed=seed), "x", home, home / name).digest() for name, seed in (("a", 0), ("b", 0), ("c", 1))]
    assert digests[0] == digests[1] != digests[2]


def test_looking_at_an_untrained_model_changes_nothing(tiny, home, train, val):
    """A lesson draws a model before it trains it."""
    run = runs.start(tiny_config("cnn"), "x", home, home / "looked-at")
    assert run.model.output_shape == (None, 112, 112, 2)
    run.train(train, val, 1)
    assert run.digest() == tiny.digest()


def test_a_run_starts_at_the_mean_color_of_its_training_faces(home, train, val, monkeypatch):
    asked = []

    def start_at(model, ab):
        asked.append(ab)
        raise KitError("enough")

    monkeypatch.setattr(runs.models, "start_at", start_at)
    with pytest.raises(KitError, match="enough"):
        runs.start(tiny_config("cnn"), "x", home).train(train, val, 1)
    assert asked[0] == pytest.approx(train.ab[:8].mean((0, 1, 2), dtype=np.float64), abs=1e-4)


def test_another_config_is_refused_and_the_field_named(tiny, home):
    with pytest.raises(KitError, match=r"holds another run \(dropout 0.0 there, 0.5 here, seed 0 there, 3 here\)"):
        runs.start(tiny_config("cnn", dropout=0.5, seed=3), "smoke", home, tiny.folder)


def test_a_run_is_found_again_by_its_config(tiny, home):
    config = tiny_config("cnn")
    assert tiny.folder == home / "runs" / f"cnn-smoke-{config.digest}"
    assert runs.start(config, "smoke", home).epochs_done == 1


def test_find_lists_runs_with_a_finished_epoch(tiny, home):
    runs.start(tiny_config("cnn", seed=5), "smoke", home)  # made, never trained
    (home / "runs" / "notes").mkdir()
    assert [run.folder for run in runs.find(home)] == [tiny.folder]
    assert runs.find(home / "nowhere") == []


def test_no_run_there(tmp_path):
    with pytest.raises(KitError, match=r"no run in .*colorkit train cnn"):
        runs.Run(tmp_path)


@pytest.mark.parametrize("text", ["", "[]", '{"model": "cnn"}', '{"model": "vgg", "net": {}}'])
def test_a_damaged_config(tmp_path, text):
    (tmp_path / "run.json").write_text(text)
    with pytest.raises(KitError, match=r"run\.json can't be read"):
        runs.Run(tmp_path)


def test_an_untrained_run_predicts_nothing(home, val):
    with pytest.raises(KitError, match="no finished epoch yet"):
        runs.start(tiny_config("cnn"), "x", home).predict(val.L)


def test_a_checkpoint_of_another_network_is_refused(tiny, home):
    other = runs.start(tiny_config("cnn", dense=(5,)), "x", home)
    (tiny.folder / "ckpt-00001").rename(other.folder / "ckpt-00001")
    with pytest.raises(KitError, match="holds other variables than the model"):
        runs.Run(other.folder).digest()


@pytest.mark.usefixtures("small_resnet")
def test_a_run_remembers_that_its_encoder_came_trained(home, train, val, monkeypatch):
    monkeypatch.setattr(runs.models, "load_imagenet", lambda model: True)
    run = runs.start(tiny_config("resnet", weights="imagenet", fine_tune=False), "x", home)
    run.train(train, val, 1)
    monkeypatch.setattr(runs.models, "load_imagenet", lambda model: pytest.fail("fetched again"))
    again = runs.Run(run.folder)
    assert again.encoder == "imagenet"
    assert again.digest() == run.digest()


@pytest.mark.usefixtures("small_resnet")
@pytest.mark.parametrize(
    ("weights", "fetched", "origin"), [("imagenet", False, "untrained"), ("none", True, "untrained"), ("imagenet", True, "imagenet")]
)
def test_where_the_encoder_s_weights_came_from(home, monkeypatch, weights, fetched, origin):
    monkeypatch.setattr(runs.models, "load_imagenet", lambda model: fetched)
    run = runs.start(tiny_config("resnet", weights=weights), "x", home)
    run.digest()
    assert run.encoder == origin
