"""Designs that cannot be used -> line, field, and what the message must say."""

from __future__ import annotations

SOBOL = "design: {kind: sobol, samples: 8}\n"


def one(settings: str, design: str = SOBOL, name: str = "market.sigma") -> str:
    """File whose line 5 holds one uncertainty; the design follows in line 6."""
    return f"uncertainties:\n  {name}: {settings}\n{design}"


def sampled(design: str, settings: str = "{low: 2, high: 8}") -> str:
    return one(settings, f"design: {design}\n")


def zipped(settings: str) -> str:
    return f"design: {{kind: zipped, settings: {settings}}}\n"


AT = "uncertainties.market.sigma"
Case = tuple[str, int, str, str]

UNCERTAINTIES: dict[str, Case] = {
    "empty range": (one("{low: 3, high: 2}"), 5, f"{AT}.low", "the range 3 to 2 is empty"),
    "range of one value": (one("{low: 3, high: 3}"), 5, f"{AT}.low", "range 3 to 3 is empty"),
    "no low": (one("{high: 3}"), 5, f"{AT}.low", "must be given for the distribution uniform"),
    "nothing": (one("{}"), 5, f"{AT}.low", "must be given for the distribution uniform"),
    "infinite": (one("{low: 2, high: .inf}"), 5, f"{AT}.high", "must be a finite number (got inf)"),
    "not a number": (one("{low: .nan, high: 3}"), 5, f"{AT}.low", "must be a finite number"),
    "text for a number": (one("{low: two, high: 3}"), 5, f"{AT}.low", "must be a number"),
    "quoted number": (one("{low: '2', high: 3}"), 5, f"{AT}.low", "did you mean 2 without quotes"),
    "too wide": (
        one("{low: -1.7e308, high: 1.7e308}", name="market.drift"),
        5, "uncertainties.market.drift.low", "is too wide",
    ),
    "unknown distribution": (
        one("{low: 2, high: 3, distribution: log-uniform}"),
        5, f"{AT}.distribution", "did you mean log_uniform?",
    ),
    "unknown key": (one("{low: 2, hihg: 3}"), 5, f"{AT}.hihg", "did you mean high?"),
    "a range as a list": (one("[2, 3]"), 5, AT, "must be a section of settings"),
    "logarithm of zero": (
        one("{low: 0, high: 3, distribution: log_uniform}"),
        5, f"{AT}.low", "must be > 0 for the distribution log_uniform (got 0)",
    ),
    "logarithm of less": (
        one("{low: -1, high: 3, distribution: log_uniform}"), 5, f"{AT}.low", "allowed: above 0",
    ),
    "lognormal with a mean below zero": (
        one("{mean: -1, sd: 1, distribution: lognormal}"),
        5, f"{AT}.mean", "must be > 0 for the distribution lognormal (got -1)",
    ),
    "no spread": (one("{mean: 3, sd: 0, distribution: normal}"), 5, f"{AT}.sd", "must be > 0"),
    "normal without sd": (
        one("{mean: 3, distribution: normal}"),
        5, f"{AT}.sd", "must be given for the distribution normal",
    ),
    "cut off where nothing is": (
        one("{mean: 3, sd: 0.01, low: 5, high: 6, distribution: normal}"),
        5, f"{AT}.low", "no probability between its ends (5 to 6)",
    ),
    "mean of a uniform": (
        one("{low: 2, high: 3, mean: 2.5}"),
        5, f"{AT}.mean", "allowed: low, high; or a distribution of normal, lognormal",
    ),
    "mode outside": (
        one("{low: 2, mode: 4, high: 3, distribution: triangular}"),
        5, f"{AT}.mode", "the mode 4 is outside the range; allowed: 2 to 3",
    ),
    "no mode": (
        one("{low: 2, high: 3, distribution: triangular}"), 5, f"{AT}.mode", "must be given",
    ),
    "half an integer": (
        one("{low: 2.5, high: 8, distribution: integer}", name="market.rounds"),
        5, "uncertainties.market.rounds.low", "must be a whole number",
    ),
    "integers that floats cannot tell apart": (
        one("{low: 1, high: 1e17, distribution: integer}", name="market.rounds"),
        5, "uncertainties.market.rounds.high", "allowed: whole numbers up to 2^53",
    ),
    "choice of nothing": (one("{values: [], distribution: choice}"), 5, f"{AT}.values", "must be"),
    "choice of one": (
        one("{values: [3], distribution: choice}"), 5, f"{AT}.values", "at least two values",
    ),
    "choice of a thing twice": (
        one("{values: [2, 3, 2.0], distribution: choice}"),
        5, f"{AT}.values.2", "is given twice (2.0)",
    ),
    "choice of sections": (
        one("{values: [{a: 1}, 3], distribution: choice}"), 5, f"{AT}.values.0", "must be",
    ),
    "values without choice": (
        one("{values: [2, 3]}"), 5, f"{AT}.values", "or a distribution of choice",
    ),
    "one level": (one("{low: 2, high: 3, levels: 1}"), 5, f"{AT}.levels", "must be >= 2 (got 1)"),
    "more levels than integers": (
        one("{low: 2, high: 4, levels: 4, distribution: integer}", name="market.rounds"),
        5, "uncertainties.market.rounds.levels", "more levels (4) than values from low to high",
    ),
    "levels of a choice": (
        one("{values: [2, 3], levels: 2, distribution: choice}"), 5, f"{AT}.levels", "leave this",
    ),
}  # fmt: skip
"""What is wrong with an uncertainty by itself."""

DESIGNS: dict[str, Case] = {
    "no kind": (sampled("{samples: 8}"), 6, "design.kind", "must be given"),
    "unknown kind": (sampled("{kind: soboll, samples: 8}"), 6, "design.kind", "mean sobol?"),
    "no samples": (sampled("{kind: sobol}"), 6, "design.samples", "must be given"),
    "no points": (
        sampled("{kind: latin_hypercube, samples: 0}"), 6, "design.samples", "must be >= 1",
    ),
    "not a power of two": (
        sampled("{kind: sobol, samples: 100}"),
        6, "design.samples", "is not balanced (got 100); allowed: e.g. 64 or 128",
    ),
    "odd levels": (
        sampled("{kind: morris, trajectories: 4, levels: 5}"),
        6, "design.levels", "must be even, so that all levels are met alike (got 5)",
    ),
    "one trajectory": (
        sampled("{kind: morris, trajectories: 1}"), 6, "design.trajectories", "must be >= 2",
    ),
    "resolution of nothing": (
        sampled("{kind: fractional_factorial, resolution: 2}"), 6, "design.resolution", ">= 3",
    ),
    "samples of a factorial": (
        sampled("{kind: full_factorial, samples: 8}", "{low: 2, high: 3, levels: 2}"),
        6, "design.samples", "unknown key",
    ),
    "negative seed": (sampled("{kind: sobol, samples: 8, seed: -1}"), 6, "design.seed", ">= 0"),
    "unknown optimization": (
        sampled("{kind: latin_hypercube, samples: 8, optimization: lloyd}"),
        6, "design.optimization", "random-cd",
    ),
    "nothing to sample": ("design: {kind: sobol, samples: 8}\n", 1, "uncertainties", "at least"),
    "uncertainties that nothing samples": (
        one("{low: 2, high: 3}", ""), 4, "uncertainties", "the design does not sample",
    ),
    "uncertainties beside a list": (
        sampled("{kind: zipped, settings: {market.sigma: [2, 3]}}"),
        4, "uncertainties", "allowed: full_factorial, fractional_factorial, latin_hypercube",
    ),
    "no levels": (
        sampled("{kind: full_factorial}"), 5, f"{AT}.levels", "from low to high; allowed: 2 to",
    ),
    "ends of a normal": (
        sampled("{kind: morris, trajectories: 4}", "{mean: 4, sd: 1, distribution: normal}"),
        5, AT, "the design goes to both ends: give low",
    ),
    "three values at two levels": (
        sampled("{kind: fractional_factorial}", "{values: [2, 3, 4], distribution: choice}"),
        5, f"{AT}.values", "two-level design needs a choice of two values",
    ),
    "lists of unequal length": (
        zipped("{market.sigma: [2, 3], market.rounds: [1, 2, 3]}"),
        4, "design.settings.market.rounds", "this has 3 values, market.sigma 2",
    ),
    "no lists": (zipped("{}"), 4, "design.settings", "name a setting and its values"),
    "empty list": (zipped("{market.sigma: []}"), 4, "design.settings.market.sigma", "is empty"),
    "a number for a list": (zipped("{market.sigma: 2}"), 4, "design.settings.market.sigma", "list"),
}  # fmt: skip
"""What is wrong with a design, alone or with its uncertainties."""

SETTINGS: dict[str, Case] = {
    "misspelt setting": (
        one("{low: 2, high: 3}", name="market.sigmma"), 5, "market.sigmma", "did you mean sigma?",
    ),
    "misspelt section": (
        one("{low: 2, high: 3}", name="markt.sigma"), 5, "markt", "did you mean market?",
    ),
    "no dotted name": (one("{low: 2, high: 3}", name="market..sigma"), 5, "", "not the dotted"),
    "a section": (one("{low: 2, high: 3}", name="market"), 5, "market", "must be a section"),
    "a list": (one("{low: 2, high: 3}", name="market.weights"), 5, "market.weights", "a list"),
    "below the bound": (
        one("\n    low: 0.5\n    high: 3"), 6, "market.sigma", "must be > 1 (got 0.5)",
    ),
    "above the bound": (
        one("\n    low: 2\n    high: 30"),
        7, "market.sigma", "must be <= 20 (got 30.0); allowed: above 1, at most 20; meaning: Ela",
    ),
    "beyond the bound without an end": (
        one("{mean: 10, sd: 1.5, high: 20, distribution: normal}"),
        5, "market.sigma", "which a normal without `low` reaches",
    ),
    "real numbers for whole ones": (
        one("{low: 2, high: 9}", name="market.rounds"),
        5, "market.rounds", "must be a whole number (got 4.673762), of the distribution uniform",
    ),
    "a choice that is none": (
        one("{values: [fixed, fre], distribution: choice}", name="market.rule"),
        5, "market.rule", "did you mean free?",
    ),
    "text for true": (
        one("{values: ['yes', false], distribution: choice}", name="market.open"),
        5, "market.open", "must be true or false",
    ),
    "misspelt list": (zipped("{market.rouds: [2, 3]}"), 4, "market.rouds", "mean rounds?"),
    "list beyond the bound": (zipped("{market.rounds: [0, 3]}"), 4, "market.rounds", ">= 1"),
}  # fmt: skip
"""What does not fit the base config."""

CELLS = "number, text, or true/false"
TABLES: dict[str, Case] = {
    "empty": ("", 1, "", "the table is empty"),
    "blank": (" \n,,\n", 1, "", "the table is empty"),
    "no points": ("market.sigma\n", 1, "", "the table holds names but no point"),
    "cell missing": ("market.sigma,market.rounds\n2\n", 2, "", "the row has 1 cells, the first"),
    "cell too many": ("market.sigma\n2\n3,4\n", 3, "", "the row has 2 cells, the first row 1"),
    "empty cell": (
        "market.sigma,market.rounds\n2,1\n3,\n", 3, "market.rounds", "column 2: not a value",
    ),
    "null": ("market.sigma\nnull\n", 2, "market.sigma", f"'null'); allowed: a {CELLS}"),
    "infinite cell": ("market.sigma\n.inf\n", 2, "market.sigma", "column 1: not a value"),
    "overflow": ("market.sigma\n1e999\n", 2, "market.sigma", "column 1: not a value"),
    "huge integer": ("market.rounds\n99999999999999999999\n", 2, "market.rounds", "not a value"),
    "control character": ('market.rule\n"a\x07b"\n', 2, "market.rule", "not a value"),
    "name twice": ("a.b,c,a.b\n1,2,3\n", 1, "a.b", "column 3 has the name of column 1"),
    "no name": ("market.sigma,\n1,2\n", 1, "", "column 2 has no name"),
    "open quote": ('market.sigma\n2\n"3\n', 3, "", "not valid CSV"),
    "unknown column": (
        "# x\n,\nmarket.sigma,market.rouds\n\n2,3\n".replace("# x\n,\n", "\n"),
        2, "market.rouds", "did you mean rounds?",
    ),
    "beyond the bound": (
        "market.rounds,market.sigma\n2,0.5\n", 2, "market.sigma", "(got 0.5) in column 2",
    ),
}  # fmt: skip
"""Tables that cannot be used; the line is that of the table."""
