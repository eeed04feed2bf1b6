"""Figures of bootstraps and placebo tests."""

import numpy as np

from .style import BLUE, INK, LINE, RED, SOFT, number, p_text, panels, short

A_PAGE = 6  # panels of one figure


def draw_all(results, gallery):
    bootstraps = [g for g in results.under("bootstrap") if drawn(g)]
    pages(bootstraps, lambda part, of: bootstrap_page(part, of, gallery))
    placebos = [g for g in results.under("placebo") if g.has("draw") or g.has("draw_percentile")]
    pages(placebos, lambda part, of: placebo_page(part, of, gallery))


def pages(groups, page):
    for start in range(0, len(groups), A_PAGE):
        of = f" ({start // A_PAGE + 1} of {-(-len(groups) // A_PAGE)})" if len(groups) > A_PAGE else ""
        page(groups[start:start + A_PAGE], of)


def drawn(group):
    return group.has("term") and any(group.has(n) for n in ("draw", "draw_statistic", "draw_percentile",
                                                            "draw_statistic_percentile"))


def bars(values, percent):
    """A histogram from quantiles (keep = "quantiles"): equal areas where the draws are equally many."""
    inner = (percent >= 1) & (percent <= 99) & np.isfinite(values)
    edges, first = np.unique(values[inner], return_index=True)
    shares = np.diff(percent[inner][first]) / 100
    return edges, shares / np.diff(edges)


def density(values, at):
    """Gaussian kernel, Silverman's bandwidth 0.9 min(sd, IQR / 1.349) n^(-1/5) (1986, equation 3.31)."""
    q1, q3 = np.percentile(values, [25, 75])
    scale = min(values.std(ddof=1), (q3 - q1) / 1.349) or values.std(ddof=1)
    if scale <= 0:
        return None
    width = 0.9 * scale * values.size ** -0.2
    total = np.zeros(at.size)
    for block in np.array_split(values, max(1, values.size * at.size // 4_000_000)):
        total += np.exp(-0.5 * ((at[:, None] - block[None, :]) / width) ** 2).sum(axis=1)
    return total / (values.size * width * np.sqrt(2 * np.pi))


def bootstrap_facts(group):
    """What one panel shows: the first term's draws, of the coefficient or, for wild methods, of t under the null."""
    wild = not group.has("draw") and not group.has("draw_percentile")
    terms = group.texts("term")
    kept = "draw_statistic" if wild else "draw"
    if group.has(kept):
        draws = group.numbers(kept)[0]
        draws = draws[np.isfinite(draws)]
        shape = histogram(draws) if draws.size > 1 else None
    else:
        shape = bars(group.numbers(kept + "_percentile")[0], group.numbers("percent"))
    get = lambda name: float(group.numbers(name)[0]) if group.has(name) else np.nan  # noqa: E731
    estimate = get("statistic") if wild else get("estimate")
    if wild and not np.isfinite(estimate):
        estimate = get("estimate") / get("std_error")
    return {"group": group, "wild": wild, "term": terms[0], "shape": shape, "mark": estimate,
            "low": np.nan if wild else get("percentile_low"), "high": np.nan if wild else get("percentile_high"),
            "std_error": get("std_error"), "p": get("p_value")}


def histogram(draws):
    low, high = np.percentile(draws, [0.25, 99.75])
    if not high > low:
        low, high = draws.min() - 0.5, draws.max() + 0.5
    count = int(np.clip(2 * np.cbrt(draws.size), 10, 40))  # Rice's rule
    edges = np.linspace(low, high, count + 1)
    counts, _ = np.histogram(draws, edges)
    return edges, counts / (draws.size * np.diff(edges))


def bootstrap_page(part, of, gallery):
    facts = [bootstrap_facts(g) for g in part]
    facts = [f for f in facts if f["shape"] is not None and f["shape"][1].size > 0]
    if not facts:
        return

    def draw():
        figure, axes = panels(len(facts), columns=2 if len(facts) > 1 else 1, height=1.85 if len(facts) > 1 else 2.8)
        for axis, fact in zip(axes, facts):
            edges, heights = fact["shape"]
            axis.stairs(heights, edges, fill=True, color=BLUE, alpha=0.32)
            axis.stairs(heights, edges, color=BLUE, linewidth=0.7)
            mark, scale = fact["mark"], 1.0 if fact["wild"] else fact["std_error"]
            centre = 0.0 if fact["wild"] else mark
            if scale > 0:
                x = np.linspace(edges[0], edges[-1], 200)
                axis.plot(x, np.exp(-0.5 * ((x - centre) / scale) ** 2) / (scale * np.sqrt(2 * np.pi)), color=INK, linewidth=1,
                          linestyle=(0, (4, 2)))
            for end in (fact["low"], fact["high"]):
                if np.isfinite(end):
                    axis.axvline(end, color=RED, linewidth=1, linestyle=(0, (1.5, 1.2)))
            axis.axvline(mark, color=RED, linewidth=1.6)
            axis.set_yticks([])
            axis.spines["left"].set_visible(False)
            axis.grid(False)
            axis.set_title(short(fact["group"].name, 26))
            axis.set_xlabel(("t of " if fact["wild"] else "") + short(fact["term"], 22), labelpad=2)
        return figure

    rows = [(f["group"].name, f["group"].word("method"), f["term"], "t" if f["wild"] else "coefficient", a, b, h)
            for f in facts for (a, b, h) in zip(f["shape"][0][:-1], f["shape"][0][1:], f["shape"][1])]
    told = []
    if any(not f["wild"] for f in facts):
        told.append("Draws of the coefficient by resampling; red: the estimate, dotted its percentile interval, dashed the normal "
                    "density with the analytic standard error")
    if any(f["wild"] for f in facts):
        told.append("wild bootstraps show t under the null hypothesis, with the observed t in red and the standard normal density dashed"
                    if told else "t of the wild bootstrap under the null hypothesis; red: the observed t, dashed the standard normal density")
    told[0] = told[0][0].upper() + told[0][1:]
    first = facts[0]
    end = f"{short(first['group'].name)}: {p_text(first['p'])}" if np.isfinite(first["p"]) else ""
    if np.isfinite(first["low"]):
        end = (f"{short(first['group'].name)}: {short(first['term'])} {number(first['mark'])}, interval {number(first['low'])} to "
               f"{number(first['high'])}" + (f", {p_text(first['p'])}" if np.isfinite(first["p"]) else ""))
    gallery.add("bootstrap", ("bootstrap", of.split()[0].strip("(") if of else ""),
                f"Bootstrap distributions{of}",
                "; ".join(told) + f". Where histogram and dashed line part, the textbook's normal approximation does not hold. {end}.",
                dict(zip(("bootstrap", "method", "term", "of", "from", "to", "density"), zip(*rows))), draw)


def placebo_curve(group):
    """Draws, their p values, the estimate, and the density: places and heights (one fewer: of bars between the places)."""
    estimate = group.number("estimate")
    if not group.has("draw"):
        places, heights = bars(group.numbers("draw_percentile").ravel(), group.numbers("percent"))
        return (np.zeros(0), np.zeros(0), estimate, places, heights) if heights.size else None
    draws = group.numbers("draw")
    ps = group.numbers("draw_p_value") if group.has("draw_p_value") else np.full(draws.size, np.nan)
    keep = np.isfinite(draws)
    draws, ps = draws[keep], ps[keep]
    if draws.size < 3:
        return None
    edge = max(abs(draws).max(), abs(estimate)) * 1.08
    at = np.linspace(-edge, edge, 301)
    return draws, ps, estimate, at, density(draws, at)


def placebo_page(part, of, gallery):
    groups = [g for g in part if placebo_curve(g) is not None]
    if not groups:
        return
    curves = {g.name: placebo_curve(g) for g in groups}

    def draw():
        figure, axes = panels(len(groups), columns=2 if len(groups) > 1 else 1, height=1.95 if len(groups) > 1 else 3.0)
        for k, (axis, group) in enumerate(zip(axes, groups)):
            draws, ps, estimate, at, heights = curves[group.name]
            few = slice(None, None, max(1, draws.size // 600))
            axis.scatter(draws[few], ps[few], s=5, facecolor="none", edgecolor=BLUE, linewidth=0.45, alpha=0.7, rasterized=True)
            axis.axhline(0.1, color=SOFT, linewidth=0.8, linestyle=(0, (1.5, 1.2)))
            axis.axvline(0, color=LINE, linewidth=0.8)
            axis.axvline(estimate, color=RED, linewidth=1.5, linestyle=(0, (4, 2)))
            axis.set_ylim(0, 1.03)
            edge = 1.05 * max(abs(at[0]), abs(at[-1]), abs(estimate))
            axis.set_xlim(-edge, edge)
            axis.grid(False)
            axis.set_title(short(group.name, 26))
            left = k % 2 == 0 or len(groups) == 1
            axis.set_ylabel("p value (circles)" if left else "")
            axis.set_xlabel(f"coefficient of {short(group.word('treatment'), 18)}", labelpad=2)
            if heights is not None:
                other = axis.twinx()
                if heights.size == at.size:
                    other.plot(at, heights, color=INK, linewidth=1.4)
                else:
                    other.stairs(heights, at, color=INK, linewidth=1.4)
                other.set_ylim(0, None)
                other.grid(False)
                other.spines["right"].set_visible(True)
                other.set_ylabel("density (line)" if not left or len(groups) == 1 else "")
                other.tick_params(labelsize=7)
        return figure

    rows = [(name, d, p) for name, (draws, ps, *_) in curves.items() for d, p in zip(draws, ps)]
    for group in groups:
        if not group.has("draw"):
            rows += [(f"{group.name}, {q:g} % quantile", v, np.nan)
                     for q, v in zip(group.numbers("percent"), group.numbers("draw_percentile").ravel())]
    first = groups[0]
    estimate = curves[first.name][2]
    made = first.number("replicates") - first.number("infeasible")
    rare = sum(g.number("p_value") < 0.05 for g in groups)
    gallery.add("placebo", ("placebo", of.split()[0].strip("(") if of else ""), f"Placebo tests{of}",
                f"Coefficients of fictitious treatments: their density (line) and the p value of each (circles; dotted: 0.1). Red: the real "
                f"estimate. If it stands apart from the heap, chance alone hardly makes it: so in {rare} of {len(groups)} here at "
                f"the 5 % level. {short(first.name)}: {number(estimate)}, {first.number('n_extreme'):.0f} of {made:.0f} draws as "
                f"extreme, {p_text(first.number('p_value'))}.",
                dict(zip(("placebo", "coefficient", "p_value"), zip(*rows))), draw)
