"""Other parameters for each limit case: a test that only holds at one place holds by chance."""

ELSEWHERE = [
    ("matching", ("matching.separation=0.05", "matching.finding=0.4", "step=[0.5]")),
]
"""Name of a limit, and overrides of its settings."""
