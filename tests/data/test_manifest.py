"""data_manifest.json: what it lists, how files are fetched and verified, and who is asked."""

import hashlib
import json
import re
import types
import zipfile
import zlib

import pytest
from helpers import FACES, KIT, write_zip
from hosts import DATA, PAGE, Answer, drive, raises, saves

from colorkit.data import manifest
from colorkit.errors import KitError
from colorkit.machine import downloads

REMEDY = "open drive.google.com, make a copy of the file in your own Drive and mount that"


@pytest.fixture(autouse=True)
def no_waiting(monkeypatch):
    monkeypatch.setattr(downloads, "WAIT", 0)


# the committed manifest


def test_the_committed_manifest_describes_the_kits_faces():
    entry = manifest.entries()["faces"]
    data = FACES.read_bytes()
    assert KIT / entry["path"] == FACES
    assert entry["bytes"] == len(data)
    assert entry["sha256"] == hashlib.sha256(data).hexdigest()
    with zipfile.ZipFile(FACES) as archive:
        names = [name for name in archive.namelist() if re.fullmatch(r"\w+/\d+\.(png|webp)", name)]
    assert entry["images"] == len(names)
    assert entry["identities"] == len({name.split("/")[0] for name in names})
    assert entry["licence"].startswith("CC0-1.0")


def test_the_committed_manifest_describes_digiface():
    known, groups = manifest.entries(), manifest.groups()
    assert groups["digiface"] == {
        "kind": "faces",
        "files": ["digiface-1", "digiface-2", "digiface-3"],
    }
    parts = [known[name] for name in groups["digiface"]["files"]]
    assert sum(part["identities"] for part in parts) == 99_999
    assert sum(part["images"] for part in parts) == 499_995
    assert len({part["path"] for part in parts}) == len({part["url"] for part in parts}) == 3
    for part in parts:
        assert part["url"].startswith("https://")
        assert part["url"].rsplit("/", 1)[1] == part["path"].rsplit("/", 1)[1]
        assert part["ask"] is True
        assert "R-UDA" in part["licence"]
        assert "non-commercial" in part["licence"]
        assert "Bae et al." in part["citation"]


def test_every_committed_entry_is_whole_and_every_group_names_entries():
    known = manifest.entries()
    for entry in known.values():
        assert entry["path"]
        assert entry["licence"]
        assert ("sha256" in entry) == ("bytes" in entry)
        assert "sha256" in entry or "url" in entry
    for group in manifest.groups().values():
        assert group["kind"] in ("faces", "splits")
        assert set(group["files"]) <= set(known)


def test_weights_are_not_a_source_of_faces(kit):
    kit.write(w=make_entry(kind="weights"), d=make_entry())
    assert set(manifest.groups(kit.path)) == {"d"}
    assert set(manifest.entries(kit.path)) == {"w", "d"}
    assert not {"vivid", "hinted"} & set(manifest.groups())


def test_fetch_of_the_kits_own_faces_asks_and_downloads_nothing():
    assert manifest.fetch("faces", accept=refuse_to_be_asked) == FACES


@pytest.mark.parametrize(
    "text",
    [
        "{",
        "[]",
        '{"files": 3}',
        "{}",
        '{"files": []}',
        '{"files": {"d": 3}}',
        '{"files": {"d": {"path": "d.zip"}}}',
        '{"files": {}, "groups": {"d": {"kind": "faces"}}}',
        '{"files": {}, "groups": {"d": 3}}',
        '{"files": {}, "groups": {"d": {"kind": "faces", "files": "d"}}}',
        '{"files": {}, "groups": {"d": {"kind": "faces", "files": [3]}}}',
        "\xff",
        "[" * 100_000,
    ],
)
def test_a_damaged_manifest(tmp_path, text):
    (tmp_path / "m.json").write_bytes(text.encode("latin-1"))
    for read in (manifest.entries, manifest.groups):
        with pytest.raises(KitError, match=r"m\.json.*: .*put right what .* or get the kit again"):
            read(tmp_path / "m.json")


def test_a_comma_forgotten_beside_an_id_is_shown(kit):
    kit.write(d=make_entry(gdown_id="x"))
    text = json.dumps(json.loads(kit.path.read_text(encoding="utf-8")), indent=2)
    kit.path.write_text(
        text.replace('"licence": "non-commercial",', '"licence": "non-commercial"'),
        encoding="utf-8",
    )
    with pytest.raises(KitError, match="often a comma or a quotation mark is missing") as caught:
        kit.fetch()
    number = text[: text.index('"gdown_id"')].count("\n") + 1
    assert f"m.json, line {number}, column 7: " in str(caught.value)


def test_an_id_without_its_quotation_marks_is_named(kit):
    kit.write(d=make_entry(gdown_id=123))
    with pytest.raises(KitError, match=r'gdown_id of d: expected a text in "quotation.*, got 123:'):
        kit.fetch()


def test_a_missing_manifest_says_so_in_words(tmp_path):
    with pytest.raises(KitError) as caught:
        manifest.entries(tmp_path / "m.json")
    where = tmp_path / "m.json"
    assert (
        str(caught.value) == f"{where} can't be read (No such file or directory): get the kit again"
    )


# fetching


def refuse_to_be_asked(licence):
    raise AssertionError("the licence needs no consent")


@pytest.fixture
def kit(tmp_path):
    """Folders and a manifest of a test.

    `write` fills the manifest, `fetch` and `fetch_group` read it, `here` lists the downloads.
    """
    path, shipped, downloaded = tmp_path / "m.json", tmp_path / "kit", tmp_path / "out"

    def write(groups=None, **entries) -> None:
        path.write_text(json.dumps({"files": entries, "groups": groups or {}}), encoding="utf-8")

    def fetch(name="d", accept=refuse_to_be_asked):
        return manifest.fetch(name, accept, shipped, downloaded, path)

    def fetch_group(name, accept=refuse_to_be_asked):
        return manifest.fetch_group(name, accept, shipped, downloaded, path)

    def here() -> list[str]:
        return sorted(
            file.relative_to(downloaded).as_posix()
            for file in downloaded.rglob("*")
            if file.is_file()
        )

    return types.SimpleNamespace(
        write=write,
        fetch=fetch,
        fetch_group=fetch_group,
        here=here,
        path=path,
        shipped=shipped,
        downloaded=downloaded,
    )


def make_entry(data: bytes = DATA, **more) -> dict:
    return {
        "path": "big/d.bin",
        "bytes": len(data),
        "sha256": hashlib.sha256(data).hexdigest(),
        "licence": "non-commercial",
        **more,
    }


def expect_failure(call, reason: str) -> str:
    """Require that a fetch fails with one line that names the file; return it."""
    with pytest.raises(KitError, match=reason) as caught:
        call()
    message = str(caught.value)
    assert message.startswith("d could not be fetched: ")
    assert "\n" not in message
    return message


def with_body(body: bytes):
    return lambda _: Answer(200, body)


def test_a_download_is_made_once_and_lies_in_the_other_folder(host, kit):
    kit.write(d=make_entry(url=host.url))
    for _ in range(2):
        assert kit.fetch() == kit.downloaded / "big" / "d.bin"
        assert (kit.downloaded / "big" / "d.bin").read_bytes() == DATA
    assert host.asked == [None]
    assert kit.here() == ["big/d.bin"]
    assert not kit.shipped.exists()


def test_a_shipped_file_lies_in_the_kit(kit):
    kit.write(d=make_entry())
    with pytest.raises(KitError, match=r"d\.bin is missing: get the kit again"):
        kit.fetch()
    (kit.shipped / "big").mkdir(parents=True)
    (kit.shipped / "big" / "d.bin").write_bytes(DATA)
    assert kit.fetch() == kit.shipped / "big" / "d.bin"
    assert not kit.downloaded.exists()


@pytest.mark.parametrize("data", [DATA[:-1], DATA[:-1] + b"?"])
@pytest.mark.parametrize(
    ("more", "remedy"),
    [({}, "get the kit again"), ({"url": "http://127.0.0.1:9/d"}, "remove it and fetch it again")],
)
def test_a_wrong_file_that_is_already_there_is_refused(kit, data, more, remedy):
    kit.write(d=make_entry(**more))
    path = (kit.downloaded if more else kit.shipped) / "big" / "d.bin"
    path.parent.mkdir(parents=True)
    path.write_bytes(data)
    with pytest.raises(KitError, match=rf"d\.bin has .*: {remedy}"):
        kit.fetch()
    assert path.exists()  # it may be the user's own


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (PAGE, "59 bytes instead of 10,240; fetch it again"),
        (DATA[::-1], "another SHA-256 than the manifest; fetch it"),
    ],
)
def test_web_a_wrong_file_is_refused_and_removed(host, kit, body, reason):
    kit.write(d=make_entry(url=host.url))
    host.faults = [with_body(body)]
    expect_failure(kit.fetch, reason)
    assert kit.here() == []
    assert kit.fetch().read_bytes() == DATA


def test_web_an_interrupted_download_goes_on_in_the_next_call(host, kit):
    kit.write(d=make_entry(url=host.url))
    host.faults = [lambda answer: answer.cut(5000)] + [lambda answer: answer.cut(0)] * 4
    expect_failure(kit.fetch, "5,000 bytes are kept: run again to continue")
    assert kit.here() == ["big/d.bin.download"]
    assert kit.fetch().read_bytes() == DATA
    assert host.sent[-1] == 5240
    assert kit.here() == ["big/d.bin"]


def test_web_404(host, kit):
    kit.write(d=make_entry(url=host.url))
    host.faults = [lambda _: Answer(404)]
    expect_failure(kit.fetch, "404")
    assert kit.here() == []


def test_drive_good(monkeypatch, kit):
    kit.write(d=make_entry(gdown_id="the-id"))
    drive(
        monkeypatch,
        lambda identifier, output: (
            saves(DATA)(identifier, output) if identifier == "the-id" else None
        ),
    )
    assert kit.fetch().read_bytes() == DATA
    assert kit.here() == ["big/d.bin"]


@pytest.mark.parametrize(
    ("behavior", "reason"),
    [
        (lambda *_: None, "gave no file"),
        (raises(RuntimeError("Cannot retrieve\nthe public link")), "Cannot retrieve; "),
        (saves(PAGE), "a page instead of the file"),
        (saves(DATA[:77]), "what came has 77 bytes instead of 10,240; "),
        (saves(DATA[:-1] + b"?"), "what came has another SHA-256 than the manifest; "),
    ],
)
def test_drive_failures_name_the_remedy_and_leave_nothing(monkeypatch, kit, behavior, reason):
    kit.write(d=make_entry(gdown_id="the-id"))
    drive(monkeypatch, behavior)
    assert expect_failure(kit.fetch, reason).endswith(f"; {REMEDY}")
    assert kit.here() == []


def test_drive_full_disk(monkeypatch, kit):
    kit.write(d=make_entry(gdown_id="the-id"))
    drive(monkeypatch, raises(OSError(28, "No space left on device")))
    assert REMEDY not in expect_failure(
        kit.fetch, r"can't be written \(No space .*\): make room there and run again$"
    )
    assert kit.here() == []


def test_a_folder_for_downloads_that_can_not_be_made(host, kit):
    kit.write(d=make_entry(url=host.url))
    kit.downloaded.write_bytes(b"a file in its place")
    with pytest.raises(KitError, match=r"out/big can't be written \(Not a directory\): choose a"):
        kit.fetch()
    assert host.asked == []


def test_drive_without_an_id(monkeypatch, kit):
    kit.write(d=make_entry(gdown_id=""))
    drive(monkeypatch, lambda *_: pytest.fail("nothing to ask for"))
    expect_failure(kit.fetch, "its gdown_id in data_manifest.json is empty")
    assert kit.here() == []


def test_an_unknown_name_lists_the_known(kit):
    both = {"kind": "faces", "files": ["one", "two"]}
    kit.write({"both": both}, one=make_entry(), two=make_entry())
    with pytest.raises(KitError, match=r"^three is not in m\.json: one of one, two$"):
        kit.fetch("three")
    with pytest.raises(KitError, match=r"^three is not in m\.json: one of one, two, both$"):
        kit.fetch_group("three")


# licences


def always_answer(accept: bool):
    """Return somebody who always gives this answer; `shown` lists what was asked."""
    shown = []
    return types.SimpleNamespace(
        shown=shown, accept=lambda licence: shown.append(licence) or accept
    )


def test_a_declined_licence_downloads_nothing(host, kit):
    kit.write(d=make_entry(url=host.url, ask=True))
    no, yes = always_answer(False), always_answer(True)
    with pytest.raises(KitError, match="d was not fetched: its license was not accepted"):
        kit.fetch(accept=no.accept)
    assert no.shown == ["non-commercial"]
    assert host.asked == []
    assert not kit.downloaded.exists()
    assert kit.fetch(accept=yes.accept).read_bytes() == DATA
    assert kit.fetch().read_bytes() == DATA  # what is there needs no new consent


def list_three(host, *licences: str) -> dict:
    return {
        f"d{k}": make_entry(path=f"d{k}.bin", url=f"{host.url}?{k}", ask=True, licence=text)
        for k, text in enumerate(licences)
    }


GROUP = {"all": {"kind": "faces", "files": ["d0", "d1", "d2"]}}


def test_a_group_asks_once_for_all_its_files(host, kit):
    kit.write(GROUP, **list_three(host, "the same", "the same", "the same"))
    yes = always_answer(True)
    paths = kit.fetch_group("all", yes.accept)
    assert yes.shown == ["the same"]
    assert [path.name for path in paths] == ["d0.bin", "d1.bin", "d2.bin"]
    assert all(path.read_bytes() == DATA for path in paths)
    assert len(host.asked) == 3
    assert kit.fetch_group("all") == paths
    assert len(host.asked) == 3


def test_a_group_is_declined_before_any_download(host, kit):
    """The second licence too is asked for before the first file comes."""
    kit.write(GROUP, **list_three(host, "mild", "strict", "strict"))
    shown = []
    with pytest.raises(KitError, match="d1 was not fetched"):
        kit.fetch_group("all", lambda licence: shown.append(licence) or licence == "mild")
    assert shown == ["mild", "strict"]
    assert host.asked == []


def test_a_group_that_names_no_file(host, kit):
    kit.write(GROUP, **list_three(host, "the same", "the same"))
    with pytest.raises(KitError, match=r"d2 is not in m\.json"):
        kit.fetch_group("all", always_answer(True).accept)
    assert host.asked == []


def test_one_file_is_a_group_too(host, kit):
    kit.write(GROUP, **list_three(host, "a", "b", "c"))
    yes = always_answer(True)
    assert kit.fetch_group("d1", yes.accept) == [kit.downloaded / "d1.bin"]
    assert yes.shown == ["b"]


@pytest.mark.parametrize(
    ("answer", "accepted"),
    [("y", True), (" YES ", True), ("", False), ("n", False), ("maybe", False)],
)
def test_a_licence_needs_a_clear_yes(monkeypatch, answer, accepted):
    monkeypatch.setattr(
        "builtins.input", lambda prompt: answer if "non-commercial" in prompt else ""
    )
    assert manifest.ask("non-commercial") is accepted


@pytest.mark.parametrize("error", [EOFError, NotImplementedError])
def test_nobody_there_to_answer_is_a_no(monkeypatch, error):
    """A script's `input` meets the end of the file; a kernel that runs on its own has no input."""

    def nobody(_):
        raise error

    monkeypatch.setattr("builtins.input", nobody)
    assert manifest.ask("non-commercial") is False


# files whose publisher gives no checksum


@pytest.fixture
def unsigned(host, kit, tmp_path):
    """A zip on the host, without a published hash: a stored and a deflated member."""
    path = write_zip(tmp_path / "z.zip", {"0/0.png": DATA})
    with zipfile.ZipFile(path, "a", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("1/0.png", bytes(range(200)) + DATA)
    host.data = path.read_bytes()
    kit.write(d={"path": "d.zip", "url": host.url, "licence": "non-commercial"})
    return host.data


def test_a_good_zip_is_recorded_as_it_came(unsigned, host, kit):
    path = kit.fetch()
    assert path.read_bytes() == unsigned
    seen = json.loads((kit.downloaded / "d.zip.seen.json").read_text(encoding="utf-8"))
    assert seen == {"sha256": hashlib.sha256(unsigned).hexdigest(), "bytes": len(unsigned)}
    assert kit.fetch() == path
    assert host.asked == [None]
    assert kit.here() == ["d.zip", "d.zip.seen.json"]


def break_member(data: bytes, member: str) -> bytes:
    """Change the first byte of a member: a deflated one then starts with an unknown block."""
    place = data.index(member.encode()) + len(member)
    return data[:place] + b"\x07" + data[place + 1 :]


@pytest.mark.parametrize(
    "damage",
    [
        lambda data: break_member(data, "0/0.png"),
        lambda data: break_member(data, "1/0.png"),  # zlib's own error, before any CRC
        lambda data: data[:-30],
        lambda data: PAGE,
        lambda data: b"",
    ],
)
def test_a_damaged_zip_is_refused_and_removed(unsigned, host, kit, damage):
    host.data = damage(unsigned)
    expect_failure(kit.fetch, r"what came is not a whole zip \(.*\); fetch it again")
    assert kit.here() == []
    host.data = unsigned
    assert kit.fetch().read_bytes() == unsigned


def test_the_deflated_member_fails_in_zlib(unsigned, tmp_path):
    """The counter-check: zipfile doesn't turn the second damage above into its own error."""
    (tmp_path / "b.zip").write_bytes(break_member(unsigned, "1/0.png"))
    with zipfile.ZipFile(tmp_path / "b.zip") as archive, pytest.raises(zlib.error):
        archive.read("1/0.png")


def test_a_zip_from_drive_that_is_damaged_names_the_remedy(unsigned, monkeypatch, kit):
    kit.write(d={"path": "d.zip", "gdown_id": "the-id", "licence": "mine"})
    drive(monkeypatch, saves(unsigned[:-30]))
    assert expect_failure(kit.fetch, "is not a whole zip").endswith(f"; {REMEDY}")
    assert kit.here() == []


@pytest.mark.parametrize(
    "change",
    [
        lambda path: path.write_bytes(path.read_bytes() + b"more"),
        lambda path: path.with_name("d.zip.seen.json").unlink(),
        lambda path: path.with_name("d.zip.seen.json").write_text("[]", encoding="utf-8"),
    ],
)
def test_a_file_that_is_no_longer_what_came_is_refused(unsigned, kit, change):
    path = kit.fetch()
    change(path)
    with pytest.raises(
        KitError,
        match=r"d\.zip is not the file that was once fetched and checked: "
        "remove it and fetch it again",
    ):
        kit.fetch()
    path.unlink()
    assert kit.fetch().read_bytes() == unsigned
