// What lies in C memory, read and written by the tables of generated.js. Inputs are laid out in buffers that live until the
// call is over and are wiped then; records are copied out.
'use strict';

const koffi = require('koffi');
const { structs, enumerations, error: errorLayout, functions } = require('./generated.js');

const statuses = Object.fromEntries(Object.entries(enumerations.Status).map(([name, value]) => [value, name]));
const names = Object.fromEntries(Object.entries(enumerations).map(([kind, values]) =>
  [kind, Object.fromEntries(Object.entries(values).map(([name, value]) => [value, name]))]));

class TeleaiError extends Error {
  constructor(code, message, more = {}) {
    super(message, more.cause === undefined ? undefined : { cause: more.cause });
    this.name = 'TeleaiError';
    this.code = code;
    this.sqlstate = more.sqlstate ?? '';
    this.constraint = more.constraint ?? '';
    this.field = more.field ?? '';
    this.item = more.item ?? null;
    this.retryable = more.retryable ?? false;
    this.outcomeUnknown = more.outcomeUnknown ?? false;
  }
}

function invalid(field, message) {
  return new TeleaiError('INVALID_ARGUMENT', `${field}: ${message}`, { field });
}

// Buffers for one call. An ArrayBuffer's bytes do not move, unlike those of small typed arrays.
class Memory {
  #buffers = [];

  alloc(size) {
    const buffer = new ArrayBuffer(Math.max(size, 8));
    this.#buffers.push(buffer);
    return { view: new DataView(buffer), address: koffi.address(buffer) };
  }

  bytes(bytes) {
    const { view, address } = this.alloc(bytes.length + 1);
    new Uint8Array(view.buffer).set(bytes);
    return address;
  }

  text(field, text, counted = false) {
    if (typeof text !== 'string') throw invalid(field, 'a string was expected');
    if (!counted && text.includes('\0')) throw invalid(field, 'it has a NUL character; text without one was expected');
    return this.bytes(Buffer.from(text, 'utf8'));
  }

  wipe() {
    for (const buffer of this.#buffers) new Uint8Array(buffer).fill(0);
    this.#buffers = [];
  }
}

function uuidBytes(field, text) {
  if (typeof text !== 'string' || !/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(text))
    throw invalid(field, 'a UUID as text, 36 characters with hyphens, was expected');
  return Buffer.from(text.replaceAll('-', ''), 'hex');
}

function uuidText(bytes) {
  const hex = Buffer.from(bytes).toString('hex');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
}

function fromDate(date) {
  return BigInt(date.getTime()) * 1000n;
}

function toDate(us) {
  return new Date(Number(us / 1000n - (us % 1000n < 0n ? 1n : 0n)));
}

function microseconds(field, value) {
  if (value instanceof Date && !Number.isNaN(value.getTime())) return fromDate(value);
  if (typeof value === 'bigint' && BigInt.asIntN(64, value) === value) return value;
  throw invalid(field, 'a Date, or microseconds since 1970 as a bigint, were expected');
}

function integer(field, value, bits) {
  if (!Number.isSafeInteger(value) || (bits === 32 && (value | 0) !== value))
    throw invalid(field, `an integer of ${bits === 32 ? 32 : 53} bits was expected`);
  return value;
}

// How a value is written. What is absent has been left out before.
const write = {
  text(memory, view, at, member, value) {
    view.setBigUint64(at, memory.text(member.field, value, 'count' in member), true);
    if ('count' in member) view.setBigUint64(at - member.at + member.count, BigInt(Buffer.byteLength(value)), true);
  },
  texts(memory, view, at, member, value) {
    const array = memory.alloc(value.length * 8);
    value.forEach((text, i) => array.view.setBigUint64(i * 8, memory.text(member.field, text), true));
    view.setBigUint64(at, array.address, true);
    view.setBigUint64(at - member.at + member.count, BigInt(value.length), true);
  },
  structs(memory, view, at, member, value) {
    view.setBigUint64(at, layOutAll(memory, member.of, value), true);
    view.setBigUint64(at - member.at + member.count, BigInt(value.length), true);
  },
  uuidPointer(memory, view, at, member, value) {
    view.setBigUint64(at, memory.bytes(uuidBytes(member.field, value)), true);
  },
  time(memory, view, at, member, value) { view.setBigInt64(at, microseconds(member.field, value), true); },
  int64(memory, view, at, member, value) { view.setBigInt64(at, BigInt(integer(member.field, value, 64)), true); },
  int32(memory, view, at, member, value) { view.setInt32(at, integer(member.field, value, 32), true); },
  double(memory, view, at, member, value) {
    if (typeof value !== 'number') throw invalid(member.field, 'a number was expected');
    view.setFloat64(at, value, true);
  },
  bool(memory, view, at, member, value) { view.setUint8(at, value ? 1 : 0); },
  enumeration(memory, view, at, member, value) {
    const values = enumerations[member.of];
    if (!Object.hasOwn(values, value)) throw invalid(member.field, `one of ${Object.keys(values).join(', ')} was expected`);
    view.setInt32(at, values[value], true);
  },
};

function fill(memory, view, start, name, value) {
  const { size, sized, members } = structs[name];
  if (value === null || typeof value !== 'object') throw invalid(name, 'an object was expected');
  const known = new Map(members.map((member) => [member.name, member]));
  if (sized) view.setBigUint64(start, BigInt(size), true);
  for (const [key, given] of Object.entries(value)) {
    const member = known.get(key);
    if (!member) throw invalid(key, `${name} has no such member`);
    if (given === undefined || given === null) continue;
    write[member.kind](memory, view, start + member.at, member, given);
    if ('has' in member) view.setUint8(start + member.has, 1);
  }
}

function layOut(memory, name, value) {
  if (value === undefined || value === null) return null;
  const { view, address } = memory.alloc(structs[name].size);
  fill(memory, view, 0, name, value);
  return address;
}

function layOutAll(memory, name, values) {
  const { size } = structs[name];
  const { view, address } = memory.alloc(values.length * size);
  values.forEach((value, i) => fill(memory, view, i * size, name, value));
  return address;
}

// The bits of the members that an update names: those that its input has, null included.
function fieldBits(name, value) {
  let bits = 0;
  for (const member of structs[name].members) {
    if (value[member.name] === undefined) continue;
    if (!member.bit) throw invalid(member.field, 'an update does not change it');
    bits |= member.bit;
  }
  return bits;
}

function bytesAt(address, size) {
  const bytes = koffi.decode(address, 'uint8_t', size);
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

// How a value is read from a struct's bytes.
const read = {
  text(view, member) {
    const address = view.getBigUint64(member.at, true);
    if (address === 0n) return null;
    if ('count' in member) return koffi.decode.string(address, Number(view.getBigUint64(member.count, true)));
    return koffi.decode.string(address);
  },
  texts(view, member) {
    const address = view.getBigUint64(member.at, true);
    if (address === 0n) return null;
    return pointers(address, view, member).map((text) => (text === 0n ? null : koffi.decode.string(text)));
  },
  structs(view, member) {
    const count = Number(view.getBigUint64(member.count, true));
    const { size } = structs[member.of];
    const address = view.getBigUint64(member.at, true);
    return Array.from({ length: count }, (_, i) => record(member.of, address + BigInt(i * size)));
  },
  records(view, member) {
    return pointers(view.getBigUint64(member.at, true), view, member).map((item) => (item === 0n ? null : record(member.of, item)));
  },
  record(view, member) { return record(member.of, view.getBigUint64(member.at, true)); },
  uuid(view, member) { return uuidText(new Uint8Array(view.buffer, view.byteOffset + member.at, 16)); },
  time(view, member) { return view.getBigInt64(member.at, true); },
  int64(view, member) { return Number(view.getBigInt64(member.at, true)); },
  int32(view, member) { return view.getInt32(member.at, true); },
  double(view, member) { return view.getFloat64(member.at, true); },
  bool(view, member) { return view.getUint8(member.at) !== 0; },
  enumeration(view, member) { return names[member.of][view.getInt32(member.at, true)] ?? null; },
};

function pointers(address, view, member) {
  const count = Number(view.getBigUint64(member.count, true));
  if (count === 0) return [];
  const array = bytesAt(address, count * 8);
  return Array.from({ length: count }, (_, i) => array.getBigUint64(i * 8, true));
}

// A record, copied out of C memory.
function record(name, address) {
  const { size, members } = structs[name];
  const view = bytesAt(address, size);
  const made = {};
  for (const member of members)
    made[member.name] = 'has' in member && view.getUint8(member.has) === 0 ? null : read[member.kind](view, member);
  return Object.freeze(made);
}

function errorFrom(view, cause) {
  const { at } = errorLayout;
  const text = (name) => {
    const bytes = new Uint8Array(view.buffer, at[name]);
    return Buffer.from(bytes.subarray(0, bytes.indexOf(0))).toString('utf8');
  };
  const flags = view.getUint32(at.flags, true);
  const code = statuses[view.getInt32(at.status, true)] ?? 'UNKNOWN';
  return new TeleaiError(code, text('message'), {
    sqlstate: text('sqlstate'),
    constraint: text('constraint'),
    field: text('field'),
    retryable: (flags & 1) !== 0,
    outcomeUnknown: (flags & 2) !== 0,
    item: (flags & 4) !== 0 ? Number(view.getBigUint64(at.item, true)) : null,
    cause,
  });
}

module.exports = { TeleaiError, Memory, errorFrom, errorLayout, fieldBits, fromDate, functions, invalid, layOut, layOutAll,
  microseconds, record, structs, toDate, uuidBytes };
