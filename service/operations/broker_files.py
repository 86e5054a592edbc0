"""The files of a production Mosquitto: its configuration, its passwords, and who may read and write what.

They are written into one folder, which the broker's own configuration names; nothing else on the system is touched. A
device may write below its own machine's topic and read nothing; Yeji reads everything, and writes its canary and what it owes edge nodes as a Sparkplug host alone.
"""

import base64
import hashlib
import os
import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from configs.errors import ConfigurationError
from configs.plant import IDENTIFIER, Machine
from service.errors import ConflictError, InvalidRequestError, NotFoundError

CONFIG, PASSWORDS, RULES, OWN_PASSWORD = "mosquitto.conf", "passwords", "access-rules", "yeji-password"
OWN_NAME = "yeji"
ITERATIONS = 20_000
SALT_BYTES, HASH_BYTES, DRAWN_BYTES = 12, 64, 24
QUEUE_MESSAGES = 100_000
QUEUE_BYTES = 500_000_000
MAX_PACKET_BYTES = 300_000

_CONFIG = """\
# Written by `yeji broker write`. Include it from /etc/mosquitto/conf.d, or start mosquitto with -c on it.
per_listener_settings false
allow_anonymous false
password_file {folder}/passwords
acl_file {folder}/access-rules

listener {port} {host}
{tls}
# Sessions and their queues survive a crash but for the last thousand changes.
persistence true
persistence_location {state}/
autosave_on_changes true
autosave_interval 1000
persistent_client_expiration 30d

# What a subscriber that is away may miss before the broker drops, and how large one message may be.
max_inflight_messages 1000
max_queued_messages {queue}
max_queued_bytes {queue_bytes}
max_packet_size {packet}
max_connections 2000
set_tcp_nodelay true
log_dest stderr
log_type error
log_type warning
"""
_TLS = """\
cafile {ca}
certfile {certificate}
keyfile {key}
tls_version tlsv1.2
"""
_OWN_RULES = """\
user {name}
topic read yeji/v1/#
topic readwrite yeji/v1/canary/#
topic readwrite spBv1.0/STATE/#
topic write spBv1.0/+/NCMD/#
topic read spBv1.0/#
topic read $SYS/broker/#
"""
_DEVICE = re.compile(r"^# device (\S+) machine (\S+)$", re.MULTILINE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Certificates:
    """The broker's own certificate and key, and the authority that vouches for it (PEM files)."""

    authority: Path
    certificate: Path
    key: Path


@dataclass(frozen=True, slots=True, kw_only=True)
class Listening:
    """Where the broker listens, and with which certificates; without any it speaks plain TCP."""

    host: str = "0.0.0.0"  # noqa: S104 (a broker for devices on the network)
    port: int = 8883
    certificates: Certificates | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class IssuedDevice:
    """A device that may connect: `password` is shown this once and kept as a hash."""

    name: str
    machine: str
    topic: str
    password: str


def write_broker_files(folder: Path, listening: Listening) -> Path:
    """Write the configuration, and passwords and rules with Yeji itself in them where there are none; return it.

    Raises
    ------
    ConfigurationError
        The folder cannot be written, or a certificate is not there.
    """
    tls = _tls_lines(listening.certificates)
    text = _CONFIG.format(
        folder=folder.absolute(),
        state=(folder / "state").absolute(),
        host=listening.host,
        port=listening.port,
        tls=tls,
        queue=QUEUE_MESSAGES,
        queue_bytes=QUEUE_BYTES,
        packet=MAX_PACKET_BYTES,
    )
    try:
        (folder / "state").mkdir(parents=True, exist_ok=True)
        _write(folder / CONFIG, text)
        if not (folder / PASSWORDS).exists():
            own = secrets.token_urlsafe(DRAWN_BYTES)
            _write(folder / OWN_PASSWORD, f"{own}\n")
            _write(folder / PASSWORDS, f"{_entry(OWN_NAME, own)}\n")
            _write(folder / RULES, _OWN_RULES.format(name=OWN_NAME))
    except OSError as error:
        raise ConfigurationError(str(folder), (f"cannot be written: {error.strerror}",)) from error
    return folder / CONFIG


def devices_in(folder: Path) -> Mapping[str, str]:
    """Return the machine of every device that may connect, by the device's name."""
    return dict(_DEVICE.findall(_read(folder / RULES)))


def add_device(folder: Path, name: str, machine: Machine) -> IssuedDevice:
    """Let a device write its machine's topic, and return its new password.

    Raises
    ------
    InvalidRequestError
        The name is no identifier, or Yeji's own.
    ConflictError
        There is such a device; revoke it first.
    """
    if not IDENTIFIER.fullmatch(name) or name == OWN_NAME:
        raise InvalidRequestError(f"device {name!r}: a name may hold letters, digits, - and _, and is not {OWN_NAME!r}")
    if name in devices_in(folder):
        raise ConflictError(f"device {name} is there already; revoke it first to give it a new password")
    password = secrets.token_urlsafe(DRAWN_BYTES)
    topic = f"yeji/v1/{machine.site}/{machine.line}/{machine.id}"
    rules = f"\n# device {name} machine {machine.id}\nuser {name}\ntopic write {topic}/#\n"
    _write(folder / RULES, _read(folder / RULES) + rules)
    _write(folder / PASSWORDS, f"{_read(folder / PASSWORDS)}{_entry(name, password)}\n")
    return IssuedDevice(name=name, machine=machine.id, topic=f"{topic}/telemetry", password=password)


def revoke_device(folder: Path, name: str) -> None:
    """Let a device connect no more; NotFoundError where there is none of that name."""
    if name not in devices_in(folder):
        raise NotFoundError(f"there is no device {name}; `yeji device list` shows them")
    block = re.compile(rf"\n# device {re.escape(name)} machine \S+\nuser \S+\ntopic [^\n]+\n")
    _write(folder / RULES, block.sub("", _read(folder / RULES)))
    kept = [line for line in _read(folder / PASSWORDS).splitlines() if not line.startswith(f"{name}:")]
    _write(folder / PASSWORDS, "".join(f"{line}\n" for line in kept))


def _tls_lines(certificates: Certificates | None) -> str:
    if certificates is None:
        return ""
    files = (certificates.authority, certificates.certificate, certificates.key)
    absent = [f"{path} is not there" for path in files if not path.is_file()]
    if absent:
        raise ConfigurationError("certificates", tuple(absent))
    ca, certificate, key = (path.absolute() for path in files)
    return _TLS.format(ca=ca, certificate=certificate, key=key)


def _entry(name: str, password: str) -> str:
    """Return a line of Mosquitto's password file: PBKDF2 with SHA-512, as `mosquitto_passwd` writes it."""
    salt = os.urandom(SALT_BYTES)
    digest = hashlib.pbkdf2_hmac("sha512", password.encode(), salt, ITERATIONS, HASH_BYTES)
    return f"{name}:$7${ITERATIONS}${base64.b64encode(salt).decode()}${base64.b64encode(digest).decode()}"


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except FileNotFoundError:
        mistake = "is not there; write the broker's files first with `yeji broker write`"
        raise ConfigurationError(str(path), (mistake,)) from None


def _write(path: Path, text: str) -> None:
    fresh = path.with_name(f"{path.name}.new")
    with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as file:
        file.write(text)
    fresh.replace(path)
