import { benchOpen, benchStream } from "./support/store_cases.ts";

// Arguments: visits of the stream, sessions that are open at once, active visitors.

const [streamVisits = "3000000", openSessions = "100000", active = "50000"] =
  process.argv.slice(2);
if (Number(streamVisits) > 0)
  show(benchStream(Number(streamVisits), Number(active)));
if (Number(openSessions) > 0) show(benchOpen(Number(openSessions), 20));

function show(figures: Record<string, number>): void {
  for (const [name, value] of Object.entries(figures)) {
    process.stdout.write(
      `${name.padEnd(34)}${value.toFixed(3).padStart(14)}\n`,
    );
  }
}
