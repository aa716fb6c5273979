"""Malformed configurations of the toy schema, each with what its message must say."""

from __future__ import annotations

from sim.config.yaml_builder import MAX_DEPTH, MAX_SIZE

BOMB = "a: &a [1,1,1,1,1,1,1,1,1]\n" + "".join(
    f"{name}: &{name} [{','.join(['*' + before] * 9)}]\n"
    for before, name in zip("abcdefg", "bcdefgh", strict=True)
)
NESTED_ALIASES = "a0: &a0 [1]\n" + "".join(f"a{n}: &a{n} [*a{n - 1}]\n" for n in range(1, 40))

# text, line, field, part of the problem, part of `allowed`, `nearest`
MALFORMED = {
    "text for a number": (
        "name: x\ntrade:\n  distance_elasticity: far\n",
        (3, "trade.distance_elasticity", "must be a number (got the text 'far')", "0 to 4", None),
    ),
    "quoted number": (
        "trade: {growth: '1e-3'}",
        (1, "trade.growth", "must be a number", "share / year", "1e-3 without quotes"),
    ),
    "true for a number": (
        "trade: {growth: true}",
        (1, "trade.growth", "must be a number (got true)", "above -1, below 1", None),
    ),
    "true for a whole number": (
        "time:\n  steps_per_quarter: true",
        (2, "time.steps_per_quarter", "must be a whole number (got true)", "1 to 16", None),
    ),
    "fraction for a whole number": (
        "time:\n  steps_per_quarter: 1.5",
        (2, "time.steps_per_quarter", "must be a whole number (got 1.5)", "1 to 16", None),
    ),
    "yes for true": (
        "closed: yes",
        (1, "closed", "must be true or false (got the text 'yes')", "true or false", "true"),
    ),
    "number for text": ("\nname: 5", (2, "name", "must be text (got 5)", None, None)),
    "unknown key near a right one": (
        "trade:\n  growth: 0.1\n  distance_elastcity: 1\n",
        (
            3,
            "trade.distance_elastcity",
            "unknown key",
            "distance_elasticity, growth, by_region, lags",
            "distance_elasticity",
        ),
    ),
    "key of no section": ("weather: 1", (1, "weather", "unknown key", "name, closed", None)),
    "key of one other section": (
        "steps_per_quarter: 1",
        (1, "steps_per_quarter", "unknown key", "time", "time.steps_per_quarter"),
    ),
    "too large": (
        "trade:\n  distance_elasticity: 7\n",
        (2, "trade.distance_elasticity", "must be <= 4 (got 7.0)", "0 to 4", None),
    ),
    "too small in a table": (
        "trade:\n  by_region:\n    east: 1\n    west: -1\n",
        (4, "trade.by_region.west", "must be >= 0 (got -1.0)", "at least 0", None),
    ),
    "on the open bound in a list": (
        "trade:\n  lags:\n  - 1\n  - 0\n",
        (4, "trade.lags.1", "must be > 0 (got 0.0)", "above 0 [quarter]", None),
    ),
    "in a table of sections": (
        "industries:\n  A0: {sigma: 3}\n  T1:\n    sigma: 1\n",
        (4, "industries.T1.sigma", "must be > 1 (got 1.0)", "above 1", None),
    ),
    "in a list of sections": (
        "schedule:\n- dose: 1\n- dose: 2\n",
        (3, "schedule.1.dose", "must be <= 1 (got 2.0)", "0 to 1", None),
    ),
    "NaN": (
        "trade: {growth: .nan}",
        (1, "trade.growth", "must be a finite number (got nan)", "above -1, below 1", None),
    ),
    "infinity": (
        "trade: {by_region: {east: .inf}}",
        (1, "trade.by_region.east", "must be a finite number (got inf)", "at least 0", None),
    ),
    "overflow": (
        "border: -1e999",
        (1, "border", "must be a finite number", "at least 0", None),
    ),
    "bad quarter": (
        "time:\n  end: 2019Q5\n",
        (2, "time.end", "'2019Q5' is not a quarter", "Q1 to Q4", None),
    ),
    "year for a quarter": (
        "time: {end: 2019}",
        (1, "time.end", "must be text (got 2019)", "Q1 to Q4", None),
    ),
    "word not on the list": (
        "lever:\n  payer: center\n",
        (2, "lever.payer", "must be one of zone, centre", "zone, centre", "centre"),
    ),
    "kind of section misspelt": (
        "geography:\n  kind: rign\n",
        (2, "geography.kind", "must be one of china, ring (got the text 'rign')", "ring", "ring"),
    ),
    "kind of section missing": (
        "name: x\ngeography: {count: 3}\n",
        (2, "geography.kind", "must be given", "china, ring", None),
    ),
    "required setting missing": (
        "name: x\ngeography:\n  kind: ring\n",
        (2, "geography.count", "must be given", "at least 2", None),
    ),
    "wrong kind of two": (
        "border: wide",
        (1, "border", "must be a number or a table", "at least 0", None),
    ),
    "wrong inside one kind of two": (
        "border:\n  east: wide",
        (2, "border.east", "must be a number (got the text 'wide')", "at least 0", None),
    ),
    "number for a section": ("trade: 3", (1, "trade", "must be a section", None, None)),
    "empty section": ("name: x\ntrade:\n", (2, "trade", "(got nothing)", None, None)),
    "section for a list": (
        "schedule: {dose: 1}",
        (1, "schedule", "must be a list (got a section)", None, None),
    ),
    "duplicate key": (
        "trade:\n  growth: 0.1\n  lags: [1]\n  growth: 0.2\n",
        (4, "trade.growth", "duplicate key, first given in line 2", None, None),
    ),
    "duplicate key, written otherwise": (
        "trade: {by_region: {east: 1, 'east': 2}}",
        (1, "trade.by_region.east", "duplicate key", None, None),
    ),
    "list at the top": ("- 1\n- 2\n", (1, "", "`name: value` (got a list)", None, None)),
    "text at the top": ("\njust words\n", (2, "", "`name: value`", None, None)),
    "two documents": ("name: x\n---\nname: y\n", (2, "", "a second document", None, None)),
    "tab": ("trade:\n\tgrowth: 0.1\n", (2, "", "a tab is used for indentation", None, None)),
    "unclosed bracket": ("name: x\ntrade: {lags: [1, 2\n", (3, "", "not valid YAML", None, None)),
    "impossible character code": (r'name: "\UFFFFFFFF"', (1, "", "not valid YAML", None, None)),
    "half a character": (r'name: "\ud800"', (1, "name", "surrogate", None, None)),
    "python object": (
        "name: !!python/object/apply:os.system ['true']\n",
        (1, "name", "the tag tag:yaml.org,2002:python/object/apply:os.system", "without", None),
    ),
    "own tag": ("name: !secret x", (1, "name", "the tag !secret is not allowed", None, None)),
    "merge key": ("a: &a {b: 1}\nc: {<<: *a}", (2, "c", "merge keys", None, None)),
    "list as key": ("? [1, 2]\n: 3\n", (1, "", "a key must be plain text", None, None)),
    "alias without anchor": ("name: *x", (1, "name", "no anchor &x", None, None)),
    "alias inside its anchor": ("a: &a [1, *a]", (1, "a.1", "&a contains itself", None, None)),
    "too deep": (
        "a: " + "[" * 5000,
        (1, "a" + ".0" * (MAX_DEPTH - 1), "nested too deeply", f"{MAX_DEPTH} levels", None),
    ),
    "too deep by aliases": (NESTED_ALIASES, (20, "a19.0", "nested too deeply", "20", None)),
    "YAML bomb": (BOMB, (5, None, "too many values", f"at most {MAX_SIZE}", None)),
    "long text repeated by aliases": (
        f"a: &a {'x' * 100_000}\nb: [{', '.join(['*a'] * 40)}]\n",
        (2, None, "too many values", f"at most {MAX_SIZE}", None),
    ),
    "huge whole number": (
        f"time:\n  steps_per_quarter: {'9' * 5000}",
        (2, "time.steps_per_quarter", "whole number too large", "64 bits", None),
    ),
    "binary": ("name: x\nb: \x00\x01\x02", (2, "", r"it holds the character '\x00'", None, None)),
    "extends a number": ("extends: 3", (1, "extends", "name of one YAML file", None, None)),
    "extends a file that is not there": (
        "name: x\nextends: other.yml\n",
        (2, "extends", "no such file", None, None),
    ),
    "extends a name with a zero byte": (r'extends: "a\0b"', (1, "extends", "name", None, None)),
}
