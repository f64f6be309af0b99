"""What docs/metrics.md says of grey and the mean color is what the lines on the page print."""

import re

import pytest
from helpers import KIT

pytestmark = pytest.mark.newest

PAGE = (KIT / "docs" / "metrics.md").read_text(encoding="utf-8")


@pytest.mark.slow
@pytest.mark.usefixtures("full_home")
def test_the_page_s_lines_print_its_table(capsys):
    (block,) = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)
    exec(compile(block, "docs/metrics.md", "exec"), {})
    printed = [line for line in capsys.readouterr().out.splitlines() if line.startswith("|")]
    head = "| metric | grey | mean color | mean color given L | the truth |\n"
    rule = "|---|---:|---:|---:|---:|\n"
    table = PAGE.split(head + rule)[1].split("\n\n")[0].splitlines()
    assert printed == table
