import { intAt, setIntAt } from "../bytes/int_list.ts";
import { FOUND_FIELDS, leafCount, scanObject } from "./object_scanner.ts";
import {
  failedAt,
  failedPart,
  fieldsOf,
  fitsTemplate,
  hitsOf,
  learnTemplate,
  matchFour,
  matchTemplate,
  setHits,
  sharedParts,
  TEMPLATE_BYTES,
} from "./template.ts";

const TEMPLATES_MAX: i32 = 8;
/** Learning costs a credit, so it stops when it does not pay. */
const CREDIT_MAX: i32 = 32;
/** Misses that bring one credit back. */
const MISSES_PER_CREDIT: i32 = 1024;
/** After so many misses in a row the templates have a rest. */
const MISSES_MAX: i32 = 64;
const REST_RECORDS: i32 = 2048;

/** Most records that are scanned one by one behind four that were not alike. */
const SINGLES_MAX: i32 = 64;

const TEMPLATES: usize = memory.data(131072, 16);

/** At `8 * i + j`: parts that the templates i and j have in common. */
const SHARED: usize = memory.data(256, 16);

let templateCount: i32 = 0;
/** The template that matched last. */
let current: i32 = 0;
let missesInRow: i32 = 0;
let restRecords: i32 = 0;
let misses: i32 = 0;
let credit: i32 = CREDIT_MAX;
/** Records that are still scanned one by one, and how many will be next time. */
let singles: i32 = 0;
let nextSingles: i32 = 1;

/**
 * Scans a record of a stream that comes from few producers: keeps the layouts
 * of recent records and compares what is constant in them, and looks at all of
 * it only where none fits. Returns the list of the fields' leaves, 0 when the
 * record may be no JSON object.
 */
export function scanRecord(start: i32, end: i32): usize {
  if (restRecords > 0) {
    restRecords--;
    return scanObject(start, end) ? FOUND_FIELDS : 0;
  }
  const template = matchAny(start, end);
  if (template !== 0) {
    setHits(template, hitsOf(template) + 1);
    missesInRow = 0;
    return fieldsOf(template);
  }
  if (!scanObject(start, end)) return 0;
  noteMiss(start, end);
  return FOUND_FIELDS;
}

/**
 * Scans four records together when all are like the last one. Returns the list
 * of the fields' leaves; 0 when each is to be scanned by itself.
 */
export function scanFour(starts: usize, ends: usize): usize {
  if (templateCount === 0 || restRecords > 0) return 0;
  if (singles > 0) {
    singles--;
    return 0;
  }
  const template = templateAt(current);
  if (!matchFour(template, starts, ends)) {
    singles = nextSingles;
    nextSingles = min(SINGLES_MAX, 2 * nextSingles);
    return 0;
  }
  nextSingles = 1;
  setHits(template, hitsOf(template) + 4);
  missesInRow = 0;
  return fieldsOf(template);
}

function templateAt(index: i32): usize {
  return TEMPLATES + <usize>index * TEMPLATE_BYTES;
}

function matchAny(start: i32, end: i32): usize {
  if (templateCount === 0) return 0;
  let failed = current;
  let template = templateAt(failed);
  if (matchTemplate(template, start, end, 0)) return template;
  // The others need a look only from where this one failed, and only those
  // that are the same up to there.
  for (let index = 0; index < templateCount; index++) {
    if (index === failed) continue;
    if (intAt(SHARED, 8 * failed + index) < failedPart) continue;
    failed = index;
    template = templateAt(index);
    if (matchTemplate(template, failedAt, end, failedPart)) {
      current = index;
      return template;
    }
  }
  return 0;
}

function noteMiss(start: i32, end: i32): void {
  if (++misses % MISSES_PER_CREDIT === 0) credit = min(CREDIT_MAX, credit + 1);
  if (++missesInRow >= MISSES_MAX) {
    missesInRow = 0;
    restRecords = REST_RECORDS;
  }
  if (credit === 0 || !fitsTemplate(end - start, leafCount)) return;
  credit--;
  learn(start, end);
}

/** Keeps a template, in the place of the least used one if need be. */
function learn(start: i32, end: i32): void {
  const isFull = templateCount === TEMPLATES_MAX;
  const place = isFull ? leastUsed() : templateCount;
  learnTemplate(templateAt(place), start, end);
  if (!isFull) templateCount++;
  current = place;
  for (let i = 0; i < templateCount; i++) {
    for (let j = 0; j < templateCount; j++) {
      const shared = sharedParts(templateAt(i), templateAt(j));
      setIntAt(SHARED, 8 * i + j, shared);
    }
  }
}

/** The template with the fewest hits; those of the others count half now. */
function leastUsed(): i32 {
  let place = 0;
  for (let index = 1; index < templateCount; index++) {
    if (hitsOf(templateAt(index)) < hitsOf(templateAt(place))) place = index;
  }
  for (let index = 0; index < templateCount; index++) {
    setHits(templateAt(index), hitsOf(templateAt(index)) >>> 1);
  }
  return place;
}
