"""Runs one command, and prints its time, memory and exit status as JSON. Used by measure.py.

A process of its own, because Linux counts the memory that a process had before `exec` as its
own: started from the benchmark itself, every child would seem as large as the benchmark.
"""

import json
import os
import subprocess
import sys
import time


def main(command: list[str]) -> None:
    started = time.perf_counter()
    process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
    # wait4 and not getrusage(RUSAGE_CHILDREN): of this child and its own children alone.
    _, status, usage = os.wait4(process.pid, 0)
    seconds = time.perf_counter() - started
    process.returncode = os.waitstatus_to_exitcode(status)
    peak = usage.ru_maxrss if sys.platform == "darwin" else usage.ru_maxrss * 1024
    print(json.dumps({"seconds": seconds, "peak": peak, "status": process.returncode}))


main(sys.argv[1:])
