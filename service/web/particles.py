"""Korean particles: which of a pair follows a word depends on how the word's last syllable ends."""

_FIRST_SYLLABLE = 0xAC00
_LAST_SYLLABLE = 0xD7A3
_FINALS = 28
_RIEUL = 8
_DIGIT_FINALS = {"0": 21, "1": _RIEUL, "3": 16, "6": 1, "7": _RIEUL, "8": _RIEUL}
_LETTER_FINALS = {"l": _RIEUL, "m": 16, "n": 4, "r": _RIEUL}
_DIRECTION_PREFIX = "\uc73c"


def with_particle(word: str, pair: str) -> str:
    """Return the word with the particle of a pair `after final consonant/after vowel` that fits it.

    Digits and Latin letters are taken as they are read aloud in Korean; brackets at the end are read over. The pair
    of direction follows its rule of its own: after a final rieul it takes the short form.

    >>> with_particle("A3", "eun/neun")
    'A3eun'
    >>> with_particle("A2", "eun/neun")
    'A2neun'
    """
    after_consonant, _, after_vowel = pair.partition("/")
    final = _final(word)
    takes_short = final == 0 or (final == _RIEUL and after_consonant.startswith(_DIRECTION_PREFIX))
    return word + (after_vowel if takes_short else after_consonant)


def _final(word: str) -> int:
    spoken = _without_brackets(word).rstrip(" \"'%.,·\u2060\u00a0")
    if not spoken:
        return 0
    last = spoken[-1].lower()
    if _FIRST_SYLLABLE <= ord(last) <= _LAST_SYLLABLE:
        return (ord(last) - _FIRST_SYLLABLE) % _FINALS
    return _DIGIT_FINALS.get(last, _LETTER_FINALS.get(last, 0))


def _without_brackets(word: str) -> str:
    stripped = word.rstrip()
    if stripped.endswith(")") and "(" in stripped:
        return stripped[: stripped.rindex("(")]
    return stripped
