"""The docs say what the tree holds."""

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
PACKAGES = ("configs", "ingest", "models", "service", "simulators")


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


def test_links_between_the_docs_lead_somewhere() -> None:
    pages = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").rglob("*.md"))]
    broken = [
        (page.name, target)
        for page in pages
        for target in re.findall(r"\]\((?!https?:|#|mailto:)([^)#]+)", page.read_text(encoding="utf-8"))
        if not (page.parent / target).exists()
    ]
    assert broken == []
