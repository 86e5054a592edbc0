"""The wheel alone, in an empty environment, is the whole product."""

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PACKAGES = ("configs", "ingest", "models", "service", "simulators")


def _run(*command: str | Path, cwd: Path) -> str:
    environment = {
        name: value for name, value in os.environ.items() if not name.startswith(("COVERAGE", "COV_", "PYTHONPATH"))
    }
    done = subprocess.run(
        [str(part) for part in command], cwd=cwd, capture_output=True, text=True, env=environment, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("dist")
    _run(sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", folder, ROOT, cwd=ROOT)
    (built,) = folder.glob("yeji-*.whl")
    return built


@pytest.mark.timeout(600)
def test_the_wheel_carries_data_files_and_browser_libraries(wheel: Path) -> None:
    names = set(zipfile.ZipFile(wheel).namelist())
    assert any(name.startswith("configs/catalogue/") and name.endswith(".toml") for name in names)
    assert any(name.startswith("service/web/static/vendor/uPlot") for name in names)
    assert any(name.endswith("en/LC_MESSAGES/messages.mo") for name in names)
    assert all(f"{package}/py.typed" in names for package in PACKAGES)


@pytest.mark.timeout(600)
def test_the_wheel_installs_and_runs_in_an_empty_environment(wheel: Path, tmp_path: Path) -> None:
    _run(sys.executable, "-m", "venv", tmp_path / "empty", cwd=tmp_path)
    python = tmp_path / "empty/bin/python"
    _run(
        python,
        "-m",
        "pip",
        "install",
        "--quiet",
        "--require-hashes",
        "-r",
        ROOT / "requirements/run.lock",
        cwd=tmp_path,
    )
    _run(python, "-m", "pip", "install", "--quiet", "--no-deps", wheel, cwd=tmp_path)
    listing = (
        f"import {', '.join(PACKAGES)}; print(*[module.__file__ for module in ({', '.join(PACKAGES)})], sep='\\n')"
    )
    places = _run(python, "-c", listing, cwd=tmp_path).split()
    assert len(places) == len(PACKAGES)
    assert len({Path(place).parents[1] for place in places}) == 1
    assert "run" in _run(tmp_path / "empty/bin/yeji", "--help", cwd=tmp_path)
    assert "history" in _run(tmp_path / "empty/bin/yeji-simulate", "--help", cwd=tmp_path)
