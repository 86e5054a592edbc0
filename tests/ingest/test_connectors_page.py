"""The page of connectors: what it calls done is shown by a test that exists, and what is exempt has a reason."""

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
ROWS = re.findall(
    r"^\| (.+?) \| (done|to do|exempt) \| (.*?) ?\|$",
    (ROOT / "docs/connectors.md").read_text(encoding="utf-8"),
    re.MULTILINE,
)


def test_every_item_has_a_known_state() -> None:
    lines = [
        line for line in (ROOT / "docs/connectors.md").read_text(encoding="utf-8").splitlines() if line[:2] == "| "
    ]
    headings = sum(line.startswith("| item |") for line in lines)
    assert len(ROWS) == len(lines) - headings > 30


def test_what_is_done_is_shown_by_a_test() -> None:
    missing = []
    for item, state, shown in ROWS:
        if state == "done":
            file, _, name = shown.strip("`").partition("::")
            text = (ROOT / file).read_text(encoding="utf-8")
            if not re.search(rf"^(def|class) {name}\b", text, re.MULTILINE):
                missing.append((item, shown))
    assert missing == []


def test_what_is_exempt_has_a_reason() -> None:
    assert all(reason for _, state, reason in ROWS if state == "exempt")
