"""Runs a command to its end and prints what it took, as JSON.

Its peak of memory is its own: a child starts with the peak of its parent, and
this one is small.
"""

import json
import resource
import subprocess
import sys
import time

started = time.perf_counter()
subprocess.run(sys.argv[1:], stdout=subprocess.DEVNULL, check=True)
wall = time.perf_counter() - started
usage = resource.getrusage(resource.RUSAGE_CHILDREN)
unit = 1 if sys.platform == "darwin" else 1024
print(
    json.dumps(
        {
            "wallSeconds": wall,
            "cpuSeconds": usage.ru_utime + usage.ru_stime,
            "peakRssBytes": usage.ru_maxrss * unit,
        }
    )
)
