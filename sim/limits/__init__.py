"""Limit cases: theory with exact answers that the model's own functions must hit.

Each module holds the settings of one family of cases and `measure`, which runs them through the
functions of `sim.mechanisms`, `sim.metrics` and `sim.start`, and compares with the closed form at
the same parameters. Nothing of the model is written a second time here.
"""
