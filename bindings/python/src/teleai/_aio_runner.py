"""The runner for event loops: operations board a batch of the library, which the loop steps until all are answered."""

from __future__ import annotations

import asyncio
import os
from collections import deque
from collections.abc import Callable, Coroutine
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from contextvars import copy_context
from ctypes import byref, c_bool
from functools import partial
from typing import Any, TypeVar

from ._call import ClientOwner, Queued, Slot, Take
from ._callback import Wish, here, kept, raise_kept
from ._library import lib
from .enums import Status

T = TypeVar("T")

_READ, _WRITE = 1, 2
_NOTHING = (-1, 0, 0)


# What holds a connection already has threads of its own: those of the loop may all wait for a connection, which only
# this would give back.
_holding = ThreadPoolExecutor(32, "teleai")


def _after_fork() -> None:
    """The threads have stayed behind with the parent."""
    global _holding
    _holding = ThreadPoolExecutor(32, "teleai")


os.register_at_fork(after_in_child=_after_fork)


def _for(wish: Wish, work: Callable[..., T], *arguments: Any) -> T:
    """Does it while it is wanted: a call that waits in it asks."""
    here.wish = wish
    try:
        return work(*arguments)
    finally:
        here.wish = None


async def in_thread(
    work: Callable[..., T], *arguments: Any, undo: Callable[[T], object] | None = None, holds: bool = False
) -> T:
    """Runs what blocks in a thread. When the waiting task is cancelled what waits there ends, too.

    What was done by then is handed to undo(). ``holds``: it is about something that holds a connection, and waits for
    none.
    """
    loop = asyncio.get_running_loop()
    wish = Wish()
    call = partial(copy_context().run, _for, wish, work, *arguments)  # as asyncio.to_thread() does
    task = asyncio.ensure_future(loop.run_in_executor(_holding if holds else None, call))
    try:
        return await asyncio.shield(task)
    except asyncio.CancelledError:
        wish.over = True

        def late(done: asyncio.Future[T]) -> None:
            failed = done.cancelled() or done.exception() is not None  # asked for, so that none says nobody did
            if undo is not None and not failed:
                _holding.submit(undo, done.result())

        task.add_done_callback(late)
        raise


class Flight:
    """One batch of the library on the event loop: steps it when its socket is ready, or its time has come."""

    def __init__(self, owner: ClientOwner, loop: asyncio.AbstractEventLoop) -> None:
        self.owner: ClientOwner | None = owner
        self.loop = loop
        self.flying = False
        self.slot = Slot()
        self._done = c_bool()
        self._watched = _NOTHING
        self._timer: asyncio.TimerHandle | None = None
        self._wakes_at = 0.0

    def step(self) -> None:
        """Does what can be done now, and says when to go on."""
        if self.owner is None:
            return
        self.flying = True
        lib.teleai_batch_step(self.owner, byref(self._done), self.slot.error_ref)
        if self._done.value:
            self._watch(-1, 0)
            self.flying = False
        else:
            self._watch(lib.teleai_batch_socket(self.owner), lib.teleai_batch_events(self.owner))
            wait_ms = lib.teleai_batch_timeout_ms(self.owner)
            if wait_ms >= 0:
                self._wake_in(wait_ms / 1000)
            elif self._watched is _NOTHING:
                self._wake_in(0.001)
        self.arrived()
        if kept.raised is not None:
            raise_kept()

    def arrived(self) -> None:
        """Looks at what has been answered."""
        raise NotImplementedError

    def _wake_in(self, seconds: float) -> None:
        """Steps then, or before: a step too many does no harm, and a timer for every answer would cost more."""
        at = self.loop.time() + seconds
        if self._timer is not None:
            if self._wakes_at <= at:
                return
            self._timer.cancel()
        self._wakes_at = at
        self._timer = self.loop.call_at(at, self._woken)

    def _woken(self) -> None:
        self._timer = None
        if self.flying:
            self.step()

    def _watch(self, socket: int, events: int) -> None:
        # A socket that was closed may be followed by another one of the same number, which nobody watches yet: its
        # inode tells them apart.
        wanted = _NOTHING if socket < 0 else (socket, events, os.fstat(socket).st_ino)
        if wanted == self._watched:
            return
        old = self._watched[0]
        self._watched = wanted
        if old >= 0:
            with suppress(OSError):  # the old one is closed
                self.loop.remove_reader(old)
            with suppress(OSError):
                self.loop.remove_writer(old)
        if socket >= 0 and events & _READ:
            self.loop.add_reader(socket, self.step)
        if socket >= 0 and events & _WRITE:
            self.loop.add_writer(socket, self.step)

    def leave(self) -> None:
        """Lets go of the batch: nothing is watched any more. Where nothing else holds it it is closed."""
        self.owner = None
        self.flying = False
        if not self.loop.is_closed():
            self._watch(-1, 0)
            if self._timer is not None:
                self._timer.cancel()
                self._timer = None


class Lane(Flight):
    """A flight, and who waits for its passengers. Slots stay here until they are answered, whoever has gone away."""

    def __init__(self, owner: ClientOwner, loop: asyncio.AbstractEventLoop) -> None:
        self.waiting: deque[tuple[asyncio.Future[Any], Queued, Callable[[Queued], Any]]] = deque()
        owner.slots = self.waiting  # the library writes into them until the batch is closed: its owner keeps them
        super().__init__(owner, loop)
        self._emptied: asyncio.Event | None = None

    async def landed(self) -> None:
        """Waits until all is answered, also what nobody waits for any more."""
        while self.waiting:
            self._emptied = asyncio.Event()
            await self._emptied.wait()

    def arrived(self) -> None:
        """Hands out the answers that are there, in the order of the operations."""
        waiting = self.waiting
        while waiting and waiting[0][1].error.status != Status.QUEUED:
            future, slot, read = waiting.popleft()
            answer: Any = None
            failure: BaseException | None = None
            if slot.error.status:
                failure = slot.failure()
            else:
                try:
                    answer = read(slot)
                except Exception as wrong:
                    failure = wrong
            if future.done() or future.get_loop().is_closed():
                continue
            if failure is not None:
                future.set_exception(failure)
            else:
                future.set_result(answer)
        if self._emptied is not None and not waiting:
            self._emptied.set()

    def close(self) -> None:
        """Ends what is under way: its operations report CANCELLED."""
        self.leave()
        self.arrived()


class AsyncRunner:
    """Queues operations in flights, and gives futures for them."""

    _holds = False  # a connection, which everything on it uses: for in_thread()

    def __init__(self, blocking: Any, most: int) -> None:
        self._blocking = blocking
        self._most = most
        self._lanes: list[Lane] = []
        self._boarding: Lane | None = None
        self._loop = asyncio.get_running_loop()

    def _lane(self) -> Lane:
        lane = self._boarding
        if lane is not None:
            return lane
        self._blocking._require()
        if asyncio.get_running_loop() is not self._loop:
            raise RuntimeError("this client belongs to another event loop: open one in each")
        lane = next((one for one in self._lanes if not one.waiting), None)
        if lane is None and len(self._lanes) < self._most:
            lane = Lane(self._blocking._derive(lib.teleai_batch_open, None)[0], self._loop)
            self._lanes.append(lane)
        if lane is None:
            lane = min(self._lanes, key=lambda one: len(one.waiting))
        self._boarding = lane
        self._loop.call_soon(self._gate_closes)
        return lane

    def _gate_closes(self) -> None:
        lane, self._boarding = self._boarding, None
        if lane is not None and lane.waiting:
            lane.step()

    async def _queue(
        self, function: Any, slot: Queued, read: Callable[[Queued], Any], arguments: tuple[Any, ...], keep: Any
    ) -> Any:
        lane = self._lane()
        future = self._loop.create_future()
        lane.waiting.append((future, slot, read))  # before the library is told where to write
        failed = function(lane.owner, *arguments, slot.error_ref)
        if failed or kept.raised is not None:
            lane.waiting.remove((future, slot, read))
            raise_kept()
            raise slot.failure()
        return await future

    def _one(self, function: Any, take: Take, *arguments: Any, keep: Any = None) -> Coroutine[Any, Any, Any]:
        slot = Queued(take.owner())
        arguments = *arguments, byref(slot.owner)
        return self._queue(function, slot, lambda slot: take.read(slot.owner), arguments, keep)

    def _number(self, function: Any, *arguments: Any, keep: Any = None) -> Coroutine[Any, Any, Any]:
        slot = Queued()
        return self._queue(function, slot, lambda slot: slot.number.value, (*arguments, slot.number_ref), keep)

    def _nothing(self, function: Any, *arguments: Any, keep: Any = None) -> Coroutine[Any, Any, Any]:
        return self._queue(function, Queued(), lambda slot: None, arguments, keep)

    async def _landed(self) -> None:
        """Waits until nothing is under way."""
        for lane in list(self._lanes):
            await lane.landed()

    def _end(self) -> None:
        self._boarding = None
        lanes, self._lanes = self._lanes, []
        for lane in lanes:
            lane.close()
