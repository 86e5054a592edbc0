"""Rules of the house that no tool checks: sizes, and what must not stand in the repository."""

import ast
import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PACKAGES = ("configs", "ingest", "models", "service", "simulators")
MODULES = sorted(path for package in PACKAGES for path in (ROOT / package).rglob("*.py"))
LONGEST_FILE = 500
LONGEST_FUNCTION = 60


@pytest.mark.parametrize("module", MODULES, ids=lambda path: str(path.relative_to(ROOT)))
def test_module_keeps_to_the_sizes(module: Path) -> None:
    text = module.read_text(encoding="utf-8")
    assert text.count("\n") <= LONGEST_FILE
    functions = [node for node in ast.walk(ast.parse(text)) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)]
    too_long = [
        f"{f.name} at line {f.lineno}"
        for f in functions
        if (f.end_lineno or f.lineno) - f.lineno + 1 > LONGEST_FUNCTION
    ]
    assert too_long == []


def test_no_drawer_modules() -> None:
    drawers = [path for path in MODULES if path.stem in {"utils", "helpers", "common", "misc"}]
    assert drawers == []


def test_nothing_is_left_to_be_written() -> None:
    mark = re.compile(r"\b(TO" r"DO|FIX" r"ME|TB" r"D|XX" r"X)\b")
    assert [str(path.relative_to(ROOT)) for path in MODULES if mark.search(path.read_text(encoding="utf-8"))] == []


def test_no_registry_address_stands_in_a_tracked_file() -> None:
    pattern = re.compile(r"py" r"pi\.org|python" r"hosted\.org|registry\.npm" r"js|deb\.debian" r"\.org")
    tracked = subprocess.run(
        ["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=False
    ).stdout.split("\0")
    if not any(tracked):
        pytest.skip("not a git checkout")
    found = []
    for name in filter(None, tracked):
        path = ROOT / name
        if path.is_file() and path.stat().st_size < 2_000_000:
            text = path.read_text(encoding="utf-8", errors="ignore")
            found += [name] if pattern.search(text) else []
    assert found == []


def test_the_lock_files_pin_and_hash_everything() -> None:
    for lock in sorted((ROOT / "requirements").glob("*.lock")):
        text = lock.read_text(encoding="utf-8")
        requirements = re.findall(r"^[a-z0-9][\w.\-]*==", text, re.MULTILINE)
        entries = re.split(r"^(?=[a-z0-9][\w.\-]*==)", text, flags=re.MULTILINE)[1:]
        assert requirements
        assert all("--hash=sha256:" in entry for entry in entries)
