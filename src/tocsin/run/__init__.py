"""A scenario or recordings through the pipeline, into a run's folder or a stream."""

from tocsin.run.engine import Confirm, Hook, Outcome, process, run, stream
from tocsin.run.policy import Policy

__all__ = ["Confirm", "Hook", "Outcome", "Policy", "process", "run", "stream"]
