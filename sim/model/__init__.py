"""The model: its configuration, the order of events, Mesa views, and what a run records."""
