"""Text as a person reads it."""

_UNSEEN = {"\N{NO-BREAK SPACE}": " ", "\N{WORD JOINER}": ""}


def plain(text: str) -> str:
    """Return the text without what only tells the browser where not to break a line."""
    for unseen, seen in _UNSEEN.items():
        text = text.replace(unseen, seen)
    return text
