"""State of a run: column tables, ledger, technology, map, calendar and random streams."""
