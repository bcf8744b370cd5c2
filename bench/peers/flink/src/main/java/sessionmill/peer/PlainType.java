package sessionmill.peer;

import java.util.function.Supplier;
import java.io.Serializable;
import org.apache.flink.api.common.serialization.SerializerConfig;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.api.common.typeutils.TypeSerializer;

/** Tells Flink to use a serializer of ours for a class. */
final class PlainType<T> extends TypeInformation<T> {
  /** A supplier that can travel with the job. */
  interface SerializerSupplier<T> extends Supplier<TypeSerializer<T>>, Serializable {}

  static final PlainType<Visit> VISIT = new PlainType<>(Visit.class, VisitSerializer::new);
  static final PlainType<VisitId> VISIT_ID =
      new PlainType<>(VisitId.class, () -> VisitIdSerializer.INSTANCE);

  private final Class<T> type;
  private final SerializerSupplier<T> serializer;

  private PlainType(Class<T> type, SerializerSupplier<T> serializer) {
    this.type = type;
    this.serializer = serializer;
  }

  @Override
  public TypeSerializer<T> createSerializer(SerializerConfig config) {
    return serializer.get();
  }

  @Override
  public Class<T> getTypeClass() {
    return type;
  }

  @Override
  public boolean isBasicType() {
    return false;
  }

  @Override
  public boolean isTupleType() {
    return false;
  }

  @Override
  public boolean isKeyType() {
    return true;
  }

  @Override
  public int getArity() {
    return 1;
  }

  @Override
  public int getTotalFields() {
    return 1;
  }

  @Override
  public String toString() {
    return type.getSimpleName();
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof PlainType<?> that && type == that.type;
  }

  @Override
  public int hashCode() {
    return type.hashCode();
  }

  @Override
  public boolean canEqual(Object other) {
    return other instanceof PlainType;
  }
}
