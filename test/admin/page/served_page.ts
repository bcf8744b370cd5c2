import type { TestContext } from "node:test";
import type { Page } from "playwright-core";
import type { ServeOptions } from "../../../src/admin/admin_options.ts";
import type { RunView } from "../../../src/observe/run_view.ts";
import { servedAdmin } from "../served_admin.ts";
import { type OpenedPageOptions, openPage } from "./browser.ts";
import { MovingRun } from "./moving_run.ts";

/** What a test wants otherwise. */
export interface ServedPageOptions extends OpenedPageOptions {
  readonly view?: RunView;
  readonly serve?: Partial<ServeOptions>;
  /** Behind the `#` of the address. */
  readonly hash?: string;
}

/** The page of a run, in a browser, with its first numbers. */
export async function servedPage(
  t: TestContext,
  options: ServedPageOptions = {},
): Promise<Page> {
  const { view = new MovingRun(), serve = {}, hash = "", ...others } = options;
  const { url } = await servedAdmin(t, view, serve);
  const page = await openPage(t, `${url}/${hash}`, others);
  await page.locator("#main").waitFor();
  return page;
}
