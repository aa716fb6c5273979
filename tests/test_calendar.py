import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.state.calendar import parse_quarter, quarter_label, quarter_of_date
from sim.state.clock import Clock


def test_quarters_count_from_year_zero():
    assert parse_quarter("0000Q1") == 0
    assert parse_quarter("2012Q1") == 4 * 2012
    assert parse_quarter("2035Q4") - parse_quarter("2012Q1") == 95


@given(number=st.integers(0, 39_999))
def test_labels_and_numbers_are_inverse(number):
    assert parse_quarter(quarter_label(number)) == number


@given(one=st.integers(0, 39_999), two=st.integers(0, 39_999))
def test_labels_sort_like_quarters(one, two):
    assert (quarter_label(one) < quarter_label(two)) == (one < two)


@pytest.mark.parametrize("text", ["2012", "2012Q0", "2012Q5", "2012q1", "12Q1", "2012Q1 ", "x"])
def test_what_is_no_quarter_raises(text):
    with pytest.raises(ValueError, match="2019Q4"):
        parse_quarter(text)


@pytest.mark.parametrize(
    ("date", "quarter"),
    [
        ("2013-09-29", "2013Q3"),
        ("2015-04-20", "2015Q2"),
        ("2017-04-01", "2017Q2"),
        ("2018-01-01", "2018Q1"),
        ("2018-12-31", "2018Q4"),
        ("2018-03-31", "2018Q1"),
    ],
)
def test_quarter_of_a_date(date, quarter):
    assert quarter_label(quarter_of_date(date)) == quarter


@given(parts=st.integers(1, 64), quarters=st.integers(0, 120))
def test_the_clock_reaches_every_quarter_however_it_is_divided(parts, quarters):
    start = parse_quarter("2012Q1")
    clock = Clock(start, 1 / parts, step=parts * quarters)
    assert clock.quarter == start + quarters
    assert clock.quarters == pytest.approx(quarters, abs=1e-9)
    assert clock.years == pytest.approx(quarters / 4, abs=1e-9)
    assert clock.years_per_step * 4 * parts == pytest.approx(1, rel=1e-15)
    last = Clock(start, 1 / parts, step=parts * quarters + parts - 1)
    assert last.quarter == start + quarters
