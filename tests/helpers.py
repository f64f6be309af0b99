"""Make small test data, for all test modules."""

import os
import zipfile
from pathlib import Path

import cv2
import keras
import numpy as np

from colorkit import profiles
from colorkit.models.configs import UNetConfig
from colorkit.models.unet import build_unet
from colorkit.training import run_config

KIT = Path(__file__).resolve().parent.parent
FACES = KIT / "data" / "faces.zip"

# The CNN at its smallest: the tests are about what surrounds it.
TINY_CNN = {"encoder": (4, 8, 8), "decoder": (8, 4, 4), "dense": (4,), "images": 8, "batch_size": 4}
TINY_GAN = {
    "decoder": (4, 4, 4, 4, 4),
    "dense": (4,),
    "features": 4,
    "d_filters": (4, 4),
    "weights": "none",
    "images": 8,
    "batch_size": 4,
}
TINY_NOGAN = {
    "generator": "unet",
    "discriminator": "patch",
    "average": 0.9,
    "schedule": "nogan",
    "pretrain": 1,
    "d_filters": (4, 4),
    "images": 8,
    "batch_size": 4,
}
TINY_UNET = {"filters": (8, 16), "classes": 12, "images": 8, "batch_size": 4}


def picture(seed: int = 0, size: int = 112) -> np.ndarray:
    """Make a picture with smooth color, uint8 (size, size, 3), sRGB, another for each seed."""
    low, high = np.random.default_rng(seed).uniform(0, 255, (2, 3))
    pixels = np.linspace(low, high, size * size)  # (size * size, 3)
    return np.round(pixels.reshape(size, size, 3)).astype(np.uint8)


def encode(rgb: np.ndarray, form: str = ".png") -> bytes:
    """Encode RGB, RGBA or grey pixels as a PNG or a lossless WebP."""
    pixels = rgb if rgb.ndim == 2 else np.concatenate([rgb[..., 2::-1], rgb[..., 3:]], axis=-1)
    options = [cv2.IMWRITE_WEBP_QUALITY, 101] if form == ".webp" else []
    good, data = cv2.imencode(form, pixels, options)
    assert good
    return data.tobytes()


def link_folder(place: Path, target: Path) -> None:
    """Make a folder appear in another place, on Windows by a junction, which takes no right."""
    if os.name == "nt":
        import _winapi

        _winapi.CreateJunction(str(target), str(place))
        return
    place.symlink_to(target)


def write_zip(path: Path, members: dict[str, bytes], compression: int = zipfile.ZIP_STORED) -> Path:
    """Write a zip of members by name; return its path."""
    with zipfile.ZipFile(path, "w", compression) as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return path


def write_folder(path: Path, members: dict[str, bytes]) -> Path:
    """Write a folder of files by name; return its path."""
    for name, data in members.items():
        (path / name).parent.mkdir(parents=True, exist_ok=True)
        (path / name).write_bytes(data)
    return path


def people(count: int, pictures: int = 1) -> dict[str, bytes]:
    """Make the members of a source with `count` identities, named 0, 1, 2 ..."""
    return {
        f"{who}/{k}.png": encode(picture(100 * who + k))
        for who in range(count)
        for k in range(pictures)
    }


def tiny_config(model: str, data: str = "test", **overrides) -> run_config.Config:
    """Configure the smallest run of a model.

    The model may also be "nogan": a GAN with the U-Net and all that goes with it (see small_unet).
    """
    tiny = {"cnn": TINY_CNN, "unet": TINY_UNET, "nogan": TINY_NOGAN}.get(model, TINY_GAN)
    if model == "resnet":
        tiny = {name: value for name, value in tiny.items() if name != "d_filters"}
    model = "gan" if model == "nogan" else model
    return run_config.configure(model, profiles.get("smoke"), data, **(tiny | overrides))


def flip_byte(path: Path, place: int = -100) -> None:
    """Damage a file: flip one bit of one byte."""
    data = bytearray(path.read_bytes())
    data[place] ^= 1
    path.write_bytes(data)


def small_encoder(include_top, weights, input_shape, name="resnet50") -> keras.Model:
    """Build what replaces keras.applications.ResNet50: 4x4 places, normalized.

    The first training step of the real one takes half a minute.
    """
    x = image = keras.Input(input_shape)
    x = keras.layers.AveragePooling2D(14, padding="same")(x)
    x = keras.layers.Conv2D(8, 3, strides=2, padding="same")(x)
    x = keras.layers.ReLU()(keras.layers.BatchNormalization(momentum=0.99)(x))
    return keras.Model(image, x, name=name)


def small_unet(config: UNetConfig) -> keras.Model:
    """Build what replaces the U-Net where it is a GAN's generator."""
    assert config == UNetConfig()
    return build_unet(UNetConfig((8, 16)))


def truncate(path: Path) -> None:
    """Damage a file: cut off its end."""
    path.write_bytes(path.read_bytes()[:-30])
