"""ETag and If-Match: who writes says which version he has seen."""

import re
from typing import Annotated

from fastapi import Header

from service.errors import InvalidRequestError

IfMatch = Annotated[
    str | None, Header(description="ETag of the version that was read; the change is refused where it is older.")
]


def etag(version: int) -> str:
    """Return the ETag of a version."""
    return f'"{version}"'


def expected_version(if_match: str | None) -> int | None:
    """Return the version that an If-Match header names, None where any version will do."""
    if if_match is None or if_match.strip() == "*":
        return None
    found = re.fullmatch(r'"(\d{1,18})"', if_match.strip())
    if found is None:
        raise InvalidRequestError('If-Match: send the ETag of the answer that you read, for example "3"')
    return int(found[1])
