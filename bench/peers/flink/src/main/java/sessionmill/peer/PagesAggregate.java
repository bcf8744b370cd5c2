package sessionmill.peer;

import org.apache.flink.api.common.functions.AggregateFunction;

/** Collects a session's visits as they come, in place. */
final class PagesAggregate implements AggregateFunction<Visit, Pages, Pages> {
  @Override
  public Pages createAccumulator() {
    return new Pages();
  }

  @Override
  public Pages add(Visit visit, Pages pages) {
    pages.add(visit);
    return pages;
  }

  @Override
  public Pages getResult(Pages pages) {
    return pages;
  }

  @Override
  public Pages merge(Pages a, Pages b) {
    return a.addAll(b);
  }
}
