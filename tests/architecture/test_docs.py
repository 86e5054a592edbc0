"""The docs say what the tree holds."""

import re
from pathlib import Path

import pytest
from typer.core import TyperGroup
from typer.main import get_command

import service.cli as yeji
import simulators.cli as yeji_simulate

ROOT = Path(__file__).parents[2]
PACKAGES = ("configs", "ingest", "models", "service", "simulators")
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").rglob("*.md"))]
FILES_OF_WORDS = (
    "configs/plant.py",
    *(f"ingest/{name}.py" for name in ("reading", "operation", "part_life", "label", "maintenance_event", "meter")),
    *(f"models/{name}.py" for name in ("feature_window", "condition", "health", "prediction", "artefact")),
    *(f"service/advisory/{name}.py" for name in ("case", "case_event", "shelving", "advice", "replacement")),
    "service/actor.py",
)


def _folders_of_the_code() -> set[str]:
    folders = {f"{package}/" for package in PACKAGES}
    for package in PACKAGES:
        for init in (ROOT / package).rglob("__init__.py"):
            relative = init.parent.relative_to(ROOT)
            if len(relative.parts) == 2:
                folders.add(f"{relative}/")
    return folders


def test_the_map_in_the_architecture_page_names_every_folder_and_no_other() -> None:
    rows = re.findall(
        r"^\| `([a-z_/]+/)` \|", (ROOT / "docs/architecture.md").read_text(encoding="utf-8"), re.MULTILINE
    )
    mapped = set(rows) - {"tests/", "benchmarks/"}
    assert mapped | {"configs/catalogue/"} == _folders_of_the_code() | {"configs/catalogue/"}


def test_every_word_of_the_vocabulary_lives_where_it_says() -> None:
    rows = re.findall(
        r"^\| (\w+) \| [^|]+ \| [^|]+ \| `([\w/.]+)` \|",
        (ROOT / "docs/vocabulary.md").read_text(encoding="utf-8"),
        re.MULTILINE,
    )
    assert len(rows) > 30
    missing = [
        (word, file)
        for word, file in rows
        if not re.search(rf"^(?:class )?{word}\b", (ROOT / file).read_text(encoding="utf-8"), re.MULTILINE)
    ]
    assert missing == []


def test_the_vocabulary_lists_every_word_of_the_rooms() -> None:
    listed = set(re.findall(r"^\| (\w+) \|", (ROOT / "docs/vocabulary.md").read_text(encoding="utf-8"), re.MULTILINE))
    words = {
        word
        for file in FILES_OF_WORDS
        for word in re.findall(r"^class ([A-Z]\w*)", (ROOT / file).read_text(encoding="utf-8"), re.MULTILINE)
    }
    assert sorted(words - listed) == []


def _commands(text: str) -> list[str]:
    return re.findall(r"(?:^|`)(yeji(?:-simulate)?(?: [^`\n]*)?)", text.replace("\\\n", " "), re.MULTILINE)


def _unknown_in(line: str) -> list[str]:
    """Return the options and verbs of a command line that the program does not have."""
    program, *words = line.split()
    command = get_command({"yeji": yeji.app, "yeji-simulate": yeji_simulate.app}[program])
    options: set[str] = {"--help"}
    unknown = []
    for word in words:
        if isinstance(command, TyperGroup) and not word.startswith("-"):
            if word not in command.commands:
                return [word]
            command = command.commands[word]
            options |= {name for parameter in command.params for name in parameter.opts}
        elif word.startswith("--") and word not in options:
            unknown.append(word)
    return unknown


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_commands_in_the_docs_exist_with_their_options(page: Path) -> None:
    commands = _commands(page.read_text(encoding="utf-8"))
    assert [(line, unknown) for line in commands if (unknown := _unknown_in(line))] == []


def test_links_between_the_docs_lead_somewhere() -> None:
    broken = [
        (page.name, target)
        for page in PAGES
        for target in re.findall(r"\]\((?!https?:|#|mailto:)([^)#]+)", page.read_text(encoding="utf-8"))
        if not (page.parent / target).exists()
    ]
    assert broken == []
