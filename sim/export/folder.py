"""The folder of an export: claimed without harm, filled whole or not at all, packed as a zip."""

from __future__ import annotations

import shutil
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath

from sim.runs.errors import ResultsError
from sim.runs.folder import sha256

CHECKSUMS = "checksums.sha256"
"""SHA-256 of every file, as `sha256sum -c` reads it; written last, so it marks a whole export."""

ARCHIVE = "archive.zip"
"""The export in one file, beside the files themselves."""

_STAGE = ".sim-export.part"
_EPOCH = (1980, 1, 1, 0, 0, 0)


@contextmanager
def staged(folder: Path) -> Iterator[Path]:
    """Folder to fill; it becomes the content of `folder` when the block ends without error.

    raises ResultsError : `folder` holds files that no export wrote or that were changed since, or
                          cannot be written
    """
    old = earlier(folder)
    stage = folder / _STAGE
    try:
        folder.mkdir(parents=True, exist_ok=True)
        shutil.rmtree(stage, ignore_errors=True)
        stage.mkdir()
    except OSError as error:
        raise ResultsError(f"{folder}: cannot write there: {error.strerror}") from None
    try:
        yield stage
        _replace(folder, stage, old)
    finally:
        shutil.rmtree(stage, ignore_errors=True)


def earlier(folder: Path) -> list[str]:
    """Files of an earlier export in `folder`; empty if the folder is new or empty.

    raises ResultsError : it holds something else, or the export was changed by hand
    """
    if folder.exists() and not folder.is_dir():
        raise ResultsError(f"{folder}: is a file, not a folder")
    present = {each.name for each in folder.iterdir()} if folder.is_dir() else set()
    if not present - {_STAGE}:
        return []
    listed = read_checksums(folder)
    if listed is None:
        raise ResultsError(
            f"{folder}: is not empty and no export of sim (it holds no {CHECKSUMS}); "
            "choose another folder with --out"
        )
    for name, digest in listed.items():
        path = folder / name
        if path.exists() and sha256(path) != digest:
            raise ResultsError(
                f"{path}: was changed since it was exported and will not be overwritten; "
                "move it away, or choose another folder with --out"
            )
    # a link to a folder is followed by none of these, and is strange
    own = [name for name in (*listed, CHECKSUMS, ARCHIVE) if (folder / name).exists()]
    strange = _files(folder) - set(own)
    if strange:
        raise ResultsError(
            f"{folder}: holds {', '.join(sorted(strange)[:3])}, not written by an export; "
            "move it away, or choose another folder with --out"
        )
    return own


def read_checksums(folder: Path) -> dict[str, str] | None:
    """Relative path -> SHA-256 of the files of an export; None if `folder` is none."""
    path = folder / CHECKSUMS
    if path.is_symlink() or not path.is_file():
        return None
    found = {}
    for line in path.read_text(encoding="utf-8").splitlines():
        digest, _, name = line.partition("  ")
        place = PurePosixPath(name)
        if not name or place.is_absolute() or ".." in place.parts:
            return None
        found[name] = digest
    return found


def write_checksums(folder: Path) -> None:
    """List the SHA-256 of every file below `folder`."""
    lines = [f"{sha256(folder / name)}  {name}\n" for name in sorted(_files(folder))]
    (folder / CHECKSUMS).write_text("".join(lines), encoding="utf-8", newline="\n")


def pack(folder: Path, path: Path) -> None:
    """Pack `folder` into the zip `path`: the same files give the same bytes.

    Nothing is compressed, since deflated bytes differ between versions of zlib; tables are
    compressed in themselves. Folders have entries too: an RO-Crate names one.
    """
    names = _files(folder) - {path.name}
    folders = {f"{above}/" for name in names for above in PurePosixPath(name).parents}
    with zipfile.ZipFile(path, "w", zipfile.ZIP_STORED) as archive:
        for name in sorted(names | folders - {"./"}):
            entry = zipfile.ZipInfo(name, _EPOCH)
            entry.create_system = 3  # Unix: otherwise it tells the system it was packed on
            entry.external_attr = (0o40755 if entry.is_dir() else 0o100644) << 16
            if entry.is_dir():
                archive.writestr(entry, b"")
                continue
            with (folder / name).open("rb") as source, archive.open(entry, "w") as target:
                shutil.copyfileobj(source, target)


def _files(folder: Path) -> set[str]:
    """Relative paths of all files and links below `folder`, those being staged apart."""
    paths = (each for each in folder.rglob("*") if each.is_symlink() or not each.is_dir())
    names = (each.relative_to(folder) for each in paths)
    return {name.as_posix() for name in names if name.parts[0] != _STAGE}


def _replace(folder: Path, stage: Path, old: list[str]) -> None:
    """Put what is staged in the place of the earlier export; the checksums go first, come last."""
    for name in sorted(old, key=lambda each: each != CHECKSUMS):
        (folder / name).unlink()
    for path in sorted(folder.rglob("*"), reverse=True):
        if (
            path.is_dir()
            and path != stage
            and stage not in path.parents
            and not any(path.iterdir())
        ):
            path.rmdir()
    for name in sorted(_files(stage), key=lambda each: (each == CHECKSUMS, each)):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (stage / name).replace(folder / name)
