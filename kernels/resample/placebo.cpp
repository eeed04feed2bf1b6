#include "kernels/resample/placebo.hpp"

#include <fmt/format.h>
#include <oneapi/tbb/enumerable_thread_specific.h>
#include <oneapi/tbb/parallel_for.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

#include "kernels/error.hpp"
#include "kernels/resample/placebo_setting.hpp"
#include "kernels/stats/distributions.hpp"

namespace greenfront::resample {
namespace {

using Eigen::Index;
using Eigen::MatrixXd;
using Eigen::VectorXd;
using Way = PlaceboSetting::Way;

constexpr std::int64_t block_of_draws = 64;
constexpr double most_enumerated = 1e7;

/// Where the items of a draw come from, and where they go.
struct Source {
    const PlaceboSetting& setting;
    const PlaceboOptions& placebo;
    const Enumeration& enumeration;
    Shuffle shuffle;
    std::vector<std::int32_t> flat;  ///< items, cell after cell
    std::vector<double> value;       ///< trajectories: [period][item, 0] or item by item; rows: in flat order
    std::vector<std::int64_t> target;  ///< place in a draw of each row of the items in flat order
    std::vector<std::size_t> begin;    ///< of each item in `value` and, by flat order, in `target`
    std::vector<std::size_t> to;
    bool contiguous = false;  ///< rows: each cell fills places that follow each other
    bool by_period = false;   ///< trajectories in rectangular order

    Source(const PlaceboSetting& s, const PlaceboOptions& p, const Enumeration& e);
    [[nodiscard]] rng::Stream stream(std::int64_t r) const {
        return {placebo.seed, rng::stage_placebo, static_cast<std::uint64_t>(r), placebo.stream};
    }
    /// order[i]: the item whose values go to the i-th item of `flat`.
    void order(std::int64_t r, Shuffle::Words& words, std::vector<std::int32_t>& order) const;
    /// The same for the lanes of a rectangular draw; those that no unit fills get the item of zeros.
    void lanes(std::int64_t r, Shuffle::Words& words, std::vector<std::int32_t>& order) const;
    /// The numbers of draw r, before any mean is taken; places without a row are not touched.
    void fill(std::int64_t r, Shuffle::Words& words, std::vector<std::int32_t>& order,
              std::vector<double>& buffer, double* draw) const;
    /// The permuted column by row.
    void column(const std::vector<std::int32_t>& order, Eigen::Ref<VectorXd> column) const;
};

Source::Source(const PlaceboSetting& s, const PlaceboOptions& p, const Enumeration& e)
    : setting(s), placebo(p), enumeration(e), shuffle(s.exchange), flat(s.exchange.flat()) {
    const auto& rows = s.exchange.rows;
    if (s.store == nullptr) return;
    for (const auto item : flat) {
        to.push_back(target.size());
        for (const auto row : rows[static_cast<std::size_t>(item)])
            target.push_back(s.store->position[static_cast<std::size_t>(row)]);
    }
    if (s.exchange.scheme != Scheme::trajectory) {
        for (const auto item : flat) value.push_back(s.base(rows[static_cast<std::size_t>(item)][0]));
        contiguous = true;
        for (std::size_t c = 0; c < shuffle.cells(); ++c) {
            const std::size_t end = shuffle.begin(c) + s.exchange.cell[c].size();
            for (std::size_t i = shuffle.begin(c) + 1; i < end; ++i)
                contiguous = contiguous && target[i] == target[i - 1] + 1;
        }
        return;
    }
    by_period = s.store->rectangular;
    if (by_period) {
        for (std::size_t t = 0; t < rows[0].size(); ++t) {
            for (const auto& own : rows) value.push_back(s.base(own[t]));
            value.push_back(0);  // of lanes that no unit fills
        }
        return;
    }
    for (const auto& own : rows) {
        begin.push_back(value.size());
        for (const auto row : own) value.push_back(s.base(row));
    }
    to.push_back(target.size());
}

void Source::order(std::int64_t r, Shuffle::Words& words, std::vector<std::int32_t>& order) const {
    order = flat;
    if (!placebo.enumerate) {
        words.restart(stream(r));
        shuffle.all(words, order.data());
        return;
    }
    const auto donor = enumeration.assignment(r);
    for (std::size_t i = 0; i < flat.size(); ++i) order[i] = donor[static_cast<std::size_t>(flat[i])];
}

void Source::lanes(std::int64_t r, Shuffle::Words& words, std::vector<std::int32_t>& moved) const {
    order(r, words, moved);
    moved.resize(static_cast<std::size_t>(setting.store->stride), static_cast<std::int32_t>(flat.size()));
}

void Source::fill(std::int64_t r, Shuffle::Words& words, std::vector<std::int32_t>& moved,
                  std::vector<double>& buffer, double* draw) const {
    const bool rows = setting.exchange.scheme != Scheme::trajectory;
    if (rows && !placebo.enumerate) {
        words.restart(stream(r));
        if (contiguous) {
            for (std::size_t c = 0; c < shuffle.cells(); ++c) {
                const std::size_t first = shuffle.begin(c);
                double* const at = draw + target[first];
                std::copy_n(value.data() + first, setting.exchange.cell[c].size(), at);
                shuffle.cell(c, words, at);
            }
            return;
        }
        buffer = value;
        shuffle.all(words, buffer.data());
        for (std::size_t i = 0; i < buffer.size(); ++i) draw[target[i]] = buffer[i];
        return;
    }
    if (by_period) {
        lanes(r, words, moved);
        placebo_gather(*setting.store, value.data(), moved.data(), draw);
        return;
    }
    order(r, words, moved);
    if (rows) {
        for (std::size_t i = 0; i < moved.size(); ++i) {
            const auto row = setting.exchange.rows[static_cast<std::size_t>(moved[i])][0];
            draw[target[i]] = setting.base(row);
        }
    } else {
        for (std::size_t i = 0; i < moved.size(); ++i) {
            const double* from = value.data() + begin[static_cast<std::size_t>(moved[i])];
            for (std::size_t t = to[i]; t < to[i + 1]; ++t) draw[target[t]] = *from++;
        }
    }
}

void Source::column(const std::vector<std::int32_t>& moved, Eigen::Ref<VectorXd> result) const {
    for (std::size_t i = 0; i < moved.size(); ++i) {
        const auto& into = setting.exchange.rows[static_cast<std::size_t>(flat[i])];
        const auto& from = setting.exchange.rows[static_cast<std::size_t>(moved[i])];
        for (std::size_t t = 0; t < into.size(); ++t) result(into[t]) = setting.base(from[t]);
    }
}

/// What one block of draws works with; a thread keeps it from block to block.
struct Block {
    const Source& source;
    Shuffle::Words words;
    std::vector<std::int32_t> order;
    std::array<std::vector<std::int32_t>, placebo_strip> items;
    std::vector<double> buffer, memory, sums_work, score;
    VectorXd column, work;

    explicit Block(const Source& s) : source(s), words(s.shuffle, s.stream(0)) {}
    /// Up to eight draws from their numbers, one after the other in `memory`, or from `items`.
    void solve(std::int64_t count, bool gather, PlaceboDraw* out);
    void run(std::int64_t first, std::int64_t count, PlaceboDraw* out);
    void run_partialled(std::int64_t first, std::int64_t count, PlaceboDraw* out);
};

void Block::solve(std::int64_t count, bool gather, PlaceboDraw* out) {
    const PlaceboSetting& s = source.setting;
    const double* draw[placebo_strip] = {};
    const std::int32_t* item[placebo_strip] = {};
    for (std::int64_t i = 0; i < count; ++i) {
        draw[i] = memory.data() + i * s.store->size;
        item[i] = items[static_cast<std::size_t>(i)].data();
    }
    PlaceboInput input{draw, nullptr, nullptr};
    if (gather) input = {nullptr, source.value.data(), item};
    PlaceboSums sums[placebo_strip];
    placebo_sums(*s.store, input, static_cast<int>(count), sums_work, sums);
    for (std::int64_t i = 0; i < count; ++i) {
        if (placebo_from_sums(s, sums[i], out[i])) continue;
        if (gather) placebo_gather(*s.store, source.value.data(), item[i], memory.data() + i * s.store->size);
        column.resize(s.raw.size());
        for (Index row = 0; row < column.size(); ++row)
            column(row) = draw[i][s.store->position[static_cast<std::size_t>(row)]];
        out[i] = placebo_direct(s, column, work, score);
    }
}

void Block::run_partialled(std::int64_t first, std::int64_t count, PlaceboDraw* out) {
    const PlaceboSetting& s = source.setting;
    MatrixXd v(s.raw.size(), count);
    for (std::int64_t i = 0; i < count; ++i) {
        source.order(first + i, words, order);
        source.column(order, v.col(i));
    }
    if (s.way == Way::literal) {
        for (std::int64_t i = 0; i < count; ++i) out[i] = placebo_fit(s, v.col(i));
        return;
    }
    if (s.way == Way::partialled) s.prepared->absorber.apply(v);
    for (std::int64_t i = 0; i < count;) {
        if (s.store == nullptr) {
            out[i] = placebo_direct(s, v.col(i), work, score);
            ++i;
            continue;
        }
        const std::int64_t strip = std::min<std::int64_t>(placebo_strip, count - i);
        for (std::int64_t j = 0; j < strip; ++j) {
            double* const draw = memory.data() + j * s.store->size;
            for (Index row = 0; row < v.rows(); ++row)
                draw[s.store->position[static_cast<std::size_t>(row)]] = v(row, i + j);
        }
        solve(strip, false, out + i);
        i += strip;
    }
}

void Block::run(std::int64_t first, std::int64_t count, PlaceboDraw* out) {
    const PlaceboSetting& s = source.setting;
    if (s.store != nullptr && memory.empty())  // what no row fills stays zero from here on
        memory.assign(static_cast<std::size_t>(placebo_strip * s.store->size), 0.0);
    if (s.store == nullptr || s.way == Way::partialled) return run_partialled(first, count, out);
    for (std::int64_t i = 0; i < count; i += placebo_strip) {
        const std::int64_t strip = std::min<std::int64_t>(placebo_strip, count - i);
        const bool gather = source.by_period && s.way == Way::permuted;
        for (std::int64_t j = 0; j < strip; ++j) {
            if (gather) {
                source.lanes(first + i + j, words, items[static_cast<std::size_t>(j)]);
                continue;
            }
            double* const draw = memory.data() + j * s.store->size;
            source.fill(first + i + j, words, order, buffer, draw);
            if (s.way == Way::demeaned) placebo_demean(*s.store, s.demean_period, s.demean_unit, draw);
        }
        solve(strip, gather, out + i);
    }
}

void run(const Source& source, PlaceboDraws& result) {
    const std::int64_t replicates =
        source.placebo.enumerate ? static_cast<std::int64_t>(result.arrangements) : source.placebo.replicates;
    for (auto* column : {&result.draw, &result.draw_std_error, &result.draw_statistic})
        column->resize(replicates);
    result.draw_df.setConstant(replicates, source.setting.df);
    result.status.resize(static_cast<std::size_t>(replicates));
    result.reason.resize(static_cast<std::size_t>(replicates));
    const std::int64_t blocks = (replicates + block_of_draws - 1) / block_of_draws;
    oneapi::tbb::enumerable_thread_specific<Block> memory([&] { return Block(source); });
    oneapi::tbb::parallel_for(std::int64_t{0}, blocks, [&](std::int64_t b) {
        const std::int64_t first = b * block_of_draws, count = std::min(block_of_draws, replicates - first);
        PlaceboDraw draws[block_of_draws];
        memory.local().run(first, count, draws);
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
}

void check(const panel::Design& design, const PlaceboOptions& placebo) {
    if (design.endogenous.cols() > 0) {
        throw Error(Fault::usage,
                    "the placebo test of an instrumental-variables model is not there yet; "
                    "leave out the part \"| endogenous ~ instruments\"");
    }
    if (std::find(design.x_name.begin(), design.x_name.end(), placebo.treatment) == design.x_name.end()) {
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

}  // namespace

std::int64_t PlaceboDraws::infeasible() const {
    return draw.size() - test.used;
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
    result.arrangements = enumeration.count();
    check_exchange(s.exchange, placebo, result);
    const auto& term = fit.terms[static_cast<std::size_t>(s.treatment)];
    result.estimate = term.estimate;
    result.std_error = term.std_error;
    result.statistic = term.statistic;
    result.df = s.df;
    result.refitted = s.way == Way::partialled || s.way == Way::demeaned;
    result.literal = s.way == Way::literal;
    run(Source(s, placebo, enumeration), result);
    PermutationRule rule;
    const bool stata = placebo.compatibility != Compatibility::none;
    rule.ties = stata ? TieRule::stata : placebo.coefficient ? TieRule::coefficient : TieRule::t;
    rule.enumerated = placebo.enumerate;
    rule.share = stata;
    rule.arrangements = result.arrangements;
    result.test = permutation_test(placebo.coefficient ? result.estimate : result.statistic,
                                   placebo.coefficient ? result.draw : result.draw_statistic, rule);
    return result;
}

}  // namespace greenfront::resample
