"""Configurations: schema building blocks, YAML files, overrides, errors that say what to do."""

from sim.config.base import Config, Quarter, param
from sim.config.document import Document, Where, merge, read
from sim.config.errors import ConfigError, Place, Problem, nearest_name
from sim.config.load import load, validate
from sim.config.overrides import apply_overrides
from sim.config.schema import Parameter, parameters
from sim.config.values import digest, dump, plain

__all__ = [
    "Config",
    "ConfigError",
    "Document",
    "Parameter",
    "Place",
    "Problem",
    "Quarter",
    "Where",
    "apply_overrides",
    "digest",
    "dump",
    "load",
    "merge",
    "nearest_name",
    "param",
    "parameters",
    "plain",
    "read",
    "validate",
]
