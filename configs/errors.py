"""The root of every error that Yeji raises on purpose.

```
YejiError
├── ConfigurationError      a settings, plant or catalogue file that cannot be used
├── ingest.errors.IngestError
├── models.errors.ModelError
└── service.errors.ServiceError
```
"""


class YejiError(Exception):
    """Something is wrong that a person can mend; the message says what, where and how."""


class ConfigurationError(YejiError):
    """One or more mistakes in a configuration file, all of them listed at once.

    Parameters
    ----------
    source
        The file or place that was read, as the person knows it.
    mistakes
        One line each: what is wrong, where, and how to mend it.
    """

    def __init__(self, source: str, mistakes: tuple[str, ...]) -> None:
        self.source = source
        self.mistakes = mistakes
        super().__init__(f"{source}: " + "; ".join(mistakes))
