"""What the kit says of its own faces (data/README.md), recomputed from the zips."""

import csv
import hashlib
import io
import subprocess
import zipfile
from collections import Counter

import cv2
import numpy as np
import pytest
from helpers import KIT

from colorkit import color
from colorkit.data import faces, manifest
from colorkit.evaluation import perception

pytestmark = [pytest.mark.slow, pytest.mark.newest]

LIGHT = {
    "environment",
    "mixed_with",
    "tint",
    "white_balance",
    "lamp",
    "lamp_power",
    "background",
    "image",
}  # what five_lights may vary
SHARES = ("skin", "eyes", "hair", "clothes", "accessories", "background")


class Pack:
    """A zip of faces in memory."""

    def __init__(self, name: str):
        self.path = manifest.fetch(name, accept=manifest.ask)
        self.index = faces.index_faces([self.path])
        with zipfile.ZipFile(self.path) as archive:
            self.rows = list(
                csv.DictReader(io.TextIOWrapper(archive.open("ground_truth.csv"), encoding="utf-8"))
            )
            self.data = {
                name: archive.read(name) for name in archive.namelist() if name.endswith(".webp")
            }
        self.pictures = {name: faces.decode_face(data) for name, data in self.data.items()}

    def rgb(self, names) -> np.ndarray:
        return np.stack([self.pictures[name].rgb for name in names])


@pytest.fixture(scope="module")
def training() -> Pack:
    return Pack("faces")


@pytest.fixture(scope="module")
def audit() -> Pack:
    return Pack("five_lights")


@pytest.fixture(scope="module")
def lab(training) -> np.ndarray:
    """CIELAB of the first picture of each identity."""
    return color.rgb_to_lab(
        training.rgb(members[0].name for members in training.index.identities.values())
    )


def test_counts(training, audit):
    sizes = Counter(len(members) for members in training.index.identities.values())
    assert sizes == {5: 60, 1: len(training.index.identities) - 60}
    assert len(training.index.identities) >= 2000
    assert Counter(len(members) for members in audit.index.identities.values()) == {5: 100}
    assert not set(training.index.identities) & set(audit.index.identities)
    for name, pack in (("faces", training), ("five_lights", audit)):
        entry = manifest.entries()[name]
        assert (entry["identities"], entry["images"]) == (
            len(pack.index.identities),
            len(pack.pictures),
        )


def test_sizes(training, audit):
    assert training.path.stat().st_size + audit.path.stat().st_size <= 40e6
    listed = subprocess.run(
        ["git", "ls-files", "-z"],
        cwd=KIT,
        capture_output=True,
        check=True,
        encoding="utf-8",
    ).stdout.split("\0")
    assert (
        sum((KIT / name).stat().st_size for name in listed if name and (KIT / name).exists()) < 60e6
    )


def test_every_picture_is_lossless_opaque_and_of_its_size(training, audit):
    for pack in (training, audit):
        assert {data[12:16] for data in pack.data.values()} == {b"VP8L"}
        assert {face.transparent for face in pack.pictures.values()} == {0}


def test_no_picture_is_mostly_black_or_white(training, audit):
    for pack in (training, audit):
        L = color.rgb_to_lab(pack.rgb(pack.pictures))[..., 0]
        assert (L < 8).mean((1, 2)).max() < 0.5
        assert (L > 97).mean((1, 2)).max() < 0.5


def statistics(lab: np.ndarray) -> dict[str, float]:
    """MSE of predictors that know nothing, one thing or all but the picture, per channel."""
    ab, L = lab[..., 1:].reshape(-1, 2).astype(float), np.round(lab[..., 0]).astype(int).ravel()
    counts = np.maximum(np.bincount(L, minlength=101), 1)
    table = np.stack([np.bincount(L, ab[:, k], minlength=101) / counts for k in range(2)], -1)
    one = lab[..., 1:] - lab[..., 1:].mean((1, 2), keepdims=True)
    return {
        "grey": (ab**2).mean(),
        "mean color": ((ab - ab.mean(0)) ** 2).mean(),
        "mean given L": ((ab - table[L]) ** 2).mean(),
        "one true color": (one.astype(float) ** 2).mean(),
    }


@pytest.mark.parametrize(
    ("predictor", "low", "high"),
    [
        ("grey", 125, 165),
        ("mean color", 65, 95),
        ("mean given L", 58, 85),
        ("one true color", 38, 60),
    ],
)
def test_statistics_lie_where_digiface_has_them(lab, predictor, low, high):
    assert low <= statistics(lab)[predictor] <= high


def test_colorfulness_lies_where_digiface_has_it(training):
    rgb = training.rgb(members[0].name for members in training.index.identities.values())
    assert 25 <= perception.colorfulness(rgb).mean() <= 33


def test_the_ten_tones_are_equally_many(training, audit):
    for pack, count in ((training, len(training.index.identities) // 10), (audit, 10)):
        tones = Counter(row["monk_tone"] for row in pack.rows if row["image"] == "0")
        assert tones == {str(tone): count for tone in range(1, 11)}


def test_tone_shows_in_the_pictures(training, lab):
    """The middle of the face is darker from each tone to the one after next, on average."""
    tones = np.array([int(row["monk_tone"]) for row in training.rows if row["image"] == "0"])
    middle = lab[:, 40:76, 40:76, 0].mean((1, 2))
    means = np.array([middle[tones == tone].mean() for tone in range(1, 11)])
    assert (means[2:] < means[:-2]).all()
    assert means[0] - means[-1] > 15


def test_no_picture_twice(training, audit):
    """Neither the same bytes, nor two people who look the same when shrunk to 16 x 16."""
    everything = {**training.pictures, **audit.pictures}
    assert len(
        {hashlib.sha256(face.rgb.tobytes()).digest() for face in everything.values()}
    ) == len(everything)
    small = np.stack(
        [
            cv2.resize(face.rgb, (16, 16), interpolation=cv2.INTER_AREA)
            for face in everything.values()
        ]
    )
    flat = small.reshape(len(small), -1).astype(np.float32)
    squares = (flat**2).sum(1)
    distance = (
        np.maximum(squares[:, None] + squares - 2 * flat @ flat.T, 0) / flat.shape[1]
    )  # mean squared, in 8-bit levels
    who = np.array([name.split("/")[0] for name in everything])
    assert distance[who[:, None] != who].min() > 5**2


def test_the_ground_truth_has_one_row_a_picture(training, audit):
    for pack in (training, audit):
        assert [f"{row['identity']}/{row['image']}.webp" for row in pack.rows] == list(pack.data)
        for row in pack.rows:
            assert sum(float(row[f"share_{name}"]) for name in SHARES) == pytest.approx(1, abs=0.02)


def test_most_of_the_frame_is_skin_on_average(training):
    skin = np.array([float(row["share_skin"]) for row in training.rows])
    assert 0.35 < skin.mean() < 0.65
    assert skin.min() > 0.05


def test_five_lights_differ_in_their_light_only(audit):
    groups: dict[str, list[dict]] = {}
    for row in audit.rows:
        groups.setdefault(row["identity"], []).append(row)
    for rows in groups.values():
        assert len({row["environment"] for row in rows}) == 5
        for name in rows[0].keys() - LIGHT:
            if not name.startswith("share_"):
                assert len({row[name] for row in rows}) == 1, name
        for name in (
            SHARES
        ):  # the same pose: the same things in the same places, but for a pixel at an edge
            values = [float(row[f"share_{name}"]) for row in rows]
            assert max(values) - min(values) < 0.01
