"""Read what a TIFF says about its pixels, and refuse what no decoder here reads for certain.

A decoder may return numbers for a file that it doesn't understand: a negative, one channel for
another, signed numbers as if they were not. So the tags decide. Their names are those of TIFF 6.0.
"""

from collections.abc import Mapping
from typing import IO, Any, NamedTuple

from PIL.TiffImagePlugin import ImageFileDirectory_v2

BIG = b"II+\0"  # what a BigTIFF begins with
BIG_ENDIAN = b"MM\0+"  # and one whose numbers begin with their highest byte
MAGIC = (b"II*\0", b"MM\0*", BIG, BIG_ENDIAN)
HEADER, BIG_HEADER = 8, 16  # bytes

# Numbers of the tags
SUBFILE_TYPE = 254
WIDTH = 256
LENGTH = 257
BITS = 258
PHOTOMETRIC = 262
ORIENTATION = 274
SAMPLES = 277
PLANAR = 284
SUB_IFDS = 330
EXTRA_SAMPLES = 338
SAMPLE_FORMAT = 339
DEPTH = 32997  # layers of a solid
DNG = 50706  # the version of Adobe's format for raw pictures

# Values of PhotometricInterpretation
WHITE_IS_ZERO, BLACK_IS_ZERO, RGB = 0, 1, 2
# Values of ExtraSamples: the channel is no alpha, or the colors are multiplied with it, or not
UNSPECIFIED, ASSOCIATED, UNASSOCIATED = 0, 1, 2
UPRIGHT = 1
LYING = range(5, 9)  # values of Orientation that exchange width and height
CHUNKY = 1  # value of PlanarConfiguration: the channels of a pixel lie together
UNSIGNED, SIGNED = 1, 2  # values of SampleFormat
PREVIEW = 1  # bit of NewSubfileType: a smaller version of another picture in the file
SIXTEEN = 16

Tags = ImageFileDirectory_v2


class Layout(NamedTuple):
    """What the numbers of a 16-bit picture mean.

    Attributes:
        inverted: whether 0 is white.
        height, width: size of the upright picture, pixels.
        channels: of a pixel, as stored: 1, 3 or 4.
        fourth: what the fourth channel is: one of the values of ExtraSamples.
    """

    inverted: bool
    height: int
    width: int
    channels: int
    fourth: int


def read_tags(stream: IO[bytes]) -> Tags | None:
    """Read the tags of the first picture of a TIFF; return None for other files.

    The stream is at its beginning before and after that.

    Raises:
        ValueError: Pillow can't read them.
    """
    header = stream.read(HEADER)
    try:
        if not header.startswith(MAGIC):
            return None
        if header.startswith(BIG_ENDIAN):
            raise ValueError("a BigTIFF in big-endian order")
        if header.startswith(BIG):
            header += stream.read(BIG_HEADER - HEADER)
        tags = ImageFileDirectory_v2(header)
        stream.seek(tags.next)
        tags.load(stream)
        return tags
    finally:
        stream.seek(0)


def refuse_others(tags: Tags) -> None:
    """Raise ValueError for a TIFF whose numbers decoders take for something else."""
    if DNG in tags or (SUB_IFDS in tags and _first(tags, SUBFILE_TYPE, 0) & PREVIEW):
        raise ValueError("a camera's raw file, of which only a preview could be read")
    if SIGNED in _numbers(tags, SAMPLE_FORMAT, UNSIGNED):
        raise ValueError("its numbers are signed: SampleFormat 2")
    if _first(tags, DEPTH, 1) > 1:
        raise ValueError(f"a solid of {_first(tags, DEPTH, 1)} layers: ImageDepth")


def is_deep(tags: Tags) -> bool:
    """Tell whether a TIFF has 16 bits in any channel."""
    return SIXTEEN in _numbers(tags, BITS, 1)


def read_size(tags: Tags) -> tuple[int, int]:
    """Return the width and height of a TIFF."""
    return _first(tags, WIDTH, 0), _first(tags, LENGTH, 0)


def read_layout(tags: Tags) -> Layout:
    """Find out what the numbers of a 16-bit TIFF mean.

    Raises:
        ValueError: they are none of those that are certain to be read rightly. The message quotes
            the tags.
    """
    photometric = _first(tags, PHOTOMETRIC, -1)
    bits = _numbers(tags, BITS, 1)
    samples = _first(tags, SAMPLES, 1)
    extra = _numbers(tags, EXTRA_SAMPLES, *([UNASSOCIATED] if samples == 4 else []))
    grey = photometric in (WHITE_IS_ZERO, BLACK_IS_ZERO) and samples == 1 and not extra
    rgb = photometric == RGB and (samples, len(extra)) in ((3, 0), (4, 1))
    together = samples == 1 or _first(tags, PLANAR, CHUNKY) == CHUNKY
    unsigned = set(_numbers(tags, SAMPLE_FORMAT, UNSIGNED)) == {UNSIGNED}
    if not ((grey or rgb) and together and unsigned and set(bits) == {SIXTEEN}):
        raise ValueError(describe(tags))
    fourth = extra[0] if extra else UNSPECIFIED
    if fourth not in (UNSPECIFIED, ASSOCIATED, UNASSOCIATED):
        raise ValueError(describe(tags))
    width, height = read_size(tags)
    if _first(tags, ORIENTATION, UPRIGHT) in LYING:
        width, height = height, width
    return Layout(photometric == WHITE_IS_ZERO, height, width, samples, fourth)


def describe(tags: Tags) -> str:
    """Describe, by its tags, a TIFF that can't be read."""
    quoted = {
        "PhotometricInterpretation": PHOTOMETRIC,
        "BitsPerSample": BITS,
        "SampleFormat": SAMPLE_FORMAT,
        "PlanarConfiguration": PLANAR,
        "ExtraSamples": EXTRA_SAMPLES,
    }
    said = [f"{name} {_list(tags, tag)}" for name, tag in quoted.items() if tag in tags]
    return f"a TIFF of a kind that isn't read: {', '.join(said)}"


def _list(tags: Tags, tag: int) -> str:
    """List the first values of a tag."""
    return " ".join(map(str, _numbers(tags, tag)[:5]))


def _first(tags: Mapping[int, Any], tag: int, default: int) -> int:
    """Return a tag's first value."""
    return (*_numbers(tags, tag, default), default)[0]


def _numbers(tags: Mapping[int, Any], tag: int, *default: int) -> tuple[int, ...]:
    """Return the values of a tag as whole numbers."""
    values = tags.get(tag, default)
    return tuple(map(int, values if isinstance(values, tuple) else (values,)))
