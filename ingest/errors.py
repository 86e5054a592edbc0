"""What can go wrong between a message and its durable reading.

```
IngestError
├── StoreUnavailableError   the store cannot write now; nothing may be acknowledged
│   ├── StoreBrokenError    nor will it until the process is started again
│   └── StoreDamagedError   its file is cut short or altered
├── StoreLockedError        another process owns the store's files
├── BundleError             a history bundle that cannot be read
└── TableFileError          a workbook or a delimited text that cannot be read
```
"""

from configs.errors import YejiError


class IngestError(YejiError):
    """The root of what ingest raises."""


class StoreUnavailableError(IngestError):
    """The store cannot make data durable now (full, read-only, away); try again, acknowledge nothing."""


class StoreBrokenError(StoreUnavailableError):
    """A failed write has made the open store unusable; only a restart of the process can help."""


class StoreDamagedError(StoreUnavailableError):
    """The store's file is not what was written: cut short, or altered."""


class StoreLockedError(IngestError):
    """Another process has the store open; the message says which and what to do."""


class BundleError(IngestError):
    """A history bundle is incomplete, damaged or does not match its plant."""


class TableFileError(IngestError):
    """A file is no table that can be read; the message says which and what to do."""
