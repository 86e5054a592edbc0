"""Every setting of Yeji, typed; the only reader of the settings file and of the environment.

A settings file is TOML. An environment variable `YEJI_<NAME>`, or `YEJI_<SECTION>__<NAME>` inside a section, wins over it.
"""

import os
import tomllib
from collections.abc import Iterator, Mapping
from difflib import get_close_matches
from enum import StrEnum
from pathlib import Path
from typing import Any

from pydantic import AnyUrl, BaseModel, ConfigDict, Field, SecretStr, ValidationError, field_validator
from pydantic.fields import FieldInfo
from pydantic_core import ErrorDetails
from pydantic_settings import (
    BaseSettings,
    EnvSettingsSource,
    SettingsConfigDict,
    SettingsError,
)

from configs.errors import ConfigurationError

ENVIRONMENT_PREFIX = "YEJI_"
DEFAULT_FILE = Path("yeji.toml")
"""The settings file that is read from the working folder where none is named and one is there."""

_DELIMITER = "__"
_Tree = dict[str, Any]


class BrokerKind(StrEnum):
    """Which MQTT broker is listened to."""

    AUTO = "auto"
    MOSQUITTO = "mosquitto"
    BUILTIN = "builtin"
    EXTERNAL = "external"


class StoreKind(StrEnum):
    """Which engine keeps the telemetry."""

    DUCKDB = "duckdb"
    INFLUXDB = "influxdb"


class LogLevel(StrEnum):
    """The least serious event that is logged."""

    DEBUG = "debug"
    INFO = "info"
    WARNING = "warning"
    ERROR = "error"


class LogFormat(StrEnum):
    """How a log line is written."""

    CONSOLE = "console"
    JSON = "json"


class Section(BaseModel):
    """A table of the settings file: frozen, and closed to unknown keys."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class MqttSettings(Section):
    """Where messages come from."""

    broker: BrokerKind = Field(
        default=BrokerKind.AUTO,
        description="`auto` starts Mosquitto as a child where it is installed and the built-in broker otherwise; "
        "`mosquitto` and `builtin` start that one; `external` connects to a broker that runs already.",
    )
    host: str = Field(
        default="127.0.0.1",
        min_length=1,
        description="Address of the external broker, or the one that a broker of our own listens on "
        "(`0.0.0.0` for devices on the network).",
    )
    port: int = Field(
        default=0,
        ge=0,
        le=65535,
        description="0 takes a free port for a broker of our own, and 1883 (8883 with TLS) for an external one.",
    )
    username: str | None = Field(default=None, description="User name at the broker.")
    password_file: Path | None = Field(default=None, description="File that holds the password at the broker.")
    tls_ca_file: Path | None = Field(
        default=None, description="CA certificates (PEM) that vouch for the broker; TLS is used when this is set."
    )
    client_id: str = Field(
        default="yeji",
        pattern=r"^[A-Za-z0-9_-]{1,64}$",
        description="Name of our session at the broker; two services on one broker need two names.",
    )
    topics: tuple[str, ...] = Field(default=("yeji/v1/#",), min_length=1, description="Topic filters subscribed to.")
    keepalive_s: int = Field(
        default=30, ge=5, le=3600, description="Seconds of silence after which the broker is asked."
    )
    session_expiry_s: int = Field(
        default=7 * 86_400,
        ge=0,
        description="How long the broker keeps messages for us while we are away, in seconds.",
    )
    max_outstanding: int = Field(
        default=1000, ge=1, le=60_000, description="Most messages taken and not yet acknowledged."
    )
    queue_messages: int = Field(
        default=10_000,
        ge=1,
        description="Most messages that a broker of our own keeps for a subscriber that is away or slow.",
    )

    @property
    def external_port(self) -> int:
        """The port of an external broker."""
        return self.port or (8883 if self.tls_ca_file else 1883)


class StoreSettings(Section):
    """Where readings are kept."""

    kind: StoreKind = Field(
        default=StoreKind.DUCKDB, description="`duckdb` keeps one file in `data_dir`; `influxdb` uses a server."
    )
    raw_days: float = Field(
        default=30,
        gt=0,
        le=3650,
        description="Days that raw readings are kept, and how far behind a live reading may be; "
        "one-minute rollups are kept for good.",
    )
    url: AnyUrl | None = Field(
        default=None, description="Address of the InfluxDB server, such as http://127.0.0.1:8086."
    )
    token_file: Path | None = Field(default=None, description="File that holds the InfluxDB token.")
    org: str = Field(default="yeji", description="InfluxDB organisation.")
    bucket: str = Field(default="yeji", description="InfluxDB bucket of raw readings.")


class StateSettings(Section):
    """Where cases, predictions, part lives and people are kept."""

    url: SecretStr | None = Field(
        default=None,
        description="SQLAlchemy URL of a PostgreSQL database (`postgresql+psycopg://…`); SQLite in `data_dir` otherwise.",
    )
    url_file: Path | None = Field(
        default=None, description="File that holds the URL, so that its password is in no table."
    )


class IntakeSettings(Section):
    """How messages become stored readings."""

    commit_messages: int = Field(
        default=80, ge=1, le=10_000, description="Most messages of one commit; a quiet queue commits at once."
    )
    future_tolerance_s: float = Field(
        default=300, ge=0, description="How far ahead of our clock an event time may be, in seconds."
    )
    gap_after_s: float = Field(
        default=30,
        gt=0,
        description="Silence, in seconds, after which a machine's next reading is marked as coming after a gap, and "
        "missing sequence numbers are reported.",
    )
    dead_letters_per_device: int = Field(
        default=1000, ge=1, description="Most rejected messages kept whole for each topic; more are only counted."
    )


class MonitorSettings(Section):
    """How often conclusions are drawn."""

    poll_s: float = Field(default=1.0, gt=0, le=60, description="Seconds between two looks at the store.")
    prognosis_every_s: float = Field(
        default=3600, ge=10, description="Seconds between two predictions of a slot; shorter for short-lived parts."
    )
    history_after_s: float = Field(
        default=86_400,
        gt=0,
        description="Findings older than this, in seconds, open a case marked history and notify nobody.",
    )


class SecuritySettings(Section):
    """Who is let in, and for how long."""

    session_idle_minutes: float = Field(default=30, gt=0, description="Minutes without a request that end a session.")
    session_max_hours: float = Field(default=12, gt=0, description="Hours after which a session ends in any case.")
    secure_cookies: bool = Field(
        default=False,
        description="Set when people reach the pages over HTTPS only: cookies then travel over TLS alone.",
    )
    allowed_hosts: tuple[str, ...] = Field(
        default=(), description="Names, besides its addresses, by which browsers may ask for this computer."
    )


class LogSettings(Section):
    """What is logged, and how."""

    level: LogLevel = Field(default=LogLevel.INFO, description="The least serious event that is logged.")
    format: LogFormat = Field(default=LogFormat.CONSOLE, description="`console` for people, `json` for collectors.")


class Settings(Section):
    """How the program is set up."""

    data_dir: Path = Field(default=Path("var/data"), description="Folder of everything that Yeji writes.")
    plant_file: Path | None = Field(default=None, description="The plant file; `plant.toml` in `data_dir` otherwise.")
    host: str = Field(default="127.0.0.1", min_length=1, description="Address that pages and API listen on.")
    port: int = Field(default=8000, ge=0, le=65535, description="Port of pages and API; 0 takes a free one.")
    simulated: bool = Field(default=False, description="Shows on every page that this factory is simulated.")
    mqtt: MqttSettings = MqttSettings()
    store: StoreSettings = StoreSettings()
    state: StateSettings = StateSettings()
    intake: IntakeSettings = IntakeSettings()
    monitor: MonitorSettings = MonitorSettings()
    security: SecuritySettings = SecuritySettings()
    log: LogSettings = LogSettings()

    @field_validator("data_dir")
    @classmethod
    def _expand_home(cls, folder: Path) -> Path:
        return folder.expanduser()

    @property
    def plant_path(self) -> Path:
        """Where the plant file is."""
        return self.plant_file or self.data_dir / "plant.toml"


class _Environment(Settings, BaseSettings):
    """The settings as variables of the environment; only its shape is used."""

    model_config = SettingsConfigDict(
        env_prefix=ENVIRONMENT_PREFIX, env_nested_delimiter=_DELIMITER, env_ignore_empty=True
    )


def load_settings(path: Path | None) -> Settings:
    """Return the settings of a TOML file under those of the environment.

    Parameters
    ----------
    path
        The file; None reads `yeji.toml` in the working folder where there is one.

    Raises
    ------
    ConfigurationError
        The file cannot be read, or a key or value in it or in the environment is not a setting.
    """
    chosen = path or (DEFAULT_FILE if DEFAULT_FILE.is_file() else None)
    from_file = _read_file(chosen) if chosen else {}
    source = str(chosen) if chosen else "settings"
    try:
        from_environment = EnvSettingsSource(_Environment)()
    except SettingsError as error:
        raise ConfigurationError(
            "environment", (f"{error}; write a whole section as JSON, or one variable a setting",)
        ) from None
    unknown = _unknown_variables(os.environ)
    try:
        settings = Settings(**_overlaid(from_file, from_environment))
    except ValidationError as error:
        told = tuple(_mistake(detail, from_environment) for detail in error.errors(include_url=False))
        raise ConfigurationError(source, tuple(dict.fromkeys(unknown + told))) from None
    if unknown:
        raise ConfigurationError("environment", unknown)
    return settings


def each_setting(section: type[BaseModel] = Settings, prefix: str = "") -> Iterator[tuple[str, FieldInfo]]:
    """Yield every setting by its dotted name, sections unfolded, in the order of the file."""
    for name, field in section.model_fields.items():
        if inner := _section_of(field):
            yield from each_setting(inner, f"{prefix}{name}.")
        else:
            yield f"{prefix}{name}", field


def variable_of(setting: str) -> str:
    """Return the environment variable of a setting's dotted name."""
    return ENVIRONMENT_PREFIX + setting.upper().replace(".", _DELIMITER)


def _section_of(field: FieldInfo) -> type[Section] | None:
    kind = field.annotation
    return kind if isinstance(kind, type) and issubclass(kind, Section) else None


def _read_file(path: Path) -> _Tree:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise ConfigurationError(
            str(path), (f"cannot be read: {error.strerror}; correct the path or its rights",)
        ) from None
    except UnicodeDecodeError:
        raise ConfigurationError(str(path), ("is not UTF-8; save it as UTF-8",)) from None
    except tomllib.TOMLDecodeError as error:
        raise ConfigurationError(str(path), (f"is not TOML: {error}",)) from None


def _overlaid(below: _Tree, above: _Tree) -> _Tree:
    both = {key: _overlaid(below[key], value) for key, value in above.items() if _are_tables(below.get(key), value)}
    return below | above | both


def _are_tables(one: object, other: object) -> bool:
    return isinstance(one, dict) and isinstance(other, dict)


def _unknown_variables(environment: Mapping[str, str]) -> tuple[str, ...]:
    known = [variable_of(name) for name, _ in each_setting()]
    known += [variable_of(name) for name, field in Settings.model_fields.items() if _section_of(field)]
    strangers = sorted(
        name for name in environment if name.upper().startswith(ENVIRONMENT_PREFIX) and name.upper() not in known
    )
    return tuple(f"{name} is not a setting{_suggestion(name.upper(), known)}" for name in strangers)


def _suggestion(name: str, known: list[str]) -> str:
    near = get_close_matches(name, known, n=1, cutoff=0.6)
    return f"; did you mean {near[0]}?" if near else "; docs/settings.md lists them all"


def _mistake(detail: ErrorDetails, from_environment: _Tree) -> str:
    place = tuple(str(part) for part in detail["loc"])
    name = ".".join(place)
    label = variable_of(name) if _is_in(from_environment, place) else name
    if detail["type"] == "extra_forbidden":
        known = [setting for setting, _ in each_setting()] + [
            key for key, f in Settings.model_fields.items() if _section_of(f)
        ]
        if label != name:
            known = [variable_of(setting) for setting in known]
        return f"{label} is not a setting{_suggestion(label, known)}"
    message = detail["msg"][0].lower() + detail["msg"][1:]
    return f"{label} = {str(detail['input'])[:80]!r}: {message}"


def _is_in(tree: object, place: tuple[str, ...]) -> bool:
    for part in place:
        if not isinstance(tree, dict) or part not in tree:
            return False
        tree = tree[part]
    return True
