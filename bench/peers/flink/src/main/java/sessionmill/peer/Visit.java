package sessionmill.peer;

/**
 * A visit on its way to its window. One instance is filled anew for each record: with object reuse
 * on, Flink hands every record on before the next one is read.
 */
final class Visit {
  VisitId id;
  long timestampMs;
  byte[] userId;
  /** What the session keeps of the visit, see {@link Pages}. */
  byte[] entry = new byte[256];
  int entryLength;
}
