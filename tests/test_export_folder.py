"""The folder of an export: nobody's files are harmed, and the same content is the same bytes."""

from __future__ import annotations

import os
import shutil
import tempfile
import zipfile
from pathlib import Path

import pytest
import typer
from hypothesis import given, settings
from hypothesis import strategies as st
from typer.testing import CliRunner

from sim.export.archive import export_results
from sim.export.command import export, odd
from sim.export.folder import (
    ARCHIVE,
    CHECKSUMS,
    earlier,
    pack,
    read_checksums,
    staged,
    write_checksums,
)
from sim.export.results import open_results
from sim.runs.errors import ResultsError
from sim.runs.folder import sha256
from sim.terminal import Commands
from tests import archived_results


@pytest.fixture
def results(tmp_path):
    return archived_results.write(tmp_path / "tiny")


@pytest.fixture
def out(tmp_path):
    """A small folder that an export wrote."""
    fill(tmp_path / "out", {"README.md": b"read me", "docs/ODD.md": b"odd"})
    return tmp_path / "out"


def fill(folder: Path, files: dict[str, bytes]) -> None:
    with staged(folder) as stage:
        for name, content in files.items():
            (stage / name).parent.mkdir(parents=True, exist_ok=True)
            (stage / name).write_bytes(content)
        write_checksums(stage)


def content(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file()
    }


def test_an_export_replaces_an_earlier_one_and_leaves_nothing_of_it(out):
    fill(out, {"docs/new.md": b"new"})
    assert set(content(out)) == {"docs/new.md", CHECKSUMS}
    fill(out, {"README.md": b"read me"})
    assert {path.name for path in out.iterdir()} == {"README.md", CHECKSUMS}


def test_a_folder_that_is_not_empty_is_refused(tmp_path):
    (tmp_path / "thesis.tex").write_text("years of work")
    with pytest.raises(ResultsError, match=r"not empty and no export"), staged(tmp_path):
        pass
    assert {path.name for path in tmp_path.iterdir()} == {"thesis.tex"}


def test_files_added_or_changed_by_hand_are_not_overwritten(out):
    (out / "docs" / "ODD.md").write_bytes(b"improved by hand")
    with pytest.raises(ResultsError, match=r"ODD\.md: was changed since"):
        fill(out, {"docs/ODD.md": b"odd"})
    assert (out / "docs" / "ODD.md").read_bytes() == b"improved by hand"
    (out / "docs" / "ODD.md").write_bytes(b"odd")
    (out / "mine.txt").write_bytes(b"mine")
    with pytest.raises(ResultsError, match=r"holds mine\.txt, not written by an export"):
        fill(out, {"docs/ODD.md": b"odd"})
    assert (out / "mine.txt").read_bytes() == b"mine"


def test_a_file_in_the_place_of_the_folder_is_refused(tmp_path):
    (tmp_path / "out").write_text("a file")
    with pytest.raises(ResultsError, match="is a file"):
        earlier(tmp_path / "out")


def test_an_export_that_fails_leaves_the_earlier_one_as_it_was(out):
    before = content(out)
    with pytest.raises(FileExistsError):
        fill(out, {"half": b"half", "half/of.txt": b"no"})
    assert content(out) == before


def test_what_an_interrupted_export_left_is_cleared_away(tmp_path):
    (tmp_path / "out" / ".sim-export.part").mkdir(parents=True)
    (tmp_path / "out" / ".sim-export.part" / "half.txt").write_text("half")
    fill(tmp_path / "out", {"README.md": b"read me"})
    assert set(content(tmp_path / "out")) == {"README.md", CHECKSUMS}


def test_links_and_checksums_that_lead_outside_are_refused(tmp_path, out):
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "ODD.md").write_bytes(b"odd")
    shutil.rmtree(out / "docs")
    (out / "docs").symlink_to(outside)
    with pytest.raises(ResultsError):
        fill(out, {"docs/ODD.md": b"new"})
    (out / "docs").unlink()
    digest = sha256(outside / "ODD.md")
    (out / CHECKSUMS).write_text(f"{digest}  ../outside/ODD.md\n")
    with pytest.raises(ResultsError, match="no export"):
        fill(out, {"docs/ODD.md": b"new"})
    assert content(outside) == {"ODD.md": b"odd"}


NAMES = st.text(alphabet="ab c.é-", min_size=1, max_size=6).filter(
    lambda name: name.strip(". ") == name
)
TREES = st.dictionaries(NAMES, st.binary(max_size=30), min_size=1, max_size=5)


@settings(max_examples=25)  # each example writes a dozen files
@given(tree=TREES)
def test_checksums_name_every_file_and_the_zip_holds_them_all(tree):
    with tempfile.TemporaryDirectory() as name:
        top = Path(name)
        files = {f"in/{each}": body for each, body in tree.items()}
        fill(top / "one", files)
        listed = read_checksums(top / "one")
        assert listed == {each: sha256(top / "one" / each) for each in files}
        fill(top / "two", files)
        for path in (top / "two").rglob("*"):
            os.utime(path, (0, 0))
        for each in ("one", "two"):
            pack(top / each, top / each / ARCHIVE)
        assert (top / "one" / ARCHIVE).read_bytes() == (top / "two" / ARCHIVE).read_bytes()
        with zipfile.ZipFile(top / "one" / ARCHIVE) as archive:
            assert {each: archive.read(each) for each in files} == files
        fill(top / "one", files)  # the archive is the export's own, and is cleared away
        assert set(content(top / "one")) == {*files, CHECKSUMS}


def test_the_same_results_give_the_same_archive(results, tmp_path):
    for name in ("one", "two"):
        export_results(results, tmp_path / name, archive=True)
    one, two = (content(tmp_path / name) for name in ("one", "two"))
    assert one == two
    with zipfile.ZipFile(tmp_path / "one" / ARCHIVE) as archive:
        named = {each for each in archive.namelist() if not each.endswith("/")}
    assert named == set(one) - {ARCHIVE}


def test_results_that_were_changed_are_incomplete_or_lack_a_table_are_refused(results):
    manifest = (results / "manifest.json").read_text()
    (results / "runs.parquet").write_bytes(b"edited")
    with pytest.raises(ResultsError, match=r"runs\.parquet: not the file that was written"):
        open_results(results)
    (results / "runs.parquet").unlink()
    with pytest.raises(ResultsError, match=r"has no runs\.parquet"):
        open_results(results)
    for text, problem in (
        (manifest.replace('"complete": true', '"complete": false'), "incomplete"),
        (manifest.replace('"package": "sim"', '"package": "mis"'), "not written by sim"),
        ("{", "not readable as JSON"),
    ):
        (results / "manifest.json").write_text(text)
        with pytest.raises(ResultsError, match=problem):
            open_results(results)
    (results / "manifest.json").unlink()
    with pytest.raises(ResultsError, match="not a results folder"):
        open_results(results)


def test_results_without_their_settings_are_refused(results):
    (results / "config.yaml").unlink()
    with pytest.raises(ResultsError, match=r"neither config\.yaml nor experiment\.yaml"):
        open_results(results)


def test_hidden_files_locks_and_links_stay_behind(results, tmp_path):
    (tmp_path / "secret.csv").write_text("secret")
    (results / "link.csv").symlink_to(tmp_path / "secret.csv")
    (results / ".runs").mkdir()
    (results / ".runs" / "cache.parquet").write_bytes(b"")
    (results / "folder.lock").touch()
    (results / "effects.csv").write_text("scenario\n")
    assert open_results(results).files == (
        "config.yaml",
        "effects.csv",
        "figures/sigma.png",
        "manifest.json",
        "provinces.parquet",
        "runs.parquet",
    )


def test_an_export_into_its_own_results_is_refused(results):
    with pytest.raises(ResultsError, match="lies inside the results"):
        export_results(results, results / "export")
    assert not (results / "export").exists()


def invoke(*words: object):
    app = typer.Typer(cls=Commands)
    app.command()(export)
    app.command()(odd)
    return CliRunner().invoke(app, [str(word) for word in words])


def test_the_command_exports_and_ends_with_one_message_if_it_cannot(results, tmp_path):
    out = tmp_path / "out"
    name = ("--agent", "Josiah Carberry", "--orcid", "0000-0002-1825-0097")
    done = invoke("export", results, "--out", out, "--zip", *name)
    assert done.exit_code == 0, done.output
    assert f"export in {out}" in done.output
    assert {"code", "data", "docs", "results", ARCHIVE} <= {path.name for path in out.iterdir()}
    refused = invoke("export", tmp_path / "nothing", "--out", out)
    assert refused.exit_code == 2
    assert refused.output == f"error: {tmp_path / 'nothing'}: no such results folder\n"


def test_the_document_is_printed_or_written(tmp_path):
    printed = invoke("odd").output
    assert printed.startswith("# ODD:")
    assert invoke("odd", "--out", tmp_path / "new" / "odd.md").exit_code == 0
    assert (tmp_path / "new" / "odd.md").read_text("utf-8") == printed
