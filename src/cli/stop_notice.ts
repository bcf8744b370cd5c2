import type { Logger } from "../observe/logger.ts";
import type { World } from "./world.ts";

/** How often is looked whether something keeps the process from its end, ms. */
const LOOK_MS = 200;

/** Says, once the job is to stop, whom it waits for before it can. */
export function tellOfWaits(
  { stopSignal, waitsFor }: Pick<World, "stopSignal" | "waitsFor">,
  log: Pick<Logger, "info">,
): void {
  if (waitsFor === undefined) return;
  let told: string | null = null;
  const look = () => {
    const taker = waitsFor();
    if (taker === null || taker === told) return;
    told = taker;
    log.info(`stopping: waiting for ${taker}`);
  };
  const watch = () => setInterval(look, LOOK_MS).unref();
  if (stopSignal.aborted) watch();
  else stopSignal.addEventListener("abort", watch, { once: true });
}
