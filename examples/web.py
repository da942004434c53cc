"""For web back ends: asyncio, a scope a request, several questions in one round trip."""
import asyncio

import teleai
import teleai.aio


async def page(db: teleai.aio.Client, token: str) -> None:
    """What a request handler does: who is it, and what does the page need?"""
    identity = await db.sessions.check(token)
    user = identity.user
    async with db.scope(actor_id=user.id, tenant_id=user.tenant_id, timeout=2.0) as request:
        files, count, hits = await asyncio.gather(  # one flight to the server and back
            request.audio_files.list(user_id=user.id, limit=3),
            request.audio_files.count(user_id=user.id),
            request.search("heart rate", user_id=user.id),
        )
    print(f"{user.full_name}: {count} files, {hits.total} of them about heart rates")
    for file in files:
        print(f"  {file.file_name}")


async def main() -> None:
    async with teleai.aio.open("local:./data") as db:
        try:
            user = await db.users.login("ann@example.org", "correct horse battery staple")
        except teleai.Unauthenticated:
            user = await db.users.create(
                email="ann@example.org", full_name="Ann Example", password="correct horse battery staple"
            )
        session = await db.sessions.create(user_id=user.id, user_agent="example")
        assert session.token is not None
        await page(db, session.token)


asyncio.run(main())
