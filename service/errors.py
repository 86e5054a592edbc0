"""What can go wrong in the service, each with the HTTP status that `service.http.problems` gives it.

```
ServiceError
├── NotFoundError           404
├── ConflictError           409  somebody else was first, or the object is in another state
├── PreconditionError       412  If-Match names an older version
├── NotAllowedError         403
├── NotSignedInError        401
├── InvalidRequestError     422
├── TooManyAttemptsError    429
├── StateUnavailableError   503  the state database cannot be used now
└── BrokerError             503  no broker of our own can be started
```
"""

from configs.errors import YejiError


class ServiceError(YejiError):
    """The root of what service raises for its callers."""


class NotFoundError(ServiceError):
    """What was asked for does not exist, or is not in the actor's sites."""


class ConflictError(ServiceError):
    """The object is in a state that does not allow this; the message says who was first."""


class PreconditionError(ServiceError):
    """The object has changed since it was read."""


class NotAllowedError(ServiceError):
    """The actor may not do this."""


class NotSignedInError(ServiceError):
    """No valid session or key came with the request."""


class InvalidRequestError(ServiceError):
    """The request says something impossible; the message says what and how to mend it."""


class TooManyAttemptsError(ServiceError):
    """Too many failed attempts; try again after `retry_after_s` seconds."""

    def __init__(self, message: str, *, retry_after_s: float) -> None:
        self.retry_after_s = retry_after_s
        super().__init__(message)


class StateUnavailableError(ServiceError):
    """The state database is locked, read-only, full or away; the message says which and what to do."""


class BrokerError(ServiceError):
    """No MQTT broker of our own can be started; the message says why and what to do."""
