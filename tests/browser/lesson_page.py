"""A notebook in a browser: opened in JupyterLab, run as by Run all, with all that went wrong said in one line each."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import nbformat
from lab_server import LabServer
from playwright.sync_api import BrowserContext, Page

SIZE = {"width": 1280, "height": 1500}  # high enough for a whole panel
OPEN = 60  # seconds
# ipywidgets 7 typesets labels with MathJax 2, JupyterLab 4 has MathJax 3 (jupyter-widgets/ipywidgets issue 3829): labels stay plain text
KNOWN = re.compile(r"Cannot read properties of undefined \(reading 'Queue'\)")
BADGE = "https://colab.research.google.com/assets/colab-badge.svg"  # all that a lesson shows from elsewhere; here it is an empty picture
BROKEN_WIDGET = ".jupyter-widgets-error-widget"  # has the classes of the widget that it stands for, colorkit-panel too

STATE = """() => {
    const panel = window.jupyterapp.shell.currentWidget;
    const cells = [...panel.content.model.cells].filter(cell => cell.type === "code" && cell.sharedModel.getSource().trim());
    const kernel = panel.sessionContext.session?.kernel;
    return {
        kernel: kernel ? kernel.status : "none",
        pending: cells.filter(cell => cell.executionCount === null).map(cell => cell.sharedModel.getSource()),
        errors: cells.flatMap(cell => cell.outputs.toJSON()).filter(output => output.output_type === "error")
                     .map(output => `${output.ename}: ${output.evalue}`),
        question: document.querySelector(".jp-Stdin-prompt, .jp-Dialog")?.innerText ?? "",
    };
}"""
PRINTED = """() => {
    const cells = [...window.jupyterapp.shell.currentWidget.content.model.cells].filter(cell => cell.type === "code");
    const text = output => output.name === "stdout" ? [output.text].flat().join("") : "";
    return cells.map(cell => cell.outputs.toJSON().map(text).join(""));
}"""
CHECKED = "nbval-check-output"  # the tag of a cell whose text must not change
RUN_ALL = "() => { window.jupyterapp.commands.execute('notebook:run-all-cells'); }"  # not waited for: a cell may never end
READY = """() => {
    const session = window.jupyterapp?.shell.currentWidget?.sessionContext;
    return session?.isReady && session.session?.kernel?.status === "idle";
}"""


def checked(notebook: nbformat.NotebookNode) -> dict[int, str]:
    """What the checked cells of a notebook print, as it is stored there: by their place among the code cells."""
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    return {
        place: "".join(output.text for output in cell.outputs if output.get("name") == "stdout")
        for place, cell in enumerate(code)
        if CHECKED in cell.metadata.get("tags", [])
    }


class LessonPage:
    """An open notebook.

    Attributes:
        page: Playwright's page.
        said: what the page's scripts complained about.
    """

    def __init__(self, page: Page, server: LabServer, name: str):
        self.page, self.said = page, []
        page.on(
            "console", lambda message: self._hear(message.text) if message.type == "error" else None
        )
        page.on("pageerror", lambda error: self._hear(str(error)))
        page.on("request", lambda request: self._watch(request.url, server.address["url"]))
        page.route(
            BADGE,
            lambda route: route.fulfill(
                content_type="image/svg+xml", body='<svg xmlns="http://www.w3.org/2000/svg"/>'
            ),
        )
        page.goto(server.url(name))
        page.wait_for_function(READY, timeout=1000 * OPEN)

    def _hear(self, text: str) -> None:
        if not KNOWN.search(text):
            self.said.append(text)

    def _watch(self, url: str, home: str) -> None:
        if url.startswith("http") and url != BADGE and not url.startswith(home):
            self._hear(f"{url} was asked for: the page needs more than this machine")

    def state(self) -> dict:
        """The kernel's state, what has not run yet, errors, and a question that waits for an answer."""
        return self.page.evaluate(STATE)

    def run_all(self, seconds: float) -> None:
        """Run all cells and wait until the last has ended; fail at the first sign that this will not come, or after so many seconds."""
        self.page.evaluate(RUN_ALL)
        for _ in range(int(seconds * 4)):
            state = self.state()
            assert not state["errors"], f"a cell failed: {state['errors'][0]}"
            assert not state["question"], f"somebody is asked: {state['question']}"
            assert state["kernel"] in ("idle", "busy"), f"the kernel is {state['kernel']}"
            if not state["pending"] and state["kernel"] == "idle":
                return
            self.page.wait_for_timeout(250)
        raise AssertionError(
            f"after {seconds} s these cells had not ended, the first of them:\n{state['pending'][:1]}"
        )

    def check_printed(self, expected: dict[int, str]) -> None:
        """Fail when a checked cell did not print what is stored (see `checked`)."""
        printed = self.page.evaluate(PRINTED)
        for place, text in expected.items():
            assert printed[place] == text, (
                f"code cell {place + 1}: expected {text!r}, got {printed[place]!r}"
            )

    def check_health(self) -> None:
        """Fail when a widget could not be shown, or the page's scripts complained."""
        assert not self.page.locator(BROKEN_WIDGET).count(), (
            f"a widget could not be shown; the page said: {self.said[:1]}"
        )
        shown = self.page.locator(".jp-Notebook .jp-OutputArea").all_inner_texts()
        assert not [
            text for text in shown if "Error displaying widget" in text or "Model class" in text
        ], "a widget could not be shown"
        assert not self.said, f"the page's scripts complained: {self.said[0]}"


@contextmanager
def opened(
    browser: BrowserContext, server: LabServer, name: str, pictures: Path
) -> Iterator[LessonPage]:
    """Open a notebook that the server has; when the test fails, keep a picture of the page. Its kernel is ended in any case."""
    for old in pictures.glob(f"{name}*.png"):
        old.unlink()
    page = browser.new_page()
    try:
        try:
            yield LessonPage(page, server, name)
        except BaseException:
            page.screenshot(path=pictures / f"{name}-failed.png")
            raise
    finally:
        page.close()
        server.end_kernels()
