"""A trainer's values, whole and exact, and the traps of Keras' own saving.

Each trap is shown beside what the kit does instead.
"""

import ast

import keras
import numpy as np
import pytest
from helpers import KIT, tiny_config

from colorkit.errors import KitError
from colorkit.evaluation import baselines
from colorkit.models import unet
from colorkit.training import build
from colorkit.training.batches import Batches
from colorkit.training.segments import Segment
from colorkit.training.trainer import Trainer


def build_cnn_trainer(**overrides) -> Trainer:
    return build.build_trainer(
        tiny_config("cnn", **{"dropout": 0.3, "dropout_at": ("bottleneck", "dense")} | overrides)
    )


def teach(trainer, train, steps: int = 1) -> None:
    trainer.train(Segment("model", 0, steps), Batches(train.take(8), 4), [])


def are_same(one: dict, other: dict) -> bool:
    return one.keys() == other.keys() and all(
        one[name].tobytes() == other[name].tobytes() for name in one
    )


@pytest.fixture(scope="module")
def taught(train) -> Trainer:
    """A CNN with dropout after two steps. Read only."""
    trainer = build_cnn_trainer()
    teach(trainer, train, 2)
    return trainer


@pytest.mark.usefixtures("small_resnet", "small_generator")
@pytest.mark.parametrize("model", ["cnn", "resnet", "gan", "nogan"])
def test_one_config_gives_one_start_and_restoring_gives_all_of_it_back(model):
    options = {} if model == "nogan" else {"dropout": 0.3}
    config = tiny_config(model, **options)
    trainer, twin, other = (
        build.build_trainer(c) for c in (config, config, tiny_config(model, **options, seed=1))
    )
    before = trainer.values()
    assert are_same(before, twin.values())
    changed = other.values()
    assert not are_same(before, changed)
    trainer.restore(changed)
    assert are_same(trainer.values(), changed)
    assert trainer.digest() == other.digest() != twin.digest()


@pytest.mark.usefixtures("small_resnet")
def test_what_must_survive_is_there():
    """Everything Keras knows of a GAN by which its next step is decided."""
    trainer = build.build_trainer(tiny_config("gan", dropout=0.3))
    stored = len(trainer.values())
    assert stored == sum(len(owner.variables) for owner in (*trainer.models, *trainer.optimizers))
    assert len(trainer.models) == len(trainer.optimizers) == 2
    paths = [
        variable.path
        for owner in (*trainer.models, *trainer.optimizers)
        for variable in owner.variables
    ]
    for expected in (
        "seed_generator",
        "moving_variance",
        "momentum",
        "velocity",
        "iteration",
        "learning_rate",
    ):
        assert any(expected in path for path in paths), expected


def test_what_must_survive_of_averaged_weights_and_of_spectral_normalization_is_there(
    small_generator,
):
    trainer = build.build_trainer(tiny_config("nogan"))
    assert len(trainer.values()) == sum(
        len(owner.variables) for owner in (*trainer.models, *trainer.optimizers)
    )
    assert trainer.models == [trainer.generator, trainer.discriminator, trainer.predictor]
    assert [
        layer.vector.path for layer in trainer.discriminator.layers if hasattr(layer, "vector")
    ] == [
        variable.path for variable in trainer.discriminator.variables if "vector" in variable.path
    ]


def test_a_unet_in_a_gan_starts_at_mean_color_given_L(train, small_generator):
    """The average, which predicts, too."""
    config = tiny_config("nogan")
    trainer = build.build_trainer(config)
    assert build.initialize(trainer, config, train) is None
    expected = baselines.MeanColorGivenL.fit(train).predict(train.L[:3])
    for model in (trainer.generator, trainer.predictor):
        assert model.predict(train.L[:3], verbose=0) == pytest.approx(expected, abs=1e-4)


def test_the_unet_of_a_gan_is_lesson_6_s():
    model = build.build_trainer(tiny_config("nogan")).generator
    assert model.count_params() == unet.build_unet().count_params()
    assert [layer.name for layer in model.layers] == [
        layer.name for layer in unet.build_unet().layers
    ]


def test_values_are_a_copy(train):
    """Training on must not change what is being written."""
    trainer = build_cnn_trainer()
    taken = trainer.values()
    kept = {name: array.copy() for name, array in taken.items()}
    teach(trainer, train)
    assert are_same(taken, kept)
    assert not are_same(taken, trainer.values())


@pytest.mark.parametrize("kind", ["more", "fewer", "another shape"])
def test_other_arrays_are_refused_before_any_is_put_back(kind):
    trainer = build_cnn_trainer()
    before = trainer.values()
    arrays = {name: array + 1 for name, array in before.items()}
    last = list(arrays)[-1]
    if kind == "fewer":
        del arrays[last]
    else:
        arrays[last if kind == "another shape" else "model0/9999"] = np.zeros((2, 3, 4))
    with pytest.raises(KitError, match="holds other variables than the model"):
        trainer.restore(arrays)
    assert are_same(trainer.values(), before)


@pytest.mark.usefixtures("small_resnet")
def test_learning_rates_of_all_optimizers_are_set_and_not_compounded():
    trainer = build.build_trainer(tiny_config("gan", learning_rate=0.5, d_learning_rate=0.25))
    for factor in (0.5, 0.125, 0.125, 1.0):
        trainer.set_learning_rates(factor)
        assert [float(optimizer.learning_rate) for optimizer in trainer.optimizers] == [
            0.5 * factor,
            0.25 * factor,
        ]


def test_a_trainer_has_to_say_how_it_trains():
    class Half(Trainer):
        """Has models and optimizers, and nothing else."""

        models = optimizers = ()

    with pytest.raises(TypeError, match=r"abstract .*judge.*plan.*record.*train"):
        Half()


def compile_model() -> keras.Model:
    """A model with dropout, as a lesson on Keras would write it."""
    L = keras.Input((4,))
    model = keras.Model(L, keras.layers.Dense(1)(keras.layers.Dropout(0.5)(L)))
    model.compile("adam", loss="mse")
    return model


def fit_model(model: keras.Model, **options) -> dict:
    return model.fit(np.ones((8, 4)), np.ones((8, 1)), batch_size=4, verbose=0, **options).history


def test_trap_an_optimizer_that_is_not_built_is_skipped_with_a_warning(tmp_path):
    trained = compile_model()
    fit_model(trained)
    trained.save_weights(tmp_path / "x.weights.h5")
    resumed = compile_model()
    with pytest.warns(UserWarning, match="Skipping variable loading for optimizer"):
        resumed.load_weights(tmp_path / "x.weights.h5")
    assert int(resumed.optimizer.iterations) == 0  # Adam starts again


def test_our_optimizers_are_built_from_the_start_and_it_is_an_error_when_not(taught):
    fresh = build_cnn_trainer()
    assert all(optimizer.built for optimizer in fresh.optimizers)
    fresh.restore(taught.values())
    assert int(fresh.optimizer.iterations) == 2
    unbuilt = build_cnn_trainer()
    unbuilt.optimizer = keras.optimizers.Adam()
    for action in (
        lambda: unbuilt.values(),
        lambda: unbuilt.restore(taught.values()),
    ):
        with pytest.raises(RuntimeError, match="an optimizer isn't built"):
            action()


def read_seeds(model: keras.Model) -> list[list[int]]:
    """Where dropout is in its random stream."""
    return [
        keras.ops.convert_to_numpy(v).tolist()
        for v in model.variables
        if "seed_generator" in v.path
    ]


def test_trap_load_weights_does_not_restore_dropout(tmp_path):
    keras.utils.set_random_seed(0)
    trained = compile_model()
    fit_model(trained)
    trained.save_weights(tmp_path / "x.weights.h5")
    keras.utils.set_random_seed(0)
    resumed = compile_model()
    resumed.optimizer.build(resumed.trainable_variables)
    resumed.load_weights(tmp_path / "x.weights.h5")
    assert all(
        np.array_equal(*pair)
        for pair in zip(trained.get_weights(), resumed.get_weights(), strict=True)
    )
    assert read_seeds(trained) != read_seeds(resumed)


def test_ours_is_restored_and_the_next_step_is_the_same(taught, train):
    straight, resumed = build_cnn_trainer(), build_cnn_trainer(seed=1)
    for trainer in (straight, resumed):
        trainer.restore(taught.values())
    assert (
        read_seeds(resumed.predictor)
        == read_seeds(taught.predictor)
        != read_seeds(build_cnn_trainer(seed=1).predictor)
    )
    for trainer in (straight, resumed):
        teach(trainer, train)
    assert are_same(straight.values(), resumed.values())


def test_trap_backup_and_restore_deletes_its_folder_and_forgets_the_history(tmp_path):
    folder = tmp_path / "backup"

    def interrupt(epoch, logs):
        if epoch == 2:
            raise KeyboardInterrupt

    stop = keras.callbacks.LambdaCallback(on_epoch_begin=interrupt)
    with pytest.raises(KeyboardInterrupt):
        fit_model(
            compile_model(), epochs=4, callbacks=[keras.callbacks.BackupAndRestore(folder), stop]
        )
    assert folder.exists()
    resumed, again = (
        fit_model(compile_model(), epochs=4, callbacks=[keras.callbacks.BackupAndRestore(folder)])
        for _ in range(2)
    )
    assert len(resumed["loss"]) == 2  # of 4 epochs
    assert not folder.exists()
    assert len(again["loss"]) == 4  # a finished run is no state: all of it was trained again


def test_trap_backup_and_restore_writes_over_its_only_copy(tmp_path, monkeypatch):
    """Interrupted while it writes, it has neither the old state nor the new."""
    folder = tmp_path / "backup"

    def interrupt(file, layer, *_, **__):
        raise KeyboardInterrupt

    model = compile_model()
    backup = keras.callbacks.BackupAndRestore(folder, delete_checkpoint=False)
    fit_model(model, callbacks=[backup])
    before = (folder / "latest.weights.h5").read_bytes()
    with monkeypatch.context() as patch:
        patch.setattr(keras.layers.Dense, "save_own_variables", interrupt)
        with pytest.raises(KeyboardInterrupt):
            fit_model(model, epochs=2, callbacks=[backup])
    assert (folder / "latest.weights.h5").read_bytes() != before


def test_the_kit_uses_none_of_these():
    banned = {
        "BackupAndRestore",
        "ModelCheckpoint",
        "EarlyStopping",
        "ReduceLROnPlateau",
        "load_weights",
        "save_weights",
        "load_model",
    }
    for path in (KIT / "colorkit").rglob("*.py"):
        names = {
            node.attr
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
            if isinstance(node, ast.Attribute)
        }
        assert not names & banned, path


def test_a_config_decides_whether_old_photographs_are_trained_on(train):
    plain, old = (build.batches(tiny_config("cnn", old=old), train, 0) for old in (False, True))
    assert np.array_equal(plain.order, old.order)
    assert np.array_equal(plain[0][0], train.L[np.sort(plain.order[:4])])
    assert not np.array_equal(old[0][0], plain[0][0])


def test_a_config_decides_whether_hints_are_trained_on(train):
    plain, hinted = (build.batches(tiny_config("unet", hints=on), train, 0) for on in (False, True))
    assert np.array_equal(plain.order, hinted.order)
    (L, told), ab = hinted[0]
    assert np.array_equal(L, plain[0][0])
    assert np.array_equal(ab, plain[0][1])
    assert told.any()
