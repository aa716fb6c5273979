"""Which file goes where: the folders that CoMSES asks for, below them what a reviewer needs.

CoMSES sorts a model into `code`, `data`, `docs` and `results`; its reviewers ask whether the model
runs with the instructions given, whether a narrative stands alone, and whether the code is clean.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from sim.export.codemeta import codemeta
from sim.export.project import CITATION, Project
from sim.export.readme import readme
from sim.export.results import RECIPES, Results
from sim.runs.folder import MANIFEST

CODE = "code"
ODD = "docs/ODD.md"

CHECKOUT = (
    ".ci",
    "benchmarks",
    "configs",
    "docs",
    "experiments",
    "sim",
    "tests",
    "CHANGELOG.md",
    CITATION,
    "CONTRIBUTING.md",
    "LICENSE",
    "Makefile",
    "README.md",
    "REFERENCES.bib",
    "pyproject.toml",
    "requirements.txt",
)
"""Files and folders of the checkout that make up `code`; what a checkout lacks is left out."""

MEDIA = {
    ".cff": "application/yaml",
    ".csv": "text/csv",
    ".json": "application/json",
    ".md": "text/markdown",
    ".parquet": "application/vnd.apache.parquet",
    ".pdf": "application/pdf",
    ".png": "image/png",
    ".svg": "image/svg+xml",
    ".txt": "text/plain",
    ".yaml": "application/yaml",
}
"""Ending of a file -> its media type."""


@dataclass(frozen=True)
class Item:
    """A file of the export.

    path    where it goes, relative, with forward slashes
    source  file that is copied, or the content itself
    about   what it is, in a few words
    role    "input", "result" or "" as the run used it, made it, or neither
    """

    path: str
    source: Path | str
    about: str
    role: str = ""

    @property
    def media(self) -> str:
        """Media type."""
        return MEDIA.get(Path(self.path).suffix, "text/plain")


def items(results: Results, about: Project, odd: str, notes: str) -> list[Item]:
    """Every described file of the export; the files of `code` are described as a whole.

    odd    text of the ODD document
    notes  what a reader must know of the code that was exported
    """
    licence = Item("LICENSE", about.root / "LICENSE", "licence of code and data")
    return [
        Item("README.md", readme(results, about, notes), "what is here and how to run it"),
        licence,
        Item(CITATION, about.root / CITATION, "how to cite the software"),
        Item("codemeta.json", _json(codemeta(about)), "metadata of the software, CodeMeta 3"),
        Item(ODD, odd, "description of the model in the ODD protocol"),
        *_data(about),
        *(_result(results, name) for name in results.files),
    ]


def code(about: Project) -> Iterator[tuple[str, Path]]:
    """Paths in the export and in the checkout of everything that runs the model again."""
    for name in CHECKOUT:
        top = about.root / name
        paths = [top] if top.is_file() else sorted(top.rglob("*"))
        for path in paths:
            place = path.relative_to(about.root)
            if path.is_file() and not path.is_symlink() and _kept(place):
                yield f"{CODE}/{place.as_posix()}", path


def _kept(place: Path) -> bool:
    """No caches and nothing hidden, but for the scripts that the Makefile calls."""
    hidden = any(part.startswith(".") for part in place.parts[1:])
    return "__pycache__" not in place.parts and not hidden


def _data(about: Project) -> Iterator[Item]:
    """Statistics that the model starts from, beside the code that carries them."""
    for path in sorted((about.root / "sim" / "data").iterdir()):
        if path.suffix in MEDIA:
            kind = "units, years and publishers of all tables" if path.suffix == ".md" else "table"
            yield Item(f"data/{path.name}", path, f"{kind} of input data: {path.stem}", "input")


def _result(results: Results, name: str) -> Item:
    path = results.folder / name
    if name in RECIPES:
        return Item(f"results/{name}", path, "every setting: running it gives the tables", "input")
    if name == MANIFEST:
        text = "versions, platform, commit, and SHA-256 of each table"
    elif path.suffix in (".parquet", ".csv"):
        text = f"output table {path.stem}"
    else:
        text = f"figure {path.stem}" if "figures/" in name else f"output {path.stem}"
    return Item(f"results/{name}", path, text, "result")


def _json(content: object) -> str:
    return json.dumps(content, indent=2, ensure_ascii=False) + "\n"
