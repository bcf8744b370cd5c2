"""Sessions of a file of visits by Polars: VISITS, SESSIONS, gap in seconds."""

import sys

import polars as pl

visits, sessions, gap = sys.argv[1:]

columns = {"visit_id": pl.String, "event_time": pl.String, "page": pl.String}
begins = (pl.col("visit_id") != pl.col("visit_id").shift()) | (
    pl.col("seconds") - pl.col("seconds").shift() > int(gap)
)
(
    pl.scan_ndjson(visits, schema=columns)
    .with_columns(
        seconds=pl.col("event_time")
        .str.to_datetime("%Y-%m-%dT%H:%M:%S%z", time_unit="ms")
        .dt.epoch("s")
    )
    .sort("visit_id", "seconds")
    .with_columns(session=begins.fill_null(True).cum_sum())
    .group_by("session")
    .agg(
        pl.col("visit_id").first(),
        start_time=pl.col("event_time").first(),
        end_time=pl.col("event_time").last(),
        visits=pl.len(),
        visited_pages=pl.struct("event_time", "page"),
    )
    .drop("session")
    .sink_ndjson(sessions, engine="streaming")
)
