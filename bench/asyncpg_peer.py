"""asyncpg on uvloop: binary, prepared."""

import decimal

import asyncpg
import uvloop

import peer

CREATE = peer.create_sql("$1, $2, $3, $4, $5, $6, $7")


async def main():
    connection = await asyncpg.connect()
    pool = await asyncpg.create_pool(min_size=peer.POOL_CONNECTIONS, max_size=peer.POOL_CONNECTIONS)
    rows = peer.audio_rows(lambda hundredths: decimal.Decimal(hundredths).scaleb(-2), str)
    get = await connection.prepare(peer.get_sql("$1"))
    newest = await connection.prepare(peer.list_sql("$1", "$2"))
    create = await connection.prepare(CREATE)
    await connection.execute("select")  # preparing left a transaction open

    async def w1(turn):
        return await get.fetchrow(peer.file(turn))

    async def w2(turn):
        return await pool.fetchrow(peer.get_sql("$1"), peer.file(turn))

    async def w3(turn):
        return await newest.fetch(peer.user(turn), peer.NEWEST)

    async def w4(turn):
        return await create.fetchrow(*peer.created(turn))

    async def w5(_):
        return await connection.copy_records_to_table("audio_files", records=rows, columns=peer.COPIED)

    async def w6(_):
        return await connection.fetch(peer.READ_ALL)

    async def w7(turn):
        return await get.fetchmany([(each,) for each in peer.gets(turn)])

    await peer.serve_async(
        f"asyncpg {asyncpg.__version__} (uvloop)",
        {"W1": w1, "W2": w2, "W3": w3, "W4": w4, "W5": w5, "W6": w6, "W7": w7},
    )


uvloop.run(main())
