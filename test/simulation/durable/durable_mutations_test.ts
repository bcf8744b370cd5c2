import { testMutations } from "../mutations.ts";
import { DURABLE_MUTATIONS } from "./durable_mutations.ts";
import { runSeed } from "./run_seed.ts";

testMutations(DURABLE_MUTATIONS, { seeds: 1_000, runSeed });
