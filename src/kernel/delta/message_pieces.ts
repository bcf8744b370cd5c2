import { RESTORE_DAMAGED, RESTORE_DONE } from "../codes.ts";
import { allocate, free } from "../memory/arena.ts";
import { SLACK_BYTES } from "./log_record.ts";
import {
  frontBehind,
  frontCommit,
  frontEnd,
  frontHash,
  frontKind,
  frontMarked,
  frontOffset,
} from "./record_front.ts";

/*
 * Messages of the window log that have come in part, one behind the other in a
 * list; there is seldom more than one.
 *
 *     | next | done | left | bytes of records | kind | hash | partition |
 *     | commit | offset | message ... |
 *
 * The last five are as in the front of all their records.
 */
const NEXT: usize = 0;
const DONE: usize = 4;
const LEFT: usize = 8;
const RECORD_BYTES: usize = 12;
const KIND: usize = 16;
const HASH: usize = 20;
const MARKED: usize = 24;
const COMMIT: usize = 28;
const OFFSET: usize = 32;
const TEXT: usize = 48;

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
 * Takes the piece of a message whose front was read, of so many bytes; has `take`
 * take the message once it is whole.
 */
export function takePiece(
  length: i32,
  recordBytes: i32,
  take: (message: usize, length: i32, recordBytes: i32) => i32,
): i32 {
  const behind = frontBehind;
  if (behind < 0 || behind > i32.MAX_VALUE / 2) return RESTORE_DAMAGED;
  let pieces = find();
  if (pieces === 0) pieces = begin(length + behind);
  if (length + behind !== load<i32>(pieces, LEFT)) return RESTORE_DAMAGED;
  if (!isLike(pieces)) return RESTORE_DAMAGED;
  const done = load<i32>(pieces, DONE);
  memory.copy(pieces + TEXT + done, frontEnd, length);
  const bytes = load<i32>(pieces, RECORD_BYTES) + recordBytes;
  store<i32>(pieces, done + length, DONE);
  store<i32>(pieces, behind, LEFT);
  store<i32>(pieces, bytes, RECORD_BYTES);
  if (behind > 0) return RESTORE_DONE;
  const taken = take(pieces + TEXT, done + length, bytes);
  remove(pieces);
  return taken;
}

/** Forgets those that are not whole. */
export function dropPieces(): void {
  while (load<usize>(FIRST) !== 0) remove(load<usize>(FIRST));
}

function begin(length: i32): usize {
  const pieces = allocate(<i32>TEXT + length + SLACK_BYTES);
  store<usize>(pieces, load<usize>(FIRST), NEXT);
  store<usize>(FIRST, pieces);
  store<i32>(pieces, 0, DONE);
  store<i32>(pieces, length, LEFT);
  store<i32>(pieces, 0, RECORD_BYTES);
  store<i32>(pieces, frontKind, KIND);
  store<i32>(pieces, frontHash, HASH);
  store<i32>(pieces, frontMarked, MARKED);
  store<i32>(pieces, frontCommit, COMMIT);
  store<f64>(pieces, frontOffset, OFFSET);
  return pieces;
}

/** Those of the id that was read, or 0. */
function find(): usize {
  let pieces = load<usize>(FIRST);
  while (pieces !== 0 && !isOfId(pieces)) pieces = load<usize>(pieces, NEXT);
  return pieces;
}

function isOfId(pieces: usize): bool {
  return (
    load<i32>(pieces, MARKED) === frontMarked &&
    load<f64>(pieces, OFFSET) === frontOffset
  );
}

/** Whether they are of one message with the piece that was read. */
function isLike(pieces: usize): bool {
  return (
    load<i32>(pieces, KIND) === frontKind &&
    load<i32>(pieces, HASH) === frontHash &&
    load<i32>(pieces, COMMIT) === frontCommit
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
