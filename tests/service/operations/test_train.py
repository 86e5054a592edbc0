"""`yeji train` and `yeji evaluate` with the files to themselves."""

import json
from pathlib import Path

import pytest
from rich.console import Console

from configs.settings import Settings
from service.errors import InvalidRequestError, ServiceError
from service.operations.evaluate import evaluate
from service.operations.result import Output
from service.operations.train import train
from tests.service.operations.test_history import a_bundle, imported


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    chosen = Settings(data_dir=tmp_path / "data")
    imported(chosen, a_bundle(tmp_path / "bundle"))
    return chosen


def trained(settings: Settings, *, status_only: bool, as_json: bool = False) -> str:
    console = Console(record=True, width=200)
    train(settings, status_only=status_only, console=Console(quiet=True), output=Output(console, as_json=as_json))
    return console.export_text()


def test_a_young_plant_is_told_that_there_was_nothing_to_learn_from(settings: Settings) -> None:
    assert "no training since the service started" in trained(settings, status_only=True)
    assert "no part has failed yet" in trained(settings, status_only=False)
    assert json.loads(trained(settings, status_only=True, as_json=True))["state"] == "never"


def test_an_evaluation_says_what_it_lacks(settings: Settings, tmp_path: Path) -> None:
    output = Output(Console(quiet=True), as_json=False)
    with pytest.raises(ServiceError, match="an evaluation needs 60"):
        evaluate(settings, tmp_path / "report.html", console=Console(quiet=True), output=output)
    with pytest.raises(InvalidRequestError, match="there is no folder"):
        evaluate(settings, tmp_path / "nowhere" / "report.html", console=Console(quiet=True), output=output)
    assert not (tmp_path / "report.html").exists()
