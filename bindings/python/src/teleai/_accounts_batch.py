"""Who works with the recordings: users, their sessions, tenants.

The form for batches: each method queues an operation, and gives its Pending.
Made of _accounts.py by tools/make_forms.py; change that.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import TYPE_CHECKING
from uuid import UUID

from . import _calls
from ._noun import Noun, Table
from ._record import Page
from ._secret import Secret, hide_each
from .enums import Action, Order
from .records import Identity, Session, Tenant, TenantStats, User

if TYPE_CHECKING:
    from typing_extensions import Unpack

    from ._pending import Pending
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


class Tenants(Noun):
    """Organisations that share the database. For those who run the platform: a scope does not restrict them."""

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
        """Suspends a tenant: its users cannot log in, its rows stay."""
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
