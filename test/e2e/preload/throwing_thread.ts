import { inLaterTask } from "./in_later_task.ts";

/** Throws in a shard's task, as a defect would. */
inLaterTask(() => {
  throw new Error("the thread is broken");
});
