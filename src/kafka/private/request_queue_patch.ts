import requestQueue from "kafkajs/src/network/requestQueue/index.js";

// Why this private module, of kafkajs 2.2.4 exactly: after every answer its
// request queue sets a timer to look for waiting requests, also when none
// waits, for a moment long past. Node warns of that on stderr, and the timer
// sets itself again: each connection wakes up a thousand times a second.
const { prototype } = requestQueue as {
  prototype: RequestQueue;
};

interface RequestQueue {
  readonly pending: readonly unknown[];
  scheduleCheckPendingRequests(): void;
}

const stockSchedule = prototype.scheduleCheckPendingRequests;

prototype.scheduleCheckPendingRequests = function scheduleCheckPendingRequests(
  this: RequestQueue,
): void {
  if (this.pending.length > 0) stockSchedule.call(this);
};
