"""The client: nouns, transactions, batches, scopes, streams, bulk, subscriptions, tenants."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from pathlib import Path
from uuid import UUID

import pytest
from conftest import a_file

import teleai
from teleai import Order


def test_users(db: teleai.Client, ann: teleai.User) -> None:
    assert db.users.get_by_email("ANN@EXAMPLE.ORG") == ann
    assert db.users.login("ann@example.org", "correct horse battery").id == ann.id
    with pytest.raises(teleai.Unauthenticated):
        db.users.login("ann@example.org", "wrong horse battery")
    db.users.check_permission(ann, teleai.Action.READ, ann.id)
    with pytest.raises(teleai.PermissionDenied):
        db.users.check_permission(ann, teleai.Action.MANAGE_USERS)
    assert db.users.get_many([teleai.make_uuid(), ann.id])[0] is None
    assert db.users.count(role=teleai.Role.ADMIN) == 0
    db.users.delete(ann.id)
    with pytest.raises(teleai.NotFound):
        db.users.get(ann.id)


def test_update_changes_what_is_given(db: teleai.Client, ann: teleai.User) -> None:
    changed = db.users.update(ann.id, full_name="Ann B.", if_unchanged_since=ann.updated_at)
    assert (changed.full_name, changed.email) == ("Ann B.", ann.email)
    with pytest.raises(teleai.Conflict):
        db.users.update(ann.id, full_name="Ann C.", if_unchanged_since=ann.updated_at)
    file = db.audio_files.create(**a_file(ann, duration=5, sample_rate_hz=8000))
    less = db.audio_files.update(file.id, duration=None, file_path=Path("/new/place.wav"))
    assert (less.duration, less.sample_rate_hz, less.file_path) == (None, 8000, "/new/place.wav")
    with pytest.raises(TypeError, match="needs a field"):
        db.users.update(ann.id)
    with pytest.raises(TypeError, match="cannot change user_id"):
        db.audio_files.update(file.id, user_id=ann.id)  # type: ignore[call-arg]


def test_states(db: teleai.Client, call: teleai.AudioFile) -> None:
    assert db.audio_files.start(call.id).status is teleai.AudioFileStatus.PROCESSING
    with pytest.raises(teleai.Conflict):
        db.audio_files.start(call.id)
    assert db.audio_files.fail(call.id, "no sound").error_message == "no sound"
    pending = db.transcriptions.create(audio_file_id=call.id, user_id=call.user_id, language_code="en", engine="x")
    db.transcriptions.start(pending.id)
    done = db.transcriptions.complete(pending.id, text="one two three", confidence=0.5)
    assert (done.word_count, done.status) == (3, teleai.TranscriptionStatus.COMPLETED)


def test_sessions(db: teleai.Client, ann: teleai.User) -> None:
    session = db.sessions.create(user_id=ann.id)
    assert session.token is not None
    identity = db.sessions.check(session.token)
    assert (identity.user, identity.session.id) == (ann, session.id)
    later = datetime.now(timezone.utc) + timedelta(days=2)
    assert db.sessions.update(session.id, expires_at=later).expires_at == later
    two = db.sessions.create_list([{"user_id": ann.id}, {"user_id": ann.id}])
    assert len({one.token for one in two}) == 2
    db.sessions.revoke(session.id)
    with pytest.raises(teleai.Unauthenticated):
        db.sessions.check(session.token)
    assert db.sessions.revoke_all(ann.id) == 2
    assert db.sessions.purge_expired() == 0


def test_pages(db: teleai.Client, ann: teleai.User) -> None:
    made = [db.audio_files.create(**a_file(ann, file_name=f"{n}.wav")) for n in range(7)]
    page = db.audio_files.list(limit=3, user_id=ann.id)
    assert [file.id for file in page] == [file.id for file in made[:3:-1]]
    assert (len(page), page[0].file_name, page[-1].file_name) == (3, "6.wav", "4.wav")
    assert page[:2] == list(page)[:2]
    assert page.next_cursor is not None
    page = db.audio_files.list(limit=10, user_id=ann.id, cursor=page.next_cursor)
    assert (len(page), page.next_cursor) == (4, None)
    every = list(db.audio_files.iterate(page_size=2, order=Order.OLDEST_FIRST))
    assert every == made
    with db.audio_files.stream(page_size=2, order=Order.OLDEST_FIRST) as stream:
        assert list(stream) == made
    with db.audio_files.stream(page_size=2) as stream:
        assert [len(piece) for piece in stream.pages()] == [2, 2, 2, 1]
    with db.audio_files.stream() as stream:
        next(iter(stream))  # and no further
    assert db.audio_files.count() == 7


def test_transaction(db: teleai.Client, ann: teleai.User) -> None:
    with db.transaction() as tx:
        tx.audio_files.create(**a_file(ann))
        assert db.audio_files.count() == 0
        with pytest.raises(ZeroDivisionError), tx.transaction() as inner:
            inner.audio_files.create(**a_file(ann))
            raise ZeroDivisionError
    assert db.audio_files.count() == 1
    with pytest.raises(ZeroDivisionError), db.transaction() as tx:
        tx.users.delete(ann.id)
        raise ZeroDivisionError
    assert db.users.count() == 1
    with db.transaction(read_only=True) as tx:
        with pytest.raises(teleai.Error):
            tx.users.delete(ann.id)
        with pytest.raises(teleai.Aborted):
            tx.users.count()
        tx.rollback()
    with pytest.raises(teleai.Closed):
        tx.users.count()


def test_run_in_transaction(db: teleai.Client, ann: teleai.User) -> None:
    tries = []

    def work(tx: teleai.Transaction) -> str:
        tries.append(tx.audio_files.create(**a_file(ann)).id)
        if len(tries) < 3:
            raise teleai.Aborted("again", retryable=True, sqlstate="40001")
        return "done"

    assert db.run_in_transaction(work, isolation=teleai.Isolation.SERIALIZABLE) == "done"
    assert (len(tries), db.audio_files.count()) == (3, 1)

    def fails(tx: teleai.Transaction) -> None:
        tx.users.delete(ann.id)
        raise KeyError("mine")

    with pytest.raises(KeyError, match="mine"):
        db.run_in_transaction(fails)
    assert db.users.count() == 1


def test_batch(db: teleai.Client, ann: teleai.User) -> None:
    with db.batch() as batch:
        got, count = batch.users.get(ann.id), batch.users.count()
        with pytest.raises(RuntimeError, match="not answered"):
            got.result()
    assert (got.result(), count.result()) == (ann, 1)
    with db.batch() as batch:
        good, bad = batch.users.get(ann.id), batch.users.get(teleai.make_uuid())
    assert good.result() == ann
    assert isinstance(bad.error(), teleai.NotFound)
    with pytest.raises(teleai.NotFound):
        bad.result()
    with pytest.raises(teleai.AlreadyExists), db.batch(atomic=True) as batch:
        batch.users.create(email="b@example.org", full_name="B")
        batch.users.create(email="ann@example.org", full_name="Ann again")
    assert db.users.count() == 1
    batch = db.batch()
    dropped = batch.users.count()
    batch.close()
    with pytest.raises(teleai.Cancelled):
        dropped.result()


def test_writes_that_fail(db: teleai.Client) -> None:
    """What nothing has looked at is told at the end; what was looked at is not."""
    again = {"email": "bea@example.org", "full_name": "Bea"}
    bea = db.users.create(**again)  # type: ignore[arg-type]
    with pytest.raises(teleai.BatchError, match="2 writes of a batch failed; the first: user_create") as caught:
        with db.batch() as batch:
            good, bad = batch.users.get(bea.id), batch.users.create(**again)  # type: ignore[arg-type]
            batch.users.update(teleai.make_uuid(), full_name="X")
            batch.users.get(teleai.make_uuid())
    assert [type(error) for error in caught.value.errors] == [teleai.AlreadyExists, teleai.NotFound]
    assert (caught.value.status, good.result()) == (teleai.Status.ALREADY_EXISTS, bea)
    with pytest.raises(teleai.AlreadyExists):
        bad.result()
    with db.batch() as batch:
        bad = batch.users.create(**again)  # type: ignore[arg-type]
        batch.flush()
        assert isinstance(bad.error(), teleai.AlreadyExists)
    batch = db.batch()
    batch.users.create(**again)  # type: ignore[arg-type]
    with pytest.raises(teleai.BatchError, match="a write of a batch failed"):
        batch.flush()
    batch.close()
    db.users.delete(bea.id)


def test_create_many(db: teleai.Client, ann: teleai.User) -> None:
    made = db.audio_files.create_many((a_file(ann, file_name=f"{n}.wav") for n in range(2500)), chunk_rows=700)
    assert made == (2500, [])
    assert db.audio_files.count() == 2500
    rows = [a_file(ann, file_size_bytes=size) for size in (1, 2, -1, 4)]
    with pytest.raises(teleai.InvalidArgument) as caught:
        db.audio_files.create_many(rows, chunk_rows=2)
    assert (caught.value.item, caught.value.field) == (2, "file_size_bytes")
    assert db.audio_files.count() == 2500
    created, failures = db.audio_files.create_many(rows, chunk_rows=2, keep_good=True)
    assert (created, [failure.item for failure in failures]) == (3, [2])
    files = db.audio_files.create_list([a_file(ann, file_name=name) for name in "ab"])
    assert [file.file_name for file in files] == ["a", "b"]
    assert db.audio_files.create_many([]) == (0, [])


def test_scope_and_tenants(db: teleai.Client, ann: teleai.User) -> None:
    acme = db.tenants.create(name="Acme", slug="acme", max_users=1)
    assert db.tenants.get_by_slug("acme") == acme
    with db.scope(tenant_id=acme.id) as scope:
        bob = scope.users.create(email="bob@example.org", full_name="Bob")
        assert (bob.tenant_id, scope.users.count(), db.users.count()) == (acme.id, 1, 1)
        with pytest.raises(teleai.LimitExceeded):
            scope.users.create(email="eve@example.org", full_name="Eve")
        with scope.transaction() as tx, pytest.raises(teleai.NotFound):
            tx.users.get(ann.id)
    assert db.tenants.update(acme.id, max_users=None).max_users is None
    assert db.tenants.suspend(acme.id).status is teleai.TenantStatus.SUSPENDED
    assert db.tenants.resume(acme.id).status is teleai.TenantStatus.ACTIVE
    assert db.tenants.stats(acme.id).total_users == 1
    assert len(db.tenants.stats_list()) == db.tenants.count() == len(list(db.tenants.iterate())) == 2


def test_tenant_jobs(db: teleai.Client, ann: teleai.User, tmp_path: Path) -> None:
    acme = db.tenants.create(name="Acme", slug="acme")
    with db.scope(tenant_id=acme.id) as scope:
        scope.users.create(email="bob@example.org", full_name="Bob")
    with db.export_tenant(acme.id, tmp_path / "out") as job:
        assert [progress.done for progress in job][-1]
    assert (tmp_path / "out" / "manifest.json").exists()
    assert db.delete_tenant(acme.id).run().tables["users"] == 1
    with db.import_tenant(tmp_path / "out") as job:
        done = job.run()
    assert list(done.tables)[:3] == ["users", "sessions", "audio_files"]
    assert done.tables["users"] == done.rows_done == sum(done.tables.values()) == 1
    assert db.tenants.get(acme.id).slug == "acme"
    with pytest.raises(teleai.AlreadyExists):
        db.export_tenant(acme.id, tmp_path / "out")


def test_listen(db: teleai.Client) -> None:
    with db.listen("jobs", "others") as ears:
        with pytest.raises(teleai.Timeout):
            ears.next(0)
        db.notify("jobs", "for you")
        said = ears.next(20)
        assert (said.channel, said.payload, said.may_have_missed) == ("jobs", "for you", False)
        db.notify("others")
        assert next(iter(ears)).payload == ""
    with pytest.raises(TypeError, match="sequence"):
        teleai.Subscription(db, "jobs")


def test_migrations(db: teleai.Client) -> None:
    status = db.migrate_status()
    versions = status.as_dict()
    assert versions["current_version"] == versions["library_version"] == len(status.migrations)
    assert all(migration.applied for migration in status.migrations)
    assert db.migrate_plan() == []
    plan = db.migrate_plan(status.current_version - 1)
    assert plan
    assert not plan[0].up
    db.migrate_up()


def test_seeing_inside(connection: str) -> None:
    calls: list[teleai.Call] = []
    with teleai.open(connection, metrics=True, slow_call=0.001, call_hook=calls.append, max_connections=2) as db:
        db.ping()
        with pytest.raises(teleai.NotFound):
            db.users.get(teleai.make_uuid())
        assert calls[-1].operation == "user_get"
        assert calls[-1].status is teleai.Status.NOT_FOUND
        assert 'teleai_calls_total{operation="user_get",status="NOT_FOUND"} 1' in db.metrics_text()
        assert isinstance(db.slow_calls(), teleai.Page)
        db.pool_resize(0, 3)
        db.pool_maintain()
        assert db.pool_stats().max_connections == 3
        db.pool_drain(10)
        with pytest.raises(teleai.Closed):
            db.ping()


def test_connection_hook(connection: str) -> None:
    asked = []

    def give() -> str:
        asked.append(1)
        return connection

    with teleai.open("host=/nowhere", connection_hook=give) as db:
        db.ping()
    assert asked
    with pytest.raises(ZeroDivisionError):
        teleai.open(connection, connection_hook=lambda: 1 / 0, timeout=5)  # type: ignore[arg-type,return-value]


def test_ids() -> None:
    one, two = teleai.make_uuid(), teleai.make_uuid()
    assert isinstance(one, UUID)
    assert one < two
    assert teleai.version().startswith("0.")


def test_health_and_checksums(db: teleai.Client, ann: teleai.User) -> None:
    findings = db.health_check(dead_rows_percent=50)
    assert {finding.check for finding in findings} >= {"schema", "settings"}
    assert all(finding.remedy for finding in findings if finding.severity > teleai.Severity.OK)
    with db.transaction(isolation=teleai.Isolation.REPEATABLE_READ) as tx:
        assert tx.snapshot_export()
        before = tx.table_checksums()
        db.users.update(ann.id, full_name="B")
        assert tx.table_checksums() == before
    changed = [one.table for one, other in zip(before, db.table_checksums(), strict=True) if one != other]
    assert changed == ["users"]


def test_local(tmp_path: Path) -> None:
    folder = tmp_path / "data"
    assert not teleai.local_status(folder).exists
    teleai.local_start(folder)
    try:
        status = teleai.local_status(folder)
        assert (status.running, status.kept, status.in_use) == (True, True, False)
        with teleai.open(f"local:{folder}") as client:
            client.ping()
        assert teleai.local_status(folder).running
    finally:
        assert teleai.local_stop(folder) is False
    assert not teleai.local_status(folder).running
    with pytest.raises(teleai.Error):
        teleai.local_start(tmp_path / "no" / "such" / "place")


def test_connection_settings_hide_the_password() -> None:
    settings = teleai.connection_settings("host=db password=geheim")
    assert "geheim" not in repr(list(settings))
