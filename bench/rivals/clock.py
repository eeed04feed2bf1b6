"""CPU time as our side takes it: calls until 0.2 seconds have passed, their mean."""

import time


def mean_seconds(work):
    """Seconds of one call, and what the last one returned."""
    begin, calls, passed = time.process_time(), 0, 0.0
    while passed < 0.2:
        result = work()
        calls += 1
        passed = time.process_time() - begin
    return passed / calls, result


def timed(workload, units, work):
    """Prints the time of one of so many units; returns the result."""
    seconds, result = mean_seconds(work)
    print(f"time {workload} {seconds / units:.9g} {units}")
    return result


def replicates(workload, draws, work):
    """Prints the time that one more replicate takes, without what is done once for all of them."""
    once, _ = mean_seconds(lambda: work(draws[:1]))
    seconds, result = mean_seconds(lambda: work(draws))
    print(f"time {workload} {(seconds - once) / (len(draws) - 1):.9g} {len(draws)}")
    return result
