"""Architecture diagrams: a box for each layer, and the same in words."""

import numpy as np
import pytest
from helpers import TINY_GAN

from colorkit import plots
from colorkit.models import configs, discriminators, resnet
from colorkit.models.cnn import build_cnn
from colorkit.plots import diagrams

NET = {name: TINY_GAN[name] for name in ("decoder", "dense", "features")}


@pytest.fixture(scope="module")
def cnn():
    return build_cnn(configs.CNNConfig((4, 8, 8), (8, 4, 4), (6,)))


def test_boxes_of_the_cnn_in_order(cnn):
    found = [(look.name, shape) for look, shape in diagrams.boxes(cnn)]
    down = [(56, 56, 4), (56, 56, 4), (28, 28, 8), (28, 28, 8), (14, 14, 8), (14, 14, 8)]
    up = [(28, 28, 8), (56, 56, 4), (112, 112, 4)]
    assert found == [
        ("input", (112, 112, 1)),
        *(("convolution", shape) for shape in down),
        *(("transposed convolution", shape) for shape in up),
        ("dense, per pixel", (112, 112, 6)),
        ("dense, per pixel", (112, 112, 2)),
    ]


def test_resnet_is_one_box(small_resnet):
    names = [
        look.name for look, _ in diagrams.boxes(resnet.build_resnet(configs.ResNetConfig(**NET)))
    ]
    assert names[:3] == ["input", "ResNet-50", "convolution"]


def test_the_discriminator_ends_in_one_number():
    *_, (pool, pooled), (dense, logit) = diagrams.boxes(
        discriminators.build_discriminator(filters=(4, 8))
    )
    assert (pool.name, pooled) == ("mean over the picture", (8,))
    assert (dense.name, logit) == ("dense", (1,))  # of the whole picture, not per pixel


def test_the_drawing_has_a_labelled_box_for_each(cnn):
    figure = plots.architecture(cnn)
    (axis,) = figure.axes
    assert len(axis.patches) == 12
    texts = [text.get_text() for text in axis.texts]
    assert texts[:4] == ["112x112", "1", "56x56", "4"]
    assert len(texts) == 24
    assert f"{cnn.count_params():,} parameters" in axis.get_title()
    legend = [text.get_text() for text in axis.get_legend().get_texts()]
    assert legend == ["input", "convolution", "transposed convolution", "dense, per pixel"]


def test_kinds_differ_by_more_than_color(cnn):
    hatches = [look.hatch for look in diagrams.KINDS.values()]
    assert len(set(hatches)) == len(hatches)
    figure = plots.architecture(cnn)
    drawn = [patch.get_hatch() or "" for patch in figure.axes[0].patches]
    assert drawn == [look.hatch for look, _ in diagrams.boxes(cnn)]
    shown = [patch.get_hatch() or "" for patch in figure.axes[0].get_legend().get_patches()]
    assert shown == list(dict.fromkeys(drawn))


def test_the_drawing_in_words(cnn):
    text = plots.describe_architecture(cnn)
    learn = cnn.count_params() - 2 * sum(
        layer.gamma.shape[0] for layer in cnn.layers if hasattr(layer, "gamma")
    )
    size = f"{cnn.count_params():,} parameters, {learn:,} of them learn"
    assert text.startswith(f"Diagram of cnn, {size}: input 112x112x1, convolution 56x56x4, ")
    assert text.endswith("dense, per pixel 112x112x2; a place of encoder3 sees 43x43 pixels.")


@pytest.mark.parametrize(
    "chain", [[(3, 1)], [(3, 2), (3, 1)], [(5, 3), (1, 1), (3, 2), (3, 1)], [(4, 2), (4, 2)]]
)
def test_the_receptive_field_is_as_far_as_a_change_is_felt(chain):
    """With kernels of ones, the middle place's sum changes with each pixel that it sees."""

    def compute_middle(x):
        for kernel, strides in chain:
            x = np.convolve(x, np.ones(kernel), "valid")[::strides]
        return x[len(x) // 2]

    one_pixel_each = np.eye(101)
    felt = [place for place, x in enumerate(one_pixel_each) if compute_middle(x) != 0]
    assert diagrams.receptive_field(chain) == felt[-1] - felt[0] + 1


def test_a_convolution_after_the_decoder_is_not_in_the_chain():
    cnn = build_cnn(configs.CNNConfig((4, 8, 8), (8, 4, 4), head="conv"))
    assert "; a place of encoder3 sees 43x43 pixels." in plots.describe_architecture(cnn)


def test_a_model_around_another_model_is_not_measured(small_resnet):
    assert "sees" not in plots.describe_architecture(
        resnet.build_resnet(configs.ResNetConfig(**NET))
    )
