"""The words of the pages: complete in both languages, and nowhere else."""

import ast
import re
import string
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po

WEB = Path(__file__).parents[3] / "service" / "web"
LOCALES = WEB / "locales"
KEYWORDS = {"say": None, "count": None, "key": None}
HANGUL = re.compile(r"[\u1100-\u11ff\u3130-\u318f\uac00-\ud7a3]")
SCRIPTED = "client."


def catalogue(name: str) -> Catalog:
    with (LOCALES / name).open("rb") as file:
        return read_po(file)


def keys_of(found: Catalog) -> set[str]:
    return {message.id if isinstance(message.id, str) else message.id[0] for message in found if message.id}


def extracted() -> set[str]:
    methods = [("**.py", "python"), ("**/templates/**.html", "jinja2")]
    rows = extract_from_dir(str(WEB), method_map=methods, keywords=KEYWORDS)
    return {row[2] if isinstance(row[2], str) else row[2][0] for row in rows}


def sentences(message: object) -> list[str]:
    text = message.string  # type: ignore[attr-defined]
    return list(text) if isinstance(text, tuple) else [text]


def test_the_template_catalogue_holds_exactly_the_keys_that_the_pages_use() -> None:
    """Renew it with the command that `locales/babel.cfg` names."""
    assert keys_of(catalogue("messages.pot")) == extracted()


@pytest.mark.parametrize("language", ["ko", "en"])
def test_every_key_is_said_in_every_language(language: str) -> None:
    found = catalogue(f"{language}/LC_MESSAGES/messages.po")
    assert keys_of(found) == extracted()
    empty = [message.id for message in found if message.id and not all(sentences(message))]
    assert empty == []
    assert [message.id for message in found if message.fuzzy and message.id] == []


def test_both_languages_fill_the_same_placeholders() -> None:
    korean, english = (catalogue(f"{name}/LC_MESSAGES/messages.po") for name in ("ko", "en"))
    differing = []
    for message in korean:
        if not message.id or message.id[0].startswith("range."):
            continue
        other = english.get(message.id if isinstance(message.id, str) else message.id[0])
        assert other is not None
        names = [{field for _, field, _, _ in string.Formatter().parse(text) if field} for text in sentences(message)]
        others = [{field for _, field, _, _ in string.Formatter().parse(text) if field} for text in sentences(other)]
        if set().union(*names) != set().union(*others):
            differing.append(message.id)
    assert differing == sorted(differing, key=str)
    allowed = {"money.large"}
    assert {name if isinstance(name, str) else name[0] for name in differing} <= allowed


def test_no_word_of_a_language_stands_in_a_template() -> None:
    """What is left of a template without tags, attributes and expressions is punctuation."""
    wordy = {}
    for template in sorted((WEB / "templates").glob("*.html")):
        text = template.read_text(encoding="utf-8")
        bare = re.sub(r"\{#.*?#\}|\{%.*?%\}|\{\{.*?\}\}", " ", text, flags=re.DOTALL)
        shown = re.sub(r"<[^>]*>", " ", bare)
        named = " ".join(re.findall(r'(?:aria-label|title|placeholder|alt)="([^"]*)"', bare))
        if words := re.findall(r"[^\W\d_]{2,}", f"{shown} {named}".replace("&amp;", " ").replace("doctype html", "")):
            wordy[template.name] = words
    assert wordy == {}


def test_no_korean_stands_in_code() -> None:
    modules = [path for path in WEB.rglob("*.py") if HANGUL.search(path.read_text(encoding="utf-8"))]
    scripts = [
        path
        for path in (WEB / "static" / "js").glob("*.js")
        if HANGUL.search(re.sub(r"/\*.*?\*/", "", path.read_text(encoding="utf-8"), flags=re.DOTALL))
    ]
    assert modules + scripts == []


def test_every_key_of_the_scripts_is_sent_to_them() -> None:
    used = set()
    for path in (WEB / "static" / "js").glob("*.js"):
        used |= set(re.findall(r"'(client\.\w+)'", path.read_text(encoding="utf-8")))
    tree = ast.parse((WEB / "rendering.py").read_text(encoding="utf-8"))
    sent = {
        node.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and node.value.startswith(SCRIPTED)
    }
    assert used == sent
