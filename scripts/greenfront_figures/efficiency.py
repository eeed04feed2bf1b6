"""Figures of the panel, of efficiency and productivity stages, and of indices."""

import numpy as np
from matplotlib.ticker import FuncFormatter, LogLocator, NullLocator

from .style import (BLUE, GREEN, INK, LINE, ORANGE, PURPLE, RED, SEQUENCE, SOFT, WIDTH, legend_below, names_axis,
                    number, panels, plain, plt, short, years_axis)

EFFICIENT = 1e-8
LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"


def periods_of(results):
    root = results.find("/")
    return root.numbers("time") if root.has("time") else np.array([0.0])


def draw_all(results, gallery):
    quality(results, gallery)
    efficiency(results, gallery)
    for group in results.under("dea"):
        frontier(results, group, gallery)
    for group in results.under("productivity"):
        productivity(results, group, gallery)
    weights(results, gallery)


def numeric_columns(panel):
    return [n for n in panel.datasets() if len(panel.dimensions(n)) == 2 and panel.is_number(n)]


def quality(results, gallery):
    panel = results.find("panel")
    if panel is None:
        return
    names = numeric_columns(panel)
    if names:
        coverage(results, panel, names, gallery)
        spread(panel, names, gallery)


def coverage(results, panel, names, gallery):
    """Which variables have values when: only worth a picture where something is missing."""
    missing = np.array([100 * (1 - np.isfinite(panel.numbers(n)).mean(axis=0)) for n in names])
    if missing.max() <= 0 or missing.shape[1] < 2:
        return
    periods = periods_of(results)
    order = sorted(range(len(names)), key=lambda k: -missing[k].mean())
    gaps = [k for k in order if missing[k].max() > 0]

    def draw():
        figure, axis = plt.subplots(figsize=(WIDTH, max(1.5, 0.9 + 0.2 * len(gaps))))
        image = axis.imshow(missing[gaps], aspect="auto", cmap="Blues", vmin=0, vmax=max(5, missing.max()),
                            extent=(-0.5, len(periods) - 0.5, len(gaps) - 0.5, -0.5))
        for k in range(len(gaps) - 1):
            axis.axhline(k + 0.5, color="white", linewidth=1.2)
        names_axis(axis, [names[k] for k in gaps])
        axis.set_ylim(len(gaps) - 0.5, -0.5)
        step = max(1, -(-len(periods) // 6))
        axis.set_xticks(range(0, len(periods), step))
        axis.set_xticklabels([f"{p:g}" for p in periods[::step]])
        axis.grid(False)
        figure.colorbar(image, ax=axis, label="% of units", pad=0.02, fraction=0.05).outline.set_visible(False)
        return figure

    worst = gaps[0]
    whole = len(names) - len(gaps)
    grid = [(names[k], p, missing[k, t]) for k in order for t, p in enumerate(periods)]
    gallery.add("quality", ("coverage",), "Where values are missing",
                f"Share of the units that have no value, by variable and period. "
                f"{short(names[worst])} has the most gaps ({number(missing[worst].mean())} % on average); "
                f"{whole} of {len(names)} variables are complete and left out. Rows with a gap in a variable that a stage needs "
                "take no part in that stage.",
                dict(zip(("variable", "period", "percent_missing"), zip(*grid))), draw)


def spread(panel, names, gallery):
    """Each variable on its own scale of quartiles, so that outliers and slips of units stand out."""
    rows = []
    for name in names:
        values = panel.numbers(name)
        values = values[np.isfinite(values)]
        if values.size < 8 or np.unique(values).size < 6:
            continue
        q = np.percentile(values, [0, 1, 25, 50, 75, 99, 100])
        if q[4] > q[2]:
            rows.append((name, *q, *((q - q[3]) / (q[4] - q[2]))))
    if not rows:
        return
    rows.sort(key=lambda r: -max(abs(r[8]), abs(r[14])))
    shown = rows[:24]

    def draw():
        figure, axis = plt.subplots(figsize=(WIDTH, 0.8 + 0.17 * len(shown)))
        for k, row in enumerate(shown):
            least, low, first, _, third, high, most = row[8:]
            axis.plot([least, most], [k, k], color=LINE, linewidth=1, zorder=2)
            axis.plot([low, high], [k, k], color=BLUE, linewidth=2.2, solid_capstyle="butt", zorder=3)
            axis.plot([first, third], [k, k], color=BLUE, linewidth=6, solid_capstyle="butt", zorder=3)
            axis.plot([least, most], [k, k], linestyle="none", marker="|", color=RED, markersize=7, zorder=4)
            axis.plot([0], [k], linestyle="none", marker="|", color="white", markersize=6, zorder=5)
        axis.set_xscale("symlog", linthresh=2, linscale=1.4)
        edge = max(abs(axis.get_xlim()[0]), abs(axis.get_xlim()[1]))
        ticks = [t for t in (-1000, -100, -10, -2, -1, 0, 1, 2, 10, 100, 1000) if abs(t) <= edge]
        axis.set_xticks(ticks)
        axis.set_xticklabels([plain(t) for t in ticks])
        axis.minorticks_off()
        names_axis(axis, [row[0] for row in shown])
        axis.set_xlabel("interquartile ranges from the median (log beyond 2)")
        return figure

    far = shown[0]
    end = far[14] if abs(far[14]) >= abs(far[8]) else far[8]
    gallery.add("quality", ("spread",), "How the variables spread",
                f"Thick: middle half; thin: 1st to 99th percentile; red ends: smallest and largest value. The farthest value is of "
                f"{short(far[0])}, {number(abs(end), 2)} interquartile ranges from its median: look whether it is a fact or a slip of "
                "units. Long right tails are usual for sizes of cities and countries.",
                dict(zip(("variable", "minimum", "p1", "p25", "median", "p75", "p99", "maximum"),
                         zip(*(row[:8] for row in rows)))), draw)


def frontier_score(group):
    """The score of an efficient row; none for super-efficiency."""
    if group.number("super") > 0:
        return np.nan
    return 0.0 if group.word("model") in ("additive", "ddf", "nddf") else 1.0


def efficiency(results, gallery):
    stages = [g for g in results.under("dea") if np.isfinite(g.numbers("score")).any()]
    if not stages:
        return
    periods = periods_of(results)
    if len(periods) > 1:
        efficiency_by_period(stages, periods, gallery)
    distribution(stages, gallery)


def efficiency_by_period(stages, periods, gallery):
    levels = [5, 25, 50, 75, 95]
    bands = {g.name: np.nanpercentile(np.where(np.isfinite(g.numbers("score")).any(axis=0), g.numbers("score"), np.nan),
                                      levels, axis=0) for g in stages}
    means = {g.name: np.nanmean(g.numbers("score"), axis=0) for g in stages}

    def draw():
        figure, axes = panels(len(stages), columns=2 if len(stages) > 1 else 1, height=2.1 if len(stages) > 1 else 2.8,
                              sharex=True, sharey=len({frontier_score(g) for g in stages if g.number("super") <= 0}) == 1)
        for axis, group in zip(axes, stages):
            low, first, middle, third, high = bands[group.name]
            axis.fill_between(periods, low, high, color=BLUE, alpha=0.18, linewidth=0, label="5th to 95th percentile")
            axis.fill_between(periods, first, third, color=BLUE, alpha=0.38, linewidth=0, label="middle half")
            axis.plot(periods, middle, color=BLUE, marker="o", markersize=3, linewidth=1.4, label="median")
            axis.plot(periods, means[group.name], color=INK, linestyle=(0, (4, 2)), linewidth=1, label="mean")
            axis.set_title(short(group.name))
            years_axis(axis, periods)
            axis.margins(x=0.02)
        axes[0].set_ylabel("score")
        handles, words = axes[0].get_legend_handles_labels()
        legend_below(figure, handles, words, 4)
        return figure

    rows = [(g.name, p, *bands[g.name][:, t], means[g.name][t]) for g in stages for t, p in enumerate(periods)]
    first = stages[0]
    change = bands[first.name][2]
    gallery.add("efficiency", ("efficiency",), "Efficiency by period",
                f"Median, middle half and 5th to 95th percentile of the scores of each stage, with the mean. In {short(first.name)} the "
                f"median goes from {number(change[0])} in {periods[0]:g} to {number(change[-1])} in {periods[-1]:g}.",
                dict(zip(("stage", "period", "p5", "p25", "median", "p75", "p95", "mean"), zip(*rows))), draw)


def distribution(stages, gallery):
    scores = {g.name: np.sort(g.numbers("score")[np.isfinite(g.numbers("score"))]) for g in stages}
    shown = stages[:6]
    marks = ["-", (0, (5, 1.5)), (0, (1.5, 1.2)), (0, (5, 1.5, 1, 1.5)), (0, (8, 2)), (0, (3, 1, 1, 1, 1, 1))]

    def draw():
        figure, axis = plt.subplots(figsize=(WIDTH, 2.9))
        for k, group in enumerate(shown):
            values = scores[group.name]
            axis.step(values, 100 * np.arange(1, values.size + 1) / values.size, where="post", color=SEQUENCE[k],
                      linestyle=marks[k], linewidth=1.6)
        axis.set_ylim(0, 101)
        axis.set_xlabel("score")
        axis.set_ylabel("rows with this score or less, %")
        lines = axis.get_lines()
        axis.legend(lines, ["\u200b" + short(g.name) for g in shown], loc="lower right")
        return figure

    parts = []
    for group in stages[:3]:
        efficient = np.abs(scores[group.name] - frontier_score(group)) <= EFFICIENT
        parts.append(f"{short(group.name)}: median {number(np.median(scores[group.name]))}" +
                     (f", {100 * efficient.mean():.1f} % on the frontier" if np.isfinite(frontier_score(group)) else ""))
    rows = [(g.name, v, 100 * (k + 1) / scores[g.name].size) for g in stages for k, v in enumerate(scores[g.name])]
    gallery.add("efficiency", ("efficiency-distribution",), "Distribution of the efficiency scores",
                "All scored rows of all periods: a curve further to the right has higher scores, a jump at the right end is the "
                "share of efficient rows. " + "; ".join(parts) + ".",
                dict(zip(("stage", "score", "percent_at_or_below"), zip(*rows))), draw)


def frontier(results, group, gallery):
    """Projections of the technology: inputs and bad outputs per unit of the first good output."""
    panel = results.find("panel")
    inputs, goods, bads = group.words("inputs"), group.words("good"), group.words("bad")
    if panel is None or not goods or not inputs or not all(panel.has(n) for n in inputs[:1] + goods[:1] + bads[:1]):
        return
    down = bads[0] if bads else inputs[-1]
    across = [n for n in inputs if n != down and panel.has(n)][:3]
    best = frontier_score(group)
    score, used = group.numbers("score"), group.integers("used") == 1
    if not across or score.shape != panel.numbers(goods[0]).shape:
        return
    efficient = used & (np.abs(score - best) <= EFFICIENT if np.isfinite(best) else score >= 1)
    good = panel.numbers(goods[0])
    with np.errstate(divide="ignore", invalid="ignore"):
        ratios = {n: panel.numbers(n) / good for n in dict.fromkeys([*across, down])}
    valid = used & np.isfinite(score) & np.all([np.isfinite(r) & (r > 0) for r in ratios.values()], axis=0)
    if valid.sum() < 5 or not (efficient & valid).any():
        return
    middle = {n: np.median(r[valid]) for n, r in ratios.items()}
    root = results.find("/")
    units, periods = root.labels("unit"), periods_of(results)
    where = np.argwhere(efficient & valid)
    seen = []
    for u, t in where[np.argsort(-where[:, 1], kind="stable")]:
        if u not in [s[0] for s in seen]:
            seen.append((u, t))
    named = seen[:6]

    def draw():
        figure, axes = panels(len(across), columns=len(across), height=2.7, sharey=True)
        for axis, name in zip(axes, across):
            x, y = ratios[name] / middle[name], ratios[down] / middle[down]
            axis.scatter(x[valid & ~efficient], y[valid & ~efficient], s=5, color="#9aa4b2", linewidth=0,
                         alpha=0.55, rasterized=True)
            axis.scatter(x[valid & efficient], y[valid & efficient], s=16, color=RED, edgecolor="white",
                         linewidth=0.4, zorder=3)
            axis.set_xscale("log")
            axis.set_yscale("log")
            log_ticks(axis.xaxis)
            log_ticks(axis.yaxis)
            axis.set_xlabel(f"{short(name, 16)} / {short(goods[0], 12)}")
            for k, (u, t) in enumerate(named):
                axis.annotate(LETTERS[k], (x[u, t], y[u, t]), xytext=(3, 3), textcoords="offset points",
                              fontsize=7.5, fontweight="bold", color=INK, zorder=4)
        axes[0].set_ylabel(f"{short(down, 20)} / {short(goods[0], 14)}")
        return figure

    words = "; ".join(f"{LETTERS[k]} {short(units[u], 24)} {periods[t]:g}" for k, (u, t) in enumerate(named))
    at = np.argwhere(valid)
    columns = {"unit": [units[u] for u, _ in at], "period": [periods[t] for _, t in at], "score": score[valid],
               "efficient": efficient[valid].astype(int)}
    columns.update({f"{n}/{goods[0]}": r[valid] for n, r in ratios.items()})
    gallery.add("efficiency", ("frontier", group.name), f"The frontier of {short(group.name)}",
                f"Every scored row, by what it uses and emits for a unit of {short(goods[0])}, the median row being 1 (logarithmic scales; less is "
                f"better, so the frontier lies to the left and below). Red: the {int((efficient & valid).sum())} efficient rows. The technology has "
                f"more dimensions than a picture: an efficient row may lie inside here. {words}.", columns, draw)


def log_ticks(axis):
    """Few labels on a logarithmic axis, written as plain numbers."""
    low, high = sorted(axis.get_view_interval())
    decades = np.log10(high / low)
    subs = (1.0, 2.0, 5.0) if decades < 1.3 else (1.0, 3.0) if decades < 2.2 else (1.0,)
    axis.set_major_locator(LogLocator(base=10, subs=subs, numticks=9))
    axis.set_major_formatter(FuncFormatter(lambda v, _: f"{v:g}"))
    axis.set_minor_locator(NullLocator())


PARTS = [("index", "productivity", INK, "-"), ("efficiency_change", "efficiency change", BLUE, (0, (5, 1.5))),
         ("technical_change", "technical change", RED, (0, (1.5, 1.2))),
         ("pure_efficiency_change", "pure efficiency change", GREEN, (0, (5, 1.5, 1, 1.5))),
         ("scale_change", "scale change", PURPLE, (0, (8, 2)))]


def productivity(results, group, gallery):
    periods = periods_of(results)
    parts = [p for p in PARTS if group.has(f"mean_{p[0]}")]
    if len(periods) < 3 or not parts:
        return
    ratio = group.word("comparison") == "ratio"
    start = 1.0 if ratio else 0.0
    cumulative = {}
    for key, *_ in parts:
        mean = group.numbers(f"mean_{key}")
        steps = np.where(np.isfinite(mean), mean, start)
        steps[0] = start
        total = np.cumprod(steps) if ratio else np.cumsum(steps)
        total[1:][~np.isfinite(mean[1:])] = np.nan
        cumulative[key] = total

    def draw():
        figure, axis = plt.subplots(figsize=(WIDTH, 2.9))
        for key, words, colour, dashes in parts:
            axis.plot(periods, cumulative[key], color=colour, linestyle=dashes, linewidth=2 if key == "index" else 1.5,
                      label=words)
        axis.axhline(start, color=SOFT, linewidth=0.8)
        years_axis(axis, periods)
        axis.set_ylabel("cumulated means, first period = 1" if ratio else "cumulated means, first period = 0")
        axis.legend(loc="best")
        return figure

    last = {key: values[np.isfinite(values)][-1] for key, values in cumulative.items()}
    told = ", ".join(f"{words} {number(last[key])}" for key, words, *_ in parts)
    columns = {"period": periods}
    for key, *_ in parts:
        columns[f"mean_{key}"] = group.numbers(f"mean_{key}")
        columns[f"cumulated_{key}"] = cumulative[key]
    gallery.add("productivity", ("productivity", group.name), f"Productivity change of {short(group.name)} and its parts",
                f"{'Geometric' if ratio else 'Arithmetic'} means over the pairs of units, "
                f"{'multiplied' if ratio else 'added'} up from {periods[0]:g}; in {periods[-1]:g}: {told}. A line above "
                f"{start:g} is progress; efficiency change is catching up with the frontier, technical change its shift.",
                columns, draw)


def weights(results, gallery):
    groups = results.under("index")
    if not groups:
        return
    rows = [(g.name, i, w, d) for g in groups
            for i, w, d in zip(g.texts("indicator"), g.numbers("weight"), g.integers("direction"))]
    most = max(r[2] for r in rows)

    def draw():
        heights = [len(g.texts("indicator")) + 1.6 for g in groups]
        figure, axes = plt.subplots(len(groups), 1, figsize=(WIDTH, 0.5 + 0.175 * sum(heights)), squeeze=False, sharex=True,
                                    gridspec_kw={"height_ratios": heights})
        for axis, group in zip(axes[:, 0], groups):
            names, values = group.texts("indicator"), group.numbers("weight")
            direction = group.integers("direction")
            order = np.argsort(-values, kind="stable")
            colours = [BLUE if direction[k] == 0 else ORANGE for k in order]
            axis.barh(range(len(order)), 100 * values[order], color=colours, height=0.72)
            for place, k in enumerate(order):
                axis.text(100 * values[k] + most, place, f"{100 * values[k]:.1f}", va="center", fontsize=7.5)
            names_axis(axis, [names[k] for k in order])
            axis.set_title(short(group.name))
            axis.grid(False, axis="y")
        axes[-1, 0].set_xlabel("weight, %")
        axes[-1, 0].set_xlim(0, 100 * most * 1.12)
        return figure

    negative = any(r[3] != 0 for r in rows)
    top = max(rows, key=lambda r: r[2])
    gallery.add("index", ("weights",), "Weights of the indicators",
                f"Share of each indicator in its index, largest first{'; orange ones lower the index' if negative else ''}. "
                f"{short(top[1])} has the largest weight, {100 * top[2]:.1f} % of {short(top[0])}: entropy weights are large where an "
                "indicator is spread unevenly, whether or not it matters more.",
                {"index": [r[0] for r in rows], "indicator": [r[1] for r in rows], "weight": [r[2] for r in rows],
                 "direction": ["positive" if r[3] == 0 else "negative" for r in rows]}, draw)
