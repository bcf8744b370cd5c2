import { textBytesOf, visitTextBytes } from "../session/page_text.ts";

/*
 * The bound on one session, so that one visit_id cannot take the memory of all
 * others.
 */
const BYTES_MAX: usize = memory.data(4, 16);

/** Sets how many bytes the pages of a session may take as JSON. */
export function setSessionBytes(bytesMax: f64): void {
  store<u32>(BYTES_MAX, <u32>bytesMax);
}

/** Whether the current visit has room in a session, or two joined, or 0 for none. */
export function hasRoom(session: usize, joined: usize): bool {
  let bytes = <u32>visitTextBytes();
  if (session !== 0) bytes += textBytesOf(session);
  if (joined !== 0) bytes += textBytesOf(joined);
  return bytes <= load<u32>(BYTES_MAX);
}
