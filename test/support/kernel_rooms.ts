/** The rooms of the kernel, from its TypeScript side to its ground. */
export const KERNEL_ROOMS = [
  {
    path: "src/kernel/host",
    does: "the kernel's TypeScript side, and its compiled form",
    knows: [],
    isPure: true,
  },
  {
    path: "src/kernel",
    does: "the kernel in AssemblyScript: what TypeScript may call, and the turns between rules and output",
    knows: [
      "src/kernel/output",
      "src/kernel/rules",
      "src/kernel/scan",
      "src/kernel/text",
      "src/kernel/index",
      "src/kernel/rows",
      "src/kernel/memory",
    ],
    isPure: true,
  },
  {
    path: "src/kernel/output",
    does: "sessions as Kafka record batches",
    knows: ["src/kernel/text", "src/kernel/memory", "src/kernel/bytes"],
    isPure: true,
  },
  {
    path: "src/kernel/rules",
    does: "the rules of session windows: visits, merges, firings, forgetting",
    knows: [
      "src/kernel/text",
      "src/kernel/index",
      "src/kernel/session",
      "src/kernel/rows",
      "src/kernel/memory",
      "src/kernel/bytes",
    ],
    isPure: true,
  },
  {
    path: "src/kernel/text",
    does: "a session as JSON",
    knows: ["src/kernel/session", "src/kernel/memory", "src/kernel/bytes"],
    isPure: true,
  },
  {
    path: "src/kernel/index",
    does: "sessions by key and by deadline",
    knows: [
      "src/kernel/session",
      "src/kernel/rows",
      "src/kernel/memory",
      "src/kernel/bytes",
    ],
    isPure: true,
  },
  {
    path: "src/kernel/session",
    does: "what a session is in memory",
    knows: ["src/kernel/rows", "src/kernel/memory", "src/kernel/bytes"],
    isPure: true,
  },
  {
    path: "src/kernel/scan",
    does: "Kafka records and JSON: visits into rows, records to shards",
    knows: ["src/kernel/rows", "src/kernel/memory", "src/kernel/bytes"],
    isPure: true,
  },
  {
    path: "src/kernel/rows",
    does: "the records being read and the rows they become",
    knows: ["src/kernel/memory", "src/kernel/bytes"],
    isPure: true,
  },
  {
    path: "src/kernel/memory",
    does: "blocks of memory; giving up",
    knows: [],
    isPure: true,
  },
  {
    path: "src/kernel/bytes",
    does: "texts and numbers as bytes",
    knows: [],
    isPure: true,
  },
] as const;
