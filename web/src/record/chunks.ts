/**
 * What has been recorded, kept in the browser until the server has made a recording of it: a closed tab, a lost
 * connection or a server that forgot the upload cost nothing.
 */

import type { Wishes } from '../library/interrupted';

/** A recording as the browser keeps it. */
export interface Kept {
  id: string;
  title: string;
  wishes: Wishes;
  /** Media type of the chunks. */
  type: string;
  /** When it began, in milliseconds since 1970. */
  began: number;
  /** Seconds recorded so far. */
  seconds: number;
  bytes: number;
  /** The title that the server knows. */
  sentTitle: string;
  /** Name of the upload on the server; empty while there is none. */
  upload: string;
  /** Whether nothing more is recorded. */
  whole: boolean;
}

const NAME = 'seogi';
const RECORDINGS = 'recordings';
const CHUNKS = 'chunks';

function done<T>(request: IDBRequest<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}

function open(): Promise<IDBDatabase> {
  const request = indexedDB.open(NAME, 1);
  request.onupgradeneeded = () => {
    request.result.createObjectStore(RECORDINGS, { keyPath: 'id' });
    // One key is the recording's id and the number of the chunk's first byte.
    request.result.createObjectStore(CHUNKS);
  };
  return done(request);
}

/** One transaction; what it did is on disk when the promise is kept. */
async function within<T>(mode: IDBTransactionMode, work: (tx: IDBTransaction) => Promise<T>): Promise<T> {
  const db = await open();
  try {
    const tx = db.transaction([RECORDINGS, CHUNKS], mode, { durability: 'strict' });
    const ended = new Promise<void>((resolve, reject) => {
      tx.oncomplete = () => resolve();
      tx.onabort = () => reject(tx.error);
    });
    // Whoever waits hears of a failure once, from the work.
    ended.catch(() => undefined);
    const result = await work(tx);
    await ended;
    return result;
  } finally {
    db.close();
  }
}

const range = (id: string, from = 0): IDBKeyRange => IDBKeyRange.bound([id, from], [id, Infinity]);

/** Every recording that is kept, the oldest first. */
export async function all(): Promise<Kept[]> {
  const kept = await within('readonly', (tx) => done(tx.objectStore(RECORDINGS).getAll() as IDBRequest<Kept[]>));
  return kept.sort((a, b) => a.began - b.began);
}

/** Keeps a recording's own data, without touching its chunks. */
export const save = (kept: Kept): Promise<unknown> =>
  within('readwrite', (tx) => done(tx.objectStore(RECORDINGS).put({ ...kept })));

/** Adds a chunk, `seconds` into the recording, and with it keeps the recording's data. */
export async function add(kept: Kept, bytes: ArrayBuffer, seconds: number): Promise<void> {
  const grown = { ...kept, bytes: kept.bytes + bytes.byteLength, seconds };
  await within('readwrite', async (tx) => {
    await done(tx.objectStore(CHUNKS).put(bytes, [kept.id, kept.bytes]));
    return done(tx.objectStore(RECORDINGS).put(grown));
  });
  Object.assign(kept, { bytes: grown.bytes, seconds });
}

/** Everything from byte `from` on; what comes before it is not read. */
export function read(kept: Kept, from: number): Promise<Blob> {
  return within('readonly', async (tx) => {
    const store = tx.objectStore(CHUNKS);
    const before = IDBKeyRange.bound([kept.id, 0], [kept.id, from]);
    const key = (await done(store.openKeyCursor(before, 'prev')))?.key as [string, number] | undefined;
    const start = key?.[1] ?? 0;
    const chunks = await done(store.getAll(range(kept.id, start)) as IDBRequest<ArrayBuffer[]>);
    return new Blob(chunks, { type: kept.type }).slice(from - start);
  });
}

/** Forgets a recording. */
export function drop(id: string): Promise<unknown> {
  return within('readwrite', async (tx) => {
    await done(tx.objectStore(CHUNKS).delete(range(id)));
    return done(tx.objectStore(RECORDINGS).delete(id));
  });
}
