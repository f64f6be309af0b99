"""Test the lessons' setup cell in the kernels of stand-in Colab machines (colab.py)."""

import re
import subprocess
import sys

import pytest
from colab import Machine, read_setup_cell

ADDRESS, TAG = "someone/colorkit", "v1.0"
CELL = read_setup_cell(ADDRESS, TAG)
UNPUBLISHED = read_setup_cell()
NEW = ", new on this Drive (work begun with another Google account is on that account's Drive)"
REFUSED = (
    r"Drive is not mounted \(Colab was not allowed to use it; .*\): "
    r"splits and runs stay on this machine and are lost .*\n"
)
ON_JAX = {"KERAS_BACKEND": "jax"}  # starts faster, where the backend is of no interest
WHERE = "from colorkit import files; print(files.KIT)"


@pytest.fixture
def machine(tmp_path):
    """Give a fresh machine with nothing but the notebook."""
    return Machine(tmp_path / "machine")


@pytest.fixture
def published(machine):
    """Give the same machine; the kit is on GitHub."""
    machine.publish(ADDRESS, TAG)
    return machine


def match_report(home: str) -> str:
    """Return a pattern of the lines that say what a machine without a GPU has."""
    hint = "for a GPU: menu Runtime, Change runtime type, T4 GPU, then run this cell again"
    return rf"device: CPU, \d+ cores, no GPU; {hint}\nprofile: demo\nhome: {re.escape(home)}\n"


def run(machine, source: str, *more: str, **variables: str) -> list[str]:
    """Run cells in a new kernel; return what each printed.

    The last one may fail: its error then comes after what it printed.
    """
    with machine.start_kernel(**variables) as kernel:
        said = [kernel.run(cell) for cell in (source, *more)]
    assert not any(one.error for one in said[:-1]), said
    return [one.printed + one.error for one in said]


# published


@pytest.mark.slow
def test_a_fresh_machine_then_again_then_in_a_new_kernel(published):
    before = published.pip("freeze", "--all")
    home = f"{published.content}/drive/MyDrive/colorkit"
    with published.start_kernel() as kernel:
        first = kernel.run(CELL)
        assert first.error == ""
        assert re.fullmatch(
            f"Mounted at .*/content/drive\n{match_report(home + NEW)}", first.printed
        )
        assert "detached" not in first.stderr
        assert kernel.run(WHERE).printed == f"{published.content}/colorkit-lessons\n"
        assert kernel.run("print(env.home, env.profile.name)").printed == f"{home} demo\n"
        assert kernel.run("import keras; print(keras.backend.backend())").printed == "tensorflow\n"
        # nothing is cloned from here on
        (published.github / f"{ADDRESS}.git").rename(published.room / "gone")
        again = kernel.run(CELL)
        assert again.error == ""
        assert re.fullmatch(match_report(home + NEW), again.printed)
    (published.drive.folder / "MyDrive" / "colorkit").mkdir()
    (later,) = run(published, CELL, **ON_JAX)
    assert re.fullmatch(match_report(home), later)
    assert (
        published.dialog.read_text(encoding="utf-8").count("\n") == 1
    )  # the student was asked once
    assert published.pip("freeze", "--all") == before


@pytest.mark.slow
def test_the_next_machine_finds_what_is_on_drive_and_another_account_starts_empty(published):
    run(published, CELL, "env.data.mkdir(parents=True)", **ON_JAX)
    published.replace("student")
    printed, there = run(published, CELL, "print(env.data.exists())", **ON_JAX)
    assert (NEW in printed, there) == (False, "True\n")
    published.replace("another")
    printed, there = run(published, CELL, "print(env.data.exists())", **ON_JAX)
    assert (printed.count(NEW), there) == (1, "False\n")


def test_where_drive_is_refused_it_continues_locally(published):
    published.dialog.write_text("no\n", encoding="utf-8")
    (printed,) = run(published, CELL, **ON_JAX)
    assert re.fullmatch(REFUSED + match_report("out"), printed)


def test_where_drive_is_not_wanted_nobody_is_asked(published):
    (printed,) = run(published, read_setup_cell(ADDRESS, TAG, use_drive=False), **ON_JAX)
    assert re.fullmatch("Drive is not used: .*\n" + match_report("out"), printed)
    assert published.dialog.read_text(encoding="utf-8") == ""


def test_a_tag_that_is_not_there_is_named(published):
    (printed,) = run(published, read_setup_cell(ADDRESS, "v9"))
    command = r"Command .*git.*clone.*--branch=v9.*"
    assert re.match(rf"CalledProcessError: {command} returned non-zero exit status 128", printed)
    assert not (published.content / "colorkit-lessons").exists()


# packages


@pytest.mark.slow
def test_a_tpu_machine(tmp_path):
    """It has Keras and JAX, but neither TensorFlow nor OpenCV.

    More packages are hidden, to see that they are installed, too.
    """
    machine = Machine(
        tmp_path / "machine",
        without=("tensorflow", "cv2", "opencv_python_headless", "gdown", "tqdm"),
    )
    machine.publish(ADDRESS, TAG)
    for name, version, module in (
        ("opencv-python-headless", "4.99", "cv2"),
        ("gdown", "6.99", "gdown"),
        ("tqdm", "4.99", "tqdm"),
    ):
        machine.offer(name, version, module)
        machine.offer(name, "99", module)  # a major release that nobody has tried
    machine.offer("tensorflow", "2.99", "tensorflow")  # to be had, but not wanted
    machine.offer("dependency", "1.0", "dependency")
    before = set(machine.pip("freeze", "--all").splitlines())
    which = "import cv2, tqdm, keras; print(cv2.__file__, keras.backend.backend())"
    first, modules, again = run(machine, CELL, which, CELL)
    report = match_report(f"{machine.content}/drive/MyDrive/colorkit{NEW}")
    assert re.fullmatch(
        "installed: opencv-python-headless 4.99, which was missing\n"
        "installed: gdown 6.99, which was missing\n"
        "installed: tqdm 4.99, which was missing\n"
        f"Mounted at .*\n{report}",
        first,
    )
    assert modules == f"{machine.packages}/cv2/__init__.py jax\n"
    assert "installed" not in again
    after = set(machine.pip("freeze", "--all").splitlines())
    assert after - before == {"opencv-python-headless==4.99", "gdown==6.99", "tqdm==4.99"}
    assert before <= after


def test_what_is_missing_and_cannot_be_installed(tmp_path):
    machine = Machine(tmp_path / "machine", without=("gdown",))
    machine.publish(ADDRESS, TAG)
    (printed,) = run(machine, CELL)
    assert printed == (
        "KitError: gdown is missing here and could not be installed "
        "(ERROR: No matching distribution found for gdown<7,>=5.1): "
        "run this cell again when the network is back"
    )


def test_untested_versions_are_named_in_one_line_and_it_continues(published):
    published.rename_version("keras", "4.0.0rc1")
    published.rename_version("numpy", "1.26.4")
    (printed,) = run(published, CELL, **ON_JAX)
    warning, _, rest = printed.partition("\n")
    untested = "keras 4.0.0rc1 (tested: <4,>=3.8), numpy 1.26.4 (tested: <3,>=2.0)"
    assert (
        warning == f"not tested: {untested}. The lessons still run; if one fails, look here first."
    )
    report = match_report(f"{published.content}/drive/MyDrive/colorkit{NEW}")
    assert re.fullmatch(f"Mounted .*\n{report}", rest)


@pytest.mark.slow
def test_another_project_of_the_same_name(published):
    """It may be installed, in use already, or both; once it's gone all is well.

    An installed colorkit-lessons is not taken for it.
    """
    published.offer("ColorKit", "0.1.0", "colorkit")
    published.offer("colorkit-lessons", "0.1.0", "lessons")
    published.pip("install", "--no-deps", "colorkit")
    (installed,) = run(published, CELL)
    remedy = "run `%pip uninstall -y colorkit`, restart the session"
    assert installed.startswith(
        f"KitError: the package colorkit that is installed here is another project: {remedy}"
    )
    _, in_use = run(published, "import colorkit", CELL)
    module = rf"<module 'colorkit' from '{published.packages}/.*>"
    assert re.fullmatch(rf"RuntimeError: This is another colorkit, {module}: {remedy}.*", in_use)
    published.pip("uninstall", "--yes", "colorkit")
    published.pip("install", "--no-deps", "colorkit-lessons")
    (well,) = run(published, CELL, **ON_JAX)
    assert "home: " in well


def test_a_folder_of_that_name_is_not_the_kit(published):
    """Without an __init__.py it can be imported nevertheless."""
    (published.content / "colorkit").mkdir()
    printed, again = run(published, "import colorkit", CELL)
    assert (printed, again[:43]) == ("", "RuntimeError: This is another colorkit, <mo")


# not published: the kit's folder is in the student's Drive


@pytest.mark.slow
def test_a_folder_in_drive(machine):
    """Colab opens its notebooks in /content, with Drive not mounted.

    The kit then works on a copy of its own, because Drive can be lost. Google documents beside the
    lessons, and inside the kit, do no harm.
    """
    kit = machine.copy_kit(machine.kept / "MyDrive" / "Colab Notebooks" / "colorkit-lessons-main")
    for unused in (".git/config", "out/runs/big", "tests/test_x.py"):
        (kit / unused).parent.mkdir(parents=True)
        (kit / unused).write_text("", encoding="utf-8")
    for document in ("Notes for class.gdoc", "colorkit/Names.gsheet"):
        (kit / document).touch()
    printed, where, _, again = run(
        machine,
        UNPUBLISHED,
        WHERE,
        "import shutil; shutil.rmtree(Path(found[0]).parents[1])",
        UNPUBLISHED,
        **ON_JAX,
    )
    home = match_report(f"{machine.content}/drive/MyDrive/colorkit{NEW}")
    copying = f"copying the kit from {machine.content}/drive/MyDrive/Colab Notebooks/.*\n"
    passed_over = r"passed over, .*: Names.gsheet \(Operation not supported\)\n"
    looking = r"looking for the kit in your Drive \.\.\.\n"
    assert re.fullmatch(f"Mounted .*\n{looking}{copying}{passed_over}{home}", printed)
    assert where == f"{machine.content}/colorkit-lessons\n"
    assert re.fullmatch(home, again)
    copied = {path.name for path in (machine.content / "colorkit-lessons").iterdir()}
    assert copied == {"colorkit", "requirements.txt"}
    assert {path.name for path in machine.content.iterdir()} == {"colorkit-lessons", "drive"}


@pytest.mark.slow
def test_a_copy_that_broke_off_is_not_taken_for_the_kit(machine):
    kit = machine.copy_kit(machine.kept / "MyDrive" / "colorkit-lessons")
    (kit / "colorkit" / "broken.eio").mkdir()
    (printed,) = run(machine, UNPUBLISHED)
    error = printed.splitlines()[-1]
    broken = f"{machine.content}/drive/MyDrive/colorkit-lessons/colorkit/broken.eio"
    assert error.startswith(f"RuntimeError: {broken} can't be read (Input/output error)")
    assert not (machine.content / "colorkit-lessons").exists()
    (machine.drive.folder / "MyDrive" / "colorkit-lessons" / "colorkit" / "broken.eio").rmdir()
    assert "home: " in run(machine, UNPUBLISHED, **ON_JAX)[0]


def test_a_folder_on_the_machine_needs_no_drive(machine):
    """Uploaded, or the lesson was opened inside it."""
    kit = machine.copy_kit(machine.content / "colorkit-lessons")
    (kit / "notebooks").mkdir()
    cell = read_setup_cell(use_drive=False)
    first, moved, again = run(
        machine, cell, "%cd -q /content/colorkit-lessons/notebooks", cell, **ON_JAX
    )
    assert "home: out" in first
    assert (moved, again) == ("", first)


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        ("", "Mounted at {}/drive\nlooking for the kit in your Drive ...\n"),
        ("TIMEOUT", "Drive is not mounted (it took too long)\n"),
    ],
)
def test_where_there_is_no_kit_it_says_what_to_do(machine, answer, said):
    machine.dialog.write_text(f"{answer}\n", encoding="utf-8")
    (printed,) = run(machine, UNPUBLISHED)
    what = (
        "RuntimeError: The kit was not found in {} or 0 folders of Drive: put its folder into your "
        "Drive (tick USE_DRIVE), upload its zip, or open it from GitHub"
    )
    assert printed == said.format(machine.content) + what.format(machine.content)


def test_elsewhere_too(tmp_path):
    command = [sys.executable, "-c", UNPUBLISHED]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, encoding="utf-8")
    assert done.stdout.startswith("Drive is not mounted (No module named 'google")
    last = done.stderr.splitlines()[-1]
    assert last.startswith("RuntimeError: The kit was not found in . or 0 folders of Drive: put")
