"""The command `sim schema`: what an editor needs to complete and check files as they are typed."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from sim import default_engine


class File(StrEnum):
    """Kinds of files that have a schema."""

    EXPERIMENT = "experiment"
    CONFIG = "config"


def schema(
    kind: Annotated[File, typer.Argument(help="Kind of file.")] = File.EXPERIMENT,
    out: Annotated[
        Path | None, typer.Option(help="File to write; printed if left out.", dir_okay=False)
    ] = None,
) -> None:
    """Show the JSON Schema of config or experiment files, for completion in an editor.

    Editors with the YAML language server use it in every file that begins with the line
    `# yaml-language-server: $schema=FILE`.
    """
    import json

    from sim.runs.experiment_config import ExperimentConfig
    from sim.runs.json_schema import config_schema, experiment_schema

    config = default_engine.engine().schema
    is_config = kind is File.CONFIG
    content = config_schema(config) if is_config else experiment_schema(ExperimentConfig, config)
    text = json.dumps(content, indent=2, ensure_ascii=False, allow_nan=False)
    if out is None:
        typer.echo(text)
    else:
        out.write_text(text + "\n", encoding="utf-8", newline="\n")
        typer.echo(f"first line of a file that uses it: # yaml-language-server: $schema={out}")
