import type {
  WindowParameters,
  WindowStore,
} from "../../src/window/window_store.ts";
import { PlainStore } from "../plain/plain_store.ts";
import { VerifiedStore } from "./verified_store.ts";

/** Every store that must obey the window rules. */
export const WINDOW_STORES: readonly {
  readonly name: string;
  create(parameters: WindowParameters): WindowStore;
}[] = [
  { name: "PlainStore", create: (parameters) => new PlainStore(parameters) },
  {
    name: "KernelStore",
    create: (parameters) => new VerifiedStore(parameters),
  },
];
