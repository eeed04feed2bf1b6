#include "engine/productivity_bootstrap.hpp"

#include <fmt/format.h>

#include <limits>
#include <map>

#include "engine/settings.hpp"

namespace greenfront {
namespace {

constexpr double nan = std::numeric_limits<double>::quiet_NaN();

/// Pairs with two usable rows, by the code of the later period.
std::map<std::int32_t, std::vector<std::size_t>> pairs_by_period(const Panel& panel,
                                                                 const std::vector<char>& usable,
                                                                 const std::vector<ProductivityPair>& pairs) {
    std::map<std::int32_t, std::vector<std::size_t>> by_period;
    for (std::size_t k = 0; k < pairs.size(); ++k) {
        if (usable[pairs[k].from] && usable[pairs[k].to]) by_period[panel.time[pairs[k].to]].push_back(k);
    }
    return by_period;
}

/// Every usable row of the two periods must be in a pair.
void check_balance(const Panel& panel, const std::vector<char>& usable,
                   const std::vector<ProductivityPair>& pairs, const std::vector<std::size_t>& some) {
    std::vector<char> paired(panel.rows(), 0);
    for (const std::size_t k : some) paired[pairs[k].from] = paired[pairs[k].to] = 1;
    const std::int32_t from = panel.time[pairs[some.front()].from], to = panel.time[pairs[some.front()].to];
    for (std::size_t r = 0; r < panel.rows(); ++r) {
        const bool inside = panel.time[r] == from || panel.time[r] == to;
        if (!inside || !usable[r] || paired[r] != 0) continue;
        throw Error(Fault::data,
                    fmt::format("{}: {} has a usable row in only one of the periods {} and {}; the bootstrap "
                                "draws for both together: leave the unit out, or fill its row",
                                panel.source, panel.unit_name[static_cast<std::size_t>(panel.unit[r])],
                                panel.time_value[static_cast<std::size_t>(from)],
                                panel.time_value[static_cast<std::size_t>(to)]));
    }
}

}  // namespace

void check_productivity_bootstrap(const ProductivityChoice& choice, Fault fault) {
    const std::string option = option_name("replicates", fault);
    if (choice.measure != Measure::malmquist || choice.dea.settings.model != dea::Model::radial)
        throw Error(fault,
                    fmt::format("{}: the bootstrap is that of measure malmquist, model radial", option));
    if (choice.frontier != Frontier::adjacent)
        throw Error(fault, fmt::format("{}: the bootstrap draws two periods together and needs frontier "
                                       "adjacent, not {}",
                                       option, name(choice.frontier)));
}

ProductivityBootstrap bootstrap_productivity(const Panel& panel, const std::vector<char>& usable,
                                             const ProductivityChoice& choice,
                                             const std::vector<ProductivityPair>& pairs,
                                             const dea::MalmquistSettings& settings) {
    ProductivityBootstrap result;
    result.intervals.resize(pairs.size());
    for (auto& intervals : result.intervals) intervals.fill({nan, nan, nan, nan});
    result.without.assign(pairs.size(), 0);
    dea::MalmquistSettings own = settings;
    own.orientation = choice.dea.settings.orientation;
    own.returns = choice.dea.settings.returns;
    own.variable = choice.pure;
    own.decomposition = choice.decomposition;
    for (const auto& [period, some] : pairs_by_period(panel, usable, pairs)) {
        check_balance(panel, usable, pairs, some);
        std::vector<std::size_t> from, to;
        for (const std::size_t k : some) {
            from.push_back(pairs[k].from);
            to.push_back(pairs[k].to);
        }
        const auto part = dea::malmquist_bootstrap(quantities(panel, choice.dea.variables, from),
                                                   quantities(panel, choice.dea.variables, to), own);
        for (std::size_t i = 0; i < some.size(); ++i) {
            result.intervals[some[i]] = part.intervals[i];
            result.without[some[i]] = part.without[i];
        }
        result.periods.push_back({panel.time_value[static_cast<std::size_t>(panel.time[from.front()])],
                                  panel.time_value[static_cast<std::size_t>(period)],
                                  static_cast<std::int64_t>(some.size()), part.bandwidth, part.counters});
        ++own.item;
    }
    return result;
}

}  // namespace greenfront
