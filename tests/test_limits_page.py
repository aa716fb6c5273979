"""The page of limits: written from rows, with its pictures, and up to date in the docs."""

import re
from pathlib import Path

import pytest

import sim
from sim.figures import style
from sim.limits.base import Row, exact
from sim.limits.catalogue import LIMITS
from sim.limits.page import write
from sim.limits.pictures import PICTURES
from sim.limits.run import settings

DOCS = Path(sim.__file__).parents[1] / "docs"


def test_the_page_shows_every_row_and_its_verdict(tmp_path):
    rows = [
        ("matching", exact("L16", "good | barred", 1.0, 1.0)),
        ("matching", Row("L16", "bad", 2.0, 1.0, 1e-9, "rounding")),
        ("matching", Row("L16", "rounding", 3e-17, 0.0, 1e-9, "rounding", absolute=True)),
    ]
    text = write(rows, tmp_path).read_text()
    assert "**2 of 3 comparisons agree.**" in text
    assert "| L16 | good \\| barred | 1 | 1 | < 1e-12 | 1.0e-09 | ok |" in text
    assert "| L16 | bad | 2 | 1 | 1.0e+00 | 1.0e-09 | **fails** |" in text
    assert "| L16 | rounding | 0 | 0 | < 1e-12 |" in text
    assert "u* = s / (s + f)" in text  # what the module says of its source


@pytest.mark.parametrize("name", ["knowledge"])
def test_pictures_are_drawn_and_shown(name, tmp_path):
    text = write([(name, exact(LIMITS[name].ids[0], "x", 1.0, 1.0))], tmp_path).read_text()
    (shown,) = re.findall(r"!\[.*?\]\((.*?)\)", text)
    assert (tmp_path / shown).stat().st_size > 10_000


def test_every_picture_belongs_to_a_limit():
    assert set(PICTURES) <= set(LIMITS)


def test_the_hysteresis_picture_shows_both_histories():
    cfg = settings("footloose_entrepreneur").model_copy(update={"logit_regions": 22})
    with style.applied():
        figure = PICTURES["footloose_entrepreneur"][1](cfg)
    spread, gathered = (line.get_ydata() for line in figure.axes[0].get_lines()[:2])
    assert spread[0] == pytest.approx(1 / 22)
    assert gathered[0] == pytest.approx(1 / 22)
    assert ((spread < 0.1) & (gathered > 0.9)).sum() > 5
    assert spread[-1] == pytest.approx(1)


def test_the_page_in_the_docs_has_every_limit_and_nothing_fails():
    text = (DOCS / "verification.md").read_text()
    for name, limit in LIMITS.items():
        heading = f"## {', '.join(limit.ids)}: {name.replace('_', ' ')}\n"
        assert heading in text, "run `make verification`"
    assert "**fails**" not in text
    for picture in re.findall(r"!\[.*?\]\((.*?)\)", text):
        assert (DOCS / picture).exists()
