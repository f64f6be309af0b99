"""Run a voting session, independent of any widget.

It shows one pair of pictures at a time and saves each answer immediately.
"""

import secrets
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import NamedTuple

import numpy as np

from .. import __version__, color, files
from ..arrays import Rgb8
from ..data.splits import Split
from ..errors import KitError
from . import perception
from .comparison import Predictor
from .voters import LONGEST_NAME, is_name, normalize_name
from .votes import RULE, SIDES, Vote, read, record

MORE_COLORFUL = f"{RULE}the more colorful is true"
"""Name of a voter that is a rule. Lesson 5.4."""

# what a rule measures: the picture with more of it is taken for true
RULES: dict[str, Callable[[Rgb8], np.ndarray]] = {MORE_COLORFUL: perception.colorfulness}


class Trial(NamedTuple):
    """Two pictures of a face, one true and one by a model.

    Attributes:
        number: number of the trial, from 1 on.
        model: label of the model.
        face: identity that is shown.
        truth: side of the true picture.
    """

    number: int
    model: str
    face: str
    truth: str


def draw(faces: Iterable[str], models: Iterable[str], count: int, seed: int | str) -> list[Trial]:
    """Draw trials.

    They are the same on every machine, because hashes of the seed decide every order.

    Args:
        faces: identities.
        models: labels.
        count: number of trials. There are no more than identities: whoever sees a face twice knows
            what the two pairs had in common.
        seed: a voter's name, or a number.

    Returns:
        Trials, each with another face. The models take turns, and the truth is on the left as often
        as on the right, give or take one: for each model and overall.

    Raises:
        KitError: there is no face, or no model.

    Example:
        >>> draw(["1", "2"], ["CNN"], 1, seed=0)
        [Trial(number=1, model='CNN', face='2', truth='right')]
    """
    shown = _shuffled(seed, "face", {str(face) for face in faces})[:count]
    judged = _shuffled(seed, "model", set(models))
    if not shown or not judged:
        raise KitError(
            f"voting: expected at least one face and one model, got {len(shown)} and {len(judged)}"
        )
    cells = _balanced(judged, _shuffled(seed, "side", SIDES), len(shown))
    order = _shuffled(seed, "place", range(len(cells)))
    trials = []
    for number, (place, face) in enumerate(zip(order, shown, strict=True), 1):
        model, side = cells[place]
        trials.append(Trial(number, model, face, side))
    return trials


def _shuffled(seed: int | str, what: str, values: Iterable) -> list:
    """Sort values by hashes of the seed and of what they are."""
    return sorted(values, key=lambda value: files.sha256_of(seed, what, value))


def _balanced(models: list[str], sides: list[str], count: int) -> list[tuple[str, str]]:
    """Pair models with sides so that both take turns, like the cells of a Latin square.

    In each round every model has a turn, and the sides alternate from model to model. The next
    round begins with the other side, so that the sides of each model alternate from round to round.
    """
    cells = []
    for place in range(count):
        round_number, turn = divmod(place, len(models))
        side = sides[(round_number + turn) % 2]
        cells.append((models[turn], side))
    return cells


class Booth:
    """A voter before a ballot. Lesson 5.4.

    A voter who comes again continues after the last answer, as long as faces and models are the
    same.

    Attributes:
        voter: the voter's name.
        trials: all trials of the ballot, in order.
        path: file of votes, which has the answers.

    Example:
        >>> booth = Booth(test, {"CNN": run}, path, digest)  # doctest: +SKIP
        >>> booth.answer("left", seconds=2.5)  # doctest: +SKIP
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
        """Draw the trials of a voter, have the models colorize, and find what is answered already.

        Args:
            faces: faces to draw from, on none of which a model was trained. Of an identity the
                first picture is taken.
            predictors: runs or baselines by label.
            path: file of votes; it may hold those of others, too.
            data: digest of the splits (data.digest).
            voter: a name, or one of RULES. None takes the person whose votes the file has, or else
                makes up a pseudonym.
            count: number of trials.

        Raises:
            KitError: the name can't be one, there is nothing to judge, or the file can't be read.
        """
        self.path = path
        self._data = data[:12]
        self._known = read(path)
        self.voter = normalize_name(voter) if voter is not None else _person(self._known)
        if self.voter not in RULES and not is_name(self.voter):
            raise KitError(
                f"{self.voter!r} is not a voter's name: use up to {LONGEST_NAME} letters of any "
                f"script, digits, spaces, dots, apostrophes and hyphens, or a rule of {list(RULES)}"
            )
        self.trials = draw(faces.identities, predictors, count, self.voter)
        states = {label: _state(predictor) for label, predictor in predictors.items()}
        self.ballot = files.sha256_of(self.voter, self._data, self.trials, states)[:12]
        self._pairs = _pairs(self.trials, faces, predictors)

    @property
    def votes(self) -> list[Vote]:
        """What this voter answered on this ballot."""
        own = (self.voter, self.ballot)
        return [vote for vote in self._known if (vote.voter, vote.ballot) == own]

    @property
    def trial(self) -> Trial | None:
        """The next trial without an answer; None when all have one."""
        answered = {vote.trial for vote in self.votes}
        return next((trial for trial in self.trials if trial.number not in answered), None)

    @property
    def pair(self) -> Rgb8:
        """The pictures of the next trial, left and right: uint8 (2, H, W, 3), sRGB.

        Raises:
            KitError: all trials are answered.
        """
        trial = self.trial
        if trial is None:
            raise KitError("all trials are answered: there is no pair left to show")
        return self._pairs[trial.number]

    def answer(self, side: str, seconds: float) -> None:
        """Answer the next trial; the answer is in the file when this returns.

        Args:
            side: side of the picture that is taken for true, "left" or "right".
            seconds: how long the pair was looked at.

        Raises:
            KitError: there is no such side or no trial left, or the file can't be written; then
                nothing is answered.
        """
        trial = self.trial
        if trial is None:
            raise KitError(f"{side!r} answers nothing: all trials are answered")
        if side not in SIDES:
            raise KitError(f'{side!r} answers nothing: say "left" or "right"')
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
    """Answer the remaining trials by the rule that the voter is. Lesson 5.4.

    It answers through Booth.answer, as a person does.

    Example:
        >>> vote_by_rule(Booth(test, runs, path, digest, MORE_COLORFUL))  # doctest: +SKIP
    """
    measure = RULES[booth.voter]
    while booth.trial:
        left, right = measure(booth.pair)
        booth.answer("left" if left >= right else "right", seconds=0.0)


def _person(known: list[Vote]) -> str:
    """Return the first person's name among the votes, or else a pseudonym."""
    for vote in known:
        if not vote.by_rule:
            return vote.voter
    return f"voter {secrets.token_hex(4)}"


def _state(predictor: Predictor) -> str:
    """Return what changes when a model learns: the digest of a run's weights.

    A baseline has none; its name and the data identify it.
    """
    return predictor.digest() if hasattr(predictor, "digest") else predictor.name


def _pairs(trials: list[Trial], faces: Split, predictors: dict[str, Predictor]) -> dict[int, Rgb8]:
    """Return the pictures of each trial by its number; each model predicts all faces at once."""
    first_place: dict[str, int] = {}
    for place, identity in enumerate(faces.identities):
        first_place.setdefault(identity, place)
    pairs = {}
    for label, predictor in predictors.items():
        own = [trial for trial in trials if trial.model == label]
        if not own:
            continue
        chosen = [first_place[trial.face] for trial in own]
        shown = Split(faces.lab[chosen], faces.identities[chosen])
        colorized = color.compose(shown.L, predictor.predict(shown.L))
        for trial, truth, other in zip(own, shown.rgb, colorized, strict=True):
            left_right = [truth, other] if trial.truth == "left" else [other, truth]
            pairs[trial.number] = np.stack(left_right)  # (2, H, W, 3)
    return pairs
