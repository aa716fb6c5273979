"""Mechanisms: one module each, with its parameters, equations and the change of the world."""
