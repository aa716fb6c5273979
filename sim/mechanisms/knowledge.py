r"""Knowledge: R&D and innovation, imitation across firms and space, and what hires carry.

    R&D spending      = R&D share x revenue (1 - leak) (1 + kappa_IP (IP - IP_2012))
    innovation hazard = zeta_r (R&D / revenue) / (w_a / w_g relative to 2012) (1 + G_alg)
    step of ln A      = .25 Beta(2, 4) max(.1, 1 + ln A*/A)
    imitation         : A_i += [1 - (1 - lambda_im AC_i (1 - IP + lic))^dt] max(0, A_j - A_i),
                        target j with weight exp(-|x_i - x_j| / l_t - d_od / (l_g (1 + c_od chi_K)))
                        or the frontier; other rules and noise in `imitation`
    absorption        AC = omega_0 + omega_1 R&D share + omega_2 share(e, a), over its 2012 mean

Efficiencies of different industries are compared relative to the means of their industries. The
foreign frontier A* grows on its own; G_alg is public research on algorithms (`dependence`).
Protection of knowledge raises firms' own R&D and slows imitation: it can slow catching up.
Knowledge that coordination lets leak from leading firms lowers what their own R&D is worth to them,
so they do less of it.

Rows of the paper: M1.1 (gap to the frontier), P2.2a (R&D productivity), M2.3 (links cut effective
distance), R1.1a (breakthroughs), M2.2 (diffusion to surroundings), P4.2 (protection).
"""

from __future__ import annotations

from typing import Literal

import numpy as np
from scipy.special import betaincinv

from sim.config.base import Config, param
from sim.mechanisms import imitation
from sim.mechanisms.capability import expected_staff, relative, research_share
from sim.mechanisms.dependence import DependenceConfig, algorithm_gain
from sim.mechanisms.institutions import protection
from sim.state.world import World

Array = np.ndarray

READS = (
    "firms.alive",
    "firms.province",
    "firms.place",
    "firms.industry",
    "firms.weight",
    "firms.efficiency",
    "firms.position",
    "firms.stage",
    "firms.rd_share",
    "firms.revenue",
    "firms.rd_spending",
    "talents.alive",
    "talents.province",
    "talents.type",
    "talents.employer",
    "talents.former",
    "talents.weight",
    "provinces.wage",
    "provinces.knowledge_link",
    "places.radical",
    "places.protection",
    "places.wedge_tax",
)
WRITES = ("firms.efficiency", "firms.rd_spending", "talents.former", "places.radical")


class KnowledgeConfig(Config):
    """R&D, innovation and imitation."""

    frozen: bool = False
    """Ignore knowledge links between provinces."""

    productivity: float = param(
        2.5,
        unit="innovations / year per R&D share",
        ge=2,
        le=40,
        source="assumed within 2-40: with 20 the nation grows by more than 15 % a year",
    )
    """zeta_r: hazard of an innovation per share of revenue spent on R&D."""

    step: float = param(0.25, unit="ln efficiency", ge=0, le=1, source="assumed")
    """Largest ordinary step of an innovation at the frontier."""

    radical_share: float = param(0.01, unit="share of innovations", ge=0, le=0.2, source="assumed")
    """Innovations of emerging industries that found a firm in the future industries."""

    radical_position: float = param(
        0.65, unit="positions", ge=0, le=2, source="assumed: emerging industries"
    )
    """Position on the technology line from which an innovation can be radical."""

    imitation: float = param(
        0.06, unit="1 / year", ge=0, le=0.08, source="assumed within .005-.08: growth of 2012-19"
    )
    """lambda_im: speed at which a gap to the target closes."""

    target: Literal["contact", "frontier"] = "contact"
    """Whom firms imitate: a firm they meet, or the foreign frontier of their industry."""

    rule: Literal["level", "log"] = "level"
    """Whether a share of the gap in efficiency closes, or of the gap in its logarithm."""

    noise: float = param(
        0.0, unit="sd of ln efficiency in a year", ge=0, le=0.5, source="off; theory limits use it"
    )
    """Luck in learning."""

    annual: bool = False
    """Firms imitate once a year, at its end, and not a little in every step."""

    protection: float = param(0.3, unit="index 0-1", ge=0, le=1, source="assumed")
    """Protection of intellectual property in 2012, which slows imitation."""

    protection_effect: float = param(
        0.5, unit="share of R&D", ge=0, le=2, source="assumed; model specification"
    )
    """kappa_IP: rise of a firm's own R&D when protection rises from nothing to full."""

    licensing: float = param(0.1, unit="share", ge=0, le=1, source="assumed")
    """Imitation that licences allow in spite of protection."""

    technology_reach: float = param(0.2, unit="positions", gt=0, le=10, source="assumed")
    """l_t: how far on the technology line firms learn."""

    distance_reach: float = param(1730.0, unit="km", gt=0, le=3000, source="assumed; 600-3000")
    """l_g: how far in space firms learn."""

    link_effect: float = param(
        1.0, unit="-", ge=0, le=2, source="definition: distance halved at full link"
    )
    """chi_K: reach is multiplied by 1 + chi_K between coordinated provinces."""

    leak: float = param(0.15, unit="share of R&D", ge=0, le=1, source="assumed")
    """Fall of a leading firm's R&D when knowledge is shared with all other provinces."""

    absorption: tuple[float, float, float] = param(
        (0.3, 5.0, 1.0), unit="-", ge=0, le=10, source="assumed"
    )
    """omega: constant, weight of the R&D share, weight of the share of skilled staff."""

    hire_transfer: float = param(0.02, unit="share of gap", ge=0, le=1, source="assumed")
    """Speed at which the gap to former employers closes, per turnover of a firm's talents."""

    frontier_growth: float = param(
        0.015, unit="1 / year", ge=0, le=0.06, source="assumed within 0-6 %; of gross output"
    )
    """Growth of the foreign frontier A*."""

    frontier_lead: float = param(0.5, unit="ln efficiency", ge=0, le=2, source="assumed")
    """Lead of the frontier over the mean firm in 2012."""


def plan(world: World, cfg: KnowledgeConfig) -> None:
    """Set each firm's R&D spending [100m CNY / quarter]."""
    firms = world.firms
    level = relative(world)
    lead = level > 1
    leak = cfg.leak * openness(world, cfg)[firms["province"]] * lead
    index = protection(world, firms["place"], firms["industry"])
    rise = imitation.protected(index, cfg) - cfg.protection
    spending = firms["rd_share"] * firms["revenue"] * (1 - leak)
    spending = spending * (1 + cfg.protection_effect * rise)
    firms["rd_spending"] = np.where(firms["alive"], spending, 0.0)


def openness(world: World, cfg: KnowledgeConfig) -> Array:
    """Mean knowledge link of a province to the others, (province,) in [0, 1]."""
    if cfg.frozen:
        return np.zeros(world.provinces.n)
    others = max(world.provinces.n - 1, 1)
    return world.provinces["knowledge_link"].sum(axis=1) / others


def innovation_hazard(rd_share: Array, wage_ratio: Array, productivity: float) -> Array:
    """Innovations per year; wage_ratio is w_a / w_g relative to 2012."""
    return productivity * rd_share / wage_ratio


def innovation_step(u: Array, lead: Array, step: float) -> Array:
    """Rise of ln A; `lead` is ln A*/A of the firm, `u` a uniform."""
    return step * betaincinv(2.0, 4.0, u) * np.maximum(0.1, 1 + lead)


def innovate(
    world: World, cfg: KnowledgeConfig, algorithms: float, draw: np.random.Generator
) -> tuple[Array, Array]:
    """R&D succeeds by hazard; a rare success founds a firm in the future industries.

    algorithms  G_alg, rise of the hazard by public research
    returns     rows of the firms that innovated, and of those whose innovation is radical
    """
    firms, provinces = world.firms, world.provinces
    u, size, rare = draw.random(firms.n), draw.random(firms.n), draw.random(firms.n)
    base = world.baseline.wage
    ratio = provinces["wage"][:, 2] / provinces["wage"][:, 0] / (base[2] / base[0])
    hazard = innovation_hazard(research_share(world), ratio[firms["province"]], cfg.productivity)
    hazard = hazard * (1 + algorithms)
    chance = -np.expm1(-hazard * world.clock.years_per_step)
    rows = np.flatnonzero(firms["alive"] & (u < chance))
    industry = firms["industry"][rows]
    lead = np.log(world.baseline.frontier[industry] / firms["efficiency"][rows])
    gain = innovation_step(size[rows], lead, cfg.step)
    own = innovation_step(size[rows], np.zeros(rows.size), cfg.step)
    firms["efficiency"][rows] *= np.exp(gain)
    world.book_growth("innovation", rows, np.minimum(own, gain))
    world.book_growth("frontier", rows, np.maximum(gain - own, 0.0))
    new_field = firms["position"][rows] >= cfg.radical_position
    radical = rows[(rare[rows] < cfg.radical_share) & new_field]
    np.add.at(world.places["radical"], firms["place"][radical], firms["weight"][radical])
    return rows, radical


def learn_from_hires(world: World, cfg: KnowledgeConfig) -> None:
    """Hires from better firms move their new employer towards those firms.

    Hires count against the staff that a firm of this size has on average, not against the agents
    that happen to stand for it: the pace must not depend on how many people an agent is.
    """
    firms, talents = world.firms, world.talents
    moved = np.flatnonzero(talents["alive"] & (talents["employer"] >= 0) & (talents["former"] >= 0))
    new, old = talents["employer"][moved], talents["former"][moved]
    talents["former"][moved] = -1
    level, people = relative(world), talents["weight"][moved]
    better = np.maximum(0.0, level[old] - level[new])
    hires = np.bincount(new, people, minlength=firms.n)
    rows = np.flatnonzero((hires > 0) & firms["alive"])
    gap = np.bincount(new, better * people, minlength=firms.n)[rows] / hires[rows]
    closed = -np.expm1(-cfg.hire_transfer * hires[rows] / expected_staff(world)[rows])
    world.book_growth("hires", rows, np.log1p(closed * gap / level[rows]))
    firms["efficiency"][rows] *= 1 + closed * gap / level[rows]


def apply(
    world: World, cfg: KnowledgeConfig, public: DependenceConfig, draw: np.random.Generator
) -> tuple[Array, Array]:
    """A quarter of learning; the frontier moves on. Returns who innovated, as `innovate` does."""
    made = innovate(world, cfg, algorithm_gain(world.algorithms, public), draw)
    imitation.imitate(world, cfg, draw)
    learn_from_hires(world, cfg)
    world.baseline.frontier *= imitation.frontier_rise(world.clock.years_per_step, cfg)
    return made
