"""What is recorded and made of it: audio files, transcriptions, analyses.

The blocking form: each method returns when the server has answered. _recordings_batch.py and _recordings_aio.py are the
same with other results; tools/make_forms.py makes them of this file.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import TYPE_CHECKING
from uuid import UUID

from . import _calls
from ._noun import Noun, Table
from ._record import Page
from .enums import Order
from .records import Analysis, AudioFile, Transcription

if TYPE_CHECKING:
    from typing_extensions import Unpack

    from ._bulk import CreateResult
    from ._stream import Stream
    from ._types import (
        AnalysisChange,
        AnalysisFilter,
        AnalysisInput,
        AnalysisResult,
        AudioFileChange,
        AudioFileFilter,
        AudioFileInput,
        TranscriptionChange,
        TranscriptionFilter,
        TranscriptionInput,
        TranscriptionResult,
    )


class AudioFiles(Noun):
    """Where recordings lie and what is known of them.

    >>> ann = db.users.create(email="ann@example.org", full_name="Ann")
    >>> call = db.audio_files.create(user_id=ann.id, file_name="call.wav", file_path="/calls/call.wav",
    ...                              mime_type="audio/wav", file_size_bytes=1843200, duration=57.6)
    >>> db.audio_files.start(call.id).status.name
    'PROCESSING'
    """

    __slots__ = ()
    _table = Table("audio_file", "audio_files", AudioFile)

    def create(self, **values: Unpack[AudioFileInput]) -> AudioFile:
        """Creates an audio file; see AudioFileInput for what can be given."""
        return self._create(values)

    def create_list(self, rows: Iterable[AudioFileInput]) -> Page[AudioFile]:
        """Creates many audio files in one statement, all or none, and returns them in the order of the inputs."""
        return self._create_list(rows)

    def create_many(
        self, rows: Iterable[AudioFileInput], *, keep_good: bool = False, chunk_rows: int = 1000
    ) -> CreateResult:  # blocking
        """Creates audio files from an iterable of any length, in the memory of ``chunk_rows`` of them.

        All or none, in one transaction; with ``keep_good`` the good ones, a transaction a chunk, and the result says
        what was wrong with the others.
        """
        return _calls.create_many(self, rows, keep_good, chunk_rows)

    def get(self, id: UUID) -> AudioFile:
        """Reads an audio file; NotFound when there is none of this id."""
        return self._get(id)

    def get_many(self, ids: Iterable[UUID]) -> list[AudioFile | None]:
        """Reads many audio files in one statement, in the order of the ids; None where there is none."""
        return self._get_many(ids)

    def update(
        self,
        id: UUID,
        *,
        if_unchanged_since: datetime | None = None,
        repeat_if_lost: bool = False,
        **values: Unpack[AudioFileChange],
    ) -> AudioFile:
        """Changes the fields that are given, and no others; None sets what may be absent to absent.

        ``if_unchanged_since``: the ``updated_at`` of the record that you read, else Conflict. ``repeat_if_lost``: see
        teleai_update_options.
        """
        return self._update(id, values, if_unchanged_since, repeat_if_lost)

    def delete(self, id: UUID) -> None:
        """Deletes an audio file with all that hangs on it."""
        return self._delete(id)

    def list(
        self,
        *,
        limit: int = 50,
        order: Order | str = Order.NEWEST_FIRST,
        cursor: str | None = None,
        **filter: Unpack[AudioFileFilter],
    ) -> Page[AudioFile]:
        """A page of audio files; ``cursor`` is the ``next_cursor`` of the page before."""
        return self._list(filter, limit, order, cursor)

    def iterate(
        self,
        *,
        limit: int | None = None,
        page_size: int = 500,
        order: Order | str = Order.NEWEST_FIRST,
        **filter: Unpack[AudioFileFilter],
    ) -> Iterator[AudioFile]:  # blocking
        """All audio files, or the first ``limit``, fetched ``page_size`` at a time; holds no connection between."""
        return _calls.iterate(self, filter, limit, page_size, order)

    def stream(
        self,
        *,
        page_size: int = 0,
        order: Order | str = Order.NEWEST_FIRST,
        cursor: str | None = None,
        **filter: Unpack[AudioFileFilter],
    ) -> Stream[AudioFile]:  # blocking
        """All audio files of one moment, in constant memory; holds a connection until it is closed.

        Use it in a ``with`` statement. ``page_size``: how many are read at a time; 0: 32.
        """
        return _calls.stream(self, filter, page_size, order, cursor)

    def count(self, **filter: Unpack[AudioFileFilter]) -> int:
        """How many audio files there are."""
        return self._count(filter)

    def start(self, id: UUID) -> AudioFile:
        """Marks it as being worked on. Of several workers that start the same one, the others get Conflict."""
        return self._start(id)

    def complete(self, id: UUID) -> AudioFile:
        """Marks it as ready to use."""
        return self._complete(id)

    def fail(self, id: UUID, error_message: str) -> AudioFile:
        """Marks it as failed, and says why."""
        return self._fail(id, error_message)


class Transcriptions(Noun):
    """What recognizers heard.

    >>> ann = db.users.create(email="ann@example.org", full_name="Ann")
    >>> call = db.audio_files.create(user_id=ann.id, file_name="call.wav", file_path="/calls/call.wav",
    ...                              mime_type="audio/wav", file_size_bytes=1843200)
    >>> heard = db.transcriptions.create(audio_file_id=call.id, user_id=ann.id, language_code="en", engine="by hand")
    >>> db.transcriptions.complete(heard.id, text="Her heart rate is sixty.").word_count
    5
    """

    __slots__ = ()
    _table = Table("transcription", "transcriptions", Transcription)

    def create(self, **values: Unpack[TranscriptionInput]) -> Transcription:
        """Creates a transcription; see TranscriptionInput for what can be given."""
        return self._create(values)

    def create_list(self, rows: Iterable[TranscriptionInput]) -> Page[Transcription]:
        """Creates many transcriptions in one statement, all or none, and returns them in the order of the inputs."""
        return self._create_list(rows)

    def create_many(
        self, rows: Iterable[TranscriptionInput], *, keep_good: bool = False, chunk_rows: int = 1000
    ) -> CreateResult:  # blocking
        """Creates transcriptions from an iterable of any length, in the memory of ``chunk_rows`` of them.

        All or none, in one transaction; with ``keep_good`` the good ones, a transaction a chunk, and the result says
        what was wrong with the others.
        """
        return _calls.create_many(self, rows, keep_good, chunk_rows)

    def get(self, id: UUID) -> Transcription:
        """Reads a transcription; NotFound when there is none of this id."""
        return self._get(id)

    def get_many(self, ids: Iterable[UUID]) -> list[Transcription | None]:
        """Reads many transcriptions in one statement, in the order of the ids; None where there is none."""
        return self._get_many(ids)

    def update(
        self,
        id: UUID,
        *,
        if_unchanged_since: datetime | None = None,
        repeat_if_lost: bool = False,
        **values: Unpack[TranscriptionChange],
    ) -> Transcription:
        """Changes the fields that are given, and no others; None sets what may be absent to absent.

        ``if_unchanged_since``: the ``updated_at`` of the record that you read, else Conflict. ``repeat_if_lost``: see
        teleai_update_options.
        """
        return self._update(id, values, if_unchanged_since, repeat_if_lost)

    def delete(self, id: UUID) -> None:
        """Deletes a transcription with all that hangs on it."""
        return self._delete(id)

    def list(
        self,
        *,
        limit: int = 50,
        order: Order | str = Order.NEWEST_FIRST,
        cursor: str | None = None,
        **filter: Unpack[TranscriptionFilter],
    ) -> Page[Transcription]:
        """A page of transcriptions; ``cursor`` is the ``next_cursor`` of the page before."""
        return self._list(filter, limit, order, cursor)

    def iterate(
        self,
        *,
        limit: int | None = None,
        page_size: int = 500,
        order: Order | str = Order.NEWEST_FIRST,
        **filter: Unpack[TranscriptionFilter],
    ) -> Iterator[Transcription]:  # blocking
        """All transcriptions, or the first ``limit``, fetched ``page_size`` at a time; holds no connection between."""
        return _calls.iterate(self, filter, limit, page_size, order)

    def stream(
        self,
        *,
        page_size: int = 0,
        order: Order | str = Order.NEWEST_FIRST,
        cursor: str | None = None,
        **filter: Unpack[TranscriptionFilter],
    ) -> Stream[Transcription]:  # blocking
        """All transcriptions of one moment, in constant memory; holds a connection until it is closed.

        Use it in a ``with`` statement. ``page_size``: how many are read at a time; 0: 32.
        """
        return _calls.stream(self, filter, page_size, order, cursor)

    def count(self, **filter: Unpack[TranscriptionFilter]) -> int:
        """How many transcriptions there are."""
        return self._count(filter)

    def start(self, id: UUID) -> Transcription:
        """Marks it as being worked on. Of several workers that start the same one, the others get Conflict."""
        return self._start(id)

    def complete(self, id: UUID, **result: Unpack[TranscriptionResult]) -> Transcription:
        """Completes it with its result; see TranscriptionResult."""
        return self._complete(id, result)

    def fail(self, id: UUID, error_message: str) -> Transcription:
        """Marks it as failed, and says why."""
        return self._fail(id, error_message)


class Analyses(Noun):
    """What was made of transcriptions: sentiment, key phrases, entities, topics, a summary, insights."""

    __slots__ = ()
    _table = Table("analysis", "analyses", Analysis)

    def create(self, **values: Unpack[AnalysisInput]) -> Analysis:
        """Creates an analysis; see AnalysisInput for what can be given."""
        return self._create(values)

    def create_list(self, rows: Iterable[AnalysisInput]) -> Page[Analysis]:
        """Creates many analyses in one statement, all or none, and returns them in the order of the inputs."""
        return self._create_list(rows)

    def create_many(
        self, rows: Iterable[AnalysisInput], *, keep_good: bool = False, chunk_rows: int = 1000
    ) -> CreateResult:  # blocking
        """Creates analyses from an iterable of any length, in the memory of ``chunk_rows`` of them.

        All or none, in one transaction; with ``keep_good`` the good ones, a transaction a chunk, and the result says
        what was wrong with the others.
        """
        return _calls.create_many(self, rows, keep_good, chunk_rows)

    def get(self, id: UUID) -> Analysis:
        """Reads an analysis; NotFound when there is none of this id."""
        return self._get(id)

    def get_many(self, ids: Iterable[UUID]) -> list[Analysis | None]:
        """Reads many analyses in one statement, in the order of the ids; None where there is none."""
        return self._get_many(ids)

    def update(
        self,
        id: UUID,
        *,
        if_unchanged_since: datetime | None = None,
        repeat_if_lost: bool = False,
        **values: Unpack[AnalysisChange],
    ) -> Analysis:
        """Changes the fields that are given, and no others; None sets what may be absent to absent.

        ``if_unchanged_since``: the ``updated_at`` of the record that you read, else Conflict. ``repeat_if_lost``: see
        teleai_update_options.
        """
        return self._update(id, values, if_unchanged_since, repeat_if_lost)

    def delete(self, id: UUID) -> None:
        """Deletes an analysis."""
        return self._delete(id)

    def list(
        self,
        *,
        limit: int = 50,
        order: Order | str = Order.NEWEST_FIRST,
        cursor: str | None = None,
        **filter: Unpack[AnalysisFilter],
    ) -> Page[Analysis]:
        """A page of analyses; ``cursor`` is the ``next_cursor`` of the page before."""
        return self._list(filter, limit, order, cursor)

    def iterate(
        self,
        *,
        limit: int | None = None,
        page_size: int = 500,
        order: Order | str = Order.NEWEST_FIRST,
        **filter: Unpack[AnalysisFilter],
    ) -> Iterator[Analysis]:  # blocking
        """All analyses, or the first ``limit``, fetched ``page_size`` at a time; holds no connection between."""
        return _calls.iterate(self, filter, limit, page_size, order)

    def stream(
        self,
        *,
        page_size: int = 0,
        order: Order | str = Order.NEWEST_FIRST,
        cursor: str | None = None,
        **filter: Unpack[AnalysisFilter],
    ) -> Stream[Analysis]:  # blocking
        """All analyses of one moment, in constant memory; holds a connection until it is closed.

        Use it in a ``with`` statement. ``page_size``: how many are read at a time; 0: 32.
        """
        return _calls.stream(self, filter, page_size, order, cursor)

    def count(self, **filter: Unpack[AnalysisFilter]) -> int:
        """How many analyses there are."""
        return self._count(filter)

    def start(self, id: UUID) -> Analysis:
        """Marks it as being worked on. Of several workers that start the same one, the others get Conflict."""
        return self._start(id)

    def complete(self, id: UUID, **result: Unpack[AnalysisResult]) -> Analysis:
        """Completes it with its result; see AnalysisResult."""
        return self._complete(id, result)

    def fail(self, id: UUID, error_message: str) -> Analysis:
        """Marks it as failed, and says why."""
        return self._fail(id, error_message)
