import { LOAD_OPTIONS } from "../../config/load_options.ts";
import type { CommandDefinition } from "../command.ts";
import { settingsOf } from "./help_texts.ts";

/** `sessionmill load`. */
export const LOAD_COMMAND: CommandDefinition<typeof LOAD_OPTIONS> = {
  name: "load",
  summary: "load a running job at fixed rates, and measure it",
  argument: null,
  options: LOAD_OPTIONS,
  footer: `
The load is open: visit n is due n / rate after the start, whatever became of
those before, and each latency counts from then. A load that waits for the job
would leave out the visits it should have sent meanwhile (coordinated omission).
  send         due to sent: how late the load itself is
  acknowledge  due to acknowledged by the topic
  close        from when the visit was due that closes a session, by the clocks
               of all partitions, to the append of the session in its topic; to
               its sending where message.timestamp.type there is CreateTime
  read         the same to its arrival at a reader with read_committed
  job …        what the job measures itself (see its /latency), with --admin: of
               its whole intervals of 5 s that begin while it is measured and
               are over in the end, so that counts differ; JSON has their times
Times of other hosts are as good as their clocks.

The job must read --to and write --sessions already. --admin tells its rules;
else --gap and --out-of-orderness must be those of the job. Event time begins
behind what the topic holds, and goes on by hours: a topic with visits of
others, such as those of generate, is refused, and a load ends with exit code 1
when they come while it runs. Its own visit_ids begin with "load-"; loads one
after the other may share a topic. It says so when the load, not the job, was
the limit.

Ctrl-C ends it with exit code 0 and what was measured until then, marked as
stopped early ("stoppedEarly" in JSON, where "leftOut" has the rates of which
nothing was measured).
${settingsOf(LOAD_OPTIONS)}

Examples:
  sessionmill load --brokers kafka1:9092 --rate 10k,50k,100k
  sessionmill load --rate 50k --duration 5m --admin http://127.0.0.1:9464
  sessionmill load --rate 20k --histograms out --plot load.html --json
`,
  async act(call) {
    const { loadJob } = await import("../load_job.ts");
    return await loadJob(call);
  },
};
