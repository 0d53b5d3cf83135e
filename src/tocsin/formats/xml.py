"""Read XML from strangers: no document type, no entities, no depth or length beyond reason."""

from typing import Final
from xml.etree.ElementTree import Element, TreeBuilder
from xml.parsers import expat

LENGTH_MAX: Final = (
    1_000_000  # bytes; an alert feed refuses more than 900 kB (developers.google.com/public-alerts)
)
DEPTH_MAX: Final = 20


class XmlError(ValueError):
    """Say why a document is not read."""


def parse(data: bytes) -> Element:
    """Read a document into a tree with names as `{namespace}name`.

    Raises `XmlError` when it is not well-formed, carries a document type declaration (and so could define
    entities), nests too deeply or is too long. Entities other than XML's own five cannot occur without a
    declaration.
    """
    if len(data) > LENGTH_MAX:
        raise XmlError(f"longer than {LENGTH_MAX} bytes")
    builder = TreeBuilder()
    depth = 0

    def start(name: str, attributes: dict[str, str]) -> None:
        nonlocal depth
        depth += 1
        if depth > DEPTH_MAX:
            raise XmlError(f"nested deeper than {DEPTH_MAX}")
        builder.start(_named(name), {_named(key): value for key, value in attributes.items()})

    def end(name: str) -> None:
        nonlocal depth
        depth -= 1
        builder.end(_named(name))

    parser = expat.ParserCreate(namespace_separator="}")
    parser.StartElementHandler = start
    parser.EndElementHandler = end
    parser.CharacterDataHandler = builder.data
    parser.StartDoctypeDeclHandler = _refuse_doctype
    try:
        parser.Parse(data, True)
    except expat.ExpatError as error:
        raise XmlError(f"not well-formed: {error}") from None
    except (LookupError, ValueError) as error:
        if isinstance(error, XmlError):
            raise
        raise XmlError(f"encoding not known: {error}") from None
    return builder.close()


def local_name(element: Element, namespace: str) -> str | None:
    """Give an element's name without its namespace; None when it is of another."""
    prefix = "{" + namespace + "}"
    return element.tag[len(prefix) :] if element.tag.startswith(prefix) else None


def clean(text: str) -> str:
    """Replace what XML 1.0 cannot carry by U+FFFD, and end lines as a reader will give them back."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n")
    return "".join(c if _is_char(ord(c)) else "\ufffd" for c in lines)


def _named(name: str) -> str:
    return "{" + name if "}" in name else name


def _refuse_doctype(*_: object) -> None:
    raise XmlError("a document type declaration is refused")


def _is_char(code: int) -> bool:
    """Test XML 1.0 (fifth edition), production 2."""
    if code < 0x20:
        return code in (0x9, 0xA, 0xD)
    return code <= 0xD7FF or 0xE000 <= code <= 0xFFFD or code >= 0x10000
