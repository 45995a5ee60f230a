"""What other products export, as rows of an import: one module for each, all behind :class:`.contract.Converter`."""

from idp.directory.bulk.converters.contract import Converter
from idp.directory.bulk.converters.table import CONVERTERS, named

__all__ = ["CONVERTERS", "Converter", "named"]
