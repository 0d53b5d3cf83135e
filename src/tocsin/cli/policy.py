"""A policy file: a named rule that may confirm by itself, because two people signed it beforehand."""

from pathlib import Path
from typing import Final

from msgspec import Struct

from tocsin.alerting.release import POLICY, same_person
from tocsin.errors import ConfigError
from tocsin.formats import toml
from tocsin.messages import Name
from tocsin.run import Policy

SIGNERS: Final = 2


class PolicyFile(Struct, frozen=True, kw_only=True):
    """The TOML of a policy."""

    name: Name
    signed_by: tuple[Name, ...]


def decode(text: str, file: str) -> Policy:
    """Decode a policy; a ConfigError where fewer than two different people signed it."""
    policy = toml.decode(text, PolicyFile, file)
    name = policy.name.strip()
    if not name or name.casefold().startswith(POLICY):
        raise ConfigError(f'{file}: name: write the name alone, without "{POLICY}"')
    people: list[str] = []
    for signer in policy.signed_by:
        if signer.strip() and not any(same_person(signer, other) for other in people):
            people.append(signer)
    if len(people) < SIGNERS:
        have = ", ".join(people) or "nobody"
        raise ConfigError(f"{file}: signed_by: two different people must sign a policy; signed by {have}")
    return Policy(name=name, signed_by=tuple(people))


def load(path: str) -> Policy:
    """Read a policy file; a ConfigError says why it cannot be used."""
    try:
        text = Path(path).read_text(encoding="utf-8")
    except OSError as error:
        raise ConfigError(f"{path}: cannot be read: {error.strerror}") from None
    except UnicodeDecodeError as error:
        raise ConfigError(f"{path}: not UTF-8 text: {error.reason} at byte {error.start}") from None
    return decode(text, path)
