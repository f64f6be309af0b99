"""Finds what keeps a lesson or a guide from being read by everyone: `python -m tools.accessibility`."""
