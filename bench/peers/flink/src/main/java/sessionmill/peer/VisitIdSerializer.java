package sessionmill.peer;

import java.io.IOException;
import org.apache.flink.api.common.typeutils.SimpleTypeSerializerSnapshot;
import org.apache.flink.api.common.typeutils.TypeSerializerSnapshot;
import org.apache.flink.api.common.typeutils.base.TypeSerializerSingleton;
import org.apache.flink.core.memory.DataInputView;
import org.apache.flink.core.memory.DataOutputView;

/** Writes a key as its length and its bytes. */
final class VisitIdSerializer extends TypeSerializerSingleton<VisitId> {
  static final VisitIdSerializer INSTANCE = new VisitIdSerializer();

  /** How Flink finds the serializer again. */
  public static final class Snapshot extends SimpleTypeSerializerSnapshot<VisitId> {
    public Snapshot() {
      super(() -> INSTANCE);
    }
  }

  @Override
  public void serialize(VisitId id, DataOutputView target) throws IOException {
    target.writeShort(id.bytes.length);
    target.write(id.bytes);
  }

  @Override
  public VisitId deserialize(DataInputView source) throws IOException {
    byte[] bytes = new byte[source.readUnsignedShort()];
    source.readFully(bytes);
    return new VisitId(bytes);
  }

  @Override
  public VisitId deserialize(VisitId reuse, DataInputView source) throws IOException {
    return deserialize(source);
  }

  @Override
  public void copy(DataInputView source, DataOutputView target) throws IOException {
    serialize(deserialize(source), target);
  }

  @Override
  public VisitId copy(VisitId from) {
    return from;
  }

  @Override
  public VisitId copy(VisitId from, VisitId reuse) {
    return from;
  }

  @Override
  public VisitId createInstance() {
    return new VisitId(new byte[0]);
  }

  @Override
  public boolean isImmutableType() {
    return true;
  }

  @Override
  public int getLength() {
    return -1;
  }

  @Override
  public TypeSerializerSnapshot<VisitId> snapshotConfiguration() {
    return new Snapshot();
  }
}
