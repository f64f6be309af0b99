"""Small notebooks on which the harness itself is tested: a panel, sound or with one defect."""

import nbformat

PANEL = """
import base64
import io

import ipywidgets
from matplotlib.figure import Figure

controls = [
    # at its end: only ArrowLeft moves it
    ipywidgets.IntSlider(value=5, min=1, max=5, description="epochs"),
    ipywidgets.SelectionSlider(value=0.1, options=[0.01, 0.1, 1.0], description="learning rate"),
    ipywidgets.FloatSlider(value=0.2, min=0.0, max=0.6, step=0.1, description="dropout"),
    ipywidgets.Dropdown(value="conv", options=["dense", "conv"], description="head"),
    ipywidgets.Checkbox(value=False, description="fine-tune"),
]
button = ipywidgets.Button(description="again")
pressed = []
page = ipywidgets.HTML()


def draw(event=None):
    values = [control.value for control in controls]
    figure = Figure(figsize=(4, 2), layout="constrained")
    axes = figure.subplots()
    axes.bar(range(3), values[:3])
    axes.set_title(f"head {values[3]}, fine-tune {values[4]}")
    data = io.BytesIO()
    figure.savefig(data, format="png")
    picture = base64.b64encode(data.getvalue()).decode()
    source = f"data:image/png;base64,{picture}"
    image = f'<img class="colorkit-picture" alt="three bars" src="{source}">'
    page.value = f"{image}<p>{values} {len(pressed)}</p>"


def press(event):
    pressed.append(1)
    draw()


for control in controls:
    control.observe(draw, names="value")
button.on_click(press)
draw()
panel = ipywidgets.VBox([*controls, button, page])
panel.add_class("colorkit-panel")
panel
"""
DEAD = 'controls[2].unobserve(draw, names="value")'  # a slider that changes nothing
UNREACHABLE = "controls[3].disabled = True"
UNKNOWN = "panel.children = [*panel.children, ipywidgets.Textarea()]"
NO_PICTURE = 'page.value = "words only"'
NAMELESS = 'controls[0].description = ""'
TWICE = "display(panel)"
NOT_SHOWN = 'display(ipywidgets.HTML(_view_name="NoSuchView"))'
COMPLAINS = """
from IPython.display import Javascript

Javascript("console.error('all is not well')")
"""
THROWS = """
from IPython.display import Javascript

Javascript("setTimeout(() => { throw new Error('thrown later') })")
"""
ELSEWHERE = """
from IPython.display import HTML

HTML('<img src="https://example.org/a.png">')
"""
DIES = "import os\n\nos._exit(1)"
FAILS = "1 / 0"
ENDLESS = "while True:\n    pass"
ASKS = 'input("your name?")'


def sample(*more: str) -> nbformat.NotebookNode:
    """Make a notebook with the panel and one more cell for each text."""
    return notebook(PANEL, *more)


def notebook(*sources: str) -> nbformat.NotebookNode:
    """Make a notebook with a heading and a cell for each text.

    It names its kernel, or JupyterLab would ask for one.
    """
    cells = [nbformat.v4.new_code_cell(source.strip()) for source in sources]
    kernel = {"kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"}}
    return nbformat.v4.new_notebook(
        cells=[nbformat.v4.new_markdown_cell("# A panel"), *cells], metadata=kernel
    )
