"""Votes: the file keeps what is in it, and refuses what is not a vote.

A share says no more than its interval allows.
"""

import codecs
import subprocess
import sys
from dataclasses import replace

import pytest
from helpers import KIT

from colorkit.errors import KitError
from colorkit.evaluation import votes
from colorkit.machine import drive

VOTE = votes.Vote(
    "Anna-Lena", "0123456789ab", 1, "CNN", "0012", "left", "left", 2.5, "0.1.0", "fedcba987654"
)


def make_votes(model: str, fooled: int, count: int) -> list[votes.Vote]:
    """Return votes on a model, of which some took its picture for true."""
    return [
        replace(VOTE, model=model, trial=place + 1, answer="right" if place < fooled else "left")
        for place in range(count)
    ]


# the file


def test_a_file_gives_back_what_was_recorded(tmp_path):
    path = tmp_path / "home" / "votes.csv"
    given = [
        VOTE,
        replace(VOTE, trial=2, model='ResNet-50, "frozen"', truth="right"),
        replace(VOTE, voter="rule: larger", seconds=0.0),
    ]
    assert votes.read(path) == []
    for vote in given:
        known = votes.record(path, vote)
    assert known == votes.read(path) == given
    assert path.read_text(encoding="utf-8-sig").splitlines()[:2] == [
        "voter,ballot,trial,model,face,truth,answer,seconds,kit,data,right",
        "Anna-Lena,0123456789ab,1,CNN,0012,left,left,2.5,0.1.0,fedcba987654,yes",
    ]


@pytest.mark.parametrize(
    "name", ["अनीता", "สมชาย ใจดี", "محمد", "李明", "O’Brien", "D'Arcy", "Ng. Đặng", "नरेंद्र\u200dसिंह"]
)
def test_a_name_is_a_name_in_every_script(tmp_path, name):
    votes.record(tmp_path / "votes.csv", replace(VOTE, voter=name))
    assert [vote.voter for vote in votes.read(tmp_path / "votes.csv")] == [name]


def test_one_name_typed_with_other_accents_is_one_voter(tmp_path):
    composed, decomposed = "José", "Jose\N{COMBINING ACUTE ACCENT}"
    content = votes.to_csv([replace(VOTE, voter=decomposed)])
    assert votes.parse(content, "votes.csv") == [replace(VOTE, voter=composed)]


def test_a_trial_has_one_vote_the_first(tmp_path):
    path = tmp_path / "votes.csv"
    votes.record(path, VOTE)
    assert (
        votes.record(path, replace(VOTE, answer="right", seconds=9.0)) == votes.read(path) == [VOTE]
    )


@pytest.mark.parametrize("other", [{"voter": "Ben"}, {"ballot": "ab"}, {"trial": 2}])
def test_another_voter_ballot_or_trial_is_another_vote(tmp_path, other):
    votes.record(tmp_path / "votes.csv", VOTE)
    assert votes.record(tmp_path / "votes.csv", replace(VOTE, **other)) == [
        VOTE,
        replace(VOTE, **other),
    ]


def test_what_another_notebook_wrote_meanwhile_stays(tmp_path):
    path = tmp_path / "votes.csv"
    votes.record(path, VOTE)
    path.write_bytes(votes.to_csv([VOTE, replace(VOTE, voter="Ben")]))
    assert votes.record(path, replace(VOTE, trial=2)) == [
        VOTE,
        replace(VOTE, voter="Ben"),
        replace(VOTE, trial=2),
    ]


ENDLESS = """
import itertools, pathlib, sys
from colorkit.evaluation import votes

for trial in itertools.count(1):
    vote = votes.Vote("Anna", "ab", trial, "CNN", "1", "left", "left", 1.0, "0", "ab")
    votes.record(pathlib.Path(sys.argv[1]), vote)
    print(trial, flush=True)
"""


@pytest.mark.parametrize("kill_after", [1, 7, 40])
def test_a_kill_loses_at_most_the_vote_that_was_being_given(tmp_path, kill_after):
    path = tmp_path / "votes.csv"
    command = [sys.executable, "-c", ENDLESS, str(path)]
    with subprocess.Popen(command, cwd=KIT, stdout=subprocess.PIPE, encoding="utf-8") as voting:
        for _ in range(kill_after):
            voting.stdout.readline()
        voting.kill()
        said = kill_after + len(voting.stdout.read().splitlines())
    trials = [vote.trial for vote in votes.read(path)]
    assert trials in (
        list(range(1, said + 1)),
        list(range(1, said + 2)),
    )  # the last one is stored, and not yet said
    votes.record(path, VOTE)
    assert votes.read(path)[-1] == VOTE


def test_a_file_that_can_t_be_written_is_said_in_a_line(tmp_path):
    (tmp_path / "home").write_text("a file where the folder should be", encoding="utf-8")
    with pytest.raises(
        KitError,
        match=r"votes.csv can't be written \(File exists\): choose a path through folders only "
        "and answer again; all earlier votes are kept$",
    ):
        votes.record(tmp_path / "home" / "votes.csv", VOTE)
    with pytest.raises(KitError, match=r"can't be read \(.*directory.*\): try again"):
        votes.read(tmp_path)


def test_a_drive_that_is_gone_is_no_drive_without_votes():
    with pytest.raises(KitError, match=r"votes.csv can't be seen \(.*\): mount Drive again"):
        votes.record(drive.DRIVE / "MyDrive" / "colorkit" / "votes.csv", VOTE)


LINE = votes.to_csv([VOTE]).decode("utf-8-sig").splitlines()[1]
FOREIGN = {
    "empty": (b"", "is not a votes file (it is empty)"),
    "picture": (b"\x89PNG\r\n\x1a\n\x00\xff", "is not a votes file"),
    "page": (b"<!DOCTYPE html>\n<html>", "is not a votes file of this kit (its columns differ)"),
    "other table": (
        b"file,lesson,correct\na.ipynb,1,4\n",
        "is not a votes file of this kit (its columns differ)",
    ),
    "empty UTF-16": (b"\xff\xfe", "is not a votes file (it is empty)"),
    "open quote": (votes.to_csv([VOTE]) + b'"', "is not a votes file (unexpected end of data)"),
    "huge": (b"\n" * (votes.LARGEST + 1), "is not a votes file (more than 10 MB)"),
    "endless field": (b"x" * 200_000, "is not a votes file (field larger than field limit"),
}


@pytest.mark.parametrize("case", FOREIGN)
def test_a_foreign_file_is_refused_in_a_line_and_left_as_it_is(case, tmp_path):
    path, (content, message) = tmp_path / "votes.csv", FOREIGN[case]
    path.write_bytes(content)
    for use in (votes.read, lambda path: votes.record(path, VOTE)):
        with pytest.raises(KitError) as bad:
            use(path)
        assert str(bad.value).startswith(f"{path} {message}")
        assert len(str(bad.value).splitlines()) == 1
    assert path.read_bytes() == content


BROKEN = {
    "cut": ("Anna-Lena,0123", "expected 11 fields, got 2"),
    "longer": (f"{LINE},more", "expected 11 fields, got 12"),
    "spaces": ("  ", "expected 11 fields, got 1"),
    "no number": (LINE.replace(",1,", ",one,"), "invalid literal for int()"),
    "trial 0": (LINE.replace(",1,", ",0,"), "trial: expected 1 or more, got 0"),
    "not a number of seconds": (LINE.replace("2.5", "nan"), "seconds: expected 0 or more, got nan"),
    "before it was shown": (LINE.replace("2.5", "-1"), "seconds: expected 0 or more, got -1.0"),
    "formula for a name": (
        LINE.replace("Anna-Lena", "=1+1"),
        "voter: expected a name or a pseudonym, got '=1+1'",
    ),
    "side": (
        LINE.replace(",left,left,", ",left,middle,"),
        "truth, answer and right contradict each other",
    ),
    "embellished": (
        LINE.replace(",left,left,", ",left,right,"),
        "truth, answer and right contradict each other",
    ),
    "no face": (LINE.replace("0012", ""), "face is empty, too long or not printable"),
    "terminal": (LINE.replace("CNN", "\x1b[31mCNN"), "model is empty, too long or not printable"),
    "long": (LINE.replace("CNN", "C" * 201), "model is empty, too long or not printable"),
}


@pytest.mark.parametrize("case", BROKEN)
def test_a_line_that_is_no_vote_is_named(case):
    line, message = BROKEN[case]
    content = votes.to_csv([VOTE, replace(VOTE, trial=2)]) + f"{line}\n".encode()
    with pytest.raises(KitError, match=r"^votes\.csv: line 4 is not a vote ") as bad:
        votes.parse(content, "votes.csv")
    assert message in str(bad.value)
    assert len(str(bad.value).splitlines()) == 1


LINES = votes.to_csv([VOTE]).removeprefix(codecs.BOM_UTF8)
SAVED = {
    "as it is": votes.to_csv([VOTE]),
    "by an older version of the kit": LINES,
    "a byte order mark and Windows' line ends": codecs.BOM_UTF8 + LINES.replace(b"\n", b"\r\n"),
    "empty lines": LINES.replace(b"\n", b"\n\n"),
    "semicolons and decimal commas": LINES.replace(b",", b";").replace(b"2.5", b"2,5"),
    "UTF-16 with tabs": LINES.decode().replace(",", "\t").encode("utf-16"),
}


@pytest.mark.parametrize("way", SAVED)
def test_a_spreadsheet_s_way_of_saving_loses_no_vote(way):
    assert votes.parse(SAVED[way], "votes.csv") == [VOTE]


# what they say


def test_results_count_how_often_each_model_was_taken_for_true():
    rows = votes.results(
        make_votes("GAN", 4, 10) + make_votes("CNN", 0, 5) + make_votes("oracle", 19, 20)
    )
    assert [(row.model, row.votes, row.fooled, row.share) for row in rows] == [
        ("CNN", 5, 0, 0),
        ("GAN", 10, 4, 0.4),
        ("oracle", 20, 19, 0.95),
    ]
    assert [row.said for row in rows] == [
        "told from the truth",
        "cannot tell from the truth",
        "taken for the truth more often than the truth",
    ]
    assert [row.low < row.share < row.high for row in rows] == [False, True, True]
    assert rows[0].low == 0


@pytest.mark.parametrize(
    ("low", "high", "said"),
    [
        (0.2, 0.49, votes.CAN_TELL),
        (0.2, 0.5, votes.CANNOT_TELL),
        (0.5, 0.8, votes.CANNOT_TELL),
        (0.51, 0.8, votes.ABOVE),
    ],
)
def test_an_interval_that_holds_guessing_s_share_can_t_tell(low, high, said):
    assert votes.vote_verdict(low, high) == said


def test_few_votes_say_little():
    """Even when each of them is right."""
    assert [votes.results(make_votes("CNN", 0, count))[0].said for count in (3, 4)] == [
        votes.CANNOT_TELL,
        votes.CAN_TELL,
    ]


def test_the_table_says_the_numbers_and_no_label_breaks_it():
    lines = votes.votes_table(votes.results(make_votes("a|b", 4, 10))).splitlines()
    assert lines[1] == "| --- | ---: | ---: | ---: | ---: | --- |"
    assert lines[2] == r"| a\|b | 10 | 4 | 40% | 17% to 69% | cannot tell from the truth |"
    assert votes.votes_table([]).splitlines() == lines[:2]
