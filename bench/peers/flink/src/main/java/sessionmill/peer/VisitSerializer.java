package sessionmill.peer;

import java.io.IOException;
import org.apache.flink.api.common.typeutils.SimpleTypeSerializerSnapshot;
import org.apache.flink.api.common.typeutils.TypeSerializer;
import org.apache.flink.api.common.typeutils.TypeSerializerSnapshot;
import org.apache.flink.core.memory.DataInputView;
import org.apache.flink.core.memory.DataOutputView;

/** Carries visits from the source's threads to the windows' threads, without a string. */
final class VisitSerializer extends TypeSerializer<Visit> {
  /** How Flink finds the serializer again. */
  public static final class Snapshot extends SimpleTypeSerializerSnapshot<Visit> {
    public Snapshot() {
      super(VisitSerializer::new);
    }
  }

  /** Reads into this, for the same reason that {@link Visit} is reused. */
  private transient Visit reused;

  @Override
  public void serialize(Visit visit, DataOutputView target) throws IOException {
    target.writeLong(visit.timestampMs);
    VisitIdSerializer.INSTANCE.serialize(visit.id, target);
    target.writeShort(visit.userId.length);
    target.write(visit.userId);
    target.writeInt(visit.entryLength);
    target.write(visit.entry, 0, visit.entryLength);
  }

  @Override
  public Visit deserialize(DataInputView source) throws IOException {
    if (reused == null) reused = new Visit();
    return deserialize(reused, source);
  }

  @Override
  public Visit deserialize(Visit visit, DataInputView source) throws IOException {
    visit.timestampMs = source.readLong();
    visit.id = VisitIdSerializer.INSTANCE.deserialize(source);
    visit.userId = new byte[source.readUnsignedShort()];
    source.readFully(visit.userId);
    visit.entryLength = source.readInt();
    if (visit.entry.length < visit.entryLength) visit.entry = new byte[2 * visit.entryLength];
    source.readFully(visit.entry, 0, visit.entryLength);
    return visit;
  }

  @Override
  public void copy(DataInputView source, DataOutputView target) throws IOException {
    serialize(deserialize(source), target);
  }

  @Override
  public Visit copy(Visit from) {
    Visit to = new Visit();
    to.id = from.id;
    to.timestampMs = from.timestampMs;
    to.userId = from.userId;
    to.entry = from.entry.clone();
    to.entryLength = from.entryLength;
    return to;
  }

  @Override
  public Visit copy(Visit from, Visit reuse) {
    return copy(from);
  }

  @Override
  public TypeSerializer<Visit> duplicate() {
    return new VisitSerializer();
  }

  @Override
  public Visit createInstance() {
    return new Visit();
  }

  @Override
  public boolean isImmutableType() {
    return false;
  }

  @Override
  public int getLength() {
    return -1;
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof VisitSerializer;
  }

  @Override
  public int hashCode() {
    return VisitSerializer.class.hashCode();
  }

  @Override
  public TypeSerializerSnapshot<Visit> snapshotConfiguration() {
    return new Snapshot();
  }
}
