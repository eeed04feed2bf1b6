"""The pictures of scripts/bench report, in the manner of the figures of results."""

import matplotlib.pyplot as plt
import numpy as np

from greenfront_figures.style import BLUE, GREEN, INK, LINE, ORANGE, PURPLE, RED, SEQUENCE, SKY, SOFT, WIDTH, legend_below

from . import growth, tables

MARKERS = "osD^v<>P"
COLOUR_OF_PART = {"work": BLUE, "contention": RED, "overhead": ORANGE, "imbalance": PURPLE, "waiting": LINE}


def columns_of(rows, *keys):
    return {key: [row[key] for row in rows] for key in keys}


def size_text(value):
    """Whole thousands and millions for short, other numbers as they are."""
    for unit, size in (("M", 1e6), ("k", 1e3)):
        if value >= size and value % (size / 10) == 0:
            return f"{value / size:g}{unit}"
    return f"{value:,.0f}"


def seconds_text(value):
    for unit, size in (("s", 1.0), ("ms", 1e-3), ("µs", 1e-6)):
        if value >= size * 0.9999:
            return f"{value / size:g} {unit}"
    return f"{value / 1e-9:g} ns"


def sizes_shown(rows):
    """The largest, and of the others those far enough apart for their labels."""
    sizes = sorted({row["size"] for row in rows})
    shown = []
    for size in reversed(sizes):
        if not shown or size < shown[-1] / 1.8:
            shown.append(size)
    return shown[::-1]


def log_axes(axis, sizes, times):
    """Whole powers of ten of time, written with their unit; sizes where points are."""
    axis.set_xscale("log")
    axis.set_yscale("log")
    axis.set_xticks(sizes)
    axis.set_xticklabels([size_text(s) for s in sizes])
    axis.minorticks_off()
    ticks = 10.0 ** np.arange(np.floor(np.log10(min(times))), np.ceil(np.log10(max(times))) + 1)
    axis.set_ylim(ticks[0] / 1.3, ticks[-1] * 1.3)  # no point is cut at the edge
    axis.set_yticks(ticks)
    axis.set_yticklabels([seconds_text(t) for t in ticks])


def growing(rows, what, clock):
    """Time against size for each work, with its fitted line."""
    figure, axis = plt.subplots(figsize=(WIDTH, 3.6))
    for k, work in enumerate(tables.works(rows)):
        mine = sorted((row["size"], row["seconds"]) for row in rows if row["work"] == work)
        sizes, times = [m[0] for m in mine], [m[1] for m in mine]
        fitted = growth.fit(sizes, times)
        label = tables.named(work) + (f": {what[0]}^{fitted.text()}" if fitted else "")
        colour = SEQUENCE[k % len(SEQUENCE)]
        axis.plot(sizes, times, MARKERS[k % len(MARKERS)], color=colour, label=label, markersize=5)
        if fitted:
            ends = np.array([sizes[0], sizes[-1]], dtype=float)
            axis.plot(ends, fitted.factor * ends**fitted.exponent, color=colour, linewidth=1)
    log_axes(axis, sizes_shown(rows), [row["seconds"] for row in rows])
    axis.set_xlabel(what)
    axis.set_ylabel(clock)
    handles, words = axis.get_legend_handles_labels()
    legend_below(figure, handles, words, 2)
    return figure


def threads(rows):
    """Speed against threads, and where the time of the most threads goes."""
    figure, (left, right) = plt.subplots(1, 2, figsize=(WIDTH * 1.5, 3.4), width_ratios=(1, 1.35))
    most = max(row["threads"] for row in rows)
    left.plot([1, most], [1, most], color=SOFT, linewidth=1, linestyle="--", label="a thread each")
    for k, work in enumerate(tables.works(rows)):
        mine = sorted((row["threads"], row["seconds"]) for row in rows if row["work"] == work)
        left.plot([m[0] for m in mine], [mine[0][1] / m[1] for m in mine], "-" + MARKERS[k % len(MARKERS)],
                  color=SEQUENCE[k % len(SEQUENCE)], label=tables.named(work), markersize=5, linewidth=1)
    left.set_xticks(sorted({row["threads"] for row in rows}))
    left.set_xlabel("threads")
    left.set_ylabel("times as fast as one")
    left.set_ylim(bottom=0.9)
    last = [row for row in rows if row["threads"] == most]
    begin = np.zeros(len(last))
    for part in growth.PARTS:
        width = np.array([max(0.0, tables.parts_of(row)[part]) for row in last])
        right.barh(range(len(last)), width, left=begin, color=COLOUR_OF_PART[part], label=part, height=0.6)
        begin += width
    for y, row in enumerate(last):
        right.text(0.01, y, f"{tables.parts_of(row)['work']:.0%}", va="center", color="white", fontsize=8)
    right.set_yticks(range(len(last)))
    right.set_yticklabels([tables.named(row["work"]) for row in last])
    right.set_ylim(len(last) - 0.4, -0.6)
    right.grid(False, axis="y")
    right.set_xlim(0, max(1.0, begin.max()))
    right.set_xticks([0, 0.25, 0.5, 0.75, 1])
    right.set_xticklabels(["0", "25 %", "50 %", "75 %", "100 %"])
    right.set_xlabel(f"time of {most} threads")
    handles = [*left.get_legend_handles_labels()[0], *right.get_legend_handles_labels()[0]]
    words = [*left.get_legend_handles_labels()[1], *right.get_legend_handles_labels()[1]]
    legend_below(figure, handles, words, 5)
    return figure


def cache_name(kib):
    """A size in words."""
    return f"{kib / 1024:,.0f} MiB" if kib >= 1024 else f"{kib:,.0f} KiB"


def roofline(rows):
    """GFLOP/s against operations a byte, below what reading and multiplying allow."""
    figure, axis = plt.subplots(figsize=(WIDTH, 3.8))
    product = float(np.median([row["product"] for row in rows]))
    x = np.geomspace(0.1, 4.0, 200)
    axis.axhline(product, color=INK, linewidth=1.4, zorder=3)
    axis.text(3.9, product * 1.06, f"matrix product, {product:.0f} GFLOP/s", ha="right", va="bottom", fontsize=8.5)
    sizes = sorted({row["KiB"] for row in rows})
    colours = dict(zip(sizes, (BLUE, SKY, GREEN, ORANGE, RED, PURPLE)))
    for kib in sizes:
        reading = float(np.median([row["reading"] for row in rows if row["KiB"] == kib]))
        axis.plot(x, np.minimum(product, reading * x), color=colours[kib], linewidth=1,
                  label=f"{cache_name(kib)}, read at {reading:.0f} GB/s")
        for row in (row for row in rows if row["KiB"] == kib):
            axis.plot(row["intensity"], row["GFLOP/s"], "o" if row["kernel"] == "one_program" else "D", color=colours[kib],
                      markersize=6, markeredgecolor="white", markeredgewidth=0.6)
    axis.plot([], [], "o", color=SOFT, label="one program a pass")
    axis.plot([], [], "D", color=SOFT, label="four programs a pass")
    axis.set_xscale("log", base=2)
    axis.set_yscale("log", base=2)
    axis.set_xlim(0.1, 4)
    axis.set_ylim(1, product * 1.6)
    axis.set_xticks([0.125, 0.25, 0.5, 1, 2, 4])
    axis.set_xticklabels(["1/8", "1/4", "1/2", "1", "2", "4"])
    ticks = [2**k for k in range(0, 12) if 2**k <= product * 1.6]
    axis.set_yticks(ticks)
    axis.set_yticklabels([f"{t:g}" for t in ticks])
    axis.minorticks_off()
    axis.set_xlabel("operations for each byte that is read")
    axis.set_ylabel("GFLOP/s")
    axis.legend(loc="lower right", fontsize=8)
    return figure


def draw_all(found, gallery):
    if found.get("pricing"):
        rows = found["pricing"]
        gallery.add("machine", ("roofline",), "Roofline of the pricing pass",
                    "Points are pricing passes over columns of so many bytes; lines what one thread of the machine can do with as "
                    "many bytes when it reads, multiplies and adds and does nothing else, below the speed of a matrix product.",
                    columns_of(rows, "kernel", "columns", "KiB", "intensity", "GFLOP/s", "GB/s", "reading", "product"),
                    lambda: roofline(rows))
    for curve, what, clock, words in (
            ("units", "N units", "CPU time on one thread", "Every unit against a frontier of all units."),
            ("replicates", "B replicates", "CPU time on one thread", "Bootstraps on 242 units, regressions over 12 years."),
            ("scenarios", "S scenarios", "time on all threads", "A study with a sweep, 242 cities in 12 years.")):
        rows = found[curve]
        gallery.add("growth", (curve,), f"Time against {what.split()[1]}",
                    words + " Lines are least-squares fits of the logarithms, with the standard error of the exponent.",
                    columns_of(rows, "work", "size", "seconds"), lambda r=rows, w=what, c=clock: growing(r, w, c))
    rows = found["threads"]
    shares = {part: [tables.parts_of(row)[part] for row in rows] for part in growth.PARTS}
    gallery.add("threads", ("threads",), "Threads",
                "Left: how many times as fast as one thread. Right: where the time of all threads goes: work, what one thread needs; "
                "contention, what the same work takes longer when the other cores work too; overhead, other CPU time; imbalance, "
                "threads without work while the longest is busy; waiting, no thread of ours runs.",
                {**columns_of(rows, "work", "size", "threads", "seconds"), **shares}, lambda: threads(rows))
