"""A JupyterLab server with settings, kernels, a home folder and notebooks of its own.

Nothing of the user's is touched.
"""

import json
import os
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import nbformat
from helpers import KIT, link_folder

START = 60  # seconds: longest start of the server
SETTINGS = {
    # every cell is in the page, also out of sight
    "notebook-extension/tracker": {"windowingMode": "none"},
    # the first start asks nothing
    "apputils-extension/notification": {"fetchNews": "false", "checkForUpdates": False},
}
# variables that are unset for a kernel, as they are for a student's
STEERING = ("COLORKIT_", "COLAB_", "JUPYTER", "IPYTHON", "MPLBACKEND", "TF_CPP_")


class LabServer:
    """A running server; use it in a `with`.

    Attributes:
        notebooks: folder where `add` puts notebooks; the kit is beside it, as in a checkout.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.notebooks = folder / "kit" / "notebooks"
        self.notebooks.mkdir(parents=True)
        link_folder(folder / "kit" / "colorkit", KIT / "colorkit")
        for name, values in SETTINGS.items():
            path = folder / "settings" / "@jupyterlab" / f"{name}.jupyterlab-settings"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(json.dumps(values), encoding="utf-8")

    def __enter__(self) -> "LabServer":
        options = [
            "--no-browser",
            "--allow-root",
            "--expose-app-in-browser",
            f"--ServerApp.root_dir={self.folder / 'kit'}",
            # a free port: two servers that start at once would both take 8888
            f"--ServerApp.port={_find_free_port()}",
            "--ServerApp.port_retries=0",
        ]
        self.log = (self.folder / "server.log").open("w", encoding="utf-8")
        self.process = subprocess.Popen(
            [sys.executable, "-m", "jupyterlab", *options],
            env=self._make_environment(),
            stdout=self.log,
            stderr=subprocess.STDOUT,
        )
        try:
            self.address = self._wait_for_address()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self.process.terminate()  # the server ends its kernels
        try:
            self.process.wait(timeout=30)
        finally:
            self.process.kill()
            self.process.wait()
            self.log.close()

    def _make_environment(self) -> dict[str, str]:
        kept = {name: value for name, value in os.environ.items() if not name.startswith(STEERING)}
        places = {
            f"JUPYTER_{kind}_DIR": str(self.folder / kind.lower())
            for kind in ("CONFIG", "DATA", "RUNTIME")
        }
        settings = {
            "JUPYTERLAB_SETTINGS_DIR": str(self.folder / "settings"),
            "JUPYTERLAB_WORKSPACES_DIR": str(self.folder / "workspaces"),
        }
        ours = {
            "COLORKIT_PROFILE": "smoke",
            "COLORKIT_HOME": str(self.folder / "home"),
            "IPYTHONDIR": str(self.folder / "ipython"),
        }
        return kept | places | settings | ours

    def _wait_for_address(self) -> dict:
        """Wait until the server has written its address and its token into a file, and read it."""
        end = time.monotonic() + START
        while time.monotonic() < end and self.process.poll() is None:
            for path in (self.folder / "runtime").glob("jpserver-*.json"):
                if text := path.read_text(encoding="utf-8"):
                    return json.loads(text)
            time.sleep(0.1)
        log = (self.folder / "server.log").read_text(encoding="utf-8")
        raise RuntimeError("JupyterLab did not start:\n" + log[-2000:])

    def url(self, name: str) -> str:
        """Return the address of a notebook that was added, in an empty workspace."""
        page = f"{self.address['url']}lab/tree/notebooks/{name}.ipynb"
        return f"{page}?reset&token={self.address['token']}"

    def end_kernels(self) -> None:
        """End every kernel, even one that is busy or whose page is gone."""
        for session in json.loads(self._ask("GET", "api/sessions")):
            self._ask("DELETE", f"api/sessions/{session['id']}")

    def _ask(self, method: str, path: str) -> bytes:
        headers = {"Authorization": f"token {self.address['token']}"}
        request = urllib.request.Request(self.address["url"] + path, method=method, headers=headers)
        with urllib.request.urlopen(request, timeout=30) as answer:
            return answer.read()

    def add(self, name: str, notebook: nbformat.NotebookNode) -> None:
        """Put a notebook without its outputs into the server's folder.

        All outputs that are seen later were made there.
        """
        for cell in notebook.cells:
            if cell.cell_type == "code":
                cell.outputs = []
                cell.execution_count = None
        nbformat.write(notebook, self.notebooks / f"{name}.ipynb")


def _find_free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return free.getsockname()[1]
