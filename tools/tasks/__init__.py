"""The tasks that make offers, for every system: see `python -m tools.tasks`.

This package also starts on a Python that the kit can't use, to say which one to install: it needs
nothing but the standard library, and its syntax is Python 3.8's.
"""
