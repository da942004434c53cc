"""The operations that are not alike for all nouns. Each takes the runner first; see _call.py."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from ctypes import addressof, byref
from datetime import date, datetime, timezone
from typing import TYPE_CHECKING, Any
from uuid import UUID

from . import _ffi
from ._inputs import InputType, microseconds, text_bytes, uuid_bytes
from ._library import lib
from ._noun import check_page, page_of
from ._record import read_text
from .enums import Order
from .errors import from_c
from .records import (
    Activity,
    DailyUsage,
    Identity,
    MigrationStatus,
    Pipeline,
    QueueStatus,
    SearchHit,
    SearchHits,
    Tenant,
    TenantStats,
    Transcription,
    User,
    UserStats,
)

if TYPE_CHECKING:
    from ._bulk import CreateResult
    from ._noun import Noun


def user_get_by_email(runner: Any, email: str) -> Any:
    return runner._one(lib.teleai_user_get_by_email, User._take, text_bytes("email", email))


def user_login(runner: Any, email: str, password: str) -> Any:
    return runner._one(lib.teleai_user_login, User._take, text_bytes("email", email), text_bytes("password", password))


def check_permission(user: User, action: int, owner_id: UUID | None) -> None:
    """Asks the library with a struct that has the three fields it looks at."""
    made = _ffi.teleai_user()
    made.id.bytes[:] = user.id.bytes
    made.role, made.is_active = user.role, user.is_active
    error = _ffi.teleai_error()
    owner = None if owner_id is None else uuid_bytes("owner_id", owner_id)
    if lib.teleai_user_check_permission(byref(made), action, owner, byref(error)):
        raise from_c(error)


def session_check(runner: Any, token: str) -> Any:
    return runner._one(lib.teleai_session_check, Identity._take, text_bytes("token", token))


def session_revoke(runner: Any, id: UUID) -> Any:
    return runner._nothing(lib.teleai_session_revoke, uuid_bytes("id", id))


def session_revoke_all(runner: Any, user_id: UUID) -> Any:
    return runner._number(lib.teleai_session_revoke_all, uuid_bytes("user_id", user_id))


def session_purge_expired(runner: Any) -> Any:
    return runner._number(lib.teleai_session_purge_expired)


def tenant_get_by_slug(runner: Any, slug: str) -> Any:
    return runner._one(lib.teleai_tenant_get_by_slug, Tenant._take, text_bytes("slug", slug))


def tenant_suspend(runner: Any, id: UUID) -> Any:
    return runner._one(lib.teleai_tenant_suspend, Tenant._take, uuid_bytes("id", id))


def tenant_resume(runner: Any, id: UUID) -> Any:
    return runner._one(lib.teleai_tenant_resume, Tenant._take, uuid_bytes("id", id))


def tenant_stats_get(runner: Any, id: UUID) -> Any:
    return runner._one(lib.teleai_tenant_stats_get, TenantStats._take, uuid_bytes("id", id))


def _paged(
    runner: Any, function: Any, take: Any, limit: int, order: Order, cursor: str | None, *before: Any, keep: Any = None
) -> Any:
    check_page(limit, order)
    page = page_of(limit, order, cursor)
    return runner._one(function, take, *before, addressof(page), keep=(keep, page))


def tenant_stats_all(runner: Any, limit: int, order: Order, cursor: str | None) -> Any:
    return _paged(runner, lib.teleai_tenant_stats_all, TenantStats._take_list, limit, order, cursor)


def user_stats_get(runner: Any, user_id: UUID) -> Any:
    return runner._one(lib.teleai_user_stats_get, UserStats._take, uuid_bytes("user_id", user_id))


def user_stats_all(runner: Any, limit: int, order: Order, cursor: str | None) -> Any:
    return _paged(runner, lib.teleai_user_stats_all, UserStats._take_list, limit, order, cursor)


def _midnight(name: str, day: date | None) -> int:
    if day is None:
        return 0
    if isinstance(day, datetime):
        return microseconds(name, day)
    if not isinstance(day, date):
        raise TypeError(f"{name} is a {type(day).__name__}; a date was expected")
    return microseconds(name, datetime(day.year, day.month, day.day, tzinfo=timezone.utc))


def daily_usage_list(runner: Any, since: date | None, until: date | None) -> Any:
    return runner._one(
        lib.teleai_daily_usage_list, DailyUsage._take_list, _midnight("since", since), _midnight("until", until)
    )


def daily_usage_refresh(runner: Any) -> Any:
    return runner._nothing(lib.teleai_daily_usage_refresh)


def activity_list(runner: Any, user_id: UUID | None, limit: int, order: Order, cursor: str | None) -> Any:
    id = None if user_id is None else uuid_bytes("user_id", user_id)
    return _paged(runner, lib.teleai_activity_list, Activity._take_list, limit, order, cursor, id, keep=id)


def queue_status_list(runner: Any) -> Any:
    return runner._one(lib.teleai_queue_status_list, QueueStatus._take_list)


_pipeline_filter = InputType(_ffi.teleai_pipeline_filter, "stats.pipeline")


def pipeline_list(runner: Any, filter: Mapping[str, Any], limit: int, order: Order, cursor: str | None) -> Any:
    made = _pipeline_filter.make(filter)
    return _paged(
        runner, lib.teleai_pipeline_list, Pipeline._take_list, limit, order, cursor, addressof(made), keep=made
    )


# ---- search ----

_search_options = InputType(_ffi.teleai_search_options, "search")


def _take_hits(address: int) -> SearchHits:
    head = _ffi.teleai_search_hits.from_address(address)
    hits: SearchHits = SearchHits._of_list(SearchHit, address)
    hits.parsed_query, hits.total, hits.total_is_exact = head.parsed_query.decode(), head.total, head.total_is_exact
    return hits


def search(runner: Any, query: str, options: Mapping[str, Any]) -> Any:
    made = _search_options.make(options)
    return runner._one(
        lib.teleai_search_transcriptions, _take_hits, text_bytes("query", query), addressof(made), keep=made
    )


def search_keywords(runner: Any, words: str, limit: int, order: Order, cursor: str | None) -> Any:
    return _paged(
        runner, lib.teleai_search_keywords, Transcription._take_list, limit, order, cursor, text_bytes("words", words)
    )


# ---- the rest of a client ----


def ping(runner: Any) -> Any:
    return runner._nothing(lib.teleai_ping)


def notify(runner: Any, channel: str, payload: str | None) -> Any:
    said = None if payload is None else text_bytes("payload", payload)
    return runner._nothing(lib.teleai_notify, text_bytes("channel", channel), said)


def migrate_status(runner: Any) -> Any:
    return runner._one(lib.teleai_migrate_status, MigrationStatus._take)


def take_text(address: int) -> str:
    """A text that the library handed out."""
    try:
        return read_text(address)
    finally:
        lib.teleai_text_free(address)


# ---- what takes more than one call ----


def iterate(noun: Noun, filter: Mapping[str, Any], page_rows: int, order: Order) -> Iterator[Any]:
    cursor = None
    while True:
        page = noun._list(filter, page_rows, order, cursor)
        yield from page
        cursor = page.next_cursor
        if cursor is None:
            return


def stream(noun: Noun, filter: Mapping[str, Any], piece_rows: int, order: Order, cursor: str | None) -> Any:
    from ._stream import Stream

    return Stream(noun._runner, noun._table, filter, piece_rows, order, cursor)


def create_many(noun: Noun, rows: Iterable[Mapping[str, Any]], keep_good: bool, chunk_rows: int) -> CreateResult:
    from ._bulk import create_many as create

    return create(noun, rows, keep_good, chunk_rows)
