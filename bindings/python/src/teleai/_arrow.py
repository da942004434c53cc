"""Pages and streams for whoever speaks Arrow: capsules with the structs of its C data interface.

The library makes the columns (teleai/arrow.h); here they are handed over. Who takes a struct out of a capsule marks it
as released; what nobody took is released when the capsule dies.
"""

from __future__ import annotations

import ctypes
from collections.abc import Callable, Iterator
from ctypes import CFUNCTYPE, PYFUNCTYPE, Structure, addressof, c_char_p, c_int, c_int64, c_void_p, memset, py_object
from typing import Any

from . import _ffi
from .errors import from_c

_release = CFUNCTYPE(None, c_void_p)


class Schema(Structure):
    """struct ArrowSchema."""

    _fields_ = [
        ("format", c_char_p),
        ("name", c_char_p),
        ("metadata", c_void_p),
        ("flags", c_int64),
        ("n_children", c_int64),
        ("children", c_void_p),
        ("dictionary", c_void_p),
        ("release", _release),
        ("private_data", c_void_p),
    ]


class Array(Structure):
    """struct ArrowArray."""

    _fields_ = [
        ("length", c_int64),
        ("null_count", c_int64),
        ("offset", c_int64),
        ("n_buffers", c_int64),
        ("n_children", c_int64),
        ("buffers", c_void_p),
        ("children", c_void_p),
        ("dictionary", c_void_p),
        ("release", _release),
        ("private_data", c_void_p),
    ]


class _Stream(Structure):
    pass


_get = CFUNCTYPE(c_int, c_void_p, c_void_p)
_get_last_error = CFUNCTYPE(c_void_p, c_void_p)
_Stream._fields_ = [
    ("get_schema", _get),
    ("get_next", _get),
    ("get_last_error", _get_last_error),
    ("release", _release),
    ("private_data", c_void_p),
]

# ---- capsules ----

_capsule_new = PYFUNCTYPE(py_object, c_void_p, c_char_p, c_void_p)(("PyCapsule_New", ctypes.pythonapi))
_capsule_name = PYFUNCTYPE(c_char_p, c_void_p)(("PyCapsule_GetName", ctypes.pythonapi))
_capsule_pointer = PYFUNCTYPE(c_void_p, c_void_p, c_char_p)(("PyCapsule_GetPointer", ctypes.pythonapi))
_alive: dict[int, Any] = {}


def _end(capsule: int) -> None:
    held = _alive.pop(_capsule_pointer(capsule, _capsule_name(capsule)), None)
    if held is not None and held.release:
        held.release(addressof(held))


_destructor = PYFUNCTYPE(None, c_void_p)(_end)


def _capsule(held: Any, name: bytes) -> Any:
    _alive[addressof(held)] = held
    return _capsule_new(addressof(held), name, ctypes.cast(_destructor, c_void_p))


# ---- pages ----


def fill(page: Any, schema: int | None, array: int | None) -> None:
    """Makes columns of a page, in structs that are at these addresses."""
    if page._owner is None:
        raise ValueError("this page was not read from a database, but made or unpickled: it cannot become a table")
    if page._record._to_arrow is None:
        raise TypeError(f"a page of {page._record.__name__} has no columns")
    error = _ffi.teleai_error()
    if page._record._to_arrow(page._owner.value, schema, array, addressof(error)):
        raise from_c(error)


def capsules(page: Any) -> tuple[Any, Any]:
    """The schema and the array of a page."""
    schema, array = Schema(), Array()
    fill(page, addressof(schema), addressof(array))
    first = _capsule(schema, b"arrow_schema")  # in variables: _end() must not run while an exception is on its way
    second = _capsule(array, b"arrow_array")
    return first, second


def schema_capsule(record: Any) -> Any:
    """The schema that all pages of a record have."""
    schema = Schema()
    fill_schema(record, addressof(schema))
    return _capsule(schema, b"arrow_schema")


def fill_schema(record: Any, at: int) -> None:
    """Makes the schema that all pages of a record have, in the struct at this address."""
    nothing = (c_int64 * 16)()  # an empty list
    error = _ffi.teleai_error()
    if record._to_arrow(addressof(nothing), at, None, addressof(error)):
        raise from_c(error)


# ---- streams ----

_EIO = 5


class _Source:
    """What a stream of batches is made of."""

    def __init__(self, pages: Iterator[Any], record: Any) -> None:
        self.pages, self.record = pages, record
        self.message: Any = None


_sources: dict[int, _Source] = {}  # by the streams' private_data


def _source(stream: int) -> _Source:
    return _sources[_Stream.from_address(stream).private_data]


def _try(stream: int, what: Callable[[_Source], None]) -> int:
    source = _source(stream)
    try:
        what(source)
    except Exception as error:
        source.message = ctypes.create_string_buffer(f"{type(error).__name__}: {error}".encode())
        return _EIO
    return 0


# Any thread of a consumer may call these.


def _get_schema(stream: int, out: int) -> int:
    return _try(stream, lambda source: fill_schema(source.record, out))


def _get_next(stream: int, out: int) -> int:
    def step(source: _Source) -> None:
        page = next(source.pages, None)
        if page is None:
            memset(out, 0, ctypes.sizeof(Array))  # the end
        else:
            fill(page, None, out)

    return _try(stream, step)


def _last_error(stream: int) -> int | None:
    message = _source(stream).message
    return None if message is None else addressof(message)


def _end_stream(stream: int) -> None:
    held = _Stream.from_address(stream)
    _sources.pop(held.private_data, None)
    held.release = _release()


_callbacks = _get(_get_schema), _get(_get_next), _get_last_error(_last_error), _release(_end_stream)
for _kept in (_destructor, *_callbacks):
    ctypes.pythonapi.Py_IncRef(py_object(_kept))  # capsules and streams may outlive this module


def stream_capsule(pages: Iterator[Any], record: Any) -> Any:
    """An ArrowArrayStream of pages of a record."""
    source = _Source(pages, record)
    _sources[id(source)] = source
    return _capsule(_Stream(*_callbacks, id(source)), b"arrow_array_stream")


# ---- with pyarrow and pandas ----


def pyarrow(what: str) -> Any:
    """The module."""
    try:
        import pyarrow
    except ImportError as error:
        raise ImportError(
            f'{what}() needs pyarrow 14 or later: pip install "teleai[arrow]". Without it, polars, DuckDB and others '
            "take the object itself"
        ) from error
    return pyarrow


def data_frame(table: Any) -> Any:
    """A pandas.DataFrame of pyarrow's batch or table; ids are uuid.UUID, as in records."""
    try:
        import pandas  # noqa: F401
    except ImportError as error:
        raise ImportError('to_pandas() needs pandas: pip install "teleai[pandas]"') from error
    return table.to_pandas()
