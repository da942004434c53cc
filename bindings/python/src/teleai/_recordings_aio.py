"""What is recorded and made of it: audio files, transcriptions, analyses.

The form for event loops: each method is a coroutine, which queues its operation when it begins.
Made of _recordings.py by tools/make_forms.py; change that.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import TYPE_CHECKING
from uuid import UUID

from . import _aio_blocking
from ._noun import Noun, Table
from ._record import Page
from .enums import Order
from .records import Analysis, AudioFile, Transcription

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from typing_extensions import Unpack

    from ._aio_long import AsyncStream
    from ._bulk import CreateResult
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
    """Where recordings lie and what is known of them."""

    __slots__ = ()
    _table = Table("audio_file", "audio_files", AudioFile)

    async def create(self, **values: Unpack[AudioFileInput]) -> AudioFile:
        """Creates an audio file; see AudioFileInput for what can be given."""
        return await self._create(values)

    async def create_list(self, rows: Iterable[AudioFileInput]) -> Page[AudioFile]:
        """Creates many audio files in one statement, all or none, and returns them in the order of the inputs."""
        return await self._create_list(rows)

    async def create_many(
        self, rows: Iterable[AudioFileInput], *, keep_good: bool = False, chunk_rows: int = 1000
    ) -> CreateResult:
        """Creates audio files from an iterable of any length, in the memory of ``chunk_rows`` of them.

        All or none, in one transaction; with ``keep_good`` the good ones, a transaction a chunk, and the result says
        what was wrong with the others.
        """
        return await _aio_blocking.create_many(self, rows, keep_good, chunk_rows)

    async def get(self, id: UUID) -> AudioFile:
        """Reads an audio file; NotFound when there is none of this id."""
        return await self._get(id)

    async def get_many(self, ids: Iterable[UUID]) -> list[AudioFile | None]:
        """Reads many audio files in one statement, in the order of the ids; None where there is none."""
        return await self._get_many(ids)

    async def update(
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
        return await self._update(id, values, if_unchanged_since, repeat_if_lost)

    async def delete(self, id: UUID) -> None:
        """Deletes an audio file with all that hangs on it."""
        await self._delete(id)

    async def list(
        self,
        *,
        limit: int = 50,
        order: Order | str = Order.NEWEST_FIRST,
        cursor: str | None = None,
        **filter: Unpack[AudioFileFilter],
    ) -> Page[AudioFile]:
        """A page of audio files; ``cursor`` is the ``next_cursor`` of the page before."""
        return await self._list(filter, limit, order, cursor)

    def iterate(
        self,
        *,
        limit: int | None = None,
        page_size: int = 500,
        order: Order | str = Order.NEWEST_FIRST,
        **filter: Unpack[AudioFileFilter],
    ) -> AsyncIterator[AudioFile]:
        """All audio files, or the first ``limit``, fetched ``page_size`` at a time; holds no connection between."""
        return _aio_blocking.iterate(self, filter, limit, page_size, order)

    def stream(
        self,
        *,
        page_size: int = 0,
        order: Order | str = Order.NEWEST_FIRST,
        cursor: str | None = None,
        **filter: Unpack[AudioFileFilter],
    ) -> AsyncStream[AudioFile]:
        """All audio files of one moment, in constant memory; holds a connection until it is closed.

        Use it in a ``with`` statement. ``page_size``: how many are read at a time; 0: 32.
        """
        return _aio_blocking.stream(self, filter, page_size, order, cursor)

    async def count(self, **filter: Unpack[AudioFileFilter]) -> int:
        """How many audio files there are."""
        return await self._count(filter)

    async def start(self, id: UUID) -> AudioFile:
        """Marks it as being worked on. Of several workers that start the same one, the others get Conflict."""
        return await self._start(id)

    async def complete(self, id: UUID) -> AudioFile:
        """Marks it as ready to use."""
        return await self._complete(id)

    async def fail(self, id: UUID, error_message: str) -> AudioFile:
        """Marks it as failed, and says why."""
        return await self._fail(id, error_message)


class Transcriptions(Noun):
    """What recognizers heard."""

    __slots__ = ()
    _table = Table("transcription", "transcriptions", Transcription)

    async def create(self, **values: Unpack[TranscriptionInput]) -> Transcription:
        """Creates a transcription; see TranscriptionInput for what can be given."""
        return await self._create(values)

    async def create_list(self, rows: Iterable[TranscriptionInput]) -> Page[Transcription]:
        """Creates many transcriptions in one statement, all or none, and returns them in the order of the inputs."""
        return await self._create_list(rows)

    async def create_many(
        self, rows: Iterable[TranscriptionInput], *, keep_good: bool = False, chunk_rows: int = 1000
    ) -> CreateResult:
        """Creates transcriptions from an iterable of any length, in the memory of ``chunk_rows`` of them.

        All or none, in one transaction; with ``keep_good`` the good ones, a transaction a chunk, and the result says
        what was wrong with the others.
        """
        return await _aio_blocking.create_many(self, rows, keep_good, chunk_rows)

    async def get(self, id: UUID) -> Transcription:
        """Reads a transcription; NotFound when there is none of this id."""
        return await self._get(id)

    async def get_many(self, ids: Iterable[UUID]) -> list[Transcription | None]:
        """Reads many transcriptions in one statement, in the order of the ids; None where there is none."""
        return await self._get_many(ids)

    async def update(
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
        return await self._update(id, values, if_unchanged_since, repeat_if_lost)

    async def delete(self, id: UUID) -> None:
        """Deletes a transcription with all that hangs on it."""
        await self._delete(id)

    async def list(
        self,
        *,
        limit: int = 50,
        order: Order | str = Order.NEWEST_FIRST,
        cursor: str | None = None,
        **filter: Unpack[TranscriptionFilter],
    ) -> Page[Transcription]:
        """A page of transcriptions; ``cursor`` is the ``next_cursor`` of the page before."""
        return await self._list(filter, limit, order, cursor)

    def iterate(
        self,
        *,
        limit: int | None = None,
        page_size: int = 500,
        order: Order | str = Order.NEWEST_FIRST,
        **filter: Unpack[TranscriptionFilter],
    ) -> AsyncIterator[Transcription]:
        """All transcriptions, or the first ``limit``, fetched ``page_size`` at a time; holds no connection between."""
        return _aio_blocking.iterate(self, filter, limit, page_size, order)

    def stream(
        self,
        *,
        page_size: int = 0,
        order: Order | str = Order.NEWEST_FIRST,
        cursor: str | None = None,
        **filter: Unpack[TranscriptionFilter],
    ) -> AsyncStream[Transcription]:
        """All transcriptions of one moment, in constant memory; holds a connection until it is closed.

        Use it in a ``with`` statement. ``page_size``: how many are read at a time; 0: 32.
        """
        return _aio_blocking.stream(self, filter, page_size, order, cursor)

    async def count(self, **filter: Unpack[TranscriptionFilter]) -> int:
        """How many transcriptions there are."""
        return await self._count(filter)

    async def start(self, id: UUID) -> Transcription:
        """Marks it as being worked on. Of several workers that start the same one, the others get Conflict."""
        return await self._start(id)

    async def complete(self, id: UUID, **result: Unpack[TranscriptionResult]) -> Transcription:
        """Completes it with its result; see TranscriptionResult."""
        return await self._complete(id, result)

    async def fail(self, id: UUID, error_message: str) -> Transcription:
        """Marks it as failed, and says why."""
        return await self._fail(id, error_message)


class Analyses(Noun):
    """What was made of transcriptions: sentiment, key phrases, entities, topics, a summary, insights."""

    __slots__ = ()
    _table = Table("analysis", "analyses", Analysis)

    async def create(self, **values: Unpack[AnalysisInput]) -> Analysis:
        """Creates an analysis; see AnalysisInput for what can be given."""
        return await self._create(values)

    async def create_list(self, rows: Iterable[AnalysisInput]) -> Page[Analysis]:
        """Creates many analyses in one statement, all or none, and returns them in the order of the inputs."""
        return await self._create_list(rows)

    async def create_many(
        self, rows: Iterable[AnalysisInput], *, keep_good: bool = False, chunk_rows: int = 1000
    ) -> CreateResult:
        """Creates analyses from an iterable of any length, in the memory of ``chunk_rows`` of them.

        All or none, in one transaction; with ``keep_good`` the good ones, a transaction a chunk, and the result says
        what was wrong with the others.
        """
        return await _aio_blocking.create_many(self, rows, keep_good, chunk_rows)

    async def get(self, id: UUID) -> Analysis:
        """Reads an analysis; NotFound when there is none of this id."""
        return await self._get(id)

    async def get_many(self, ids: Iterable[UUID]) -> list[Analysis | None]:
        """Reads many analyses in one statement, in the order of the ids; None where there is none."""
        return await self._get_many(ids)

    async def update(
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
        return await self._update(id, values, if_unchanged_since, repeat_if_lost)

    async def delete(self, id: UUID) -> None:
        """Deletes an analysis."""
        await self._delete(id)

    async def list(
        self,
        *,
        limit: int = 50,
        order: Order | str = Order.NEWEST_FIRST,
        cursor: str | None = None,
        **filter: Unpack[AnalysisFilter],
    ) -> Page[Analysis]:
        """A page of analyses; ``cursor`` is the ``next_cursor`` of the page before."""
        return await self._list(filter, limit, order, cursor)

    def iterate(
        self,
        *,
        limit: int | None = None,
        page_size: int = 500,
        order: Order | str = Order.NEWEST_FIRST,
        **filter: Unpack[AnalysisFilter],
    ) -> AsyncIterator[Analysis]:
        """All analyses, or the first ``limit``, fetched ``page_size`` at a time; holds no connection between."""
        return _aio_blocking.iterate(self, filter, limit, page_size, order)

    def stream(
        self,
        *,
        page_size: int = 0,
        order: Order | str = Order.NEWEST_FIRST,
        cursor: str | None = None,
        **filter: Unpack[AnalysisFilter],
    ) -> AsyncStream[Analysis]:
        """All analyses of one moment, in constant memory; holds a connection until it is closed.

        Use it in a ``with`` statement. ``page_size``: how many are read at a time; 0: 32.
        """
        return _aio_blocking.stream(self, filter, page_size, order, cursor)

    async def count(self, **filter: Unpack[AnalysisFilter]) -> int:
        """How many analyses there are."""
        return await self._count(filter)

    async def start(self, id: UUID) -> Analysis:
        """Marks it as being worked on. Of several workers that start the same one, the others get Conflict."""
        return await self._start(id)

    async def complete(self, id: UUID, **result: Unpack[AnalysisResult]) -> Analysis:
        """Completes it with its result; see AnalysisResult."""
        return await self._complete(id, result)

    async def fail(self, id: UUID, error_message: str) -> Analysis:
        """Marks it as failed, and says why."""
        return await self._fail(id, error_message)
