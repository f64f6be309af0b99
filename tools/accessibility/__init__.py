"""Find what keeps people from reading a lesson or a guide: `python -m tools.accessibility`."""
