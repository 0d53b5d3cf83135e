"""Errors by whose fault they are.

Ours are assertions. A sensor's become a `rejected` event and never an exception. The operator's are here.
"""


class TocsinError(Exception):
    """Say what is wrong with something a person gave us, where, and what would be right."""


class ConfigError(TocsinError):
    """A scenario, network, setting or command that cannot be used as written (exit code 2)."""


class InputError(TocsinError):
    """A file that cannot be read at all, is empty, or is cut short (exit code 3)."""


def interrupted(error: BaseException) -> bool:
    """Tell whether an error is a person's interrupt.

    One that comes while a compiled function takes its arguments leaves that function as a SystemError, whose causes
    end in the KeyboardInterrupt (Numba 0.68.1: four of five interrupts of a loop over one small kernel).
    """
    while isinstance(error, SystemError) and error.__cause__ is not None:
        error = error.__cause__
    return isinstance(error, KeyboardInterrupt)
