"""Policy levers: one file each; here they are listed and applied in order."""

from __future__ import annotations

from sim.config.base import Config
from sim.policies import (
    compute_investment,
    compute_sharing,
    coordination_barriers,
    coordination_knowledge,
    coordination_planning,
    digital_infrastructure,
    digital_subsidy,
    sme_credit,
)
from sim.policies.base import current_dose, reset
from sim.policies.compute_investment import ComputeInvestmentConfig
from sim.policies.compute_sharing import ComputeSharingConfig
from sim.policies.coordination_barriers import CoordinationBarriersConfig
from sim.policies.coordination_knowledge import CoordinationKnowledgeConfig
from sim.policies.coordination_planning import CoordinationPlanningConfig
from sim.policies.digital_infrastructure import DigitalInfrastructureConfig
from sim.policies.digital_subsidy import DigitalSubsidyConfig
from sim.policies.sme_credit import SmeCreditConfig
from sim.state.columns import LEVERS
from sim.state.world import World

READS = (
    "provinces.value_added",
    "provinces.infrastructure_2012",
    "provinces.cost",
    "places.province",
    "zones.province",
    "zones.active",
    "zones.cost",
)
WRITES = (
    "provinces.cost",
    "provinces.compute_shared",
    "provinces.compute_build",
    "provinces.compute_build_local",
    "provinces.reimbursed",
    "provinces.infrastructure_push",
    "provinces.barrier_cut",
    "provinces.knowledge_link",
    "places.adoption_subsidy",
    "places.guarantee",
    "zones.reimbursed",
    "zones.cost",
    "zones.joint_planning",
)

MODULES = {
    "digital_subsidy": digital_subsidy,
    "sme_credit": sme_credit,
    "digital_infrastructure": digital_infrastructure,
    "compute_sharing": compute_sharing,
    "compute_investment": compute_investment,
    "coordination_barriers": coordination_barriers,
    "coordination_knowledge": coordination_knowledge,
    "coordination_planning": coordination_planning,
}


class PoliciesConfig(Config):
    """Policy levers; all are off unless a dose is given."""

    digital_subsidy: DigitalSubsidyConfig = DigitalSubsidyConfig()
    """Part of the cost of digital adoption is paid."""

    sme_credit: SmeCreditConfig = SmeCreditConfig()
    """Loans of small firms are guaranteed."""

    digital_infrastructure: DigitalInfrastructureConfig = DigitalInfrastructureConfig()
    """Digital infrastructure is built faster."""

    compute_sharing: ComputeSharingConfig = ComputeSharingConfig()
    """Compute capacity is pooled."""

    compute_investment: ComputeInvestmentConfig = ComputeInvestmentConfig()
    """The centre builds compute capacity in the west."""

    coordination_barriers: CoordinationBarriersConfig = CoordinationBarriersConfig()
    """Border barriers between provinces are cut."""

    coordination_knowledge: CoordinationKnowledgeConfig = CoordinationKnowledgeConfig()
    """Knowledge is shared between provinces."""

    coordination_planning: CoordinationPlanningConfig = CoordinationPlanningConfig()
    """Target industries are assigned jointly."""


def refund(world: World, cfg: PoliciesConfig) -> None:
    """Set what the centre owes local governments for last quarter's levers.

    compute_investment is paid by the centre directly where it is the payer.
    """
    owed = [
        index
        for index, name in enumerate(LEVERS)
        if name != "compute_investment" and getattr(cfg, name).payer == "centre"
    ]
    for table in (world.provinces, world.zones):
        table["reimbursed"] = table["cost"][:, owed].sum(axis=1)


def apply_all(world: World, cfg: PoliciesConfig) -> None:
    """Rebuild the effective policy columns of this quarter, and what levers cost at once."""
    reset(world)
    quarter = world.clock.start + world.clock.quarters
    for name in LEVERS:
        lever = getattr(cfg, name)
        dose = current_dose(lever, quarter)
        if dose > 0:
            MODULES[name].apply(world, lever, dose)
