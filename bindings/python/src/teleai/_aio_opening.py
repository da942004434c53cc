"""What opening something gives: a coroutine that is a context manager, too."""

from __future__ import annotations

import warnings
from collections.abc import Coroutine, Generator
from typing import Any, Generic, TypeVar

T = TypeVar("T")


class Opening(Coroutine[Any, Any, T], Generic[T]):
    """``async with`` it, or ``await`` it and close what it gives, or make a task of it."""

    _called = ""
    _running: Coroutine[Any, Any, T] | None = None
    _begun = False
    _opened: Any = None

    async def _open(self) -> T:
        raise NotImplementedError

    def _start(self) -> Coroutine[Any, Any, T]:
        if self._begun:
            raise RuntimeError(f"what {self._called}() gave was awaited before; call it again")
        self._begun = True
        return self._open()

    def __await__(self) -> Generator[Any, Any, T]:
        return self._start().__await__()

    def send(self, value: Any) -> Any:
        if self._running is None:
            self._running = self._start()
        return self._running.send(value)

    def throw(self, *raised: Any) -> Any:
        if self._running is None:
            self._running = self._start()
        return self._running.throw(*raised)

    def close(self) -> None:
        self._begun = True
        if self._running is not None:
            self._running.close()

    async def __aenter__(self) -> T:
        self._opened = await self
        entered: T = await self._opened.__aenter__()
        return entered

    async def __aexit__(self, *raised: Any) -> None:
        await self._opened.__aexit__(*raised)

    def _advice(self) -> str:
        return (
            f'{self._called}() was not awaited: write "async with {self._called}(...) as ...", or await it and close '
            "what it gives"
        )

    def __enter__(self) -> Any:
        raise TypeError(self._advice())

    def __exit__(self, *_: object) -> None:
        raise TypeError(self._advice())

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_") or name in ("cr_await", "cr_frame", "cr_code", "cr_running", "gi_frame", "gi_code"):
            raise AttributeError(name)
        raise AttributeError(f"{self._advice()} (it has no {name} yet)")

    def __del__(self) -> None:
        if not self._begun:
            warnings.warn(self._advice(), RuntimeWarning, 2)
