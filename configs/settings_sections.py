"""The sections of the settings: each a frozen table whose every field has a description and a default."""

from enum import StrEnum
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field, SecretStr


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
    canary_every_s: float = Field(
        default=20,
        ge=0,
        le=3600,
        description="Seconds between two messages that we send to ourselves to see that what is published comes round "
        "and is stored; the broker must let us publish to `yeji/v1/canary/<client_id>`. 0 sends none.",
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
        default=StoreKind.DUCKDB,
        description="`duckdb` keeps one file in `data_dir`; `influxdb` sends readings to a server, through a queue in "
        "`data_dir` (see docs/influxdb.md).",
    )
    url: str | None = Field(
        default=None,
        pattern=r"^https?://[^/\s]+(/.*)?$",
        description="Address of InfluxDB, such as `http://10.0.0.5:8086`.",
    )
    token_file: Path | None = Field(
        default=None,
        description="File that holds the token that InfluxDB gave out; for 1.x behind a v2 gateway `user:password`.",
    )
    org: str = Field(default="", description="Organisation at InfluxDB 2.x; empty for others.")
    bucket: str = Field(default="yeji", min_length=1, description="Bucket of raw readings.")
    rollup_bucket: str = Field(
        default="yeji_rollups", min_length=1, description="Bucket of one-minute rollups and conditions, kept for good."
    )
    tls_ca_file: Path | None = Field(default=None, description="CA certificates (PEM) that vouch for InfluxDB.")
    timeout_s: float = Field(
        default=10, gt=0, le=300, description="Longest wait for an answer of InfluxDB, in seconds."
    )
    spool_mb: float = Field(
        default=1024,
        ge=1,
        description="Readings that may wait in `data_dir` for InfluxDB, in MB: about nine million single messages of "
        "eight values by default. When that is full, messages stay at the broker.",
    )
    raw_days: float = Field(
        default=30,
        gt=0,
        le=3650,
        description="Days that raw readings are kept, and how far behind a live reading may be; "
        "one-minute rollups are kept for good.",
    )
    dead_letters_per_device: int = Field(
        default=1000,
        ge=1,
        description="Most rejected messages kept whole for each device and reason; more are only counted.",
    )


class SparkplugSettings(Section):
    """What we are to Sparkplug edge nodes."""

    enabled: bool = Field(default=True, description="Listens to `spBv1.0/#` and says so as a host application.")
    host_id: str = Field(
        default="yeji",
        pattern=r"^[A-Za-z0-9_-]{1,64}$",
        description="Our name as a host application; edge nodes that wait for a primary host are given it.",
    )
    reorder_s: float = Field(
        default=2.0, gt=0, le=600, description="Seconds that a missing message of an edge node is waited for."
    )
    ask_again_s: float = Field(
        default=10.0, ge=1, le=3600, description="Seconds after which an edge node is asked for a rebirth again."
    )


class WaveformSettings(Section):
    """How many raw waveforms are kept; what they come to is stored like any reading."""

    per_day: int = Field(
        default=24,
        ge=1,
        le=1440,
        description="Raw waveforms kept of each measuring point and day, evenly spread; the newest is always there.",
    )
    days: int = Field(default=90, ge=1, le=36_500, description="Days that raw waveforms are kept.")


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
        default=200,
        ge=1,
        le=10_000,
        description="So many waiting messages are committed at once; fewer after a tenth of a second at the latest.",
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
