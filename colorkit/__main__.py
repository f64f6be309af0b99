"""Run the command line as `python -m colorkit`."""

import logging
import os
import sys

# NumPy reads this when it is imported. Its threads would wait for each other; where other work
# keeps a core busy, that takes ten times as long.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
# Pictures go to files; a notebook's backend, inherited by its shell, may not exist here.
os.environ["MPLBACKEND"] = "Agg"
# It would say where it keeps its cache if the home folder can't be written.
logging.getLogger("matplotlib").setLevel(logging.ERROR)

try:
    from .cli import main

    status = main()
except KeyboardInterrupt:  # the import alone takes a moment
    print("colorkit: stopped before it began", file=sys.stderr)
    status = 1
except ModuleNotFoundError as bad:  # of the import; what main() meets, it says itself
    from .machine.packages import explain

    print(f"colorkit: {explain(bad)}", file=sys.stderr)
    status = 1
sys.exit(status)
