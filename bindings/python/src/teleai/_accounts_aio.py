"""Who works with the recordings: users, their sessions, tenants.

The form for event loops: each method is a coroutine, which queues its operation when it begins.
Made of _accounts.py by tools/make_forms.py; change that.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import TYPE_CHECKING
from uuid import UUID

from . import _aio_blocking, _calls
from ._noun import Noun, Table
from ._record import Page
from ._secret import Secret, hide_each
from .enums import Action, Order
from .records import Identity, Session, Tenant, TenantStats, User

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from typing_extensions import Unpack

    from ._aio_long import AsyncStream
    from ._bulk import CreateResult
    from ._types import (
        SessionChange,
        SessionFilter,
        SessionInput,
        TenantChange,
        TenantFilter,
        TenantInput,
        UserChange,
        UserFilter,
        UserInput,
    )


class Users(Noun):
    """Accounts, and logging in."""

    __slots__ = ()
    _table = Table("user", "users", User)

    async def create(self, **values: Unpack[UserInput]) -> User:
        """Creates a user; see UserInput for what can be given."""
        return await self._create(values)

    async def create_list(self, rows: Iterable[UserInput]) -> Page[User]:
        """Creates many users in one statement, all or none, and returns them in the order of the inputs."""
        rows = hide_each(rows)
        return await self._create_list(rows)

    async def create_many(
        self, rows: Iterable[UserInput], *, keep_good: bool = False, chunk_rows: int = 1000
    ) -> CreateResult:
        """Creates users from an iterable of any length, in the memory of ``chunk_rows`` of them.

        All or none, in one transaction; with ``keep_good`` the good ones, a transaction a chunk, and the result says
        what was wrong with the others.
        """
        rows = hide_each(rows)
        return await _aio_blocking.create_many(self, rows, keep_good, chunk_rows)

    async def get(self, id: UUID) -> User:
        """Reads a user; NotFound when there is none of this id."""
        return await self._get(id)

    async def get_by_email(self, email: str) -> User:
        """Reads a user by e-mail address, compared without case."""
        return await _calls.user_get_by_email(self._runner, email)

    async def get_many(self, ids: Iterable[UUID]) -> list[User | None]:
        """Reads many users in one statement, in the order of the ids; None where there is none."""
        return await self._get_many(ids)

    async def update(
        self,
        id: UUID,
        *,
        if_unchanged_since: datetime | None = None,
        repeat_if_lost: bool = False,
        **values: Unpack[UserChange],
    ) -> User:
        """Changes the fields that are given, and no others; None sets what may be absent to absent.

        ``if_unchanged_since``: the ``updated_at`` of the record that you read, else Conflict. ``repeat_if_lost``: see
        teleai_update_options.
        """
        return await self._update(id, values, if_unchanged_since, repeat_if_lost)

    async def delete(self, id: UUID) -> None:
        """Deletes a user with all that hangs on it."""
        await self._delete(id)

    async def list(
        self,
        *,
        limit: int = 50,
        order: Order | str = Order.NEWEST_FIRST,
        cursor: str | None = None,
        **filter: Unpack[UserFilter],
    ) -> Page[User]:
        """A page of users; ``cursor`` is the ``next_cursor`` of the page before."""
        return await self._list(filter, limit, order, cursor)

    def iterate(
        self,
        *,
        limit: int | None = None,
        page_size: int = 500,
        order: Order | str = Order.NEWEST_FIRST,
        **filter: Unpack[UserFilter],
    ) -> AsyncIterator[User]:
        """All users, or the first ``limit``, fetched ``page_size`` at a time; holds no connection between."""
        return _aio_blocking.iterate(self, filter, limit, page_size, order)

    def stream(
        self,
        *,
        page_size: int = 0,
        order: Order | str = Order.NEWEST_FIRST,
        cursor: str | None = None,
        **filter: Unpack[UserFilter],
    ) -> AsyncStream[User]:
        """All users of one moment, in constant memory; holds a connection until it is closed.

        Use it in a ``with`` statement. ``page_size``: how many are read at a time; 0: 32.
        """
        return _aio_blocking.stream(self, filter, page_size, order, cursor)

    async def count(self, **filter: Unpack[UserFilter]) -> int:
        """How many users there are."""
        return await self._count(filter)

    async def login(self, email: str, password: str) -> User:
        """Checks an e-mail address and password; Unauthenticated, whatever was wrong.

        Follow with ``sessions.create()``. Computes for some 50 ms in 64 MiB. Throttle attempts in front of it.
        """
        given = Secret(password)
        del password
        return await _aio_blocking.user_login(self._runner, email, given)

    def check_permission(self, user: User, action: Action | str, owner_id: UUID | None = None) -> None:
        """Raises PermissionDenied unless the user may do this to what belongs to ``owner_id``; asks no server."""
        return _calls.check_permission(user, action, owner_id)


class Sessions(Noun):
    """Who is logged in, proved by a secret token."""

    __slots__ = ()
    _table = Table("session", "sessions", Session)

    async def create(self, **values: Unpack[SessionInput]) -> Session:
        """Creates a session; see SessionInput for what can be given."""
        return await self._create(values)

    async def create_list(self, rows: Iterable[SessionInput]) -> Page[Session]:
        """Creates many sessions in one statement, all or none, and returns them in the order of the inputs."""
        return await self._create_list(rows)

    async def get(self, id: UUID) -> Session:
        """Reads a session; NotFound when there is none of this id."""
        return await self._get(id)

    async def get_many(self, ids: Iterable[UUID]) -> list[Session | None]:
        """Reads many sessions in one statement, in the order of the ids; None where there is none."""
        return await self._get_many(ids)

    async def update(
        self,
        id: UUID,
        *,
        if_unchanged_since: datetime | None = None,
        repeat_if_lost: bool = False,
        **values: Unpack[SessionChange],
    ) -> Session:
        """Changes the fields that are given, and no others; None sets what may be absent to absent.

        ``if_unchanged_since``: the ``updated_at`` of the record that you read, else Conflict. ``repeat_if_lost``: see
        teleai_update_options.
        """
        return await self._update(id, values, if_unchanged_since, repeat_if_lost)

    async def list(
        self,
        *,
        limit: int = 50,
        order: Order | str = Order.NEWEST_FIRST,
        cursor: str | None = None,
        **filter: Unpack[SessionFilter],
    ) -> Page[Session]:
        """A page of sessions; ``cursor`` is the ``next_cursor`` of the page before."""
        return await self._list(filter, limit, order, cursor)

    def iterate(
        self,
        *,
        limit: int | None = None,
        page_size: int = 500,
        order: Order | str = Order.NEWEST_FIRST,
        **filter: Unpack[SessionFilter],
    ) -> AsyncIterator[Session]:
        """All sessions, or the first ``limit``, fetched ``page_size`` at a time; holds no connection between."""
        return _aio_blocking.iterate(self, filter, limit, page_size, order)

    def stream(
        self,
        *,
        page_size: int = 0,
        order: Order | str = Order.NEWEST_FIRST,
        cursor: str | None = None,
        **filter: Unpack[SessionFilter],
    ) -> AsyncStream[Session]:
        """All sessions of one moment, in constant memory; holds a connection until it is closed.

        Use it in a ``with`` statement. ``page_size``: how many are read at a time; 0: 32.
        """
        return _aio_blocking.stream(self, filter, page_size, order, cursor)

    async def count(self, **filter: Unpack[SessionFilter]) -> int:
        """How many sessions there are."""
        return await self._count(filter)

    async def check(self, token: str) -> Identity:
        """The session and user of a token; Unauthenticated when it is unknown, revoked or expired."""
        given = Secret(token)
        del token
        return await _calls.session_check(self._runner, given)

    async def revoke(self, id: UUID) -> None:
        """Ends a session."""
        await _calls.session_revoke(self._runner, id)

    async def revoke_all(self, user_id: UUID) -> int:
        """Ends all sessions of a user; returns how many."""
        return await _calls.session_revoke_all(self._runner, user_id)

    async def purge_expired(self) -> int:
        """Deletes the sessions that have expired; returns how many."""
        return await _calls.session_purge_expired(self._runner)


class Tenants(Noun):
    """Organisations that share the database. For those who run the platform: a scope does not restrict them."""

    __slots__ = ()
    _table = Table("tenant", "tenants", Tenant)

    async def create(self, **values: Unpack[TenantInput]) -> Tenant:
        """Creates a tenant; see TenantInput for what can be given."""
        return await self._create(values)

    async def get(self, id: UUID) -> Tenant:
        """Reads a tenant; NotFound when there is none of this id."""
        return await self._get(id)

    async def get_by_slug(self, slug: str) -> Tenant:
        """Reads a tenant by its slug."""
        return await _calls.tenant_get_by_slug(self._runner, slug)

    async def update(
        self,
        id: UUID,
        *,
        if_unchanged_since: datetime | None = None,
        repeat_if_lost: bool = False,
        **values: Unpack[TenantChange],
    ) -> Tenant:
        """Changes the fields that are given, and no others; None sets what may be absent to absent.

        ``if_unchanged_since``: the ``updated_at`` of the record that you read, else Conflict. ``repeat_if_lost``: see
        teleai_update_options.
        """
        return await self._update(id, values, if_unchanged_since, repeat_if_lost)

    async def list(
        self,
        *,
        limit: int = 50,
        order: Order | str = Order.NEWEST_FIRST,
        cursor: str | None = None,
        **filter: Unpack[TenantFilter],
    ) -> Page[Tenant]:
        """A page of tenants; ``cursor`` is the ``next_cursor`` of the page before."""
        return await self._list(filter, limit, order, cursor)

    def iterate(
        self,
        *,
        limit: int | None = None,
        page_size: int = 500,
        order: Order | str = Order.NEWEST_FIRST,
        **filter: Unpack[TenantFilter],
    ) -> AsyncIterator[Tenant]:
        """All tenants, or the first ``limit``, fetched ``page_size`` at a time; holds no connection between."""
        return _aio_blocking.iterate(self, filter, limit, page_size, order)

    async def count(self, **filter: Unpack[TenantFilter]) -> int:
        """How many tenants there are."""
        return await self._count(filter)

    async def suspend(self, id: UUID) -> Tenant:
        """Suspends a tenant: its users cannot log in, its rows stay."""
        return await _calls.tenant_suspend(self._runner, id)

    async def resume(self, id: UUID) -> Tenant:
        """Ends a suspension."""
        return await _calls.tenant_resume(self._runner, id)

    async def stats(self, id: UUID) -> TenantStats:
        """What a tenant holds, counted now."""
        return await _calls.tenant_stats_get(self._runner, id)

    async def stats_list(
        self, *, limit: int = 50, order: Order | str = Order.NEWEST_FIRST, cursor: str | None = None
    ) -> Page[TenantStats]:
        """The same of all tenants, by their ids."""
        return await _calls.tenant_stats_list(self._runner, limit, order, cursor)

    async def recount_usage(self, id: UUID | None = None) -> int:
        """Counts anew what a tenant with limits uses, or all tenants do; how many counts were wrong.

        After rows came by replication, or by a restore of data alone. ``health_check()`` tells where it is needed.
        """
        return await _aio_blocking.tenant_usage_recount(self._runner, id)
