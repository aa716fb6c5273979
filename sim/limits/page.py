"""The page of limit cases: one table per limit, its source in words, and the pictures."""

from __future__ import annotations

import inspect
from collections.abc import Iterable, Sequence
from pathlib import Path

from sim.figures import style
from sim.limits.base import Row
from sim.limits.catalogue import LIMITS
from sim.limits.pictures import PICTURES
from sim.limits.run import settings

PAGE = "verification.md"
SMALL = 1e-12
"""Errors below are not told apart: they are rounding and differ between machines."""

HEAD = """# Verification: the model against theory

Written by `make verification`; do not edit. Every case runs through the model's own functions
(market solver, migration, adoption, compute market, planning, matching, metrics, ...) with the
settings in [`configs/limits/`](../configs/limits/). The exact value is computed from the
formula at the same parameters, which can be changed:

```
sim limits L3 --set footloose_entrepreneur.share=0.3
```

A tolerance of 1e-9 is relative and stands for rounding; thresholds are found by bisection on the
growth of a small perturbation (1e-4); Monte-Carlo cases pass within four standard errors.

What is *not* covered: the limits hold the parts of the model to theory, one at a time, and the
market together with moves of people or capital. That provinces which are alike stay alike in
the *full* model is tested in `tests/test_symmetry.py` (`configs/symmetric.yaml`).
"""


def write(rows: Sequence[tuple[str, Row]], folder: Path) -> Path:
    """Write the page and its pictures below a folder.

    rows     name of the limit, and row
    returns  path of the page
    """
    (folder / "figures").mkdir(parents=True, exist_ok=True)
    parts = [HEAD, *summary(rows)]
    for name in dict(rows):
        own = [row for limit, row in rows if limit == name]
        parts += [f"\n## {', '.join(LIMITS[name].ids)}: {name.replace('_', ' ')}\n", source(name)]
        if name in PICTURES:
            parts.append(picture(name, folder))
        parts += table(own)
    path = folder / PAGE
    path.write_text("\n".join(parts) + "\n", encoding="utf-8")
    return path


def summary(rows: Sequence[tuple[str, Row]]) -> list[str]:
    """How many rows agree."""
    agree = sum(row.ok for _, row in rows)
    return [f"**{agree} of {len(rows)} comparisons agree.**"]


def source(name: str) -> str:
    """What the module of a limit says of it."""
    text = inspect.getdoc(inspect.getmodule(LIMITS[name].measure)) or ""
    return f"```text\n{text}\n```\n"


def picture(name: str, folder: Path) -> str:
    """Draw the picture of a limit; returns the line that shows it."""
    stem, draw = PICTURES[name]
    with style.applied():
        figure = draw(settings(name))
        figure.set_dpi(110)
    style.save(figure, folder / "figures" / f"{stem}.png")
    return f"![{name.replace('_', ' ')}](figures/{stem}.png)\n"


def table(rows: Iterable[Row]) -> list[str]:
    """Rows as a table in Markdown."""
    lines = [
        "| case | what | model | exact | error | tolerance | |",
        "|---|---|---:|---:|---:|---:|---|",
    ]
    for row in rows:
        error = f"{row.error:.1e}" if row.error >= SMALL else "< 1e-12"
        what = row.name.replace("|", "\\|")
        model = 0.0 if row.absolute and row.error < SMALL else row.model
        lines.append(
            f"| {row.id} | {what} | {model:.8g} | {row.exact:.8g} | {error} "
            f"| {row.tolerance:.1e} | {'ok' if row.ok else '**fails**'} |"
        )
    return lines
