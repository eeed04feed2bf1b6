// One random batch: technology, model, units.
#include "tests/dea/torture/batch.hpp"

#include <algorithm>
#include <cmath>

#include "tests/dea/torture/data.hpp"
#include "tests/dea/torture/numbers.hpp"

namespace greenfront::torture {
namespace {

using namespace dea;

Eigen::VectorXd random_weights(Numbers& random, Eigen::Index n) {
    Eigen::VectorXd w(n);
    for (Eigen::Index i = 0; i < n; ++i) w[i] = random.chance(0.1) ? 0.0 : random.uniform();
    w[random.below(static_cast<int>(n))] = 1.0;
    return w / w.sum();
}

/// One of the group's own magnitudes, some of them zero.
Direction random_direction(Numbers& random, const Eigen::MatrixXd& rows, double zeros) {
    Direction d;
    if (random.chance(zeros)) return d;
    d.kind = random.chance(0.6) ? Direction::Kind::observed : Direction::Kind::given;
    if (d.kind == Direction::Kind::observed) return d;
    d.given.resize(rows.rows());
    for (Eigen::Index i = 0; i < rows.rows(); ++i)
        d.given[i] = random.chance(0.15) ? 0.0 : rows.row(i).mean() * random.between(0.2, 2);
    return d;
}

Orientation one_side(Numbers& random) {
    return random.chance(0.5) ? Orientation::input : Orientation::output;
}

void choose_sbm(Numbers& random, Batch& b, bool super) {
    Settings& s = b.settings;
    s.orientation = random.chance(0.6) ? Orientation::none : one_side(random);
    s.drop_zero_outputs = random.chance(0.3);
    s.super = super;
    if (super && s.orientation == Orientation::none && random.chance(0.35)) {
        s.super_bads = SuperBads::numerator;
        return;
    }
    if (random.chance(0.3)) s.input_weights = random_weights(random, b.m());
    if (random.chance(0.3)) s.output_weights = random_weights(random, b.s1() + b.s2());
}

void choose_direction(Numbers& random, Batch& b) {
    Settings& s = b.settings;
    s.direction_inputs = random_direction(random, b.reference.X, 0.5);
    s.direction_goods = random_direction(random, b.reference.Y, 0.2);
    s.direction_bads = random_direction(random, b.reference.B, 0.3);
    if (b.s2() == 0 || random.chance(0.4)) return;
    if (s.returns == Returns::crs) {
        s.disposability = random.chance(0.8) ? Disposability::weak : Disposability::weak_naive;
    } else if (s.returns == Returns::vrs) {
        s.disposability = random.chance(0.7) ? Disposability::weak : Disposability::weak_naive;
    } else {
        s.disposability = Disposability::weak_naive;
    }
}

void choose_prices(Numbers& random, Batch& b, Eigen::Index rows) {
    for (Quantities* q : {&b.reference, &b.evaluated}) {
        q->price.resize(rows, q->units());
        for (Eigen::Index j = 0; j < q->units(); ++j) {
            for (Eigen::Index i = 0; i < rows; ++i)
                q->price(i, j) = std::exp(0.7 * random.normal()) * (i > 0 && random.chance(0.05) ? 0.0 : 1.0);
        }
    }
}

void choose_model(Numbers& random, Batch& b) {
    Settings& s = b.settings;
    switch (b.kind) {
        case Kind::radial:
        case Kind::super_radial:
            s.model = Model::radial;
            s.orientation = one_side(random);
            s.super = b.kind == Kind::super_radial;
            s.slacks = random.chance(0.3);
            s.slack_weights = random.chance(0.5) ? SlackWeights::mean : SlackWeights::raw;
            break;
        case Kind::sbm:
        case Kind::super_sbm:
            s.model = Model::sbm;
            choose_sbm(random, b, b.kind == Kind::super_sbm);
            break;
        case Kind::additive:
            s.model = Model::additive;
            s.orientation = random.chance(0.6) ? Orientation::none : one_side(random);
            if (s.additive_weights == AdditiveWeights::given) {
                s.item_weights.resize(b.variables());
                for (Eigen::Index i = 0; i < b.variables(); ++i) {
                    double mean = 0;
                    for (Eigen::Index j = 0; j < b.reference.units(); ++j) mean += value(b.reference, i, j);
                    mean /= static_cast<double>(b.reference.units());
                    const bool none = random.chance(0.1) || mean <= 0;
                    s.item_weights[i] = none ? 0.0 : random.uniform() / mean;
                }
                // All of them zero would be refused.
                if (s.item_weights.maxCoeff() <= 0) s.item_weights[0] = 1.0;
            }
            break;
        case Kind::ddf:
        case Kind::super_ddf:
            s.model = Model::ddf;
            s.super = b.kind == Kind::super_ddf;
            choose_direction(random, b);
            break;
        case Kind::nddf:
            s.model = Model::nddf;
            choose_direction(random, b);
            if (random.chance(0.4)) s.item_weights = random_weights(random, b.variables());
            break;
        case Kind::fdh:
            s.model = Model::fdh;
            s.orientation = one_side(random);
            break;
        case Kind::cost:
            s.model = Model::cost;
            choose_prices(random, b, b.m());
            break;
        case Kind::revenue:
            s.model = Model::revenue;
            choose_prices(random, b, b.s1());
            break;
    }
}

void split(const Quantities& all, Eigen::Index n, bool outside_only, Batch& b) {
    b.reference = {all.X.leftCols(n), all.Y.leftCols(n), all.B.leftCols(n)};
    b.evaluated = all;
    b.self.assign(static_cast<std::size_t>(all.units()), -1);
    for (Eigen::Index j = 0; j < n && !outside_only; ++j)
        b.self[static_cast<std::size_t>(j)] = static_cast<std::int32_t>(j);
}

void choose_left_out(Numbers& random, Batch& b) {
    const auto n = static_cast<int>(b.reference.units());
    for (const std::int32_t own : b.self) {
        const int around = own >= 0 ? own : random.below(n);
        const int first = std::max(0, around - random.below(4));
        const int last = std::min(n, around + 1 + random.below(4));
        b.left_out.push_back({first, last});
    }
}

void choose_compared(Numbers& random, Batch& b) {
    const auto k = static_cast<int>(b.evaluated.units());
    const int wanted = std::min(k, random.from(8, 24));
    std::vector<Eigen::Index> units(static_cast<std::size_t>(k));
    for (int j = 0; j < k; ++j) units[static_cast<std::size_t>(j)] = j;
    for (int j = 0; j < wanted; ++j) {
        const auto other = static_cast<std::size_t>(j + random.below(k - j));
        std::swap(units[static_cast<std::size_t>(j)], units[other]);
    }
    units.resize(static_cast<std::size_t>(wanted));
    std::sort(units.begin(), units.end());
    b.compared = std::move(units);
}

}  // namespace

ColumnRange Batch::hidden(Eigen::Index o) const {
    if (!settings.super) return {};
    if (!left_out.empty()) return left_out[static_cast<std::size_t>(o)];
    const std::int32_t own = self[static_cast<std::size_t>(o)];
    return own < 0 ? ColumnRange{} : ColumnRange{own, own + 1};
}

bool Batch::bads_equal() const {
    const bool directional = settings.model == Model::ddf || settings.model == Model::nddf;
    return directional && settings.disposability != Disposability::strong;
}

bool Batch::idle_intensities() const {
    return bads_equal() && settings.disposability == Disposability::weak &&
           settings.returns == Returns::vrs && s2() > 0;
}

Eigen::VectorXd direction(const Batch& batch, Eigen::Index o) {
    const Direction* groups[]{&batch.settings.direction_inputs, &batch.settings.direction_goods,
                              &batch.settings.direction_bads};
    const Eigen::Index sizes[]{batch.m(), batch.s1(), batch.s2()};
    Eigen::VectorXd g = Eigen::VectorXd::Zero(batch.variables());
    for (Eigen::Index group = 0, first = 0; group < 3; first += sizes[group++]) {
        const Direction& d = *groups[group];
        for (Eigen::Index i = 0; i < sizes[group]; ++i) {
            if (d.kind == Direction::Kind::observed) g[first + i] = value(batch.evaluated, first + i, o);
            if (d.kind == Direction::Kind::given) g[first + i] = d.given[i];
        }
    }
    return g;
}

void measure_spread(Batch& batch) {
    const dea::Quantities& q = batch.evaluated;
    const Eigen::Index n = q.units();
    batch.low = batch.high = batch.deviation = Eigen::VectorXd::Zero(batch.variables());
    for (Eigen::Index i = 0; i < batch.variables(); ++i) {
        long double low = value(q, i, 0), high = low, sum = 0, squares = 0;
        for (Eigen::Index j = 0; j < n; ++j) {
            const long double v = value(q, i, j);
            low = std::min(low, v);
            high = std::max(high, v);
            sum += v;
        }
        const long double mean = sum / static_cast<long double>(n);
        for (Eigen::Index j = 0; j < n; ++j) squares += (value(q, i, j) - mean) * (value(q, i, j) - mean);
        batch.low[i] = static_cast<double>(low);
        batch.high[i] = static_cast<double>(high);
        if (high > low)
            batch.deviation[i] = static_cast<double>(std::sqrt(squares / static_cast<long double>(n - 1)));
    }
}

double additive_weight(const Batch& batch, Eigen::Index i, Eigen::Index o) {
    const Eigen::Index m = batch.m(), s = batch.s1() + batch.s2();
    const bool good = i >= m && i < m + batch.s1();
    const Orientation side = batch.settings.orientation;
    const Eigen::Index count = side == Orientation::none ? m + s : side == Orientation::input ? m : s;
    const auto inverse = [](double times, double v) { return v > 0 ? 1 / (times * v) : -1.0; };
    const auto items = static_cast<double>(count);
    const double own = value(batch.evaluated, i, o);
    switch (batch.settings.additive_weights) {
        case AdditiveWeights::ones:
            return 1;
        case AdditiveWeights::mip:
            return inverse(1, own);
        case AdditiveWeights::ram:
            return inverse(items, batch.high[i] - batch.low[i]);
        case AdditiveWeights::bam:
            return inverse(items, good ? batch.high[i] - own : own - batch.low[i]);
        case AdditiveWeights::normalized:
            return inverse(1, batch.deviation[i]);
        case AdditiveWeights::given:
            return batch.settings.item_weights[i];
    }
    return 0;
}

Batch make_batch(std::uint64_t seed, std::int64_t number, const std::vector<Kind>& allowed) {
    Numbers random(seed, static_cast<std::uint64_t>(number));
    Batch b;
    b.seed = seed;
    b.number = number;
    b.kind = allowed[static_cast<std::size_t>(random.below(static_cast<int>(allowed.size())))];
    b.settings.returns = static_cast<Returns>(random.below(4));
    b.settings.price_all_columns = random.chance(0.15);

    const int total = random.from(2, 12), m = random.from(1, total - 1);
    const int s1 = random.chance(0.4) ? total - m : random.from(1, total - m), s2 = total - m - s1;
    const auto n = static_cast<Eigen::Index>(std::floor(3 * std::pow(1000.99, random.uniform())));
    const bool outside_only = b.kind != Kind::additive && random.chance(0.15);
    const Eigen::Index outside = outside_only         ? random.from(4, 40)
                                 : random.chance(0.4) ? random.from(1, static_cast<int>(n / 4) + 1)
                                                      : 0;
    Allowed features;
    features.sizes = b.settings.returns == Returns::crs;
    if (b.kind == Kind::additive) {
        b.settings.additive_weights = static_cast<AdditiveWeights>(random.below(6));
        const auto weights = b.settings.additive_weights;
        // Sums of slacks in the data's own units mean something only where these are alike. Distances and
        // ranges of units that are nearly the same have no correct digits.
        if (weights == AdditiveWeights::ones) features.units = false;
        if (weights != AdditiveWeights::ones && weights != AdditiveWeights::given)
            features.near_copies = false;
        // 1 / v_o of a zero good output has no value.
        if (weights == AdditiveWeights::mip) features.zeros = false;
    }
    split(make_units(random, m, s1, s2, n, outside, features, b.features), n, outside_only, b);
    choose_model(random, b);
    if (b.settings.super && random.chance(0.3)) choose_left_out(random, b);
    choose_compared(random, b);
    if (b.kind == Kind::additive) measure_spread(b);
    return b;
}

}  // namespace greenfront::torture
