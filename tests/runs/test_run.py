"""Train, stop, resume, find and refuse runs."""

import json
import os
import shutil
import subprocess
import sys

import keras
import numpy as np
import pytest
from helpers import KIT, small_encoder, small_unet, tiny_config, truncate

from colorkit.data import splits
from colorkit.errors import KitError
from colorkit.models import cnn, resnet, unet
from colorkit.runs import Run, checkpoints, find, side_by_side, start
from colorkit.runs import run as run_module
from colorkit.runs.journal import Journal
from colorkit.runs.storage import DamagedError
from colorkit.training import run_config
from colorkit.training.supervised import Supervised

# What must survive a restart: for all, random states (of dropout, of flipping); for the GAN, two
# models and two optimizers that take turns; for the other GAN also a third model, of averaged
# weights, and the vectors of spectral normalization.
CONFIGS = {
    "cnn": tiny_config("cnn", dropout=0.3, dropout_at=("bottleneck", "dense")),
    "gan": tiny_config("gan", dropout=0.3, fine_tune=True),
    "nogan": tiny_config("nogan"),
}

# A student's next session: another process, which knows nothing but the folder.
NEXT_SESSION = """
import sys
from pathlib import Path
import keras
from helpers import small_encoder, small_unet
from colorkit.data import splits
from colorkit.runs import Run
from colorkit.models import unet
keras.applications.ResNet50 = small_encoder
unet.build_unet = small_unet
train = splits.load_split(Path(sys.argv[1]), "train")
val = splits.load_split(Path(sys.argv[1]), "val")
for folder in sys.argv[2:]:
    Run(Path(folder)).train(train, val, 4)
"""


@pytest.fixture(scope="module")
def sessions(tmp_path_factory, data, train, val):
    """Train each config for 4 epochs; and from its folder after 2, train 2 more in a new process.

    Return the home folder of both, and what the new process printed.
    """
    home = tmp_path_factory.mktemp("runs")

    def save_and_copy(store, place, arrays, state):
        original(store, place, arrays, state)
        if place == (2, 0):  # this is what a session that ended here would leave
            shutil.copytree(store.folder, str(store.folder).replace("straight", "parts"))

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(keras.applications, "ResNet50", small_encoder)
        patch.setattr(unet, "build_unet", small_unet)
        original = checkpoints.Store.save
        patch.setattr(checkpoints.Store, "save", save_and_copy)
        for name, config in CONFIGS.items():
            start(config, "x", home, home / f"{name}-straight").train(train, val, 4)
    paths = os.pathsep.join([str(KIT), str(KIT / "tests")])
    folders = [str(home / f"{name}-parts") for name in CONFIGS]
    command = [sys.executable, "-c", NEXT_SESSION, str(data), *folders]
    done = subprocess.run(
        command,
        env=os.environ | {"PYTHONPATH": paths},
        capture_output=True,
        check=True,
        encoding="utf-8",
    )
    return home, done.stdout


def load_newest(folder) -> checkpoints.Checkpoint:
    store = checkpoints.Store(folder)
    return store.load(store.newest())


@pytest.fixture(scope="module")
def trained(tmp_path_factory, train, val):
    """The folder of a CNN after one epoch. Read only."""
    run = start(tiny_config("cnn"), "smoke", tmp_path_factory.mktemp("trained"))
    run.train(train, val, 1)
    return run.folder


@pytest.fixture
def tiny(home, trained) -> Run:
    """A CNN after one epoch, in a home folder of its own."""
    return Run(shutil.copytree(trained, home / "runs" / trained.name))


@pytest.mark.slow
@pytest.mark.parametrize("model", CONFIGS)
def test_a_resumed_run_equals_an_uninterrupted_one_byte_for_byte(sessions, model):
    home, _ = sessions
    straight = load_newest(home / f"{model}-straight")
    parts = load_newest(home / f"{model}-parts")
    assert straight.place == parts.place == (4, 0)
    assert straight.arrays.keys() == parts.arrays.keys()
    owners = {
        "cnn": "model0 optimizer1",
        "gan": "model0 model1 optimizer2 optimizer3",
        "nogan": "model0 model1 model2 optimizer3 optimizer4",
    }
    assert {key.split("/")[0] for key in parts.arrays} == set(owners[model].split())
    for key, array in straight.arrays.items():
        assert array.tobytes() == parts.arrays[key].tobytes(), key
    assert json.dumps(straight.state["journal"]["history"]) == json.dumps(
        parts.state["journal"]["history"]
    )


@pytest.mark.slow
@pytest.mark.parametrize("model", CONFIGS)
def test_the_runs_did_train(sessions, model):
    """Weights, moments and random states differ between epochs 3 and 4.

    Otherwise the test above would prove nothing.
    """
    home, _ = sessions
    folder = home / f"{model}-straight"
    after = load_newest(folder).arrays
    with np.load(folder / "ckpt-00003-000" / "arrays.npz") as before:
        changed = {
            key.split("/")[0]
            for key, array in after.items()
            if not np.array_equal(array, before[key])
        }
        assert changed == {key.split("/")[0] for key in before}
        states = [
            key for key in before if before[key].shape == (2,) and before[key].dtype.kind in "iu"
        ]
        # The average, model2, only predicts: it flips nothing.
        states = [key for key in states if not key.startswith("model2")]
        assert states
        assert all(not np.array_equal(before[key], after[key]) for key in states)


@pytest.mark.slow
@pytest.mark.parametrize("model", CONFIGS)
def test_the_second_session_trains_the_missing_epochs_only(sessions, model):
    _, printed = sessions
    lines = printed.splitlines()
    assert len(lines) == 3 * 3
    start = lines.index(f"{model}-parts: resumes at epoch 3, 4 epochs in all")
    assert [line.split(":")[0] for line in lines[start + 1 : start + 3]] == [
        "epoch 3/4",
        "epoch 4/4",
    ]


@pytest.mark.slow
@pytest.mark.parametrize("model", CONFIGS)
def test_history_has_a_record_an_epoch(sessions, model):
    home, _ = sessions
    run = Run(home / f"{model}-parts")
    assert [record["epoch"] for record in run.history] == [1, 2, 3, 4]
    assert {"mse", "accuracy", "val_mse", "val_accuracy"} <= set(run.history[0])
    assert all(0 <= record["val_accuracy"] <= 1 and record["val_mse"] > 0 for record in run.history)
    assert len(run.seconds) == 4
    assert min(run.seconds) > 0


@pytest.mark.slow
def test_digests_are_equal_when_weights_are(sessions, small_resnet, small_generator):
    home, _ = sessions
    digests = {path.name: Run(path).digest() for path in home.iterdir()}
    assert digests["cnn-straight"] == digests["cnn-parts"]
    assert digests["gan-straight"] == digests["gan-parts"]
    assert digests["nogan-straight"] == digests["nogan-parts"]
    assert len(set(digests.values())) == 3


@pytest.mark.parametrize("number", [0, -1])
def test_the_digest_changes_with_any_weight(tiny, number):
    before = tiny.digest()
    weight = tiny.model.weights[number]
    value = weight.numpy()
    value.flat[0] += 1e-3
    weight.assign(value)
    assert tiny.digest() != before


@pytest.mark.slow
def test_the_digest_of_a_gan_covers_the_discriminator(sessions, small_resnet):
    home, _ = sessions
    run = Run(home / "gan-straight")
    before = run.digest()
    bias = run.trainer.discriminator.get_layer("logit").bias
    bias.assign(bias + 1)
    assert run.digest() != before


@pytest.mark.slow
def test_predictions_are_of_averaged_weights_and_the_digest_covers_them(
    sessions, val, small_generator
):
    home, _ = sessions
    run = Run(home / "nogan-straight")
    trainer = run.trainer
    before = run.digest()
    assert run.model is trainer.predictor is not trainer.generator
    pred = run.predict(val.L)
    assert np.mean((pred - val.ab) ** 2, dtype=np.float64) == pytest.approx(
        run.history[-1]["val_mse"], rel=1e-5
    )
    assert np.abs(pred - trainer.generator.predict(val.L, verbose=0)).max() > 1e-3
    weight = run.model.weights[0]
    weight.assign(weight + 1)
    assert run.digest() != before


def test_a_finished_run_trains_nothing(tiny, train, val, capsys):
    before = tiny.digest()
    stored = sorted(tiny.folder.rglob("*"))
    again = Run(tiny.folder)
    capsys.readouterr()
    assert again.train(train, val, 1) == tiny.history
    assert capsys.readouterr().out == f"{tiny.folder.name}: finished, 1 epochs done\n"
    assert again.digest() == before
    assert sorted(tiny.folder.rglob("*")) == stored


@pytest.mark.slow
def test_an_interrupted_epoch_is_done_again_from_its_start(sessions, home, train, val, monkeypatch):
    """A student stops the cell in the middle of an epoch and runs it again.

    The same Run is still in memory.
    """
    folder, _ = sessions
    run = start(CONFIGS["cnn"], "x", home)
    original = run._train_epoch
    trained = []

    def train_epoch(*arguments):
        trained.append(run.epochs_done + 1)
        return original(*arguments)

    def stop(_):
        raise KeyboardInterrupt

    monkeypatch.setattr(run, "_train_epoch", train_epoch)
    run.train(train, val, 1)
    with monkeypatch.context() as patch:
        # The epoch's steps are done, its checkpoint is not written.
        patch.setattr(run, "_validate", stop)
        with pytest.raises(KeyboardInterrupt):
            run.train(train, val, 4)
    assert run.train(train, val, 4) == Run(folder / "cnn-straight").history
    assert trained == [1, 2, 2, 3, 4]
    assert run.digest() == Run(folder / "cnn-straight").digest()


def test_a_damaged_newest_checkpoint_costs_one_epoch(tiny, train, val, capsys):
    tiny.train(train, val, 2)
    digest = tiny.digest()
    truncate(tiny.folder / "ckpt-00002-000" / "arrays.npz")
    again = Run(tiny.folder)
    assert again.epochs_done == 1
    again.train(train, val, 2)
    assert "ckpt-00002-000 is passed over" in capsys.readouterr().out
    assert again.digest() == digest


def test_prediction_uses_the_newest_checkpoint(tiny, val):
    pred = Run(tiny.folder).predict(val.L)
    assert (pred.shape, pred.dtype) == ((4, 112, 112, 2), np.float32)
    assert np.array_equal(pred, tiny.predict(val.L))
    error = np.mean((pred - val.ab) ** 2, dtype=np.float64)
    assert tiny.history[-1]["val_mse"] == pytest.approx(error, rel=1e-5)


def test_training_uses_the_config_s_images_only(tiny, home, train, val):
    """Faces after the first eight can be anything."""
    other = splits.Split(train.lab.copy(), train.identities)
    other.lab[8:] = 0
    run = start(tiny_config("cnn"), "x", home, home / "other")
    run.train(other, val, 1)
    assert run.digest() == tiny.digest()


def test_the_seed_decides_the_initial_weights(home):
    digests = [
        start(tiny_config("cnn", seed=seed), "x", home, home / name).digest()
        for name, seed in (("a", 0), ("b", 0), ("c", 1))
    ]
    assert digests[0] == digests[1] != digests[2]


def test_looking_at_an_untrained_model_changes_nothing(tiny, home, train, val):
    """A lesson draws a model before it trains it."""
    run = start(tiny_config("cnn"), "x", home, home / "looked-at")
    assert run.model.output_shape == (None, 112, 112, 2)
    run.train(train, val, 1)
    assert run.digest() == tiny.digest()


def test_a_run_starts_at_the_mean_color_of_its_training_faces(home, train, val, monkeypatch):
    asked = []

    def start_at(model, ab):
        asked.append(ab)
        raise KitError("enough")

    monkeypatch.setattr(cnn, "start_at_mean_color", start_at)
    with pytest.raises(KitError, match="enough"):
        start(tiny_config("cnn"), "x", home).train(train, val, 1)
    assert asked[0] == pytest.approx(train.ab[:8].mean((0, 1, 2), dtype=np.float64), abs=1e-4)


OTHER_VALUES = {
    "precision": "mixed_bfloat16",
    "head": "conv",
    "dropout_at": ("dense",),
    "weights": "imagenet",
    "schedule": "step",
    "sees": "ab",
    "data": "other",
    "cut": 4,
    "discriminator": "patch",
}
# The first GAN can't have another value of these: they are tested on the other one.
APART = {"generator": "resnet", "average": 0.5}
LEFT_OUT = ("model", "encoder", *APART)  # tested as a whole, or unused by the GAN
OTHER_OF_TYPE = {
    bool: lambda value: not value,
    int: lambda value: value + 1,
    float: lambda value: value / 2 + 0.01,
    tuple: lambda value: (*value[:-1], 5),
}


def change_each_setting(config: run_config.Config):
    """Yield each setting of a config: its name, and another value of its type."""
    settings = config.to_json()
    settings |= settings.pop("net")
    for name, value in settings.items():
        if name in LEFT_OUT:
            continue
        if name in OTHER_VALUES:
            yield name, OTHER_VALUES[name]
        else:
            yield name, OTHER_OF_TYPE[type(value)](value)


def list_refusals():
    """Yield the name of a config, a setting, and another value."""
    for change in change_each_setting(CONFIGS["gan"]):
        yield "gan", *change
    for change in APART.items():
        yield "nogan", *change


@pytest.mark.parametrize(
    ("config", "name", "value"),
    [pytest.param(*change, id=change[1]) for change in list_refusals()],
)
def test_another_value_of_any_field_is_refused_and_the_field_named(home, config, name, value):
    config = CONFIGS[config]
    start(config, "x", home, home / "run")
    settings = config.to_json()
    owner = settings["net"] if name in settings["net"] else settings
    owner[name] = value
    other = run_config.Config.from_json(settings)
    with pytest.raises(
        KitError,
        match=rf"holds another run \({name} [^,]+.* there, [^,]+.* here\): give another --run",
    ):
        start(other, "x", home, home / "run")


def test_all_fields_that_differ_are_named(tiny, home):
    with pytest.raises(
        KitError, match=r"holds another run \(dropout 0.0 there, 0.5 here, seed 0 there, 3 here\)"
    ):
        start(tiny_config("cnn", dropout=0.5, seed=3), "smoke", home, tiny.folder)


def test_another_model_is_refused(tiny, home):
    with pytest.raises(KitError, match="model cnn there, gan here"):
        start(tiny_config("gan"), "smoke", home, tiny.folder)


def test_a_full_disk_costs_the_epoch_in_progress_only(tiny, train, val, monkeypatch):
    def full(place, arrays, state):
        raise OSError(28, "No space left on device")

    before = tiny.digest()
    with monkeypatch.context() as patch:
        patch.setattr(tiny._store, "save", full)
        with pytest.raises(
            KitError, match=r"can't be written \(.*No space left.*\): make room there and run again"
        ):
            tiny.train(train, val, 2)
    assert (tiny.epochs_done, tiny.digest()) == (1, before)
    tiny.train(train, val, 2)
    assert (tiny.epochs_done, Run(tiny.folder).epochs_done) == (2, 2)


def test_an_epoch_stored_just_before_an_interruption_is_not_trained_again(
    tiny, train, val, monkeypatch
):
    """The interruption comes between the checkpoint's new name and the end of `save`."""
    original = tiny._store.save

    def save(*checkpoint):
        original(*checkpoint)
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(tiny._store, "save", save)
        with pytest.raises(KeyboardInterrupt):
            tiny.train(train, val, 3)
    assert tiny.epochs_done == 2
    assert tiny.digest() == Run(tiny.folder).digest()


def test_a_run_is_found_again_by_its_config(tiny, home):
    config = tiny_config("cnn")
    assert tiny.folder == home / "runs" / f"cnn-smoke-{config.digest}"
    assert start(config, "smoke", home).epochs_done == 1


def test_find_lists_runs_with_a_finished_epoch(tiny, home):
    start(tiny_config("cnn", seed=5), "smoke", home)  # made, never trained
    (home / "runs" / "notes").mkdir()
    assert [run.folder for run in find(home)] == [tiny.folder]
    assert find(home / "nowhere") == []
    (home / "runs" / "notes.txt").write_text("no folder", encoding="utf-8")
    assert [run.folder for run in find(home)] == [tiny.folder]


def test_runs_that_are_found_have_names_of_their_own(tiny, home):
    assert [run.name for run in find(home)] == [tiny.config.label]
    # The same config under another profile.
    shutil.copytree(tiny.folder, home / "runs" / "cnn-another-1")
    assert [run.name for run in find(home)] == [
        f"{tiny.config.label}, {name}" for name in ("cnn-another-1", tiny.folder.name)
    ]


def test_naming_runs_apart_leaves_their_own_names(tiny, home, val):
    other = Run(shutil.copytree(tiny.folder, home / "runs" / "cnn-another-1"))
    tiny.name = "mine"
    named = side_by_side([tiny, other])
    assert [run.name for run in named] == [
        f"{tiny.config.label}, {run.folder.name}" for run in (tiny, other)
    ]
    assert [tiny.name, other.name] == ["mine", other.config.label]
    assert np.array_equal(named[0].predict(val.L), tiny.predict(val.L))


def test_runs_that_can_not_be_listed_are_not_none(tiny, home, monkeypatch):
    def fail(folder):
        raise OSError(5, "Input/output error")

    monkeypatch.setattr(os, "listdir", fail)
    with pytest.raises(KitError, match=r"can't be read .*Input/output error.*: run this again"):
        find(home)


@pytest.mark.parametrize("part", ["config", "journal"])
def test_a_checkpoint_of_another_version_is_one_line(tiny, part):
    """It was not damaged, but written with fields that this version doesn't know."""
    store = checkpoints.Store(tiny.folder)
    found = store.load(store.newest())
    changed = found.state[part] | {"unheard_of": 1}
    store.save(found.place, found.arrays, found.state | {part: changed})
    message = (
        r"ckpt-00001-000: a newer version of the kit made it \(.*unheard_of.*\): get the newer"
    )
    with pytest.raises(KitError, match=message):
        Run(tiny.folder)


def test_what_ended_a_training_is_reported_though_the_store_is_gone_too(
    tiny, train, val, monkeypatch
):
    def stop(*_):
        raise KeyboardInterrupt

    def gone():
        raise KitError("mount Drive again")

    monkeypatch.setattr(tiny, "_validate", stop)
    monkeypatch.setattr(tiny._store, "newest", gone)
    with pytest.raises(KeyboardInterrupt):
        tiny.train(train, val, 2)


def test_hosts_must_agree_before_one_waits_for_a_finished_one(tiny, train, val, monkeypatch):
    asked = []
    monkeypatch.setattr(run_module.devices, "check_hosts_agree", asked.append)
    tiny.train(train, val, 1)
    assert [state["place"].tolist() for state in asked] == [[1, 0]]


@pytest.mark.usefixtures("small_resnet")
@pytest.mark.parametrize(
    ("model", "journal", "expected"),
    [
        ("cnn", Journal(), (0, 20)),
        ("cnn", Journal([{"val_mse": 1.0}]), (2, 20)),
        ("gan", Journal([{"val_mse": 1.0}] * 3, segments=1), (14, 40)),  # two passes an epoch
    ],
)
def test_the_bar_is_filled_as_far_as_the_run_is(home, model, journal, expected):
    """An epoch of two batches is one segment a pass, and the run has ten epochs."""
    run = start(tiny_config(model), "x", home)
    assert run.trainer is not None  # built, with its starting values
    run._journal = journal
    with run._bar(10, 2) as bar:
        assert (bar.bar.n, bar.bar.total) == expected


def test_any_number_of_epochs_begins_at_once(home, train, val, monkeypatch):
    """No epoch is planned before its turn."""

    def plan(trainer, epoch, batches):
        assert epoch == 0
        return original(trainer, epoch, batches)

    def stop(_):
        raise KeyboardInterrupt

    original = Supervised.plan
    monkeypatch.setattr(Supervised, "plan", plan)
    run = start(tiny_config("cnn", patience=2), "x", home)
    with pytest.raises(KeyboardInterrupt):
        run.train(train, val, 20_000_000, stop)
    assert run.epochs_done == 1


@pytest.mark.parametrize("bad", [MemoryError(), KitError("other"), RuntimeError("OutOfMemory")])
def test_a_full_memory_names_the_batch_size(tiny, train, val, monkeypatch, bad):
    def fail(*_):
        raise bad

    monkeypatch.setattr(tiny, "_train_epoch", fail)
    with pytest.raises(KitError) as caught:
        tiny.train(train, val, 2)
    full = (
        "the memory is full: choose a --batch-size below 4 (batch_size in a lesson), which makes "
        "another run, or close other programs; what was stored before is kept"
    )
    assert str(caught.value) == ("other" if isinstance(bad, KitError) else full)
    assert tiny.epochs_done == 1


def test_no_run_there(tmp_path):
    with pytest.raises(KitError, match=r"no run in .*colorkit train cnn"):
        Run(tmp_path)


@pytest.mark.parametrize("text", ["", "[]", '{"model": "cnn"}', '{"model": "vgg", "net": {}}'])
def test_a_damaged_config(tmp_path, text):
    (tmp_path / "run.json").write_text(text, encoding="utf-8")
    with pytest.raises(KitError, match=r"run\.json can't be read"):
        Run(tmp_path)


def test_an_untrained_run_predicts_nothing(home, val):
    with pytest.raises(KitError, match="no finished epoch yet"):
        start(tiny_config("cnn"), "x", home).predict(val.L)


def test_a_checkpoint_of_another_config_is_refused(tiny, home):
    other = start(tiny_config("cnn", dense=(5,)), "x", home)
    (tiny.folder / "ckpt-00001-000").rename(other.folder / "ckpt-00001-000")
    differs = r"\(dense \(4,\) there, \(5,\) here\)"
    with pytest.raises(
        KitError, match=rf"ckpt-00001-000 belongs to another run than run\.json {differs}"
    ):
        Run(other.folder)


@pytest.mark.usefixtures("small_resnet")
def test_a_run_remembers_that_its_encoder_came_trained(home, train, val, monkeypatch):
    monkeypatch.setattr(resnet, "load_imagenet", lambda model: True)
    run = start(tiny_config("resnet", weights="imagenet", fine_tune=False), "x", home)
    run.train(train, val, 1)
    monkeypatch.setattr(resnet, "load_imagenet", lambda model: pytest.fail("fetched again"))
    again = Run(run.folder)
    assert again.encoder == "imagenet"
    assert again.digest() == run.digest()


@pytest.mark.usefixtures("small_resnet")
@pytest.mark.parametrize(
    ("weights", "fetched", "origin"),
    [("imagenet", False, "untrained"), ("none", True, "untrained"), ("imagenet", True, "imagenet")],
)
def test_where_the_encoder_s_weights_came_from(home, monkeypatch, weights, fetched, origin):
    monkeypatch.setattr(resnet, "load_imagenet", lambda model: fetched)
    run = start(tiny_config("resnet", weights=weights), "x", home)
    run.digest()
    assert run.encoder == origin


@pytest.mark.parametrize(
    "change", [{"unheard_of": 1}, {"net": {"unheard_of": 1}}, {"model": "vgg"}]
)
def test_a_run_of_a_newer_kit_is_not_to_be_thrown_away(tiny, change):
    path = tiny.folder / "run.json"
    about = json.loads(path.read_text(encoding="utf-8"))
    about["config"] |= change
    path.write_text(json.dumps(about), encoding="utf-8")
    with pytest.raises(KitError, match=r"run\.json: a newer version .*: get the newer kit$"):
        Run(tiny.folder)


def train_elsewhere(folder, last: int) -> None:
    """Save epochs as another process does, so that epoch 1 is removed."""
    store = checkpoints.Store(folder)
    found = store.load(store.newest())
    record = found.state["journal"]["history"][0]
    for epochs in range(2, last + 1):
        history = [record | {"epoch": epoch + 1} for epoch in range(epochs)]
        journal = found.state["journal"] | {"history": history, "seconds": [1.0] * epochs}
        store.save(checkpoints.Place(epochs), found.arrays, found.state | {"journal": journal})


def test_a_run_that_another_process_trains_is_read_again(tiny):
    """Between choosing a checkpoint and reading its values it was tidied away."""
    train_elsewhere(tiny.folder, 4)
    assert tiny.epochs_done == 1
    assert len(tiny.digest()) == 64
    assert tiny.epochs_done == 4


def test_a_state_that_is_gone_before_it_is_read_is_looked_for_again(tiny, monkeypatch, capsys):
    newest = checkpoints.Store.newest

    def tidied_meanwhile(store):
        monkeypatch.undo()
        place = newest(store)
        train_elsewhere(tiny.folder, 4)
        return place

    monkeypatch.setattr(checkpoints.Store, "newest", tidied_meanwhile)
    assert Run(tiny.folder).epochs_done == 4
    assert capsys.readouterr().out == ""


def test_looking_again_ends(tiny, monkeypatch):
    def gone(store, place):
        raise DamagedError("gone")

    monkeypatch.setattr(checkpoints.Store, "load", gone)
    with pytest.raises(KitError, match="changes while it is read: run this again when no other"):
        tiny.digest()


def test_a_renamed_checkpoint_is_passed_over_for_the_good_one(tiny, train, val, capsys):
    train_elsewhere(tiny.folder, 2)
    renamed = tiny.folder / "ckpt-00099-000"
    (tiny.folder / "ckpt-00001-000").rename(renamed)
    run = Run(tiny.folder)
    assert f"{renamed} is passed over: it is ckpt-00001-000 under another name" in (
        capsys.readouterr().out
    )
    run.train(train, val, 3)
    assert run.epochs_done == 3
    assert sorted(path.name for path in renamed.iterdir()) == [
        "arrays.npz",
        "manifest.json",
        "state.json",
    ]
