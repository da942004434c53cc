"""The nouns of a client: statistics, and those of _accounts.py and _recordings.py.

The form for event loops: each method is a coroutine, which queues its operation when it begins.
Made of _nouns.py by tools/make_forms.py; change that.
"""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any
from uuid import UUID

from . import _calls
from ._accounts_aio import Sessions, Tenants, Users
from ._record import Page
from ._recordings_aio import Analyses, AudioFiles, Transcriptions
from .enums import Order
from .records import Activity, DailyUsage, Pipeline, QueueStatus, SearchHits, Transcription, UserStats

if TYPE_CHECKING:
    from typing_extensions import Unpack

    from ._types import PipelineFilter, SearchOptions


class Stats:
    """Statistics: the five views."""

    __slots__ = ("_runner",)

    def __init__(self, runner: Any) -> None:
        self._runner = runner

    async def user(self, user_id: UUID) -> UserStats:
        """What a user has stored."""
        return await _calls.user_stats_get(self._runner, user_id)

    async def users(
        self, *, limit: int = 50, order: Order | str = Order.NEWEST_FIRST, cursor: str | None = None
    ) -> Page[UserStats]:
        """The same of all users, by their ids."""
        return await _calls.user_stats_list(self._runner, limit, order, cursor)

    async def daily_usage(self, since: date | None = None, until: date | None = None) -> Page[DailyUsage]:
        """The days (UTC) from ``since`` up to, not including, ``until``, as of the last refresh; earliest first."""
        return await _calls.daily_usage_list(self._runner, since, until)

    async def refresh_daily_usage(self) -> None:
        """Computes the days anew."""
        await _calls.daily_usage_refresh(self._runner)

    async def activity(
        self,
        user_id: UUID | None = None,
        *,
        limit: int = 50,
        order: Order | str = Order.NEWEST_FIRST,
        cursor: str | None = None,
    ) -> Page[Activity]:
        """What a user, or everybody, did."""
        return await _calls.activity_list(self._runner, user_id, limit, order, cursor)

    async def queue(self) -> Page[QueueStatus]:
        """How many rows of each kind are in which status."""
        return await _calls.queue_status_list(self._runner)

    async def pipeline(
        self,
        *,
        limit: int = 50,
        order: Order | str = Order.NEWEST_FIRST,
        cursor: str | None = None,
        **filter: Unpack[PipelineFilter],
    ) -> Page[Pipeline]:
        """How far files are."""
        return await _calls.pipeline_list(self._runner, filter, limit, order, cursor)


class Nouns:
    """What can be done on a client of any kind: its nouns, and searching."""

    @property
    def users(self) -> Users:
        """Accounts, and logging in."""
        return Users(self)

    @property
    def sessions(self) -> Sessions:
        """Who is logged in."""
        return Sessions(self)

    @property
    def audio_files(self) -> AudioFiles:
        """Where recordings lie and what is known of them."""
        return AudioFiles(self)

    @property
    def transcriptions(self) -> Transcriptions:
        """What recognizers heard."""
        return Transcriptions(self)

    @property
    def analyses(self) -> Analyses:
        """What was made of transcriptions."""
        return Analyses(self)

    @property
    def tenants(self) -> Tenants:
        """Organisations that share the database."""
        return Tenants(self)

    @property
    def stats(self) -> Stats:
        """Statistics."""
        return Stats(self)

    async def search(self, query: str, **options: Unpack[SearchOptions]) -> SearchHits:
        """Searches the text of transcriptions, as people search the web; see teleai/search.h for the language."""
        return await _calls.search(self, query, options)

    async def search_keywords(
        self, words: str, *, limit: int = 50, order: Order | str = Order.NEWEST_FIRST, cursor: str | None = None
    ) -> Page[Transcription]:
        """Transcriptions that hold all the words, newest first, in any status."""
        return await _calls.search_keywords(self, words, limit, order, cursor)

    async def notify(self, channel: str, payload: str | None = None) -> None:
        """Says something to all who listen on a channel; in a transaction, when that commits."""
        await _calls.notify(self, channel, payload)
