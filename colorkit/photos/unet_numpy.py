"""A trained U-Net without Keras: what it predicts, by NumPy and OpenCV alone, which are there in a tenth of the time.

Of the layers of `unet` only what they do to a picture is here, each in a few lines; a test holds all of it against Keras. A convolution is
one matrix product: each place's window becomes a row, each filter a column.
"""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

FACES_AT_A_TIME = 8  # faces computed at a time: the windows of more would not stay in the cache


@dataclass(frozen=True)
class Network:
    """A trained U-Net.

    Attributes:
        name: for tables.
        about: what its layers are made of, as JSON: filters, head, hints, groups, epsilon, and what goes with the head or with hints.
        arrays: its values by Keras' paths such as encoder1/kernel, float32.
    """

    name: str
    about: dict
    arrays: dict[str, np.ndarray]

    def predict(self, L: np.ndarray, hints: np.ndarray | None = None) -> np.ndarray:
        """Predict color.

        Args:
            L: code, uint8 or float (N, 112, 112, 1).
            hints: for weights that take them, float32 (N, 112, 112, 3) as hints.hint_planes gives them; None for no hints.

        Returns:
            a*, b*, float32 (N, 112, 112, 2), CIELAB units.

        Raises:
            ValueError: hints for weights that take none.
        """
        if hints is not None and not self.about["hints"]:
            raise ValueError(f"{self.name} takes no hints")
        if hints is not None:
            from ..color.levin import (
                settle,
            )  # SciPy's solvers, which nobody else needs, take a while to start

            return settle(L, self._predict_all(L, hints), hints)
        return self._predict_all(
            L, np.zeros((*L.shape[:3], 3 if self.about["hints"] else 0), np.float32)
        )

    def _predict_all(self, L: np.ndarray, hints: np.ndarray) -> np.ndarray:
        chunks = [
            np.s_[start : start + FACES_AT_A_TIME] for start in range(0, len(L), FACES_AT_A_TIME)
        ]
        parts = (self._predict(np.float32(L[chunk]), hints[chunk]) for chunk in chunks)
        return np.concatenate([np.empty((0, *L.shape[1:3], 2), np.float32), *parts])

    def _predict(self, L: np.ndarray, hints: np.ndarray) -> np.ndarray:
        x = L / 127.5 - 1
        if not self.about["hints"]:
            return self._color(self._convolve(self._seen(x), "correction"), L)
        given_L, mask = self.arrays["given_L/table"][_code(L)], hints[..., 2:]
        told = np.concatenate(
            [mask * (hints[..., :2] - given_L) / self.about["spread"], mask], axis=-1
        )
        seen = self._seen(np.concatenate([x, told], axis=-1))
        told = _averaged(told, seen.shape)
        heard = self._heard(seen, told, _averaged(x, seen.shape))
        x = self._step(np.concatenate([seen, heard, told], axis=-1), "decoder0")
        return self._color(self._convolve(x, "correction") + heard, L)

    def _seen(self, x: np.ndarray) -> np.ndarray:
        """The U itself: (B, H, W, C) to (B, h, w, filters)."""
        x = self._step(x, "patches", stride=len(self.arrays["patches/kernel"]))
        x, skips = self._step(x, "encoder1"), []
        for level in range(2, len(self.about["filters"]) + 1):
            skips.append(x)
            x = self._step(self._step(x, f"encoder{level}_down", stride=2), f"encoder{level}")
        for level, skip in reversed(list(enumerate(skips, 1))):
            mixed = self._convolve(x, f"decoder{level}_mix").repeat(2, axis=1).repeat(2, axis=2)
            x = self._step(mixed[:, : skip.shape[1], : skip.shape[2]] + skip, f"decoder{level}")
        return x

    def _heard(self, seen: np.ndarray, told: np.ndarray, L: np.ndarray) -> np.ndarray:
        """Attention to the hints: what is seen (B, h, w, C), what was told (B, h, w, 3) and L (B, h, w, 1) to differences (B, h, w, 2)."""
        places = np.stack(np.meshgrid(*map(np.arange, seen.shape[1:3]), indexing="ij"), axis=-1)
        return np.stack([self._listen(*face, places) for face in zip(seen, told, L, strict=True)])

    def _listen(
        self, seen: np.ndarray, told: np.ndarray, L: np.ndarray, places: np.ndarray
    ) -> np.ndarray:
        """Of one face: only the places of which something was told are asked, and they are few."""
        there, about = told[..., 2] > 0, self.about["listen"]
        asks, asked = (
            seen @ self.arrays["listen/asking/kernel"],
            seen[there] @ self.arrays["listen/asked/kernel"],
        )  # (h, w, C), (K, C)
        manner = seen @ self.arrays["listen/manner/kernel"] + self.arrays["listen/manner/bias"]
        loud, power, light = (
            about["loud"] + manner[..., :1],
            about["power"] * np.exp(manner[..., 1:2]),
            about["light"] * np.exp(manner[..., 2:]),
        )
        far = np.log1p(
            ((places[:, :, None] - places[there]) ** 2).sum(-1) / about["near"] ** 2
        )  # (h, w, K)
        logits = (
            asks @ asked.T / asks.shape[-1] ** 0.5
            + loud
            - light * (L - L[there, 0]) ** 2
            - power * far
        )
        most = logits.max(-1, keepdims=True, initial=0)  # of "nothing" it is 0
        weights = np.exp(logits - most)
        weights /= np.exp(-most) + weights.sum(-1, keepdims=True)
        return np.float32(weights @ (told[there, :2] / told[there, 2:]))

    def _color(self, correction: np.ndarray, L: np.ndarray) -> np.ndarray:
        """What was learned, (B, h, w, C), joined to what L, (B, H, W, 1), tells by itself."""
        table = self.arrays["given_L/table"]
        if self.about["head"] == "regress":
            return _enlarged(self.about["spread"] * correction, L.shape) + table[_code(L)]
        logits = (correction + table[_code(_averaged(L, correction.shape))]) / self.about[
            "temperature"
        ]
        shares = np.exp(logits - logits.max(-1, keepdims=True))
        return _enlarged(
            shares / shares.sum(-1, keepdims=True) @ self.arrays["palette/centers"], L.shape
        )

    def _step(self, x: np.ndarray, name: str, stride: int = 1) -> np.ndarray:
        """Convolution, group normalization, ReLU."""
        x = self._convolve(x, name, stride)
        scale, offset = (self.arrays[f"{name}_gn/{value}"] for value in ("gamma", "beta"))
        x -= self._over_groups(x.mean((1, 2)))
        spread = np.sqrt(
            self._over_groups(np.einsum("bhwc,bhwc->bc", x, x) / (x.shape[1] * x.shape[2]))
            + self.about["epsilon"]
        )
        x *= scale / spread
        x += offset
        return np.maximum(x, 0, out=x)

    def _over_groups(self, means: np.ndarray) -> np.ndarray:
        """Means of channels, (B, C), to those of the groups they are in, (B, 1, 1, C)."""
        channels = means.shape[1]
        of_groups = means.reshape(len(means), self.about["groups"], -1).mean(-1)
        return of_groups.repeat(channels // self.about["groups"], axis=1)[:, None, None]

    def _convolve(self, x: np.ndarray, name: str, stride: int = 1) -> np.ndarray:
        """(B, H, W, C) to (B, h, w, filters), padded by zeros as Keras pads for "same": an odd one goes behind."""
        kernel, bias = (self.arrays[f"{name}/{value}"] for value in ("kernel", "bias"))
        size = len(kernel)
        x = np.pad(
            x, ((0, 0), *(_padding(length, size, stride) for length in x.shape[1:3]), (0, 0))
        )
        windows = sliding_window_view(x, (size, size), axis=(1, 2))[:, ::stride, ::stride]
        rows = windows.transpose(0, 1, 2, 4, 5, 3).reshape(-1, size * size * x.shape[-1])
        return (rows @ kernel.reshape(rows.shape[1], -1) + bias).reshape(*windows.shape[:3], -1)


def _padding(length: int, size: int, stride: int) -> tuple[int, int]:
    """Zeros before and behind a side, so that there is an output for every `stride` places of it."""
    missing = max(0, (-(-length // stride) - 1) * stride + size - length)
    return missing // 2, missing - missing // 2


def _averaged(x: np.ndarray, shape: tuple[int, ...]) -> np.ndarray:
    """(B, H, W, C) to (B, h, w, C) of a shape, by averaging over areas."""
    faces, height, width, _ = shape
    return x.reshape(faces, height, x.shape[1] // height, width, x.shape[2] // width, -1).mean(
        (2, 4)
    )


def _code(L: np.ndarray) -> np.ndarray:
    """L code, float (B, H, W, 1), as the row of a table, int (B, H, W)."""
    return np.clip(np.rint(L[..., 0]), 0, 255).astype(np.intp)


def _enlarged(ab: np.ndarray, shape: tuple[int, ...]) -> np.ndarray:
    """(B, h, w, 2) to (B, H, W, 2), bilinearly."""
    return np.stack([cv2.resize(np.float32(face), shape[2:0:-1]) for face in ab])
