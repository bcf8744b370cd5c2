package sessionmill.peer;

import org.apache.flink.streaming.api.windowing.triggers.Trigger;
import org.apache.flink.streaming.api.windowing.triggers.TriggerResult;
import org.apache.flink.streaming.api.windowing.windows.TimeWindow;

/**
 * Flink's EventTimeTrigger with one registration for a visit in place of two: after a merge Flink
 * calls onElement for the merged window anyway.
 */
final class SessionTrigger extends Trigger<Visit, TimeWindow> {
  @Override
  public TriggerResult onElement(Visit visit, long timestamp, TimeWindow window, TriggerContext at)
      throws Exception {
    if (window.maxTimestamp() <= at.getCurrentWatermark()) return TriggerResult.FIRE;
    at.registerEventTimeTimer(window.maxTimestamp());
    return TriggerResult.CONTINUE;
  }

  @Override
  public TriggerResult onEventTime(long time, TimeWindow window, TriggerContext at) {
    return time == window.maxTimestamp() ? TriggerResult.FIRE : TriggerResult.CONTINUE;
  }

  @Override
  public TriggerResult onProcessingTime(long time, TimeWindow window, TriggerContext at) {
    return TriggerResult.CONTINUE;
  }

  @Override
  public void clear(TimeWindow window, TriggerContext at) throws Exception {
    at.deleteEventTimeTimer(window.maxTimestamp());
  }

  @Override
  public boolean canMerge() {
    return true;
  }

  @Override
  public void onMerge(TimeWindow window, OnMergeContext at) {}
}
