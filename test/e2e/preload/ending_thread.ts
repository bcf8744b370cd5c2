import process from "node:process";
import { inLaterTask } from "./in_later_task.ts";

/** Ends a shard's thread, as a fault below JavaScript would. */
inLaterTask(() => process.exit(1));
