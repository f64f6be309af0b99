import dataclasses
import json

import pytest

from colorkit import files, profiles
from colorkit.errors import KitError
from colorkit.models import configs
from colorkit.models.registry import REGISTRY, config_of
from colorkit.training import run_config

SMOKE, DEMO = profiles.get("smoke"), profiles.get("demo")


def parse_pairs(model: str, *pairs: str) -> dict:
    return run_config.parse(model, list(pairs))


@pytest.mark.parametrize(
    ("pair", "value"),
    [
        ("dropout=0.2", 0.2),
        ("dropout=0", 0.0),
        ("head=conv", "conv"),
        ("encoder=4,8,8", (4, 8, 8)),
        ("encoder=(4,8,8)", (4, 8, 8)),
        ("dense=4", (4,)),
        ("dropout_at=decoder,dense", ("decoder", "dense")),
        ("dropout_at=dense", ("dense",)),
        ("fine_tune=false", False),
        ("fine_tune=True", True),
        ("learning_rate=3e-4", 3e-4),
        ("learning_rate=1", 1.0),
        ("images=24", 24),
        ("batch_size=4", 4),
        ("seed=7", 7),
        ("lambda_l2=0.01", 0.01),
        ("schedule=batch", "batch"),
        ("head=a=b", "a=b"),
    ],
)
def test_a_setting_takes_the_type_of_its_field(pair, value):
    (read,) = parse_pairs("gan", pair).values()
    assert read == value
    assert type(read) is type(value)


@pytest.mark.parametrize(
    "pair",
    [
        "dropout=much",
        "dropout=",
        "images=4.5",
        "images=many",
        "seed=x",
        "fine_tune=2",
        "fine_tune=no",
        "encoder=4,x",
        "batch_size=1,2",
    ],
)
def test_a_setting_of_another_type_is_refused(pair):
    name = pair.split("=")[0]
    with pytest.raises(KitError, match=rf"--set {pair}: expected \w+, as in {name}="):
        parse_pairs("gan", pair)


@pytest.mark.parametrize(
    "pair", ["encoder=abc", "encoder=", "encoder=4.5,8,8", "dense=True", "d_filters=-1"]
)
def test_filters_are_positive_whole_numbers(pair):
    """Refused here; otherwise Keras fails with a traceback after the run's folder was made."""
    with pytest.raises(KitError):
        run_config.configure("gan", SMOKE, "d", **parse_pairs("gan", pair))


@pytest.mark.parametrize(
    "pair", ["dropout=1.5", "dropout=-0.1", "batch_size=0", "images=0", "images=-3"]
)
def test_numbers_out_of_range_are_refused(pair):
    with pytest.raises(KitError):
        run_config.configure("gan", SMOKE, "d", **parse_pairs("gan", pair))


BAD_VALUES = {
    "seed": [-1, 2**32, 20261130144500, True, 1.0, "7", None, 10**5000],
    "images": [0, -3, 10**9 + 1, True, 4.5, "all"],
    "batch_size": [0, 65_537, True, 8.0, None],
    "learning_rate": [-1e-3, 1.0, float("nan"), float("inf"), True, "fast", None, 1j],
    "patience": [-1, 1.5, True],
    "lr_patience": [-1, 1.5, True],
    "precision": ["float8", 32, None],
    "old": [1, "yes", None],
    "dense": [8, (0,), (True,), (4097,), (10**9,), (8.0,), [8], (8,) * 17, "8"],
    "decoder": [(10**9,) * 5, (8,) * 4, None],
    "head": ["softmax", None, 1, ("conv",)],
    "dropout": [-0.1, 1.0, float("nan"), True, "much"],
    "dropout_at": ["dense", ("somewhere",), ["dense"], (1,)],
    "batch_norm": [1, "no", None],
    "bn_momentum": [1.0, float("nan"), True],
    "weights": ["noisy", None],
    "fine_tune": [1, "no", None],
    "learns_from": [0, 6, True, 1.0],
    "cut": [1, 6, True, 5.0],
    "features": [0, 4097, 10**9, True, (8,)],
    "lambda_l2": [-1, float("nan"), float("inf"), 1e6, True, "much"],
    "lambda_l1": [-1, float("nan"), float("inf"), 1e6, True, "much"],
    "schedule": ["turn", None],
    "d_every": [0, True, 1.5],
    "pretrain": [0, True, 1.5],
    "sees": ["rgb", None],
    "d_filters": [8, (0,), (10**9,), [8], (8,) * 17],
    "d_learning_rate": [-1e-3, 1.0, float("nan"), True, "fast"],
    "generator": ["cnn", None],
    "discriminator": ["none", None],
    "average": [-0.1, 1.0, float("nan"), True],
}
BAD_OF_UNET = {
    "filters": [(8,), (8, 12), (8, 10**9), [8, 16], 8],
    "head": ["softmax", None],
    "classes": [1, 262, True, 64.0],
    "uniform": [0, 1.1, float("nan"), True, "flat"],
    "loss": ["l3", None],
    "hints": [1, "yes", None],
}


def list_bad_values():
    for model, fields in (("gan", BAD_VALUES), ("unet", BAD_OF_UNET)):
        for name, values in fields.items():
            for number, value in enumerate(values):
                yield pytest.param(model, name, value, id=f"{model}-{name}-{number}")


@pytest.mark.parametrize(("model", "name", "value"), [*list_bad_values()])
def test_a_bad_value_of_any_field_is_one_line_that_names_it(model, name, value):
    """Whatever its type: a lesson may pass anything."""
    with pytest.raises(KitError) as caught:
        run_config.configure(model, SMOKE, "d", **{name: value})
    message = str(caught.value)
    assert message.startswith(f"{name}=")
    assert "expected " in message or "is unknown; one of " in message
    assert len(message.splitlines()) == 1
    assert len(message) < 300


def test_every_field_has_its_bad_values():
    """A new field must be added above."""
    gan, unet = (run_config.configure(model, SMOKE, "d").to_json() for model in ("gan", "unet"))
    fields = set(gan["net"]) | set(run_config.TRAINING)
    assert set(BAD_VALUES) == fields - {"encoder"}  # ResNet-50's own has no setting
    assert set(BAD_OF_UNET) == set(unet["net"])


@pytest.mark.parametrize(
    "text",
    [
        "1e400",
        "nan",
        "٣",
        "3²",
        "1+2j",
        "{[]: 1}",
        "(" * 300,
        "-" * 100_000 + "1",
        "9" * 5000,
        "1\0",
        "0x1for",
        "__import__('os')",
    ],
)
@pytest.mark.parametrize("name", ["learning_rate", "seed", "dense"])
def test_odd_texts_are_refused_in_a_short_line(name, text, recwarn):
    with pytest.raises(KitError) as caught:
        run_config.configure("cnn", SMOKE, "d", **parse_pairs("cnn", f"{name}={text}"))
    message = str(caught.value)
    assert name in message
    assert "expected " in message
    assert len(message) < 300
    assert not recwarn.list


def test_a_field_that_is_set_twice_is_refused():
    with pytest.raises(KitError, match=r"^--set seed=2: seed is set twice, expected once$"):
        parse_pairs("cnn", "seed=1", "dropout=0.1", "seed=2")


def test_the_largest_values_are_taken():
    config = run_config.configure(
        "cnn", SMOKE, "d", seed=2**32 - 1, images=10**9, batch_size=65_536, dense=(4096,) * 16
    )
    assert run_config.Config.from_json(json.loads(json.dumps(config.to_json()))) == config


def test_the_number_of_faces_is_cut_only_where_there_are_fewer():
    config = run_config.configure("cnn", SMOKE, "d", images=24)
    assert config.with_faces(24) is config.with_faces(30) is config
    assert config.with_faces(10).images == 10
    assert config.shortage(24) == ""
    assert config.shortage(1_600) == ""
    everything = run_config.configure("cnn", DEMO, "d", images=None)
    assert everything.with_faces(10) is everything
    assert everything.shortage(10) == ""


def test_a_setting_without_a_value():
    with pytest.raises(KitError, match="--set dropout: expected name=value"):
        parse_pairs("cnn", "dropout")


def test_an_unknown_field_lists_the_known():
    with pytest.raises(KitError) as caught:
        run_config.configure("cnn", SMOKE, "d", **parse_pairs("cnn", "lambda_l2=1"))
    message = str(caught.value)
    assert message.startswith("cnn has no field 'lambda_l2': one of ")
    listed = message.split("one of ")[1].split(", ")
    known = {field.name for field in dataclasses.fields(configs.CNNConfig)}
    assert set(listed) == known | set(run_config.TRAINING)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"head": "softmax"}, "head='softmax' is unknown; one of dense"),
        ({"schedule": "turn"}, "schedule='turn' is unknown; one of epoch"),
    ],
)
def test_a_value_the_model_refuses(options, message):
    with pytest.raises(KitError, match=message):
        run_config.configure("gan", SMOKE, "d", **options)


def test_an_unknown_model():
    for call in (
        lambda: run_config.configure("vgg", SMOKE, "d"),
        lambda: run_config.parse("vgg", []),
        lambda: run_config.budget(SMOKE, "vgg"),
    ):
        with pytest.raises(KitError, match="model 'vgg' is unknown: one of cnn, resnet, gan, unet"):
            call()


def test_a_profile_gives_its_numbers_and_an_override_wins():
    config = run_config.configure("gan", SMOKE, "d", batch_size=3, lambda_l2=0.5)
    assert (config.model, config.data, config.images, config.batch_size) == (
        "gan",
        "d",
        SMOKE.gan.images,
        3,
    )
    assert (config.net.generator.fine_tune, config.net.lambda_l2) == (SMOKE.fine_tune, 0.5)
    assert run_config.configure("resnet", profiles.get("class"), "d").net.fine_tune is True
    assert run_config.budget(DEMO, "resnet") == DEMO.resnet


OTHER = {
    **{
        "decoder": (1, 2, 3, 4, 5),
        "dense": (9,),
        "head": "conv",
        "dropout": 0.5,
        "dropout_at": ("dense",),
    },
    **{
        "batch_norm": False,
        "bn_momentum": 0.5,
        "weights": "none",
        "fine_tune": True,
        "features": 7,
        "learns_from": 2,
        "cut": 4,
    },
    **{
        "lambda_l2": 0.5,
        "lambda_l1": 0.5,
        "schedule": "batch",
        "sees": "ab",
        "d_filters": (4,),
        "d_learning_rate": 0.5,
    },
    **{"d_every": 5, "pretrain": 5, "generator": "unet", "discriminator": "patch", "average": 0.5},
    **{
        "images": 5,
        "batch_size": 5,
        "learning_rate": 0.5,
        "seed": 5,
        "patience": 5,
        "lr_patience": 5,
        "precision": "mixed_float16",
    },
    "old": True,
}
ALSO = {"average": {"schedule": "step"}}  # what a field needs beside it


def change_field(name: str) -> run_config.Config:
    """A GAN's config in which this field has another value."""
    return run_config.configure("gan", SMOKE, "d", **{name: OTHER[name]}, **ALSO.get(name, {}))


def test_the_digest_changes_with_every_field():
    base = run_config.configure("gan", SMOKE, "d")
    owners = (configs.ResNetConfig, configs.GANConfig)
    known = {field.name for owner in owners for field in dataclasses.fields(owner)}
    assert set(OTHER) == known | set(run_config.TRAINING)  # a new field must be added above
    digests = {name: change_field(name).digest for name in OTHER}
    digests |= {
        "": base.digest,
        "data": run_config.configure("gan", SMOKE, "e").digest,
        "model": run_config.configure("resnet", SMOKE, "d").digest,
    }
    assert len(set(digests.values())) == len(OTHER) + 3
    assert all(len(digest) == 8 and int(digest, 16) >= 0 for digest in digests.values())


def test_the_digest_and_the_label_change_with_every_field_of_the_unet():
    other = {
        "filters": (8, 16),
        "head": "classes",
        "classes": 96,
        "uniform": 0.5,
        "loss": "l1",
        "hints": True,
    }
    assert set(other) == {field.name for field in dataclasses.fields(configs.UNetConfig)}
    made = [
        run_config.configure("unet", SMOKE, "d", **{name: value}) for name, value in other.items()
    ]
    for names in ([config.digest for config in made], [config.label for config in made]):
        assert len(set(names)) == len(other)


@pytest.mark.parametrize(
    ("model", "options", "expected"),
    [
        ("cnn", {}, True),
        ("resnet", {}, True),
        ("gan", {}, True),
        ("unet", {}, False),
        ("gan", {"generator": "unet"}, False),
    ],
)
def test_which_models_are_the_report_s(model, options, expected):
    assert run_config.configure(model, DEMO, "d", **options).of_report is expected


def test_the_digest_does_not_change_with_the_number_of_epochs():
    longer = dataclasses.replace(SMOKE, budgets={"cnn": SMOKE.cnn._replace(epochs=50)})
    assert run_config.configure("cnn", longer, "d") == run_config.configure("cnn", SMOKE, "d")


def test_the_digest_is_the_same_in_every_session():
    """Folders of runs on a student's Drive are named by it."""
    config = run_config.Config(
        "cnn", configs.CNNConfig((8, 16), (16, 8), (4,)), 24, 8, 1e-3, 0, "d"
    )
    assert config.digest == "bdd9c52b"
    config = run_config.Config(
        "gan",
        configs.GANConfig(
            generator=configs.ResNetConfig(decoder=(4, 4, 4, 4, 4), weights="none"),
            schedule="nogan",
        ),
        24,
        8,
        1e-3,
        0,
        "d",
    )
    assert config.digest == "6e36cbac"


FIRST = {  # the folders of these, and so the digests, are from before there was any later field
    "cnn": "c19bbe31",
    "resnet": "d6e33b0c",
    "gan": "b4ec4744",
    "unet": "38034875",
}


@pytest.mark.parametrize("model", REGISTRY)
def test_runs_from_before_a_field_was_there_are_found_again(model):
    """Their configs lack the fields that are marked as later; with other values these count."""
    config = run_config.configure(model, SMOKE, "d")
    plain = config.to_json()
    for owner, values in ((run_config.Config, plain), (config_of(model), plain["net"])):
        for field in [field for field in dataclasses.fields(owner) if "later" in field.metadata]:
            del values[field.name]
    assert "old" not in plain
    taken = config.to_json()["net"].keys() - plain["net"].keys()
    assert taken == {
        "unet": {"loss", "hints"},
        "gan": {"generator", "discriminator", "average"},
    }.get(model, set())
    assert run_config.Config.from_json(plain) == config
    assert files.sha256_of(plain)[:8] == config.digest == FIRST[model]


def test_a_gan_with_the_unet_takes_nothing_of_the_resnet_model_from_a_profile():
    """The demo profile freezes the encoder, which the U-Net doesn't have."""
    options = parse_pairs(
        "gan",
        "generator=unet",
        "discriminator=patch",
        "average=0.99",
        "schedule=nogan",
        "pretrain=4",
    )
    config = run_config.configure("gan", DEMO, "d", images=None, **options)
    assert config.net == configs.GANConfig(
        generator=configs.UNetConfig(),
        discriminator="patch",
        average=0.99,
        schedule="nogan",
        pretrain=4,
    )
    assert (
        config.label
        == "gan, schedule=nogan, pretrain=4, generator=unet, discriminator=patch, average=0.99"
    )
    with pytest.raises(
        KitError,
        match=r"^head: expected with generator='resnet' only, got 'unet'$",
    ):
        run_config.configure("gan", DEMO, "d", generator="unet", head="conv")


@pytest.mark.parametrize("model", ["resnet", "gan"])
def test_a_borrowed_encoder_has_no_filters_to_set(model):
    """Old runs list them, as none: their config can be read, and says nothing of them."""
    config = run_config.configure(model, SMOKE, "d")
    stored = config.to_json()
    assert stored["net"]["encoder"] == ()
    assert run_config.Config.from_json(stored) == config
    with pytest.raises(
        KitError, match=r"^encoder=\(4, 8\): the encoder of this model is ResNet-50$"
    ):
        run_config.configure(model, SMOKE, "d", encoder=(4, 8))


def test_the_settings_of_a_gan_are_those_of_its_generator_and_its_own_in_this_order():
    """So they stand in run.json, and in labels."""
    settings = [*run_config.configure("gan", SMOKE, "d").to_json()["net"]]
    resnet = [*run_config.configure("resnet", SMOKE, "d").to_json()["net"]]
    assert settings[:13] == resnet
    assert resnet[:3] == ["encoder", "decoder", "dense"]
    assert settings[13:] == [
        "lambda_l2",
        "lambda_l1",
        "schedule",
        "d_every",
        "pretrain",
        "sees",
        "d_filters",
        "d_learning_rate",
        "generator",
        "discriminator",
        "average",
    ]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"generator": "cnn"}, "generator='cnn' is unknown; one of resnet, unet"),
        (
            {"generator": "unet", "fine_tune": False, "cut": 4},
            "fine_tune, cut: expected with generator='resnet' only, got 'unet'",
        ),
    ],
)
def test_bad_generators_name_what_is_possible(options, message):
    with pytest.raises(KitError, match=message):
        run_config.configure("gan", SMOKE, "d", **options)


@pytest.mark.parametrize("bad", [1, "yes", None])
def test_old_is_true_or_false(bad):
    with pytest.raises(KitError, match=f"^old={bad!r}: expected True or False$"):
        run_config.configure("cnn", SMOKE, "d", old=bad)


@pytest.mark.parametrize("model", REGISTRY)
def test_json_and_back(model):
    options = (
        {"filters": (8, 16), "head": "classes"}
        if model == "unet"
        else {"dropout": 0.25, "dropout_at": ("decoder", "dense")}
    )
    config = run_config.configure(model, SMOKE, "d", **options)
    back = run_config.Config.from_json(json.loads(json.dumps(config.to_json())))
    assert back == config
    assert back.digest == config.digest
    assert type(back.net) is config_of(model)


def test_a_label_names_what_differs():
    assert run_config.configure("cnn", DEMO, "d", images=None).label == "cnn"
    assert (
        run_config.configure("cnn", SMOKE, "d", head="conv", dropout=0.2, images=24).label
        == "cnn, head=conv, dropout=0.2, 24 images"
    )


def test_labels_differ_with_every_field_that_has_a_default():
    labels = {name: change_field(name).label for name in OTHER}
    base = run_config.configure("gan", SMOKE, "d").label
    assert {name for name, label in labels.items() if label == base} == {"batch_size"}
    assert len(set(labels.values())) == len(OTHER)


@pytest.mark.parametrize(
    ("model", "options", "label"),
    [
        ("cnn", {}, "cnn, 800 images"),
        ("gan", {}, "gan, fine_tune=False, 480 images"),
        ("unet", {"head": "classes", "images": None}, "unet, head=classes"),
        ("resnet", {"images": 48, "batch_size": 4, "fine_tune": True}, "resnet, 48 images"),
        (
            "cnn",
            {"seed": 2, "patience": 3, "learning_rate": 0.01, "images": 1},
            "cnn, learning_rate=0.01, patience=3, 1 images, seed 2",
        ),
    ],
)
def test_labels(model, options, label):
    assert run_config.configure(model, DEMO, "d", **options).label == label


def test_names_are_labels_made_longer_only_where_several_runs_have_one():
    def config(**options) -> run_config.Config:
        return run_config.configure("cnn", DEMO, "d", **options)

    found = {
        **{
            "a": config(),
            "b": config(batch_size=4),
            "c": config(head="conv"),
            "d": config(head="conv", learning_rate=0.01),
        },
        **{
            "cnn-demo-1": config(images=9),
            "cnn-class-1": config(images=9),
            "e": config(images=9, batch_size=4),
        },
        "other data": run_config.configure("cnn", DEMO, "e", head="conv"),
    }
    assert run_config.names(list(found.items())) == [
        *("cnn, 800 images, batch_size=16", "cnn, 800 images, batch_size=4"),
        *("cnn, head=conv, 800 images", "cnn, head=conv, learning_rate=0.01, 800 images"),
        *("cnn, 9 images, cnn-demo-1", "cnn, 9 images, cnn-class-1", "cnn, 9 images, batch_size=4"),
        "cnn, head=conv, 800 images",
    ]


def test_unknown_profile():
    with pytest.raises(
        KitError, match="profile 'turbo' is unknown: one of smoke, demo, class, paper, full"
    ):
        profiles.get("turbo")


@pytest.mark.parametrize("pair", ["model=gan", "data=x", "net=y"])
def test_what_is_no_setting_is_refused_as_an_unknown_field(pair):
    with pytest.raises(KitError, match=rf"cnn has no field '{pair.split('=')[0]}': one of images"):
        run_config.configure("cnn", SMOKE, "d", **parse_pairs("cnn", pair))


@pytest.mark.parametrize("pair", ["learning_rate=0", "learning_rate=1e-400", "d_learning_rate=0"])
def test_a_learning_rate_with_which_nothing_is_learned_is_refused(pair):
    with pytest.raises(KitError, match="learning_rate=0: expected a number above 0"):
        run_config.configure("gan", SMOKE, "d", **parse_pairs("gan", pair))
