"""Columns that the steps of `digital` read and write."""

from __future__ import annotations

READS = (
    "firms.alive",
    "firms.province",
    "firms.place",
    "firms.industry",
    "firms.weight",
    "firms.stage",
    "firms.disruption",
    "firms.specificity",
    "firms.account",
    "firms.revenue",
    "firms.order",
    "firms.subsidy_due",
    "firms.large",
    "provinces.wage",
    "provinces.price",
    "provinces.price_to_sigma",
    "provinces.orders_next",
    "provinces.receipts",
    "provinces.infrastructure",
    "provinces.cost",
    "provinces.compute_price",
    "provinces.knowledge_link",
    "places.adoption_subsidy",
    "places.guarantee",
    "zones.receipts",
    "zones.cost",
    "talents.alive",
    "talents.employer",
    "talents.weight",
    "ledger",
)

WRITES = (
    "firms.stage",
    "firms.disruption",
    "firms.order",
    "firms.subsidy_due",
    "provinces.orders_next",
    "provinces.digital_mean",
    "provinces.subsidy_all",
    "provinces.subsidy_large",
    "provinces.cost",
    "zones.cost",
)
