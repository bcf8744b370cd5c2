"""Sessions of a file of visits by chDB: VISITS, SESSIONS, gap in seconds."""

import sys

import chdb

visits, sessions, gap = sys.argv[1:]

# One pass of simdjson over each line takes half the CPU of the format
# JSONEachRow, which looks at every member. No window function: each visitor's
# visits are gathered, sorted and split at the gaps as arrays.
chdb.query(
    f"""
INSERT INTO FUNCTION file('{sessions}', JSONEachRow)
SELECT
    visit_id,
    pages[1].2 AS start_time,
    pages[-1].2 AS end_time,
    toUInt32(length(pages)) AS visits,
    CAST(
        arrayMap(p -> (p.2, p.3), pages),
        'Array(Tuple(event_time String, page String))'
    ) AS visited_pages
FROM (
    SELECT
        visit_id,
        arrayJoin(
            arraySplit((p, pause) -> pause > {gap}, p, arrayDifference(p.1))
        ) AS pages
    FROM (
        SELECT
            visit.1 AS visit_id,
            arraySort(groupArray((
                toUnixTimestamp(parseDateTimeBestEffort(visit.2)),
                visit.2,
                visit.3
            ))) AS p
        FROM (
            SELECT JSONExtract(
                line,
                'Tuple(visit_id String, event_time String, page String)'
            ) AS visit
            FROM file('{visits}', LineAsString, 'line String')
        )
        GROUP BY visit_id
    )
)
SETTINGS
    output_format_json_named_tuples_as_objects = 1,
    engine_file_truncate_on_insert = 1
"""
)
