"""Compare what the report claims with what the kit measures. `python -m tools.ledger --help`."""
