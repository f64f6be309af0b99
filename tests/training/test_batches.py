import numpy as np
import pytest

from colorkit import color
from colorkit.data import old_photos
from colorkit.data.splits import Split
from colorkit.training.batches import Batches


@pytest.fixture(scope="module")
def split() -> Split:
    """Eleven plain faces, each of another lightness by which it is known again."""
    lab = np.broadcast_to(
        np.arange(11, dtype=np.uint8)[:, None, None, None], (11, 112, 112, 3)
    ).copy()
    return Split(lab, np.arange(11).astype(str))


def list_faces(batches: Batches) -> list[list[int]]:
    return [batches[i][0][:, 0, 0, 0].tolist() for i in range(len(batches))]


def test_order_depends_on_seed_and_epoch_alone(split):
    order = list_faces(Batches(split, 4, seed=3, epoch=7))
    np.random.seed(1)  # a global stream must not matter
    assert list_faces(Batches(split, 4, seed=3, epoch=7)) == order
    assert list_faces(Batches(split, 4, seed=3, epoch=8)) != order
    assert list_faces(Batches(split, 4, seed=4, epoch=7)) != order


def test_golden_order(split):
    """A run resumed by another release of NumPy must see the same batches."""
    assert Batches(split, 4, seed=0, epoch=0).order.tolist() == [4, 6, 7, 2, 0, 3, 5, 10, 9, 8, 1]


def test_every_face_once_a_pass_and_a_smaller_last_batch(split):
    for epoch in range(3):
        batches = list_faces(Batches(split, 4, seed=0, epoch=epoch))
        assert [len(batch) for batch in batches] == [4, 4, 3]
        assert sorted(face for batch in batches for face in batch) == list(range(11))


def test_no_empty_batch_where_it_divides(split):
    assert len(Batches(split.take(8), 4)) == 2
    assert len(Batches(split.take(9), 4)) == 3


def test_validation_keeps_the_split_s_order(split):
    assert list_faces(Batches(split, 6)) == [[0, 1, 2, 3, 4, 5], [6, 7, 8, 9, 10]]


def test_shapes_types_and_pairs(train):
    batches = Batches(train, 5, epoch=2)
    L, ab = batches[1]
    assert (L.shape, L.dtype) == ((5, 112, 112, 1), np.uint8)
    assert (ab.shape, ab.dtype) == ((5, 112, 112, 2), np.uint8)
    rows = np.sort(batches.order[5:10])
    assert np.array_equal(L, train.L[rows])
    assert np.array_equal(ab - 128.0, train.ab[rows])


def test_a_part_of_a_pass(split):
    whole = Batches(split, 4, seed=0, epoch=0)
    parts = [whole.part(0, 2), whole.part(2, 3)]
    assert [faces for part in parts for faces in list_faces(part)] == list_faces(whole)
    assert [part.faces for part in parts] == [8, 3]
    assert whole.faces == 11  # as it was


def test_hosts_share_each_batch(split):
    """Together they load what one would, and the pass counts the faces of all."""
    whole = Batches(split, 4, seed=0, epoch=0, devices=2)
    hosts = [Batches(split, 4, seed=0, epoch=0, devices=2, host=(number, 2)) for number in (0, 1)]
    assert (
        [len(batch) for batch in list_faces(hosts[0])]
        == [len(batch) for batch in list_faces(hosts[1])]
        == [2, 2, 1]
    )
    assert [sorted(a + b) for a, b in zip(*map(list_faces, hosts), strict=True)] == list_faces(
        whole
    )
    assert {batches.faces for batches in (whole, *hosts)} == {10}


def group_by_face(batches: Batches) -> dict[int, tuple[np.ndarray, np.ndarray]]:
    """Number of the face -> what is shown of it, and its color."""
    rows = [
        np.sort(batches.order[start : start + batches.batch_size])
        for start in range(0, batches.faces, batches.batch_size)
    ]
    return {
        int(number): (L, ab)
        for index, numbers in enumerate(rows)
        for number, L, ab in zip(numbers, *batches[index], strict=True)
    }


def test_old_photographs_depend_on_seed_epoch_and_face_alone(train):
    """Not on the batch.

    A resumed epoch, larger batches and another host must see what one uninterrupted process sees.
    """
    few = train.take(6)
    whole = Batches(few, 4, seed=1, epoch=2, old=old_photos.WORN)
    known = group_by_face(whole)
    assert sorted(known) == list(range(6))
    for other in (whole.part(1, 2), Batches(few, 3, seed=1, epoch=2, old=old_photos.WORN)):
        for number, (L, ab) in group_by_face(other).items():
            assert np.array_equal(L, known[number][0])
            assert np.array_equal(ab, known[number][1])
    half = Batches(few, 4, seed=1, epoch=2, host=(1, 2), old=old_photos.WORN)[0][0]
    assert np.array_equal(half, whole[0][0][2:])
    for seed, epoch in ((0, 2), (1, 3)):
        other = group_by_face(Batches(few, 4, seed=seed, epoch=epoch, old=old_photos.WORN))
        assert all((other[number][0] != known[number][0]).any() for number in known)


def test_old_photographs_have_the_form_and_the_truth_of_faces(train):
    still = old_photos.Damage(defocus=2, grain=8, marks=12)
    L, ab = Batches(train.take(6), 6, epoch=0, old=still)[0]
    assert (L.shape, L.dtype, ab.shape, ab.dtype) == (
        (6, 112, 112, 1),
        np.uint8,
        (6, 112, 112, 2),
        np.uint8,
    )
    assert (train.L[:6] != L).any((1, 2, 3)).all()
    assert np.array_equal(ab, train.lab[:6, ..., 1:])
    moved = Batches(train.take(6), 6, epoch=0, old=old_photos.WORN)[0][1]
    assert not np.array_equal(moved, ab)


def test_old_photographs_of_one_face_differ_from_row_to_row(train):
    twins = Split(train.lab[[0, 0]], train.identities[[0, 1]])
    L, _ = Batches(twins, 2, epoch=0, old=old_photos.Damage(grain=8))[0]
    noise = L.astype(int) - twins.L
    assert not np.array_equal(np.sign(noise[0]), np.sign(noise[1]))


def test_golden_old_photograph(train):
    """A run resumed by another release of the kit must see the same pictures."""
    L, ab = Batches(train.take(1), 1, epoch=0, old=old_photos.WORN)[0]
    assert (L.mean(), ab.mean()) == pytest.approx((183.31, 130.62), abs=0.02)


@pytest.mark.parametrize("old", [None, old_photos.WORN], ids=["clean", "old"])
def test_hints_are_of_the_truth_that_a_batch_shows(train, old):
    """They are hints of the moved face, where it is moved.

    They are the same in any batch and on any host; and the faces are those without hints.
    """
    options = {"seed": 1, "epoch": 2, "old": old}
    few = train.take(6)
    plain, hinted = Batches(few, 4, **options), Batches(few, 4, **options, hinted=True)
    for index in range(2):
        (L, told), ab = hinted[index]
        assert np.array_equal(L, plain[index][0])
        assert np.array_equal(ab, plain[index][1])
        numbers = np.sort(hinted.order[4 * index : 4 * index + 4])
        assert np.array_equal(told, color.random_hints(ab, numbers, 1, 2))
    half = Batches(few, 4, **options, host=(1, 2), hinted=True)[0][0]
    assert np.array_equal(half[1], hinted[0][0][1][2:])
