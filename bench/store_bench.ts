import { benchLog } from "./support/log_case.ts";
import { benchOpen, benchStream } from "./support/store_cases.ts";

// Arguments: visits of the stream, sessions that are open at once, active
// visitors, sessions that go into a window log and come back.

const [
  streamVisits = "3000000",
  openSessions = "100000",
  active = "50000",
  loggedSessions = "200000",
] = process.argv.slice(2);
if (Number(streamVisits) > 0)
  show(benchStream(Number(streamVisits), Number(active)));
if (Number(openSessions) > 0) show(benchOpen(Number(openSessions), 20));
if (Number(loggedSessions) > 0) {
  show(benchLog(Number(loggedSessions), 20, Number(loggedSessions) / 4));
}

function show(figures: Record<string, number>): void {
  for (const [name, value] of Object.entries(figures)) {
    process.stdout.write(
      `${name.padEnd(34)}${value.toFixed(3).padStart(14)}\n`,
    );
  }
}
