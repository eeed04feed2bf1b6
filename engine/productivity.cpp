#include "engine/productivity.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "engine/dea_warnings.hpp"

namespace greenfront {
namespace {

constexpr double nan = std::numeric_limits<double>::quiet_NaN();

/// Where a score stands in a measurement.
struct Slot {
    std::int32_t yardstick = -1, position = -1;
};
using Slots = std::vector<Slot>;
using Rows = std::vector<std::int32_t>;

/// Positions in Panel::time_value of the periods of the sample, ascending.
std::vector<std::int32_t> sample_periods(const Panel& panel, const std::vector<char>& usable) {
    std::vector<std::int32_t> periods;
    for (std::size_t r = 0; r < panel.rows(); ++r) {
        if (usable[r]) periods.push_back(panel.time[r]);
    }
    std::sort(periods.begin(), periods.end());
    periods.erase(std::unique(periods.begin(), periods.end()), periods.end());
    return periods;
}

/// The yardsticks of an analysis and where each row's scores will stand.
class Layout {
  public:
    Layout(const Panel& panel, const std::vector<char>& usable, const std::vector<ProductivityPair>& pairs,
           Frontier frontier, bool own_only);

    std::vector<dea::Yardstick> yardsticks;
    Slots own, earlier, later, pool_from, pool_to;  ///< by panel row

  private:
    void add_own(bool sequential);
    void add_neighbours(const std::vector<ProductivityPair>& pairs);
    void add_global();
    void add_biennial();
    void evaluate(std::int32_t yardstick, std::int32_t row, Slots& slots) {
        Rows& rows = yardsticks[static_cast<std::size_t>(yardstick)].evaluated;
        slots[static_cast<std::size_t>(row)] = {yardstick, static_cast<std::int32_t>(rows.size())};
        rows.push_back(row);
    }
    [[nodiscard]] std::size_t place_of(std::size_t row) const {
        return place_[static_cast<std::size_t>(time_[row])];
    }

    const std::vector<std::int32_t>& time_;
    const std::vector<char>& usable_;
    std::vector<Rows> rows_;          ///< usable rows of each period of the sample
    std::vector<std::size_t> place_;  ///< of a period in the sample, by position in Panel::time_value
};

Layout::Layout(const Panel& panel, const std::vector<char>& usable,
               const std::vector<ProductivityPair>& pairs, Frontier frontier, bool own_only)
    : time_(panel.time), usable_(usable), place_(std::max<std::size_t>(1, panel.time_value.size()), 0) {
    for (Slots* slots : {&own, &earlier, &later, &pool_from, &pool_to}) slots->resize(panel.rows());
    const auto periods = sample_periods(panel, usable);
    for (std::size_t p = 0; p < periods.size(); ++p) place_[static_cast<std::size_t>(periods[p])] = p;
    rows_.resize(periods.size());
    for (std::size_t r = 0; r < panel.rows(); ++r) {
        if (usable[r]) rows_[place_of(r)].push_back(static_cast<std::int32_t>(r));
    }
    add_own(frontier == Frontier::sequential);
    if (own_only) return;
    if (frontier == Frontier::global) add_global();
    if (frontier == Frontier::biennial) add_biennial();
    if (frontier == Frontier::adjacent || frontier == Frontier::sequential) add_neighbours(pairs);
}

/// One yardstick a period, with all of the period's rows measured by it.
void Layout::add_own(bool sequential) {
    for (std::size_t p = 0; p < rows_.size(); ++p) {
        dea::Yardstick& yardstick = yardsticks.emplace_back();
        if (sequential && p > 0) yardstick.reference = yardsticks[p - 1].reference;
        yardstick.reference.insert(yardstick.reference.end(), rows_[p].begin(), rows_[p].end());
        for (const std::int32_t r : rows_[p]) evaluate(static_cast<std::int32_t>(p), r, own);
    }
}

/// Each row of a pair by the technology of the other's period, too.
void Layout::add_neighbours(const std::vector<ProductivityPair>& pairs) {
    for (const auto& [from, to] : pairs) {
        if (!usable_[from] || !usable_[to]) continue;
        evaluate(static_cast<std::int32_t>(place_of(to)), static_cast<std::int32_t>(from), later);
        evaluate(static_cast<std::int32_t>(place_of(from)), static_cast<std::int32_t>(to), earlier);
    }
}

void Layout::add_global() {
    const auto k = static_cast<std::int32_t>(yardsticks.size());
    yardsticks.emplace_back();
    for (std::size_t r = 0; r < usable_.size(); ++r) {
        if (!usable_[r]) continue;
        yardsticks.back().reference.push_back(static_cast<std::int32_t>(r));
        evaluate(k, static_cast<std::int32_t>(r), pool_from);
    }
    pool_to = pool_from;
}

/// All rows of the two periods are measured, which keeps their technology cheap.
void Layout::add_biennial() {
    for (std::size_t p = 0; p + 1 < rows_.size(); ++p) {
        const auto k = static_cast<std::int32_t>(yardsticks.size());
        yardsticks.emplace_back();
        for (const std::size_t q : {p, p + 1}) {
            yardsticks.back().reference.insert(yardsticks.back().reference.end(), rows_[q].begin(),
                                               rows_[q].end());
            for (const std::int32_t r : rows_[q]) evaluate(k, r, q == p ? pool_from : pool_to);
        }
    }
}

/// A measurement and the way into it.
struct Scored {
    const Layout& layout;
    dea::Measurement measurement;
    dea::Gauge gauge;

    [[nodiscard]] dea::Measured score(const Slots& slots, std::size_t row) const {
        const Slot slot = slots[row];
        if (slot.yardstick < 0) return {nan, Status::undefined};
        return measurement
            .scores[static_cast<std::size_t>(slot.yardstick)][static_cast<std::size_t>(slot.position)];
    }
    [[nodiscard]] dea::PairEfficiencies pair(const ProductivityPair& rows, bool pooled) const {
        const auto at = [&](const Slots& slots, std::size_t row) {
            return dea::efficiency(gauge, score(slots, row));
        };
        return {at(layout.own, rows.from),
                at(layout.own, rows.to),
                at(layout.later, rows.from),
                at(layout.earlier, rows.to),
                at(layout.pool_from, rows.from),
                at(layout.pool_to, rows.to),
                pooled};
    }
    [[nodiscard]] ProductivityScores all() const {
        const auto column = [&](const Slots& slots) {
            std::vector<double> values;
            for (std::size_t r = 0; r < slots.size(); ++r) {
                const dea::Measured m = score(slots, r);
                values.push_back(m.status == Status::optimal ? m.value : nan);
            }
            return values;
        };
        return {column(layout.own), column(layout.earlier), column(layout.later), column(layout.pool_from),
                column(layout.pool_to)};
    }
};

/// The index since the unit's first period; nothing after a period that the unit has no index to.
std::vector<double> accumulate(const Panel& panel, const ProductivityChoice& choice,
                               const Productivity& result) {
    const bool ratio = choice.comparison == dea::Comparison::ratio;
    std::vector<double> total(panel.rows(), nan);
    std::int32_t unit = -1;
    for (std::size_t k = 0; k < result.pairs.size(); ++k) {  // by unit and period
        const auto [from, to] = result.pairs[k];
        if (panel.unit[from] != unit) total[from] = ratio ? 1 : 0;
        unit = panel.unit[from];
        const double index = result.changes[k].index;
        total[to] = ratio ? total[from] * index : total[from] + index;
    }
    return total;
}

void add_work(const dea::Measurement& more, Productivity& result) {
    auto& c = result.counters;
    c.programs += more.counters.programs;
    c.pivots += more.counters.pivots;
    c.pricing_passes += more.counters.pricing_passes;
    c.fallbacks += more.counters.fallbacks;
    auto& w = result.certificate;
    w.min_reduced_cost = std::min(w.min_reduced_cost, more.certificate.min_reduced_cost);
    w.primal_residual = std::max(w.primal_residual, more.certificate.primal_residual);
    w.gap = std::max(w.gap, more.certificate.gap);
}

std::vector<std::string> warnings_of(const Panel& panel, const std::vector<char>& selected,
                                     const std::vector<char>& usable, const ProductivityChoice& choice,
                                     const Productivity& result) {
    std::vector<std::string> warnings;
    warn_of_missing_values(panel, choice.dea, selected, usable, warnings);
    std::vector<ReferenceGroup> frontiers;
    for (const auto& yardstick : Layout(panel, usable, {}, choice.frontier, false).yardsticks)
        frontiers.push_back({{}, {yardstick.reference.begin(), yardstick.reference.end()}, {}, {}});
    warn_of_collinear_bads(panel, choice.dea, frontiers, warnings);
    if (choice.measure == Measure::malmquist_luenberger && choice.dea.variables.bad.empty())
        warnings.emplace_back(
            "malmquist-luenberger without a bad output is an index of good outputs and inputs alone; name "
            "the "
            "bad outputs, or measure malmquist");
    const auto all = means_of(panel, choice, result, -1);
    if (all.pairs == 0)
        warnings.emplace_back("no unit has a row in two consecutive periods; there is nothing to compare");
    for (std::size_t s = 1; s < all.status.size(); ++s) {
        if (all.status[s] == 0) continue;
        warnings.push_back(fmt::format(
            "{} of {} pairs ({:.1f} %) have no index: {}{}", all.status[s], all.pairs,
            100.0 * static_cast<double>(all.status[s]) / static_cast<double>(all.pairs), status_names[s],
            s == 1 && !choice.pooled()
                ? ", a row lies beyond the other period's technology; frontier global or "
                  "biennial has every row within"
                : ""));
    }
    return warnings;
}

}  // namespace

std::vector<std::int32_t> periods_before(const Panel& panel, const std::vector<char>& usable) {
    std::vector<std::int32_t> before(std::max<std::size_t>(1, panel.time_value.size()), -1);
    const auto periods = sample_periods(panel, usable);
    for (std::size_t p = 1; p < periods.size(); ++p)
        before[static_cast<std::size_t>(periods[p])] = periods[p - 1];
    std::vector<std::int32_t> by_row;
    for (const std::int32_t t : panel.time) by_row.push_back(before[static_cast<std::size_t>(t)]);
    return by_row;
}

std::vector<ProductivityPair> productivity_pairs(const Panel& panel, const std::vector<char>& selected,
                                                 const std::vector<char>& usable) {
    std::vector<ProductivityPair> pairs;
    const auto before = periods_before(panel, usable);
    for (std::size_t r = 1; r < panel.rows(); ++r) {  // rows are sorted by unit and period
        if (before[r] < 0 || (!selected.empty() && !selected[r])) continue;
        std::size_t q = r;
        while (q > 0 && panel.unit[q - 1] == panel.unit[r] && panel.time[q - 1] >= before[r]) --q;
        const bool present = panel.unit[q] == panel.unit[r] && panel.time[q] == before[r];
        if (q != r && present && (selected.empty() || selected[q])) pairs.push_back({q, r});
    }
    return pairs;
}

std::int64_t count_programs(const Panel& panel, const std::vector<char>& selected,
                            const std::vector<char>& usable, const ProductivityChoice& choice) {
    const auto pairs = productivity_pairs(panel, selected, usable);
    std::int64_t programs = 0;
    const auto count = [&](bool own_only) {
        for (const auto& yardstick : Layout(panel, usable, pairs, choice.frontier, own_only).yardsticks)
            programs += static_cast<std::int64_t>(yardstick.evaluated.size());
    };
    count(false);
    if (choice.pure) count(choice.decomposition == dea::Decomposition::fgnz);
    return programs;
}

ProductivityMeans means_of(const Panel& panel, const ProductivityChoice& choice, const Productivity& result,
                           std::int32_t period) {
    const bool ratio = choice.comparison == dea::Comparison::ratio;
    ProductivityMeans means;
    means.status.assign(status_names.size(), 0);
    using Part = double dea::Change::*;
    constexpr Part parts[] = {&dea::Change::index, &dea::Change::efficiency, &dea::Change::technical,
                              &dea::Change::pure, &dea::Change::scale};
    const auto wanted = [&](std::size_t k) { return period < 0 || panel.time[result.pairs[k].to] == period; };
    for (std::size_t k = 0; k < result.pairs.size(); ++k) {
        if (!wanted(k)) continue;
        ++means.pairs;
        ++means.status[static_cast<std::size_t>(result.changes[k].status)];
    }
    means.with_index = means.status[0];
    for (const Part part : parts) {
        double sum = 0, count = 0;
        for (std::size_t k = 0; k < result.pairs.size(); ++k) {
            const double value = result.changes[k].*part;
            if (!wanted(k) || std::isnan(value)) continue;
            sum += ratio ? std::log(value) : value;
            ++count;
        }
        means.mean.*part = count == 0 ? nan : ratio ? std::exp(sum / count) : sum / count;
    }
    return means;
}

Productivity measure_productivity(const Panel& panel, const std::vector<char>& selected,
                                  const std::vector<char>& usable, const ProductivityChoice& choice) {
    Productivity result;
    result.pairs = productivity_pairs(panel, selected, usable);
    std::vector<std::size_t> rows(panel.rows());
    for (std::size_t r = 0; r < rows.size(); ++r) rows[r] = r;
    const dea::Quantities units = quantities(panel, choice.dea.variables, rows);
    const Layout layout(panel, usable, result.pairs, choice.frontier, false);
    const Scored main{layout, dea::measure(units, layout.yardsticks, choice.dea.settings), choice.gauge};
    add_work(main.measurement, result);
    result.counters.zero_terms = main.measurement.counters.zero_terms;
    result.scores = main.all();

    const bool own_only = choice.decomposition == dea::Decomposition::fgnz;
    const Layout second(panel, usable, result.pairs, choice.frontier, own_only);
    Scored variable{second, {}, choice.gauge};
    if (choice.pure) {
        dea::Settings settings = choice.dea.settings;
        settings.returns = dea::Returns::vrs;
        variable.measurement = dea::measure(units, second.yardsticks, settings);
        add_work(variable.measurement, result);
        result.scores_vrs = variable.all();
    }
    for (const auto& pair : result.pairs) {
        std::optional<dea::PairEfficiencies> under_vrs;
        if (choice.pure) under_vrs = variable.pair(pair, choice.pooled());
        result.changes.push_back(dea::change(choice.comparison, main.pair(pair, choice.pooled()), under_vrs,
                                             choice.decomposition));
    }
    result.cumulative = accumulate(panel, choice, result);
    result.warnings = warnings_of(panel, selected, usable, choice, result);
    return result;
}

}  // namespace greenfront
