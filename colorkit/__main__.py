"""Run the command line as `python -m colorkit`."""

import os
import sys

# NumPy reads this when it is imported. Its threads would wait for each other; where other work
# keeps a core busy, that takes ten times as long.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

from .cli import main

sys.exit(main())
