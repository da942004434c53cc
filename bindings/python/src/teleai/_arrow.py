"""Pages and streams for whoever speaks Arrow: capsules with the structs of its C data interface.

The library makes the columns and the streams (teleai/arrow.h); here they are handed over. Who takes a struct out of a
capsule marks it as released, and what consumers then call is the library: no Python runs for them, where an exception
would get lost. A struct that was not taken out is released when the capsule dies.
"""

from __future__ import annotations

import ctypes
from ctypes import PYFUNCTYPE, Structure, addressof, byref, c_char_p, c_int, c_int64, c_void_p, py_object
from typing import Any

from . import _ffi
from ._call import method_of
from ._library import lib
from .errors import Closed, from_c


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
        ("release", c_void_p),
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
        ("release", c_void_p),
        ("private_data", c_void_p),
    ]


# Owners: what they hold is released with them, unless a consumer has taken it. Neither the release nor passing an owner
# to the library runs any Python that could be interrupted.


class SchemaOwner(Schema):
    """Owns a schema."""

    _as_parameter_ = property(byref)
    __del__ = method_of(lib.teleai_arrow_schema_release)


class ArrayOwner(Array):
    """Owns an array."""

    _as_parameter_ = property(byref)
    __del__ = method_of(lib.teleai_arrow_array_release)


class StreamOwner(Structure):
    """Owns a struct ArrowArrayStream."""

    _fields_ = [(name, c_void_p) for name in ("get_schema", "get_next", "get_last_error", "release", "private_data")]
    _as_parameter_ = property(byref)
    __del__ = method_of(lib.teleai_arrow_stream_release)


# ---- capsules ----

_capsule_new = PYFUNCTYPE(py_object, c_void_p, c_char_p, c_void_p)(("PyCapsule_New", ctypes.pythonapi))
_set_destructor = PYFUNCTYPE(c_int, py_object, c_void_p)(("PyCapsule_SetDestructor", ctypes.pythonapi))


class _Held(int):
    """A capsule's address, with what must live as long as the capsule."""

    what: Any


_alive: set[_Held] = set()
_destructor = PYFUNCTYPE(None, c_void_p)(_alive.discard)  # C code alone: nothing interrupts it
ctypes.pythonapi.Py_IncRef(py_object(_destructor))  # capsules may outlive this module


def _capsule(owner: Any, name: bytes) -> Any:
    """Hands over what an owner holds. Interrupted at any line, it leaves the owner the only one."""
    # In variables, here and in what calls this: no capsule may die while an exception is on its way.
    capsule = _capsule_new(addressof(owner), name, None)
    held = _Held(id(capsule))
    held.what = owner, name
    _set_destructor(capsule, ctypes.cast(_destructor, c_void_p))
    _alive.add(held)
    return capsule


# ---- pages ----


def fill(page: Any, schema: Any, array: Any) -> None:
    """Makes columns of a page, in these owners, either of which may be None."""
    if page._owner is None:
        raise ValueError("this page was not read from a database, but made or unpickled: it cannot become a table")
    if page._record._to_arrow is None:
        raise TypeError(f"a page of {page._record.__name__} has no columns")
    error = _ffi.teleai_error()
    if page._record._to_arrow(page._owner.value, schema, array, addressof(error)):
        raise from_c(error)


def fill_schema(record: Any, schema: Any) -> None:
    """Makes the schema that all pages of a record have."""
    nothing = (c_int64 * 16)()  # an empty list
    error = _ffi.teleai_error()
    if record._to_arrow(addressof(nothing), schema, None, addressof(error)):
        raise from_c(error)


def capsules(page: Any) -> tuple[Any, Any]:
    """The schema and the array of a page."""
    schema, array = SchemaOwner(), ArrayOwner()
    fill(page, schema, array)
    first = _capsule(schema, b"arrow_schema")
    second = _capsule(array, b"arrow_array")
    return first, second


def schema_capsule(record: Any) -> Any:
    """The schema that all pages of a record have."""
    schema = SchemaOwner()
    fill_schema(record, schema)
    return _capsule(schema, b"arrow_schema")


def page_stream_capsule(page: Any) -> Any:
    """A page as a stream of one batch."""
    schema, array, stream = SchemaOwner(), ArrayOwner(), StreamOwner()
    fill(page, schema, array)
    error = _ffi.teleai_error()
    if lib.teleai_arrow_batch_to_stream(schema, array, stream, addressof(error)):
        raise from_c(error)
    return _capsule(stream, b"arrow_array_stream")


def stream_capsule(stream: Any) -> Any:
    """A stream as Arrow's."""
    owner = StreamOwner()
    stream._nothing(lib.teleai_stream_to_arrow, owner)
    return _capsule(owner, b"arrow_array_stream")


# ---- with pyarrow and pandas ----


class _Batches:
    """The batches of a stream. It ends behind the last one only: where reading failed or was interrupted, rows may be
    lost, and the next read says so."""

    def __init__(self, stream: Any) -> None:
        self.stream = stream
        self.ready: list[Any] = []  # read, and not handed over
        self.reading = self.ended = False

    def __iter__(self) -> _Batches:
        return self

    def _take(self) -> Any:
        """What hands over the next batch."""
        if not self.ready:
            if self.ended:
                raise StopIteration
            if self.reading:
                raise Closed("reading this stream failed or was interrupted before; open another one")
            self.reading = True
            page = self.stream._next()
            if page is None:
                self.stream.close()
                self.ended = True
                raise StopIteration
            self.ready.append(page.to_arrow())
            self.reading = False
        return self.ready.pop

    # Called by C code when _take() has returned, so that no batch is lost in between.
    __next__: Any = property(_take)


def reader(stream: Any) -> Any:
    """A stream as a pyarrow.RecordBatchReader, out of which exceptions come as they are: also Ctrl-C."""
    library = pyarrow("to_arrow")
    return library.RecordBatchReader.from_batches(library.schema(stream), _Batches(stream))


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
