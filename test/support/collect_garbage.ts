import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";

setFlagsFromString("--expose-gc");

/** Has V8 collect all that nobody holds: what is counted behind it is held. */
export const collectGarbage: () => void = runInNewContext("gc");
