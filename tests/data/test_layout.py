"""Which files of a source are faces, whose they are, and what is said about the others."""

import os
import struct
import subprocess
import unicodedata
import zipfile
from pathlib import Path

import pytest
from elsewhere import ignore_case, make_junctions
from helpers import FACES, encode, people, picture, write_folder, write_zip

from colorkit import cli, files
from colorkit.data import faces, prepare, splits
from colorkit.errors import KitError

FORM = "<identity>/<number>.png or .webp"


def index(tmp_path, members: dict[str, bytes], write=write_zip) -> faces.Index:
    return faces.index_faces(
        [write(tmp_path / ("a" if write is write_folder else "a.zip"), members)]
    )


# the same as before


@pytest.mark.parametrize(
    ("sources", "settings", "digest"),
    [
        (["faces"], {}, "c47c06f6d2fdb71553637d8c0f469d63dd7bf95aa2380ddf9d75d7dad948b8a5"),
        (
            ["faces"],
            {"seed": 3, "per_identity": 2, "limit": 200},
            "ec8742d67ba47eadadb1b08c9cf7f73aa53eca97bdbd876803ba2795d9678bfc",
        ),
        (
            ["faces", "five_lights"],
            {"per_identity": 5},
            "40a65a54738da1356cd5b19db153ede161abb166ff9abee49219caca52508b2b",
        ),
    ],
)
def test_the_kits_own_faces_give_the_splits_that_they_always_gave(sources, settings, digest):
    """Computed when a face's name was letters of ASCII; another order would end all old runs."""
    found = faces.index_faces([FACES.with_name(f"{name}.zip") for name in sources])
    chosen = prepare.choose(found, **settings)
    names = {
        split: [f"{member.source.name}:{member.name}" for member in members]
        for split, members in chosen.items()
    }
    assert files.sha256_of(names) == digest
    assert found.notes == []


def test_identities_stay_in_the_order_of_the_zip():
    """Lesson 1 shows the first ones."""
    assert list(faces.index_faces([FACES]).identities)[:12] == [str(who) for who in range(12)]


# endings


@pytest.mark.parametrize("write", [write_zip, write_folder])
def test_endings_in_any_case_are_read(tmp_path, write):
    members = {"1/0.PNG": b"x", "1/1.png": b"x", "2/0.WEBP": b"x", "2/1.WebP": b"x"}
    found = index(tmp_path, members, write)
    assert {who: [m.name for m in of] for who, of in found.identities.items()} == {
        "1": ["1/0.PNG", "1/1.png"],
        "2": ["2/0.WEBP", "2/1.WebP"],
    }
    assert (found.ignored, found.notes) == (0, [])


def test_half_of_the_people_are_not_gone_when_their_endings_are_upper_case(tmp_path, capsys):
    members = {
        name.upper() if who % 2 else name: data
        for who, (name, data) in enumerate(people(24).items())
    }
    source = write_zip(tmp_path / "a.zip", members)
    command = ["prepare", "--source", str(source), "--out", str(tmp_path / "data")]
    assert cli.main(command) == 0
    printed = capsys.readouterr()
    assert printed.out.startswith("train 19, val 3, test 2 faces in")
    assert printed.err == ""


# names of people

NAMES = [
    "José",
    "Zoë Saldaña",
    "अनीता",
    "สมชาย ใจดี",
    "O’Brien",
    "O'Brien",
    "J.R.R. Tolkien",
    "李小龙",
    "محمد",
    "می‌خواهم",  # with a zero-width non-joiner, as Persian is written
    "👩‍🚀",
    "Müller, Jürgen (2)",
    "7",
]


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("write", [write_zip, write_folder])
def test_a_name_is_a_name(tmp_path, write, name):
    found = index(tmp_path, {f"{name}/0.png": encode(picture())}, write)
    assert list(found.identities) == [name]
    assert (found.ignored, found.notes) == (0, [])
    ((_, face),) = faces.read_faces(found.identities[name])
    assert isinstance(face, faces.Face)


def test_names_of_people_go_through_the_splits(tmp_path):
    members = {f"{name}/0.png": encode(picture(who)) for who, name in enumerate(NAMES)}
    out = tmp_path / "data"
    prepare.build_splits([write_zip(tmp_path / "a.zip", members)], out)
    loaded = [splits.load_split(out, name) for name in prepare.SPLIT_NAMES]
    assert {str(who) for split in loaded for who in split.identities} == set(NAMES)


@pytest.mark.parametrize("write", [write_zip, write_folder])
def test_an_accent_is_one_letter_or_two_and_the_person_is_one(tmp_path, write):
    """As macOS stores a name, and as the others do."""
    one, two = (unicodedata.normalize(form, "José") for form in ("NFC", "NFD"))
    assert one != two
    found = index(tmp_path, {f"{two}/1.png": b"x", f"{one}/0.png": b"x"}, write)
    assert {who: [m.label for m in of] for who, of in found.identities.items()} == {
        one: [f"{one}/0.png", f"{one}/1.png"]
    }
    assert found.notes == []


def test_a_name_from_a_mac_gives_the_splits_of_the_same_name_from_elsewhere(tmp_path):
    made = []
    for form in ("NFC", "NFD"):
        members = {
            f"{unicodedata.normalize(form, f'José {name}')}": data
            for name, data in people(12).items()
        }
        source = write_zip(tmp_path / f"{form}.zip", members)
        manifest = prepare.build_splits([source], tmp_path / form)
        made.append(manifest["splits"])
    assert made[0] == made[1]


@pytest.mark.parametrize("sources", [1, 2])
def test_case_twins_are_one_person_so_nobody_is_in_two_splits(tmp_path, sources):
    """On a disk of Windows or macOS the two are one folder."""
    twins = [{f"{name}/{k}.png": b"x" for name in ("Anna", "Zoë", "7")} for k in (0, 1)]
    twins[1] = {name.replace("Anna", "anna").replace("Zoë", "ZOË"): b"x" for name in twins[1]}
    parts = twins if sources == 2 else [twins[0] | twins[1]]
    found = faces.index_faces(
        write_zip(tmp_path / f"{k}.zip", part) for k, part in enumerate(parts)
    )
    assert {who: len(of) for who, of in found.identities.items()} == {"Anna": 2, "ZOË": 2, "7": 2}
    assert all(m.identity == who for who, of in found.identities.items() for m in of)
    twins_note, *joined_note = found.notes
    assert twins_note == (
        "names that differ in upper and lower case only are one person: 2 (first: Anna and anna)"
    )
    assert len(joined_note) == sources - 1


@pytest.mark.parametrize(
    ("raw", "name"),
    [
        ("José".encode(), "José"),  # UTF-8, and the zip doesn't say so
        ("Jos\u0301".encode(), "Joś"),
        ("José".encode("cp437"), "José"),
        ("Жук".encode("cp866"), "Жук".encode("cp866").decode("cp437")),
    ],
)
def test_a_zip_that_does_not_say_how_its_names_are_written(tmp_path, raw, name):
    path = write_zip(tmp_path / "a.zip", {"x" * len(raw) + "/0.png": encode(picture())})
    path.write_bytes(path.read_bytes().replace(b"x" * len(raw), raw))
    found = faces.index_faces([path]).identities
    assert list(found) == [name]
    ((_, face),) = faces.read_faces(found[name])
    assert isinstance(face, faces.Face)


def test_backslashes_of_old_programs_on_windows(tmp_path):
    members = {name.replace("/", "\\"): data for name, data in people(12).items()}
    source = tmp_path / "a.zip"
    with zipfile.ZipFile(source, "w") as archive:
        archive.writestr("0\\", b"")  # a folder
        for name, data in members.items():
            archive.writestr(name, data)
    manifest = prepare.build_splits([source], tmp_path / "one")
    assert (manifest["ignored_files"], manifest["skipped"]) == (0, [])
    other = prepare.build_splits([write_zip(tmp_path / "b.zip", people(12))], tmp_path / "two")
    assert manifest["splits"] == other["splits"]


# a folder around all


@pytest.mark.parametrize("above", ["faces", "my faces/all of them"])
@pytest.mark.parametrize("write", [write_zip, write_folder])
def test_a_folder_around_all_people_makes_no_difference(tmp_path, write, above):
    plain = prepare.build_splits([write_zip(tmp_path / "b.zip", people(12, 2))], tmp_path / "two")
    members = {f"{above}/{name}": data for name, data in people(12, 2).items()}
    mac = {f"__MACOSX/{above}/{name.replace('/', '/._')}": b"x" for name in people(12, 2)}
    source = write(tmp_path / "a", members | mac | {f"{above}/.DS_Store": b"x"})
    found = faces.index_faces([source])
    assert (found.ignored, found.notes) == (25, [])
    assert prepare.build_splits([source], tmp_path / "one")["splits"] == plain["splits"]


# what is said


def test_pictures_that_are_passed_over_are_counted_in_one_line(tmp_path, capsys):
    strays = {
        "7/face.png": b"x",
        "7/0.jpg": b"x",
        "8/0.JPEG": b"x",
        "8/1.HEIC": b"x",
        "9.png": b"x",
        "a/7/0.png": b"x",
        "../x/0.png": b"x",
        "x\x1b[2J/0.png": b"x",
        "readme.txt": b"x",
        "7/Thumbs.db": b"x",
        "__MACOSX/7/._0.png": b"x",
        ".ipynb_checkpoints/0.png": b"x",
        "inside.zip": b"x",
    }
    source = write_zip(tmp_path / "a.zip", people(20) | strays)
    command = ["prepare", "--source", str(source), "--out", str(tmp_path / "data")]
    assert cli.main(command) == 0
    assert capsys.readouterr().err == (
        f"9 files were passed over: 4 not named {FORM} (first: a.zip:7/face.png), "
        "3 neither PNG nor WebP (first: a.zip:7/0.jpg), "
        "1 in no person's folder (first: a.zip:9.png), "
        "1 packed once more (first: a.zip:inside.zip)\n"
    )
    assert splits.read_manifest(tmp_path / "data")["ignored_files"] == len(strays)


def test_one_file_is_one_file(tmp_path):
    assert index(tmp_path, {"1/0.png": b"x", "1/0.jpg": b"x"}).notes == [
        "1 file was passed over: 1 neither PNG nor WebP (first: a.zip:1/0.jpg)"
    ]


def test_a_lesson_says_it_too(tmp_path, capsys):
    members = people(200) | {"3/0.png": b"", "4/0.jpg": b"x"}
    splits.load_splits(tmp_path / "data", str(write_zip(tmp_path / "a.zip", members)))
    printed = capsys.readouterr()
    assert "passed over: 1 neither PNG nor WebP" in printed.err
    listed = tmp_path / "data" / "manifest.json"
    assert printed.out.startswith(f"1 picture could not be used; it is listed in {listed}\n")


def test_a_long_name_is_shown_by_its_ends(tmp_path):
    (line,) = index(tmp_path, {"1/0.png": b"x", "y" * 60_000 + "/0.png": b"x"}).notes
    assert len(line) < 250
    assert line.endswith("yyy/0.png)")


NOT_FACES = {
    "empty": ({}, "found none at all: give another zip or folder"),
    "shallow": (
        {"0.png": b"x", "1.png": b"x"},
        "found 2 in no person's folder (first: a.zip:0.png): "
        "put the pictures of each person into a folder of its own",
    ),
    "other names": (
        {"7/face.png": b"x"},
        f"found 1 not named {FORM} (first: a.zip:7/face.png): rename them",
    ),
    "JPEGs": (
        {"7/0.jpg": b"x", "8/0.jpg": b"x", "notes.txt": b"x"},
        "found 2 neither PNG nor WebP (first: a.zip:7/0.jpg): save them as PNG or WebP",
    ),
    "a zip in a zip": (
        {"faces.zip": b"x"},
        "found 1 packed once more (first: a.zip:faces.zip): "
        "unpack it once, and give what was inside",
    ),
    "only what macOS adds": (
        {"__MACOSX/7/._0.png": b"x"},
        "found 1 hidden (first: a.zip:__MACOSX/7/._0.png): "
        "give what belongs to them, or rename them",
    ),
    "train and test": (
        {"train/7/0.png": b"x", "test/8/0.png": b"x"},
        "found 2 below more than one folder of people (first: a.zip:train/7/0.png): "
        "give each of those folders as a source, unpacked if it is in a zip",
    ),
    "a text": ({"readme.txt": b"x"}, "found 1 no picture (first: a.zip:readme.txt): give another"),
}


@pytest.mark.parametrize("kind", NOT_FACES)
def test_no_faces_says_what_was_found(tmp_path, kind):
    members, reason = NOT_FACES[kind]
    with pytest.raises(KitError) as caught:
        index(tmp_path, members)
    expected = f"no faces in {tmp_path / 'a.zip'}: expected files named {FORM}, {reason}"
    assert str(caught.value).startswith(expected)


# what is no zip


def make_tar(path):
    subprocess.run(["tar", "-cf", path, "-C", path.parent, "x"], check=True)


OTHERS = {
    "a.rar": (lambda path: path.write_bytes(b"Rar!\x1a\x07\0more"), "is a RAR archive, not a zip"),
    "a.7z": (
        lambda path: path.write_bytes(b"7z\xbc\xaf\x27\x1cmore"),
        "is a 7z archive, not a zip",
    ),
    "a.zip": (lambda path: path.write_bytes(b"Rar!\x1a\x07\0more"), "is a RAR archive, not a zip"),
    "a.tgz": (lambda path: path.write_bytes(b"\x1f\x8b\x08more"), "is a gzip archive, not a zip"),
    "a.tar": (make_tar, "is a tar archive, not a zip: unpack it and give the folder"),
    "0.png": (
        lambda path: path.write_bytes(encode(picture())),
        "is a single picture, not a zip: give the folder that holds all people's folders",
    ),
    "a.z01": (lambda path: path.write_bytes(b"PK\7\x08PK\3\4more"), "is a part of a split archive"),
    "b.zip": (
        lambda path: path.write_bytes(
            b"x" * 99 + struct.pack("<4s4H2IH", b"PK\5\6", 1, 1, 1, 1, 46, 0, 0)
        ),
        "is a part of a split archive, not a zip: unpack it with all its other parts",
    ),
    "a.zip.001": (lambda path: path.write_bytes(b"PK\3\4more"), "is a part of a split archive"),
    "c.zip": (lambda path: path.write_bytes(b"<!DOCTYPE html>quota"), "is a web page, not a zip"),
    "none.zip": (lambda path: path.write_bytes(b""), "is not a whole zip (File is not a zip file)"),
}


@pytest.mark.parametrize("name", OTHERS)
def test_what_is_no_zip_is_named(tmp_path, name):
    (tmp_path / "x").write_bytes(b"x")
    write, reason = OTHERS[name]
    write(tmp_path / name)
    with pytest.raises(KitError) as caught:
        faces.index_faces([tmp_path / name])
    assert str(caught.value).startswith(f"{tmp_path / name} {reason}")


def test_the_last_part_of_a_split_zip_that_can_be_opened(tmp_path):
    """Its directory is whole, but the members lie in the first part."""
    path = write_zip(tmp_path / "a.zip", {"7/0.png": b"x"})
    data = bytearray(path.read_bytes())
    directory = data.index(b"PK\1\2")
    data[directory + 34] = 1  # the number of the part
    path.write_bytes(data)
    with pytest.raises(
        KitError, match=r"found 1 in another part of a split zip .*: unpack it with"
    ):
        faces.index_faces([path])


@pytest.mark.needs("pipes")
def test_a_pipe_is_not_waited_for(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(KitError, match="pipe is neither a file nor a folder"):
        faces.index_faces([tmp_path / "pipe"])


# one never stops the others


@pytest.mark.needs("links", "any name")
def test_what_can_not_be_read_in_a_folder_is_left_out_in_a_line(tmp_path, monkeypatch):
    source = write_folder(tmp_path / "a", people(20))
    os.mkdir(os.fsencode(source) + b"/\xff")
    (source / os.fsdecode(b"\xff") / "0.png").write_bytes(b"x")
    (source / "20").mkdir()
    (source / "20" / "0.png").symlink_to("missing")
    (source / "21").symlink_to("..")
    (source / "22").symlink_to("22")
    (source / "secret").mkdir()
    scandir = os.scandir

    def refuse(path):  # a test that runs as root may read everything
        if str(path).endswith("secret"):
            raise PermissionError(13, "Permission denied", str(path))
        return scandir(path)

    monkeypatch.setattr(os, "scandir", refuse)
    found = faces.index_faces([source])
    assert len(found.identities) == 20
    assert found.notes == [
        "5 files were passed over: 3 behind a link or device (first: a:21), "
        "1 with a name that is not UTF-8 (first: a:\\xff/0.png), "
        "1 unreadable: Permission denied (first: a:secret/)"
    ]


def test_a_folder_that_can_not_be_read_at_all(tmp_path, monkeypatch):
    def refuse(path):
        raise PermissionError(13, "Permission denied", str(path))

    monkeypatch.setattr(os, "scandir", refuse)
    with pytest.raises(
        KitError, match=r"found 1 unreadable: Permission denied .*: make it readable"
    ):
        faces.index_faces([write_folder(tmp_path / "a", people(1))])


def test_a_picture_that_vanishes_is_one_bad_picture(tmp_path):
    source = write_folder(tmp_path / "a", people(2))
    found = faces.index_faces([source]).identities
    (source / "0" / "0.png").unlink()
    bad, good = (face for who in "01" for _, face in faces.read_faces(found[who]))
    assert str(bad) == "No such file or directory"
    assert isinstance(good, faces.Face)


def test_a_zip_that_is_replaced_is_bad_pictures(tmp_path):
    found = faces.index_faces([write_zip(tmp_path / "a.zip", people(1))]).identities
    write_zip(tmp_path / "a.zip", {"1/0.png": b"x"})
    ((_, bad),) = faces.read_faces(found["0"])
    assert str(bad) == "it is not in the zip any more"


def test_a_zip_that_may_not_be_read_says_so(tmp_path, monkeypatch):
    source = write_zip(tmp_path / "a.zip", people(1))

    def refuse(*_):
        raise PermissionError(13, "Permission denied", str(source))

    monkeypatch.setattr(zipfile, "ZipFile", refuse)
    with pytest.raises(KitError, match=r"a\.zip can't be read \(Permission denied\): change its"):
        faces.index_faces([source])


# several sources


@pytest.mark.needs("links")
def test_one_zip_by_several_paths_is_taken_once(tmp_path, monkeypatch):
    source = write_zip(tmp_path / "a.zip", {"1/0.png": b"x"})
    (tmp_path / "link.zip").symlink_to(source)
    monkeypatch.chdir(tmp_path)
    paths = [Path("a.zip"), source, tmp_path / "sub" / ".." / "a.zip", Path("link.zip")]
    (tmp_path / "sub").mkdir()
    found = faces.index_faces(paths)
    assert found.identities == {"1": [faces.Member(Path("a.zip"), "1/0.png", "1")]}
    assert found.notes == []


@pytest.mark.needs("cases")
def test_one_zip_in_another_case_is_taken_once(tmp_path, monkeypatch):
    source = write_zip(tmp_path / "a.zip", {"1/0.png": b"x"})
    ignore_case(monkeypatch)
    found = faces.index_faces([source, tmp_path / "A.ZIP"])
    assert found.identities == {"1": [faces.Member(source, "1/0.png", "1")]}
    assert found.notes == []


def test_a_junction_in_a_folder_is_not_followed(tmp_path, monkeypatch):
    """It may lead back, or anywhere."""
    source = write_folder(tmp_path / "a", people(20))
    (source / "back" / "20").mkdir(parents=True)
    (source / "back" / "20" / "0.png").write_bytes(b"x")
    make_junctions(monkeypatch, source / "back")
    found = faces.index_faces([source])
    assert len(found.identities) == 20
    assert found.notes == ["1 file was passed over: 1 behind a link or device (first: a:back)"]


def test_people_of_one_name_in_two_sources_are_said_to_be_one_person(tmp_path):
    one = write_zip(tmp_path / "one.zip", {"1/0.png": b"x", "2/0.png": b"x"})
    other = write_zip(tmp_path / "other.zip", {"2/0.png": b"y", "3/0.png": b"y"})
    assert faces.index_faces([one, other]).notes == [
        f"names that are in more than one source are one person: 1 (first: 2, in {one} and {other})"
        "; rename the folders of one source if they are other people"
    ]


@pytest.mark.parametrize("name", ["faces", "digiface"])
def test_a_folder_with_the_name_of_the_kits_data_is_mentioned(tmp_path, monkeypatch, capsys, name):
    write_folder(tmp_path / name, {"1/0.png": b"x"})
    monkeypatch.chdir(tmp_path)
    asked = []

    def fetch_group(source, *_):
        asked.append(source)
        raise KitError("enough")

    monkeypatch.setattr(splits.manifest, "fetch_group", fetch_group)
    assert cli.main(["prepare", "--source", name, "--out", "out"]) == 1
    assert asked == [name]
    assert capsys.readouterr().err.splitlines()[0] == (
        f"{name} is the data of that name in data_manifest.json; "
        f"for the one in this folder give .{os.sep}{name}"
    )


def test_an_empty_source_is_refused(capsys):
    with pytest.raises(SystemExit):
        cli.main(["prepare", "--source", ""])
    assert "argument --source: expected a name or a path" in capsys.readouterr().err
