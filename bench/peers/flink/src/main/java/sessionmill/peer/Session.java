package sessionmill.peer;

/** A session as it goes to the sink. */
record Session(byte[] key, byte[] value) {}
