#include "kernels/resample/group_difference.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <oneapi/tbb/parallel_for.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include "kernels/error.hpp"
#include "kernels/panel/sample.hpp"
#include "kernels/resample/pairs_solve.hpp"
#include "kernels/rng/philox.hpp"
#include "kernels/stats/distributions.hpp"

namespace greenfront::resample {
namespace {

using Eigen::Index;
using Counts = std::vector<std::int32_t>;

constexpr double nan = std::numeric_limits<double>::quiet_NaN();
constexpr std::int64_t block_of_replicates = 32;  ///< fixed: nothing depends on the number of threads
constexpr double most_enumerated = 1e7;

/// n over k as a double: exact up to 2^53, and only smaller numbers are used as counts.
double binomial(std::int64_t n, std::int64_t k) {
    double value = 1;
    for (std::int64_t i = 1; i <= std::min(k, n - k); ++i)
        value = std::round(value * static_cast<double>(n - std::min(k, n - k) + i) / static_cast<double>(i));
    return value;
}

/// Subset number b of 0..G-1 with G0 members, in lexicographic order.
Counts subset(std::int32_t G, std::int32_t G0, std::int64_t b) {
    Counts members;
    auto left = static_cast<double>(b);
    for (std::int32_t g = 0; static_cast<std::int32_t>(members.size()) < G0; ++g) {
        const double with_g = binomial(G - g - 1, G0 - static_cast<std::int64_t>(members.size()) - 1);
        if (left < with_g) {
            members.push_back(g);
        } else {
            left -= with_g;
        }
    }
    return members;
}

void check(const panel::Design& design, const panel::Factor& group, const GroupOptions& choice) {
    if (design.endogenous.cols() > 0)
        throw Error(Fault::usage,
                    "the permutation test is for regressions without instruments; use interaction");
    if (group.levels != 2) {
        throw Error(Fault::data,
                    fmt::format("{} makes {} group{}; a permutation compares two: select them, or split the "
                                "variable at its median",
                                group.name, group.levels, group.levels == 1 ? "" : "s"));
    }
    if (!choice.enumerate && choice.replicates < 1)
        throw Error(Fault::usage, fmt::format("{} replicates: at least one is needed", choice.replicates));
    const auto& names = design.x_name;
    if (std::find(names.begin(), names.end(), choice.term) == names.end()) {
        throw Error(Fault::usage, fmt::format("\"{}\" has no coefficient here; the regressors are: {}",
                                              choice.term, fmt::join(names, ", ")));
    }
}

std::string level(const panel::Factor& factor, std::int32_t code) {
    return factor.level_name.empty() ? fmt::to_string(code)
                                     : factor.level_name[static_cast<std::size_t>(code)];
}

/// The group of each unit; a unit whose rows are in two groups cannot be permuted as a whole.
Counts group_of_units(const panel::Factor& unit, const panel::Factor& group) {
    Counts of(static_cast<std::size_t>(unit.levels), -1);
    for (std::size_t i = 0; i < unit.code.size(); ++i) {
        auto& known = of[static_cast<std::size_t>(unit.code[i])];
        if (known < 0) known = group.code[i];
        if (known == group.code[i]) continue;
        throw Error(
            Fault::data,
            fmt::format("{} {} is in group {} and in group {} of {}; a permutation moves whole units: "
                        "group them by something that does not change over time, such as a value of "
                        "the first year",
                        unit.name, level(unit, unit.code[i]), level(group, known),
                        level(group, group.code[i]), group.name));
    }
    return of;
}

/// The regression of one group alone.
GroupEstimate estimate_group(const panel::Design& design, const panel::Options& options,
                             const panel::Factor& group, std::int32_t code, const std::string& term) {
    std::vector<std::int64_t> rows;
    for (std::size_t i = 0; i < group.code.size(); ++i)
        if (group.code[i] == code) rows.push_back(static_cast<std::int64_t>(i));
    GroupEstimate result;
    result.name = level(group, code);
    const auto in_front = [&] { return fmt::format("group {} of {}: ", result.name, group.name); };
    panel::Fit fit;
    try {
        fit = panel::fit(panel::take_rows(design, rows), options);
    } catch (const Error& error) {
        throw Error(error.fault(), in_front() + error.what());
    }
    for (const auto& omitted : fit.omitted) {
        if (omitted.name == term)
            throw Error(Fault::data,
                        fmt::format("{}{} has no coefficient: it is {}", in_front(), term, omitted.reason));
    }
    result.n = fit.n;
    for (const auto& t : fit.terms) {
        if (t.name == term) result.estimate = t.estimate, result.std_error = t.std_error;
    }
    return result;
}

GroupOptions settled(const GroupOptions& choice, std::int64_t G, std::int64_t G0) {
    GroupOptions result = choice;
    const double all = binomial(G, G0);
    if (all <= static_cast<double>(choice.replicates)) result.enumerate = true;
    if (!result.enumerate) return result;
    if (all > most_enumerated) {
        throw Error(
            Fault::usage,
            fmt::format("{} of {} units can be chosen in {:.3g} ways, more than {:.0g}; draw at random "
                        "(without enumeration)",
                        G0, G, all, most_enumerated));
    }
    result.replicates = static_cast<std::int64_t>(all);
    return result;
}

}  // namespace

std::vector<std::int32_t> first_group(std::int32_t G, std::int32_t G0, const GroupOptions& choice,
                                      std::int64_t b) {
    if (choice.enumerate) return subset(G, G0, b);
    Counts order(static_cast<std::size_t>(G));
    std::iota(order.begin(), order.end(), 0);
    rng::Stream stream(choice.seed, rng::stage_group_difference, static_cast<std::uint64_t>(b),
                       choice.stream);
    for (std::int32_t i = 0; i < G0; ++i) {
        const auto other = static_cast<std::size_t>(i) + stream.below(static_cast<std::uint64_t>(G - i));
        std::swap(order[static_cast<std::size_t>(i)], order[other]);
    }
    order.resize(static_cast<std::size_t>(G0));
    return order;
}

GroupDraws group_permutation(const panel::Design& given, const panel::Options& options,
                             const panel::Factor& unit, const panel::Factor& groups,
                             const GroupOptions& choice) {
    check(given, groups, choice);
    panel::Design design = given;
    design.clusters = {unit};
    panel::Options clustered = options;
    clustered.variance = panel::Variance::cluster;
    const panel::Prepared prepared = panel::prepare(design, clustered);
    const panel::Factor& units = prepared.sample.clusters.front();
    panel::Factor labels{groups.name, {}, 2, groups.level_name};
    for (const auto row : prepared.singletons.kept)
        labels.code.push_back(groups.code[static_cast<std::size_t>(row)]);
    const Counts of = group_of_units(units, labels);

    GroupDraws draws;
    draws.term = choice.term;
    const std::int32_t G = units.levels;
    draws.units = G;
    for (std::int32_t code = 0; code < 2; ++code) {
        const auto members = std::count(of.begin(), of.end(), code);
        if (members < 2) {
            throw Error(
                Fault::data,
                fmt::format("group {} of {} has {} {} in the estimation sample; a permutation needs "
                            "two or more in each group",
                            level(groups, code), groups.name, members, members == 1 ? "unit" : "units"));
        }
        auto& one = draws.group[static_cast<std::size_t>(code)];
        one = estimate_group(design, clustered, groups, code, choice.term);
        one.units = members;
    }
    draws.difference = draws.group[0].estimate - draws.group[1].estimate;

    const auto G0 = static_cast<std::int32_t>(draws.group[0].units);
    const GroupOptions chosen = settled(choice, G, G0);
    draws.enumerated = chosen.enumerate;
    const auto& names = prepared.sample.x_name;
    const auto place = static_cast<Index>(std::find(names.begin(), names.end(), choice.term) - names.begin());
    if (place == static_cast<Index>(names.size()))
        throw Error(Fault::data, fmt::format("{} has no coefficient in the pooled sample", choice.term));
    const panel::Fit pooled = panel::fit(design, clustered);
    const PairsModel model = pairs_model(design, clustered, pooled);
    const PairsSolver solver(model, pooled, clustered, false);
    PairsDraws pairs;  // columns 2 b and 2 b + 1 are the groups of draw b
    pairs.draw.resize(static_cast<Index>(names.size()), 2 * chosen.replicates);
    pairs.status.assign(static_cast<std::size_t>(2 * chosen.replicates), Status::failed);
    std::vector<char> literal(pairs.status.size(), 0);
    const std::int64_t blocks = (chosen.replicates + block_of_replicates - 1) / block_of_replicates;
    oneapi::tbb::parallel_for(std::int64_t{0}, blocks, [&](std::int64_t block) {
        const std::int64_t begin = block * block_of_replicates;
        const std::int64_t end = std::min(begin + block_of_replicates, chosen.replicates);
        std::vector<Counts> counts;
        for (std::int64_t b = begin; b < end; ++b) {
            Counts first(static_cast<std::size_t>(G), 0), second(static_cast<std::size_t>(G), 1);
            for (const auto g : first_group(G, G0, chosen, b)) {
                first[static_cast<std::size_t>(g)] = 1;
                second[static_cast<std::size_t>(g)] = 0;
            }
            counts.push_back(std::move(first));
            counts.push_back(std::move(second));
        }
        solver.solve(counts, 2 * begin, pairs, literal);
    });
    draws.literal = std::count(literal.begin(), literal.end(), 1);
    draws.draw_estimate = pairs.draw.row(place).reshaped(2, chosen.replicates);
    draws.draw = (draws.draw_estimate.row(0) - draws.draw_estimate.row(1)).transpose();
    for (const double d : draws.draw)
        draws.status.push_back(std::isnan(d) ? Status::undefined : Status::optimal);
    return draws;
}

GroupSummary summarise(const GroupDraws& draws, double confidence) {
    GroupSummary s;
    const double d = draws.difference, tolerance = 1e-9 * (1 + std::abs(d));
    for (const double draw : draws.draw) {
        if (std::isnan(draw)) {
            ++s.infeasible;
            continue;
        }
        ++s.used;
        const double excess = std::abs(draw) - std::abs(d);
        s.n_greater += excess > tolerance ? 1 : 0;
        s.n_tie += std::abs(excess) <= tolerance ? 1 : 0;
        s.upper_greater += draw - d > tolerance ? 1 : 0;
        s.upper_tie += std::abs(draw - d) <= tolerance ? 1 : 0;
        s.lower_less += d - draw > tolerance ? 1 : 0;
    }
    s.share_low = s.share_high = nan;
    if (s.used == 0) {
        s.p_value = s.p_share = s.p_bdiff = nan;
        return s;
    }
    const auto used = static_cast<double>(s.used);
    const auto extreme = static_cast<double>(s.n_greater + s.n_tie);
    s.p_share = extreme / used;
    s.p_value = draws.enumerated ? s.p_share : (extreme + 1) / (used + 1);
    const double upper = static_cast<double>(s.upper_greater + s.upper_tie) / used;
    s.p_bdiff = upper > 0.5 ? 1 - upper : upper;
    if (!draws.enumerated) {
        const auto interval = stats::clopper_pearson(extreme, used, confidence);
        s.share_low = interval.low;
        s.share_high = interval.high;
    }
    return s;
}

}  // namespace greenfront::resample
