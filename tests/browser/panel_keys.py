"""A lesson's panel, moved from the keyboard as a person without a mouse does it: Tab to a control, a key to change it, and look."""

import re
import time
from dataclasses import dataclass
from pathlib import Path

from lesson_page import LessonPage
from playwright.sync_api import Locator

PANEL, PICTURE = ".colorkit-panel", "img.colorkit-picture"
ANSWER = 30  # seconds in which the kernel draws anew
TABS = 40  # from one control to the next; a slider's number is a stop too, and so are the cell's buttons


@dataclass(frozen=True)
class Kind:
    """A kind of control.

    Attributes:
        widget: what is one, a CSS selector.
        handle: what has the focus, within it.
        label: what names it, within it.
        value: a JavaScript function of the handle and the widget.
        keys: what may change it: the first that does is taken, as a control may stand at an end.
    """

    widget: str
    handle: str
    label: str
    value: str
    keys: tuple[tuple[str, ...], ...]


# JupyterLab takes the arrow keys from a list that is closed (jupyter-widgets/ipywidgets issue 3912): Space opens it, then they are its own
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
        "handle => String(handle.presses ??= (handle.addEventListener('click', () => handle.presses++), 0))",  # how often it was pressed
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

    def __init__(self, widget: Locator, kind: Kind):
        self.kind, self.widget, self.handle = kind, widget, widget.locator(kind.handle)
        label = widget.locator(kind.label)
        self.name = (
            label.inner_text().strip() if label.is_visible() else ""
        )  # a hidden label keeps its old words

    def value(self) -> str:
        """What it shows now."""
        return self.handle.evaluate(
            f"handle => ({self.kind.value})(handle, handle.closest('{self.kind.widget}'))"
        )

    def has_focus(self) -> bool:
        return self.handle.evaluate("handle => handle === document.activeElement")


class PanelKeys:
    """The one panel of a notebook that has run."""

    def __init__(self, lesson: LessonPage):
        self.lesson, self.page, self.root = lesson, lesson.page, lesson.page.locator(PANEL)
        assert self.root.count() == 1, f"{self.root.count()} panels, needed 1"
        assert self.root.locator(PICTURE).count() == 1, (
            f"{self.root.locator(PICTURE).count()} pictures in the panel, needed 1"
        )
        self.controls = [Control(widget, kind) for widget, kind in self._widgets()]
        assert self.controls, "the panel has no control"
        names = [control.name for control in self.controls]
        assert all(names), f"a control without a description: {names}"
        assert len(set(names)) == len(names), f"two controls of one description: {names}"

    def _widgets(self) -> list[tuple[Locator, Kind]]:
        """The controls, in the page's order; none that can't be moved here."""
        every = self.root.locator(", ".join(kind.widget for kind in KINDS)).all()
        found = [
            (widget, kind)
            for widget in every
            for kind in KINDS
            if widget.evaluate("(node, css) => node.matches(css)", kind.widget)
        ]
        count = "(node, css) => node.matches(css) + node.querySelectorAll(css).length"
        inside = sum(widget.evaluate(count, FOCUSABLE) for widget, _ in found)
        everywhere = self.root.locator(FOCUSABLE).count()
        assert inside == everywhere, (
            f"{everywhere - inside} controls of the panel are of a kind that this test does not know"
        )
        return found

    def seen(self) -> tuple[str, str]:
        """What a person sees change: the picture, and the line of text beside it."""
        picture = self.root.locator(PICTURE)
        return picture.get_attribute("src"), picture.locator("xpath=..").inner_text()

    def check_picture(self) -> None:
        """The picture is one that the browser could decode, and it is described."""
        picture = self.root.locator(PICTURE)
        assert picture.get_attribute("src").startswith("data:image/png;base64,")
        assert (
            picture.evaluate("async image => { await image.decode(); return image.naturalWidth; }")
            > 1
        ), "the picture is empty"
        assert picture.get_attribute("alt").strip(), "the picture has no alt text"

    def move_all(self, pictures: Path, name: str) -> dict[str, float]:
        """Tab through the panel and move each control; seconds until each was answered. A picture of the panel is kept for each."""
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
        before, began = self.seen(), time.perf_counter()
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
        """Wait until nothing more comes of a move, lest it be taken for an answer to the next."""
        end, last, since = time.monotonic() + ANSWER, None, time.monotonic()
        while time.monotonic() - since < 0.5:
            assert time.monotonic() < end, "the panel does not come to rest"
            now = self.seen()
            if now != last or self.lesson.state()["kernel"] != "idle":
                last, since = now, time.monotonic()
            self.page.wait_for_timeout(50)


def _slug(name: str) -> str:
    return re.sub(r"\W+", "-", name.lower()).strip("-")
