"""What can go wrong in the simulated factory."""

from configs.errors import YejiError


class SimulatorError(YejiError):
    """The simulator cannot go on; the message says what, where and how to mend it in one line."""
