"""The commands `sim export` and `sim odd`: results for an archive, the model as a document."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


def export(
    folder: Annotated[Path, typer.Argument(help="Results folder of a run or an experiment.")],
    out: Annotated[Path, typer.Option(help="Folder to write; new, empty, or an earlier export.")],
    archive: Annotated[
        bool, typer.Option("--zip", help="Pack the export into archive.zip too.")
    ] = False,
    agent: Annotated[
        str, typer.Option(help="Who ran the model; the authors of sim if left out.")
    ] = "",
    orcid: Annotated[
        str, typer.Option(help="ORCID of that person, e.g. 0000-0002-1825-0097.")
    ] = "",
) -> None:
    """Write results, code, data and the ODD document as CoMSES asks for them, as an RO-Crate.

    OUT gets code/, data/, docs/ and results/, with README.md, CITATION.cff, codemeta.json and
    LICENSE; ro-crate-metadata.json (Process Run Crate) says what was made from what, and
    checksums.sha256 guards every file. Nothing is written outside OUT.
    """
    from sim.export.people import person
    from sim.runs.errors import ResultsError

    try:
        from sim.export.archive import export_results
    except ModuleNotFoundError as error:
        if error.name != "rocrate":
            raise
        raise ResultsError("an export needs rocrate: pip install 'sim[crate]'") from None
    notes = export_results(folder, out, agent=person(agent, orcid), archive=archive)
    for note in notes:
        typer.echo(f"note: {note}", err=True)
    typer.echo(f"export in {out}")


def odd(
    out: Annotated[
        Path | None, typer.Option(help="File to write; the document is printed if left out.")
    ] = None,
) -> None:
    """Print the ODD document (Grimm et al. 2020): its tables come from the model itself."""
    from sim.export.odd import odd as document

    if out is None:
        typer.echo(document(), nl=False)
    else:
        out.parent.mkdir(parents=True, exist_ok=True)
        out.write_text(document(), encoding="utf-8", newline="\n")
        typer.echo(str(out))
