#include "kernels/dea/productivity.hpp"

#include <oneapi/tbb/parallel_for.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "kernels/dea/gather.hpp"

namespace greenfront::dea {
namespace {

constexpr double nan = std::numeric_limits<double>::quiet_NaN();
/// So close to 0 1 + D counts as 0.
constexpr double nothing = 1e-9;
/// From here on rho is 1: what engine/efficiency.hpp takes for super-efficiency, too.
constexpr double one = 1 - 1e-8;

/// Of each evaluated point its place in the reference set, or -1.
std::vector<std::int32_t> places(const Yardstick& yardstick, Eigen::Index units) {
    std::vector<std::int32_t> place(static_cast<std::size_t>(units), -1), self;
    for (std::size_t j = 0; j < yardstick.reference.size(); ++j)
        place[static_cast<std::size_t>(yardstick.reference[j])] = static_cast<std::int32_t>(j);
    for (const std::int32_t j : yardstick.evaluated) self.push_back(place[static_cast<std::size_t>(j)]);
    return self;
}

/// One yardstick's share of the measurement.
struct Part {
    std::vector<Measured> scores;
    Counters counters;
    Certificate certificate;

    void take(const Scores& scores_of, const std::vector<std::size_t>& to) {
        for (std::size_t j = 0; j < to.size(); ++j)
            scores[to[j]] = {scores_of.score[static_cast<Eigen::Index>(j)] + 0.0, scores_of.status[j]};
        add(counters, scores_of.counters);
        worst(certificate, scores_of.certificate);
    }
};

/// SBM: the points for which delta stands.
std::vector<std::size_t> beyond(const Part& part, const std::vector<std::int32_t>& self, bool super) {
    std::vector<std::size_t> points;
    for (std::size_t j = 0; j < self.size(); ++j) {
        const Measured& rho = part.scores[j];
        const bool outside = self[j] < 0 && rho.status == Status::infeasible;
        const bool efficient = super && self[j] >= 0 && rho.status == Status::optimal && rho.value >= one;
        if (outside || efficient) points.push_back(j);
    }
    return points;
}

void add_super(const Quantities& units, const Yardstick& yardstick, const Quantities& reference,
               const std::vector<std::int32_t>& self, Settings settings, Part& part) {
    const auto points = beyond(part, self, settings.super);
    if (points.empty()) return;
    settings.super = true;
    std::vector<std::int32_t> columns, some_self;
    std::vector<ColumnRange> left_out;
    for (const std::size_t j : points) {
        columns.push_back(yardstick.evaluated[j]);
        some_self.push_back(self[j]);
        left_out.push_back(self[j] < 0 ? ColumnRange{0, 0} : ColumnRange{self[j], self[j] + 1});
    }
    const auto zero_terms = part.counters.zero_terms;  // of the data, counted once
    part.take(evaluate(pick(units, columns), reference, some_self, settings, left_out), points);
    part.counters.zero_terms = zero_terms;
}

Part measure_one(const Quantities& units, const Yardstick& yardstick, const Settings& settings) {
    Part part;
    part.scores.assign(yardstick.evaluated.size(), {nan, Status::undefined});
    if (yardstick.evaluated.empty() || yardstick.reference.empty()) return part;
    const Quantities reference = pick(units, yardstick.reference);
    const auto self = places(yardstick, units.units());
    Settings plain = settings;
    plain.super = false;
    std::vector<std::size_t> all(self.size());
    for (std::size_t j = 0; j < all.size(); ++j) all[j] = j;
    part.take(evaluate(pick(units, yardstick.evaluated), reference, self, plain), all);
    if (settings.model == Model::sbm) add_super(units, yardstick, reference, self, settings, part);
    return part;
}

bool usable(const Measured& a, const Measured& b) {
    return a.status == Status::optimal && b.status == Status::optimal;
}

Status worse(Status a, Status b) {
    return std::max(a, b);  // in the order of the enumeration: a failure is the worst
}

/// c(a, b); NaN where a ratio has no value.
double compare(Comparison comparison, double a, double b) {
    if (comparison == Comparison::difference) return b - a;
    return a > 0 ? b / a : nan;
}

double joined(Comparison comparison, double a, double b) {
    return comparison == Comparison::difference ? 0.5 * (a + b) : std::sqrt(a * b);
}

double compare(Comparison comparison, const Measured& a, const Measured& b) {
    return usable(a, b) ? compare(comparison, a.value, b.value) : nan;
}

struct Index {
    double value;
    Status status;
};

Index index_of(Comparison comparison, const PairEfficiencies& pair) {
    Index index{nan, Status::optimal};
    if (pair.pooled) {
        index = {compare(comparison, pair.pool_from, pair.pool_to),
                 worse(pair.pool_from.status, pair.pool_to.status)};
    } else {
        index = {joined(comparison, compare(comparison, pair.own_from, pair.to_in_from),
                        compare(comparison, pair.from_in_to, pair.own_to)),
                 worse(worse(pair.own_from.status, pair.own_to.status),
                       worse(pair.from_in_to.status, pair.to_in_from.status))};
    }
    if (std::isnan(index.value) && index.status == Status::optimal) index.status = Status::undefined;
    return index;
}

}  // namespace

Measurement measure(const Quantities& units, const std::vector<Yardstick>& yardsticks,
                    const Settings& settings) {
    std::vector<Part> parts(yardsticks.size());
    tbb::parallel_for(std::size_t{0}, yardsticks.size(),
                      [&](std::size_t k) { parts[k] = measure_one(units, yardsticks[k], settings); });
    Measurement result;
    Part sum;
    for (Part& part : parts) {
        add(sum.counters, part.counters);
        worst(sum.certificate, part.certificate);
        result.scores.push_back(std::move(part.scores));
    }
    result.counters = sum.counters;
    result.certificate = sum.certificate;
    return result;
}

Measured efficiency(Gauge gauge, const Measured& score) {
    if (score.status != Status::optimal) return {nan, score.status};
    const double v = score.value;
    switch (gauge) {
        case Gauge::score:
            return score;
        case Gauge::reciprocal:
            return v > 0 ? Measured{1 / v, score.status} : Measured{nan, Status::undefined};
        case Gauge::beyond_one:
            return 1 + v > nothing ? Measured{1 / (1 + v), score.status} : Measured{nan, Status::undefined};
        case Gauge::negative:
            return {-v, score.status};
    }
    return {nan, Status::failed};
}

Change change(Comparison comparison, const PairEfficiencies& pair,
              const std::optional<PairEfficiencies>& variable, Decomposition decomposition) {
    const Index index = index_of(comparison, pair);
    Change result{index.value, compare(comparison, pair.own_from, pair.own_to), nan, nan, nan, index.status};
    const bool ray_desli = decomposition == Decomposition::ray_desli && variable.has_value();
    if (variable) result.pure = compare(comparison, variable->own_from, variable->own_to);
    if (!ray_desli) {
        result.technical = compare(comparison, result.efficiency, result.index);
        result.scale = compare(comparison, result.pure, result.efficiency);
        return result;
    }
    result.efficiency = result.pure;
    result.technical = compare(comparison, result.pure, index_of(comparison, *variable).value);
    result.scale = compare(comparison, result.pure, compare(comparison, result.technical, result.index));
    return result;
}

}  // namespace greenfront::dea
