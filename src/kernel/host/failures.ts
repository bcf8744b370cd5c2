import * as codes from "../codes.ts";

type Codes = typeof codes;
type FailCode = Codes[Extract<keyof Codes, `FAIL_${string}`>];

/** Why the kernel gave up, by what it says in `failure`. */
const FAILURES: Readonly<Record<FailCode, string>> = {
  [codes.FAIL_UNREACHABLE]: "it has reached a place that none can reach",
  [codes.FAIL_NO_MEMORY]:
    "a shard has no more memory for windows; it can hold 4 GiB, and what the system gives: use more --workers, or a shorter --gap or --allowed-lateness",
  [codes.FAIL_FREED_TWICE]: "a block of memory was freed twice",
  [codes.FAIL_KEY_NOT_IN_TABLE]: "a session is not in the table of its key",
  [codes.FAIL_MORE_FIRED]: "more visits fired than came in",
  [codes.FAIL_MORE_FORGOTTEN]: "more sessions are gone than were opened",
  [codes.FAIL_BEHIND_WHEEL]: "a deadline is behind the wheel",
  [codes.FAIL_PAGES_DO_NOT_ADD_UP]: "the lengths of sorted pages do not add up",
  [codes.FAIL_UNKNOWN_CLOSE_REASON]:
    "a session was fired for a reason that has no name",
};

/** The sentence for what the kernel says in `failure`. */
export function failureSentence(code: number): string {
  const sentences: Readonly<Record<number, string>> = FAILURES;
  return sentences[code] ?? `it has failed with the unknown code ${code}`;
}
