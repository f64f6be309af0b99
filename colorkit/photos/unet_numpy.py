"""Run a trained U-Net with NumPy and OpenCV alone, which load in a tenth of Keras' time.

Of the layers of models/unet.py, only what they do to a picture is here. A test compares all of it
with Keras.

The names of the arrays, such as "listen/asking/kernel", are those of the Keras layers. They are the
keys of the files in data/weights, whose hashes are in data_manifest.json, so they must stay.
"""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from ..arrays import Ab, HintPlanes, LCode
from .architecture import Architecture, AttentionScales

FACES_AT_A_TIME = 8  # the windows of more faces would not stay in the processor's cache


@dataclass(frozen=True)
class Network:
    """A trained U-Net.

    Attributes:
        name: for tables.
        about: what its layers are made of.
        arrays: its values, float32, by Keras' paths such as encoder1/kernel.
    """

    name: str
    about: Architecture
    arrays: dict[str, np.ndarray]

    def predict(self, L_code: LCode, hints: HintPlanes | None = None) -> Ab:
        """Predict color.

        Args:
            L_code: code of L, uint8 or float (N, 112, 112, 1).
            hints: color hints, (N, 112, 112, 3), as `color.hint_planes` gives them; None for none.

        Returns:
            a* and b*, (N, 112, 112, 2), CIELAB units.

        Raises:
            ValueError: there are hints, but these weights don't take any.

        Example:
            >>> ab = photos.load_shipped("vivid").predict(test.L)  # doctest: +SKIP
        """
        if hints is not None and not self.about.hints:
            raise ValueError(f"{self.name} takes no hints")
        if hints is not None:
            # SciPy's solvers take a while to start, and nothing else here needs them.
            from ..color.levin import settle

            return settle(L_code, self._predict_all(L_code, hints), hints)
        channels = 3 if self.about.hints else 0
        nothing = np.zeros((*L_code.shape[:3], channels), np.float32)
        return self._predict_all(L_code, nothing)

    def _predict_all(self, L_code: LCode, hints: HintPlanes) -> Ab:
        """Predict a few faces at a time."""
        parts = [np.empty((0, *L_code.shape[1:3], 2), np.float32)]
        for start in range(0, len(L_code), FACES_AT_A_TIME):
            chunk = slice(start, start + FACES_AT_A_TIME)
            floats = np.asarray(L_code[chunk], np.float32)
            parts.append(self._predict_chunk(floats, hints[chunk]))
        return np.concatenate(parts)

    def _predict_chunk(self, L_code: np.ndarray, hints: HintPlanes) -> Ab:
        """Predict the color of some faces, (B, H, W, 1) and (B, H, W, 3) to (B, H, W, 2)."""
        L = L_code / 127.5 - 1  # -1 to 1
        scales = self.about.attention
        if scales is None:  # it takes no hints
            features = self._unet(L)
            return self._to_color(self._convolve(features, "correction"), L_code)
        residual = self._hint_residual(L_code, hints)
        features = self._unet(np.concatenate([L, residual], axis=-1))  # (B, h, w, C)
        residual = _average(residual, features.shape)  # (B, h, w, 3)
        small_L = _average(L, features.shape)  # (B, h, w, 1)
        attended = self._attend(scales, features, residual, small_L)  # (B, h, w, 2)
        x = np.concatenate([features, attended, residual], axis=-1)
        x = self._step(x, "decoder0")
        return self._to_color(self._convolve(x, "correction") + attended, L_code)

    def _hint_residual(self, L_code: np.ndarray, hints: HintPlanes) -> np.ndarray:
        """Compute how far each hint is from the mean color of its L; 0 where there is none.

        Returns:
            Two differences, in units of the output, and the mask: (B, H, W, 3).
        """
        given_L = self.arrays["given_L/table"][_row_of(L_code)]  # (B, H, W, 2)
        mask = hints[..., 2:]
        difference = mask * (hints[..., :2] - given_L) / self.about.spread
        return np.concatenate([difference, mask], axis=-1)

    def _unet(self, x: np.ndarray) -> np.ndarray:
        """Apply the U itself: (B, H, W, C) to (B, h, w, filters)."""
        x = self._step(x, "patches", stride=len(self.arrays["patches/kernel"]))
        x = self._step(x, "encoder1")
        skips = []
        for level in range(2, len(self.about.filters) + 1):
            skips.append(x)
            x = self._step(x, f"encoder{level}_down", stride=2)
            x = self._step(x, f"encoder{level}")
        for level in range(len(skips), 0, -1):
            skip = skips[level - 1]
            mixed = self._convolve(x, f"decoder{level}_mix")
            enlarged = mixed.repeat(2, axis=1).repeat(2, axis=2)
            enlarged = enlarged[:, : skip.shape[1], : skip.shape[2]]  # an odd side was rounded up
            x = self._step(enlarged + skip, f"decoder{level}")
        return x

    def _attend(
        self, scales: AttentionScales, features: np.ndarray, residual: np.ndarray, L: np.ndarray
    ) -> np.ndarray:
        """Let each place attend to the hints.

        Args:
            scales: where the attention starts from.
            features: what the network sees, (B, h, w, C).
            residual: hints, as `_hint_residual` gives them, averaged over each place, (B, h, w, 3).
            L: lightness, -1 to 1, (B, h, w, 1).

        Returns:
            Differences from the mean color of each L, (B, h, w, 2).
        """
        faces = zip(features, residual, L, strict=True)
        return np.stack([self._attend_one(scales, *face) for face in faces])

    def _attend_one(
        self, scales: AttentionScales, features: np.ndarray, residual: np.ndarray, L: np.ndarray
    ) -> np.ndarray:
        """Do `_attend` for one face, without the first axis.

        Only the K places with a hint are keys, and they are few. The logit of a place p and a hint
        q, at a distance of d places, is

            query_p . key_q / sqrt(C) + loud - light (L_p - L_q)^2 - power log(1 + d^2 / near^2)

        and "no hint" has a logit of 0. Each place p decides loud, power and light by what it sees.
        """
        hinted = residual[..., 2] > 0  # (h, w)
        query = features @ self.arrays["listen/asking/kernel"]  # (h, w, C)
        key = features[hinted] @ self.arrays["listen/asked/kernel"]  # (K, C)
        value = residual[hinted, :2] / residual[hinted, 2:]  # (K, 2)

        manner = features @ self.arrays["listen/manner/kernel"] + self.arrays["listen/manner/bias"]
        loud = scales.loud + manner[..., :1]  # (h, w, 1)
        power = scales.power * np.exp(manner[..., 1:2])
        light = scales.light * np.exp(manner[..., 2:])

        rows, columns = (np.arange(size) for size in features.shape[:2])
        places = np.stack(np.meshgrid(rows, columns, indexing="ij"), axis=-1)  # (h, w, 2)
        square = ((places[:, :, None] - places[hinted]) ** 2).sum(-1)  # (h, w, K)
        far = np.log1p(square / scales.near**2)
        unlike = (L - L[hinted, 0]) ** 2  # (h, w, K)

        similarity = query @ key.T / query.shape[-1] ** 0.5
        logits = similarity + loud - light * unlike - power * far
        largest = logits.max(-1, keepdims=True, initial=0)  # 0 is the logit of "no hint"
        weights = np.exp(logits - largest)
        weights /= np.exp(-largest) + weights.sum(-1, keepdims=True)
        return np.asarray(weights @ value, np.float32)

    def _to_color(self, correction: np.ndarray, L_code: np.ndarray) -> Ab:
        """Join what was learned, (B, h, w, C), to the color that L, (B, H, W, 1), suggests."""
        table = self.arrays["given_L/table"]
        if self.about.head == "regress":
            enlarged = _enlarge(self.about.spread * correction, L_code.shape)
            return enlarged + table[_row_of(L_code)]
        given_L = table[_row_of(_average(L_code, correction.shape))]  # (B, h, w, C)
        logits = (correction + given_L) / self.about.temperature
        shares = np.exp(logits - logits.max(-1, keepdims=True))
        shares = shares / shares.sum(-1, keepdims=True)
        return _enlarge(shares @ self.arrays["palette/centers"], L_code.shape)

    def _step(self, x: np.ndarray, name: str, stride: int = 1) -> np.ndarray:
        """Apply a convolution, group normalization and ReLU."""
        x = self._convolve(x, name, stride)
        x -= self._mean_of_groups(x.mean((1, 2)))
        squares = np.einsum("bhwc,bhwc->bc", x, x) / (x.shape[1] * x.shape[2])  # (B, C)
        deviation = np.sqrt(self._mean_of_groups(squares) + self.about.epsilon)
        x *= self.arrays[f"{name}_gn/gamma"] / deviation
        x += self.arrays[f"{name}_gn/beta"]
        return np.maximum(x, 0, out=x)

    def _mean_of_groups(self, means: np.ndarray) -> np.ndarray:
        """Replace the mean of each channel, (B, C), with its group's, (B, 1, 1, C)."""
        faces, channels = means.shape
        groups = self.about.groups
        of_groups = means.reshape(faces, groups, -1).mean(-1)  # (B, groups)
        of_channels = of_groups.repeat(channels // groups, axis=1)  # (B, C)
        return of_channels[:, None, None]

    def _convolve(self, x: np.ndarray, name: str, stride: int = 1) -> np.ndarray:
        """Convolve (B, H, W, C) to (B, h, w, filters) as one matrix product.

        The window of each place becomes a row, and each filter a column. The padding is that of
        Keras for "same".
        """
        kernel = self.arrays[f"{name}/kernel"]  # (size, size, C, filters)
        bias = self.arrays[f"{name}/bias"]
        size = len(kernel)
        rows, columns = (_padding(length, size, stride) for length in x.shape[1:3])
        x = np.pad(x, ((0, 0), rows, columns, (0, 0)))
        windows = sliding_window_view(x, (size, size), axis=(1, 2))
        windows = windows[:, ::stride, ::stride]  # (B, h, w, C, size, size)
        matrix = windows.transpose(0, 1, 2, 4, 5, 3).reshape(-1, size * size * x.shape[-1])
        filters = kernel.reshape(matrix.shape[1], -1)
        return (matrix @ filters + bias).reshape(*windows.shape[:3], -1)


def _padding(length: int, size: int, stride: int) -> tuple[int, int]:
    """Return the zeros before and behind a side, so that every `stride` places give an output.

    As in Keras, an odd zero goes behind.
    """
    outputs = -(-length // stride)  # rounded up
    missing = max(0, (outputs - 1) * stride + size - length)
    return missing // 2, missing - missing // 2


def _average(x: np.ndarray, shape: tuple[int, ...]) -> np.ndarray:
    """Shrink (B, H, W, C) to the (B, h, w) of a shape, by averaging over areas."""
    faces, height, width, _ = shape
    down = x.shape[1] // height
    across = x.shape[2] // width
    return x.reshape(faces, height, down, width, across, -1).mean((2, 4))


def _row_of(L_code: np.ndarray) -> np.ndarray:
    """Turn codes of L, float (B, H, W, 1), into rows of a table, int (B, H, W)."""
    return np.clip(np.rint(L_code[..., 0]), 0, 255).astype(np.intp)


def _enlarge(ab: np.ndarray, shape: tuple[int, ...]) -> Ab:
    """Enlarge (B, h, w, 2) to the (B, H, W) of a shape, bilinearly."""
    _, height, width, _ = shape
    faces = (np.asarray(face, np.float32) for face in ab)
    return np.stack([cv2.resize(face, (width, height)) for face in faces])
