// pg (node-postgres): prepared by name.
import * as peer from "./peer.mjs";

const pg = peer.load("pg");
const client = new pg.Client();
await client.connect();
const pool = new pg.Pool({ max: peer.POOL_CONNECTIONS });
const run = async (name, text, values, on = client) => (await on.query({ name, text, values })).rows.length;
const get = (id, on) => run("get", peer.GET, [id], on);

const COPY =
  `insert into audio_files (${peer.COPIED}) select * from unnest($1::uuid[], $2::text[], $3::text[], $4::bigint[], ` +
  "$5::numeric[], $6::text[], $7::integer[], $8::integer[], $9::integer[], $10::audio_file_status[], " +
  "$11::timestamptz[], $12::jsonb[])";

await peer.serve(`pg ${peer.version("pg")}`, {
  W1: (turn) => get(peer.file(turn)),
  W2: (turn) => get(peer.file(turn), pool),
  W3: (turn) => run("list", peer.LIST, [peer.user(turn), peer.NEWEST]),
  W4: (turn) => run("create", peer.CREATE, peer.created(turn)),
  W5: async () => {
    const columns = peer.audioRows[0].map((_, column) => peer.audioRows.map((row) => row[column]));
    return (await client.query({ name: "copy", text: COPY, values: columns })).rowCount;
  },
  W6: () => run("read", peer.READ_ALL, []),
  W7: async (turn) => (await Promise.all(peer.gets(turn).map((id) => get(id)))).length,
});
await client.end();
await pool.end();
