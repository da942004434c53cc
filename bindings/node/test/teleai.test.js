'use strict';

const test = require('node:test');
const assert = require('node:assert');
const { execFileSync } = require('node:child_process');
const { randomUUID } = require('node:crypto');
const { setTimeout: sleep } = require('node:timers/promises');
const teleai = require('teleai');
const api = require('../../teleai-api.json');
const { structs } = require('../lib/generated.js');

const url = process.env.TELEAI_DATABASE_URL;
const options = { passwordMemoryKib: 19456, applicationName: 'node test' };
const password = 'correct horse battery';
const same = assert.strictEqual;
const sql = (statement) => execFileSync('psql', ['-XAtq', '-v', 'ON_ERROR_STOP=1', '-d', url, '-c', statement], { encoding: 'utf8' }).trim();
const address = () => `${randomUUID()}@example.org`;
let db;
test.before(async () => { db = await teleai.open(url, options); });
test.after(() => db.close());

const aUser = () => db.users.create({ email: address(), fullName: 'Zoë' });
const aFile = (user) => db.audioFiles.create({ userId: user.id, fileName: 'call.wav', filePath: '/calls/call.wav', mimeType: 'audio/wav',
  fileSizeBytes: 2 ** 53 - 1, durationMs: 61230, channels: 2, metadataJson: '{"line": 3}' });
const aTranscription = (file) => db.transcriptions.create({ audioFileId: file.id, userId: file.userId, languageCode: 'en', engine: 'ear' });

async function fails(promise, code, more = {}) {
  const error = await promise.then(() => assert.fail(`not ${code}`), (reason) => reason);
  assert.ok(error instanceof teleai.TeleaiError && error instanceof Error, error);
  same(error.code, code, error.message);
  for (const [key, value] of Object.entries(more)) same(error[key], value, key);
  return error;
}

test('structs have the sizes of the description', () => {
  same(teleai.version(), api.version);
  let held = 0;
  for (const struct of api.structs) {
    if (!structs[struct.name]) continue;
    same(structs[struct.name].size, struct.size);
    held += 1;
  }
  same(held, Object.keys(structs).length);
  assert.ok(held > 35);
});

test('users', async () => {
  const [id, email] = [randomUUID(), address()];
  const made = await db.users.create({ id, email, fullName: 'Zoë', password });
  assert.deepStrictEqual([made.id, made.fullName, made.role, made.isActive, made.lastLoginAtUs], [id, 'Zoë', 'user', true, null]);
  same(teleai.fromDate(teleai.toDate(made.createdAtUs)), made.createdAtUs / 1000n * 1000n);
  same(typeof (await db.users.login(email, password)).lastLoginAtUs, 'bigint');
  same((await db.users.get(id)).email, email);
  same((await db.users.getByEmail(email.toUpperCase())).id, id);
  const changed = await db.users.update(id, { isActive: false, role: 'viewer' });
  assert.deepStrictEqual([changed.isActive, changed.role, changed.fullName], [false, 'viewer', 'Zoë']);
  const filter = { isActive: false, idFrom: id };
  same(await db.users.count(filter), 1);
  same((await db.users.list(filter)).items[0].id, id);
  const some = await db.users.getMany([randomUUID(), id]);
  assert.deepStrictEqual(some.items.map((user) => user && user.id), [null, id]);
  same((await db.users.createMany([{ email: address(), fullName: 'A' }, { email: address(), fullName: 'B' }])).items[1].fullName, 'B');
  same(await db.users.delete(id), undefined);
  await fails(db.users.get(id), 'NOT_FOUND');
});

test('pages', async () => {
  const user = await aUser();
  for (let i = 0; i < 5; i += 1) await aFile(user);
  const seen = new Set();
  const page = { limit: 2, order: 'oldest_first' };
  let pages = 0;
  do {
    const files = await db.audioFiles.list({ userId: user.id }, page);
    for (const file of files.items) seen.add(file.id);
    page.cursor = files.nextCursor;
    pages += 1;
  } while (page.cursor !== null);
  assert.deepStrictEqual([seen.size, pages], [5, 3]);
});

test('sessions', async () => {
  const user = await aUser();
  const until = new Date(Date.now() + 3600000);
  const made = await db.sessions.create({ userId: user.id, expiresAtUs: until, ipAddress: '192.0.2.1' });
  same(made.expiresAtUs, teleai.fromDate(until));
  const found = await db.sessions.check(made.token);
  assert.deepStrictEqual([found.user.id, found.session.id], [user.id, made.id]);
  same((await db.sessions.get(made.id)).token, null);
  same((await db.sessions.update(made.id, { userAgent: 'ear' })).userAgent, 'ear');
  same((await db.sessions.update(made.id, { userAgent: null })).userAgent, null);
  const filter = { userId: user.id, includeExpired: true };
  same((await db.sessions.list(filter)).items.length, 1);
  await db.sessions.revoke(made.id);
  await db.sessions.create({ userId: user.id });
  same(await db.sessions.count(filter), 1);
  same(await db.sessions.revokeAll(user.id), 1);
  same(await db.sessions.purgeExpired(), 0);
});

test('audio files', async () => {
  const user = await aUser();
  const file = await aFile(user);
  assert.deepStrictEqual([file.fileSizeBytes, file.durationMs, file.status, file.channels, file.sampleRateHz, file.errorMessage],
    [2 ** 53 - 1, 61230, 'uploaded', 2, null, null]);
  same((await db.audioFiles.start(file.id)).status, 'processing');
  same((await db.audioFiles.fail(file.id, 'no sound')).errorMessage, 'no sound');
  await db.audioFiles.start(file.id);
  same((await db.audioFiles.complete(file.id)).status, 'ready');
  sql(`update audio_files set upload_completed_at = 'infinity' where id = '${file.id}'`);
  const infinite = await db.audioFiles.update(file.id, { fileName: 'b.wav' });
  assert.deepStrictEqual([infinite.uploadCompletedAtUs, infinite.fileName], [2n ** 63n - 1n, 'b.wav']);
  const filter = { userId: user.id, status: 'ready', metadataContainsJson: '{"line": 3}' };
  same(await db.audioFiles.count(filter), 1);
  await db.audioFiles.delete(file.id);
  same(await db.audioFiles.count(filter), 0);
});

test('transcriptions', async () => {
  const file = await aFile(await aUser());
  const heard = await aTranscription(file);
  same(heard.text, '');
  await db.transcriptions.start(heard.id);
  const long = 'façade '.repeat(500000);
  const done = await db.transcriptions.complete(heard.id, { text: long, confidence: 0.75 });
  assert.ok(done.text === long);
  assert.deepStrictEqual([done.confidence, done.wordCount, done.status], [0.75, 500000, 'completed']);
  const other = await aTranscription(file);
  same((await db.transcriptions.fail(other.id, 'noise')).errorMessage, 'noise');
  assert.ok((await db.transcriptions.get(done.id)).text === long);
  same((await db.transcriptions.update(done.id, { engineVersion: '2' })).engineVersion, '2');
  same(await db.transcriptions.count({ audioFileId: file.id }), 2);
  same((await db.transcriptions.list({ audioFileId: file.id })).items.length, 2);
  await db.transcriptions.delete(other.id);
});

test('analyses', async () => {
  const file = await aFile(await aUser());
  const heard = await aTranscription(file);
  const input = { transcriptionId: heard.id, audioFileId: file.id, userId: file.userId, analysisType: 'topics', engine: 'mind' };
  const made = await db.analyses.create(input);
  assert.deepStrictEqual([made.keyPhrases, made.sentimentScore, made.sentimentLabel], [null, null, null]);
  await db.analyses.start(made.id);
  const done = await db.analyses.complete(made.id, {
    keyPhrases: ['heart', 'rate'], sentimentLabel: 'mixed', sentimentScore: -0.5,
    entities: [{ text: 'Ann', type: 'person', startMs: 12 }, { text: 'Oslo' }],
    topics: [{ name: 'health', score: 0.25 }],
  });
  assert.deepStrictEqual(done.keyPhrases, ['heart', 'rate']);
  assert.deepStrictEqual({ ...done.entities[0] }, { text: 'Ann', type: 'person', extraJson: null, confidence: null, startMs: 12, endMs: null });
  assert.deepStrictEqual([done.entities.length, done.topics[0].score, done.sentimentScore, done.sentimentLabel], [2, 0.25, -0.5, 'mixed']);
  assert.deepStrictEqual((await db.analyses.update(made.id, { keyPhrases: [] })).keyPhrases, []);
  same((await db.analyses.update(made.id, { keyPhrases: null })).keyPhrases, null);
  const bad = await db.analyses.create(input);
  same((await db.analyses.fail(bad.id, 'no mind')).errorMessage, 'no mind');
  const filter = { transcriptionId: heard.id, entitiesContainsJson: '[{"type": "person"}]' };
  same((await db.analyses.list(filter)).items[0].id, made.id);
  same(await db.analyses.count(filter), 1);
  await db.analyses.delete(made.id);
  await fails(db.analyses.get(made.id), 'NOT_FOUND');
});

test('search and statistics', async () => {
  const user = await aUser();
  const file = await aFile(user);
  const heard = await aTranscription(file);
  await db.transcriptions.complete(heard.id, { text: 'Two zebras in a fire drill' });
  const hits = await db.searchTranscriptions('zebra', { userId: user.id, markStart: '<', markEnd: '>' });
  same(hits.total, 1);
  const [hit] = hits.items;
  same(hit.transcriptionId, heard.id);
  same(Buffer.from(hit.snippet).subarray(hit.marks[0].start, hit.marks[0].end).toString(), 'zebras');
  assert.ok(hit.snippetMarked.includes('<zebras>') && hit.rank > 0 && hits.totalIsExact);
  same((await db.searchKeywords('drill zebra')).items.length, 1);

  const stats = await db.userStatsGet(user.id);
  assert.deepStrictEqual([stats.totalFiles, stats.totalDurationMs, typeof stats.lastUploadAtUs], [1, 61230, 'bigint']);
  assert.ok((await db.userStatsList()).items.length > 0);
  await db.dailyUsageRefresh();
  await db.dailyUsageList(new Date(Date.now() - 86400000), null);
  same((await db.activityList(user.id)).items[0].activityType, 'transcription');
  assert.ok((await db.queueStatusList()).items.some((queue) => queue.queueType === 'transcriptions'));
  const [pipeline] = (await db.pipelineList({ userId: user.id })).items;
  assert.deepStrictEqual([pipeline.transcriptionId, pipeline.analysisId], [heard.id, null]);
});

test('errors', async () => {
  const user = await aUser();
  const file = await aFile(user);
  await fails(db.users.create({ email: 'none', fullName: 'A' }), 'INVALID_ARGUMENT', { field: 'email' });
  await fails(db.users.create({ email: 'a\0@example.org', fullName: 'A' }), 'INVALID_ARGUMENT', { field: 'email' });
  await fails(db.users.create({ mail: 'a@example.org' }), 'INVALID_ARGUMENT', { field: 'mail' });
  await fails(db.users.create({ email: address(), fullName: 'A', role: 'king' }), 'INVALID_ARGUMENT', { field: 'role' });
  await fails(db.audioFiles.update(file.id, { durationMs: 0.5 }), 'INVALID_ARGUMENT', { field: 'duration_ms' });
  await fails(db.audioFiles.update(file.id, { userId: user.id }), 'INVALID_ARGUMENT', { field: 'user_id' });
  await fails(db.users.get('none'), 'INVALID_ARGUMENT', { field: 'id' });
  await fails(db.users.create(null), 'INVALID_ARGUMENT');
  await fails(db.users.get(randomUUID()), 'NOT_FOUND', { retryable: false, outcomeUnknown: false });
  const twice = await fails(db.users.create({ email: user.email, fullName: 'A' }), 'ALREADY_EXISTS', { sqlstate: '23505' });
  assert.match(twice.constraint, /email/);
  await fails(db.users.createMany([{ email: address(), fullName: 'A' }, { email: 'none', fullName: 'B' }]), 'INVALID_ARGUMENT', { item: 1 });
  const orphan = { userId: randomUUID(), fileName: 'a', filePath: 'a', mimeType: 'audio/wav', fileSizeBytes: 1 };
  await fails(db.audioFiles.create(orphan), 'PARENT_NOT_FOUND', { field: 'user_id' });
  await fails(db.audioFiles.complete(file.id), 'CONFLICT');
  await fails(db.audioFiles.update(file.id, { fileName: 'b' }, { ifUnchangedSinceUs: file.updatedAtUs - 1n }), 'CONFLICT');
  await fails(db.users.login(user.email, password), 'UNAUTHENTICATED');
  await fails(db.sessions.check('none'), 'UNAUTHENTICATED');
  await fails(db.transaction(async (tx) => {
    await fails(tx.users.create({ email: user.email, fullName: 'A' }), 'ALREADY_EXISTS');
    await tx.users.get(user.id);
  }), 'ABORTED');

  const role = `node_reader_${randomUUID().replaceAll('-', '')}`;
  sql(`create role ${role} login`);
  const reader = await teleai.open(`${url} user=${role}`, { schema: 'ignore' });
  await fails(reader.users.count(), 'PERMISSION_DENIED');
  await reader.close();
  sql(`drop role ${role}`);
  await fails(teleai.open('host=/nowhere dbname=none'), 'UNAVAILABLE');
  await fails(teleai.open(`${url} dbname=postgres`), 'SCHEMA_MISMATCH');

  sql(`create function node_refuse() returns trigger language plpgsql as $$ begin
    if new.file_name = 'refuse' then raise sqlstate 'P0042' using message = 'no'; end if; return new; end $$;
    create trigger node_refuse before insert on audio_files for each row execute function node_refuse()`);
  await fails(db.audioFiles.create({ ...orphan, userId: user.id, fileName: 'refuse' }), 'SERVER_ERROR', { sqlstate: 'P0042' });

  const gone = await teleai.open(url, options);
  const scope = gone.scope({});
  const last = gone.ping();
  await Promise.all([gone.close(), gone.close()]);
  await last;
  await fails(gone.ping(), 'CLOSED');
  await fails(scope.ping(), 'CLOSED');
  await scope.close();
});

test('transactions and scopes', async () => {
  const [kept, undone] = [address(), address()];
  await db.transaction(async (tx) => {
    await tx.users.create({ email: kept, fullName: 'A' });
    const inner = tx.transaction(async (savepoint) => {
      await savepoint.users.create({ email: undone, fullName: 'B' });
      throw new RangeError('undo');
    });
    await assert.rejects(inner, RangeError);
    await fails(db.users.getByEmail(kept), 'NOT_FOUND'); // not committed yet
  }, { isolation: 'serializable' });
  await db.users.getByEmail(kept);
  await fails(db.users.getByEmail(undone), 'NOT_FOUND');
  const stats = db.poolStats();
  same(stats.idleConnections, stats.openConnections);
  const other = db.scope({ tenantId: randomUUID() });
  await fails(other.users.getByEmail(kept), 'NOT_FOUND');
  await other.close();
});

// When so many statements of this test wait for a lock.
async function untilWaits() {
  while (sql("select count(*) from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'") === '0') await sleep(5);
}

test('cancelling', async () => {
  const user = await aUser();
  let many;
  await assert.rejects(db.transaction(async (lock) => {
    await lock.users.update(user.id, { fullName: 'Locked' });
    const stop = new AbortController();
    const waits = db.users.update(user.id, { fullName: 'Late' }, null, { signal: stop.signal });
    waits.catch(() => {});
    await untilWaits();
    stop.abort(new RangeError('enough'));
    const error = await fails(waits, 'CANCELLED');
    assert.ok(error.cause instanceof RangeError);
    await fails(db.users.update(user.id, { fullName: 'Late' }, null, { signal: stop.signal }), 'CANCELLED');

    await fails(db.transaction(async (tx) => {
      const inner = new AbortController();
      const blocked = tx.users.update(user.id, { fullName: 'Late' }, null, { signal: inner.signal });
      blocked.catch(() => {});
      await untilWaits();
      inner.abort();
      await fails(blocked, 'CANCELLED');
      await tx.ping();
    }), 'ABORTED');

    const limited = db.users.update(user.id, { fullName: 'Late' }, null, { signal: AbortSignal.timeout(100) });
    same((await fails(limited, 'CANCELLED')).cause.name, 'TimeoutError');
    const short = db.scope({ timeoutMs: 100 });
    await fails(short.users.update(user.id, { fullName: 'Late' }), 'TIMEOUT');
    await short.close();

    // More calls than there are threads wait for this transaction, which goes on all the same.
    many = Array.from({ length: 20 }, (_, i) => db.users.update(user.id, { fullName: `After ${i}` }));
    await untilWaits();
    await lock.ping();
    throw new RangeError('undo');
  }), RangeError);
  await Promise.all(many);
  assert.match((await db.users.get(user.id)).fullName, /^After/);
});

test('many at once', async () => {
  const names = Array.from({ length: 300 }, (_, i) => `User ${i}`);
  const signal = new AbortController().signal;
  await Promise.all(names.map(async (fullName) => {
    const { id } = await db.users.create({ email: address(), fullName }, { signal });
    same((await db.users.get(id)).fullName, fullName);
  }));
});
