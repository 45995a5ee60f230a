"""One check each. Order is the specification: see ``pipeline``."""
