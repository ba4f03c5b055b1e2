"""A private authority and server certificates for the servers beside the application (docker-compose.yml).

``python -m harmoniously.certificates DIRECTORY name[:uid] …`` writes ca.crt and, for each name, name.crt and name.key,
the key readable by that user only. The authority's own key is thrown away, so nobody can issue another. Does nothing
while all files are there and good for another 30 days.
"""

import os
import sys
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

VALID_DAYS = 3650
RENEW_DAYS = 30


def ensure(directory: Path, names: dict[str, int | None], *, now: datetime) -> bool:
    """Write the certificates unless they are there and fresh; true when they were written. Values of names are uids."""
    if _fresh(directory, list(names), now):
        return False
    directory.mkdir(parents=True, exist_ok=True)
    authority_key = ec.generate_private_key(ec.SECP256R1())
    authority = _authority(authority_key, now)
    for name, uid in names.items():
        key = ec.generate_private_key(ec.SECP256R1())
        certificate = _server(name, key, authority, authority_key, now)
        (directory / f"{name}.crt").write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
        _write_key(directory / f"{name}.key", key, uid)
    (directory / "ca.crt").write_bytes(authority.public_bytes(serialization.Encoding.PEM))
    return True


def _fresh(directory: Path, names: list[str], now: datetime) -> bool:
    wanted = [directory / "ca.crt", *(directory / f"{name}.crt" for name in names)]
    if not all(path.exists() for path in [*wanted, *(directory / f"{name}.key" for name in names)]):
        return False
    ends = [x509.load_pem_x509_certificate(path.read_bytes()).not_valid_after_utc for path in wanted]
    return min(ends) > now + timedelta(days=RENEW_DAYS)


def _builder(subject: str, issuer: x509.Name, key: ec.EllipticCurvePublicKey, now: datetime) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(_name(subject))
        .issuer_name(issuer)
        .public_key(key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + timedelta(days=VALID_DAYS))
    )


def _name(text: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])


def _usage(*, signs_certificates: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not signs_certificates,
        key_cert_sign=signs_certificates,
        crl_sign=signs_certificates,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        encipher_only=False,
        decipher_only=False,
    )


def _authority(key: ec.EllipticCurvePrivateKey, now: datetime) -> x509.Certificate:
    name = "Harmoniously internal authority"
    builder = _builder(name, _name(name), key.public_key(), now)
    builder = builder.add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
    builder = builder.add_extension(_usage(signs_certificates=True), critical=True)
    identifier = x509.SubjectKeyIdentifier.from_public_key(key.public_key())
    return builder.add_extension(identifier, critical=False).sign(key, hashes.SHA256())


def _server(
    name: str,
    key: ec.EllipticCurvePrivateKey,
    authority: x509.Certificate,
    authority_key: ec.EllipticCurvePrivateKey,
    now: datetime,
) -> x509.Certificate:
    builder = _builder(name, authority.subject, key.public_key(), now)
    builder = builder.add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
    builder = builder.add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
    builder = builder.add_extension(_usage(signs_certificates=False), critical=True)
    builder = builder.add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
    issuer = x509.AuthorityKeyIdentifier.from_issuer_public_key(authority_key.public_key())
    return builder.add_extension(issuer, critical=False).sign(authority_key, hashes.SHA256())


def _write_key(path: Path, key: ec.EllipticCurvePrivateKey, uid: int | None) -> None:
    text = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    path.unlink(missing_ok=True)
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(text)
    if uid is not None:
        os.chown(path, uid, uid)


def main(arguments: list[str]) -> None:
    directory, *servers = arguments
    pairs = [server.partition(":") for server in servers]
    names = {name: int(uid) if uid else None for name, _, uid in pairs}
    # A certificate is judged by other machines, so it starts at the real time.
    written = ensure(Path(directory), names, now=datetime.fromtimestamp(time.time(), UTC))
    print("Certificates written." if written else "The certificates are good.")


if __name__ == "__main__":
    main(sys.argv[1:])
