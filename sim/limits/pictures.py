"""Pictures of the limits: where people settle, how adoption spreads, how regions converge."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from sim.figures import style
from sim.limits import adoption, knowledge, theory
from sim.limits import footloose_entrepreneur as entrepreneur
from sim.state.rng import Streams

THEORY = "#999999"
FIRST, SECOND, THIRD = "#0072B2", "#D55E00", "#009E73"


def hysteresis(cfg: entrepreneur.EntrepreneurLimit) -> Figure:
    """Largest region in the long run over freeness, from both starts, and the closed forms."""
    regions, given = cfg.logit_regions, (cfg.share, cfg.sigma)
    broken = entrepreneur.break_point(*given, regions)
    sustained = entrepreneur.sustain_point(*given, regions)
    grid = np.linspace(0.5 * sustained, 1.35 * broken, 24)
    starts = {
        "from dispersion": (theory.disturbed(regions), "o", FIRST),
        "from a core": (entrepreneur.core(regions), "x", SECOND),
    }
    figure = style.new_figure(
        7.5,
        4.0,
        f"Footloose entrepreneurs, {regions} regions: dispersion and agglomeration",
        f"mu = {cfg.share:g}, sigma = {cfg.sigma:g}. Points: the model's market and moves. "
        "Lines: closed forms of the sustain and the break point.",
    )
    ax = figure.subplots()
    for label, (stock, marker, colour) in starts.items():
        largest = [entrepreneur.long_run(stock, float(phi), *given).max() for phi in grid]
        ax.plot(grid, largest, marker, color=colour, fillstyle="none", label=label)
    for point, name in ((sustained, "sustain"), (broken, "break")):
        ax.axvline(point, color=THEORY, linewidth=1)
        ax.annotate(
            f"{name} {point:.4f}",
            (point, 0.5),
            xytext=(3, 0),
            textcoords="offset points",
            color=THEORY,
        )
    ax.set_xlabel("freeness of trade phi [-]")
    ax.set_ylabel("share of the largest region [-]")
    ax.legend(loc="center left", bbox_to_anchor=(0.0, 0.6))
    return figure


def diffusion(cfg: adoption.AdoptionLimit) -> Figure:
    """Share of adopters over time: the model in quarters, and the curve of Bass."""
    world = adoption.world_of(cfg)
    p, q, years = cfg.digital.own_hazard, cfg.digital.peer_hazard, np.arange(0, 21)
    fine = np.linspace(0, years[-1], 201)
    figure = style.new_figure(
        7.5, 3.6, "Digital adoption in the homogeneous limit", f"p = {p:g}, q = {q:g} a year."
    )
    ax = figure.subplots()
    ax.plot(
        fine, [adoption.bass(p, q, t) for t in fine], color=THEORY, label="Bass, continuous time"
    )
    for steps, marker, colour in ((min(cfg.steps), "o", FIRST), (max(cfg.steps), "x", SECOND)):
        share = [1 - adoption.expected(world, cfg.digital, int(t), steps)[0] for t in years]
        name = f"model, {steps} steps a year"
        ax.plot(years, share, marker, color=colour, fillstyle="none", label=name)
    top = np.log(q / p) / (p + q)
    ax.axvline(top, color=THEORY, linewidth=1)
    ax.annotate("peak", (top, 0.02), xytext=(3, 0), textcoords="offset points", color=THEORY)
    ax.xaxis.set_major_locator(MaxNLocator(integer=True))
    ax.set_xlabel("years")
    ax.set_ylabel("share of adopters [-]")
    ax.legend(loc="lower right")
    return figure


def convergence(cfg: knowledge.KnowledgeLimit) -> Figure:
    """Imitation alone against theory: growth over the start (beta), and the spread (sigma)."""
    kept = 1 - knowledge.phi(cfg.convergence)
    figure = style.new_figure(
        10.0,
        3.9,
        "Convergence by imitation alone",
        f"A share {1 - kept:.3g} of the gap to the frontier closes a year. Lines: theory. "
        f"Left: {cfg.regions} regions. Right: {cfg.sample} regions.",
    )
    left, right = figure.subplots(1, 2)
    _beta(left, cfg, kept)
    _sigma(right, cfg, kept)
    return figure


def _beta(ax: Axes, cfg: knowledge.KnowledgeLimit, kept: float) -> None:
    """Growth of regions over their start, with the Barro line, for several spans of years."""
    quiet = cfg.convergence.model_copy(update={"noise": 0.0})
    start = knowledge.quantiles(cfg)
    lead = float(np.exp(cfg.convergence.frontier_lead)) * float(start.max())
    spans = zip((cfg.years // 2, cfg.years, 2 * cfg.years), (FIRST, SECOND, THIRD), strict=True)
    for years, colour in spans:
        end = knowledge.imitated(quiet, start, lead, years, 1.0)[0]
        growth = 100 * np.log(end / start) / years
        slope = -100 * (1 - kept**years) / years
        line = growth.mean() + slope * (np.log(start) - np.log(start).mean())
        ax.plot(np.log(start), line, color=THEORY, linewidth=1)
        ax.plot(np.log(start), growth, "o", color=colour, fillstyle="none", label=f"{years} years")
    ax.set_title("Beta")
    ax.set_xlabel("log income at the start [log points]")
    ax.set_ylabel("growth [% a year]")
    ax.legend()


def _sigma(ax: Axes, cfg: knowledge.KnowledgeLimit, kept: float) -> None:
    """Spread of log incomes over time, with and without noise."""
    years, streams = np.arange(0, 61, 5), Streams(cfg.seed)
    limit = cfg.convergence.noise / np.sqrt(1 - kept**2)
    draws = streams.at("start", 0).standard_normal(cfg.sample)
    quiet = cfg.convergence.model_copy(update={"noise": 0.0})
    fine, lead = np.linspace(0, years[-1], 121), np.exp(cfg.spread * knowledge.FAR)

    def noise(number: int) -> np.ndarray:
        return streams.at("knowledge", number).standard_normal(cfg.sample)

    for rules, spread, final, colour, marker, name in (
        (quiet, cfg.spread, 0.0, FIRST, "o", "no noise"),
        (cfg.convergence, cfg.spread, limit, SECOND, "x", "noise, from a wide start"),
        (cfg.convergence, 0.25 * limit, limit, THIRD, "s", "noise, from a narrow start"),
    ):
        found = [
            np.log(knowledge.imitated(rules, np.exp(spread * draws), lead, t, 1.0, noise)[0]).std()
            for t in years.tolist()
        ]
        path = np.sqrt(final**2 + kept ** (2 * fine) * (spread**2 - final**2))
        ax.plot(fine, path, color=THEORY, linewidth=1)
        ax.plot(years, found, marker, color=colour, fillstyle="none", label=name)
    ax.set_ylim(bottom=0)
    ax.set_title("Sigma")
    ax.set_xlabel("years")
    ax.set_ylabel("sd of log income [log points]")
    ax.legend()


PICTURES: dict[str, tuple[str, Callable[[Any], Figure]]] = {
    "footloose_entrepreneur": ("limits_hysteresis", hysteresis),
    "adoption": ("limits_diffusion", diffusion),
    "knowledge": ("limits_convergence", convergence),
}
"""Limit -> name of its picture, and how it is drawn from the limit's settings."""
