'use strict';

const test = require('node:test');
const assert = require('node:assert');
const teleai = require('teleai');

let db;
test.before(async () => { db = await teleai.open(process.env.TELEAI_DATABASE_URL); });
test.after(() => db.close());

test('from opening to searching', async () => {
  const db = await teleai.open(process.env.TELEAI_DATABASE_URL);
  const ann = await db.users.create({ email: 'ann@example.org', fullName: 'Ann Example' });
  const file = await db.audioFiles.create({
    userId: ann.id,
    fileName: 'ward-round.wav',
    filePath: '/recordings/ward-round.wav',
    mimeType: 'audio/wav',
    fileSizeBytes: 1843200,
  });
  await db.transcriptions.create({
    audioFileId: file.id,
    userId: ann.id,
    text: 'Her heart rate was ninety in the morning and is sixty eight now.',
    languageCode: 'en',
    engine: 'by hand',
    status: 'completed',
  });
  const hits = await db.searchTranscriptions('"heart rate" morning -drill');
  for (const hit of hits.items) console.log(`${hit.fileName}: ${hit.snippetMarked}`);
  await db.close();
  assert.match(hits.items[0].snippetMarked, /\[heart\] \[rate\]/);
});

test('updating', async () => {
  const eve = await db.users.create({ email: 'eve@example.org', fullName: 'Eve', password: 'correct horse battery' });
  const changed = await db.users.update(
    eve.id,
    { fullName: 'Eve Example', role: 'admin', password: null },
    { ifUnchangedSinceUs: eve.updatedAtUs },
  );
  assert.deepStrictEqual([changed.fullName, changed.role], ['Eve Example', 'admin']);
});

test('lists', async () => {
  const page = { limit: 100, order: 'oldest_first' };
  do {
    const users = await db.users.list({ isActive: true }, page);
    for (const user of users.items) console.log(user.email);
    page.cursor = users.nextCursor;
  } while (page.cursor !== null);
});

test('errors', async () => {
  try {
    await db.users.create({ email: 'not an address', fullName: 'Ann' });
    assert.fail('it was taken');
  } catch (error) {
    if (error.code !== 'INVALID_ARGUMENT') throw error;
    console.log(error.field, error.message); // email ...
  }
});

test('ending calls', async () => {
  const users = await db.users.list(null, null, { signal: AbortSignal.timeout(10000) });
  assert.ok(users.items.length > 0);
});

test('transactions', async () => {
  await db.transaction(async (tx) => {
    const bob = await tx.users.create({ email: 'bob@example.org', fullName: 'Bob' });
    await tx.sessions.create({ userId: bob.id });
  });
  assert.ok(await db.users.getByEmail('bob@example.org'));
});
