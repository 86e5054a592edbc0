"""Every setting of Yeji, typed; the only reader of the settings file and of the environment.

A settings file is TOML. An environment variable `YEJI_<NAME>`, or `YEJI_<SECTION>__<NAME>` inside a section, wins over it.
"""

import os
import tomllib
from collections.abc import Iterator, Mapping
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from pydantic import BaseModel, Field, ValidationError, field_validator
from pydantic.fields import FieldInfo
from pydantic_settings import (
    BaseSettings,
    EnvSettingsSource,
    SettingsConfigDict,
    SettingsError,
)

from configs.errors import ConfigurationError
from configs.settings_sections import (
    BrokerKind,
    IntakeSettings,
    LogFormat,
    LogLevel,
    LogSettings,
    MonitorSettings,
    MqttSettings,
    Section,
    SecuritySettings,
    SparkplugSettings,
    StateSettings,
    StoreKind,
    StoreSettings,
    WaveformSettings,
)

__all__ = [
    "DEFAULT_FILE",
    "ENVIRONMENT_PREFIX",
    "BrokerKind",
    "IntakeSettings",
    "LogFormat",
    "LogLevel",
    "LogSettings",
    "MonitorSettings",
    "MqttSettings",
    "Section",
    "SecuritySettings",
    "Settings",
    "SparkplugSettings",
    "StateSettings",
    "StoreKind",
    "StoreSettings",
    "WaveformSettings",
    "each_setting",
    "load_settings",
    "variable_of",
]

ENVIRONMENT_PREFIX = "YEJI_"
DEFAULT_FILE = Path("yeji.toml")
"""The settings file that is read from the working folder where none is named and one is there."""

_DELIMITER = "__"
_Tree = dict[str, Any]


class Settings(Section):
    """How the program is set up."""

    data_dir: Path = Field(default=Path("var/data"), description="Folder of everything that Yeji writes.")
    plant_file: Path | None = Field(default=None, description="The plant file; `plant.toml` in `data_dir` otherwise.")
    host: str = Field(default="127.0.0.1", min_length=1, description="Address that pages and API listen on.")
    port: int = Field(default=8000, ge=0, le=65535, description="Port of pages and API; 0 takes a free one.")
    simulated: bool = Field(default=False, description="Shows on every page that this factory is simulated.")
    mqtt: MqttSettings = MqttSettings()
    sparkplug: SparkplugSettings = SparkplugSettings()
    store: StoreSettings = StoreSettings()
    waveforms: WaveformSettings = WaveformSettings()
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


def _mistake(detail: Mapping[str, Any], from_environment: _Tree) -> str:
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
