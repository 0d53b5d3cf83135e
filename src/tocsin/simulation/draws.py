"""Random draws by name: each has its own generator, so that leaving one out moves none of the others."""

from hashlib import blake2b

import numpy as np


def draw(study: str, run: int, thing: str, sensor: str, look: int, purpose: str) -> np.random.Generator:
    """Return the generator of one named draw, the same on every machine and in every order.

    `thing` is an object's id or "" for what belongs to the sensor alone; `look` counts from 0. Philox keyed
    by a 128-bit hash of the names (Salmon et al. 2011): equal names give equal numbers, different names
    independent ones.
    """
    name = "\x1f".join((study, str(run), thing, sensor, str(look), purpose))
    key = blake2b(name.encode(), digest_size=16).digest()
    return np.random.Generator(np.random.Philox(key=np.frombuffer(key, dtype="<u8")))
