"""The ledger: what the report claims, and what the kit measures. `python -m tools.ledger --help`."""
