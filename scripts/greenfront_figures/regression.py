"""Figures of regressions: coefficients side by side, specification curves, published figures."""

import numpy as np

from .style import BLUE, INK, RED, WIDTH, names_axis, number, plt, short, zero_line

PARTS_OF_MEDIATION = (".mediator", ".total", ".direct")


def draw_all(results, gallery):
    coefficients(results, gallery)
    for group in results.under("curve"):
        curve(group, gallery)
    published(results, gallery)


def first_terms(results):
    """(regression, outcome, term, estimate, low, high, p, n) of what each regression is about."""
    rows = []
    for group in results.under("regression"):
        if group.name.endswith(PARTS_OF_MEDIATION) and results.find(f"mediation/{group.name.rsplit('.', 1)[0]}"):
            continue
        terms = group.texts("term")
        endogenous = group.words("endogenous")
        k = terms.index(endogenous[0]) if endogenous and endogenous[0] in terms else 0
        if not terms or terms[k] == "_cons":
            continue
        at = lambda name: float(group.numbers(name)[k])  # noqa: E731
        rows.append((group.name, group.word("outcome"), terms[k], at("estimate"), at("std_error"), at("conf_low"),
                     at("conf_high"), at("p_value"), group.number("n"), group.word("vcov")))
    return rows


def coefficients(results, gallery):
    rows = first_terms(results)
    kinds = {}
    for row in rows:
        kinds.setdefault((row[1], row[2]), []).append(row)
    shown = {k: v for k, v in kinds.items() if len(v) > 1} or dict(list(kinds.items())[:1])
    if not shown:
        return
    left_out = len(rows) - sum(map(len, shown.values()))

    def draw():
        heights = [len(v) + 1.4 for v in shown.values()]
        figure, axes = plt.subplots(len(shown), 1, figsize=(WIDTH, 0.45 + 0.2 * sum(heights)), squeeze=False,
                                    gridspec_kw={"height_ratios": heights})
        for axis, ((outcome, term), members) in zip(axes[:, 0], shown.items()):
            for place, row in enumerate(members):
                sure = row[7] < 0.05
                axis.plot([row[5], row[6]], [place, place], color=BLUE, linewidth=1.4)
                axis.plot([row[3]], [place], linestyle="none", marker="o", markersize=5, color=BLUE,
                          markerfacecolor=BLUE if sure else "white")
            zero_line(axis, horizontal=False)
            names_axis(axis, [r[0] for r in members])
            axis.set_title(f"{short(term, 24)} on {short(outcome, 24)}")
        axes[-1, 0].set_xlabel("coefficient and its confidence interval")
        return figure

    (outcome, term), members = max(shown.items(), key=lambda item: len(item[1]))
    values = [r[3] for r in members]
    sure = sum(r[7] < 0.05 for r in members)
    gallery.add("regression", ("coefficients",), "The first regressor of each regression",
                f"Coefficient and confidence interval as each regression has them; filled where p < 0.05. {short(term)} on "
                f"{short(outcome)}: from {number(min(values))} to {number(max(values))} over {len(members)} regressions, "
                f"{sure} of them with p < 0.05."
                + (f" {left_out} regressions of an outcome and a regressor that no other has are in the table only." if left_out else ""),
                dict(zip(("regression", "outcome", "term", "estimate", "std_error", "conf_low", "conf_high", "p_value", "n", "vcov"),
                         zip(*rows))), draw)


CHOICES = [("model", "model"), ("disposability", "disposability"), ("reference", "reference"), ("returns", "returns"),
           ("method", "weights"), ("winsorize", "clipping")]


def curve(group, gallery):
    """Estimates in order of size; below each, the choices that it stands for."""
    estimate = group.numbers("estimate")
    valid = np.flatnonzero(np.isfinite(estimate))
    if valid.size < 2:
        return
    order = valid[np.argsort(estimate[valid], kind="stable")]
    low, high, p = group.numbers("conf_low"), group.numbers("conf_high"), group.numbers("p_value")
    names = group.texts("specification")
    own = int(np.flatnonzero(order == 0)[0]) if 0 in order else -1
    choices = []
    for key, words in CHOICES:
        values = group.texts(key)
        kinds = list(dict.fromkeys(values[k] for k in range(len(values))))
        if len(kinds) > 1:
            choices.append((words, kinds, [kinds.index(values[k]) for k in order]))
    lines = sum(len(kinds) for _, kinds, _ in choices)

    def draw():
        figure, (top, below) = plt.subplots(2, 1, figsize=(WIDTH, 2.6 + 0.16 * (lines + len(choices))), sharex=True,
                                            gridspec_kw={"height_ratios": [2.3, max(0.2, 0.16 * (lines + len(choices)))]})
        x = np.arange(order.size)
        colours = np.where(p[order] < 0.05, BLUE, "#9aa4b2")
        top.vlines(x, low[order], high[order], color=colours, linewidth=max(0.6, min(2, 120 / order.size)), alpha=0.65)
        top.scatter(x, estimate[order], color=colours, s=max(5, min(18, 900 / order.size)), zorder=3)
        if own >= 0:
            top.vlines([own], low[0], high[0], color=RED, linewidth=1.8, zorder=4)
            top.scatter([own], [estimate[0]], color=RED, s=28, marker="D", zorder=5)
            place = own / max(1, order.size - 1)
            top.annotate("the study's own", (own, high[0]), xytext=(0, 4), textcoords="offset points", color=RED, fontsize=8,
                         ha="left" if place < 0.15 else "right" if place > 0.85 else "center")
            top.margins(y=0.1)
        zero_line(top)
        top.grid(False, axis="x")
        top.set_ylabel("coefficient")
        place, ticks, labels = 0, [], []
        for words, kinds, at in choices:
            for k, kind in enumerate(kinds):
                here = np.flatnonzero(np.array(at) == k)
                below.axhline(place, color="#eef0f3", linewidth=0.8, zorder=1)
                below.scatter(here, np.full(here.size, place), marker="|", s=26, linewidth=max(0.8, min(2.2, 160 / order.size)),
                              color=[RED if i == own else INK for i in here], zorder=2)
                ticks.append(place)
                labels.append(f"{words}: {short(kind, 26)}" if k == 0 else short(kind, 26))
                place += 1
            place += 0.7
        below.set_yticks(ticks)
        below.set_yticklabels(labels, fontsize=7.5)
        below.set_ylim(place - 0.4, -0.7)
        below.tick_params(axis="both", length=0)
        below.set_xticks([])
        below.grid(False)
        for side in below.spines.values():
            side.set_visible(False)
        below.set_xlabel(f"{order.size} specifications, in order of the coefficient")
        return figure

    positive, sure = int((estimate[valid] > 0).sum()), int((p[valid] < 0.05).sum())
    missing = estimate.size - valid.size
    columns = {"specification": [names[k] for k in order]}
    columns.update({key: [group.texts(key)[k] for k in order] for key, _ in CHOICES})
    for key in ("estimate", "std_error", "conf_low", "conf_high", "p_value"):
        columns[key] = group.numbers(key)[order]
    gallery.add("curve", ("curve", group.name), f"Specification curve of {short(group.word('term'))} ({short(group.name)})",
                f"Each column is a regression under one set of choices, marked below it. {positive} of {valid.size} coefficients are "
                f"positive and {sure} have p < 0.05 (blue); they go from {number(estimate[valid].min())} to "
                f"{number(estimate[valid].max())}. Red: the study's own choice, {number(estimate[0])}."
                + (f" {missing} specifications have no estimate." if missing else ""), columns, draw)


def published(results, gallery):
    group = results.find("published")
    if group is None or not group.has("difference_std_errors"):
        return
    gap = group.numbers("difference_std_errors")
    valid = np.flatnonzero(np.isfinite(gap))
    if valid.size == 0:
        return
    tables, within = group.texts("table"), group.integers("within")
    kinds = list(dict.fromkeys(tables[k] for k in valid))

    def draw():
        figure, axis = plt.subplots(figsize=(WIDTH, 0.9 + 0.45 * len(kinds)))
        for place, table in enumerate(kinds):
            here = [k for k in valid if tables[k] == table]
            heap = np.zeros(len(here))
            values = gap[here]
            for i in np.argsort(values, kind="stable"):  # points that would cover each other stand above each other
                close = np.abs(values - values[i]) < 0.012 * max(1e-9, np.ptp(gap[valid]))
                heap[i] = ((close & (np.arange(len(here)) < i)).sum() % 7)
            colour = [BLUE if within[k] != 0 else RED for k in here]
            axis.scatter(values, place + 0.11 * (heap - np.minimum(3, heap.max() / 2)), s=13, color=colour, alpha=0.8, linewidth=0)
        zero_line(axis, horizontal=False)
        names_axis(axis, [f"Table {t}" if t.isdigit() else t for t in kinds])
        axis.set_xlabel("obtained less published coefficient, in published standard errors")
        return figure

    worst = valid[np.argmax(np.abs(gap[valid]))]
    outside = int((within[valid] == 0).sum())
    columns = {key: [group.texts(key)[k] for k in valid] for key in ("table", "column", "stage", "term")}
    columns.update({"published": group.numbers("value")[valid], "obtained": group.numbers("obtained")[valid],
                    "difference_std_errors": gap[valid], "within": within[valid]})
    gallery.add("paper", ("published",), "Coefficients beside the published ones",
                f"{valid.size} coefficients with a published standard error; {np.mean(np.abs(gap[valid]) < 0.5) * 100:.0f} % lie within half "
                f"of one, the farthest is {number(abs(gap[worst]), 2)} away ({short(group.texts('term')[worst])} in table "
                f"{tables[worst]}). Red: outside of its tolerance ({outside}).", columns, draw)
