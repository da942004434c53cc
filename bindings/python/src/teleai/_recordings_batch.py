"""What is recorded and made of it: audio files, transcriptions, analyses.

The form for batches: each method queues an operation, and gives its Pending.
Made of _recordings.py by tools/make_forms.py; change that.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import TYPE_CHECKING
from uuid import UUID

from ._noun import Noun, Table
from ._record import Page
from .enums import Order
from .records import Analysis, AudioFile, Transcription

if TYPE_CHECKING:
    from typing_extensions import Unpack

    from ._pending import Pending
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
