"""Test the parts that need no Blender: what is drawn, how work resumes, how a pack is written."""

import csv
import io
import json
import types
import zipfile

import cv2
import numpy as np
import pytest
from helpers import KIT

from colorkit import data, files
from renderer import camera, farm, identity, pack, shot, streams

HEAD = types.SimpleNamespace(
    pairs=[("nose/nose-hump", "nose/nose-hump-incr", "nose/nose-hump-decr")],
    index={"asym/a": 0},
)


def test_streams_depend_on_what_is_drawn_and_on_nothing_else():
    first = streams.stream(7, "hair").random(3)
    streams.stream(7, "nose").random(100)
    assert np.array_equal(first, streams.stream(7, "hair").random(3))
    assert not np.array_equal(first, streams.stream(8, "hair").random(3))
    assert not np.array_equal(first, streams.stream(7, "nose").random(3))


def test_a_person_is_the_same_whoever_else_is_drawn():
    alone = identity.draw_person(HEAD, 1234)
    for other in range(5):
        identity.draw_person(HEAD, other)
    again = identity.draw_person(HEAD, 1234)
    assert alone.weights == again.weights
    assert np.array_equal(alone.skin, again.skin)
    for name in ("hair_style", "accessory", "age"):
        assert getattr(alone, name) == getattr(again, name)


def test_golden_draws():
    """The shipped pictures are those of these numbers.

    Another order of draws, or another random stream of NumPy, would make other pictures.
    """
    with zipfile.ZipFile(KIT / "data" / "faces.zip") as archive:
        rows = list(
            csv.DictReader(io.TextIOWrapper(archive.open("ground_truth.csv"), encoding="utf-8"))
        )
    for row in rows[::97]:
        who, image = int(row["identity"]), int(row["image"])
        pose, light = shot.draw_pose(who, image), shot.draw_light(who, image)
        assert (row["expression"], row["environment"]) == (pose.expression, light.environment)
        assert row["white_balance"] == str(round(light.balance, 3))
        assert float(row["head_yaw"]) == pytest.approx(np.degrees(pose.head[0]), abs=0.06)
        assert row["monk_tone"] == str(1 + who % 10)


def test_any_ten_neighbors_have_all_ten_tones():
    assert sorted(identity.draw_person(HEAD, k).tone for k in range(90, 100)) == list(range(1, 11))


def test_albedo_darkens_with_the_tone():
    albedo = np.array([identity.draw_person(HEAD, k).skin.mean() for k in range(200)])
    means = albedo.reshape(20, 10).mean(0)  # (tones,)
    assert (np.diff(means) < 0).all()


def test_accessories_come_at_digifaces_rates():
    worn = [identity.draw_person(HEAD, k).accessory for k in range(1500)]
    share = {name: worn.count(name) / len(worn) for name in identity.ACCESSORIES}
    on_the_head = sum(share[name] for name in ("beanie", "cap", "headscarf", "band"))
    assert share["glasses"] + share["sunglasses"] == pytest.approx(0.15, abs=0.03)
    assert on_the_head == pytest.approx(0.15, abs=0.03)


def test_five_pictures_stand_in_five_environments():
    for who in range(20):
        assert len({shot.draw_light(who, k).environment for k in range(5)}) == 5


def test_eyes_are_open_but_for_a_few():
    closed = [shot.draw_pose(k, 0).units["unit/eyeBlinkLeft"] == 1 for k in range(1000)]
    assert 0 < sum(closed) < 30


def test_the_view_puts_the_landmarks_where_the_template_has_them():
    """Seen from the front, landmarks shaped like the template must land on it.

    Their size, place and roll don't matter.
    """
    size, place = 3.0, np.array([0.4, 7.0, 1.0])
    cosine, sine = np.cos(0.2), np.sin(0.2)
    turned = camera.TEMPLATE @ np.array([[cosine, sine], [-sine, cosine]])
    landmarks = np.c_[turned * size, np.zeros(3)] + place
    pose = shot.draw_pose(0, 0)
    pose.camera, pose.jitter = np.zeros(2), np.zeros(2)
    pose.zoom, pose.distance = 1.0, 10.0
    view = camera.look(types.SimpleNamespace(pose=pose, landmarks=landmarks))
    seen = (landmarks - view.position) @ view.axes
    frame = seen[:, :2] / -seen[:, 2:] / view.width - view.shift
    assert np.abs(frame - camera.TEMPLATE).max() < 1e-6


def write_picture(job: farm.Job, image: int) -> None:
    rgb = np.full((112, 112, 3), 10 * job.identity + image, np.uint8)
    files.write_bytes(job.path(image), cv2.imencode(".webp", rgb, farm.LOSSLESS)[1].tobytes())
    record = {"identity": job.identity, "image": image}
    files.write_json(job.path(image).with_suffix(".json"), record)


def job(folder, who: int, images: int = 1) -> farm.Job:
    return farm.Job(folder, folder / "head.npz", who, images, False, 1)


def test_only_what_is_missing_is_rendered(tmp_path):
    started = job(tmp_path, 3, images=4)
    assert started.missing() == [0, 1, 2, 3]
    write_picture(started, 0)
    write_picture(started, 2)
    assert started.missing() == [1, 3]


def test_a_pack_is_sorted_complete_and_always_the_same(tmp_path):
    for who in (10, 2):
        for image in (1, 0):
            write_picture(job(tmp_path / "faces", who, 2), image)
    assert pack.write_zip(tmp_path / "faces", tmp_path / "a.zip") == 4
    pack.write_zip(tmp_path / "faces", tmp_path / "b.zip")
    assert (tmp_path / "a.zip").read_bytes() == (tmp_path / "b.zip").read_bytes()
    with zipfile.ZipFile(tmp_path / "a.zip") as archive:
        assert archive.namelist() == [
            "ground_truth.csv",
            "2/0.webp",
            "2/1.webp",
            "10/0.webp",
            "10/1.webp",
        ]
        assert archive.read("ground_truth.csv") == b"identity,image\n2,0\n2,1\n10,0\n10,1\n"
    assert data.index_faces([tmp_path / "a.zip"]).ignored == 1  # the table


def test_a_record_is_flat_and_goes_into_json():
    person = identity.draw_person(HEAD, 5)
    pose, light = shot.draw_pose(5, 0), shot.draw_light(5, 0)
    record = farm.record(0, person, pose, light, {"skin": 0.5})
    assert json.loads(json.dumps(record)) == record
    assert record["identity"] == 5
    assert record["share_skin"] == 0.5
