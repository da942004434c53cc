// postgres (postgres.js): prepares by itself and sends ahead on a connection.
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import * as peer from "./peer.mjs";

const postgres = peer.load("postgres");
const { PGHOST: host, PGPORT: port, PGUSER: user, PGDATABASE: database } = process.env;
const options = { host, port, user, database };
const one = postgres({ ...options, max: 1 });
const pool = postgres({ ...options, max: peer.POOL_CONNECTIONS });
const run = async (text, values, on = one) => (await on.unsafe(text, values, { prepare: true })).length;

await peer.serve(`postgres.js ${peer.version("postgres")}`, {
  W1: (turn) => run(peer.GET, [peer.file(turn)]),
  W2: (turn) => run(peer.GET, [peer.file(turn)], pool),
  W3: (turn) => run(peer.LIST, [peer.user(turn), peer.NEWEST]),
  W4: (turn) => run(peer.CREATE, peer.created(turn)),
  W5: async () => {
    const lines = peer.audioRows.map((row) => row.join("\t") + "\n").join("");
    await pipeline(Readable.from([lines]), await one.unsafe(`copy audio_files (${peer.COPIED}) from stdin`).writable());
    return peer.AUDIO_ROWS;
  },
  W6: () => run(peer.READ_ALL, []),
  W7: async (turn) => (await Promise.all(peer.gets(turn).map((id) => run(peer.GET, [id])))).length,
});
await one.end();
await pool.end();
