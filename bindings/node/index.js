// The Node.js binding of libteleai. Calls run on koffi's worker threads and give promises; see README.md.
'use strict';

const koffi = require('koffi');
const { version: madeFor } = require('./lib/generated.js');
const { TeleaiError, Memory, errorFrom, errorLayout, fieldBits, fromDate, functions, layOut, layOutAll, microseconds, record,
  structs, toDate, uuidBytes } = require('./lib/memory.js');

const library = koffi.load(process.env.TELEAI_LIBRARY || 'libteleai.so.0');
const version = library.func('teleai_version', 'const char *', []);
{
  const [wanted, found] = [madeFor, version()].map((text) => text.split('.').map(Number));
  if (found[0] !== wanted[0] || found[1] < wanted[1])
    throw new Error(`libteleai is ${version()}; this package needs ${wanted[0]}.${wanted[1]} or a later ${wanted[0]}.x`);
}
const POINTER = 'void *';
const STATUS = 'int32_t';
const c = {
  open: library.func('teleai_open', STATUS, [POINTER, POINTER, POINTER, POINTER]),
  close: library.func('teleai_close', 'void', [POINTER]),
  cancel: library.func('teleai_cancel', STATUS, [POINTER, POINTER]),
  scope: library.func('teleai_scope_open', STATUS, [POINTER, POINTER, POINTER, POINTER]),
  begin: library.func('teleai_transaction_begin', STATUS, [POINTER, POINTER, POINTER, POINTER]),
  commit: library.func('teleai_transaction_commit', STATUS, [POINTER, POINTER]),
  poolStats: library.func('teleai_pool_stats_get', STATUS, [POINTER, POINTER, POINTER]),
};
const ARGUMENT_TYPES = { count: 'size_t', fields: 'uint64_t', time: 'int64_t' };
const CANCEL_AGAIN_MS = 10;

// Worker threads are libuv's: four unless UV_THREADPOOL_SIZE says otherwise. Calls that hold no connection yet leave one of them
// free, so that transactions can go on, for whose locks they may be waiting.
const threads = Math.max(2, Number(process.env.UV_THREADPOOL_SIZE) || 4);
const turns = {
  free: threads - 1,
  waiting: [],
  async take() {
    if (this.free > 0) this.free -= 1;
    else await new Promise((resolve) => { this.waiting.push(resolve); });
  },
  give() {
    const next = this.waiting.shift();
    if (next) next();
    else this.free += 1;
  },
};

// Runs work with memory that lives until it is over.
function withMemory(work) {
  const memory = new Memory();
  try {
    return work(memory, memory.alloc(8), memory.alloc(errorLayout.size));
  } finally {
    memory.wipe();
  }
}

// Lays out the arguments of one of generated.js's functions.
function argumentsOf(memory, spec, given, out, error) {
  const values = [...given];
  let count = 0;
  let bits = 0;
  const passed = spec.arguments.map((argument) => {
    switch (argument.kind) {
      case 'client': return undefined; // put in when it is called
      case 'error': return error.address;
      case 'out': return out.address;
      case 'null': return null;
      case 'count': return count;
      case 'fields': return bits;
    }
    const value = values.shift();
    switch (argument.kind) {
      case 'uuid': return value === null || value === undefined ? null : memory.bytes(uuidBytes(argument.field, value));
      case 'text': return memory.text(argument.field, value);
      case 'time': return value === null || value === undefined ? 0n : microseconds(argument.field, value);
      case 'uuids':
        count = value.length;
        return memory.bytes(Buffer.concat(value.map((id) => uuidBytes(argument.field, id))));
      case 'inputs':
        count = value.length;
        return layOutAll(memory, argument.of, value);
      default:
        if (spec.arguments.some((other) => other.kind === 'fields') && argument.of.endsWith('_input'))
          bits = fieldBits(argument.of, value);
        return layOut(memory, argument.of, value);
    }
  });
  return passed;
}

class Client {
  #handle;
  #root; // { client, closed, closing, running: all calls on it and on what comes from it }
  #running = new Set();
  #direct; // a transaction, which takes no scopes

  constructor(handle, root, direct) {
    this.#handle = handle;
    this.#root = root ?? { client: this, closed: false, closing: null, running: new Set() };
    this.#direct = direct;
    for (const noun of new Set(functions.map((spec) => spec.on)))
      if (noun) this[noun] = {};
    for (const spec of functions) {
      const call = FUNCTIONS.get(spec);
      (spec.on ? this[spec.on] : this)[spec.name] = (...given) => this.#generated(spec, call, given);
    }
  }

  async #generated(spec, call, given) {
    const takes = spec.arguments.filter(({ kind }) => !['client', 'error', 'out', 'null', 'count', 'fields'].includes(kind)).length;
    const { signal } = given[takes] ?? {};
    const memory = new Memory();
    try {
      const [out, error] = [memory.alloc(8), memory.alloc(errorLayout.size)];
      const passed = argumentsOf(memory, spec, given.slice(0, takes), out, error);
      await this.#run(error, signal, (handle) => [call, [handle, ...passed.slice(1)]]);
      if (!spec.out) return undefined;
      if (spec.out === 'int64') return Number(out.view.getBigInt64(0, true));
      const address = out.view.getBigUint64(0, true);
      try {
        return record(spec.out, address);
      } finally {
        FREES.get(spec.free)(address);
      }
    } finally {
      memory.wipe();
    }
  }

  // Makes one call on a worker thread.
  #run(error, signal, prepare) {
    const running = this.#inTurn(error, signal, prepare);
    const settled = running.catch(() => {});
    for (const all of [this.#running, this.#root.running]) {
      all.add(settled);
      settled.then(() => all.delete(settled));
    }
    return running;
  }

  async #inTurn(error, signal, prepare) {
    if (signal?.aborted) throw aborted(signal);
    this.#check();
    const handle = this.#handle;
    if (this.#direct) return this.#cancellable(handle, error, signal, prepare(handle));
    await turns.take();
    let scope = null;
    try {
      if (signal?.aborted) throw aborted(signal);
      scope = signal ? newScope(handle, {}) : null;
      return await this.#cancellable(scope ?? handle, error, signal, prepare(scope ?? handle));
    } finally {
      turns.give();
      if (scope !== null) c.close(scope);
    }
  }

  // A call that a signal cancels: again and again until the call is over, since one that has not begun does not notice.
  async #cancellable(handle, error, signal, [call, passed]) {
    let timer = null;
    const cancel = () => {
      c.cancel(handle, null);
      timer = setTimeout(cancel, CANCEL_AGAIN_MS);
    };
    signal?.addEventListener('abort', cancel, { once: true });
    try {
      if (await onThread(call, passed) !== 0) throw errorFrom(error.view, signal?.aborted ? signal.reason : undefined);
    } finally {
      signal?.removeEventListener('abort', cancel);
      clearTimeout(timer);
    }
  }

  #check() {
    if (this.#root.closed || this.#handle === null) throw new TeleaiError('CLOSED', 'the client is closed');
  }

  poolStats() {
    this.#check();
    return withMemory((memory, _, error) => {
      const stats = memory.alloc(structs.teleai_pool_stats.size);
      if (c.poolStats(this.#handle, stats.address, error.address) !== 0) throw errorFrom(error.view);
      return record('teleai_pool_stats', stats.address);
    });
  }

  scope(options) {
    this.#check();
    return new Client(newScope(this.#handle, options), this.#root, false);
  }

  async transaction(body, options = null) {
    const memory = new Memory();
    const [out, error] = [memory.alloc(8), memory.alloc(errorLayout.size)];
    const given = layOut(memory, 'teleai_transaction_options', options);
    await this.#run(error, undefined, (handle) => [c.begin, [handle, given, out.address, error.address]]);
    const tx = new Client(out.view.getBigUint64(0, true), this.#root, true);
    try {
      const result = await body(tx);
      await tx.#run(error, undefined, (handle) => [c.commit, [handle, error.address]]);
      return result;
    } finally {
      await tx.close();
      memory.wipe();
    }
  }

  // The root client is closed when nothing else runs in the library: neither calls nor the closing of what came from it.
  async close() {
    const handle = this.#handle;
    if (handle === null) return this.#root.closing;
    this.#handle = null;
    if (this.#root.client !== this) {
      await Promise.all(this.#running);
      await this.#root.closing;
      const closing = onThread(c.close, [handle]);
      this.#root.running.add(closing);
      return closing.finally(() => this.#root.running.delete(closing));
    }
    this.#root.closed = true;
    while (this.#root.running.size > 0) await Promise.all(this.#root.running);
    this.#root.closing = onThread(c.close, [handle]);
    return this.#root.closing;
  }
}

function onThread(call, passed) {
  return new Promise((resolve, reject) => {
    call.async(...passed, (failure, result) => (failure ? reject(failure) : resolve(result)));
  });
}

function newScope(handle, options) {
  return withMemory((memory, out, error) => {
    const given = layOut(memory, 'teleai_scope_options', options ?? {});
    if (c.scope(handle, given, out.address, error.address) !== 0) throw errorFrom(error.view);
    return out.view.getBigUint64(0, true);
  });
}

function aborted(signal) {
  return new TeleaiError('CANCELLED', 'it was aborted before it began, and nothing has happened', { cause: signal.reason });
}

const FUNCTIONS = new Map(functions.map((spec) =>
  [spec, library.func(spec.c, STATUS, spec.arguments.map(({ kind }) => ARGUMENT_TYPES[kind] ?? POINTER))]));
const FREES = new Map(functions.filter((spec) => spec.free).map((spec) => [spec.free, library.func(spec.free, 'void', [POINTER])]));

async function open(connection, options = null) {
  const memory = new Memory();
  try {
    const [out, error] = [memory.alloc(8), memory.alloc(errorLayout.size)];
    const passed = [memory.text('connection', connection), layOut(memory, 'teleai_options', options), out.address, error.address];
    if (await onThread(c.open, passed) !== 0) throw errorFrom(error.view);
    return new Client(out.view.getBigUint64(0, true), null, false);
  } finally {
    memory.wipe();
  }
}

module.exports = { TeleaiError, fromDate, open, toDate, version };
