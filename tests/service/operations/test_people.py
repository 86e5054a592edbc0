import json
from datetime import timedelta
from pathlib import Path

import pytest
from rich.console import Console

from configs.errors import ConfigurationError
from configs.settings import Settings
from service.actor import Role
from service.app.clock import utc_now
from service.app.state import open_state
from service.operations import people
from service.operations.access import first_link, keep_api_key
from service.operations.people import Rights, role_named
from service.operations.result import Output
from service.security.api_keys import actor_of_key
from service.security.links import redeem_link
from service.security.sessions import SessionLimits

LIMITS = SessionLimits(idle=timedelta(minutes=30), longest=timedelta(hours=12))


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(data_dir=tmp_path)


def told(console: Console) -> object:
    return json.loads(console.export_text())


def a_console() -> Console:
    return Console(record=True, highlight=False, width=200)


def test_a_person_is_added_listed_and_let_in_once_by_the_link(settings: Settings) -> None:
    console = a_console()
    people.add_user(
        settings,
        "kim",
        display_name="김반장",
        rights=Rights(role=Role.OPERATOR, sites=("ansan",)),
        output=Output(console, as_json=True),
    )
    link = told(console)["link"]  # type: ignore[index]
    assert link.startswith("http://127.0.0.1:8000/sign-in/")
    with open_state(settings.state, settings.data_dir) as database:
        signed_in = redeem_link(database, link.rpartition("/")[2], limits=LIMITS, now=utc_now())
    assert (signed_in.actor.name, signed_in.actor.role, signed_in.actor.sites) == (
        "김반장",
        Role.OPERATOR,
        frozenset({"ansan"}),
    )
    listed = a_console()
    people.list_users(settings, Output(listed, as_json=True))
    assert told(listed) == [
        {"name": "kim", "display_name": "김반장", "role": "operator", "sites": "ansan", "disabled": False}
    ]


def test_a_disabled_person_has_no_way_in(settings: Settings) -> None:
    output = Output(a_console(), as_json=False)
    rights = Rights(role=Role.ADMINISTRATOR)
    for name in ("kim", "lee"):
        people.add_user(settings, name, display_name=None, rights=rights, output=output)
    people.set_user_password(settings, "kim", "correct horse battery staple", output)
    people.disable_user(settings, "kim", output)
    shown = a_console()
    people.list_users(settings, Output(shown, as_json=True))
    assert [(each["name"], each["disabled"]) for each in told(shown)] == [("kim", True), ("lee", False)]  # type: ignore[union-attr]


def test_people_read_a_table(settings: Settings) -> None:
    console = a_console()
    people.list_users(settings, Output(console, as_json=False))
    assert "yeji user add" in console.export_text()
    output = Output(a_console(), as_json=False)
    people.add_user(settings, "kim", display_name="김반장", rights=Rights(role=Role.OPERATOR), output=output)
    people.list_users(settings, Output(console, as_json=False))
    assert "김반장" in console.export_text()


def test_a_key_opens_as_long_as_it_is_valid(settings: Settings) -> None:
    console = a_console()
    people.issue_user_key(
        settings, "plc", rights=Rights(role=Role.VIEWER), valid_days=1, output=Output(console, as_json=True)
    )
    key = told(console)["key"]  # type: ignore[index]
    with open_state(settings.state, settings.data_dir) as database:
        found = actor_of_key(database, key, now=utc_now())
        assert found is not None
        assert found.role is Role.VIEWER
        assert actor_of_key(database, key, now=utc_now() + timedelta(days=2)) is None


def test_a_role_that_is_none_is_answered_with_those_that_are() -> None:
    assert role_named("Engineer") is Role.ENGINEER
    with pytest.raises(ConfigurationError, match="viewer, operator, technician, engineer, administrator"):
        role_named("king")


def test_without_a_data_folder_people_are_told_how_to_get_one(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="start `yeji run` once"):
        people.list_users(Settings(data_dir=tmp_path / "none"), Output(a_console(), as_json=False))


def test_the_first_link_is_there_until_somebody_has_a_password(settings: Settings) -> None:
    with open_state(settings.state, settings.data_dir) as database:
        assert first_link(database, always=False, now=utc_now()) is not None
        assert first_link(database, always=False, now=utc_now()) is not None
        people.set_user_password(settings, "admin", "correct horse battery staple", Output(a_console(), as_json=False))
        assert first_link(database, always=False, now=utc_now()) is None
        assert first_link(database, always=True, now=utc_now()) is not None


def test_the_key_file_is_kept_while_its_key_is_valid_and_only_its_owner_reads_it(
    settings: Settings, tmp_path: Path
) -> None:
    path = tmp_path / "deep/api-key"
    with open_state(settings.state, settings.data_dir) as database:
        keep_api_key(database, path, now=utc_now())
        first = path.read_text()
        path.chmod(0o644)
        keep_api_key(database, path, now=utc_now())
        assert path.read_text() == first
        assert path.stat().st_mode & 0o777 == 0o600
        path.write_text("yj_gone_gone\n")
        keep_api_key(database, path, now=utc_now())
        assert actor_of_key(database, path.read_text().strip(), now=utc_now()) is not None
        (tmp_path / "file").write_text("")
        with pytest.raises(ConfigurationError, match="--api-key-file"):
            keep_api_key(database, tmp_path / "file/key", now=utc_now())
