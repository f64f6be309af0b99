"""A lesson's panel, used from the keyboard as a person without a mouse does it.

Tab to a control, press a key to change it, and look.
"""

import re
import time
from dataclasses import dataclass
from pathlib import Path

from lesson_page import LessonPage
from playwright.sync_api import Locator

PANEL = ".colorkit-panel"
PICTURE = "img.colorkit-picture"
ANSWER = 30  # seconds in which the kernel draws again
# at most this many from one control to the next: a slider's number and the cell's buttons count
TABS = 40


@dataclass(frozen=True)
class Kind:
    """A kind of control.

    Attributes:
        widget: CSS selector of such a control.
        handle: CSS selector of the part of it that has the focus.
        label: CSS selector of the part of it that names it.
        value: JavaScript function of the handle and the widget, which returns the value.
        keys: keys that may change the value, in the order in which they are tried. (A slider at
            its end moves only the other way.)
    """

    widget: str
    handle: str
    label: str
    value: str
    keys: tuple[tuple[str, ...], ...]


# JupyterLab takes the arrow keys from a closed list, so Space opens it first
# (jupyter-widgets/ipywidgets issue 3912)
COUNT_PRESSES = """handle => {
    if (handle.presses === undefined) {
        handle.presses = 0;
        handle.addEventListener('click', () => handle.presses++);
    }
    return String(handle.presses);
}"""
KINDS = (
    Kind(
        ".widget-slider",
        ".noUi-handle, .ui-slider-handle",  # ipywidgets 8, 7
        ".widget-label",
        "(handle, widget) => widget.querySelector('.widget-readout').innerText",
        (("ArrowRight",), ("ArrowLeft",)),
    ),
    Kind(
        ".widget-dropdown",
        "select",
        ".widget-label",
        "handle => handle.value",
        (("Space", "ArrowDown", "Enter"), ("Space", "ArrowUp", "Enter")),
    ),
    Kind(
        "button.widget-button",
        ":scope",
        ":scope",
        COUNT_PRESSES,
        (("Enter",),),
    ),
    Kind(
        ".widget-checkbox",
        "input",
        ".widget-label-basic span",
        "handle => String(handle.checked)",
        (("Space",),),
    ),
)
FOCUSABLE = "input, select, textarea, button, [tabindex='0'], [contenteditable=true]"


class Control:
    """One control of a panel."""

    def __init__(self, widget: Locator, kind: Kind) -> None:
        self.kind = kind
        self.widget = widget
        self.handle = widget.locator(kind.handle)
        label = widget.locator(kind.label)
        # a hidden label keeps its old words
        self.name = label.inner_text().strip() if label.is_visible() else ""

    def value(self) -> str:
        """Return what the control shows now."""
        return self.handle.evaluate(
            f"handle => ({self.kind.value})(handle, handle.closest('{self.kind.widget}'))"
        )

    def has_focus(self) -> bool:
        return self.handle.evaluate("handle => handle === document.activeElement")


class PanelKeys:
    """The one panel of a notebook that has run."""

    def __init__(self, lesson: LessonPage) -> None:
        self.lesson = lesson
        self.page = lesson.page
        self.root = lesson.page.locator(PANEL)
        panels = self.root.count()
        assert panels == 1, f"{panels} panels, expected 1"
        pictures = self.root.locator(PICTURE).count()
        assert pictures == 1, f"{pictures} pictures in the panel, expected 1"
        self.controls = [Control(widget, kind) for widget, kind in self._find_widgets()]
        assert self.controls, "the panel has no control"
        names = [control.name for control in self.controls]
        assert all(names), f"a control without a description: {names}"
        assert len(set(names)) == len(names), f"two controls of one description: {names}"

    def _find_widgets(self) -> list[tuple[Locator, Kind]]:
        """Find the controls, in the page's order, and check that there are no others."""
        every = self.root.locator(", ".join(kind.widget for kind in KINDS)).all()
        found = [
            (widget, kind)
            for widget in every
            for kind in KINDS
            if widget.evaluate("(node, css) => node.matches(css)", kind.widget)
        ]
        count = "(node, css) => node.matches(css) + node.querySelectorAll(css).length"
        inside = sum(widget.evaluate(count, FOCUSABLE) for widget, _ in found)
        others = self.root.locator(FOCUSABLE).count() - inside
        assert not others, f"{others} controls are of a kind that this test does not know"
        return found

    def seen(self) -> tuple[str, str]:
        """Return what a person sees change: the picture, and the line of text beside it."""
        picture = self.root.locator(PICTURE)
        return picture.get_attribute("src"), picture.locator("xpath=..").inner_text()

    def check_picture(self) -> None:
        """Check that the browser can decode the picture, and that it has an alt text."""
        picture = self.root.locator(PICTURE)
        assert picture.get_attribute("src").startswith("data:image/png;base64,")
        decode = "async image => { await image.decode(); return image.naturalWidth; }"
        assert picture.evaluate(decode) > 1, "the picture is empty"
        assert picture.get_attribute("alt").strip(), "the picture has no alt text"

    def move_all(self, pictures: Path, name: str) -> dict[str, float]:
        """Tab through the panel and move each control, and keep a picture of each answer.

        Returns:
            Name of each control -> seconds until the panel answered.
        """
        self._take(pictures / f"{name}.png")
        self.page.locator(".jp-Cell", has=self.root).locator(".jp-InputPrompt").click()
        waits = {}
        for control in self.controls:
            self._tab_to(control)
            waits[control.name] = self._move(control)
            self._take(pictures / f"{name}-{_slug(control.name)}.png")
        return waits

    def _take(self, path: Path) -> None:
        self.check_picture()
        self.root.screenshot(path=path)

    def _tab_to(self, control: Control) -> None:
        for _ in range(TABS):
            self.page.keyboard.press("Tab")
            if control.has_focus():
                return
        raise AssertionError(f"Tab does not reach {control.name!r}")

    def _move(self, control: Control) -> float:
        before = self.seen()
        began = time.perf_counter()
        value = control.value()
        for keys in control.kind.keys:
            for key in keys:
                self.page.keyboard.press(key)
            if control.value() != value:
                break
        assert control.value() != value, f"no key moves {control.name!r} from {value!r}"
        while self.seen() == before:
            assert time.perf_counter() - began < ANSWER, (
                f"{control.name!r} moved to {control.value()!r}, and nothing changed in {ANSWER} s"
            )
            self.page.wait_for_timeout(20)
        waited = time.perf_counter() - began
        self._settle()
        return waited

    def _settle(self) -> None:
        """Wait until a move has no more effects, which could be taken for those of the next."""
        end = time.monotonic() + ANSWER
        last = None
        since = time.monotonic()
        while time.monotonic() - since < 0.5:
            assert time.monotonic() < end, "the panel does not come to rest"
            now = self.seen()
            if now != last or self.lesson.state()["kernel"] != "idle":
                last = now
                since = time.monotonic()
            self.page.wait_for_timeout(50)


def _slug(name: str) -> str:
    return re.sub(r"\W+", "-", name.lower()).strip("-")
