"""What can go wrong in the service, each with the HTTP status that `service.http.problems` gives it.

```
ServiceError
├── NotFoundError           404
├── ConflictError           409  somebody else was first, or the object is in another state
├── PreconditionError       412  If-Match names an older version
├── NotAllowedError         403
├── NotSignedInError        401
└── InvalidRequestError     422
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
