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


def replicates(workload, given, block, draw, work):
    """Prints the time that one more replicate takes, drawing it included, without what is done once for all of them;
    returns what becomes of the draws that were given. Blocks of replicates are drawn as `work` asks for them."""
    many = len(given)
    once, _ = mean_seconds(lambda: work([draw(1)]))
    seconds, _ = mean_seconds(lambda: work(draw(block) for _ in range(0, many, block)))
    print(f"time {workload} {(seconds - once) / (many - 1):.9g} {many}")
    return work(given[b:b + block] for b in range(0, many, block))
