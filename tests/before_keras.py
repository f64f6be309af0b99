"""Settle what must be settled before Keras is imported; `conftest.py` imports this module first."""

import importlib
import os
import warnings

os.environ.setdefault("KERAS_BACKEND", "tensorflow")
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("MPLBACKEND", "Agg")

# Matplotlib 3.10.0 (Colab's) calls names of pyparsing that a newer pyparsing has deprecated. The
# kit can't fix that.
PYPARSING = r"'\w+' (deprecated|argument is deprecated)"
with warnings.catch_warnings():
    warnings.filterwarnings("ignore", PYPARSING, DeprecationWarning)
    importlib.import_module("matplotlib.pyplot")  # Keras imports it too
