"""Sign alerts and verify them: XML signatures, ECDSA on P-256 with SHA-256, enveloped; pinned certificates.

Outside the core, because a key, a clock and the randomness of a signature are. There are two keys and they never stand
in for each other: one for what is `Actual`, one for what is `Exercise`, `Test` or `Draft` (1979 and 2018: what was for
an exercise went out as real). A certificate says in its organizational unit which of the two it is.

A signed file has one form only: the canonical one (Canonical XML 1.0) behind a fixed first line. So whatever bit of it
changes, even one that XML does not care about, is found. What is read from a file is read after its signature has been
verified over the whole of it, against a certificate the reader brought along, never one out of the file.
"""

import base64
import dataclasses
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final, Literal

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from lxml import etree
from msgspec import Struct
from signxml.algorithms import CanonicalizationMethod, DigestAlgorithm, SignatureMethod
from signxml.exceptions import SignXMLException
from signxml.signer import XMLSigner
from signxml.verifier import SignatureConfiguration, XMLVerifier

from tocsin.errors import ConfigError, InputError
from tocsin.formats import cap
from tocsin.messages import Alert, EventLog

Role = Literal["actual", "exercise"]
ROLES: Final[tuple[Role, ...]] = ("actual", "exercise")
REPLAY_S: Final = 900.0  # an Actual alert older than this is a replay and is not signed; our assumption
_HEAD: Final = b'<?xml version="1.0" encoding="UTF-8"?>\n'
_DS: Final = "{http://www.w3.org/2000/09/xmldsig#}"
_LIFE: Final = timedelta(days=365)
_EXPECTED: Final = SignatureConfiguration(
    location="./",
    expect_references=1,
    signature_methods=frozenset({SignatureMethod.ECDSA_SHA256}),
    digest_algorithms=frozenset({DigestAlgorithm.SHA256}),
)


class Key(Struct, frozen=True):
    """A private key and its certificate."""

    role: Role
    private: ec.EllipticCurvePrivateKey
    certificate: x509.Certificate


class Verdict(Struct, frozen=True):
    """What came of a verification: `faults`, each as `name: why`; `by`: who signed; the alert, as far as it reads."""

    faults: tuple[str, ...]
    by: str
    alert: cap.CapAlert | None

    @property
    def valid(self) -> bool:
        """Say whether nothing is wrong."""
        return not self.faults


def role_of(status: str) -> Role:
    """Say which key an alert of a status needs."""
    return "actual" if status == "Actual" else "exercise"


def make_keys(folder: Path, now: datetime) -> tuple[Path, ...]:
    """Write a pair of keys for tests, valid for a year: `ROLE.key.pem` (readable by the owner only), `ROLE.cert.pem`.

    Raises ConfigError where there is one already: a key that people have pinned is not replaced by accident.
    """
    folder.mkdir(parents=True, exist_ok=True)
    paths = [folder / f"{role}.{kind}.pem" for role in ROLES for kind in ("key", "cert")]
    for path in paths:
        if path.exists():
            raise ConfigError(f"{path} is there already; name another folder")
    for role in ROLES:
        private = ec.generate_private_key(ec.SECP256R1())
        certificate = _certificate(role, private, now)
        pem = private.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        file = folder / f"{role}.key.pem"
        file.touch(mode=0o600)
        file.write_bytes(pem)
        (folder / f"{role}.cert.pem").write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    return tuple(paths)


def load_keys(folder: Path) -> dict[Role, Key]:
    """Read the keys of a folder; where exercises are held there need be none for `actual`.

    Raises ConfigError where there is none, or one that is not what its name says.
    """
    keys: dict[Role, Key] = {}
    for role in ROLES:
        file = folder / f"{role}.key.pem"
        if not file.is_file():
            continue
        try:
            private = serialization.load_pem_private_key(file.read_bytes(), None)
        except (ValueError, TypeError, OSError) as error:
            raise ConfigError(f"{file}: no private key without password in PEM: {error}") from None
        certificate = load_certificate(folder / f"{role}.cert.pem")
        if not isinstance(private, ec.EllipticCurvePrivateKey) or private.curve.name != "secp256r1":
            raise ConfigError(f"{file}: not a key on P-256; tocsin alert keys DIR makes one")
        if private.public_key() != certificate.public_key():
            raise ConfigError(f"{file}: not the key of {role}.cert.pem")
        if role_in(certificate) != role:
            raise ConfigError(f"{role}.cert.pem: its organizational unit is not {role}")
        keys[role] = Key(role, private, certificate)
    if not keys:
        raise ConfigError(
            f"{folder} holds no exercise.key.pem or actual.key.pem; tocsin alert keys DIR makes them"
        )
    return keys


def load_certificate(file: Path) -> x509.Certificate:
    """Read a certificate in PEM; ConfigError where it is none or says no role."""
    try:
        certificate = x509.load_pem_x509_certificate(file.read_bytes())
    except OSError as error:
        raise ConfigError(f"{file}: cannot be read: {error.strerror}") from None
    except ValueError as error:
        raise ConfigError(f"{file}: no certificate in PEM: {error}") from None
    if role_in(certificate) is None:
        raise ConfigError(f"{file}: its organizational unit (OU) is neither actual nor exercise")
    return certificate


def role_in(certificate: x509.Certificate) -> Role | None:
    """Say which role a certificate is for."""
    units = [
        str(a.value) for a in certificate.subject.get_attributes_for_oid(NameOID.ORGANIZATIONAL_UNIT_NAME)
    ]
    return next((role for role in ROLES if units == [role]), None)


def sign(data: bytes, key: Key) -> bytes:
    """Sign a CAP message of ours; InputError where its status needs the other key."""
    status = cap.read(data).status
    if role_of(status) != key.role:
        raise InputError(f"the key for {key.role} does not sign what is {status}")
    signer = XMLSigner(
        signature_algorithm=SignatureMethod.ECDSA_SHA256,
        digest_algorithm=DigestAlgorithm.SHA256,
        c14n_algorithm=CanonicalizationMethod.CANONICAL_XML_1_0,
    )
    root = etree.fromstring(data, _parser())
    return _canonical(signer.sign(root, key=key.private, cert=[key.certificate]))


def signed(alert: Alert, keys: dict[Role, Key], now: datetime) -> tuple[bytes, EventLog | None]:
    """Write an alert and sign it, or say by a named event why not.

    What is `Actual` is signed only near its own time: a recording of yesterday played again gives alerts nobody takes
    for real. A key that is not here, as on a machine for exercises, signs nothing.
    """
    data = cap.write(alert)
    why = _why_not(alert, keys, now)
    if why is None:
        return sign(data, keys[role_of(alert.status)]), None
    text = f"{alert.identifier} is written without signature: {why[1]}"
    return data, EventLog(name=why[0], time=alert.sent, origin=alert.origin, text=text, warning=alert.warning)


def verify(data: bytes, certificates: Iterable[x509.Certificate]) -> Verdict:
    """Verify a signed CAP message against pinned certificates, and hold it to all rules of ours. Never an exception."""
    try:
        alert = cap.read(data)
        root = etree.fromstring(data, _parser())
    except (InputError, etree.XMLSyntaxError) as error:
        return Verdict((f"unreadable: {error}",), "", None)
    signatures = list(root.iter(f"{_DS}Signature"))
    if not signatures:
        return Verdict(("unsigned: it carries no signature",), "", alert)
    faults = _form(data, root, signatures)
    pinned = list(certificates)
    found = None if faults else _signer(data, root, pinned)
    if isinstance(found, str):
        faults.append(found)
    if faults or found is None or isinstance(found, str):
        return Verdict(tuple(faults), "", alert)
    faults += _standing(alert, found)
    faults += [f"rules: {fault}" for fault in cap.validate(data)]
    return Verdict(tuple(faults), found.subject.rfc4514_string(), alert)


def _why_not(alert: Alert, keys: dict[Role, Key], now: datetime) -> tuple[str, str] | None:
    role = role_of(alert.status)
    if role not in keys:
        return "key-missing", f"there is no key for what is {alert.status} here"
    age = (now - _datetime(cap.cap_time(alert.sent))).total_seconds()
    if alert.status == "Actual" and abs(age) > REPLAY_S:
        return "replay-not-signed", f"it is Actual and of {cap.cap_time(alert.sent)}, {age:.0f} s ago"
    return None


def _signer(data: bytes, root: etree._Element, pinned: list[x509.Certificate]) -> x509.Certificate | str:
    """Find the pinned certificate whose key signed the whole message; else say what is wrong."""
    carried = root.findtext(f".//{_DS}X509Certificate") or ""
    mine = [
        c for c in pinned if _encoded(c.public_bytes(serialization.Encoding.DER)) == "".join(carried.split())
    ]
    if not mine:
        return "certificate-unknown: the signer's certificate is none of those trusted"
    within = dataclasses.replace(
        _EXPECTED, verification_time=mine[0].not_valid_after_utc
    )  # its time: `_standing`
    try:
        result = XMLVerifier().verify(data, x509_cert=mine[0], expect_config=within)
    except (SignXMLException, ValueError, TypeError, etree.LxmlError) as error:
        return f"signature-invalid: {error}"
    whole = None if isinstance(result, list) else result.signed_xml
    if whole is None or whole.tag != root.tag or _unsigned(root) != etree.tostring(whole, method="c14n"):
        return "signature-invalid: it is not over the whole message"
    return mine[0]


def _standing(alert: cap.CapAlert, certificate: x509.Certificate) -> list[str]:
    """Check that this certificate may sign this alert: its role, its time."""
    faults = []
    role = role_in(certificate)
    if role != role_of(alert.status):
        faults.append(f"wrong-key: signed with the key for {role}, and the status is {alert.status}")
    sent = _datetime(cap.cap_time(alert.sent))
    begins, ends = certificate.not_valid_before_utc, certificate.not_valid_after_utc
    if alert.status == "Actual" and not begins <= sent <= ends:  # an exercise has the times of its scenario
        faults.append(
            f"certificate-expired: from {begins:%Y-%m-%d} to {ends:%Y-%m-%d}, the alert is of {sent:%Y-%m-%d}"
        )
    return faults


def _form(data: bytes, root: etree._Element, signatures: list[etree._Element]) -> list[str]:
    """Check that a signed file has the one form it may have, down to the last bit."""
    if len(signatures) > 1 or signatures[0].getparent() is not root or root[-1] is not signatures[0]:
        return ["signature-misplaced: there must be one, at the end of the alert"]
    if _canonical(root) != data:
        return ["not-canonical: the bytes are not those Tocsin signs"]
    for name in ("SignatureValue", "DigestValue", "X509Certificate"):
        for element in signatures[0].iter(f"{_DS}{name}"):
            text = element.text or ""
            try:
                again = _encoded(base64.b64decode("".join(text.split("\n")), validate=True))
            except ValueError:
                again = ""
            if "".join(text.split("\n")) != again or len(element):
                return [f"not-canonical: {name} is not written as Base64 is"]
    return []


def _unsigned(root: etree._Element) -> bytes:
    """Write a message without its signature, as it was signed."""
    copy = etree.fromstring(etree.tostring(root), _parser())
    signature = copy[-1]
    previous = signature.getprevious()
    if previous is not None and signature.tail:
        previous.tail = (previous.tail or "") + signature.tail
    copy.remove(signature)
    return etree.tostring(copy, method="c14n")


def _certificate(role: Role, private: ec.EllipticCurvePrivateKey, now: datetime) -> x509.Certificate:
    name = x509.Name([
        x509.NameAttribute(NameOID.ORGANIZATION_NAME, "Tocsin, for tests"),
        x509.NameAttribute(NameOID.ORGANIZATIONAL_UNIT_NAME, role),
        x509.NameAttribute(NameOID.COMMON_NAME, f"Tocsin test key, {role}"),
    ])  # fmt: skip
    builder = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(private.public_key())
    builder = builder.serial_number(x509.random_serial_number())
    builder = builder.not_valid_before(now - timedelta(days=1)).not_valid_after(now + _LIFE)
    builder = builder.add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
    return builder.sign(private, hashes.SHA256())


def _canonical(root: etree._Element) -> bytes:
    return _HEAD + etree.tostring(root, method="c14n", with_comments=False) + b"\n"


def _parser() -> etree.XMLParser:
    return etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False)


def _encoded(data: bytes) -> str:
    return base64.b64encode(data).decode()


def _datetime(cap_time: str) -> datetime:
    return datetime.fromisoformat(cap_time).astimezone(UTC)
