"""The batch script of an experiment as a SLURM job array: a shard each, then all together."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from pydantic_core import PydanticCustomError

from sim.runs.errors import ResultsError
from sim.runs.folder import write_text
from sim.runs.slurm_config import DIRECTIVE, LINE, MEMORY, NAME, TIME, Form, checked

MARK = "#SBATCH --array="
"""What a script of this kind holds, by which it is known."""

USAGE = """\
job=$(sbatch --parsable {script})
sbatch --array=0 --dependency=afterok:"$job" {script}"""

TEMPLATE = """\
#!/usr/bin/env bash
# Experiment {file} in {shards} shards, each a task of one core.
#
{usage}
#
# The second line makes task 0, which puts the shards together when all are done. A shard that was
# cancelled or ran out of time goes on from its finished runs: sbatch --array=3,7 {script}
#
#SBATCH --job-name={name}
{mark}1-{shards}
#SBATCH --ntasks=1
#SBATCH --cpus-per-task=1
{directives}
#SBATCH --signal=B:TERM@60
#SBATCH --output={name}-%A_%a.out
#SBATCH --open-mode=append
set -e
cd {folder}
{prologue}
if [ "$SLURM_ARRAY_TASK_ID" -eq 0 ]; then
    exec {python} -m sim merge {out}
fi
exec {python} -m sim experiment {file} --out {out} \\
    --shard "$SLURM_ARRAY_TASK_ID/{shards}" --jobs 1 --quiet{options}
"""


@dataclass(frozen=True)
class JobArray:
    """A job array.

    file        experiment
    out         results folder
    folder      folder that these two are relative to
    python      interpreter that has the package
    name        of the experiment
    shards      parts that the experiment is done in
    time        longest time of a task, as SLURM writes it
    memory      memory of a task, e.g. 2G
    script      what the script will be called
    partition, account  None for the default ones
    directives  further options of sbatch, e.g. --constraint=haswell
    prologue    lines of shell before a task
    max_runs    runs that are allowed, whatever the file says; None for what it says
    """

    file: Path
    out: Path
    folder: Path
    python: Path
    name: str
    shards: int
    time: str
    memory: str
    script: Path
    partition: str | None = None
    account: str | None = None
    directives: Sequence[str] = ()
    prologue: Sequence[str] = ()
    max_runs: int | None = None

    def text(self) -> str:
        """The whole script.

        raises ResultsError : an option is none of SLURM, or a path holds a sign like a line break
        """
        return TEMPLATE.format(
            **{name: self._path(name) for name in ("file", "out", "folder", "python", "script")},
            usage="\n".join(f"#   {line}" for line in self.usage().splitlines()),
            name=re.sub(r"[^A-Za-z0-9_.-]", "_", self.name),
            mark=MARK,
            shards=self.shards,
            directives="\n".join(f"#SBATCH {line}" for line in self._directives()),
            prologue="".join(f"{_fit('prologue', line, LINE)}\n" for line in self.prologue),
            options=f" --max-runs {self.max_runs}" if self.max_runs else "",
        )

    def usage(self) -> str:
        """Two lines of shell: do the shards, then put them together."""
        return USAGE.format(script=self._path("script"))

    def write(self, path: Path) -> None:
        """Write the script.

        raises ResultsError : the file cannot be written, or is something else than such a script
        """
        text = self.text()
        if path.exists() and MARK not in path.read_text(encoding="utf-8", errors="replace"):
            raise ResultsError(f"--script {path}: exists and is no such script; name another file")
        write_text(path, text)

    def _path(self, name: str) -> str:
        """A path as a word of shell."""
        path = str(getattr(self, name))
        if not path.isprintable():
            raise ResultsError(f"{path!r}: the name cannot stand in a script; choose another")
        return shlex.quote(path)

    def _directives(self) -> Iterator[str]:
        """Options of sbatch that the user may choose."""
        yield f"--time={_fit('time', self.time, TIME)}"
        yield f"--mem={_fit('mem', self.memory, MEMORY).rstrip('iB')}"
        if self.partition is not None:
            yield f"--partition={_fit('partition', self.partition, NAME)}"
        if self.account is not None:
            yield f"--account={_fit('account', self.account, NAME)}"
        for line in self.directives:
            yield _fit("directive", line, DIRECTIVE)


def _fit(option: str, text: str, form: Form) -> str:
    """The text of an option, if it has the form."""
    try:
        return checked(text, form)
    except PydanticCustomError as error:
        raise ResultsError(f"--{option}: {error.message()}") from None
