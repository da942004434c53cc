"""Exceptions: one class a status, so that code catches what it can do something about."""

from __future__ import annotations

from collections.abc import Sequence

from . import _ffi, _words
from .enums import Status


class Error(Exception):
    """What went wrong. No message holds values of yours, passwords or tokens.

    ``status`` says what to do, ``field`` and ``constraint`` what it is about, ``sqlstate`` what the server said (""
    when it did not come from there), ``item`` which of many inputs. ``retryable``: the same call, or the whole
    transaction, may well work when tried again. ``outcome_unknown``: the connection was lost, and it may have happened
    or not.
    """

    status: Status = Status.SERVER_ERROR

    def __init__(
        self,
        message: str,
        *,
        status: Status | None = None,
        sqlstate: str = "",
        constraint: str = "",
        field: str = "",
        item: int | None = None,
        retryable: bool = False,
        outcome_unknown: bool = False,
    ) -> None:
        super().__init__(message)
        if status is not None:
            self.status = status
        self.message = message
        self.sqlstate = sqlstate
        self.constraint = constraint
        self.field = field
        self.item = item
        self.retryable = retryable
        self.outcome_unknown = outcome_unknown

    def __reduce__(self) -> tuple[object, ...]:
        return _rebuild, (type(self), self.message, {k: v for k, v in self.__dict__.items() if k != "message"})


def _rebuild(kind: type[Error], message: str, rest: dict[str, object]) -> Error:
    error = kind(message)
    error.__dict__.update(rest)
    return error


class InvalidArgument(Error, ValueError):
    """The input is wrong: ``field`` says which, the message what was expected."""

    status = Status.INVALID_ARGUMENT


class NotFound(Error, LookupError):
    """There is no such row."""

    status = Status.NOT_FOUND


class AlreadyExists(Error):
    """A row with this id, e-mail address or token is there: ``constraint`` says which."""

    status = Status.ALREADY_EXISTS


class ParentNotFound(Error, LookupError):
    """The row that yours belongs to (``field``) does not exist."""

    status = Status.PARENT_NOT_FOUND


class Conflict(Error):
    """The row is not in the state this needs, or was changed since it was read."""

    status = Status.CONFLICT


class Unauthenticated(Error):
    """Log-in or session refused; the reason is not told, on purpose."""

    status = Status.UNAUTHENTICATED


class PermissionDenied(Error, PermissionError):
    """The user's role, or the database role of the connection, may not do this."""

    status = Status.PERMISSION_DENIED


class Unavailable(Error, ConnectionError):
    """No connection: server away, restarting, refusing, or all connections in use."""

    status = Status.UNAVAILABLE


class Timeout(Error, TimeoutError):
    """The time limit passed first."""

    status = Status.TIMEOUT


class Aborted(Error):
    """The transaction is lost: roll back and, if ``retryable``, run it again."""

    status = Status.ABORTED


class SchemaMismatch(Error):
    """The database's schema is older or newer than the library needs."""

    status = Status.SCHEMA_MISMATCH


class Unsupported(Error):
    """This server cannot do it: too old, or an extension is missing."""

    status = Status.UNSUPPORTED


class LimitExceeded(Error):
    """Too large for the server, or beyond a tenant's limit."""

    status = Status.LIMIT_EXCEEDED


class Closed(Error):
    """The client is closed, finished, or belongs to the parent process."""

    status = Status.CLOSED


class OutOfMemory(Error, MemoryError):
    """This process has no memory left."""

    status = Status.OUT_OF_MEMORY


class ServerError(Error):
    """Anything else the server said: see ``sqlstate``."""

    status = Status.SERVER_ERROR


class Cancelled(Error):
    """``cancel()`` ended it; nothing has happened, unless ``outcome_unknown``."""

    status = Status.CANCELLED


class BatchError(Error):
    """Writes of a batch failed, and nothing else looked at their results: ``errors`` has what went wrong with each."""

    def __init__(self, errors: Sequence[Error]) -> None:
        first = errors[0]
        more = (
            f"{len(errors)} writes of a batch failed; the first: " if len(errors) > 1 else "a write of a batch failed: "
        )
        super().__init__(
            more + first.message,
            status=first.status,
            sqlstate=first.sqlstate,
            constraint=first.constraint,
            field=first.field,
            item=first.item,
            retryable=all(error.retryable for error in errors),
            outcome_unknown=any(error.outcome_unknown for error in errors),
        )
        self.errors = tuple(errors)

    def __reduce__(self) -> tuple[object, ...]:
        return type(self), (self.errors,)


_BY_STATUS: dict[int, type[Error]] = {
    int(kind.status): kind
    for kind in (
        InvalidArgument, NotFound, AlreadyExists, ParentNotFound, Conflict, Unauthenticated, PermissionDenied,
        Unavailable, Timeout, Aborted, SchemaMismatch, Unsupported, LimitExceeded, Closed, OutOfMemory, ServerError,
        Cancelled,
    )
}  # fmt: skip


def from_c(error: _ffi.teleai_error) -> Error:
    """The exception that a filled teleai_error stands for. A status that is not known counts as SERVER_ERROR."""
    flags = error.flags
    return _BY_STATUS.get(error.status, ServerError)(
        _words.message(error.message.decode(errors="replace")),
        status=Status(error.status),
        sqlstate=error.sqlstate.decode(errors="replace"),
        constraint=error.constraint.decode(errors="replace"),
        field=_words.parameter(error.field.decode(errors="replace")),
        item=error.item if flags & _ffi.TELEAI_ERROR_HAS_ITEM else None,
        retryable=bool(flags & _ffi.TELEAI_ERROR_RETRYABLE),
        outcome_unknown=bool(flags & _ffi.TELEAI_ERROR_OUTCOME_UNKNOWN),
    )
