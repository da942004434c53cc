"""Callbacks: functions of Python that the library calls, out of which no exception gets lost.

ctypes prints an exception that leaves a callback, and forgets it. A ``try`` in the function does not help: a signal's
handler runs, and may raise, before the first instruction of a function. So a callback does not begin at the beginning:
it goes on in a generator that waits inside its ``try``. What is raised there is kept, the library is told to give up,
and the call that was under way raises it when the library has returned (``raise_kept()``).
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from ctypes import py_object, pythonapi
from functools import partial
from operator import attrgetter
from typing import Any

from . import _ffi

_keep_alive = pythonapi.Py_IncRef  # of what clients ask that are closed at the very end of the interpreter
_LOST = object()
_NO, _YES = 0, 2  # what is between belongs to the first argument; see Gate


class _Kept(threading.local):
    """What has been raised in a callback on this thread, and waits for its call to return."""

    raised: BaseException | None = None

    def __init__(self) -> None:
        assert interrupts.ready  # made now, and not while a signal waits for it


def raise_kept() -> None:
    """Raises what a callback has raised meanwhile."""
    raised, kept.raised = kept.raised, None
    try:
        if raised is not None:
            raise raised
    finally:
        del raised  # it has this frame, which is not to have it


class Gate(threading.local):
    """What C calls. Each thread has generators that wait here; a call takes one, by C code alone.

    The arguments are handed to the generator one after the other, by ``max()``, which then returns the one whose key
    is the greatest: the last one (a size, which is not 0) for yes, the first one (data, which is NULL) for no.
    """

    # gate(...) is gate.ready.pop()(...): properties and what makes them are C functions, which nothing interrupts.
    __next__ = property(attrgetter("ready.pop"))
    __call__: Any = property(next)

    def __init__(self, work: Callable[..., object], count: int, lasting: bool = False) -> None:
        self.ready: list[Any] = []
        self.work, self.count = work, count
        self.lasting = lasting and threading.current_thread() is threading.main_thread()
        for _ in range(2):  # a callback may make a call that has one
            self.prepare()

    def prepare(self) -> None:
        """Has one more generator wait."""
        generator: Any = self._wait()
        next(generator)
        enter = generator.send if self.count == 1 else partial(max, key=generator.send)
        generator.send(enter)
        self.ready.insert(0, enter)
        if self.lasting:
            _keep_alive(py_object(generator))

    def _wait(self) -> Iterator[Any]:
        enter: Any = yield
        given: list[Any] = []
        expected = 0
        answer: Any = False if self.count == 1 else _NO
        while True:
            try:
                # Stands here since CPython counts what comes at a jump to the instruction before the place jumped to.
                expected = 0
                while True:
                    # In one line: from here on an argument is under way, which is lost with what is raised meanwhile.
                    given.insert(expected := len(given) + 1, (yield answer))
                    answer = len(given) == 1
                    if len(given) < self.count:
                        continue
                    if not self.ready:
                        self.prepare()
                    good = _LOST not in given and self.work(*given)
                    answer = bool(good) if self.count == 1 else _YES if good else _NO
                    given, expected = [], 0
                    self._return(enter)
            except GeneratorExit:
                return
            except BaseException as error:
                kept.raised = error
                given.extend([_LOST] * (expected - len(given)))
                if len(given) == self.count:
                    given, expected = [], 0
                    self._return(enter)
                answer = self.count == 1 or _NO

    def _return(self, enter: Any) -> None:
        if enter not in self.ready:
            self.ready.insert(0, enter)  # the last one is taken first, and not this one before it waits again


class Wish:
    """Of who has a call made in another thread: whether it still wants what comes of it."""

    __slots__ = ("over",)

    def __init__(self) -> None:
        self.over = False


class _Here(threading.local):
    """Whose wish the calls of this thread are."""

    wish: Wish | None = None


def to_end(_data: object = None) -> bool:
    """Whether the call of this thread that waits is to end.

    That it is asked lets Python run the handlers of signals; one that raises ends the call, and whatever the library
    begins as a part of it, until the exception is out.
    """
    return kept.raised is not None or (here.wish is not None and here.wish.over)


# Asked by calls that wait.
interrupts = Gate(lambda data: to_end(data), 1, lasting=True)
_keep_alive(py_object(interrupts))
interrupt_hook = _ffi.teleai_interrupt_hook(interrupts)
_keep_alive(py_object(interrupt_hook))  # clients may be closed after this module

kept = _Kept()
here = _Here()
