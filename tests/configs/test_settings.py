"""Settings come from a file under the environment, and nothing that is no setting gets past."""

from pathlib import Path

import pytest
from pydantic import ValidationError

from configs.errors import ConfigurationError
from configs.settings import BrokerKind, MqttSettings, Settings, each_setting, load_settings, variable_of


@pytest.fixture(autouse=True)
def _empty_surroundings(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    for name, _ in each_setting():
        monkeypatch.delenv(variable_of(name), raising=False)


def _file(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "settings.toml"
    path.write_text(text, encoding="utf-8")
    return path


def _mistakes(path: Path | None) -> tuple[str, ...]:
    with pytest.raises(ConfigurationError) as caught:
        load_settings(path)
    assert all("\n" not in mistake for mistake in caught.value.mistakes)
    return caught.value.mistakes


def test_without_file_and_environment_the_defaults_hold() -> None:
    settings = load_settings(None)
    assert settings == Settings()
    assert settings.plant_path == Path("var/data/plant.toml")


def test_a_file_in_the_working_folder_is_found(tmp_path: Path) -> None:
    (tmp_path / "yeji.toml").write_text("port = 8123", encoding="utf-8")
    assert load_settings(None).port == 8123


def test_the_environment_wins_over_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = _file(tmp_path, 'port = 1\nplant_file = "p.toml"\n[mqtt]\nbroker = "builtin"\nport = 2\n')
    monkeypatch.setenv("YEJI_PORT", "8080")
    monkeypatch.setenv("YEJI_MQTT__PORT", "1884")
    settings = load_settings(path)
    assert (settings.port, settings.mqtt.port, settings.mqtt.broker) == (8080, 1884, BrokerKind.BUILTIN)
    assert settings.plant_path == Path("p.toml")


def test_constructing_settings_never_looks_at_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("YEJI_PORT", "8080")
    assert Settings().port == 8000


def test_an_empty_variable_is_no_value(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("YEJI_PORT", "")
    assert load_settings(None).port == 8000


def test_an_unknown_key_is_named_with_its_near_match(tmp_path: Path) -> None:
    assert _mistakes(_file(tmp_path, "[mqtt]\nprot = 1883\n")) == (
        "mqtt.prot is not a setting; did you mean mqtt.port?",
    )


def test_a_key_that_is_near_to_nothing_leads_to_the_list(tmp_path: Path) -> None:
    assert _mistakes(_file(tmp_path, "zzzzzz = 1\n")) == ("zzzzzz is not a setting; docs/settings.md lists them all",)


@pytest.mark.parametrize(("variable", "near"), [("YEJI_PROT", "YEJI_PORT"), ("YEJI_MQTT__BROKR", "YEJI_MQTT__BROKER")])
def test_an_unknown_variable_is_named_with_its_near_match(
    variable: str, near: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(variable, "x")
    (mistake,) = _mistakes(None)
    assert mistake.startswith(f"{variable} is not a setting; did you mean {near}")


def test_an_unknown_key_inside_a_section_given_as_json_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("YEJI_LOG", '{"colour": 1}')
    (mistake,) = _mistakes(None)
    assert mistake.startswith("YEJI_LOG__COLOUR is not a setting")


def test_every_mistake_is_told_at_once_by_the_name_that_the_person_wrote(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("YEJI_PORT", "http")
    path = _file(tmp_path, 'hots = "x"\n[monitor]\npoll_s = 0\n[mqtt]\nbroker = "rabbit"\n')
    mistakes = _mistakes(path)
    assert len(mistakes) == 4
    assert any(mistake.startswith("YEJI_PORT = 'http': ") for mistake in mistakes)
    assert any(mistake.startswith("monitor.poll_s = '0': ") for mistake in mistakes)
    assert any("'rabbit'" in mistake and "mosquitto" in mistake for mistake in mistakes)
    assert any(mistake.startswith("hots is not a setting") for mistake in mistakes)


def test_a_section_that_is_no_json_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("YEJI_MQTT", "{")
    (mistake,) = _mistakes(None)
    assert "mqtt" in mistake


def test_a_value_where_a_section_belongs_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("YEJI_MQTT__PORT", "1884")
    assert load_settings(_file(tmp_path, "mqtt = 3\n")).mqtt.port == 1884
    monkeypatch.delenv("YEJI_MQTT__PORT")
    (mistake,) = _mistakes(tmp_path / "settings.toml")
    assert mistake.startswith("mqtt = ")


@pytest.mark.parametrize("content", [b"port = ", b"\xff\xfe", b"a = 1\na = 2\n"])
def test_a_file_that_cannot_be_parsed_is_one_line(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "bad.toml"
    path.write_bytes(content)
    assert len(_mistakes(path)) == 1


def test_a_file_that_is_not_there_is_one_line(tmp_path: Path) -> None:
    (mistake,) = _mistakes(tmp_path / "none.toml")
    assert "No such file" in mistake


def test_settings_cannot_be_changed() -> None:
    with pytest.raises(ValidationError):
        Settings().port = 1  # type: ignore[misc]


def test_an_external_broker_is_asked_on_its_usual_port(tmp_path: Path) -> None:
    assert MqttSettings().external_port == 1883
    assert MqttSettings(tls_ca_file=tmp_path).external_port == 8883
    assert MqttSettings(port=7).external_port == 7


def test_a_secret_never_shows_in_text() -> None:
    settings = Settings.model_validate({"state": {"url": "postgresql+psycopg://yeji:secret@db/yeji"}})
    assert "secret" not in repr(settings)
