#include "engine/productivity_bootstrap.hpp"

#include <fmt/format.h>

#include <cmath>
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

std::optional<dea::MalmquistSettings> malmquist_settings(const ProductivityStage& words,
                                                         const ProductivityChoice& choice, std::uint64_t seed,
                                                         Fault fault) {
    const std::string option = option_name("replicates", fault);
    if (words.replicates == 0) {
        if (words.bandwidth)
            throw Error(fault, fmt::format("{}: is that of a bootstrap, which {} asks for",
                                           option_name("bandwidth", fault), option));
        return std::nullopt;
    }
    if (choice.measure != Measure::malmquist || choice.dea.settings.model != dea::Model::radial)
        throw Error(fault,
                    fmt::format("{}: the bootstrap is that of measure malmquist, model radial", option));
    if (choice.frontier != Frontier::adjacent)
        throw Error(fault, fmt::format("{}: the bootstrap draws two periods together and needs frontier "
                                       "adjacent, not {}",
                                       option, name(choice.frontier)));
    if (words.replicates < 2)
        throw Error(fault,
                    fmt::format("{} {}: at least 2 are needed, or 0 for none", option, words.replicates));
    if (!(words.confidence > 0 && words.confidence < 1))
        throw Error(fault, fmt::format("{} must lie between 0 and 1", option_name("confidence", fault)));
    dea::MalmquistSettings s;
    s.replicates = words.replicates;
    s.confidence = words.confidence;
    s.seed = seed;
    if (!words.bandwidth) return s;
    s.bandwidth = *words.bandwidth;
    if (!(s.bandwidth > 0 && std::isfinite(s.bandwidth)))
        throw Error(fault, fmt::format("{} must be positive, in standard deviations",
                                       option_name("bandwidth", fault)));
    return s;
}

void check_partners(const Panel& panel, const std::vector<char>& usable,
                    const std::vector<ProductivityPair>& pairs) {
    for (const auto& [period, some] : pairs_by_period(panel, usable, pairs))
        check_balance(panel, usable, pairs, some);
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
