"""Put pickles together step by step.

Each function here returns the bytes of some steps and is named for what they leave on the stack.
`split_file` builds the file of a split, in which any argument may be a lie.
"""

import io
import pickle


def text(value: str) -> bytes:
    data = value.encode("utf-8", "surrogatepass")
    if len(data) < 256:
        return pickle.SHORT_BINUNICODE + bytes([len(data)]) + data
    return pickle.BINUNICODE + len(data).to_bytes(4, "little") + data


def blob(value: bytes) -> bytes:
    if len(value) < 256:
        return pickle.SHORT_BINBYTES + bytes([len(value)]) + value
    return pickle.BINBYTES + len(value).to_bytes(4, "little") + value


def number(value: int) -> bytes:
    if -(2**31) <= value < 2**31:
        return pickle.BININT + value.to_bytes(4, "little", signed=True)
    return pickle.LONG1 + bytes([9]) + value.to_bytes(9, "little", signed=True)


def row(*items: bytes) -> bytes:
    return pickle.MARK + b"".join(items) + pickle.TUPLE


def items_of(*items: bytes) -> bytes:
    return pickle.MARK + b"".join(items) + pickle.LIST


def record(**items: bytes) -> bytes:
    return (
        pickle.EMPTY_DICT
        + pickle.MARK
        + b"".join(text(key) + value for key, value in items.items())
        + pickle.SETITEMS
    )


def name(module: str, attribute: str) -> bytes:
    return text(module) + text(attribute) + pickle.STACK_GLOBAL


def old_name(module: str, attribute: str) -> bytes:
    return pickle.GLOBAL + f"{module}\n{attribute}\n".encode()


def called(function: bytes, *arguments: bytes) -> bytes:
    return function + row(*arguments) + pickle.REDUCE


def run(module: str, attribute: str, *arguments: bytes) -> bytes:
    return called(name(module, attribute), *arguments)


def method(thing: bytes, attribute: str, *arguments: bytes) -> bytes:
    """Build the steps that call thing.attribute(*arguments)."""
    return called(run("operator", "methodcaller", text(attribute), *arguments), thing)


def program(*steps: bytes, protocol: int = 5) -> bytes:
    return pickle.PROTO + bytes([protocol]) + b"".join(steps) + pickle.STOP


def framed(length: int) -> bytes:
    return pickle.FRAME + length.to_bytes(8, "little")


FACES = 2
LAB = bytes(FACES * 112 * 112 * 3)
WHO = "".join(f"{who:02d}" for who in range(FACES)).encode("utf-32-le")
DTYPE = name("numpy", "dtype")
FROMBUFFER = name("numpy._core.numeric", "_frombuffer")
LAB_SHAPE = row(number(FACES), number(112), number(112), number(3))
FLAGS = (pickle.NEWFALSE, pickle.NEWTRUE)


def state(
    order: str,
    size: int,
    subdtype=pickle.NONE,
    names=pickle.NONE,
    fields=pickle.NONE,
    flags: int = 0,
) -> bytes:
    """Build the steps with which a pickle sets the state of a dtype."""
    return (
        row(number(3), text(order), subdtype, names, fields, number(size), number(1), number(flags))
        + pickle.BUILD
    )


def dtype(code: str, steps: bytes) -> bytes:
    return called(DTYPE, text(code), *FLAGS) + steps


U1, U2 = dtype("u1", state("|", -1)), dtype("U2", state("<", 8, flags=8))


def lab_of(buffer=blob(LAB), kind=U1, shape=LAB_SHAPE, order=text("C"), *more: bytes) -> bytes:
    return called(FROMBUFFER, buffer, kind, shape, order, *more)


def who_of(
    buffer=blob(WHO), kind=U2, shape=number(FACES) + pickle.TUPLE1, order=text("C")
) -> bytes:
    return called(FROMBUFFER, buffer, kind, shape, order)


def split_file(lab=lab_of(), identities=who_of(), **more: bytes) -> bytes:
    return program(record(lab=lab, identities=identities, **more))


FILLER = blob(bytes(2**18))  # CPython reads a longer frame than its buffer by itself


def hidden_by_a_frame(hostile: bytes) -> bytes:
    """Hide a pickle in bytes that a plain reader takes for data.

    CPython forgets the five letters that are in the frame, and then runs the bytes.
    """
    length = len(hostile).to_bytes(4, "little")
    return program(
        framed(len(FILLER) + 7),
        FILLER,
        pickle.SHORT_BINUNICODE,
        b"\x09",
        b"five!",
        b"four",
        pickle.BINBYTES,
        length,
        hostile,
    )


def hidden_by_two_frames(hostile: bytes) -> bytes:
    """Hide a pickle in bytes in a frame in a frame, which a plain reader takes for data.

    CPython forgets how the bytes begin, and then runs them.
    """
    start = pickle.BINBYTES + len(hostile).to_bytes(4, "little")
    inner = framed(len(start + hostile))
    return program(
        framed(len(FILLER + inner + start)), FILLER, inner, start, hostile, 5 * pickle.NONE
    )


def careless(data: bytes) -> object:
    """Open a pickle as an ordinary unpickler does."""
    return pickle.load(io.BytesIO(data))
