"""The number of a message that cannot be read: where its bytes still show it, it has arrived and is not missing."""

import re

Number = tuple[str, int] | tuple[None, None]
"""Boot and sequence number, or neither."""

LOOKED_AT = 262_144
MAX_SEQ = 2**63 - 1

_BOOT = re.compile(rb'"boot"\s*:\s*"([A-Za-z0-9][A-Za-z0-9_-]{0,63})"')
_SEQ = re.compile(rb'"seq"\s*:\s*(\d{1,19})\s*[,}]')


def salvaged_number(payload: bytes) -> Number:
    """Return the boot and number that a broken message names, if it names each exactly once.

    What is cut short, malformed or in UTF-16 or UTF-32 often still shows them; a number at the very end may itself be
    cut short and does not count.

    Examples
    --------
    >>> salvaged_number(b'{"v": 1, "boot": "b1", "seq": 17, "values": {"vib": NaN')
    ('b1', 17)
    >>> salvaged_number(b'{"v": 1, "boot": "b1", "seq": 17')
    (None, None)
    """
    text = payload[:LOOKED_AT].replace(b"\0", b"")
    boots, seqs = _BOOT.findall(text), _SEQ.findall(text)
    if len(boots) != 1 or len(seqs) != 1 or int(seqs[0]) > MAX_SEQ:
        return None, None
    return boots[0].decode("ascii"), int(seqs[0])
