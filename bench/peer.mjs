// What the Node.js peers share; subject.h tells what they read and answer, and which rows they write.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { createInterface } from "node:readline";

const installed = process.env.TELEAI_BENCH_NODE;
export const load = (name) => createRequire(`${installed}/`)(name);
export const version = (name) => JSON.parse(readFileSync(`${installed}/node_modules/${name}/package.json`)).version;

export const GETS = 64, AUDIO_ROWS = 5000, NEWEST = 50, POOL_CONNECTIONS = 4, POOL_WORKERS = 8;

export const AUDIO =
  "id, user_id, file_name, file_path, file_size_bytes, duration_seconds, mime_type, sample_rate, channels, bit_rate, " +
  "status, upload_completed_at, processing_started_at, processing_completed_at, error_message, metadata, created_at, " +
  "updated_at";
export const SPEECH =
  "id, audio_file_id, user_id, transcription_text, language_code, confidence_score, word_count, status, engine, " +
  "engine_version, processing_started_at, processing_completed_at, processing_duration_ms, error_message, metadata, " +
  "created_at, updated_at";
export const READ_ALL = `select ${SPEECH} from transcriptions order by created_at desc, id desc limit 20000`;
export const GET = `select ${AUDIO} from audio_files where id = $1`;
export const LIST = `select ${AUDIO} from audio_files where user_id = $1 order by created_at desc, id desc limit $2`;
export const CREATE =
  "insert into audio_files (user_id, file_name, file_path, file_size_bytes, mime_type, sample_rate, channels) " +
  `values ($1, $2, $3, $4, $5, $6, $7) returning ${AUDIO}`;
export const COPIED =
  "user_id, file_name, file_path, file_size_bytes, duration_seconds, mime_type, sample_rate, channels, bit_rate, " +
  "status, upload_completed_at, metadata";

const ids = (name) => readFileSync(`${process.argv[2]}/${name}`, "ascii").trim().split("\n");
const users = ids("users.txt"), files = ids("files.txt");
export const user = (turn) => users[turn % users.length];
export const file = (turn) => files[(turn * 7919) % files.length];
export const gets = (turn) => {
  const first = (turn * GETS) % (files.length - GETS + 1);
  return files.slice(first, first + GETS);
};
export const created = (turn) => [user(turn), "call.wav", "/calls/call.wav", 1843200, "audio/wav", 16000, 1];
export const audioRows = Array.from({ length: AUDIO_ROWS }, (_, i) => [
  user(i), `call-${i}.wav`, `/calls/2026/call-${i}.wav`, 100000 + i, (3000 + i) / 100, "audio/wav", 16000, 1, 256000,
  "ready", "2026-01-01 00:00:00+00", '{"campaign": "spring", "agent": 17}',
]);

// Runs works that are asynchronous functions of the turn and give the number of rows; W2 by several at once.
export async function serve(version, works) {
  console.log(version);
  console.log(Object.keys(works).join(" "));
  for await (const line of createInterface({ input: process.stdin })) {
    const [name, count] = line.split(" ");
    const times = Number(count), workers = name === "W2" ? POOL_WORKERS : 1, each = Math.ceil(times / workers);
    const latencies = [];
    const share = async (first) => {
      let before = performance.now();
      for (let turn = first; turn < first + each; turn++) {
        if (!(await works[name](turn))) throw new Error("nothing was read or written");
        const now = performance.now();
        latencies.push(now - before);
        before = now;
      }
    };
    const before = performance.now();
    await Promise.all(Array.from({ length: workers }, (_, i) => share(i * each)));
    const took = ((performance.now() - before) / 1e3) * (times / latencies.length);
    latencies.sort((a, b) => a - b);
    console.log(`${took.toFixed(9)} ${(latencies[Math.floor(latencies.length * 0.99)] * 1e3).toFixed(1)}`);
  }
}
