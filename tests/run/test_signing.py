"""Signatures: what is accepted, and by what name everything else is refused."""

import random
import re
from datetime import UTC, datetime, timedelta

import pytest
from lxml import etree
from signxml.algorithms import CanonicalizationMethod, DigestAlgorithm, SignatureMethod
from signxml.signer import XMLSigner

from tocsin.alerting.area import ring
from tocsin.earth.time import parse_utc
from tocsin.errors import ConfigError, InputError
from tocsin.formats import cap
from tocsin.messages import SECOND, Alert, Ellipse, Instant
from tocsin.run import signing

NOW = datetime(2026, 5, 16, 0, 1, 30, tzinfo=UTC)
SENT = parse_utc("2026-05-16T00:01:07Z")


def alert(status="Actual", number=1):
    """An alert as the desk makes them."""
    mark = "" if status == "Actual" else status.upper()

    def marked(text):
        return f"{mark}: {text} {mark}" if mark else text

    ellipse = Ellipse(semi_major_m=21_000.0, semi_minor_m=6_000.0, bearing_deg=80.0)
    return Alert(
        identifier=f"W-20260516-0001.{number}.live", sender="desk@tocsin.invalid", sent=SENT, status=status,
        msg_type="Alert", references=(), warning="W-20260516-0001", version=7, phase="take-shelter",
        event=marked("Ballistic missile"), urgency="Immediate", severity="Extreme", certainty="Observed",
        headline=marked("Missile alert"), description=marked("It falls."), instruction=marked("Take shelter."),
        expires=Instant(SENT + 3600 * SECOND), impact_earliest=Instant(SENT + 590 * SECOND),
        impact_likeliest=Instant(SENT + 600 * SECOND), impact_latest=Instant(SENT + 610 * SECOND),
        area_description="Around 41.20° N 143.10° E", polygon=ring(41.2, 143.1, ellipse, 36, 1000.0),
        origin="live" if status == "Actual" else "exercise", note=marked("not real") if mark else "",
        prediction="7:" + "0123456789abcdef" * 2,
    )  # fmt: skip


@pytest.fixture(scope="module")
def keys(tmp_path_factory):
    folder = tmp_path_factory.mktemp("keys")
    signing.make_keys(folder, NOW)
    return signing.load_keys(folder)


@pytest.fixture(scope="module")
def pinned(keys):
    return [key.certificate for key in keys.values()]


@pytest.fixture(scope="module")
def good(keys):
    return signing.sign(cap.write(alert()), keys["actual"])


def names(verdict):
    return [fault.partition(":")[0] for fault in verdict.faults]


@pytest.mark.parametrize("status", ["Actual", "Exercise", "Test", "Draft"])
def test_signed_and_verified(keys, pinned, status):
    data, said = signing.signed(alert(status), keys, NOW)
    assert said is None
    verdict = signing.verify(data, pinned)
    assert verdict.faults == ()
    assert verdict.valid
    assert f"OU={'actual' if status == 'Actual' else 'exercise'}" in verdict.by
    assert verdict.alert is not None
    assert verdict.alert.status == status


def test_a_signed_alert_says_what_the_unsigned_says(good):
    assert cap.read(good) == cap.read(cap.write(alert()))
    assert cap.validate(good) == []


def test_unsigned(pinned):
    assert names(signing.verify(cap.write(alert()), pinned)) == ["unsigned"]


def test_nobody_is_trusted_who_is_not_pinned(good, pinned):
    assert names(signing.verify(good, [])) == ["certificate-unknown"]
    assert names(signing.verify(good, pinned[1:])) == ["certificate-unknown"]


def test_a_certificate_in_the_file_is_no_reason_to_trust_it(good, pinned, tmp_path):
    """A stranger signs; then puts our certificate in the place of his."""
    signing.make_keys(tmp_path, NOW)
    stranger = signing.load_keys(tmp_path)["actual"]
    forged = signing.sign(cap.write(alert()), stranger)
    assert names(signing.verify(forged, pinned)) == ["certificate-unknown"]
    ours = re.search(rb"<ds:X509Certificate>.*?</ds:X509Certificate>", good, re.DOTALL)[0]
    swapped = re.sub(
        rb"<ds:X509Certificate>.*?</ds:X509Certificate>", lambda _: ours, forged, flags=re.DOTALL
    )
    assert names(signing.verify(swapped, pinned)) == ["signature-invalid"]


def _signed_anyway(data, key):
    """Sign without asking whether the key is for it, as one would who has stolen it."""
    signer = XMLSigner(
        signature_algorithm=SignatureMethod.ECDSA_SHA256,
        digest_algorithm=DigestAlgorithm.SHA256,
        c14n_algorithm=CanonicalizationMethod.CANONICAL_XML_1_0,
    )
    root = signer.sign(etree.fromstring(data), key=key.private, cert=[key.certificate])
    return b'<?xml version="1.0" encoding="UTF-8"?>\n' + etree.tostring(root, method="c14n") + b"\n"


def test_each_key_signs_its_own_only(keys, pinned):
    for status, role in (("Actual", "exercise"), ("Exercise", "actual")):
        data = cap.write(alert(status))
        with pytest.raises(InputError, match="does not sign what is"):
            signing.sign(data, keys[role])
        assert names(signing.verify(_signed_anyway(data, keys[role]), pinned)) == ["wrong-key"]


def test_where_exercises_are_held_nothing_is_actual(keys):
    data, said = signing.signed(alert(), {"exercise": keys["exercise"]}, NOW)
    assert said.name == "key-missing"
    assert said.origin == "live"
    assert b"Signature" not in data


@pytest.mark.parametrize(
    ("late_s", "name"), [(890, None), (910, "replay-not-signed"), (-910, "replay-not-signed")]
)
def test_an_old_recording_played_again_is_not_signed(keys, late_s, name):
    at = datetime(2026, 5, 16, 0, 1, 7, tzinfo=UTC) + timedelta(seconds=late_s)
    data, said = signing.signed(alert(), keys, at)
    assert (said and said.name) == name
    assert (b"Signature" in data) == (name is None)


def test_an_old_exercise_may_be_played_again(keys):
    assert signing.signed(alert("Exercise"), keys, NOW + timedelta(days=400))[1] is None


def test_a_certificate_that_was_not_valid_then(tmp_path):
    signing.make_keys(tmp_path, NOW - timedelta(days=500))
    old = signing.load_keys(tmp_path)
    data = signing.sign(cap.write(alert()), old["actual"])
    assert names(signing.verify(data, [old["actual"].certificate])) == ["certificate-expired"]


@pytest.mark.parametrize(
    ("was", "now", "name"),
    [
        (b"41.", b"42.", "signature-invalid"),
        (b"<status>Actual", b"<status>Exercise", "signature-invalid"),
        (b"?>\n<alert", b"?>\n\n<alert", "not-canonical"),
        (b"</alert>\n", b"</alert>", "not-canonical"),
        (b"</alert>", b"<!-- all is well --></alert>", "signature-misplaced"),
        (b"<info>", b"<!-- all is well --><info>", "not-canonical"),
        (b"UTF-8", b"utf-8", "not-canonical"),
        (b"<ds:Reference URI=\"\">", b"<ds:Reference URI=\"#a\">", "signature-invalid"),
    ],
)  # fmt: skip
def test_nothing_may_be_changed(good, pinned, was, now, name):
    assert good.count(was) >= 1
    found = names(signing.verify(good.replace(was, now, 1), pinned))
    assert found == [name]


def test_a_signature_of_another_alert(good, keys, pinned):
    other = signing.sign(cap.write(alert(number=2)), keys["actual"])
    mine, theirs = (re.search(rb"<ds:Signature .*</ds:Signature>", d, re.DOTALL)[0] for d in (good, other))
    assert names(signing.verify(good.replace(mine, theirs), pinned)) == ["signature-invalid"]


def test_two_signatures(good, pinned):
    one = re.search(rb"<ds:Signature .*</ds:Signature>", good, re.DOTALL)[0]
    assert names(signing.verify(good.replace(one, one + one), pinned)) == ["signature-misplaced"]


def test_a_signature_around_a_smaller_thing(good, pinned):
    """Wrapping: the signed alert stands inside another that readers would take for it."""
    inner = good.split(b"?>\n", 1)[1].strip()
    outer = good.replace(b"</alert>", b"<note>" + inner + b"</note></alert>", 1)
    assert not signing.verify(outer, pinned).valid


def test_what_is_signed_must_keep_the_rules(keys, pinned):
    """A valid signature on an area of another prediction: still refused, by name."""
    stale = cap.write(alert()).replace(b"41.2", b"42.2")
    (fault,) = signing.verify(signing.sign(stale, keys["actual"]), pinned).faults
    assert fault.startswith("rules: area: stale-area")


def test_every_single_bit(good, pinned):
    """A thousand of them here; ten thousand in `make bench`, where every place of the file is visited."""
    draw = random.Random(1980)
    for at in draw.sample(range(len(good) * 8), 1000):
        flipped = bytearray(good)
        flipped[at // 8] ^= 1 << at % 8
        assert not signing.verify(bytes(flipped), pinned).valid, at


def test_never_an_exception(pinned):
    draw = random.Random(7)
    for length in (0, 1, 10, 1000):
        assert names(signing.verify(draw.randbytes(length), pinned)) == ["unreadable"]


# -------------------------------------------------------------------------------------------------- keys


def test_a_key_is_for_its_owner_only_and_is_not_replaced(tmp_path):
    paths = signing.make_keys(tmp_path / "k", NOW)
    assert [p.name for p in paths] == [
        "actual.key.pem",
        "actual.cert.pem",
        "exercise.key.pem",
        "exercise.cert.pem",
    ]
    assert all(p.stat().st_mode & 0o077 == 0 for p in paths if ".key." in p.name)
    with pytest.raises(ConfigError, match="is there already"):
        signing.make_keys(tmp_path / "k", NOW)


def test_keys_that_are_none(tmp_path):
    with pytest.raises(ConfigError, match="tocsin alert keys DIR makes them"):
        signing.load_keys(tmp_path)
    paths = signing.make_keys(tmp_path, NOW)
    paths[0].write_text("nothing")
    with pytest.raises(ConfigError, match=r"actual\.key\.pem: no private key"):
        signing.load_keys(tmp_path)


def test_keys_in_each_others_place(tmp_path):
    signing.make_keys(tmp_path, NOW)
    names_ = ("actual.key.pem", "actual.cert.pem")
    for name in names_:
        (tmp_path / name).write_bytes((tmp_path / name.replace("actual", "exercise")).read_bytes())
    with pytest.raises(ConfigError, match="organizational unit is not actual"):
        signing.load_keys(tmp_path)


def test_a_key_of_another_certificate(tmp_path):
    signing.make_keys(tmp_path / "a", NOW)
    signing.make_keys(tmp_path / "b", NOW)
    (tmp_path / "a/actual.cert.pem").write_bytes((tmp_path / "b/actual.cert.pem").read_bytes())
    with pytest.raises(ConfigError, match=r"not the key of actual\.cert\.pem"):
        signing.load_keys(tmp_path / "a")


def test_only_the_exercise_key_may_be_there(tmp_path):
    for path in signing.make_keys(tmp_path, NOW)[:2]:
        path.unlink()
    assert list(signing.load_keys(tmp_path)) == ["exercise"]
