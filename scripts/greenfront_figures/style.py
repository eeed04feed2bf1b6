"""How all figures look, and how one is written down: picture, data, caption."""

import csv
import json
import re

import matplotlib

matplotlib.use("Agg")

import matplotlib.pyplot as plt  # noqa: E402
import numpy as np  # noqa: E402

# Okabe and Ito's colours, told apart with every common form of colour vision, and in grey by their lightness.
BLUE, ORANGE, GREEN, RED, SKY, PURPLE, YELLOW = ("#0072B2", "#E69F00", "#009E73", "#D55E00", "#56B4E9", "#CC79A7",
                                                 "#F0E442")
INK, SOFT, LINE = "#1c2430", "#5b6574", "#c9cfd8"
SEQUENCE = [BLUE, RED, GREEN, ORANGE, PURPLE, SKY]
WIDTH = 5.2  # inches: a column of text, and still readable on a telephone
FONTS = ["DejaVu Sans", "Noto Sans CJK SC", "WenQuanYi Micro Hei", "WenQuanYi Zen Hei", "Droid Sans Fallback"]


def prepare(name):
    """Our own settings, whatever the user's matplotlibrc says; names with $ or _ are shown as they are."""
    matplotlib.rcdefaults()
    known = {font.name for font in matplotlib.font_manager.fontManager.ttflist}
    plt.rcParams.update({
        "backend": "Agg",
        "font.family": [font for font in FONTS if font in known] or ["sans-serif"],
        "font.size": 9, "axes.titlesize": 9.5, "axes.labelsize": 9, "xtick.labelsize": 8.5, "ytick.labelsize": 8.5,
        "legend.fontsize": 8.5, "axes.titleweight": "bold", "axes.titlelocation": "left",
        "text.parse_math": False, "axes.formatter.useoffset": False, "axes.unicode_minus": True,
        "axes.spines.top": False, "axes.spines.right": False, "axes.edgecolor": SOFT, "axes.linewidth": 0.7,
        "axes.labelcolor": INK, "text.color": INK, "xtick.color": SOFT, "ytick.color": SOFT,
        "xtick.labelcolor": INK, "ytick.labelcolor": INK, "axes.axisbelow": True,
        "axes.grid": True, "grid.color": "#e6e9ee", "grid.linewidth": 0.6, "legend.frameon": False,
        "axes.prop_cycle": matplotlib.cycler(color=SEQUENCE), "figure.dpi": 100, "savefig.dpi": 200,
        "figure.constrained_layout.use": True, "figure.constrained_layout.w_pad": 0.07,
        "figure.constrained_layout.h_pad": 0.06, "pdf.fonttype": 42, "svg.fonttype": "path",
        "svg.hashsalt": name, "path.simplify": True,
    })


def short(name, most=34):
    """A name on one line, its middle left out where it is long."""
    flat = " ".join("".join(c if c.isprintable() else " " for c in name).split())
    if len(flat) <= most:
        return flat
    return flat[:most * 2 // 3] + "…" + flat[-(most - most * 2 // 3 - 1):]


def number(value, digits=3):
    """For captions: a few significant digits, no exponent where none is needed."""
    if not np.isfinite(value):
        return "no number"
    if value == 0:
        return "0"
    magnitude = int(np.floor(np.log10(abs(value))))
    if -4 < magnitude < 6:
        return f"{value:.{max(0, digits - 1 - magnitude)}f}"
    return f"{value:.{digits - 1}e}"


def p_text(p):
    """In words: a p value that rounds to nothing is below something."""
    return "p < 0.001" if p < 0.0005 else f"p = {p:.3f}"


def panels(count, columns=2, height=2.0, width=WIDTH, **options):
    """A grid of axes for `count` panels; the rest is hidden."""
    columns = min(columns, count)
    rows = -(-count // columns)
    figure, grid = plt.subplots(rows, columns, figsize=(width, height * rows + 0.25), squeeze=False, **options)
    axes = list(grid.ravel())
    for axis in axes[count:]:
        axis.set_visible(False)
    return figure, axes[:count]


def legend_below(figure, handles, words, columns):
    """One legend for all panels, below them; the space is taken from the figure, not from the page."""
    rows = -(-len(words) // columns)
    share = (0.08 + 0.19 * rows) / figure.get_size_inches()[1]
    figure.get_layout_engine().set(rect=(0, share, 1, 1 - share))
    figure.legend(handles, words, loc="lower center", ncol=columns, borderaxespad=0.2, columnspacing=1.4, handlelength=2.2)


def plain(value):
    """A tick label with a true minus sign."""
    return f"{value:g}".replace("-", "\u2212")


def zero_line(axis, horizontal=True):
    (axis.axhline if horizontal else axis.axvline)(0, color=INK, linewidth=0.8, zorder=1.5)


def names_axis(axis, names, most=34):
    """Names down the left side, the first one at the top."""
    axis.set_yticks(range(len(names)))
    axis.set_yticklabels([short(n, most) for n in names])
    axis.set_ylim(len(names) - 0.4, -0.6)
    axis.grid(False, axis="y")
    axis.tick_params(axis="y", length=0)


def years_axis(axis, periods):
    """Whole periods only, few enough to be read."""
    step = max(1, -(-len(periods) // 6))
    axis.set_xticks(periods[::step])
    axis.set_xticklabels([f"{p:g}" for p in periods[::step]])


class Gallery:
    """Where figures go: a folder with a picture in each format, a CSV and the list of all."""

    def __init__(self, folder, formats, only):
        self.folder, self.formats, self.only = folder, formats, only
        self.entries, self.taken = [], set()

    def wanted(self, name):
        return not self.only or any(name == o or name.startswith(o + "-") for o in self.only)

    def file_name(self, *parts):
        """Letters, digits and - only, so that no name of a stage can leave the folder."""
        base = "-".join(re.sub(r"[^A-Za-z0-9_]+", "-", p).strip("-") or "x" for p in parts if p)
        name, copy = base, 2
        while name.lower() in self.taken:
            name, copy = f"{base}-{copy}", copy + 1
        self.taken.add(name.lower())
        return name

    def add(self, section, name, title, caption, columns, draw):
        """`columns`: header and values of the CSV; `draw()` makes and returns the figure."""
        name = self.file_name(*name)
        if not self.wanted(name):
            return
        prepare(name)
        figure = draw()
        for form in self.formats:
            # No date and no version: the same results give the same bytes.
            metadata = {"svg": {"Date": None, "Creator": None, "Title": title},
                        "pdf": {"CreationDate": None, "Producer": None, "Creator": None, "Title": title},
                        "png": {"Software": None, "Title": title}}[form]
            figure.savefig(self.folder / f"{name}.{form}", metadata=metadata)
        plt.close(figure)
        with open(self.folder / f"{name}.csv", "w", newline="", encoding="utf-8") as file:
            writer = csv.writer(file, lineterminator="\n")
            writer.writerow(columns)
            writer.writerows(zip(*(map(cell, values) for values in columns.values())))
        self.entries.append({"name": name, "section": section, "title": title, "caption": caption})

    def finish(self):
        with open(self.folder / "figures.json", "w", encoding="utf-8") as file:
            json.dump(self.entries, file, ensure_ascii=False, indent=1)


def cell(value):
    if isinstance(value, (float, np.floating)):
        return "" if np.isnan(value) else repr(float(value))
    return value
