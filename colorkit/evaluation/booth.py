"""Where somebody votes: shows one pair of pictures after another, and keeps each answer at once. No widget is needed, and none is known."""

import secrets
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import NamedTuple

import numpy as np

from .. import __version__, color, files
from ..data.splits import Split
from ..errors import KitError
from . import perception
from .comparison import Predictor
from .votes import NAME, RULE, SIDES, Vote, read, record

MORE_COLORFUL = f"{RULE}the more colorful is true"
RULES: dict[str, Callable[[np.ndarray], np.ndarray]] = {
    MORE_COLORFUL: perception.colorfulness
}  # what has more of it is taken for true


class Trial(NamedTuple):
    """Two pictures of a face, one true, one by a model: its number from 1 on, the model's label, who is shown, where the truth stands."""

    number: int
    model: str
    face: str
    truth: str


def draw(faces: Iterable[str], models: Iterable[str], count: int, seed: int | str) -> list[Trial]:
    """Draw trials; the same on every machine, as all order is that of hashes of the seed.

    Args:
        faces: identities.
        models: labels.
        count: of trials; no more are drawn than there are identities, as whoever sees a face again knows what it had in common.
        seed: a voter's name, or a number.

    Returns:
        Trials, each of another face. The models take turns, and the truth stands as often left as right, for each model and in all, give
        or take one.

    Raises:
        KitError: no face, or no model.
    """

    def mixed(what: str, values: Iterable) -> list:
        return sorted(values, key=lambda value: files.sha256_of(seed, what, value))

    shown, judged = (
        mixed("face", {str(face) for face in faces})[:count],
        mixed("model", set(models)),
    )
    if not shown or not judged:
        raise KitError(
            f"{len(shown)} trials of {len(judged)} models: voting takes one of each at least"
        )
    sides, turns = mixed("side", SIDES), len(judged)
    cells = [
        (judged[place % turns], sides[(place // turns + place % turns) % 2])
        for place in range(len(shown))
    ]
    order = mixed("place", range(len(cells)))
    return [
        Trial(number, cells[place][0], face, cells[place][1])
        for number, (place, face) in enumerate(zip(order, shown, strict=True), 1)
    ]


class Booth:
    """A voter before a ballot. Whoever comes again goes on after the last answer, as long as faces and models are the same.

    Attributes:
        voter: their name.
        trials: all of the ballot, in order.
        path: the file of votes, which has the answers.
    """

    def __init__(
        self,
        faces: Split,
        predictors: dict[str, Predictor],
        path: Path,
        data: str,
        voter: str | None = None,
        count: int = 20,
    ):
        """Draw the trials of a voter, let the models colorize their faces, and look what is answered already.

        Args:
            faces: to draw from; none that a model was trained on. Of an identity the first picture is taken.
            predictors: label -> run or baseline.
            path: the file of votes; it may hold those of others, too.
            data: digest of the splits (splits.digest).
            voter: a name, or one of RULES; None takes the person whose votes the file has, else makes up a pseudonym.
            count: how many trials.

        Raises:
            KitError: the name is none, nothing is there to be judged, or the file can't be read.
        """
        self.path, self._data, self._known = path, data[:12], read(path)
        self.voter = voter if voter is not None else _person(self._known)
        if self.voter not in RULES and not NAME.fullmatch(self.voter):
            raise KitError(
                f"{self.voter!r} is no voter's name: up to 60 letters, digits, spaces, dots and hyphens, or a rule of {list(RULES)}"
            )
        self.trials = draw(faces.identities, predictors, count, self.voter)
        states = {label: _state(predictor) for label, predictor in predictors.items()}
        self.ballot = files.sha256_of(self.voter, self._data, self.trials, states)[:12]
        self._pairs = _pairs(self.trials, faces, predictors)

    @property
    def votes(self) -> list[Vote]:
        """What this voter answered on this ballot."""
        return [
            vote for vote in self._known if (vote.voter, vote.ballot) == (self.voter, self.ballot)
        ]

    @property
    def trial(self) -> Trial | None:
        """The next one without an answer; None when all have one."""
        answered = {vote.trial for vote in self.votes}
        return next((trial for trial in self.trials if trial.number not in answered), None)

    @property
    def pair(self) -> np.ndarray:
        """The pictures of the next trial, left and right: uint8 (2, H, W, 3), sRGB."""
        return self._pairs[self.trial.number]

    def answer(self, side: str, seconds: float) -> None:
        """Take the picture on a side for the true one: the next trial's answer, in the file when this returns.

        Args:
            side: "left" or "right".
            seconds: how long the pair was looked at.

        Raises:
            KitError: there is no such side or no trial left, or the file can't be written; then nothing is answered.
        """
        trial = self.trial
        if side not in SIDES or trial is None:
            raise KitError(
                f"{side!r} answers nothing: "
                + ("all trials are answered" if trial is None else 'say "left" or "right"')
            )
        vote = Vote(
            self.voter,
            self.ballot,
            *trial,
            answer=side,
            seconds=round(seconds, 2),
            kit=__version__,
            data=self._data,
        )
        self._known = record(self.path, vote)


def vote_by_rule(booth: Booth) -> None:
    """Answer what is left, by the rule that the voter is: through Booth.answer, as a person does."""
    measure = RULES[booth.voter]
    while booth.trial:
        left, right = measure(booth.pair)
        booth.answer("left" if left >= right else "right", seconds=0.0)


def _person(known: list[Vote]) -> str:
    return next((vote.voter for vote in known if not vote.by_rule), f"voter {secrets.token_hex(4)}")


def _state(predictor: Predictor) -> str:
    """What changes when a model learns: a run's digest of its weights. A baseline has none, and is known by its name and the data."""
    return predictor.digest() if hasattr(predictor, "digest") else predictor.name


def _pairs(
    trials: list[Trial], faces: Split, predictors: dict[str, Predictor]
) -> dict[int, np.ndarray]:
    """The pictures of each trial by its number, left and right; each model predicts all its faces at once."""
    places = {identity: place for place, identity in reversed(list(enumerate(faces.identities)))}
    pairs = {}
    for label, predictor in predictors.items():
        own = [trial for trial in trials if trial.model == label]
        chosen = [places[trial.face] for trial in own]
        if not own:
            continue
        shown = Split(faces.lab[chosen], faces.identities[chosen])
        for trial, true, colorized in zip(
            own, shown.rgb, color.compose(shown.L, predictor.predict(shown.L)), strict=True
        ):
            pairs[trial.number] = np.stack(
                [true, colorized] if trial.truth == "left" else [colorized, true]
            )
    return pairs
