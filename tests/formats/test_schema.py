"""The schema agrees with the decoder."""

import re

import msgspec

from tocsin import messages
from tocsin.formats.schema import INCOMING, OUTGOING, schema


def test_every_wire_message_has_a_definition():
    definitions = schema()["$defs"]
    structs = [t for t in vars(messages).values() if isinstance(t, type) and issubclass(t, msgspec.Struct)]
    on_the_wire = {t.__name__ for t in structs if t.__struct_config__.tag_field == "kind"} - {"Scan"}
    assert on_the_wire == {t.__name__ for t in INCOMING + OUTGOING}
    assert on_the_wire <= set(definitions)
    assert len(schema()["anyOf"]) == len(on_the_wire)


def test_definitions_say_what_the_messages_say():
    definitions = schema()["$defs"]
    for type_ in INCOMING:
        definition = definitions[type_.__name__]
        fields = msgspec.structs.fields(type_)
        assert set(definition["properties"]) == {f.encode_name for f in fields} | {"kind", "crc32"}
        assert set(definition["required"]) == {f.encode_name for f in fields if f.required} | {"kind"}
        assert {"kind", "origin"} <= set(definition["required"])
    latitude = definitions["Sensor"]["properties"]["latitude_deg"]["anyOf"][0]
    assert (latitude["minimum"], latitude["maximum"]) == (-90, 90)
    assert definitions["Notification"]["properties"]["from"] == {"type": "string"}


def test_times_are_text_and_references_resolve():
    whole = schema()
    assert whole["$defs"]["Status"]["properties"]["time"]["format"] == "date-time"
    pattern = whole["$defs"]["Status"]["properties"]["time"]["pattern"]
    assert re.search(pattern, "2026-05-16T00:00:12.250000Z")
    assert not re.search(pattern, "2026-05-16T00:00:12.250000")
    text = msgspec.json.encode(whole).decode()
    references = set(re.findall(r'"\$ref":"#/\$defs/(\w+)"', text))
    assert references <= set(whole["$defs"])


def test_every_field_of_a_number_names_its_unit():
    """What a machine stores carries its unit, even SI."""
    units = ("_s", "_m", "_mps", "_deg", "_urad", "_w_m2", "_db", "_arcsec")
    plain = {
        "seq", "crc32", "count", "count_low", "count_high", "unresolved", "version", "line", "detections",
        "detection_probability", "false_alarms_per_scan",
    }  # fmt: skip
    for name, definition in schema()["$defs"].items():
        for field, content in definition["properties"].items():
            kinds = {content.get("type"), *(option.get("type") for option in content.get("anyOf", ()))}
            if kinds & {"number", "integer"}:
                assert field in plain or field.endswith(units), f"{name}.{field}"
