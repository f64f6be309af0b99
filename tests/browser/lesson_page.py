"""A notebook in a browser: opened in JupyterLab and run as by Run all.

Whatever goes wrong is said in one line.
"""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import nbformat
from lab_server import LabServer
from playwright.sync_api import BrowserContext, ConsoleMessage, Page, Route

SIZE = {"width": 1280, "height": 1500}  # high enough for a whole panel
OPEN = 60  # seconds: longest wait for a page
# ipywidgets 7 typesets labels with MathJax 2, but JupyterLab 4 has MathJax 3: labels stay plain
# text (jupyter-widgets/ipywidgets issue 3829)
KNOWN = re.compile(r"Cannot read properties of undefined \(reading 'Queue'\)")
# the only thing that a lesson shows from elsewhere; here it is an empty picture
BADGE = "https://colab.research.google.com/assets/colab-badge.svg"
EMPTY_PICTURE = '<svg xmlns="http://www.w3.org/2000/svg"/>'
# it has the classes of the widget that it replaces, colorkit-panel too
BROKEN_WIDGET = ".jupyter-widgets-error-widget"

STATE = """() => {
    const panel = window.jupyterapp.shell.currentWidget;
    const source = cell => cell.sharedModel.getSource();
    const cells = [...panel.content.model.cells]
        .filter(cell => cell.type === "code" && source(cell).trim());
    const kernel = panel.sessionContext.session?.kernel;
    return {
        kernel: kernel ? kernel.status : "none",
        pending: cells.filter(cell => cell.executionCount === null).map(source),
        errors: cells.flatMap(cell => cell.outputs.toJSON())
            .filter(output => output.output_type === "error")
            .map(output => `${output.ename}: ${output.evalue}`),
        question: document.querySelector(".jp-Stdin-prompt, .jp-Dialog")?.innerText ?? "",
    };
}"""
PRINTED = """() => {
    const cells = [...window.jupyterapp.shell.currentWidget.content.model.cells]
        .filter(cell => cell.type === "code");
    const text = output => output.name === "stdout" ? [output.text].flat().join("") : "";
    return cells.map(cell => cell.outputs.toJSON().map(text).join(""));
}"""
CHECKED = "nbval-check-output"  # the tag of a cell whose text must not change
# doesn't wait for the cells: one may never end
RUN_ALL = "() => { window.jupyterapp.commands.execute('notebook:run-all-cells'); }"
READY = """() => {
    const session = window.jupyterapp?.shell.currentWidget?.sessionContext;
    return session?.isReady && session.session?.kernel?.status === "idle";
}"""


def checked(notebook: nbformat.NotebookNode) -> dict[int, str]:
    """Read what the checked cells of a notebook print, as it is stored there.

    Returns:
        Place among the code cells -> text.
    """
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

    def __init__(self, page: Page, server: LabServer, name: str) -> None:
        self.page = page
        self.said = []
        page.on("console", self._hear_console)
        page.on("pageerror", lambda error: self._hear(str(error)))
        page.on("request", lambda request: self._watch(request.url, server.address["url"]))
        page.route(BADGE, _answer_with_empty_picture)
        page.goto(server.url(name))
        page.wait_for_function(READY, timeout=1000 * OPEN)

    def _hear_console(self, message: ConsoleMessage) -> None:
        if message.type == "error":
            self._hear(message.text)

    def _hear(self, text: str) -> None:
        if not KNOWN.search(text):
            self.said.append(text)

    def _watch(self, url: str, home: str) -> None:
        if url.startswith("http") and url != BADGE and not url.startswith(home):
            self._hear(f"{url} was asked for: the page needs more than this machine")

    def state(self) -> dict:
        """Read the kernel's state, the cells that have not run, errors, and an open question."""
        return self.page.evaluate(STATE)

    def run_all(self, seconds: float) -> None:
        """Run all cells and wait until the last one has ended.

        Fail at the first sign that it won't end, or after this many seconds.
        """
        self.page.evaluate(RUN_ALL)
        for _ in range(int(seconds * 4)):
            state = self.state()
            assert not state["errors"], f"a cell failed: {state['errors'][0]}"
            assert not state["question"], f"somebody is asked: {state['question']}"
            assert state["kernel"] in ("idle", "busy"), f"the kernel is {state['kernel']}"
            if not state["pending"] and state["kernel"] == "idle":
                return
            self.page.wait_for_timeout(250)
        first = state["pending"][:1]
        raise AssertionError(f"after {seconds} s cells had not ended, the first of them:\n{first}")

    def check_printed(self, expected: dict[int, str]) -> None:
        """Fail when a checked cell did not print what is stored (see `checked`)."""
        printed = self.page.evaluate(PRINTED)
        for place, text in expected.items():
            assert printed[place] == text, (
                f"code cell {place + 1}: expected {text!r}, got {printed[place]!r}"
            )

    def check_health(self) -> None:
        """Fail when a widget could not be shown, or the page's scripts complained."""
        broken = self.page.locator(BROKEN_WIDGET).count()
        assert not broken, f"a widget could not be shown; the page said: {self.said[:1]}"
        shown = self.page.locator(".jp-Notebook .jp-OutputArea").all_inner_texts()
        for words in ("Error displaying widget", "Model class"):
            assert not any(words in text for text in shown), "a widget could not be shown"
        assert not self.said, f"the page's scripts complained: {self.said[0]}"


def _answer_with_empty_picture(route: Route) -> None:
    route.fulfill(content_type="image/svg+xml", body=EMPTY_PICTURE)


@contextmanager
def opened(
    browser: BrowserContext, server: LabServer, name: str, pictures: Path
) -> Iterator[LessonPage]:
    """Open a notebook that the server has, and end its kernel afterwards.

    When the test fails, a picture of the page is kept.
    """
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
