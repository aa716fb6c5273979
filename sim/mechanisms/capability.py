"""What a firm can learn: its standing in the industry, its R&D, its skilled staff."""

from __future__ import annotations

import numpy as np

from sim.state.world import World

Array = np.ndarray


def relative(world: World) -> Array:
    """Efficiency over the mean of the industry, (firms,); 0 where the industry has died out."""
    firms, k = world.firms, len(world.tech.codes)
    people = np.where(firms["alive"], firms["weight"], 0.0)
    total = np.bincount(firms["industry"], people * firms["efficiency"], minlength=k)
    number = np.bincount(firms["industry"], people, minlength=k)
    mean = np.divide(total, number, out=np.full(k, np.inf), where=number > 0)
    return firms["efficiency"] / mean[firms["industry"]]


def absorptive_capacity(
    rd_share: Array, skilled: Array, omega: tuple[float, float, float]
) -> Array:
    """AC before division by its 2012 mean (Cohen and Levinthal 1990)."""
    return omega[0] + omega[1] * rd_share + omega[2] * skilled


def skilled_share(world: World) -> Array:
    """Share of engineers and science staff in each firm's workforce, (firms,)."""
    firms, talents, tech = world.firms, world.talents, world.tech
    employer = talents["employer"]
    held = talents["alive"] & (employer >= 0)
    skilled = np.bincount(employer[held], talents["weight"][held], minlength=firms.n)
    wage = world.provinces["wage"][firms["province"], 0]
    industry = firms["industry"]
    labour = tech.labour[industry, firms["stage"]] / tech.markup[industry]
    labour = labour * world.kept(firms["place"], industry)
    general = labour * firms["revenue"] * firms["weight"] * tech.skill[industry, 0] / wage
    staff = skilled + general
    return np.divide(skilled, staff, out=np.zeros(firms.n), where=staff > 0)


def type_use(world: World) -> Array:
    """Wages each firm agent pays to engineers and to science staff, (2, firms)."""
    firms, tech = world.firms, world.tech
    industry = firms["industry"]
    sales = np.where(firms["alive"], firms["revenue"] * firms["weight"], 0.0)
    labour = sales * tech.labour[industry, firms["stage"]] / tech.markup[industry]
    labour = labour * world.kept(firms["place"], industry)
    return tech.skill[industry, 1:].T * labour


def expected_staff(world: World) -> Array:
    """Engineers and science staff a firm agent has on average, (firms,) [10k persons].

    The people of a type in a province, in proportion to what its firms pay for that type.
    """
    firms, talents, n = world.firms, world.talents, world.provinces.n
    held = talents["alive"] & (talents["employer"] >= 0)
    staff = np.zeros(firms.n)
    for column, use in enumerate(type_use(world)):
        kind = held & ((talents["type"] == 1) == (column == 0))
        people = np.bincount(talents["province"][kind], talents["weight"][kind], minlength=n)
        total = np.bincount(firms["province"], use, minlength=n)
        share = np.divide(people, total, out=np.zeros(n), where=total > 0)
        staff += use * share[firms["province"]]
    return staff


def research_share(world: World) -> Array:
    """R&D over revenue of each firm; 0 where nothing is sold."""
    revenue = world.firms["revenue"]
    return np.divide(
        world.firms["rd_spending"],
        revenue,
        out=np.zeros_like(revenue),
        where=revenue > 0,
    )
