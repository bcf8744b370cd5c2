import type { RunView } from "../../observe/run_view.ts";
import type { Metrics } from "../metrics/metrics.ts";
import type { Samples } from "../samples.ts";

/** What the routes answer from. */
export interface AdminWorld {
  readonly view: RunView;
  readonly samples: Samples;
  readonly metrics: Metrics;
}
