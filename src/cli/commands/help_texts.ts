/** What can stand for a source and for a sink. */
export const PLACES = `
SRC is generator, file:PATH, - (stdin, JSON lines) or kafka:TOPIC. A FIFO ends
when its last writer closes it.
SINK is - (stdout), file:PATH, null or kafka:TOPIC.`;

/** Where else than in a flag an option can be set. */
export const PRECEDENCE = `
Every option can also be set as SESSIONMILL_<NAME> in the environment or as a
line of --config FILE. Flags win over the environment, that over the file.`;
