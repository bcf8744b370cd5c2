"""Sessions of a file of visits by DuckDB: VISITS, SESSIONS, gap in seconds."""

import sys

import duckdb

visits, sessions, gap = sys.argv[1:]

# Sorting lists of structs once is cheaper than an ordered aggregate.
duckdb.execute("SET preserve_insertion_order = false")
duckdb.execute(
    f"""
COPY (
    WITH visits AS (
        SELECT
            visit_id,
            event_time,
            page,
            epoch(event_time::TIMESTAMPTZ)::BIGINT AS seconds
        FROM read_json(
            '{visits}',
            format = 'newline_delimited',
            columns = {{
                visit_id: 'VARCHAR', event_time: 'VARCHAR', page: 'VARCHAR'
            }}
        )
    ),
    marked AS (
        SELECT *, seconds - lag(seconds) OVER by_time > {gap} AS begins
        FROM visits
        WINDOW by_time AS (PARTITION BY visit_id ORDER BY seconds)
    ),
    numbered AS (
        SELECT *, count(*) FILTER (begins) OVER by_time AS session
        FROM marked
        WINDOW by_time AS (
            PARTITION BY visit_id ORDER BY seconds ROWS UNBOUNDED PRECEDING
        )
    )
    SELECT
        visit_id,
        min(event_time) AS start_time,
        max(event_time) AS end_time,
        count(*) AS visits,
        list_sort(list({{event_time: event_time, page: page}}))
            AS visited_pages
    FROM numbered
    GROUP BY visit_id, session
) TO '{sessions}' (FORMAT json)
"""
)
