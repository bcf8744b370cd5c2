import { hashKey } from "../bytes/key_hash.ts";
import { isSameText } from "../bytes/text.ts";
import {
  hashAt,
  keyCount,
  sessionAt,
  slotCount,
  tableBlock,
} from "../index/key_table.ts";
import {
  endMsOf,
  keyHashOf,
  keyLengthOf,
  keyOf,
  olderOf,
  startMsOf,
} from "../session/session.ts";
import { hold } from "./blocks.ts";
import {
  FAULT_CHAIN_KEY,
  FAULT_CHAIN_ORDER,
  FAULT_HASH,
  FAULT_KEY_COUNT,
  FAULT_KEY_TWICE,
  FAULT_NONE,
  FAULT_PROBE,
} from "./faults.ts";
import { verifySession } from "./sessions.ts";

/** Walks the table of the keys, and with it all sessions that have visits. */
export function verifyKeys(): i32 {
  const tableFault = hold(tableBlock());
  if (tableFault !== FAULT_NONE) return tableFault;
  let keys = 0;
  for (let slot = 0; slot < slotCount(); slot++) {
    if (sessionAt(slot) === 0) continue;
    keys++;
    const fault = verifyChain(slot);
    if (fault !== FAULT_NONE) return fault;
  }
  if (keys !== keyCount() || keys >= slotCount()) return FAULT_KEY_COUNT;
  for (let slot = 0; slot < slotCount(); slot++) {
    const fault = sessionAt(slot) === 0 ? FAULT_NONE : verifyProbe(slot);
    if (fault !== FAULT_NONE) return fault;
  }
  return FAULT_NONE;
}

/** Walks the sessions of a key, latest first. */
function verifyChain(slot: i32): i32 {
  const newest = sessionAt(slot);
  let newer: usize = 0;
  let session = newest;
  while (session !== 0) {
    const heldFault = hold(session);
    if (heldFault !== FAULT_NONE) return heldFault;
    if (!isSameKey(session, newest)) return FAULT_CHAIN_KEY;
    const hash = keyHashOf(session);
    if (hash !== hashAt(slot)) return FAULT_HASH;
    if (hash !== hashKey(<i32>keyOf(session), keyLengthOf(session))) {
      return FAULT_HASH;
    }
    const fault = verifySession(session);
    if (fault !== FAULT_NONE) return fault;
    // They neither overlap nor touch.
    if (newer !== 0 && !(endMsOf(session) < startMsOf(newer))) {
      return FAULT_CHAIN_ORDER;
    }
    newer = session;
    session = olderOf(session);
  }
  return FAULT_NONE;
}

/** Whether a search by hash comes to a slot, and to none of the same key before. */
function verifyProbe(slot: i32): i32 {
  const mask = slotCount() - 1;
  let at = hashAt(slot) & mask;
  for (; at !== slot; at = (at + 1) & mask) {
    const other = sessionAt(at);
    if (other === 0) return FAULT_PROBE;
    if (isSameKey(other, sessionAt(slot))) return FAULT_KEY_TWICE;
  }
  return FAULT_NONE;
}

function isSameKey(a: usize, b: usize): bool {
  const length = keyLengthOf(a);
  return length === keyLengthOf(b) && isSameText(keyOf(a), keyOf(b), length);
}
