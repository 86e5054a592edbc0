"""Keeping fitted models: a joblib file named by its sha256, beside a manifest that the trainer has signed.

joblib runs code when it opens a file, so nothing is opened before its manifest's signature, its size, its digest and the
library versions that made it have been verified. Only this module calls `joblib.load`.
"""

import hashlib
import io
import os
import re
from dataclasses import dataclass
from datetime import datetime
from importlib.metadata import version
from pathlib import Path
from typing import Literal

import joblib
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
    load_pem_public_key,
)
from pydantic import BaseModel, ConfigDict, ValidationError

from models.artefact import TypeModel
from models.errors import ArtefactRefusedError

PRIVATE_KEY = "trainer.key"
PUBLIC_KEY = "trainer.pub"
LARGEST_BYTES = 512 * 1024 * 1024
LIBRARIES = ("joblib", "numpy", "scikit-learn", "scipy")
"""Whose versions must be the same to open an artefact as they were to write it."""

_DIGEST = re.compile(r"[0-9a-f]{64}")


class FeatureRange(BaseModel):
    """A feature, and the range in which it was learnt."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str
    low: float
    high: float


class Card(BaseModel):
    """What a model was made from, for people who must decide whether to trust it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    equipment_type: str
    machines: tuple[str, ...]
    trained_at: datetime
    learnt_from: datetime
    learnt_to: datetime
    window_s: float
    learning_span_s: float
    features: tuple[FeatureRange, ...]
    plant_revision: int


class Manifest(BaseModel):
    """What is signed: which bytes, made by which versions, and the card of the model in them.

    `format` rises whenever the classes of a model change, so that an older artefact is refused before it is opened.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    format: Literal[2] = 2
    sha256: str
    size: int
    libraries: dict[str, str]
    card: Card


class SignedManifest(BaseModel):
    """A manifest as canonical JSON text, with the trainer's Ed25519 signature of that text, in hexadecimal."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    manifest: str
    signature: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Saved:
    """An artefact that was written: its digest, and its signed manifest as JSON."""

    digest: str
    manifest: str


def create_keys(folder: Path) -> None:
    """Make the trainer's key pair where there is none: the private half readable by its owner alone."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    private_file = folder / PRIVATE_KEY
    if private_file.exists():
        return
    private = Ed25519PrivateKey.generate()
    secret = private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    public = private.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    _write(folder / PUBLIC_KEY, public, mode=0o644)
    _write(private_file, secret, mode=0o600)


def save(model: TypeModel, card: Card, *, folder: Path, keys: Path) -> Saved:
    """Write a model into `folder` as `<sha256>.joblib` with its manifest, signed with the trainer's key in `keys`.

    Raises
    ------
    ArtefactRefusedError
        If the trainer's key is missing or is no Ed25519 key.
    """
    private = _private_key(keys / PRIVATE_KEY)
    buffer = io.BytesIO()
    joblib.dump(model, buffer, compress=3)
    content = buffer.getvalue()
    digest = hashlib.sha256(content).hexdigest()
    manifest = Manifest(sha256=digest, size=len(content), libraries=_versions(), card=card)
    text = manifest.model_dump_json()
    signed = SignedManifest(manifest=text, signature=private.sign(text.encode()).hex()).model_dump_json()
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    _write(folder / f"{digest}.joblib", content, mode=0o600)
    _write(folder / f"{digest}.json", signed.encode(), mode=0o600)
    return Saved(digest=digest, manifest=signed)


def load(digest: str, *, folder: Path, keys: Path) -> TypeModel:
    """Return the model of that digest, opened only after everything about it has been verified.

    Raises
    ------
    ArtefactRefusedError
        If it is missing, a link, unsigned, signed by another key, damaged, made by other library versions, or no model.
    """
    if not _DIGEST.fullmatch(digest):
        raise ArtefactRefusedError(
            f"model {digest[:80]!r}: that is no sha256; a model is named by the 64 hexadecimal digits of its file"
        )
    manifest = _verified_manifest(digest, folder, keys)
    content = _verified_content(digest, folder, manifest)
    _check_versions(digest, manifest)
    try:
        model = joblib.load(io.BytesIO(content))
    except Exception as error:
        raise _refused(digest, f"it cannot be opened ({type(error).__name__})", "train again") from error
    if not isinstance(model, TypeModel) or not hasattr(model, "lessons"):
        raise _refused(digest, "it holds no model of an equipment type as this version knows it", "train again")
    return model


def card_of(model: TypeModel, *, trained_at: datetime, plant_revision: int) -> Card:
    """Return the card of a model."""
    own = model.baselines
    return Card(
        equipment_type=model.equipment_type,
        machines=own.machines,
        trained_at=trained_at,
        learnt_from=_time(int(own.learnt_from_ns.min()), trained_at),
        learnt_to=_time(int(own.learnt_to_ns.max()), trained_at),
        window_s=model.window_s,
        learning_span_s=model.learning_span_s,
        features=tuple(
            FeatureRange(name=name, low=low, high=high)
            for name, (low, high) in zip(model.names, model.ranges, strict=True)
        ),
        plant_revision=plant_revision,
    )


def _time(time_ns: int, like: datetime) -> datetime:
    return datetime.fromtimestamp(time_ns / 1e9, like.tzinfo)


def _verified_manifest(digest: str, folder: Path, keys: Path) -> Manifest:
    signed_bytes = _read(folder / f"{digest}.json", digest, largest=1024 * 1024)
    try:
        signed = SignedManifest.model_validate_json(signed_bytes)
        signature = bytes.fromhex(signed.signature)
    except (ValidationError, ValueError) as error:
        raise _refused(digest, "its manifest is not signed", "train again on this machine") from error
    try:
        _public_key(keys / PUBLIC_KEY).verify(signature, signed.manifest.encode())
    except InvalidSignature as error:
        remedy = "train again, or copy the trainer's public key to this machine if you trust it"
        raise _refused(digest, "its signature is not the trainer's", remedy) from error
    try:
        return Manifest.model_validate_json(signed.manifest)
    except ValidationError as error:
        raise _refused(digest, "its manifest is of another format", "train again with this version") from error


def _verified_content(digest: str, folder: Path, manifest: Manifest) -> bytes:
    if manifest.sha256 != digest:
        raise _refused(digest, "its manifest belongs to another artefact", "train again")
    content = _read(folder / f"{digest}.joblib", digest, largest=LARGEST_BYTES)
    if len(content) != manifest.size:
        wrong = f"it has {len(content)} bytes instead of {manifest.size}"
        raise _refused(digest, wrong, "restore it from a backup or train again")
    if hashlib.sha256(content).hexdigest() != digest:
        raise _refused(digest, "its bytes have changed", "restore it from a backup or train again")
    return content


def _check_versions(digest: str, manifest: Manifest) -> None:
    here = _versions()
    if manifest.libraries != here:
        made = ", ".join(f"{name} {manifest.libraries.get(name, 'unknown')}" for name in LIBRARIES)
        runs = ", ".join(f"{name} {here[name]}" for name in LIBRARIES)
        raise _refused(digest, f"it was made with {made} and this is {runs}", "train again")


def _versions() -> dict[str, str]:
    return {name: version(name) for name in LIBRARIES}


def _read(path: Path, digest: str, *, largest: int) -> bytes:
    """Return a regular file's bytes; a link is never followed."""
    try:
        handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
    except FileNotFoundError as error:
        raise _refused(digest, f"{path} is missing", "restore it from a backup or train again") from error
    except OSError as error:
        raise _refused(digest, f"{path} is a link or cannot be read", "put a file in its place") from error
    with os.fdopen(handle, "rb") as file:
        content = file.read(largest + 1)
    if len(content) > largest:
        raise _refused(digest, f"{path} is larger than {largest} bytes", "train again")
    return content


def _private_key(path: Path) -> Ed25519PrivateKey:
    from_file = _key_bytes(path)
    try:
        key = load_pem_private_key(from_file, password=None)
    except ValueError as error:
        raise ArtefactRefusedError(f"{path}: this is no private key; restore it from a backup") from error
    if not isinstance(key, Ed25519PrivateKey):
        raise ArtefactRefusedError(f"{path}: this is no Ed25519 key; restore the trainer's key from a backup")
    return key


def _public_key(path: Path) -> Ed25519PublicKey:
    from_file = _key_bytes(path)
    try:
        key = load_pem_public_key(from_file)
    except ValueError as error:
        raise ArtefactRefusedError(f"{path}: this is no public key; copy the trainer's public key here") from error
    if not isinstance(key, Ed25519PublicKey):
        raise ArtefactRefusedError(f"{path}: this is no Ed25519 key; copy the trainer's public key here")
    return key


def _key_bytes(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        message = f"{path}: the key cannot be read ({error.strerror}); restore it from a backup or copy it here"
        raise ArtefactRefusedError(message) from error


def _refused(digest: str, reason: str, remedy: str) -> ArtefactRefusedError:
    return ArtefactRefusedError(f"model {digest[:12]} is refused: {reason}; {remedy}")


def _write(path: Path, content: bytes, *, mode: int) -> None:
    """Put a file in place whole or not at all, with its final rights from the start."""
    half = path.with_name(f".{path.name}.{os.getpid()}")
    handle = os.open(half, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW, mode)
    with os.fdopen(handle, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    half.replace(path)
