"""The encrypted field: AES-256-GCM, bound to its row and column, with a ring of keys (docs/adr/0008).

A value is written as JSON before it is sealed, so None, "", 0, False, [] and {} all come back as themselves. The seal
covers "app.model.field:primary key": a cell that is copied to another row or column does not open. A token is
``v1:<key id>:<base64 of nonce and ciphertext>``.
"""

import base64
import binascii
import json
import logging
import os
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings
from django.core.exceptions import FieldError, ImproperlyConfigured
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.db.models.query_utils import DeferredAttribute
from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    _Field = models.Field[Any, Any]
else:  # Django's classes take no type arguments at run time
    _Field = models.Field

NONCE_BYTES = 12
# What staff read in the place of something sealed that does not open.
UNREADABLE = _("This cannot be read now. Tell an administrator.")
logger = logging.getLogger(__name__)


class DecryptionError(Exception):
    """A sealed value does not open: wrong key, changed text, or moved to another row."""


@lru_cache(maxsize=4)
def _keys(text: str) -> dict[str, bytes]:
    keys: dict[str, bytes] = {}
    for entry in filter(None, (part.strip() for part in text.split(","))):
        key_id, _, encoded = entry.partition(":")
        try:
            key = base64.b64decode(encoded, validate=True)
        except binascii.Error as error:
            raise ImproperlyConfigured(f"PHI_KEYS: the key {key_id!r} is not base64.") from error
        if len(key) != 32 or not key_id or key_id in keys:
            raise ImproperlyConfigured(f"PHI_KEYS: {key_id!r} needs an id of its own and 32 bytes.")
        keys[key_id] = key
    if not keys:
        raise ImproperlyConfigured("PHI_KEYS holds no key.")
    return keys


@lru_cache(maxsize=4)
def key_ring(text: str) -> dict[str, AESGCM]:
    """The keys of PHI_KEYS in order; the first one seals. ImproperlyConfigured when one is not 32 bytes of base64."""
    return {key_id: AESGCM(key) for key_id, key in _keys(text).items()}


@lru_cache(maxsize=16)
def derived_keys(text: str, label: str) -> dict[str, bytes]:
    """A key of its own for another purpose, made of each key of the ring: whoever learns it opens nothing sealed."""
    return {
        key_id: HKDF(algorithm=SHA256(), length=32, salt=None, info=label.encode()).derive(key)
        for key_id, key in _keys(text).items()
    }


def seal(value: Any, *, place: str) -> str:
    """Encrypt any JSON value for one place ("app.model.field:pk")."""
    ring = key_ring(settings.PHI_KEYS)
    key_id, cipher = next(iter(ring.items()))
    nonce = os.urandom(NONCE_BYTES)
    plain = json.dumps(value, cls=DjangoJSONEncoder, ensure_ascii=False, separators=(",", ":")).encode()
    sealed = nonce + cipher.encrypt(nonce, plain, place.encode())
    return f"v1:{key_id}:{base64.b64encode(sealed).decode()}"


def unseal(token: str, *, place: str) -> Any:
    """Decrypt what ``seal`` made for the same place; DecryptionError for anything else, never the ciphertext."""
    version, _, rest = token.partition(":")
    key_id, _, encoded = rest.partition(":")
    cipher = key_ring(settings.PHI_KEYS).get(key_id)
    if version != "v1" or cipher is None:
        raise DecryptionError(f"No key opens {place.partition(':')[0]}.")
    try:
        sealed = base64.b64decode(encoded, validate=True)
        plain = cipher.decrypt(sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], place.encode())
    except (InvalidTag, binascii.Error, ValueError) as error:
        raise DecryptionError(f"{place.partition(':')[0]} does not open.") from error
    return json.loads(plain)


def seal_bytes(value: bytes, *, place: str) -> bytes:
    """Encrypt the bytes of a file for one place, as ``seal`` does for JSON: ``v1:<key id>:`` nonce and ciphertext."""
    key_id, cipher = next(iter(key_ring(settings.PHI_KEYS).items()))
    nonce = os.urandom(NONCE_BYTES)
    return f"v1:{key_id}:".encode() + nonce + cipher.encrypt(nonce, value, place.encode())


def unseal_bytes(token: bytes, *, place: str) -> bytes:
    """Decrypt what ``seal_bytes`` made for the same place; DecryptionError for anything else."""
    version, _, rest = token.partition(b":")
    key_id, _, sealed = rest.partition(b":")
    cipher = key_ring(settings.PHI_KEYS).get(key_id.decode(errors="replace"))
    if version != b"v1" or cipher is None:
        raise DecryptionError(f"No key opens {place.partition(':')[0]}.")
    try:
        return cipher.decrypt(sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], place.encode())
    except (InvalidTag, ValueError) as error:
        raise DecryptionError(f"{place.partition(':')[0]} does not open.") from error


class Sealed(str):
    """A token as it stands in the database, not opened yet."""

    __slots__ = ()


class EncryptedAttribute(DeferredAttribute):
    """Opens a sealed value the first time it is read, when the row's key is known."""

    field: "EncryptedJSONField"

    def __get__(self, instance: Any, cls: Any = None) -> Any:
        if instance is None:
            return self
        value = super().__get__(instance, cls)
        if isinstance(value, Sealed):
            value = unseal(value, place=self.field.place(instance))
            instance.__dict__[self.field.attname] = value
        return value

    def __set__(self, instance: Any, value: Any) -> None:
        instance.__dict__[self.field.attname] = value


class EncryptedJSONField(_Field):
    """A column that holds any JSON value, sealed. It cannot be searched, ordered or changed by ``update()``."""

    descriptor_class = EncryptedAttribute

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        if kwargs.get("db_index") or kwargs.get("unique") or kwargs.get("primary_key"):
            raise FieldError("An encrypted field cannot be indexed.")
        super().__init__(*args, **kwargs)

    def get_internal_type(self) -> str:
        return "TextField"

    def place(self, instance: models.Model) -> str:
        """Where a value belongs: the seal opens nowhere else."""
        return f"{instance._meta.label_lower}.{self.attname}:{instance.pk}"

    def from_db_value(self, value: str | None, _expression: object, _connection: object) -> Sealed | None:
        return None if value is None else Sealed(value)

    def pre_save(self, model_instance: models.Model, add: bool) -> Sealed | None:
        value = model_instance.__dict__.get(self.attname)
        if value is None and self.null:
            return None
        if isinstance(value, Sealed):
            return value
        return Sealed(seal(value, place=self.place(model_instance)))

    def get_prep_value(self, value: Any) -> Any:
        if value is None or isinstance(value, Sealed):
            return value
        raise FieldError(f"{self.name} is encrypted: save the row instead of updating or filtering by it.")

    def get_lookup(self, lookup_name: str) -> Any:
        if lookup_name == "isnull":
            return super().get_lookup(lookup_name)
        raise FieldError(f"{self.name} is encrypted and cannot be searched.")

    def value_to_string(self, obj: models.Model) -> str:
        raise FieldError(f"{self.name} is encrypted and is not exported by serializers.")


def legible(row: models.Model, name: str, instead: Any) -> Any:
    """What is sealed in a row, to be shown; `instead` where it does not open.

    One text that was damaged must not keep everything beside it from whoever needs it. The log says which it is. Never
    for what is decided by a rule: there, what does not open counts as the worst.
    """
    try:
        return getattr(row, name)
    except DecryptionError:
        logger.error("%s of %s %s does not open.", name, row._meta.label_lower, row.pk)
        return instead


class EncryptedTextField(EncryptedJSONField):
    """The same for text; the form field is a text area."""

    def formfield(self, **kwargs: Any) -> Any:
        from django import forms

        return super().formfield(**{"form_class": forms.CharField, "widget": forms.Textarea, **kwargs})
