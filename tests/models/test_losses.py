import keras
import numpy as np
import pytest

from colorkit.models import losses

CODES = np.arange(256, dtype=np.uint8).reshape(4, 4, 8, 2)  # every code there is, in four images
PRED = np.random.default_rng(0).uniform(-128, 128, CODES.shape).astype(np.float32)


def to_numpy(tensor) -> np.ndarray:
    return keras.ops.convert_to_numpy(tensor)


@pytest.mark.parametrize("dtype", [np.uint8, np.int32, np.float16, np.float32])
def test_codes_become_signed_float32(dtype):
    """uint8 has no numbers below 0: it must be cast before 128 is taken off."""
    lab = to_numpy(losses.decode_ab(CODES.astype(dtype)))
    assert lab.dtype == np.float32
    assert lab.ravel().tolist() == list(range(-128, 128))


def test_a_code_between_two_is_kept():
    assert to_numpy(losses.decode_ab(np.float32([[127.25, 128.5]]))).tolist() == [[-0.75, 0.5]]


@pytest.mark.parametrize(("loss", "of"), [(losses.l2, np.square), (losses.l1, np.abs)])
@pytest.mark.parametrize("dtype", [np.uint8, np.float32])
def test_a_loss_is_the_mean_over_pixels_and_channels_of_each_image(loss, of, dtype):
    error = PRED.astype(np.float64) - (CODES.astype(np.float64) - 128)
    found = to_numpy(loss(CODES.astype(dtype), PRED))
    assert (found.shape, found.dtype) == ((4,), np.float32)
    assert found == pytest.approx(of(error).reshape(4, -1).mean(1), rel=1e-5)
    assert len({round(float(value)) for value in found}) > 1  # no mean over images


@pytest.mark.parametrize("shape", [(3, 1), (3, 2, 4, 1)])
def test_a_verdict_is_the_mean_over_all_that_is_said_of_an_image(shape):
    logits, real = (
        np.random.default_rng(0).normal(0, 4, shape).astype(np.float32),
        np.float32([[1], [0], [1]]),
    )
    costs = np.log1p(np.exp(np.where(real == 1, -1, 1) * logits.reshape(3, -1).astype(np.float64)))
    found = to_numpy(losses.discriminator_loss(real, logits))
    assert (found.shape, found.dtype) == ((3,), np.float32)
    assert found == pytest.approx(costs.mean(1), rel=1e-5)


@pytest.mark.parametrize("loss", [losses.l2, losses.l1])
def test_the_truth_costs_nothing(loss):
    assert to_numpy(loss(CODES, CODES.astype(np.float32) - 128)).tolist() == [0, 0, 0, 0]


def test_errors_are_in_cielab_units():
    """An error of 3 and 4."""
    code, pred = np.full((1, 5, 5, 2), 130, np.uint8), np.full((1, 5, 5, 2), [5, -2], np.float32)
    assert to_numpy(losses.l2(code, pred)).tolist() == [12.5]  # (9 + 16) / 2
    assert to_numpy(losses.l1(code, pred)).tolist() == [3.5]


CENTERS = np.float32([[0, 0], [10, 0], [0, 10], [10, 10], [20, 0], [30, 40], [-40, 10]])
WEIGHTS = np.float32([0.5, 1, 2, 3, 4, 5, 6])


def encode_by_hand(ab: np.ndarray) -> np.ndarray:
    """Encode one color softly, by the paper's words.

    The five nearest centers count, each by a Gaussian of 5 units; their sum is made 1.
    """
    distance = np.linalg.norm(CENTERS.astype(np.float64) - ab, axis=-1)
    near = np.where(np.argsort(np.argsort(distance)) < 5, np.exp(-(distance**2) / (2 * 5**2)), 0)
    return near / near.sum()


def test_a_color_is_shared_among_its_five_nearest_centers():
    colors = np.random.default_rng(1).uniform(-20, 30, (50, 2)).astype(np.float32)
    found = to_numpy(losses.soft_encode(colors, CENTERS))
    assert found.dtype == np.float32
    assert found == pytest.approx(np.array([encode_by_hand(color) for color in colors]), abs=1e-5)
    assert found.sum(-1) == pytest.approx(1, abs=1e-6)
    nearest = np.linalg.norm(CENTERS - colors[:, None], axis=-1).argmin(-1)
    assert (found.argmax(-1) == nearest).all()
    assert ((found > 0).sum(-1) <= 5).all()


def test_a_color_far_beyond_all_centers_goes_to_the_nearest():
    """Where every Gaussian by itself is 0 in float32."""
    found = to_numpy(losses.soft_encode(np.float32([[127, 127], [-128, -128]]), CENTERS))
    assert found.argmax(-1).tolist() == [5, 6]
    assert found.sum(-1) == pytest.approx(1)


def test_centers_as_near_as_the_fifth_count_alike():
    """In the middle of a cross, four arms of which are equally near, and of eight more that are."""
    arms = np.float32(
        [
            [0, 0],
            *(
                [x, y]
                for x, y in ((8, 0), (-8, 0), (0, 8), (0, -8), (8, 8), (8, -8), (-8, 8), (-8, -8))
            ),
        ]
    )
    found = to_numpy(losses.soft_encode(np.zeros((1, 2), np.float32), arms))[0]
    assert len(set(found[1:5].tolist())) == 1
    assert found[5:].tolist() == [0] * 4
    without_middle = to_numpy(losses.soft_encode(np.zeros((1, 2), np.float32), arms[1:]))[0]
    assert (without_middle > 0).all()


def test_fewer_classes_than_neighbours():
    found = to_numpy(losses.soft_encode(np.float32([[5, 0]]), CENTERS[:2]))
    assert found.tolist() == [[0.5, 0.5]]


def draw_colors_and_logits(size: int = 1) -> tuple[np.ndarray, np.ndarray]:
    """Codes (3, 4 * size, 4 * size, 2), of blocks of one color each, and logits (3, 4, 4, 7)."""
    random = np.random.default_rng(2)
    codes = random.integers(118, 150, (3, 4, 4, 2)).astype(np.uint8)
    return codes.repeat(size, 1).repeat(size, 2), random.normal(size=(3, 4, 4, 7)).astype(
        np.float32
    )


def compute_by_hand(codes: np.ndarray, logits: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Compute the loss of each picture in float64, and its gradient.

    The gradient of each pixel is weight * (probability - truth) / pixels.
    """
    truth = np.array(
        [encode_by_hand(color) for color in (codes.astype(np.float64) - 128).reshape(-1, 2)]
    ).reshape(logits.shape)
    weight = WEIGHTS[truth.argmax(-1)].astype(np.float64)
    raised = np.exp(logits.astype(np.float64))
    probability = raised / raised.sum(-1, keepdims=True)
    loss = (-weight * (truth * np.log(probability)).sum(-1)).mean((1, 2))
    return loss, weight[..., None] * (probability - truth) / weight[0].size


@pytest.mark.parametrize("size", [1, 4])
def test_rebalanced_cross_entropy_by_hand(size):
    codes, logits = draw_colors_and_logits(size)
    found = to_numpy(losses.rebalanced_cross_entropy(codes, logits, CENTERS, WEIGHTS))
    assert (found.shape, found.dtype) == ((3,), np.float32)
    assert found == pytest.approx(compute_by_hand(codes[:, ::size, ::size], logits)[0], rel=1e-4)


def test_the_truth_is_averaged_over_the_pixels_of_a_place():
    codes = np.full((1, 2, 2, 2), 128, np.uint8)
    codes[0, 0] += 20  # a*, b* of 20 above and 0 below: 10 on average
    found = losses.rebalanced_cross_entropy(
        codes, np.zeros((1, 1, 1, 7), np.float32), CENTERS, WEIGHTS
    )
    assert float(found[0]) == pytest.approx(WEIGHTS[3] * np.log(7), rel=1e-5)


def test_the_gradient_reaches_the_logits_with_its_weights():
    """SGD takes a step of 1 on logits that are a layer's weights.

    What they lose is the gradient of the mean over the pictures.
    """
    codes, logits = draw_colors_and_logits()
    picture = keras.Input((1,))
    layer = keras.layers.Embedding(3, logits[0].size)
    model = keras.Model(
        picture, keras.layers.Reshape(logits.shape[1:])(keras.layers.Flatten()(layer(picture)))
    )
    layer.embeddings.assign(logits.reshape(3, -1))
    model.compile(
        keras.optimizers.SGD(1.0),
        loss=lambda code, pred: losses.rebalanced_cross_entropy(code, pred, CENTERS, WEIGHTS),
    )
    model.fit(np.arange(3)[:, None], codes, batch_size=3, verbose=0)
    moved = logits - to_numpy(layer.embeddings).reshape(logits.shape)
    assert moved == pytest.approx(compute_by_hand(codes, logits)[1] / 3, abs=1e-5)
    assert np.abs(moved).max() > 1e-2


def test_the_gradient_is_that_of_finite_differences():
    codes, logits = draw_colors_and_logits()
    gradient = compute_by_hand(codes, logits)[1]
    for place in [(0, 1, 2, 3), (1, 0, 0, 0), (2, 3, 3, 6)]:
        up, down = logits.copy(), logits.copy()
        up[place] += 0.1
        down[place] -= 0.1
        change = [
            to_numpy(losses.rebalanced_cross_entropy(codes, moved, CENTERS, WEIGHTS))[place[0]]
            for moved in (up, down)
        ]
        assert (change[0] - change[1]) / 0.2 == pytest.approx(gradient[place], abs=2e-4)


def test_annealed_mean_is_the_mean_at_1_and_the_most_probable_center_near_0():
    _, logits = draw_colors_and_logits()
    raised = np.exp(logits.astype(np.float64))
    assert to_numpy(losses.annealed_mean(logits, CENTERS, 1.0)) == pytest.approx(
        (raised / raised.sum(-1, keepdims=True)) @ CENTERS, abs=1e-3
    )
    assert to_numpy(losses.annealed_mean(logits, CENTERS, 1e-4)) == pytest.approx(
        CENTERS[logits.argmax(-1)], abs=1e-3
    )


def test_a_lower_temperature_is_more_vivid():
    """Of a grey center and a red one that is a little more probable."""
    temperatures = (2.0, 1.0, 0.5, 0.2, 0.05)
    chroma = [
        float(losses.annealed_mean(np.float32([0, 0.5]), np.float32([[0, 0], [40, 0]]), value)[0])
        for value in temperatures
    ]
    assert chroma == sorted(chroma)
    assert chroma[0] < 30 < 39 < chroma[-1]
