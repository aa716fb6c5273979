"""What the commands share at a terminal: errors without traceback, progress bar, tables of text."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from enum import StrEnum
from typing import Any

import typer
from tqdm import tqdm
from typer.core import TyperGroup

from sim.config.errors import ConfigError
from sim.runs.errors import ResultsError

USER_ERROR = 2
"""Exit code when what the user gave cannot be used."""
INTERRUPTED = 130
"""Exit code after Ctrl-C, by the custom of shells."""


class Format(StrEnum):
    """File formats of figures."""

    PNG = "png"
    PDF = "pdf"
    SVG = "svg"


class Commands(TyperGroup):
    """Commands whose user errors end in one message and exit code 2."""

    def invoke(self, ctx: Any) -> Any:
        """Run the command; errors in the program itself keep their traceback."""
        try:
            return super().invoke(ctx)
        except (ConfigError, ResultsError, OSError) as error:
            typer.echo(f"error: {error}", err=True)
            raise typer.Exit(USER_ERROR) from None
        except KeyboardInterrupt:
            typer.echo("stopped by SIGINT", err=True)
            raise typer.Exit(INTERRUPTED) from None


@contextmanager
def progress_bar(
    unit: str, *, quiet: bool, anywhere: bool = False
) -> Iterator[Callable[[int, int], None]]:
    """Bar with remaining time on stderr; nothing if `quiet` or if stderr is no terminal.

    unit      what is counted, e.g. "quarter"
    anywhere  show it without a terminal too, as in a notebook
    """
    disable = quiet or (False if anywhere else None)
    with tqdm(unit=f" {unit}", disable=disable, dynamic_ncols=True) as bar:

        def show(done: int, total: int) -> None:
            bar.total = total
            bar.update(done - bar.n)

        yield show


def aligned(header: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Rows under their header, columns lined up by two spaces, the last one unpadded."""
    lines = [list(header), *(list(row) for row in rows)]
    widths = [max(len(line[column]) for line in lines) for column in range(len(header))]
    text = []
    for line in lines:
        cells = [cell.ljust(width) for cell, width in zip(line, widths, strict=True)]
        text.append("  ".join(cells).rstrip())
    return "\n".join(text)
