"""What scripts/bench scaling found, as tables in Markdown."""

from . import growth

NAMES = {
    "radial_crs": "radial crs", "radial_vrs": "radial vrs", "sbm_crs": "SBM crs", "sbm_vrs": "SBM vrs",
    "efficiency_bootstrap": "bootstrap of efficiency", "pairs": "pairs bootstrap", "wild": "wild bootstrap",
    "one_program": "one program", "four_programs": "four together",
}


def named(work):
    return NAMES.get(work, work)


def duration(seconds):
    for unit, size in (("s", 1.0), ("ms", 1e-3), ("us", 1e-6)):
        if seconds >= size:
            return f"{seconds / size:.3g} {unit}"
    return f"{seconds / 1e-9:.3g} ns"


def markdown(head, rows):
    lines = ["| " + " | ".join(head) + " |", "|" + "---|" * len(head)]
    return "\n".join(lines + ["| " + " | ".join(map(str, row)) + " |" for row in rows])


def works(rows):
    return list(dict.fromkeys(row["work"] for row in rows))


def growth_tables(rows, unit):
    """A table for the works that were measured at the same sizes."""
    sizes_of = {work: tuple(sorted(row["size"] for row in rows if row["work"] == work)) for work in works(rows)}
    return "\n\n".join(growth_table([row for row in rows if sizes_of[row["work"]] == sizes], sizes, unit)
                       for sizes in dict.fromkeys(sizes_of.values()))


def growth_table(rows, sizes, unit):
    """Times of every size, the exponent over all sizes and the one between the two largest."""
    body = []
    for work in works(rows):
        mine = {row["size"]: row["seconds"] for row in rows if row["work"] == work}
        fitted = growth.fit(list(mine), list(mine.values()))
        last = sorted(mine)[-2:]
        end = growth.fit(last, [mine[n] for n in last])
        body.append([named(work), *(duration(mine[n]) for n in sizes),
                     fitted.text() if fitted else "", f"{end.exponent:.2f}" if end else ""])
    return markdown([unit, *(f"{n:,d}" for n in sizes), "exponent", "at the end"], body)


def reading_speed(pricing, bytes_):
    """GB/s of the reading pass over the smallest measured size that holds so many bytes."""
    known = sorted((row["KiB"] * 1024, row["reading"]) for row in pricing)
    return next((speed for size, speed in known if size >= bytes_), known[-1][1])


def pricing_share(row, pricing):
    """How much of a run its pricing passes would take if they read at the machine's speed and did nothing else."""
    if not row.get("frame") or not row.get("rows"):
        return None
    bytes_ = 8 * row["rows"] * row["frame"]
    return row["passes"] * bytes_ / (reading_speed(pricing, bytes_) * 1e9) / row["seconds"]


def units_table(rows, pricing):
    """One row a model and size: what a program costs and how near the machine's limit its pricing is."""
    body = []
    for row in rows:
        share = pricing_share(row, pricing) if pricing else None
        n = row["programs"]
        body.append([named(row["work"]), f"{row['size']:,d}", duration(row["seconds"]), duration(row["seconds"] / n),
                     f"{n / row['seconds']:,.0f}", f"{row['pivots'] / n:.1f}", f"{row['passes'] / n:.2f}",
                     f"{row['frame']:,.0f}", f"{row['peak_mib']:.0f}", "" if share is None else f"{share:.0%}"])
    return markdown(["model", "units", "time", "a program", "programs/s", "pivots", "passes", "reference set", "MiB, peak",
                     "pricing at the limit"], body)


def share_text(share):
    """In percent, and no zero below zero."""
    return f"{round(share, 3) + 0.0:.1%}"


def parts_of(row):
    return growth.where_time_goes(row["threads"], row["seconds"], row["busy"], row["alone"], row["side_by_side"])


def threads_table(rows):
    body, first = [], {}
    for row in rows:
        first.setdefault(row["work"], row["seconds"])
        speed = first[row["work"]] / row["seconds"]
        parts = parts_of(row)
        body.append([named(row["work"]), row["threads"], duration(row["seconds"]), f"{speed:.2f}",
                     f"{speed / row['threads']:.0%}", *("" if p == "contention" and row["side_by_side"] is None else share_text(parts[p]) for p in growth.PARTS),
                     f"{row['commit'] / row['seconds']:.1%}" if "commit" in row else ""])
    return markdown(["work", "threads", "time", "speed", "efficiency", *growth.PARTS, "commit"], body)


def pricing_table(rows):
    body = [[named(row["kernel"]), f"{row['columns']:,d}", f"{row['KiB']:,.0f}", f"{row['intensity']:.2f}",
             f"{row['GB/s']:.1f}", f"{row['reading']:.1f}", f"{row['GB/s'] / row['reading']:.0%}",
             f"{row['GFLOP/s']:.1f}", f"{row['product']:.1f}", f"{row['GFLOP/s'] / row['product']:.0%}",
             f"{row['GFLOP/s'] / min(row['product'], row['reading'] * row['intensity']):.0%}"] for row in rows]
    return markdown(["pass", "columns", "KiB", "operations a byte", "GB/s", "reading pass", "of it", "GFLOP/s", "matrix product",
                     "of it", "of the roofline"], body)


def heading(found):
    m = found["machine"]
    state = " with uncommitted changes" if m["uncommitted_changes"] else ""
    return (f"{m['processor']['name']}, {m['cores']} cores, {m['processor']['vectors']}, {m['memory_gib']} GiB; load "
            f"{m['load'][0]} at the start; commit {m['commit'][:12] or 'unknown'}{state}; {found['seconds']:.0f} s")


def all_tables(found):
    """The whole page."""
    pricing = found.get("pricing")
    parts = [heading(found)]
    if pricing:
        parts += ["## Pricing passes", pricing_table(pricing)]
    parts += ["## Units", growth_tables(found["units"], "one thread, CPU time of a run"),
              units_table(found["units"], pricing),
              "## Replicates", growth_tables(found["replicates"], "one thread, CPU time of a run"),
              "## Scenarios", growth_tables(found["scenarios"], "all threads, on the clock"),
              "## Threads", threads_table(found["threads"])]
    return "\n\n".join(parts) + "\n"
