"""What can go wrong with a model.

```
ModelError
├── ArtefactRefusedError    an artefact that is unsigned, foreign, damaged or made by other versions; never opened
└── NotEnoughDataError      a fit that the data at hand does not allow
```
"""

from configs.errors import YejiError


class ModelError(YejiError):
    """The root of what models raises."""


class ArtefactRefusedError(ModelError):
    """The artefact was refused before it was deserialised; the message says why and what to do."""


class NotEnoughDataError(ModelError):
    """There is not enough usable data to fit; the message says how much is there and how much is needed."""
