"""Read XML from strangers: no document type, no entities, no depth or length beyond reason."""

import re
from collections.abc import Callable
from typing import Final, NamedTuple
from xml.etree.ElementTree import Element, TreeBuilder
from xml.parsers import expat

LENGTH_MAX: Final = (
    1_000_000  # bytes; an alert feed refuses more than 900 kB (developers.google.com/public-alerts)
)
DEPTH_MAX: Final = 20
# What is no character of XML 1.0 (fifth edition), production 2.
_NO_CHAR: Final = re.compile("[^\\t\\n\\r\\x20-\\ud7ff\\ue000-\\ufffd\\U00010000-\\U0010ffff]")


class XmlError(ValueError):
    """Say why a document is not read."""


class Step(NamedTuple):
    """A tag of a document: where it stands, whether it begins an element, and the text that it ends."""

    line: int
    name: str
    begins: bool
    text: str
    attributes: dict[str, str]


def parse(data: bytes) -> Element:
    """Read a document into a tree with names as `{namespace}name`.

    Raises `XmlError` when it is not well-formed, carries a document type declaration (and so could define
    entities), nests too deeply or is too long. Entities other than XML's own five cannot occur without a
    declaration.
    """
    builder = TreeBuilder()
    _feed(
        data,
        lambda _, name, attributes: builder.start(name, attributes),
        lambda _, name: builder.end(name),
        builder.data,
        LENGTH_MAX,
    )
    return builder.close()


def steps(data: bytes, length_max: int) -> list[Step]:
    """Read a document as its tags in order, each with its line and, at an end, the text since the tag before.

    Names come without a namespace. Raises as `parse`, with `length_max` bytes in place of its limit.
    """
    found: list[Step] = []
    texts: list[str] = []

    def start(line: int, name: str, attributes: dict[str, str]) -> None:
        texts.clear()
        found.append(Step(line, name.rpartition("}")[2], True, "", attributes))

    def end(line: int, name: str) -> None:
        found.append(Step(line, name.rpartition("}")[2], False, "".join(texts).strip(), {}))
        texts.clear()

    _feed(data, start, end, texts.append, length_max)
    return found


def _feed(
    data: bytes,
    on_start: Callable[[int, str, dict[str, str]], object],
    on_end: Callable[[int, str], object],
    on_text: Callable[[str], object],
    length_max: int,
) -> None:
    """Tell each tag with its line, and the text between; raise as `parse`."""
    if len(data) > length_max:
        raise XmlError(f"longer than {length_max} bytes")
    depth = 0
    parser = expat.ParserCreate(namespace_separator="}")

    def start(name: str, attributes: dict[str, str]) -> None:
        nonlocal depth
        depth += 1
        if depth > DEPTH_MAX:
            raise XmlError(f"nested deeper than {DEPTH_MAX}")
        named = {_named(key): value for key, value in attributes.items()}
        on_start(parser.CurrentLineNumber, _named(name), named)

    def end(name: str) -> None:
        nonlocal depth
        depth -= 1
        on_end(parser.CurrentLineNumber, _named(name))

    parser.StartElementHandler = start
    parser.EndElementHandler = end
    parser.CharacterDataHandler = on_text
    parser.StartDoctypeDeclHandler = _refuse_doctype
    try:
        parser.Parse(data, True)
    except expat.ExpatError as error:
        raise XmlError(f"not well-formed: {error}") from None
    except (LookupError, ValueError) as error:
        if isinstance(error, XmlError):
            raise
        raise XmlError(f"encoding not known: {error}") from None


def local_name(element: Element, namespace: str) -> str | None:
    """Give an element's name without its namespace; None when it is of another."""
    prefix = "{" + namespace + "}"
    return element.tag[len(prefix) :] if element.tag.startswith(prefix) else None


def clean(text: str) -> str:
    """Replace what XML 1.0 cannot carry by U+FFFD, and end lines as a reader will give them back."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n")
    return _NO_CHAR.sub("\ufffd", lines)


def _named(name: str) -> str:
    return "{" + name if "}" in name else name


def _refuse_doctype(*_: object) -> None:
    raise XmlError("a document type declaration is refused")
