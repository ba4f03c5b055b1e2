"""A passkey as a browser makes it, for the pages that show one."""

import hashlib
from typing import Any

from django.conf import settings
from fido2.cose import ES256
from fido2.utils import websafe_encode
from fido2.webauthn import AttestationObject, AttestedCredentialData, AuthenticatorData, CollectedClientData


def credential() -> dict[str, Any]:
    """What a browser answers when a passkey is made, with a key that nobody has."""
    key = ES256({1: 2, 3: -7, -1: 1, -2: b"\x01" * 32, -3: b"\x02" * 32})
    told = AuthenticatorData.create(
        hashlib.sha256(b"localhost").digest(),
        AuthenticatorData.FLAG.AT | AuthenticatorData.FLAG.UP | AuthenticatorData.FLAG.UV,
        0,
        AttestedCredentialData.create(b"\x00" * 16, b"\x03" * 16, key),
    )
    said = CollectedClientData.create("webauthn.create", b"\x04" * 32, settings.PUBLIC_BASE_URL)
    name = websafe_encode(b"\x03" * 16)
    answer = {
        "clientDataJSON": websafe_encode(said),
        "attestationObject": websafe_encode(AttestationObject.create("none", told, {})),
    }
    return {"id": name, "rawId": name, "type": "public-key", "response": answer, "clientExtensionResults": {}}
