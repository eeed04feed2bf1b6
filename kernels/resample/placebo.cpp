#include "kernels/resample/placebo.hpp"

#include <fmt/format.h>
#include <oneapi/tbb/enumerable_thread_specific.h>
#include <oneapi/tbb/parallel_for.h>
#include <oneapi/tbb/task_arena.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>
#include <memory>

#include "kernels/error.hpp"
#include "kernels/resample/placebo_iv.hpp"
#include "kernels/resample/placebo_setting.hpp"
#include "kernels/resample/placebo_source.hpp"
#include "kernels/stats/distributions.hpp"

namespace greenfront::resample {
namespace {

using Eigen::Index;
using Eigen::MatrixXd;
using Eigen::VectorXd;
using Way = PlaceboSetting::Way;

constexpr std::int64_t block_of_draws = 64;
constexpr double most_enumerated = 1e7;

/// Makes draws first .. first + count - 1.
using MakeDraws = std::function<void(std::int64_t first, std::int64_t count, PlaceboDraw* draws)>;

/// All draws of one test: a maker of draws for each thread, which owns what it works with.
struct Draws {
    const PlaceboOptions& placebo;
    std::function<MakeDraws()> maker;
    double df;
};

/// Calls use(first, draws, count) for all blocks of draws, in parallel.
template <class Use>
void every_block(const Draws& all, std::int64_t replicates, const Use& use) {
    const std::int64_t blocks = (replicates + block_of_draws - 1) / block_of_draws;
    oneapi::tbb::enumerable_thread_specific<MakeDraws> maker(all.maker);
    oneapi::tbb::parallel_for(std::int64_t{0}, blocks, [&](std::int64_t b) {
        const std::int64_t first = b * block_of_draws, count = std::min(block_of_draws, replicates - first);
        // A thread that waits for a loop within must not begin another block in the same memory.
        oneapi::tbb::this_task_arena::isolate([&] {
            PlaceboDraw draws[block_of_draws];
            maker.local()(first, count, draws);
            use(first, draws, count);
        });
    });
}

void keep_draws(const Draws& all, std::int64_t replicates, PlaceboDraws& result) {
    for (auto* column : {&result.draw, &result.draw_std_error, &result.draw_statistic})
        column->resize(replicates);
    result.draw_df.setConstant(replicates, all.df);
    result.status.resize(static_cast<std::size_t>(replicates));
    result.reason.resize(static_cast<std::size_t>(replicates));
    every_block(all, replicates, [&](std::int64_t first, const PlaceboDraw* draws, std::int64_t count) {
        for (std::int64_t i = 0; i < count; ++i) {
            const std::int64_t r = first + i;
            result.draw(r) = draws[i].estimate;
            result.draw_std_error(r) = draws[i].std_error;
            result.draw_statistic(r) = draws[i].estimate / draws[i].std_error;
            result.reason[static_cast<std::size_t>(r)] = draws[i].reason;
            result.status[static_cast<std::size_t>(r)] =
                std::isnan(draws[i].estimate) ? Status::undefined : Status::optimal;
        }
    });
    for (std::int64_t r = 0; r < replicates; ++r)
        result.left_out.add(r, result.reason[static_cast<std::size_t>(r)]);
}

void count_draws(const Draws& source, std::int64_t replicates, const PermutationCounts& start,
                 PlaceboDraws& result) {
    struct Tally {
        RunningPlacebo running;
        LeftOut left_out;
    };
    Tally none;
    none.running.counts = start;
    oneapi::tbb::enumerable_thread_specific<Tally> tallies(none);
    const bool coefficient = source.placebo.coefficient;
    every_block(source, replicates, [&](std::int64_t first, const PlaceboDraw* draws, std::int64_t count) {
        Tally& tally = tallies.local();
        for (std::int64_t i = 0; i < count; ++i) {
            const double b = draws[i].estimate, t = b / draws[i].std_error;
            tally.left_out.add(first + i, draws[i].reason);
            tally.running.counts.add(coefficient ? b : t);
            if (std::isnan(b)) continue;
            tally.running.estimate.add(b);
            tally.running.moments.add(b);
            if (!std::isnan(t)) tally.running.statistic.add(t);
        }
    });
    RunningPlacebo& all = result.running.emplace();
    all.counts = start;
    all.replicates = replicates;
    for (const Tally& tally : tallies) {
        all.estimate.merge(tally.running.estimate);
        all.statistic.merge(tally.running.statistic);
        all.moments.merge(tally.running.moments);
        all.counts.merge(tally.running.counts);
        result.left_out.merge(tally.left_out);
    }
}

/// All draws, and the test.
void run(const Draws& source, PlaceboDraws& result) {
    const PlaceboOptions& placebo = source.placebo;
    const std::int64_t replicates =
        placebo.enumerate ? static_cast<std::int64_t>(result.arrangements) : placebo.replicates;
    PermutationRule rule;
    const bool stata = placebo.compatibility != Compatibility::none;
    rule.ties = stata ? TieRule::stata : placebo.coefficient ? TieRule::coefficient : TieRule::t;
    rule.enumerated = placebo.enumerate;
    rule.share = stata;
    rule.arrangements = result.arrangements;
    const double observed = placebo.coefficient ? result.estimate : result.statistic;
    if (placebo.keep) {
        keep_draws(source, replicates, result);
        result.test =
            permutation_test(observed, placebo.coefficient ? result.draw : result.draw_statistic, rule);
        return;
    }
    count_draws(source, replicates, {observed, tie_tolerance(rule.ties, observed)}, result);
    result.test = permutation_test(result.running->counts, rule);
}

void check(const panel::Design& design, const PlaceboOptions& placebo) {
    if (design.endogenous.cols() == 0 &&
        std::find(design.x_name.begin(), design.x_name.end(), placebo.treatment) == design.x_name.end()) {
        throw Error(Fault::usage,
                    fmt::format("the treatment \"{}\" is not a regressor of the formula; its terms are: {}",
                                placebo.treatment, fmt::join(design.x_name, ", ")));
    }
    if (!placebo.enumerate && placebo.replicates < 1) {
        throw Error(Fault::usage, fmt::format("{} replicates: at least one is needed", placebo.replicates));
    }
}

/// What the items of a scheme are called, and when one of them has its cell to itself.
std::string alone(Scheme scheme) {
    switch (scheme) {
        case Scheme::trajectory:
            return "units are the only ones with their set of periods";
        case Scheme::within_time:
            return "rows are the only ones of their period";
        case Scheme::within_unit:
            return "rows are the only ones of their unit";
        case Scheme::cell:
            break;
    }
    return "rows are the only ones of their group";
}

void check_exchange(const Exchange& exchange, const PlaceboOptions& placebo, PlaceboDraws& result) {
    result.items = static_cast<std::int64_t>(exchange.rows.size());
    result.cells = static_cast<std::int64_t>(exchange.cell.size());
    result.fixed_items = exchange.fixed_items();
    const std::string group = placebo.within.levels > 0 ? " within " + placebo.within.name : "";
    if (result.fixed_items == result.items) {
        throw Error(Fault::data,
                    fmt::format("all {}{}, so nothing can change places; restrict the sample to a balanced "
                                "part with --where, or permute in larger groups",
                                alone(exchange.scheme), group));
    }
    if (result.arrangements < 2) {
        throw Error(Fault::data,
                    fmt::format("the treatment \"{}\" is the same for all that change "
                                "places{}, so every draw would be the sample; use another method",
                                placebo.treatment, group));
    }
    if (2 * result.fixed_items > result.items) {
        result.warnings.push_back(fmt::format("{} of {} {}{} and keep their own treatment in every draw",
                                              result.fixed_items, result.items, alone(exchange.scheme),
                                              group));
    }
    if (placebo.enumerate && !(result.arrangements <= most_enumerated)) {
        throw Error(Fault::usage,
                    fmt::format("there are {:.3g} different permutations, more than {:.0f}; draw at random "
                                "(without enumeration)",
                                result.arrangements, most_enumerated));
    }
}

/// Random permutations, or all of them where there are no more than that.
void settle(const Exchange& exchange, const Enumeration& enumeration, PlaceboOptions& placebo,
            PlaceboDraws& result) {
    result.arrangements = enumeration.count();
    check_exchange(exchange, placebo, result);
    placebo.enumerate = placebo.enumerate || (placebo.compatibility == Compatibility::none &&
                                              result.arrangements <= static_cast<double>(placebo.replicates));
    result.enumerated = placebo.enumerate;
}

PlaceboDraws instrumented(const panel::Design& design, const panel::Options& options,
                          const panel::Factor& unit, const panel::Factor& time, PlaceboOptions placebo) {
    const panel::Fit fit = panel::fit(design, options);
    const PlaceboIv s = placebo_iv(design, options, fit, unit, time, placebo);
    const Enumeration enumeration(s.exchange, s.value);
    PlaceboDraws result;
    result.units = panel::take_rows(unit, s.prepared.singletons.kept).levels;
    settle(s.exchange, enumeration, placebo, result);
    const auto& term = *std::find_if(fit.terms.begin(), fit.terms.end(),
                                     [&](const auto& t) { return t.name == placebo.treatment; });
    result.estimate = term.estimate;
    result.std_error = term.std_error;
    result.statistic = term.statistic;
    result.df = s.df;
    result.refitted = !s.commuting;
    const Shuffle shuffle(s.exchange);
    const auto flat = s.exchange.flat();
    const auto donors = [&](std::int64_t r, Shuffle::Words& words) {
        if (placebo.enumerate) return enumeration.assignment(r);
        words.restart({placebo.seed, rng::stage_placebo, static_cast<std::uint64_t>(r), placebo.stream});
        auto order = flat;
        shuffle.all(words, order.data());
        std::vector<std::int32_t> donor(flat.size());
        for (std::size_t i = 0; i < flat.size(); ++i) donor[static_cast<std::size_t>(flat[i])] = order[i];
        return donor;
    };
    const auto maker = [&]() -> MakeDraws {
        Shuffle::Words words(shuffle, {placebo.seed, rng::stage_placebo, 0, placebo.stream});
        return [&, words](std::int64_t first, std::int64_t count, PlaceboDraw* draws) mutable {
            MatrixXd columns(s.moving.rows(), s.moving.cols());
            std::vector<std::int64_t> source(static_cast<std::size_t>(columns.rows()));
            std::vector<double> score;
            for (std::int64_t i = 0; i < count; ++i) {
                source_rows(s.exchange, donors(first + i, words), source);
                for (Index row = 0; row < columns.rows(); ++row)
                    columns.row(row) = s.moving.row(source[static_cast<std::size_t>(row)]);
                draws[i] = s.draw(columns, score);
            }
        };
    };
    run({placebo, maker, s.df}, result);
    return result;
}

}  // namespace

void LeftOut::add(std::int64_t draw, Infeasible reason) {
    if (reason == Infeasible::none) return;
    ++count[static_cast<std::size_t>(reason)];
    if (first.size() == most_listed && draw > first.back()) return;
    first.insert(std::lower_bound(first.begin(), first.end(), draw), draw);
    if (first.size() > most_listed) first.pop_back();
}

void LeftOut::merge(const LeftOut& other) {
    for (std::size_t kind = 0; kind < count.size(); ++kind) count[kind] += other.count[kind];
    first.insert(first.end(), other.first.begin(), other.first.end());
    std::sort(first.begin(), first.end());
    if (first.size() > most_listed) first.resize(most_listed);
}

std::int64_t PlaceboDraws::replicates() const {
    return running ? running->replicates : draw.size();
}

std::int64_t PlaceboDraws::infeasible() const {
    return replicates() - test.used;
}

VectorXd PlaceboDraws::p_values() const {
    VectorXd p(draw.size());
    oneapi::tbb::parallel_for(Index{0}, p.size(),
                              [&](Index r) { p(r) = stats::t_two_sided(draw_statistic(r), draw_df(r)); });
    return p;
}

PlaceboDraws placebo(const panel::Design& design, const panel::Options& options, const panel::Factor& unit,
                     const panel::Factor& time, const PlaceboOptions& given) {
    check(design, given);
    if (design.endogenous.cols() > 0) return instrumented(design, options, unit, time, given);
    const panel::Fit fit = panel::fit(design, options);
    const panel::Prepared prepared = panel::prepare(design, options);
    const auto& kept = prepared.singletons.kept;
    const panel::Factor units = panel::take_rows(unit, kept), times = panel::take_rows(time, kept);
    PlaceboOptions placebo = given;
    if (given.within.levels > 0) placebo.within = panel::take_rows(given.within, kept);

    const PlaceboSetting s = placebo_setting(prepared, options, fit, units, times,
                                             exchange(placebo.scheme, units, times, placebo.within), placebo);
    const Enumeration enumeration(s.exchange, s.raw);
    PlaceboDraws result;
    result.units = units.levels;
    settle(s.exchange, enumeration, placebo, result);
    const auto& term = fit.terms[static_cast<std::size_t>(s.treatment)];
    result.estimate = term.estimate;
    result.std_error = term.std_error;
    result.statistic = term.statistic;
    result.df = s.df;
    result.refitted = s.way == Way::partialled || s.way == Way::demeaned;
    result.literal = s.way == Way::literal;
    const PlaceboSource source(s, placebo, enumeration);
    const auto maker = [&]() -> MakeDraws {
        return [block = std::make_shared<PlaceboBlock>(source)](std::int64_t first, std::int64_t count,
                                                                PlaceboDraw* draws) {
            block->run(first, count, draws);
        };
    };
    run({placebo, maker, s.df}, result);
    return result;
}

}  // namespace greenfront::resample
