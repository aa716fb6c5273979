"""README.md of an export: what is there, what made it, and how to run it again."""

from __future__ import annotations

from sim.export.project import Project
from sim.export.results import Results

_TEXT = """# {title}

Results `{name}` of the agent-based model *sim*, version {version}, with everything needed to check
them and to run them again.

| folder | holds |
|---|---|
| `code/` | the model (Python package `sim`), its tests, configurations and pinned packages |
| `data/` | the statistics the model starts from; sources in `data/SOURCES.md` |
| `docs/` | `ODD.md`: the model in the ODD protocol (Grimm et al. 2020), complete without the code |
| `results/` | the tables and figures, and `{recipe}`, which holds every setting |

`CITATION.cff` and `codemeta.json` describe the software, `ro-crate-metadata.json` says which file
was made from which (RO-Crate 1.1, Process Run Crate 0.5), `checksums.sha256` guards all files:
`sha256sum -c checksums.sha256`.

## Run it again

With Python {python}, in this folder:

```
python3 -m venv environment
. environment/bin/activate
pip install --require-hashes -r code/requirements.txt
pip install --no-deps --no-build-isolation -e code
{command} --out again
```

The tables in `again/` are those in `results/`, byte for byte, where `results/manifest.json` names
the same versions; `sha256sum results/*.parquet again/*.parquet` compares them. A first look that
ends in seconds: `sim run code/configs/toy.yaml --out look`. The tests: `pytest` in `code/`.

## What made the results

- software: sim {made}{commit}
- seeds: {seeds}
- Python {made_python} on {system}
- finished: {finished}
{failed}{notes}
## Licence and citation

{licence}, see `LICENSE`. Cite as `CITATION.cff` says, with the version and the commit above.
"""


def readme(results: Results, about: Project, notes: str) -> str:
    """Text of the README; `notes` are lines for the list of what made the results."""
    manifest = results.manifest
    git = manifest.get("git") or {}
    failed = results.failed
    seeds = [str(each) for each in manifest["seeds"]]
    shown = ", ".join(seeds) if len(seeds) < 10 else f"{seeds[0]} to {seeds[-1]} ({len(seeds)})"  # noqa: PLR2004
    return _TEXT.format(
        title=about.citation["title"],
        name=results.name,
        version=manifest["version"],
        recipe=results.recipe,
        python=about.python,
        command=results.command.replace(results.recipe, f"results/{results.recipe}"),
        made=manifest["version"],
        commit=f", commit {git['commit']}" if git else "",
        seeds=shown,
        made_python=manifest["python"],
        system=manifest["platform"]["system"],
        finished=results.finished.isoformat(),
        failed=f"- runs that failed: {failed}, see `results/runs.parquet`\n" if failed else "",
        notes=notes,
        licence=about.licence,
    )
