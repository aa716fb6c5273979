"""What identifies a run: its resolved config, its seed, and the program that ran it."""

from __future__ import annotations

import hashlib
from functools import cache
from pathlib import Path

import sim

PARTS = (".py", ".csv", ".json", ".yaml", ".md")
"""Endings of the files of the package that can change what a run gives, or how it is told."""


@cache
def source_digest() -> str:
    """SHA-256 over the sources and data of the package, names and contents."""
    folder = Path(sim.__file__).resolve().parent
    total = hashlib.sha256()
    for path in sorted(folder.rglob("*")):
        if path.suffix in PARTS and path.is_file():
            name = path.relative_to(folder).as_posix()
            total.update(f"{name}\0".encode())
            total.update(hashlib.sha256(path.read_bytes()).digest())
    return total.hexdigest()


def run_key(config_hash: str, seed: int, program: str) -> str:
    """SHA-256 that a run is stored under: equal keys give equal tables.

    config_hash  SHA-256 of the resolved config
    program      that of what runs it, see `sim.runs.alike.program`
    """
    return hashlib.sha256(f"run {config_hash} {seed} {program}".encode()).hexdigest()


def burn_in_key(config_hash: str, seed: int, until: str, program: str) -> str:
    """SHA-256 that the checkpoint of a burn-in to the end of a quarter is stored under."""
    return hashlib.sha256(f"burn-in {config_hash} {seed} {until} {program}".encode()).hexdigest()
