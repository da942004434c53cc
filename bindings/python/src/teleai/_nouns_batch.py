"""The nouns, in the form for batches: each method queues an operation, and gives its Pending.

Made of _nouns.py by tools/make_forms.py; change that.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID

from . import _calls
from ._noun import Noun, Table
from ._record import Page
from ._secret import Secret, hide_each
from .enums import Action, Order
from .records import (
    Activity,
    Analysis,
    AudioFile,
    DailyUsage,
    Identity,
    Pipeline,
    QueueStatus,
    SearchHits,
    Session,
    Tenant,
    TenantStats,
    Transcription,
    User,
    UserStats,
)

if TYPE_CHECKING:
    from typing_extensions import Unpack

    from ._types import (
        AnalysisChange,
        AnalysisFilter,
        AnalysisInput,
        AnalysisResult,
        AudioFileChange,
        AudioFileFilter,
        AudioFileInput,
        PipelineFilter,
        SearchOptions,
        SessionChange,
        SessionFilter,
        SessionInput,
        TenantChange,
        TenantFilter,
        TenantInput,
        TranscriptionChange,
        TranscriptionFilter,
        TranscriptionInput,
        TranscriptionResult,
        UserChange,
        UserFilter,
        UserInput,
    )
    from .batch import Pending


class Users(Noun):
    """Accounts, and logging in."""

    __slots__ = ()
    _table = Table("user", "users", User)

    def create(self, **values: Unpack[UserInput]) -> Pending[User]:
        """Creates a user; see UserInput for what can be given."""
        return self._create(values)

    def create_list(self, rows: Iterable[UserInput]) -> Pending[Page[User]]:
        """Creates many users in one statement, all or none, and returns them in the order of the inputs."""
        rows = hide_each(rows)
        return self._create_list(rows)

    def get(self, id: UUID) -> Pending[User]:
        """Reads a user; NotFound when there is none of this id."""
        return self._get(id)

    def get_by_email(self, email: str) -> Pending[User]:
        """Reads a user by e-mail address, compared without case."""
        return _calls.user_get_by_email(self._runner, email)

    def get_many(self, ids: Iterable[UUID]) -> Pending[list[User | None]]:
        """Reads many users in one statement, in the order of the ids; None where there is none."""
        return self._get_many(ids)

    def update(
        self,
        id: UUID,
        *,
        if_unchanged_since: datetime | None = None,
        repeat_if_lost: bool = False,
        **values: Unpack[UserChange],
    ) -> Pending[User]:
        """Changes the fields that are given, and no others; None sets what may be absent to absent.

        ``if_unchanged_since``: the ``updated_at`` of the record that you read, else Conflict. ``repeat_if_lost``: see
        teleai_update_options.
        """
        return self._update(id, values, if_unchanged_since, repeat_if_lost)

    def delete(self, id: UUID) -> Pending[None]:
        """Deletes a user with all that hangs on it."""
        return self._delete(id)

    def list(
        self,
        *,
        limit: int = 50,
        order: Order | str = Order.NEWEST_FIRST,
        cursor: str | None = None,
        **filter: Unpack[UserFilter],
    ) -> Pending[Page[User]]:
        """A page of users; ``cursor`` is the ``next_cursor`` of the page before."""
        return self._list(filter, limit, order, cursor)

    def count(self, **filter: Unpack[UserFilter]) -> Pending[int]:
        """How many users there are."""
        return self._count(filter)

    def check_permission(self, user: User, action: Action | str, owner_id: UUID | None = None) -> None:
        """Raises PermissionDenied unless the user may do this to what belongs to ``owner_id``; asks no server."""
        return _calls.check_permission(user, action, owner_id)


class Sessions(Noun):
    """Who is logged in, proved by a secret token."""

    __slots__ = ()
    _table = Table("session", "sessions", Session)

    def create(self, **values: Unpack[SessionInput]) -> Pending[Session]:
        """Creates a session; see SessionInput for what can be given."""
        return self._create(values)

    def create_list(self, rows: Iterable[SessionInput]) -> Pending[Page[Session]]:
        """Creates many sessions in one statement, all or none, and returns them in the order of the inputs."""
        return self._create_list(rows)

    def get(self, id: UUID) -> Pending[Session]:
        """Reads a session; NotFound when there is none of this id."""
        return self._get(id)

    def get_many(self, ids: Iterable[UUID]) -> Pending[list[Session | None]]:
        """Reads many sessions in one statement, in the order of the ids; None where there is none."""
        return self._get_many(ids)

    def update(
        self,
        id: UUID,
        *,
        if_unchanged_since: datetime | None = None,
        repeat_if_lost: bool = False,
        **values: Unpack[SessionChange],
    ) -> Pending[Session]:
        """Changes the fields that are given, and no others; None sets what may be absent to absent.

        ``if_unchanged_since``: the ``updated_at`` of the record that you read, else Conflict. ``repeat_if_lost``: see
        teleai_update_options.
        """
        return self._update(id, values, if_unchanged_since, repeat_if_lost)

    def list(
        self,
        *,
        limit: int = 50,
        order: Order | str = Order.NEWEST_FIRST,
        cursor: str | None = None,
        **filter: Unpack[SessionFilter],
    ) -> Pending[Page[Session]]:
        """A page of sessions; ``cursor`` is the ``next_cursor`` of the page before."""
        return self._list(filter, limit, order, cursor)

    def count(self, **filter: Unpack[SessionFilter]) -> Pending[int]:
        """How many sessions there are."""
        return self._count(filter)

    def check(self, token: str) -> Pending[Identity]:
        """The session and user of a token; Unauthenticated when it is unknown, revoked or expired."""
        given = Secret(token)
        del token
        return _calls.session_check(self._runner, given)

    def revoke(self, id: UUID) -> Pending[None]:
        """Ends a session."""
        return _calls.session_revoke(self._runner, id)

    def revoke_all(self, user_id: UUID) -> Pending[int]:
        """Ends all sessions of a user; returns how many."""
        return _calls.session_revoke_all(self._runner, user_id)

    def purge_expired(self) -> Pending[int]:
        """Deletes the sessions that have expired; returns how many."""
        return _calls.session_purge_expired(self._runner)


class AudioFiles(Noun):
    """Where recordings lie and what is known of them."""

    __slots__ = ()
    _table = Table("audio_file", "audio_files", AudioFile)

    def create(self, **values: Unpack[AudioFileInput]) -> Pending[AudioFile]:
        """Creates an audio file; see AudioFileInput for what can be given."""
        return self._create(values)

    def create_list(self, rows: Iterable[AudioFileInput]) -> Pending[Page[AudioFile]]:
        """Creates many audio files in one statement, all or none, and returns them in the order of the inputs."""
        return self._create_list(rows)

    def get(self, id: UUID) -> Pending[AudioFile]:
        """Reads an audio file; NotFound when there is none of this id."""
        return self._get(id)

    def get_many(self, ids: Iterable[UUID]) -> Pending[list[AudioFile | None]]:
        """Reads many audio files in one statement, in the order of the ids; None where there is none."""
        return self._get_many(ids)

    def update(
        self,
        id: UUID,
        *,
        if_unchanged_since: datetime | None = None,
        repeat_if_lost: bool = False,
        **values: Unpack[AudioFileChange],
    ) -> Pending[AudioFile]:
        """Changes the fields that are given, and no others; None sets what may be absent to absent.

        ``if_unchanged_since``: the ``updated_at`` of the record that you read, else Conflict. ``repeat_if_lost``: see
        teleai_update_options.
        """
        return self._update(id, values, if_unchanged_since, repeat_if_lost)

    def delete(self, id: UUID) -> Pending[None]:
        """Deletes an audio file with all that hangs on it."""
        return self._delete(id)

    def list(
        self,
        *,
        limit: int = 50,
        order: Order | str = Order.NEWEST_FIRST,
        cursor: str | None = None,
        **filter: Unpack[AudioFileFilter],
    ) -> Pending[Page[AudioFile]]:
        """A page of audio files; ``cursor`` is the ``next_cursor`` of the page before."""
        return self._list(filter, limit, order, cursor)

    def count(self, **filter: Unpack[AudioFileFilter]) -> Pending[int]:
        """How many audio files there are."""
        return self._count(filter)

    def start(self, id: UUID) -> Pending[AudioFile]:
        """Marks it as being worked on. Of several workers that start the same one, the others get Conflict."""
        return self._start(id)

    def complete(self, id: UUID) -> Pending[AudioFile]:
        """Marks it as ready to use."""
        return self._complete(id)

    def fail(self, id: UUID, error_message: str) -> Pending[AudioFile]:
        """Marks it as failed, and says why."""
        return self._fail(id, error_message)


class Transcriptions(Noun):
    """What recognizers heard."""

    __slots__ = ()
    _table = Table("transcription", "transcriptions", Transcription)

    def create(self, **values: Unpack[TranscriptionInput]) -> Pending[Transcription]:
        """Creates a transcription; see TranscriptionInput for what can be given."""
        return self._create(values)

    def create_list(self, rows: Iterable[TranscriptionInput]) -> Pending[Page[Transcription]]:
        """Creates many transcriptions in one statement, all or none, and returns them in the order of the inputs."""
        return self._create_list(rows)

    def get(self, id: UUID) -> Pending[Transcription]:
        """Reads a transcription; NotFound when there is none of this id."""
        return self._get(id)

    def get_many(self, ids: Iterable[UUID]) -> Pending[list[Transcription | None]]:
        """Reads many transcriptions in one statement, in the order of the ids; None where there is none."""
        return self._get_many(ids)

    def update(
        self,
        id: UUID,
        *,
        if_unchanged_since: datetime | None = None,
        repeat_if_lost: bool = False,
        **values: Unpack[TranscriptionChange],
    ) -> Pending[Transcription]:
        """Changes the fields that are given, and no others; None sets what may be absent to absent.

        ``if_unchanged_since``: the ``updated_at`` of the record that you read, else Conflict. ``repeat_if_lost``: see
        teleai_update_options.
        """
        return self._update(id, values, if_unchanged_since, repeat_if_lost)

    def delete(self, id: UUID) -> Pending[None]:
        """Deletes a transcription with all that hangs on it."""
        return self._delete(id)

    def list(
        self,
        *,
        limit: int = 50,
        order: Order | str = Order.NEWEST_FIRST,
        cursor: str | None = None,
        **filter: Unpack[TranscriptionFilter],
    ) -> Pending[Page[Transcription]]:
        """A page of transcriptions; ``cursor`` is the ``next_cursor`` of the page before."""
        return self._list(filter, limit, order, cursor)

    def count(self, **filter: Unpack[TranscriptionFilter]) -> Pending[int]:
        """How many transcriptions there are."""
        return self._count(filter)

    def start(self, id: UUID) -> Pending[Transcription]:
        """Marks it as being worked on. Of several workers that start the same one, the others get Conflict."""
        return self._start(id)

    def complete(self, id: UUID, **result: Unpack[TranscriptionResult]) -> Pending[Transcription]:
        """Completes it with its result; see TranscriptionResult."""
        return self._complete(id, result)

    def fail(self, id: UUID, error_message: str) -> Pending[Transcription]:
        """Marks it as failed, and says why."""
        return self._fail(id, error_message)


class Analyses(Noun):
    """What was made of transcriptions: sentiment, key phrases, entities, topics, a summary, insights."""

    __slots__ = ()
    _table = Table("analysis", "analyses", Analysis)

    def create(self, **values: Unpack[AnalysisInput]) -> Pending[Analysis]:
        """Creates an analysis; see AnalysisInput for what can be given."""
        return self._create(values)

    def create_list(self, rows: Iterable[AnalysisInput]) -> Pending[Page[Analysis]]:
        """Creates many analyses in one statement, all or none, and returns them in the order of the inputs."""
        return self._create_list(rows)

    def get(self, id: UUID) -> Pending[Analysis]:
        """Reads an analysis; NotFound when there is none of this id."""
        return self._get(id)

    def get_many(self, ids: Iterable[UUID]) -> Pending[list[Analysis | None]]:
        """Reads many analyses in one statement, in the order of the ids; None where there is none."""
        return self._get_many(ids)

    def update(
        self,
        id: UUID,
        *,
        if_unchanged_since: datetime | None = None,
        repeat_if_lost: bool = False,
        **values: Unpack[AnalysisChange],
    ) -> Pending[Analysis]:
        """Changes the fields that are given, and no others; None sets what may be absent to absent.

        ``if_unchanged_since``: the ``updated_at`` of the record that you read, else Conflict. ``repeat_if_lost``: see
        teleai_update_options.
        """
        return self._update(id, values, if_unchanged_since, repeat_if_lost)

    def delete(self, id: UUID) -> Pending[None]:
        """Deletes an analysis."""
        return self._delete(id)

    def list(
        self,
        *,
        limit: int = 50,
        order: Order | str = Order.NEWEST_FIRST,
        cursor: str | None = None,
        **filter: Unpack[AnalysisFilter],
    ) -> Pending[Page[Analysis]]:
        """A page of analyses; ``cursor`` is the ``next_cursor`` of the page before."""
        return self._list(filter, limit, order, cursor)

    def count(self, **filter: Unpack[AnalysisFilter]) -> Pending[int]:
        """How many analyses there are."""
        return self._count(filter)

    def start(self, id: UUID) -> Pending[Analysis]:
        """Marks it as being worked on. Of several workers that start the same one, the others get Conflict."""
        return self._start(id)

    def complete(self, id: UUID, **result: Unpack[AnalysisResult]) -> Pending[Analysis]:
        """Completes it with its result; see AnalysisResult."""
        return self._complete(id, result)

    def fail(self, id: UUID, error_message: str) -> Pending[Analysis]:
        """Marks it as failed, and says why."""
        return self._fail(id, error_message)


class Tenants(Noun):
    """Organisations that share the database. For whoever runs the platform: no scope is heeded."""

    __slots__ = ()
    _table = Table("tenant", "tenants", Tenant)

    def create(self, **values: Unpack[TenantInput]) -> Pending[Tenant]:
        """Creates a tenant; see TenantInput for what can be given."""
        return self._create(values)

    def get(self, id: UUID) -> Pending[Tenant]:
        """Reads a tenant; NotFound when there is none of this id."""
        return self._get(id)

    def get_by_slug(self, slug: str) -> Pending[Tenant]:
        """Reads a tenant by its slug."""
        return _calls.tenant_get_by_slug(self._runner, slug)

    def update(
        self,
        id: UUID,
        *,
        if_unchanged_since: datetime | None = None,
        repeat_if_lost: bool = False,
        **values: Unpack[TenantChange],
    ) -> Pending[Tenant]:
        """Changes the fields that are given, and no others; None sets what may be absent to absent.

        ``if_unchanged_since``: the ``updated_at`` of the record that you read, else Conflict. ``repeat_if_lost``: see
        teleai_update_options.
        """
        return self._update(id, values, if_unchanged_since, repeat_if_lost)

    def list(
        self,
        *,
        limit: int = 50,
        order: Order | str = Order.NEWEST_FIRST,
        cursor: str | None = None,
        **filter: Unpack[TenantFilter],
    ) -> Pending[Page[Tenant]]:
        """A page of tenants; ``cursor`` is the ``next_cursor`` of the page before."""
        return self._list(filter, limit, order, cursor)

    def count(self, **filter: Unpack[TenantFilter]) -> Pending[int]:
        """How many tenants there are."""
        return self._count(filter)

    def suspend(self, id: UUID) -> Pending[Tenant]:
        """Suspends a tenant: nobody of it can log in, its rows stay."""
        return _calls.tenant_suspend(self._runner, id)

    def resume(self, id: UUID) -> Pending[Tenant]:
        """Ends a suspension."""
        return _calls.tenant_resume(self._runner, id)

    def stats(self, id: UUID) -> Pending[TenantStats]:
        """What a tenant holds, counted now."""
        return _calls.tenant_stats_get(self._runner, id)

    def stats_list(
        self, *, limit: int = 50, order: Order | str = Order.NEWEST_FIRST, cursor: str | None = None
    ) -> Pending[Page[TenantStats]]:
        """The same of all tenants, by their ids."""
        return _calls.tenant_stats_list(self._runner, limit, order, cursor)


class Stats:
    """Statistics: the five views."""

    __slots__ = ("_runner",)

    def __init__(self, runner: Any) -> None:
        self._runner = runner

    def user(self, user_id: UUID) -> Pending[UserStats]:
        """What a user has stored."""
        return _calls.user_stats_get(self._runner, user_id)

    def users(
        self, *, limit: int = 50, order: Order | str = Order.NEWEST_FIRST, cursor: str | None = None
    ) -> Pending[Page[UserStats]]:
        """The same of all users, by their ids."""
        return _calls.user_stats_list(self._runner, limit, order, cursor)

    def daily_usage(self, since: date | None = None, until: date | None = None) -> Pending[Page[DailyUsage]]:
        """The days (UTC) from ``since`` up to, not including, ``until``, as of the last refresh; earliest first."""
        return _calls.daily_usage_list(self._runner, since, until)

    def refresh_daily_usage(self) -> Pending[None]:
        """Computes the days anew."""
        return _calls.daily_usage_refresh(self._runner)

    def activity(
        self,
        user_id: UUID | None = None,
        *,
        limit: int = 50,
        order: Order | str = Order.NEWEST_FIRST,
        cursor: str | None = None,
    ) -> Pending[Page[Activity]]:
        """What a user, or everybody, did."""
        return _calls.activity_list(self._runner, user_id, limit, order, cursor)

    def queue(self) -> Pending[Page[QueueStatus]]:
        """How many rows of each kind are in which status."""
        return _calls.queue_status_list(self._runner)

    def pipeline(
        self,
        *,
        limit: int = 50,
        order: Order | str = Order.NEWEST_FIRST,
        cursor: str | None = None,
        **filter: Unpack[PipelineFilter],
    ) -> Pending[Page[Pipeline]]:
        """How far files are."""
        return _calls.pipeline_list(self._runner, filter, limit, order, cursor)


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

    def search(self, query: str, **options: Unpack[SearchOptions]) -> Pending[SearchHits]:
        """Searches the text of transcriptions, as people search the web; see teleai/search.h for the language."""
        return _calls.search(self, query, options)

    def search_keywords(
        self, words: str, *, limit: int = 50, order: Order | str = Order.NEWEST_FIRST, cursor: str | None = None
    ) -> Pending[Page[Transcription]]:
        """Transcriptions that hold all the words, newest first, in any status."""
        return _calls.search_keywords(self, words, limit, order, cursor)

    def notify(self, channel: str, payload: str | None = None) -> Pending[None]:
        """Says something to all who listen on a channel; in a transaction, when that commits."""
        return _calls.notify(self, channel, payload)
