"""What goes wrong: which exception, which field, and nothing sent."""

from __future__ import annotations

import pickle
from datetime import datetime, timedelta
from typing import Any

import pytest
from conftest import a_file

import teleai


@pytest.mark.parametrize(
    ("given", "kind", "says"),
    [
        ({"emial": "x@example.org"}, TypeError, "did you mean email"),
        ({"email": 5}, TypeError, "email is a int; a str"),
        ({"email": "x\0@example.org"}, teleai.InvalidArgument, "NUL"),
        ({"email": "\ud800@example.org"}, teleai.InvalidArgument, "surrogate"),
        ({"email": "nobody"}, teleai.InvalidArgument, "email"),
        ({"role": "boss"}, teleai.InvalidArgument, "role is none of admin, user, viewer"),
        ({"role": 1.0}, TypeError, "role is a float; a teleai.Role, or its name,"),
        ({"role": teleai.Order.OLDEST_FIRST}, TypeError, "role is a Order; a teleai.Role"),
        ({"role": 2**31}, teleai.InvalidArgument, "role is too large"),
        ({"role": True}, TypeError, "role is a bool"),
        ({"is_active": 1}, TypeError, "is_active is a int; a bool"),
        ({"id": "0"}, TypeError, "id is a str; a uuid.UUID"),
        ({"password": "short"}, teleai.InvalidArgument, "password"),
    ],
)
def test_bad_input(db: teleai.Client, given: dict[str, Any], kind: type[Exception], says: str) -> None:
    before = db.pool_stats().statements_run
    with pytest.raises(kind, match=says):
        db.users.create(**{"email": "x@example.org", "full_name": "X"} | given)
    assert db.pool_stats().statements_run == before


@pytest.mark.parametrize(
    ("given", "kind", "says"),
    [
        ({"file_size_bytes": 2**63}, teleai.InvalidArgument, "file_size_bytes is too large"),
        ({"file_size_bytes": 1.5}, TypeError, "an int"),
        ({"duration": "5"}, TypeError, "timedelta"),
        ({"duration": float("inf")}, teleai.InvalidArgument, "duration"),
        ({"metadata": {1j: 2}}, teleai.InvalidArgument, "JSON"),
        ({"metadata": {"a": float("nan")}}, teleai.InvalidArgument, "JSON"),
        ({"metadata": [1]}, teleai.InvalidArgument, "metadata"),
        ({"upload_completed_at": datetime(2026, 1, 1)}, teleai.InvalidArgument, "time zone"),
        ({"upload_completed_at": "2026"}, TypeError, "datetime"),
        ({"file_path": 5}, TypeError, "path"),
        ({"user_id": teleai.make_uuid()}, teleai.ParentNotFound, "user_id"),
    ],
)
def test_bad_file(db: teleai.Client, ann: teleai.User, given: dict[str, Any], kind: Any, says: str) -> None:
    with pytest.raises(kind, match=says):
        db.audio_files.create(**a_file(ann, **given))


def test_missing_fields_are_named(db: teleai.Client) -> None:
    with pytest.raises(teleai.InvalidArgument) as caught:
        db.users.create(email="x@example.org")  # type: ignore[call-arg]
    assert caught.value.field == "full_name"


def test_what_an_exception_tells(db: teleai.Client, ann: teleai.User) -> None:
    with pytest.raises(teleai.AlreadyExists) as caught:
        db.users.create(email="ANN@example.org", full_name="Other")
    error = caught.value
    assert (error.sqlstate, error.constraint, error.status) == ("23505", "users_email_key", 3)
    assert not error.retryable
    assert not error.outcome_unknown
    again = pickle.loads(pickle.dumps(error))
    assert (type(again), again.__dict__) == (type(error), error.__dict__)
    assert "ANN@" not in str(error)


def test_built_in_bases() -> None:
    assert issubclass(teleai.NotFound, LookupError)
    assert issubclass(teleai.InvalidArgument, ValueError)
    assert issubclass(teleai.Timeout, TimeoutError)
    assert issubclass(teleai.Unavailable, ConnectionError)
    assert issubclass(teleai.PermissionDenied, PermissionError)
    kinds = {kind.status for kind in vars(teleai).values() if isinstance(kind, type) and issubclass(kind, teleai.Error)}
    assert kinds == {status for status in teleai.Status if status.name not in ("OK", "QUEUED")}


def test_opening(connection: str) -> None:
    with pytest.raises(teleai.Unavailable) as caught:
        teleai.open("host=127.0.0.1 port=1 user=x password=geheim")
    assert "geheim" not in str(caught.value)
    with pytest.raises(TypeError, match="max_connections"):
        teleai.open(connection, max_conections=1)  # type: ignore[call-arg]
    with pytest.raises(TypeError, match="connection is a NoneType"):
        teleai.open(None)  # type: ignore[arg-type]


def test_durations_that_do_not_fit(connection: str, db: teleai.Client) -> None:
    """A C int would wrap around."""
    with pytest.raises(teleai.InvalidArgument, match="timeout is too long"):
        teleai.open(connection, timeout=2**32 / 1000 + 5)
    with pytest.raises(teleai.InvalidArgument, match="total is too long"):
        db.scope(total=timedelta(days=50))
    with pytest.raises(teleai.InvalidArgument, match="timeout is too long"):
        db.pool_drain(2.0**32)
    db.ping()


def test_closed(connection: str) -> None:
    client = teleai.open(connection)
    scope, users = client.scope(), client.users
    client.close()
    client.close()
    for what in (client.ping, scope.ping, users.count, client.scope, client.batch):
        with pytest.raises(teleai.Closed):
            what()
    scope.close()


def test_lists(db: teleai.Client) -> None:
    with pytest.raises(TypeError, match="limit"):
        db.users.list(limit="5")  # type: ignore[arg-type]
    with pytest.raises(teleai.InvalidArgument, match="limit"):
        db.users.list(limit=0 - 1)
    with pytest.raises(teleai.InvalidArgument, match="cursor"):
        db.users.list(cursor="nonsense")
    with pytest.raises(TypeError, match="unexpected argument rolle"):
        db.users.list(rolle=teleai.Role.USER)  # type: ignore[call-arg]
    with pytest.raises(teleai.InvalidArgument):
        db.search("-drill")
