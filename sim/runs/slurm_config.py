"""What can be said about SLURM jobs, in a file for `--cluster` or as options of `sim sbatch`."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Annotated, NamedTuple

from pydantic import AfterValidator

from sim.config.base import Config, misfit, param
from sim.config.document import read
from sim.config.load import validate

_CHOICE = "choice of the user"


class Form(NamedTuple):
    """How a text must look that ends in a script.

    pattern  regular expression for the whole of it
    allowed  the same in words
    """

    pattern: str
    allowed: str


TIME = Form(r"(\d+-)?\d+(:\d\d){0,2}", "minutes, hours:minutes:seconds or days-hours:minutes")
MEMORY = Form(r"[1-9]\d*[KMGT](i?B)?", "a whole number and K, M, G or T, e.g. 2G")
NAME = Form(r"[\w.:@+-]+", "letters, digits and . : @ + - _")
PLACE = Form(r"[\w.:@+/~-]+", "letters, digits and . : @ + / ~ - _, no spaces")
LINE = Form(r"[^\r\n\0]+", "one line")
DIRECTIVE = Form(r"-[^\r\n\0]+", "one option of sbatch, e.g. --constraint=haswell")


def checked(text: str, form: Form) -> str:
    """The text itself, if it has the form.

    raises PydanticCustomError : it has not
    """
    if re.fullmatch(form.pattern, text) is None:
        raise misfit(f"must be {form.allowed} (got {text!r})")
    return text


def _check(form: Form) -> AfterValidator:
    return AfterValidator(lambda text: checked(text, form))


class SlurmConfig(Config):
    """SLURM jobs that do the runs: each holds worker processes of one core."""

    interface: Annotated[str, _check(NAME)]
    """Network interface of the nodes on which workers listen, e.g. ib0; no other is used."""
    jobs: int = param(1, unit="jobs", source=_CHOICE, ge=1, le=10_000)
    """SLURM jobs that are kept going; one that ends is asked for anew."""
    processes: int = param(1, unit="processes per job", source=_CHOICE, ge=1, le=1024)
    """Worker processes of a job, one core each."""
    memory: Annotated[str, _check(MEMORY)] = "2G"
    """Memory of a job, shared by its processes."""
    walltime: Annotated[str, _check(TIME)] = "01:00:00"
    """Longest time of a job; a run that is cut off begins again in the next one."""
    queue: Annotated[str, _check(NAME)] | None = None
    """Partition; the default one if left out."""
    account: Annotated[str, _check(NAME)] | None = None
    """Account that is charged."""
    host: Annotated[str, _check(NAME)] | None = None
    """Address of this machine that the nodes reach; that of `interface` if left out."""
    port: int = param(0, unit="port", source=_CHOICE, ge=0, le=65535)
    """Port of the Dask scheduler; 0 for any that is free."""
    patience: float = param(600.0, unit="seconds", source=_CHOICE, gt=0)
    """Longest wait for the first job to begin."""
    prologue: tuple[Annotated[str, _check(LINE)], ...] = ()
    """Lines of shell before a worker starts, e.g. `module load python`."""
    directives: tuple[Annotated[str, _check(DIRECTIVE)], ...] = ()
    """Further directives of the job, e.g. `--constraint=haswell`."""
    log_folder: Annotated[str, _check(PLACE)] = "slurm-logs"
    """Folder for what jobs print, relative to where the command is called."""


def is_cluster(path: Path) -> bool:
    """Whether a file describes SLURM jobs: it lies in a folder `clusters`."""
    return path.resolve().parent.name == "clusters"


def load_cluster(path: Path) -> SlurmConfig:
    """SLURM jobs that a file describes.

    raises ConfigError : it cannot be used
    """
    document = read(path)
    return validate(document.values, SlurmConfig, document.where)
