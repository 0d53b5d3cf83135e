"""Errors by whose fault they are.

Ours are assertions. A sensor's become a `rejected` event and never an exception. The operator's are here.
"""


class TocsinError(Exception):
    """Say what is wrong with something a person gave us, where, and what would be right."""


class ConfigError(TocsinError):
    """A scenario, network, setting or command that cannot be used as written (exit code 2)."""


class InputError(TocsinError):
    """A file that cannot be read at all, is empty, or is cut short (exit code 3)."""
