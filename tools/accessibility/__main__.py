"""List every problem of every lesson and guide: `python -m tools.accessibility`.

The exit status is 1 if there is a problem.
"""

import sys

from . import pages, rules

problems = [problem for path in pages.standard() for problem in rules.problems(pages.read(path))]
print("\n".join(problems) or "no problems")
sys.exit(bool(problems))
