"""Pool a class's votes: each counts once, and one broken file stops nothing.

What a class says rests on how many people it has.
"""

import csv
import io
import json
import subprocess
import sys
import tracemalloc
import zipfile
from dataclasses import replace

import numpy as np
import pytest
from helpers import KIT, flip_byte, truncate, write_folder, write_zip

from colorkit.evaluation import statistics, votes

pytestmark = pytest.mark.newest

COMMAND = [sys.executable, str(KIT / "tools" / "pool_votes.py")]
VOTE = votes.Vote(
    "Anna", "0123456789ab", 1, "CNN", "0012", "left", "left", 2.5, "0.1.0", "fedcba987654"
)
TABLE = [
    "| model | voters | votes | its picture taken for true | share | 95 % interval (Wilson) "
    "| 95 % interval over voters | what these votes say |",
    "| --- | ---: | ---: | ---: | ---: | ---: | ---: | --- |",
]


@pytest.fixture(scope="module")
def tool():
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(str(KIT / "tools"))
        import pool_votes

        yield pool_votes


def make_ballot(voter: str, fooled: int = 0, count: int = 4, **other) -> list[votes.Vote]:
    """Make a voter's answers, of which the first `fooled` take the model's picture for true."""
    return [
        replace(
            VOTE,
            voter=voter,
            trial=place + 1,
            answer="right" if place < fooled else "left",
            **other,
        )
        for place in range(count)
    ]


def make_class(*ballots: list[votes.Vote]) -> dict[str, bytes]:
    """Make a folder's members, one a voter."""
    return {f"{number}/votes.csv": votes.to_csv(own) for number, own in enumerate(ballots)}


def run(tool, capsys, *argv) -> tuple[int, list[str], list[str]]:
    """Run the tool; return its status, and the lines of standard output and standard error."""
    status = tool.main([str(word) for word in argv])
    said = capsys.readouterr()
    return status, said.out.splitlines(), said.err.splitlines()


def test_a_class_in_a_folder_is_one_table(tool, capsys, tmp_path):
    write_folder(
        tmp_path / "in",
        make_class(
            make_ballot("Anna", 1),
            make_ballot("Ben", 2) + make_ballot("Ben", 4, ballot="ab", model="GAN"),
        ),
    )
    assert run(tool, capsys, tmp_path / "in") == (
        0,
        [
            "voters: 2, votes: 12, kit: 0.1.0, data: fedcba987654",
            "",
            *TABLE,
            "| CNN | 2 | 8 | 3 | 38% | 14% to 69% | fewer than 5 voters "
            "| cannot tell from the truth |",
            "| GAN | 1 | 4 | 4 | 100% | 51% to 100% | fewer than 5 voters "
            "| taken for the truth more often than the truth |",
        ],
        [],
    )


def test_folders_zips_and_files_give_the_same(tool, capsys, tmp_path):
    members = make_class(make_ballot("Anna", 1), make_ballot("Ben", 3))
    write_folder(
        tmp_path / "in",
        members | {"notes.txt": b"x", ".trash/votes.csv": b"x", "0/._votes.csv": b"x"},
    )
    write_zip(
        tmp_path / "in.zip",
        members | {"notes.txt": b"x", "__MACOSX/._votes.csv": b"x"},
        zipfile.ZIP_DEFLATED,
    )
    folder = run(tool, capsys, tmp_path / "in")
    assert folder[0] == 0
    assert folder[2] == []
    assert run(tool, capsys, tmp_path / "in.zip") == folder
    assert run(tool, capsys, *(tmp_path / "in" / name for name in members)) == folder


def test_files_for_programs_have_the_same_numbers(tool, capsys, tmp_path):
    write_folder(
        tmp_path / "in",
        make_class(*(make_ballot(f"voter {number}", number % 3) for number in range(6))),
    )
    status, _, said = run(
        tool, capsys, tmp_path / "in", "--csv", tmp_path / "p.csv", "--json", tmp_path / "p.json"
    )
    assert (status, said) == (0, [])
    (line,) = csv.DictReader(io.StringIO((tmp_path / "p.csv").read_text(encoding="utf-8-sig")))
    content = json.loads((tmp_path / "p.json").read_bytes())
    (row,) = content.pop("models")
    assert content == {"voters": 6, "votes": 24, "kit": "0.1.0", "data": "fedcba987654"}
    assert (row["voters"], row["votes"], row["fooled"], row["share"]) == (6, 24, 6, 0.25)
    assert line == {name: str(value) for name, value in row.items()}


def test_from_five_voters_on_there_is_an_interval_over_voters(tool):
    """Half of them always fooled, half never: the votes are many, the people few."""
    five = [
        vote
        for number in range(5)
        for vote in make_ballot(f"voter {number}", 20 * (number > 1), 20)
    ]
    (row,) = tool.pool(five)
    assert (row.tally.low, row.tally.high) == statistics.wilson(60, 100)
    assert (row.voters_low, row.voters_high) == statistics.bootstrap(np.array([0, 0, 1, 1, 1]))
    assert row.tally.low > 0.5 > row.voters_low
    assert row.tally.said == votes.CANNOT_TELL  # although Wilson's, by itself, would say more
    (row,) = tool.pool(five[20:])
    assert (row.voters, row.voters_low, row.voters_high) == (4, None, None)
    assert row.tally.said == votes.ABOVE


def test_voters_that_agree_leave_wilson_s_doubt(tool):
    (row,) = tool.pool(
        [vote for number in range(5) for vote in make_ballot(f"voter {number}", 1, 3)]
    )
    assert row.voters_low == row.voters_high == pytest.approx(1 / 3)
    assert (row.tally.high > 0.5, row.tally.said) == (True, votes.CANNOT_TELL)


def test_a_vote_counts_once(tool, capsys, tmp_path):
    """A file that came twice, and one that came again with more in it."""
    own = make_ballot("Anna", 1)
    write_folder(tmp_path / "in", make_class(own[:2], own, own, make_ballot("Ben")))
    status, out, said = run(tool, capsys, tmp_path / "in")
    assert (status, out[0]) == (0, "voters: 2, votes: 8, kit: 0.1.0, data: fedcba987654")
    assert said == ["pool_votes: 6 votes are on trials that had one already, and don't count again"]


def test_two_people_of_one_name_are_named(tool, capsys, tmp_path):
    write_folder(tmp_path / "in", make_class(make_ballot("Anna", 1), make_ballot("Anna", 2)))
    status, out, (twice, namesakes) = run(tool, capsys, tmp_path / "in")
    assert (status, out[0][:20], out[-1][:21]) == (
        0,
        "voters: 1, votes: 4,",
        "| CNN | 1 | 4 | 1 | 2",
    )  # the first file's
    assert twice.startswith("pool_votes: 4 votes are on trials that had one already")
    first, second = (tmp_path / "in" / number / "votes.csv" for number in "01")
    assert namesakes.startswith(
        f"pool_votes: 'Anna' has other votes in {first} than in {second}: if they"
    )


def test_a_rule_never_counts_with_people(tool, capsys, tmp_path):
    write_folder(
        tmp_path / "in",
        make_class(make_ballot("Anna") + make_ballot("rule: the more colorful is true", 4)),
    )
    status, out, said = run(tool, capsys, tmp_path / "in")
    assert (status, out[0], out[-1][:19]) == (
        0,
        "voters: 1, votes: 4, kit: 0.1.0, data: fedcba987654",
        "| CNN | 1 | 4 | 0 |",
    )
    assert said == ["pool_votes: 4 votes by rules are left out"]


@pytest.mark.parametrize("other", [{"kit": "0.2.0"}, {"data": "abc"}])
def test_classes_don_t_mix(tool, capsys, tmp_path, other):
    write_folder(
        tmp_path / "in",
        make_class(make_ballot("Anna", 4, **other), make_ballot("Ben"), make_ballot("Cem")),
    )
    status, out, (said,) = run(tool, capsys, tmp_path / "in")
    assert (status, out[0]) == (0, "voters: 2, votes: 8, kit: 0.1.0, data: fedcba987654")
    theirs = "kit {kit}, data {data}".format(**{"kit": "0.1.0", "data": "fedcba987654"} | other)
    left_out = f"{tmp_path / 'in' / '0' / 'votes.csv'}: 4 votes with {theirs}, are left out"
    assert said == f"pool_votes: {left_out}: most voters had others"


def lock(path) -> None:
    """Make a zip say that its first member is encrypted."""
    data = bytearray(path.read_bytes())
    for mark, offset in ((b"PK\3\4", 6), (b"PK\1\2", 8)):
        data[data.index(mark) + offset] |= 1
    path.write_bytes(data)


@pytest.mark.needs("links")
def test_what_can_t_be_read_is_named_and_the_others_are_pooled(tool, capsys, tmp_path):
    whole = votes.to_csv(make_ballot("Anna"))
    write_folder(
        tmp_path / "in",
        {"a.csv": whole, "b.csv": whole[:-20], "c.csv": b"file,lesson\n", "d.CSV": b"\xff\xff"},
    )
    (tmp_path / "in" / "e.csv").symlink_to(tmp_path / "gone")
    for name in ("cut", "damaged", "locked"):
        write_zip(tmp_path / f"{name}.zip", {"0/votes.csv": whole * 50})
    truncate(tmp_path / "cut.zip")
    flip_byte(tmp_path / "damaged.zip", 2000)
    lock(tmp_path / "locked.zip")
    (tmp_path / "page.zip").write_bytes(b"<!DOCTYPE html>")
    zips = [tmp_path / f"{name}.zip" for name in ("cut", "damaged", "locked", "page")]
    status, out, said = run(tool, capsys, tmp_path / "in", *zips, tmp_path / "missing.csv")
    assert (status, out[0]) == (0, "voters: 1, votes: 4, kit: 0.1.0, data: fedcba987654")
    expected = [
        "in/b.csv: line 5 is not a vote (expected 11 fields, got ",
        "in/c.csv is not a votes file of this kit (its columns differ)",
        "in/d.CSV is not a votes file (expected text in UTF-8)",
        "in/e.csv can't be read (No such file or directory)",
        "cut.zip can't be read (File is not a zip file)",
        "damaged.zip: 0/votes.csv can't be read (Bad CRC-32",
        "locked.zip: 0/votes.csv can't be read (File ",
        "page.zip can't be read (File is not a zip file)",
        "missing.csv can't be read (No such file or directory)",
    ]
    assert len(said) == len(expected)
    for line, start in zip(said, expected, strict=True):
        own, *rest = start.split(" ", 1)
        assert line.startswith(" ".join([f"pool_votes: {tmp_path / own}", *rest])), line


def test_a_small_zip_of_a_huge_file_fills_no_memory(tool, tmp_path):
    write_zip(
        tmp_path / "bomb.zip", {"votes.csv": b"\n" * (20 * votes.LARGEST)}, zipfile.ZIP_DEFLATED
    )
    tracemalloc.start()
    given, (note,) = tool.gather([tmp_path / "bomb.zip"])
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert given == {}
    assert note.startswith(
        f"{tmp_path / 'bomb.zip'}: votes.csv is not a votes file (more than 10 MB)"
    )
    assert peak < 5 * votes.LARGEST


def test_without_votes_there_is_no_table(tool, capsys, tmp_path):
    write_folder(tmp_path / "in", make_class(make_ballot("rule: larger")))
    status, out, said = run(tool, capsys, tmp_path / "in", "--csv", tmp_path / "p.csv")
    assert (status, out, (tmp_path / "p.csv").exists()) == (1, [], False)
    assert said[-1].startswith("pool_votes: no vote of a person is left: ")


def test_labels_are_no_commands(tool, capsys, tmp_path):
    write_folder(tmp_path / "in", make_class(make_ballot("Anna", model="=1+1|2")))
    status, out, _ = run(tool, capsys, tmp_path / "in", "--csv", tmp_path / "p.csv")
    assert (status, out[-1][:12]) == (0, r"| '=1+1\|2 |")
    assert (
        (tmp_path / "p.csv")
        .read_text(encoding="utf-8-sig")
        .splitlines()[1]
        .startswith("'=1+1|2,1,4,")
    )


@pytest.mark.parametrize("option", ["--csv", "--json"])
def test_no_table_replaces_votes(tool, capsys, tmp_path, option):
    write_folder(tmp_path / "in", make_class(make_ballot("Anna"), make_ballot("Ben")))
    path = tmp_path / "in" / "0" / "votes.csv"
    before = path.read_bytes()
    status, out, said = run(tool, capsys, path, option, path)
    assert (status, out) == (1, [])
    assert said == [
        f"pool_votes: {path}: holds votes, which a table would replace; name another file"
    ]
    assert path.read_bytes() == before


def test_two_tables_go_to_two_files(tool, capsys, tmp_path):
    write_folder(tmp_path / "in", make_class(make_ballot("Anna")))
    both = tmp_path / "x.csv"
    status, _, (said,) = run(tool, capsys, tmp_path / "in", "--csv", both, "--json", both)
    assert (status, both.exists()) == (1, False)
    assert said.endswith("x.csv: --csv and --json can't go to the same file")


def test_yesterday_s_table_is_replaced_and_a_spreadsheet_knows_its_letters(tool, capsys, tmp_path):
    write_folder(tmp_path / "in", make_class(make_ballot("Anna", model="Žofie")))
    path = tmp_path / "p.csv"
    for _ in range(2):
        assert run(tool, capsys, tmp_path / "in", "--csv", path)[0] == 0
    assert path.read_bytes().startswith("\N{BYTE ORDER MARK}model,".encode())


def test_as_a_command(tmp_path):
    """Of a table that can't be written a line says so."""
    write_folder(tmp_path / "in", make_class(make_ballot("Anna")))
    done = subprocess.run(
        [*COMMAND, str(tmp_path / "in")], capture_output=True, encoding="utf-8", check=True
    )
    assert done.stdout.splitlines()[2:4] == TABLE
    done = subprocess.run(
        [*COMMAND, str(tmp_path / "in"), "--json", str(tmp_path / "in" / "0")],
        capture_output=True,
        encoding="utf-8",
    )
    assert (done.returncode, done.stdout, len(done.stderr.splitlines())) == (1, "", 1)


@pytest.mark.needs("links")
def test_whatever_a_learning_platform_makes_of_files_they_are_counted_or_named(
    tool, capsys, tmp_path
):
    """A zip for each student, a zip of zips, a browser's name, a link to a student's folder."""
    folder = tmp_path / "in"
    inner = {name: votes.to_csv(make_ballot(name)) for name in ("Ben", "Carl", "Emil", "Gerd")}
    write_folder(
        folder,
        {
            "votes (1).csv.txt": inner["Emil"],
            "Anna/votes.csv": votes.to_csv(make_ballot("Anna")),
            "readme.txt": b"not votes",
        },
    )
    write_zip(folder / "Ben.ZIP", {"votes.csv": inner["Ben"]})
    write_zip(tmp_path / "Carl.zip", {"home/votes.csv": inner["Carl"], ".votes.csv": b"hidden"})
    write_zip(folder / "all.zip", {"Carl.zip": (tmp_path / "Carl.zip").read_bytes()})
    write_folder(tmp_path / "Gerd", {"votes.csv": inner["Gerd"]})
    (folder / "Gerd").symlink_to(tmp_path / "Gerd")
    (folder / "Anna" / "loop").symlink_to(folder)
    status, out, said = run(tool, capsys, folder)
    assert (status, out[0]) == (0, "voters: 5, votes: 20, kit: 0.1.0, data: fedcba987654")
    assert said == [
        f"pool_votes: {folder / 'Anna' / 'loop'} can't be read (a link to a folder, which is not "
        "followed): ask for it again"
    ]
