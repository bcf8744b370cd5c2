import type { Room } from "./rooms.ts";
import type { SourceFile } from "./source_files.ts";

/** What of a source file the fences look at. */
export type FencedFile = Pick<SourceFile, "path" | "imports">;

/** The room that a file belongs to; undefined when it has none. */
export function roomOf(path: string, rooms: readonly Room[]): Room | undefined {
  const homes = rooms.filter(
    (room) => path === room.path || path.startsWith(`${room.path}/`),
  );
  return homes.sort((a, b) => b.path.length - a.path.length)[0];
}

/** Each thing that is wrong with the rooms, or with what the files import. */
export function fenceFaults(
  rooms: readonly Room[],
  files: readonly FencedFile[],
): string[] {
  const faults = rooms.flatMap((room, place) =>
    orderFaults(room, place, rooms),
  );
  const used = new Set<string>();
  for (const { path, imports } of files) {
    const room = roomOf(path, rooms);
    if (room === undefined) {
      faults.push(`${path} is in no room`);
      continue;
    }
    for (const name of imports) {
      const target = targetOf(name, rooms);
      used.add(`${room.path} ${target}`);
      if (!isAllowed(room, target)) faults.push(`${path} imports ${name}`);
    }
  }
  return [...faults, ...rooms.flatMap((room) => unusedEntries(room, used))];
}

/** A room may only know rooms below it, so no circle of them is possible. */
function orderFaults(
  room: Room,
  place: number,
  rooms: readonly Room[],
): string[] {
  return room.knows
    .filter((name) => rooms.findIndex(({ path }) => path === name) <= place)
    .map((name) => `${room.path} knows ${name}, which is not below it`);
}

/** The room, the package or Node's module that an import names. */
function targetOf(name: string, rooms: readonly Room[]): string {
  const room = roomOf(name, rooms);
  if (room !== undefined) return room.path;
  if (name.startsWith("node:")) return name;
  const parts = name.split("/");
  return name.startsWith("@") ? parts.slice(0, 2).join("/") : parts[0]!;
}

function isAllowed(room: Room, target: string): boolean {
  if (target === room.path) return true;
  const isListed =
    room.knows.includes(target) || room.packages?.includes(target) === true;
  // Threads are few, and who makes or is one says so.
  if (target === "node:worker_threads") return isListed;
  if (target.startsWith("node:")) {
    return room.isPure !== true || target === "node:buffer";
  }
  return isListed;
}

function unusedEntries(room: Room, used: ReadonlySet<string>): string[] {
  return [...room.knows, ...(room.packages ?? [])]
    .filter((name) => !used.has(`${room.path} ${name}`))
    .map((name) => `${room.path} may know ${name}, and does not`);
}

/** The rooms as the table of ARCHITECTURE.md. */
export function roomsTable(rooms: readonly Room[]): string {
  const rows = rooms.map(({ path, does, knows, packages = [] }) => {
    const names = [...knows.map((name) => name.replace(/^src\//, ""))];
    const known = [...names, ...packages.map((name) => `*${name}*`)];
    return `| \`${path}\` | ${does} | ${known.join(", ") || "nothing"} |`;
  });
  return [
    "| room | what it is for | may know |",
    "|---|---|---|",
    ...rows,
  ].join("\n");
}
