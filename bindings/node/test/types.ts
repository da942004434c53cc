// Compiled only: index.d.ts against programs that use it.
import { open, toDate, TeleaiError, type Page, type Role, type Transcription } from 'teleai';

export async function program(signal: AbortSignal): Promise<Transcription[]> {
  const db = await open('local:./data', { timeoutMs: 1000, schema: 'check' });
  const ann = await db.users.create({ email: 'ann@example.org', fullName: 'Ann', role: 'viewer' }, { signal });
  const role: Role | null = ann.role;
  const since: bigint = ann.createdAtUs;
  const when: Date | null = ann.lastLoginAtUs === null ? null : toDate(ann.lastLoginAtUs);
  await db.users.update(ann.id, { fullName: 'Ann E.', password: null }, { ifUnchangedSinceUs: ann.updatedAtUs });
  // @ts-expect-error there is no such role
  await db.users.create({ email: 'a@example.org', fullName: 'A', role: 'king' }).catch((error: TeleaiError) => error.code);
  // @ts-expect-error records cannot be changed
  ann.email = 'b@example.org';
  const page: Page = { limit: 10, order: 'oldest_first' };
  const found = await db.searchKeywords('heart', page);
  const count: number = await db.transaction((tx) => tx.users.count(), { isolation: 'serializable' });
  console.log(role, since, when, count, found.nextCursor);
  await db.close();
  return found.items;
}
