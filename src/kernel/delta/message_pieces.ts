import { RESTORE_DAMAGED, RESTORE_DONE } from "../codes.ts";
import { allocate, free } from "../memory/arena.ts";
import {
  BEHIND,
  COMMIT,
  ID_END,
  ID_OFFSET,
  ID_PARTITION,
  MESSAGE,
} from "./log_record.ts";

/*
 * Messages of the window log that have come in part, one behind the other in a
 * list; there is seldom more than one.
 *
 *     | next | bytes done | bytes left | bytes of records | id | message ... |
 */
const NEXT: usize = 0;
const DONE: usize = 4;
const LEFT: usize = 8;
const RECORD_BYTES: usize = 12;
/** As the first record begins. */
const ID: usize = 16;
const TEXT: usize = 48;
/** Bytes behind a text that may be read with its last ones. */
const SLACK_BYTES: i32 = 64;

const FIRST: usize = memory.data(4, 16);

/** Whether some messages are not all here. */
export function arePiecesLeft(): bool {
  return load<usize>(FIRST) !== 0;
}

/** The first of them, or 0, and the one behind one. */
export function firstPieces(): usize {
  return load<usize>(FIRST);
}
export function piecesAfter(pieces: usize): usize {
  return load<usize>(pieces, NEXT);
}

/**
 * Takes the message, or a piece of one, of a value; has `take` take the message
 * once it is whole.
 */
export function takePiece(
  value: usize,
  textLength: i32,
  recordBytes: i32,
  take: (value: usize, text: usize, length: i32, recordBytes: i32) => i32,
): i32 {
  const behind = load<i32>(value, BEHIND);
  let pieces = find(value);
  if (pieces === 0) {
    if (behind === 0)
      return take(value, value + MESSAGE, textLength, recordBytes);
    if (behind < 0 || behind > i32.MAX_VALUE / 2) return RESTORE_DAMAGED;
    pieces = begin(value, textLength + behind);
  }
  if (textLength + behind !== load<i32>(pieces, LEFT)) return RESTORE_DAMAGED;
  if (load<i32>(value, COMMIT) !== load<i32>(pieces + ID, COMMIT)) {
    return RESTORE_DAMAGED;
  }
  const done = load<i32>(pieces, DONE);
  memory.copy(pieces + TEXT + done, value + MESSAGE, textLength);
  const bytes = load<i32>(pieces, RECORD_BYTES) + recordBytes;
  store<i32>(pieces, done + textLength, DONE);
  store<i32>(pieces, behind, LEFT);
  store<i32>(pieces, bytes, RECORD_BYTES);
  if (behind > 0) return RESTORE_DONE;
  const taken = take(pieces + ID, pieces + TEXT, done + textLength, bytes);
  remove(pieces);
  return taken;
}

/** Forgets those that are not whole. */
export function dropPieces(): void {
  while (load<usize>(FIRST) !== 0) remove(load<usize>(FIRST));
}

function begin(value: usize, length: i32): usize {
  const pieces = allocate(<i32>TEXT + length + SLACK_BYTES);
  store<usize>(pieces, load<usize>(FIRST), NEXT);
  store<usize>(FIRST, pieces);
  store<i32>(pieces, 0, DONE);
  store<i32>(pieces, length, LEFT);
  store<i32>(pieces, 0, RECORD_BYTES);
  memory.copy(pieces + ID, value, ID_END);
  return pieces;
}

/** Those of the id of a value, or 0. */
function find(value: usize): usize {
  let pieces = load<usize>(FIRST);
  while (pieces !== 0 && !isOfId(pieces + ID, value)) {
    pieces = load<usize>(pieces, NEXT);
  }
  return pieces;
}

function isOfId(a: usize, b: usize): bool {
  return (
    load<i32>(a, ID_PARTITION) === load<i32>(b, ID_PARTITION) &&
    load<f64>(a, ID_OFFSET) === load<f64>(b, ID_OFFSET)
  );
}

function remove(pieces: usize): void {
  const next = load<usize>(pieces, NEXT);
  if (load<usize>(FIRST) === pieces) store<usize>(FIRST, next);
  else {
    let before = load<usize>(FIRST);
    while (load<usize>(before, NEXT) !== pieces)
      before = load<usize>(before, NEXT);
    store<usize>(before, next, NEXT);
  }
  free(pieces);
}
