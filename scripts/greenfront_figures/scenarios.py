"""Figures of sweeps: rankings, effects by period, cost, sensitivity."""

import re
import textwrap

import numpy as np

from .style import (BLUE, INK, LINE, ORANGE, RED, SKY, SOFT, WIDTH, legend_below, names_axis, number, panels, plain, plt, short, years_axis,
                    zero_line)

MOST = 20


def draw_all(results, gallery):
    for sweep in results.under("sweep"):
        kind = ranked_by(sweep)
        if not kind:
            continue
        if sweep.word("design") != "saltelli":
            ranking(sweep, kind, gallery)
            by_period(results, sweep, kind, gallery)
            against_cost(sweep, kind, gallery)
            against_variable(sweep, kind, gallery)
        sensitivity(sweep, gallery)


def ranked_by(sweep):
    """What the ranking goes by: the econometric effect, else the frontier's."""
    for kind in ("econometric", "frontier"):
        if sweep.has(f"{kind}_effect") and np.isfinite(sweep.numbers(f"{kind}_effect")).any():
            return kind
    return ""


def label(name):
    """The levers that act: "retrofit=20, fuel_switch=0" without its zeros."""
    parts = name.split(",")
    if not all(re.fullmatch(r"[^=]+=-?[0-9.eE+-]+", part) for part in parts):
        return name
    acting = [part for part in parts if float(part.rsplit("=", 1)[1]) != 0]
    return ", ".join(acting) if acting else "no lever"


def order_of(sweep, kind):
    effect = sweep.numbers(f"{kind}_effect")
    rank = sweep.integers("rank")
    return sorted(np.flatnonzero(np.isfinite(effect)), key=lambda s: (rank[s] if rank[s] > 0 else 10**9, s))


def interval(sweep, kind):
    if not sweep.has(f"{kind}_low"):
        nothing = np.full(sweep.numbers(f"{kind}_effect").size, np.nan)
        return nothing, nothing
    return sweep.numbers(f"{kind}_low"), sweep.numbers(f"{kind}_high")


def is_baseline(sweep):
    """Scenarios in which no lever acts."""
    if not sweep.has("intensity"):
        return np.zeros(len(sweep.texts("scenario")), bool)
    return ~(np.nan_to_num(sweep.numbers("intensity")) != 0).any(axis=1)


def ranking_axes(sweep, shown):
    """Where effects are drawn; left of them the intensities of a design's levers, or the names of a list's scenarios."""
    names = sweep.texts("scenario")
    height = 1.0 + 0.22 * len(shown)
    levers = sweep.texts("dimension") if sweep.has("dimension") and sweep.has("point") else []
    if not 1 <= len(levers) <= 6:
        figure, axis = plt.subplots(figsize=(WIDTH, height))
        names_axis(axis, [label(names[s]) for s in shown], 44)
        return figure, axis
    head = 0.12 + 0.075 * max(len(short(lever, 24)) for lever in levers) * 0.55
    figure, (left, axis) = plt.subplots(1, 2, figsize=(WIDTH, height + head), sharey=True,
                                        gridspec_kw={"width_ratios": [0.42 * len(levers), 5 - 0.42 * len(levers)]})
    point = sweep.numbers("point")
    for place, s in enumerate(shown):
        for k in range(len(levers)):
            value = point[s, k]
            left.text(k, place, plain(value) if value else "\u00b7", ha="center", va="center", fontsize=8,
                      color=INK if value else SOFT, fontweight="bold" if value else "normal")
    left.set_xlim(-0.6, len(levers) - 0.4)
    left.xaxis.tick_top()
    left.set_xticks(range(len(levers)))
    left.set_xticklabels([short(lever, 24) for lever in levers], rotation=35, ha="left", rotation_mode="anchor")
    left.tick_params(axis="both", length=0)
    left.grid(False)
    for side in left.spines.values():
        side.set_visible(False)
    names_axis(axis, [""] * len(shown))
    return figure, axis


def ranking(sweep, kind, gallery):
    order = [s for s in order_of(sweep, kind) if not is_baseline(sweep)[s]] or order_of(sweep, kind)
    names, effect = sweep.texts("scenario"), sweep.numbers(f"{kind}_effect")
    low, high = interval(sweep, kind)
    frontier = sweep.numbers("frontier_effect") if kind == "econometric" and sweep.has("frontier_effect") else None
    chance = sweep.numbers("probability_best") if sweep.has("probability_best") else np.full(effect.size, np.nan)
    shown = order[:MOST]

    def draw():
        figure, axis = ranking_axes(sweep, shown)
        for place, s in enumerate(shown):
            axis.plot([low[s], high[s]], [place, place], color=BLUE, linewidth=1.5)
            axis.plot([effect[s]], [place], marker="o", markersize=5, color=BLUE)
            if frontier is not None:
                axis.plot([frontier[s]], [place], marker="D", markersize=4.5, color=ORANGE, markeredgecolor=INK,
                          markeredgewidth=0.4)
        zero_line(axis, horizontal=False)
        axis.set_xlabel(f"mean change of {short(sweep.word('outcome'))}")
        if frontier is not None and np.isfinite(frontier[shown]).any():
            handles = [axis.plot([], [], marker="o", color=BLUE, linewidth=1.5, markersize=5)[0],
                       axis.plot([], [], marker="D", color=ORANGE, linestyle="none", markersize=4.5, markeredgecolor=INK,
                                 markeredgewidth=0.4)[0]]
            legend_below(figure, handles, ["through the regression, with interval", "against the frontier"], 2)
        return figure

    best = order[0]
    told = f"{short(label(names[best]), 60)} ranks first, {number(effect[best])}"
    if np.isfinite(low[best]):
        told += f" ({number(low[best])} to {number(high[best])})"
    if np.isfinite(chance[best]):
        told += f", best in {100 * chance[best]:.0f} % of the draws"
    second = order[1] if len(order) > 1 else None
    close = chance[best] < 0.9 if np.isfinite(chance[best]) else second is not None and high[second] > low[best]
    if close:
        told += "; the next ones are hardly told apart from it: compare --by pairs has the differences"
    columns = {"scenario": [names[s] for s in order], "rank": sweep.integers("rank")[order], "effect": effect[order],
               "low": low[order], "high": high[order], "probability_best": chance[order]}
    if frontier is not None:
        columns["frontier_effect"] = frontier[order]
    rest = f" The first {MOST} of {len(order)}." if len(order) > MOST else ""
    gallery.add("sweep", ("ranking", sweep.name), f"Scenarios of {short(sweep.name)}",
                f"Mean change of {short(sweep.word('outcome'))} in each scenario, best first. {told}.{rest}", columns, draw)


def by_period(results, sweep, kind, gallery):
    key = f"{kind}_by_time"
    if not sweep.has(key) or sweep.numbers(key).shape[-1] < 2:
        return
    order = [s for s in order_of(sweep, kind) if not is_baseline(sweep)[s]][:4]
    periods = results.find("/").numbers("time")
    values = sweep.numbers(key)
    low, high = (sweep.numbers(f"{key}_low"), sweep.numbers(f"{key}_high")) if sweep.has(f"{key}_low") else (None, None)
    names = sweep.texts("scenario")
    first = sweep.number("first_period")
    keep = np.isfinite(values[order]).any(axis=0) if order else np.zeros(0, bool)
    if not order or keep.sum() < 2:
        return
    at = periods[keep]

    def draw():
        figure, axes = panels(len(order), columns=2 if len(order) > 1 else 1, height=2.0 if len(order) > 1 else 2.7, sharex=True,
                              sharey=True)
        for axis, s in zip(axes, order):
            if low is not None:
                axis.fill_between(at, low[s][keep], high[s][keep], color=BLUE, alpha=0.25, linewidth=0)
            axis.plot(at, values[s][keep], color=BLUE, marker="o", markersize=3, linewidth=1.5)
            if kind == "econometric" and sweep.has("frontier_by_time"):
                axis.plot(at, sweep.numbers("frontier_by_time")[s][keep], color=ORANGE, linestyle=(0, (4, 2)), linewidth=1.4)
            if np.isfinite(first) and at[0] < first:
                axis.axvline(first - 0.5, color=SOFT, linewidth=0.8, linestyle=(0, (1.5, 1.2)))
            zero_line(axis)
            years_axis(axis, at)
            axis.set_title(textwrap.fill(short(label(names[s]), 96), 36), fontsize=8)
        for axis in axes[::2]:
            axis.set_ylabel(f"change of {short(sweep.word('outcome'), 16)}")
        return figure

    best = order[0]
    line = values[best][keep]
    parts = ["Mean effect in each period through the regression" if kind == "econometric" else "Mean effect in each period against the frontier"]
    if low is not None:
        parts.append(f"band: {100 * sweep.number('confidence'):g} % interval")
    if kind == "econometric" and sweep.has("frontier_by_time"):
        parts.append("dashed: against the frontier")
    rows = [(names[s], p, values[s][keep][t], low[s][keep][t] if low is not None else np.nan,
             high[s][keep][t] if low is not None else np.nan) for s in order for t, p in enumerate(at)]
    gallery.add("sweep", ("by-period", sweep.name), f"Effects of {short(sweep.name)} by period",
                "; ".join(parts) + (f". Levers act from {first:g} on" if np.isfinite(first) else "") +
                f". {short(label(names[best]), 60)}: {number(line[np.isfinite(line)][-1])} in {at[-1]:g}.",
                dict(zip(("scenario", "period", "effect", "low", "high"), zip(*rows))), draw)


def against_cost(sweep, kind, gallery):
    cost = sweep.numbers("cost") if sweep.has("cost") else np.array([np.nan])
    effect = sweep.numbers(f"{kind}_effect")
    valid = np.flatnonzero(np.isfinite(cost) & np.isfinite(effect)) if cost.size == effect.size else np.array([], int)
    if valid.size < 3 or np.ptp(cost[valid]) <= 0:
        return
    best = sweep.integers("pareto") == 1 if sweep.has("pareto") else np.zeros(effect.size, bool)
    names = sweep.texts("scenario")
    front = sorted([s for s in valid if best[s]], key=lambda s: cost[s])
    low, high = interval(sweep, kind)

    def draw():
        figure, axis = plt.subplots(figsize=(WIDTH, 3.4))
        axis.vlines(cost[valid], low[valid], high[valid], color=LINE, linewidth=1)
        axis.scatter(cost[valid], effect[valid], s=18, color="#9aa4b2", zorder=2)
        if front:
            axis.step(cost[front], effect[front], where="post", color=RED, linewidth=1.2, zorder=2)
            axis.scatter(cost[front], effect[front], s=28, color=RED, zorder=3)
        for s in front[:8]:
            axis.annotate(short(label(names[s]), 30), (cost[s], effect[s]), xytext=(5, -9), textcoords="offset points", fontsize=7)
        zero_line(axis)
        axis.margins(x=0.12)
        axis.set_xlabel("cost, in the unit of the levers")
        axis.set_ylabel(f"mean change of {short(sweep.word('outcome'), 24)}")
        return figure

    columns = {"scenario": [names[s] for s in valid], "cost": cost[valid], "effect": effect[valid], "low": low[valid],
               "high": high[valid], "pareto": best[valid].astype(int)}
    gallery.add("sweep", ("cost", sweep.name), f"Effect and cost of {short(sweep.name)}",
                f"Red: the {len(front)} scenarios of {valid.size} that no other one beats in effect at no more cost; every grey one costs "
                "more than a red one that does at least as much. Vertical lines: intervals of the effect.", columns, draw)


def against_variable(sweep, kind, gallery):
    """The effect beside the change of what the scenarios are to lower: bad outputs, else nothing."""
    if not sweep.has("variable_relative") or not sweep.has("variable"):
        return
    variables = sweep.texts("variable")
    change = 100 * sweep.numbers("variable_relative")
    effect = sweep.numbers(f"{kind}_effect")
    moved = [v for v in range(len(variables)) if np.nanmin(change[:, v], initial=0) < -1e-9 and np.nanmax(change[:, v], initial=0) < 1e-9]
    if not moved:
        return
    v = moved[-1]
    valid = np.flatnonzero(np.isfinite(change[:, v]) & np.isfinite(effect))
    if valid.size < 3:
        return
    low, high = interval(sweep, kind)
    names = sweep.texts("scenario")
    front = [s for s in valid if not any((change[o, v] <= change[s, v] and effect[o] > effect[s] + 1e-15) or
                                         (change[o, v] < change[s, v] - 1e-12 and effect[o] >= effect[s]) for o in valid)]

    def draw():
        figure, axis = plt.subplots(figsize=(WIDTH, 3.3))
        axis.vlines(change[valid, v], low[valid], high[valid], color=LINE, linewidth=1)
        axis.scatter(change[valid, v], effect[valid], s=18, color="#9aa4b2", zorder=2)
        axis.scatter(change[front, v], effect[front], s=28, color=RED, zorder=3)
        middle = np.mean(axis.get_xlim())
        for s in front[:6]:
            right = change[s, v] > middle
            axis.annotate(short(label(names[s]), 44), (change[s, v], effect[s]), xytext=(-5 if right else 5, 5), ha="right" if right else "left",
                          textcoords="offset points", fontsize=7)
        zero_line(axis)
        axis.margins(x=0.06, y=0.12)
        axis.set_xlabel(f"change of the sum of {short(variables[v], 24)}, %")
        axis.set_ylabel(f"mean change of {short(sweep.word('outcome'), 24)}")
        return figure

    columns = {"scenario": [names[s] for s in valid], f"change_of_{variables[v]}_percent": change[valid, v], "effect": effect[valid],
               "low": low[valid], "high": high[valid]}
    gallery.add("sweep", ("saving", sweep.name), f"Effect and saving of {short(sweep.name)}",
                f"Each point is a scenario, with the interval of its effect; further left it saves more {short(variables[v])}, further up "
                f"it does more for {short(sweep.word('outcome'))}. Red: no other scenario is better in both.", columns, draw)


OUTCOMES = {"econometric_effect": "effect through the regression", "frontier_effect": "effect against the frontier"}


def sensitivity(sweep, gallery):
    if not sweep.has("sobol_first"):
        return
    outcomes, levers = [OUTCOMES.get(o, o) for o in sweep.texts("outcome")], sweep.texts("dimension")
    first, total = sweep.numbers("sobol_first"), sweep.numbers("sobol_total")
    first_se, total_se = sweep.numbers("sobol_first_std_error"), sweep.numbers("sobol_total_std_error")
    shown = [o for o in range(len(outcomes)) if np.isfinite(total[o]).any()]
    if not shown:
        return

    def draw():
        figure, axes = plt.subplots(len(shown), 1, figsize=(WIDTH, 0.7 + len(shown) * (0.45 + 0.33 * len(levers))), squeeze=False,
                                    sharex=True)
        for axis, o in zip(axes[:, 0], shown):
            order = np.argsort(-np.nan_to_num(total[o], nan=-1), kind="stable")
            place = np.arange(order.size)
            bars = dict(height=0.36, error_kw={"linewidth": 0.9, "ecolor": INK})
            axis.barh(place - 0.19, total[o][order], xerr=1.96 * total_se[o][order], color=SKY, label="total: with interactions", **bars)
            axis.barh(place + 0.19, first[o][order], xerr=1.96 * first_se[o][order], color=BLUE, label="alone", **bars)
            names_axis(axis, [levers[k] for k in order])
            zero_line(axis, horizontal=False)
            axis.set_title(short(outcomes[o]))
        axes[0, 0].legend(loc="lower right")
        axes[-1, 0].set_xlabel("share of the variance of the outcome over the design")
        return figure

    o = shown[0]
    top = int(np.nanargmax(total[o]))
    rows = [(outcomes[k], levers[d], first[k, d], first_se[k, d], total[k, d], total_se[k, d]) for k in shown for d in range(len(levers))]
    gallery.add("sweep", ("sensitivity", sweep.name), f"What the outcome of {short(sweep.name)} depends on",
                f"Sobol's indices with 95 % intervals of their estimation. For {short(outcomes[o])}, {short(levers[top])} matters most: "
                f"{100 * total[o, top]:.0f} % of the variance, {100 * first[o, top]:.0f} % by itself. Where total and alone part, levers "
                "act together.",
                dict(zip(("outcome", "lever", "first", "first_std_error", "total", "total_std_error"), zip(*rows))), draw)
