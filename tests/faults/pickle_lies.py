"""Build pickles that crash Python or fill its memory without naming any function.

Others give wrong arguments to the two functions that a split needs.
"""

import pickle

from pickle_steps import (
    DTYPE,
    FACES,
    FLAGS,
    FROMBUFFER,
    LAB,
    LAB_SHAPE,
    U1,
    U2,
    WHO,
    blob,
    called,
    dtype,
    framed,
    hidden_by_a_frame,
    hidden_by_two_frames,
    items_of,
    lab_of,
    number,
    program,
    record,
    row,
    split_file,
    state,
    text,
    who_of,
)


def bombs() -> dict[str, bytes]:
    many = 10**6
    doubled = pickle.NONE + (pickle.DUP + pickle.TUPLE2) * 29
    recalled = pickle.NONE + b"".join(
        pickle.MEMOIZE + pickle.BINGET + bytes([k]) + pickle.TUPLE2 for k in range(29)
    )
    room = pickle.NONE + pickle.LONG_BINPUT + (5 * 10**7).to_bytes(4, "little")
    huge = {"2**40": 2**40, "2**63 - 1": 2**63 - 1, "2**64 - 1": 2**64 - 1}
    counted = {
        "BINBYTES8": pickle.BINBYTES8,
        "BYTEARRAY8": pickle.BYTEARRAY8,
        "BINUNICODE8": pickle.BINUNICODE8,
        "FRAME": pickle.FRAME,
    }
    return {
        **{
            f"{kind} of {size}": program(code, n.to_bytes(8, "little"), b"x")
            for kind, code in counted.items()
            for size, n in huge.items()
        },
        "BINBYTES of 4 GB": program(pickle.BINBYTES, b"\xff" * 4, b"x"),
        "BINUNICODE of 4 GB": program(pickle.BINUNICODE, b"\xff" * 4, b"x"),
        "LONG4 of 2 GB": program(pickle.LONG4, b"\xff\xff\xff\x7f", b"x"),
        "LONG4 of -1 byte": program(pickle.LONG4, b"\xff" * 4, b"x"),
        "BINSTRING of -1 byte": program(pickle.BINSTRING, b"\xff" * 4, b"x"),
        "LONG of many digits": program(pickle.LONG, b"9" * many, b"L\n"),
        "INT of many digits": program(pickle.INT, b"9" * many, b"\n"),
        "a lot of room in the memo": program(room),
        "a lot of room in the memo, hidden by a frame": hidden_by_a_frame(program(room)),
        "a lot of room in the memo, hidden by two frames": hidden_by_two_frames(program(room)),
        "PUT far out": program(pickle.NONE, pickle.PUT, b"9" * 30, b"\n"),
        "nested tuples": program(pickle.EMPTY_TUPLE, pickle.TUPLE1 * many),
        "nested tuples around nothing empty": program(pickle.NONE, pickle.TUPLE1 * many),
        "nested tuples as a key": program(
            pickle.EMPTY_DICT, pickle.NONE, pickle.TUPLE1 * many, pickle.NONE, pickle.SETITEM
        ),
        "nested dicts": program(
            *(pickle.EMPTY_DICT, pickle.NONE) * 1000, pickle.NONE, pickle.SETITEM * 1000
        ),
        "nested lists": program(pickle.EMPTY_LIST * many, pickle.APPEND * (many - 1)),
        "marks": program(pickle.MARK * many),
        "dicts": program(pickle.EMPTY_DICT * many),
        "dicts, kept": program(pickle.MARK, pickle.EMPTY_DICT * many, pickle.TUPLE),
        "doubled tuples": program(doubled),
        "doubled tuples as a key": program(pickle.EMPTY_DICT, doubled, pickle.NONE, pickle.SETITEM),
        "doubled tuples as a key, by the memo": program(
            pickle.EMPTY_DICT, recalled, pickle.NONE, pickle.SETITEM
        ),
        "doubled tuples in a frozenset": program(pickle.MARK, doubled, pickle.FROZENSET),
        "doubled tuples as the state of a dtype": split_file(
            lab_of(kind=dtype("u1", recalled + pickle.BUILD))
        ),
        "arrays in arrays": program(lab_of(buffer=lab_of(buffer=lab_of(buffer=blob(b"x"))))),
        "a dict within itself": program(
            pickle.EMPTY_DICT, pickle.MEMOIZE, text("lab"), pickle.BINGET, b"\0", pickle.SETITEM
        ),
        "a dtype within itself": program(
            called(DTYPE, text("u1")),
            pickle.MEMOIZE,
            row(number(3), pickle.BINGET + b"\0"),
            pickle.BUILD,
        ),
        "nothing on the stack": program(pickle.REDUCE),
        "no mark": program(pickle.TUPLE),
        "only a mark": program(pickle.MARK),
        "no note": program(pickle.BINGET, b"\x63"),
        "no end": program(text("lab"))[:-1],
        "only a head": pickle.PROTO,
        "only an end": pickle.STOP,
        "no such step": program(b"\xff"),
        "protocol 6": program(pickle.NONE, protocol=6),
        "protocol 255": split_file().replace(pickle.PROTO + b"\x05", pickle.PROTO + b"\xff", 1),
        "zeros": bytes(1000),
        "frames in frames": program(framed(30), framed(40), framed(50), text("lab")),
    }


def twisted() -> dict[str, bytes]:
    def shaped(*lengths: bytes) -> bytes:
        return split_file(lab_of(shape=row(*lengths)))

    def kinds(code: str) -> dict[str, bytes]:
        """A dtype in either place; its buffer fits as far as it can."""
        return {
            f"lab of {code!a}": split_file(lab_of(kind=dtype(code, b""))),
            f"people of {code!a}": split_file(identities=who_of(kind=dtype(code, b""))),
        }

    n = number(FACES)
    face = (number(112), number(112), number(3))
    codes = [
        "O",
        "O8",
        "V8",
        "S8",
        "M8[s]",
        "f8",
        "?",
        "U",
        "U0",
        "U-2",
        "U99999999999",
        "u1,u1",
        "(2,)u1",
        "2U1",
        "u1\n",
        "\u0661",
        "U\u0662",
        "",
        "x" * 200,
    ]
    offsets = {"near": 0, "beyond": 10**9, "before": -(10**9)}
    field = record(lab=called(DTYPE, text("u1"), *FLAGS) + number(10**9) + pickle.TUPLE2)
    return {
        # shapes
        "shape: huge": shaped(number(2**31 - 1), *face),
        "shape: beyond 64 bits": shaped(number(2**64), *face),
        "shape: product overflows": shaped(*[number(2**31 - 1)] * 4),
        "shape: negative": shaped(number(-5), *face),
        "shape: two unknown": shaped(number(-1), number(-1), *face[1:]),
        "shape: all of nothing": shaped(number(0), *face),
        "shape: too many faces": split_file(
            lab_of(blob(LAB + LAB), shape=row(number(2 * FACES), *face)),
            who_of(blob(WHO + WHO), shape=number(2 * FACES) + pickle.TUPLE1),
        ),
        "shape: too few people": split_file(
            identities=who_of(blob(WHO[:-8]), shape=number(FACES - 1) + pickle.TUPLE1)
        ),
        "shape: 100 axes": shaped(*[number(1)] * 100),
        "shape: none": shaped(),
        "shape: None": split_file(lab_of(shape=pickle.NONE)),
        "shape: holds None": shaped(pickle.NONE, *face),
        "shape: text": split_file(lab_of(shape=text("abcd"))),
        "shape: float": shaped(pickle.BINFLOAT + b"\x40\x24\0\0\0\0\0\0", *face),
        "shape: truth": shaped(pickle.NEWTRUE, n, *face),
        "shape: array": split_file(lab_of(shape=who_of())),
        "shape: another layout": shaped(n, number(3), number(112), number(112)),
        "people in a table": split_file(identities=who_of(shape=row(n, number(1)))),
        # orders
        **{
            f"order: {order!a}": split_file(lab_of(order=text(order)))
            for order in ("K", "A", "c", "Cx", "", "Z", "C\n")
        },
        "order: number": split_file(lab_of(order=number(7))),
        "order: None": split_file(lab_of(order=pickle.NONE)),
        "order: array": split_file(lab_of(order=who_of())),
        "order: of axes": split_file(
            lab_of(blob(LAB), U1, LAB_SHAPE, text("K"), row(*map(number, (3, 1, 2, 0))))
        ),
        # buffers
        "buffer: made read-only": split_file(lab_of(buffer=blob(LAB) + pickle.READONLY_BUFFER)),
        "buffer: short": split_file(lab_of(blob(LAB[:-1]))),
        "buffer: long": split_file(lab_of(blob(LAB + b"x"))),
        "buffer: empty": split_file(lab_of(blob(b""))),
        "buffer: text": split_file(lab_of(text("x" * 200))),
        "buffer: number": split_file(lab_of(number(-1))),
        "buffer: None": split_file(lab_of(pickle.NONE)),
        "buffer: dict": split_file(lab_of(pickle.EMPTY_DICT)),
        "buffer: not whole letters": split_file(identities=who_of(blob(WHO[:-1]))),
        "people: no letters": split_file(identities=who_of(blob(b"\xff" * len(WHO)))),
        "people: no letters, turned": split_file(
            identities=who_of(kind=dtype("U2", state(">", 8)))
        ),
        # dtypes
        **{kind: data for code in codes for kind, data in kinds(code).items()},
        "dtype: state with an order that is none": split_file(
            lab_of(kind=dtype("u1", state("x", -1)))
        ),
        "dtype: state with an order of two lines": split_file(
            lab_of(kind=dtype("u1", state("|\n", -1)))
        ),
        "dtype: state too short": split_file(
            lab_of(kind=dtype("u1", row(number(3)) + pickle.BUILD))
        ),
        "dtype: state is None": split_file(lab_of(kind=dtype("u1", pickle.NONE + pickle.BUILD))),
        "dtype: state is an array": split_file(lab_of(kind=dtype("u1", who_of() + pickle.BUILD))),
        "dtype: of a dict": split_file(
            lab_of(
                kind=called(DTYPE, record(names=items_of(text("a")), formats=items_of(text("O"))))
            )
        ),
        "dtype: of rows": split_file(
            lab_of(kind=called(DTYPE, items_of(row(text("a"), text("O")))))
        ),
        "dtype: of pairs": split_file(
            lab_of(kind=called(DTYPE, row(text("u1"), record(note=text("metadata")))))
        ),
        "dtype: of a dtype": split_file(lab_of(kind=called(DTYPE, U1, *FLAGS))),
        "dtype: of nothing": split_file(lab_of(kind=called(DTYPE))),
        "dtype: of a name": split_file(lab_of(kind=DTYPE)),
        "dtype: text": split_file(lab_of(kind=text("u1"))),
        "dtype: number": split_file(lab_of(kind=number(1))),
        "dtype: array": split_file(lab_of(kind=lab_of())),
        **{
            f"dtype: pointers {where}": split_file(
                lab_of(
                    kind=dtype(
                        "V8",
                        state(
                            "|",
                            8,
                            names=row(text("lab")),
                            fields=record(
                                lab=called(DTYPE, text("O")) + number(at) + pickle.TUPLE2
                            ),
                        ),
                    )
                )
            )
            for where, at in offsets.items()
        },
        "dtype: a field outside, as the whole split": program(
            lab_of(
                kind=dtype("V8", state("|", 8, names=row(text("lab")), fields=field)),
                shape=row(number(len(LAB) // 8)),
            )
        ),
        # other things in place of arrays
        "a dtype for lab": split_file(lab=U1),
        "a name for lab": split_file(lab=FROMBUFFER),
        "lab twice": split_file(identities=lab_of()),
        "people twice": split_file(lab=who_of()),
        "text for lab": split_file(lab=text("lab")),
        "no lab": program(record(identities=who_of())),
        "no people": program(record(lab=lab_of())),
        "an array for the whole": program(lab_of()),
        "text for the whole": program(text("lab")),
        "None for the whole": program(pickle.NONE),
        "a name for the whole": program(DTYPE),
        "array with a state": split_file(
            lab=lab_of() + row(number(1), row(n), U1, pickle.NEWFALSE, blob(b"x")) + pickle.BUILD
        ),
        "dict with a state": split_file()[:-1] + record(x=number(1)) + pickle.BUILD + pickle.STOP,
    }


def widened_after_use() -> bytes:
    """Build a good split whose dtype of people grows a thousandfold once the array exists."""
    kind = U2 + pickle.MEMOIZE
    return split_file(
        identities=who_of(kind=kind), more=pickle.BINGET + b"\0" + state("<", 8000, flags=8)
    )
