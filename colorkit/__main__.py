"""`python -m colorkit`."""

import os
import sys

# before NumPy comes: its threads would wait for each other, and where other work has a core that takes ten times as long
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

from .cli import main

sys.exit(main())
