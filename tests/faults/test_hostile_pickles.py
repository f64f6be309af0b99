"""Load split files that an attacker signed, or that were damaged.

`splits.load_split` refuses them in one line and runs nothing.
"""

import contextlib
import copyreg
import json
import pickle
import pickletools
import sys
import time
import tracemalloc
import warnings
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from numpy._core import numeric
from pickle_exploits import exploits, marker_of, write_helpers
from pickle_lies import bombs, twisted, widened_after_use
from pickle_steps import (
    FACES,
    FROMBUFFER,
    called,
    careless,
    number,
    program,
    record,
    row,
    split_file,
    text,
)

from colorkit import files
from colorkit.data import pickles, splits
from colorkit.errors import KitError

PEOPLE = 10  # in the file that gets damaged
BATCHES = 20
PER_BATCH = 100
# The steps of a split's pickle are among its first and last bytes; between them are pixels.
ENDS = 300
SLOW = 5  # seconds that no refusal takes, however busy the machine
LARGE = 64 * 2**20  # bytes of memory that no refusal takes
NAMES = {
    ("numpy", "dtype"),
    ("numpy._core.numeric", "_frombuffer"),
    ("numpy.core.numeric", "_frombuffer"),
}

KINDS = exploits(Path("nowhere"))
LIVE = [kind for kind, exploit in KINDS.items() if exploit.live]
BOMBS = bombs()
TWISTED = twisted()
MUTATIONS = ["bit", "byte", "overwrite", "insert", "remove", "duplicate", "truncate"]


@pytest.fixture
def folder(tmp_path, data):
    """Make a folder of splits whose training file each test writes."""
    out = tmp_path / "data"
    out.mkdir()
    (out / "manifest.json").write_bytes((data / "manifest.json").read_bytes())
    return out


@pytest.fixture
def aim(tmp_path):
    """Make the folder where exploits find what they lead to, and leave their mark."""
    write_helpers(tmp_path / "aim")
    return tmp_path / "aim"


@pytest.fixture
def named(monkeypatch) -> set[tuple[str, str]]:
    """Record all names that any unpickling got something for."""
    seen = set()
    find_class = pickles._Unpickler.find_class

    def recording(self, module, attribute):
        found = find_class(self, module, attribute)
        seen.add((module, attribute))
        return found

    monkeypatch.setattr(pickles._Unpickler, "find_class", recording)
    return seen


def write(folder: Path, content: bytes, images: int = FACES) -> None:
    """Write the training file, and its hash and size into the manifest.

    Someone who passes on a prepared folder could do the same.
    """
    path = folder / "train.pkl"
    path.write_bytes(content)
    manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    entry = {"name": path.name, "sha256": files.sha256(path), "bytes": len(content)}
    manifest["splits"]["train"] = {"images": images, "files": [entry]}
    (folder / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")


def refuse(folder: Path) -> str:
    """Load the training file, which must be refused soon, and in a line that any terminal can show.

    Returns:
        The message.
    """
    start = time.monotonic()
    with pytest.raises(KitError) as caught:
        splits.load_split(folder, "train")
    assert time.monotonic() - start < SLOW
    message = str(caught.value)
    assert message.isprintable()  # so no line ends either
    return message


def list_files(folder: Path) -> set[Path]:
    return set(folder.rglob("*"))


# exploits


def test_the_corpus_is_large_and_no_two_are_the_same():
    assert len({exploit.data for exploit in KINDS.values()}) == len(KINDS) >= 90
    assert len(LIVE) >= 60


@pytest.mark.parametrize("kind", KINDS)
def test_an_exploit_is_refused_and_runs_nothing(folder, aim, kind):
    write(folder, exploits(aim)[kind].data)
    before = list_files(aim)
    assert "train.pkl is not a split of this kit" in refuse(folder)
    assert list_files(aim) == before


@pytest.mark.parametrize("kind", KINDS)
def test_names_alone_would_stop_an_exploit(folder, aim, monkeypatch, kind):
    """The second lock without the first: no step is looked at before it is taken."""
    monkeypatch.setattr(pickles, "_look_through", lambda stream: None)
    write(folder, exploits(aim)[kind].data)
    before = list_files(aim)
    with pytest.raises(KitError):
        splits.load_split(folder, "train")
    assert list_files(aim) == before


@pytest.mark.parametrize("kind", LIVE)
def test_the_exploits_are_live(aim, kind):
    """The counter-check: an ordinary unpickler does run them."""
    # What the call returned may fit nowhere, but by then it has run.
    with contextlib.suppress(Exception):
        careless(exploits(aim)[kind].data)
    assert marker_of(aim).exists()


@pytest.mark.parametrize(
    "kind", ["os.system", "builtins.exec", "memo: BINPUT", "hidden: third value"]
)
def test_without_the_kits_unpickler_an_exploit_would_run(folder, aim, monkeypatch, kind):
    """The counter-check: the tests above can fail."""
    monkeypatch.setattr(pickles, "load_pickle", pickle.load)
    write(folder, exploits(aim)[kind].data)
    with contextlib.suppress(KitError):
        splits.load_split(folder, "train")
    assert marker_of(aim).exists()


@pytest.fixture(
    params=[(pickle.EXT1, 7, 1), (pickle.EXT2, 7007, 2), (pickle.EXT4, 7000007, 4)],
    ids=["EXT1", "EXT2", "EXT4"],
)
def extension(request):
    """The steps that name os.system by a number which this process knows."""
    step, code, size = request.param
    copyreg.add_extension("posix", "system", code)
    yield step + code.to_bytes(size, "little")
    copyreg.remove_extension("posix", "system", code)


def test_a_registered_extension_is_refused(folder, aim, extension):
    exploit = program(called(extension, text(f"touch {marker_of(aim)}")))
    write(folder, exploit)
    assert "it asks for step" in refuse(folder)
    assert not marker_of(aim).exists()
    # Once any unpickler has met the number, Python no longer asks find_class about it.
    careless(exploit)
    marker_of(aim).unlink()
    assert "it asks for step" in refuse(folder)
    assert not marker_of(aim).exists()


def test_a_pickle_can_not_write_into_what_it_names(folder):
    """BUILD sets attributes of anything: of a function the defaults, for all later callers."""
    state = (
        pickle.NONE
        + record(__defaults__=row(number(7)), __doc__=text("changed"))
        + pickle.TUPLE2
        + pickle.BUILD
    )
    allowed = [numeric._frombuffer, *pickles.ALLOWED.values()]
    before = [(thing.__doc__, getattr(thing, "__defaults__", None)) for thing in allowed]
    write(folder, program(FROMBUFFER + state))
    refuse(folder)
    assert [(thing.__doc__, getattr(thing, "__defaults__", None)) for thing in allowed] == before
    write(folder, split_file())
    assert len(splits.load_split(folder, "train")) == FACES


# bombs, and lies to the allowed names


def test_a_file_put_together_by_hand_is_a_good_split(folder):
    """So what is refused below is refused for its one lie."""
    write(folder, split_file())
    split = splits.load_split(folder, "train")
    assert (split.lab.shape, split.lab.dtype) == ((FACES, 112, 112, 3), np.uint8)
    assert list(split.identities) == ["00", "01"]


@pytest.mark.parametrize("kind", BOMBS)
def test_a_bomb_is_refused_in_bounded_time_and_memory(folder, kind):
    write(folder, BOMBS[kind])
    tracemalloc.start()
    refuse(folder)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < LARGE


def test_a_nest_that_doubles_is_refused_before_it_is_opened(folder):
    """A deeper one would take hours, and no time limit of a test would notice a shallow one."""
    write(folder, BOMBS["doubled tuples as a key, by the memo"])
    assert "it asks for more steps than a split needs" in refuse(folder)


@pytest.mark.parametrize("kind", TWISTED)
def test_a_lie_to_numpy_is_refused(folder, kind):
    write(folder, TWISTED[kind])
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        refuse(folder)
    assert not caught


def test_a_dtype_that_changes_after_its_use_reads_no_foreign_memory(folder):
    write(folder, widened_after_use())
    assert list(splits.load_split(folder, "train").identities) == ["00", "01"]


def test_numpy_itself_would_read_foreign_memory():
    """The counter-check: names of 8,000 bytes each in a buffer of 16. Reading them would crash."""
    identities = careless(widened_after_use())["identities"]
    assert (identities.dtype.itemsize, len(identities.base.base)) == (8000, 16)


# damage at random


@pytest.fixture(scope="module")
def good(train) -> bytes:
    part = train.take(PEOPLE)
    return pickle.dumps({"lab": part.lab, "identities": part.identities}, protocol=5)


def make_mutations(good: bytes, batch: int) -> Iterator[bytes]:
    """Yield damaged copies, the same each time; every second one is hit where its steps are."""
    rng = np.random.default_rng(batch)
    steps = [place for _, _, place in pickletools.genops(good)]
    for count in range(PER_BATCH):
        while (data := mutate(good, rng, steps if count % 2 else [])) == good:
            pass
        yield data


def mutate(good: bytes, rng: np.random.Generator, steps: list[int]) -> bytes:
    """Return a copy with one damage; if `steps` are given, near them."""
    place = int(rng.integers(-ENDS, ENDS)) % len(good) if steps else int(rng.integers(len(good)))
    span = int(rng.integers(1, 40 if steps else 4000))
    kind = rng.choice([*MUTATIONS, "step"] if steps else MUTATIONS)
    if kind == "step":
        place = int(rng.choice(steps))
    new, lost = {
        "bit": (bytes([good[place] ^ 1 << int(rng.integers(8))]), 1),
        "byte": (rng.bytes(1), 1),
        "overwrite": (rng.bytes(span), span),
        "insert": (rng.bytes(span), 0),
        "remove": (b"", span),
        "duplicate": (2 * good[place : place + span], span),
        "truncate": (b"", len(good)),
        # Mostly steps that a first look lets pass.
        "step": (bytes(rng.choice([*pickles.STEPS, pickle.POP, pickle.DUP, pickle.NEWOBJ])), 1),
    }[kind]
    return good[:place] + new + good[place + lost :]


def test_the_undamaged_file_loads(folder, good, named):
    write(folder, good, PEOPLE)
    assert len(splits.load_split(folder, "train")) == PEOPLE
    assert named == {("numpy", "dtype"), ("numpy._core.numeric", "_frombuffer")}


@pytest.mark.parametrize("batch", range(BATCHES))
def test_damage_is_never_accepted(folder, good, batch):
    write(folder, good, PEOPLE)
    for data in make_mutations(good, batch):
        (folder / "train.pkl").write_bytes(data)
        assert "train.pkl differs from its manifest" in refuse(folder)


@pytest.mark.parametrize("batch", range(BATCHES))
def test_signed_damage_gives_a_whole_split_or_is_refused(folder, good, named, batch):
    modules = set(sys.modules)
    accepted = 0
    for data in make_mutations(good, batch):
        write(folder, data, PEOPLE)
        start = time.monotonic()
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            split = None
            message = ""
            try:
                split = splits.load_split(folder, "train")
            except KitError as refused:
                message = str(refused)
        assert message.isprintable()
        assert time.monotonic() - start < SLOW
        assert not caught
        if split is not None:
            accepted += 1
            assert (split.lab.dtype, split.lab.shape) == (np.uint8, (PEOPLE, 112, 112, 3))
            assert (split.identities.dtype.kind, split.identities.shape) == ("U", (PEOPLE,))
            assert len(split.identities.tolist()) == PEOPLE  # a name may differ, but is one
    assert 0 < accepted < PER_BATCH  # so both outcomes were tried
    assert named <= NAMES
    assert set(sys.modules) == modules
