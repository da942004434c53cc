"""The values of records: raw ones, as the library gives them, to Python's."""

from __future__ import annotations

import json
from datetime import date, datetime, timedelta, timezone
from functools import lru_cache
from typing import Any
from uuid import UUID, SafeUUID

EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)
_new = object.__new__
_set = object.__setattr__
_unknown = SafeUUID.unknown
_set_int = UUID.__dict__["int"].__set__  # its __setattr__ refuses
_set_is_safe = UUID.__dict__["is_safe"].__set__
_EXACT = 2**32 * 10**6  # microseconds whose division by 1e6 rounds to the microsecond that it was


def uuid_of(raw: bytes) -> UUID:
    """The UUID of 16 bytes, without the checks that UUID() makes of its arguments."""
    made = _new(UUID)
    _set_int(made, int.from_bytes(raw, "big"))
    _set_is_safe(made, _unknown)
    return made


# The first and the last moment that Python knows. PostgreSQL's infinities, and its times outside of Python's range, are
# these; given to a call they are the infinities.
EARLIEST = datetime.min.replace(tzinfo=timezone.utc)
LATEST = datetime.max.replace(tzinfo=timezone.utc)
_MICROSECOND = timedelta(microseconds=1)
_FIRST_US = (EARLIEST - EPOCH) // _MICROSECOND
_LAST_US = (LATEST - EPOCH) // _MICROSECOND
_MINUS_INFINITY, _INFINITY = -(2**63), 2**63 - 1


def time_of(us: int) -> datetime:
    """The time that many microseconds after 1970, in UTC."""
    if -_EXACT < us < _EXACT:
        return datetime.fromtimestamp(us / 1e6, timezone.utc)
    if us >= _LAST_US:
        return LATEST
    return EPOCH + timedelta(0, 0, us) if us > _FIRST_US else EARLIEST


def us_of(time: datetime) -> int:
    """The microseconds from 1970 to a time that has a time zone."""
    since = time - EPOCH
    us = (since.days * 86400 + since.seconds) * 1000000 + since.microseconds
    if _FIRST_US < us < _LAST_US:
        return us
    return _INFINITY if us > 0 else _MINUS_INFINITY


def _duration_of(ms: int) -> timedelta:
    try:
        return timedelta(milliseconds=ms)
    except OverflowError:
        return timedelta.max if ms > 0 else timedelta.min


def _date_of(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:  # a year that Python has not
        return date.min if text.startswith("-") or text.endswith("BC") else date.max


# What other rows have too, or another field of the same row, is made once: others' ids, times, durations.
_KNOWN = 4096
_known_uuid_of = lru_cache(_KNOWN)(uuid_of)
_known_time_of = lru_cache(_KNOWN)(time_of)
_known_duration_of = lru_cache(_KNOWN)(_duration_of)
_scan = json.JSONDecoder().scan_once  # type: ignore[attr-defined]


def _json_of(text: str) -> Any:
    """What JSON text says that the server or the library has written: without white space around it."""
    return _scan(text, 0)[0]
