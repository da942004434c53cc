"""The operations that are not alike for all nouns. Each takes the runner first; see _call.py."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from ctypes import addressof, byref
from datetime import date, datetime, timezone
from typing import TYPE_CHECKING, Any
from uuid import UUID

from . import _bulk, _ffi
from ._bulk import CreateResult
from ._call import Take
from ._inputs import InputType, code_of, microseconds, text_bytes, uuid_bytes
from ._library import lib
from ._noun import check_count, page_of
from ._record import read_text
from ._server_records import MigrationStatus
from ._stream import Stream
from .enums import Action, Order, PipelineStatus, SearchOrder, TranscriptionStatus
from .errors import from_c
from .records import (
    Activity,
    DailyUsage,
    Identity,
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
    from ._noun import Noun


def user_get_by_email(runner: Any, email: str) -> Any:
    return runner._one(lib.teleai_user_get_by_email, User._take, text_bytes("email", email))


def user_login(runner: Any, email: str, password: Any) -> Any:
    return runner._one(lib.teleai_user_login, User._take, text_bytes("email", email), text_bytes("password", password))


def check_permission(user: User, action: Action | str, owner_id: UUID | None) -> None:
    """Asks the library with a struct that has the three fields it looks at."""
    made = _ffi.teleai_user()
    made.id.bytes[:] = user.id.bytes
    made.role, made.is_active = user.role, user.is_active
    error = _ffi.teleai_error()
    owner = None if owner_id is None else uuid_bytes("owner_id", owner_id)
    if lib.teleai_user_check_permission(byref(made), code_of(Action, "action", action), owner, byref(error)):
        raise from_c(error)


def session_check(runner: Any, token: Any) -> Any:
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
    runner: Any,
    function: Any,
    take: Any,
    limit: int,
    order: Order | str,
    cursor: str | None,
    *before: Any,
    keep: Any = None,
) -> Any:
    page = page_of(limit, order, cursor)
    return runner._one(function, take, *before, addressof(page), keep=(keep, page))


def tenant_stats_list(runner: Any, limit: int, order: Order | str, cursor: str | None) -> Any:
    return _paged(runner, lib.teleai_tenant_stats_list, TenantStats._take_list, limit, order, cursor)


def tenant_usage_recount(runner: Any, id: UUID | None) -> Any:
    return runner._number(lib.teleai_tenant_usage_recount, None if id is None else uuid_bytes("id", id))


def user_stats_get(runner: Any, user_id: UUID) -> Any:
    return runner._one(lib.teleai_user_stats_get, UserStats._take, uuid_bytes("user_id", user_id))


def user_stats_list(runner: Any, limit: int, order: Order | str, cursor: str | None) -> Any:
    return _paged(runner, lib.teleai_user_stats_list, UserStats._take_list, limit, order, cursor)


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


def activity_list(runner: Any, user_id: UUID | None, limit: int, order: Order | str, cursor: str | None) -> Any:
    id = None if user_id is None else uuid_bytes("user_id", user_id)
    return _paged(runner, lib.teleai_activity_list, Activity._take_list, limit, order, cursor, id, keep=id)


def queue_status_list(runner: Any) -> Any:
    return runner._one(lib.teleai_queue_status_list, QueueStatus._take_list)


_pipeline_filter = InputType(
    _ffi.teleai_pipeline_filter, "stats", "pipeline", codes={"pipeline_status": PipelineStatus}
)


def pipeline_list(runner: Any, filter: Mapping[str, Any], limit: int, order: Order | str, cursor: str | None) -> Any:
    made = _pipeline_filter.make(filter)
    return _paged(
        runner, lib.teleai_pipeline_list, Pipeline._take_list, limit, order, cursor, addressof(made), keep=made
    )


# ---- search ----

_search_options = InputType(
    _ffi.teleai_search_options, "search", codes={"status": TranscriptionStatus, "order": SearchOrder}
)


def _read_hits(owner: Any) -> SearchHits:
    head = _ffi.teleai_search_hits.from_address(owner.value)
    hits: SearchHits = SearchHits._of_list(SearchHit, owner)
    hits.parsed_query, hits.total, hits.total_is_exact = head.parsed_query.decode(), head.total, head.total_is_exact
    return hits


_hits = Take("teleai_search_hits_free", _read_hits)


def search(runner: Any, query: str, options: Mapping[str, Any]) -> Any:
    made = _search_options.make(options)
    return runner._one(lib.teleai_search_transcriptions, _hits, text_bytes("query", query), addressof(made), keep=made)


def search_keywords(runner: Any, words: str, limit: int, order: Order | str, cursor: str | None) -> Any:
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


# A text that the library hands out.
text_of = Take("teleai_text_free", lambda owner: read_text(owner.value))


# ---- what takes more than one call ----


class Pages:
    """The pages of a list, one after the other, until ``limit`` rows are read."""

    def __init__(
        self, noun: Noun, filter: Mapping[str, Any], limit: int | None, page_size: int, order: Order | str
    ) -> None:
        check_count("page_size", page_size)
        if limit is not None:
            check_count("limit", limit)
        noun._table.filter.make(filter, "iterate")  # what is wrong is told at once
        self._noun, self._filter, self._page_size, self._order = noun, filter, page_size, order
        self._left, self._cursor, self._begun = limit, "", False

    def more(self) -> bool:
        """Whether there is another one to ask for."""
        return self._left != 0 and not (self._begun and self._cursor is None)

    def ask(self) -> Any:
        """Asks for it."""
        size = self._page_size if self._left is None else min(self._page_size, self._left)
        return self._noun._list(self._filter, size, self._order, self._cursor or None, "iterate", "page_size")

    def take(self, page: Any) -> Any:
        """Its rows."""
        self._begun, self._cursor = True, page.next_cursor
        if self._left is not None:
            self._left -= len(page)
        return page

    def rows(self) -> Iterator[Any]:
        """The rows of all, each page asked for when it is needed."""
        while self.more():
            yield from self.take(self.ask())


def iterate(
    noun: Noun, filter: Mapping[str, Any], limit: int | None, page_size: int, order: Order | str
) -> Iterator[Any]:
    return Pages(noun, filter, limit, page_size, order).rows()


def stream(noun: Noun, filter: Mapping[str, Any], page_size: int, order: Order | str, cursor: str | None) -> Any:
    return Stream(noun._runner, noun._table, filter, page_size, order, cursor)


def create_many(noun: Noun, rows: Iterable[Mapping[str, Any]], keep_good: bool, chunk_rows: int) -> CreateResult:
    return _bulk.create_many(noun, rows, keep_good, chunk_rows)
