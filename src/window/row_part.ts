/**
 * Visits of one partition that a shard owns, as rows one behind the other: see
 * `ROW_HEADER_BYTES`.
 */
export interface RowPart {
  readonly partition: number;
  /** Where the rows are. */
  readonly memory: SharedArrayBuffer;
  readonly at: number;
  readonly byteLength: number;
  readonly count: number;
  /** Where the rows' records are; null when nobody may ask for them. */
  readonly records: SharedArrayBuffer | null;
}

/**
 * Such parts one behind the other, as they travel: a message takes its time for
 * each object, and most for each memory that it names.
 */
export interface RowParts {
  /**
   * Six numbers each: partition, index of the memory of its rows, where they
   * begin in it, their bytes, how many they are, and index of the memory of their
   * records or -1.
   */
  readonly places: Int32Array;
  readonly memories: readonly SharedArrayBuffer[];
}

const PLACE_FIELDS = 6;
/** Numbers that the answer of a scan has for each group of rows. */
const GROUP_FIELDS = 4;

/** Rows of one shard among those that a scan has written. */
export type RowGroup = Pick<RowPart, "at" | "byteLength" | "count"> & {
  readonly shard: number;
};

/** The groups of a scan's answer: see `ScanAnswer`. */
export function rowGroups(groups: Int32Array): RowGroup[] {
  const count = groups.length / GROUP_FIELDS;
  return Array.from({ length: count }, (_, group) => {
    const first = group * GROUP_FIELDS;
    return {
      shard: groups[first]!,
      at: groups[first + 1]!,
      byteLength: groups[first + 2]!,
      count: groups[first + 3]!,
    };
  });
}

/** No rows at all. */
export const NO_ROWS: RowParts = { places: new Int32Array(0), memories: [] };

/** Number of parts. */
export function countRowParts({ places }: RowParts): number {
  return places.length / PLACE_FIELDS;
}

/** The parts in the form in which they travel. */
export function packRowParts(parts: readonly RowPart[]): RowParts {
  if (parts.length === 0) return NO_ROWS;
  const places = new Int32Array(parts.length * PLACE_FIELDS);
  const memories: SharedArrayBuffer[] = [];
  const indexOf = (memory: SharedArrayBuffer) => {
    // Those of a chunk follow each other.
    const index = memories.lastIndexOf(memory);
    return index < 0 ? memories.push(memory) - 1 : index;
  };
  let at = 0;
  for (const part of parts) {
    const { records } = part;
    places[at++] = part.partition;
    places[at++] = indexOf(part.memory);
    places[at++] = part.at;
    places[at++] = part.byteLength;
    places[at++] = part.count;
    places[at++] = records === null ? -1 : indexOf(records);
  }
  return { places, memories };
}

/** The part at an index. */
export function rowPartAt(
  { places, memories }: RowParts,
  index: number,
): RowPart {
  const first = index * PLACE_FIELDS;
  const recordsIndex = places[first + 5]!;
  return {
    partition: places[first]!,
    memory: memories[places[first + 1]!]!,
    at: places[first + 2]!,
    byteLength: places[first + 3]!,
    count: places[first + 4]!,
    records: recordsIndex < 0 ? null : memories[recordsIndex]!,
  };
}
