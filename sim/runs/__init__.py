"""Runs and experiments: from a config file to a results folder, and comparisons of results."""
