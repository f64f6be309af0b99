"""Many photographs: each is colored or left out for a reason, and no existing file is lost."""

import errno
import os
import signal
import subprocess
import sys
import tempfile
import unicodedata
from pathlib import Path

import numpy as np
import pytest
from helpers import KIT, picture
from PIL import Image

from colorkit import color
from colorkit.errors import KitError
from colorkit.photos import colorizing, finding, full_size, image_files
from colorkit.photos.colorizing import Colored, Kept
from colorkit.photos.full_size import Box


def save(path: Path, seed: int, size: int = 50) -> Path:
    """Save a picture with smooth color."""
    path.parent.mkdir(exist_ok=True)
    Image.fromarray(picture(seed, size)).save(path)
    return path


def predict_by_lightness(L_code: np.ndarray) -> np.ndarray:
    """Predict without weights, but differently for each picture."""
    assert (L_code.dtype, L_code.shape[1:]) == (np.uint8, (112, 112, 1))
    code = L_code.astype(np.float32)
    return np.concatenate([code / 10, 10 - code / 20], axis=-1)


def color_alone(path: Path, box: Box | None = None) -> np.ndarray:
    """Color one photograph step by step, and return its pixels."""
    photo = image_files.read(path)
    [ab] = predict_by_lightness(full_size.model_input(photo, box)[None])
    joined, _ = full_size.join(photo, ab, box)
    return joined.rgb


def read_files(folder: Path) -> dict[str, bytes]:
    """Read all files of a folder."""
    return {path.name: path.read_bytes() for path in folder.iterdir() if path.is_file()}


def test_many_come_out_in_order_each_with_its_own_color(tmp_path, monkeypatch):
    monkeypatch.setattr(colorizing, "BATCH", 4)
    monkeypatch.setattr(colorizing, "AHEAD", 6)
    paths = [
        save(tmp_path / "in" / f"{number}.png", number, 20 + 7 * (number % 5))
        for number in range(23)
    ]
    sizes = []

    def predict(L_code: np.ndarray) -> np.ndarray:
        sizes.append(len(L_code))
        return predict_by_lightness(L_code)

    done = list(colorizing.colorize(paths, tmp_path / "out", predict))
    assert [each.source for each in done] == paths
    assert [each.target for each in done] == [tmp_path / "out" / path.name for path in paths]
    assert sizes == [4, 4, 4, 4, 4, 3]
    for each in done:
        assert np.array_equal(image_files.read(each.target).rgb, color_alone(each.source))
    assert sorted(read_files(tmp_path / "out")) == sorted(
        path.name for path in paths
    )  # no temporary file is left


def test_a_bad_one_is_left_out_and_the_rest_goes_on(tmp_path):
    paths = [
        save(tmp_path / "a.png", 1),
        tmp_path / "none.png",
        save(tmp_path / "b.png", 2),
        tmp_path / "cut.jpg",
        save(tmp_path / "c.png", 3),
    ]
    paths[3].write_bytes(b"\xff\xd8\xff\xe0 cut")
    done = list(colorizing.colorize(paths, tmp_path / "out", predict_by_lightness))
    assert [isinstance(each, Colored) for each in done] == [True, False, True, False, True]
    assert str(done[1]).startswith(f"{paths[1]}: is not a file")
    assert str(done[3]).startswith(f"{paths[3]}: can't be read as a picture")
    for path in paths[::2]:
        assert np.array_equal(image_files.read(tmp_path / "out" / path.name).rgb, color_alone(path))


def test_where_none_is_good_the_model_is_not_asked(tmp_path):
    done = list(
        colorizing.colorize([tmp_path / "none.png"], tmp_path / "out", predict_by_lightness)
    )
    assert [type(each) for each in done] == [KitError]


@pytest.mark.needs("links")
def test_nothing_is_replaced(tmp_path):
    """Nothing that is there is replaced.

    Not a picture, not an input that lies in the output folder, not the work of the same command,
    and not what a link names.
    """
    folder = tmp_path / "in"
    names = ("a.jpg", "a.png", "A.bmp", "b.png", "c.png", "d.png", "e.png")
    paths = [save(folder / name, seed) for seed, name in enumerate(names)]
    (folder / "d.png.txt").write_text("kept", encoding="utf-8")
    out = tmp_path / "out"
    save(out / "b.png", 9)
    (out / "c.png").symlink_to(tmp_path / "elsewhere.png")  # which is not there
    (out / "e.png").mkdir()
    before = read_files(out)
    done = list(colorizing.colorize(paths, out, predict_by_lightness))
    assert [type(each) for each in done] == [
        Colored,
        KitError,
        KitError,
        Kept,
        KitError,
        Colored,
        KitError,
    ]
    assert [str(each).split(": ", 1)[1] for each in done if not isinstance(each, Colored)] == [
        f"goes to {out / 'a.png'}, as {paths[0]} does; rename one of them",
        f"goes to {out / 'A.png'}, as {paths[0]} does; rename one of them",
        f"{out / 'b.png'} is there already and stays as it is",
        f"{out / 'c.png'} is there, but is not a picture, and stays as it is; give another folder",
        f"{out / 'e.png'} is there, but is not a picture, and stays as it is; give another folder",
    ]
    assert read_files(out)["b.png"] == before["b.png"]
    assert (out / "c.png").is_symlink()
    assert not (tmp_path / "elsewhere.png").exists()

    before = read_files(folder)
    own, kept = colorizing.colorize(
        [folder / "b.png", folder / "a.jpg"], folder, predict_by_lightness
    )
    assert str(own) == (
        f"{folder / 'b.png'}: the colored picture would replace it; give another folder"
    )
    assert kept == Kept(folder / "a.jpg", folder / "a.png")
    assert read_files(folder) == before
    inside = list(
        colorizing.colorize(finding.find([folder]), folder / "colored", predict_by_lightness)
    )
    assert sum(isinstance(each, Colored) for each in inside) == 5
    assert read_files(folder) == before


def test_the_same_command_again_does_what_is_left(tmp_path):
    paths = [save(tmp_path / "in" / f"{name}.png", seed) for seed, name in enumerate("abc")]
    out = tmp_path / "out"
    list(colorizing.colorize(paths[:2], out, predict_by_lightness))
    before = read_files(out)
    paths[1].write_bytes(b"not a picture any more")  # what is done is not even read
    assert [type(each) for each in colorizing.colorize(paths, out, predict_by_lightness)] == [
        Kept,
        Kept,
        Colored,
    ]
    paths[0].unlink()  # but a wrong name is reported
    gone, *rest = colorizing.colorize(paths, out, predict_by_lightness)
    assert str(gone) == f"{paths[0]}: is not a file; check the name"
    assert rest == [Kept(path, out / path.name) for path in paths[1:]]
    assert {name: read_files(out)[name] for name in before} == before


@pytest.mark.parametrize("step", ["model_input", "join"])
def test_a_picture_that_is_too_large_for_the_memory_is_left_out(tmp_path, monkeypatch, step):
    original = getattr(colorizing.full_size, step)

    def fail_at_large(photo, *rest):
        if len(photo.rgb) > 50:
            raise MemoryError
        return original(photo, *rest)

    monkeypatch.setattr(colorizing.full_size, step, fail_at_large)
    large = tmp_path / "large.png"
    Image.new("L", (60, 60)).save(large)
    paths = [large, save(tmp_path / "small.png", 1)]
    left_out, done = colorizing.colorize(paths, tmp_path / "out", predict_by_lightness)
    assert str(left_out).startswith(f"{large}: is too large for the memory: close other programs")
    assert done.source == paths[1]


def test_names_that_a_disk_may_take_for_one(tmp_path):
    twins = [tmp_path / unicodedata.normalize(form, "Jos\u00e9.png") for form in ("NFC", "NFD")]
    for path in twins:
        save(path, 1)
    done, left_out = colorizing.colorize(twins, tmp_path / "out", predict_by_lightness)
    assert done.source == twins[0]
    assert str(left_out).endswith(f"as {twins[0]} does; rename one of them")


def test_a_box_that_does_not_fit_leaves_the_picture_out(tmp_path):
    paths = [save(tmp_path / "large.png", 1, 60), tmp_path / "narrow.png", tmp_path / "low.png"]
    Image.fromarray(picture(2, 60)[:, :59]).save(paths[1])
    Image.fromarray(picture(3, 60)[:59]).save(paths[2])
    box = Box(20, 20, 40, 40)
    large, narrow, low = colorizing.colorize(paths, tmp_path / "out", predict_by_lightness, box)
    assert np.array_equal(image_files.read(large.target).rgb, color_alone(paths[0], box))
    assert str(narrow) == f"{paths[1]}: has 59 x 60 pixels; the box goes beyond them"
    assert str(low) == f"{paths[2]}: has 60 x 59 pixels; the box goes beyond them"


def test_the_line_of_a_picture(tmp_path):
    def predict_grey(L_code: np.ndarray) -> np.ndarray:
        return np.zeros((*L_code.shape[:3], 2), np.float32)

    def predict_too_much(L_code: np.ndarray) -> np.ndarray:
        return np.full((*L_code.shape[:3], 2), 90, np.float32)

    source = save(tmp_path / "a.png", 1)
    [done] = colorizing.colorize([source], tmp_path / "out", predict_grey)
    assert str(done) == f"{tmp_path / 'a.png'} -> {tmp_path / 'out' / 'a.png'}: 50 x 50"
    [done] = colorizing.colorize([done.target], tmp_path / "more", predict_too_much)
    assert done.lowered == 1
    assert str(done).endswith(": 50 x 50, chroma lowered in 100.0% of the pixels to keep their L")


@pytest.mark.parametrize("place", ["file", "file/below"])
def test_a_folder_that_can_t_be_made(tmp_path, place):
    (tmp_path / "file").write_text("kept", encoding="utf-8")
    message = (
        r"file(/below)? can't be written \((File exists|Not a directory)\): "
        "choose a path through folders only and run the same command again; finished pictures"
    )
    with pytest.raises(KitError, match=rf"{message} are kept"):
        list(
            colorizing.colorize(
                [save(tmp_path / "a.png", 1)], tmp_path / place, predict_by_lightness
            )
        )
    assert (tmp_path / "file").read_text(encoding="utf-8") == "kept"


def test_what_fails_in_the_model_is_not_laid_upon_a_picture(tmp_path):
    def predict_untrained(L_code: np.ndarray) -> np.ndarray:
        raise KitError("train it first")

    with pytest.raises(KitError, match="train it first"):
        list(
            colorizing.colorize([save(tmp_path / "a.png", 1)], tmp_path / "out", predict_untrained)
        )


@pytest.mark.needs("limits")
def test_a_file_that_the_disk_finds_too_large_is_left_out(tmp_path):
    """This process may not write files beyond a limit, which the second picture would exceed."""
    import resource

    paths = [
        save(tmp_path / "small.png", 1, 20),
        tmp_path / "large.png",
        save(tmp_path / "last.png", 3, 20),
    ]
    Image.fromarray(np.random.default_rng(0).integers(0, 256, (200, 200, 3), np.uint8)).save(
        paths[1]
    )
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (50_000, limits[1]))
    try:
        done = list(colorizing.colorize(paths, tmp_path / "out", predict_by_lightness))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert str(done[1]) == (
        f"{paths[1]}: {tmp_path / 'out' / 'large.png'} can't be written (File too large): "
        "choose a disk that takes larger files and run again"
    )
    assert sorted(read_files(tmp_path / "out")) == ["last.png", "small.png"]
    for each in (done[0], done[2]):
        assert np.array_equal(image_files.read(each.target).rgb, color_alone(each.source))


def fail_to_write(monkeypatch, name: str, number: int) -> None:
    """Let the system refuse the picture of that name."""
    write = image_files.write

    def write_or_fail(path: Path, photo: image_files.Photo) -> None:
        if path.name == name:
            raise OSError(number, os.strerror(number), str(path))
        write(path, photo)

    monkeypatch.setattr(image_files, "write", write_or_fail)


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EDQUOT])
def test_a_full_disk_ends_it_and_keeps_what_is_done(tmp_path, monkeypatch, number):
    monkeypatch.setattr(colorizing, "BATCH", 1)
    monkeypatch.setattr(colorizing, "AHEAD", 1)
    paths = [save(tmp_path / f"{name}.png", seed) for seed, name in enumerate("abcdef")]
    fail_to_write(monkeypatch, "b.png", number)
    done = []
    message = (
        rf"out can't be written \({os.strerror(number)}\): make room there.* and run the same "
        "command again; finished pictures are kept"
    )
    with pytest.raises(KitError, match=message):
        done.extend(colorizing.colorize(paths, tmp_path / "out", predict_by_lightness))
    written = read_files(tmp_path / "out")
    assert "a.png" in written
    assert not {"b.png", "f.png"} & set(written)
    for name in written:
        assert np.array_equal(
            image_files.read(tmp_path / "out" / name).rgb, color_alone(tmp_path / name)
        )


@pytest.mark.parametrize(
    ("number", "remedy"),
    [
        (errno.ENAMETOOLONG, "choose a shorter name"),
        (errno.EILSEQ, "choose a name that this disk allows"),
        (errno.EINVAL, "choose a name that this disk allows"),
        (errno.ENOENT, "check that the folder is still there"),
        (errno.EACCES, "change its permissions"),
    ],
)
def test_a_name_that_the_disk_refuses_is_left_out(tmp_path, monkeypatch, number, remedy):
    paths = [save(tmp_path / f"{name}.png", seed) for seed, name in enumerate("abc")]
    fail_to_write(monkeypatch, "b.png", number)
    done = list(colorizing.colorize(paths, tmp_path / "out", predict_by_lightness))
    assert [type(each) for each in done] == [Colored, KitError, Colored]
    start = f"{paths[1]}: {tmp_path / 'out' / 'b.png'} can't be written ({os.strerror(number)}): "
    assert str(done[1]).startswith(start + remedy)


def test_a_folder_that_takes_nothing_ends_it_before_anything_is_read(tmp_path, monkeypatch):
    def refuse(**_) -> None:
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))

    monkeypatch.setattr(tempfile, "TemporaryFile", refuse)
    monkeypatch.setattr(image_files, "read", lambda _: pytest.fail("it was read"))
    out = tmp_path / "deep" / "out"
    with pytest.raises(KitError, match=r"out can't be written \(Permission denied\): change its"):
        list(colorizing.colorize([save(tmp_path / "a.png", 1)], out, predict_by_lightness))
    assert not out.parent.exists()  # nothing is left of the attempt


@pytest.mark.needs("any name")
@pytest.mark.parametrize("name", [b"\xe9t\xe9", b"x" * 251, "\u5b57".encode() * 83])
def test_names_in_any_bytes_and_of_any_length(tmp_path, name):
    """The longest name that a disk takes has 255 bytes."""
    names = [os.fsdecode(each) + ".png" for each in (b"a", name, b"z")]
    paths = [save(tmp_path / "in" / each, seed) for seed, each in enumerate(names)]
    done = list(colorizing.colorize(paths, tmp_path / "out", predict_by_lightness))
    assert [type(each) for each in done] == [Colored] * 3
    assert sorted(read_files(tmp_path / "out")) == sorted(names)


def test_names_that_no_disk_takes_stop_nothing(tmp_path):
    paths = [tmp_path / ("n" * 300), tmp_path / ("n" * 254), save(tmp_path / "z.png", 2)]
    save(tmp_path / "n.png", 1).rename(paths[1])  # with the ending .png, it has too many bytes
    done = list(colorizing.colorize(paths, tmp_path / "out", predict_by_lightness))
    assert [type(each) for each in done] == [KitError, KitError, Colored]
    assert str(done[0]).endswith("can't be read (File name too long): choose a shorter name")
    assert "can't be written (File name too long): choose a shorter name" in str(done[1])


def test_a_picture_that_vanishes_between_its_two_readings_is_left_out(tmp_path):
    paths = [save(tmp_path / f"{name}.png", seed) for seed, name in enumerate("abc")]

    def predict(L_code: np.ndarray) -> np.ndarray:
        paths[1].unlink()
        return predict_by_lightness(L_code)

    done = list(colorizing.colorize(paths, tmp_path / "out", predict))
    assert [type(each) for each in done] == [Colored, KitError, Colored]
    assert str(done[1]) == f"{paths[1]}: is not a file; check the name"


def test_a_reason_among_the_paths_is_an_outcome(tmp_path):
    reason = KitError("album: can't be read")
    good = save(tmp_path / "a.png", 1)
    first, second = colorizing.colorize([reason, good], tmp_path / "out", predict_by_lightness)
    assert first is reason
    assert isinstance(second, Colored)


@pytest.mark.parametrize("name", ["a.jpg", "a.tif", "A.BMP"])
def test_its_own_results_are_no_pictures_to_color(tmp_path, name):
    """Whatever its name, the original comes first, and the same command again is a success."""
    folder = tmp_path / "album"
    original = save(folder / name, 1)
    result = folder / f"{original.stem}.png"
    before = original.read_bytes()
    [done] = colorizing.colorize(finding.find([folder]), folder, predict_by_lightness)
    assert done.target == result
    made = read_files(folder)
    again = list(colorizing.colorize(finding.find([folder]), folder, predict_by_lightness))
    assert set(again) == {Kept(original, result), Kept(result, result, original)}
    assert any(f"the colored {original} would have this name" in str(each) for each in again)
    assert read_files(folder) == made
    assert made[name] == before


def test_a_picture_that_only_looks_like_a_result_is_not_kept_silently(tmp_path):
    """A.png can't be what became of a.jpg, whose color goes to a.png."""
    folder = tmp_path / "album"
    paths = [save(folder / "a.jpg", 1), save(folder / "A.png", 2)]
    first, second = colorizing.colorize(paths, folder, predict_by_lightness)
    assert isinstance(first, Colored)
    assert str(second) == f"{paths[1]}: goes to {paths[1]}, as {paths[0]} does; rename one of them"


SLOW = """
import signal, sys, time
from pathlib import Path
import numpy as np
from colorkit.photos import colorizing, finding, image_files

# A shell that runs the tests in the background makes them ignore Ctrl-C.
signal.signal(signal.SIGINT, signal.default_int_handler)

def predict(L_code):
    return np.zeros((*L_code.shape[:3], 2), np.float32)

colorizing.BATCH = colorizing.AHEAD = 2
for done in colorizing.colorize(finding.find([Path(sys.argv[1])]), Path(sys.argv[2]), predict):
    print(done, flush=True)
    time.sleep(0.05)
"""


@pytest.mark.needs("signals")
def test_ctrl_c_leaves_whole_pictures_only(tmp_path):
    for number in range(300):
        save(tmp_path / "in" / f"{number:03}.png", number)
    command = [sys.executable, "-c", SLOW, tmp_path / "in", tmp_path / "out"]
    with subprocess.Popen(
        command,
        cwd=KIT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        encoding="utf-8",
    ) as process:
        for _ in range(3):
            process.stdout.readline()
        process.send_signal(signal.SIGINT)
        _, error = process.communicate(timeout=60)
    assert error.strip().endswith("KeyboardInterrupt")
    written = list((tmp_path / "out").iterdir())
    assert 3 <= len(written) < 30  # what was under way, and not the whole folder
    for path in written:
        assert image_files.read(path).rgb.shape == (50, 50, 3)


def test_few_pictures_wait_in_memory(tmp_path, monkeypatch):
    """However many there are, only what the model takes waits for it, never the photographs."""
    monkeypatch.setattr(colorizing, "BATCH", 2)
    monkeypatch.setattr(colorizing, "AHEAD", 3)
    paths = [save(tmp_path / "in" / f"{number}.png", number, 20) for number in range(40)]
    looked = []
    look = colorizing._look

    def look_and_count(job: colorizing.Job, box: Box | None) -> colorizing._Seen:
        looked.append(job)
        return look(job, box)

    monkeypatch.setattr(colorizing, "_look", look_and_count)
    stream = colorizing.colorize(paths, tmp_path / "out", predict_by_lightness)
    next(stream)
    assert len(looked) <= 3 + 3 + 2 + 1
    assert look(colorizing.Job(paths[0], paths[0]), None).L_code.nbytes == 112 * 112
    stream.close()
    assert len(os.listdir(tmp_path / "out")) <= 7


def test_whoever_stops_does_not_wait_for_the_rest(tmp_path, monkeypatch):
    monkeypatch.setattr(colorizing, "BATCH", 100)
    monkeypatch.setattr(colorizing, "AHEAD", 100)
    paths = [save(tmp_path / "in" / f"{number}.png", number, 300) for number in range(100)]
    stream = colorizing.colorize(paths, tmp_path / "out", predict_by_lightness)
    next(stream)
    stream.close()
    assert 1 <= len(os.listdir(tmp_path / "out")) < 100


def test_l_is_kept_through_the_files(tmp_path):
    path = save(tmp_path / "a.png", 5, 300)
    [done] = colorizing.colorize([path], tmp_path / "out", predict_by_lightness)
    one, other = (
        color.rgb_to_lab(image_files.read(each).rgb)[..., 0] for each in (path, done.target)
    )
    assert np.abs(one - other).max() < 0.3
