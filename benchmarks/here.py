"""Let the benchmarks import the package of the checkout that they are in, installed or not.

Each benchmark imports this module before `colorkit`. It imports nothing of the package itself: the
environment in which PyTorch is measured has only NumPy.
"""

import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))
