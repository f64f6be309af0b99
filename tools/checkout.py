"""Let the tools import the package of the checkout that they are in, installed or not.

Each tool imports this module before `colorkit`. It is the only one that touches `sys.path`.
"""

import sys
from pathlib import Path

KIT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(KIT))
