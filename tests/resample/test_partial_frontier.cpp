#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>
#include <vector>

#include "kernels/dea/partial_frontier.hpp"
#include "kernels/rng/philox.hpp"

using namespace greenfront;
using dea::Orientation;
using dea::Partial;
using dea::PartialSettings;
using dea::Quantities;

namespace {

/// Two inputs, two good outputs, one bad one; whole numbers, so that ties and equal outputs occur.
Quantities units(Eigen::Index n, std::uint64_t seed) {
    Quantities q{Eigen::MatrixXd(2, n), Eigen::MatrixXd(2, n), Eigen::MatrixXd(1, n)};
    rng::Stream random(seed, 78, 0);
    for (auto* part : {&q.X, &q.Y, &q.B}) {
        for (auto& v : part->reshaped()) v = 1 + static_cast<double>(random.below(6));
    }
    return q;
}

PartialSettings settings(Partial kind, Orientation orientation, std::int64_t m, double alpha) {
    PartialSettings s;
    s.kind = kind;
    s.orientation = orientation;
    s.m = m;
    s.alpha = alpha;
    return s;
}

/// Of every peer of unit o, as the definition says: what share of o's inputs it needs, or by how much it
/// multiplies o's outputs.
std::vector<double> ratios(const Quantities& q, Eigen::Index o, Orientation orientation) {
    std::vector<double> found;
    for (Eigen::Index j = 0; j < q.units(); ++j) {
        if ((q.B.col(j).array() > q.B.col(o).array()).any()) continue;
        if (orientation == Orientation::input) {
            if ((q.Y.col(j).array() < q.Y.col(o).array()).any()) continue;
            found.push_back((q.X.col(j).array() / q.X.col(o).array()).maxCoeff());
        } else {
            if ((q.X.col(j).array() > q.X.col(o).array()).any()) continue;
            found.push_back((q.Y.col(j).array() / q.Y.col(o).array()).minCoeff());
        }
    }
    return found;
}

/// The mean over all ways to draw m of them, with replacement, of the best of those drawn.
double expectation(const std::vector<double>& u, int m, bool input, std::optional<double> best = {}) {
    if (m == 0) return *best;
    double sum = 0;
    for (const double one : u) {
        const double next = !best ? one : input ? std::min(*best, one) : std::max(*best, one);
        sum += expectation(u, m - 1, input, next);
    }
    return sum / static_cast<double>(u.size());
}

/// The value such that a share of more than 1 - alpha of the peers does as well.
double quantile(std::vector<double> u, double alpha, bool input) {
    std::sort(u.begin(), u.end());
    if (!input) std::reverse(u.begin(), u.end());
    double passed = 0;
    for (const double one : u) {
        passed += 1;
        if (passed / static_cast<double>(u.size()) > 1 - alpha + 1e-12) return one;
    }
    return u.back();
}

}  // namespace

TEST_CASE("partial frontiers are their definitions, unit by unit") {
    const Quantities q = units(14, 5);
    for (const Orientation orientation : {Orientation::input, Orientation::output}) {
        const bool input = orientation == Orientation::input;
        for (const int m : {1, 2, 3}) {
            const auto scores =
                dea::partial_frontier(q, q, {}, settings(Partial::order_m, orientation, m, 1));
            for (Eigen::Index o = 0; o < q.units(); ++o) {
                const auto i = static_cast<std::size_t>(o);
                const auto u = ratios(q, o, orientation);
                CAPTURE(o);
                CHECK(scores.status[i] == Status::optimal);
                CHECK(scores.peers[i] == static_cast<std::int64_t>(u.size()));
                CHECK(scores.score[i] == doctest::Approx(expectation(u, m, input)).epsilon(1e-12));
                CHECK(scores.at[i] == -1);
            }
        }
        for (const double alpha : {0.3, 0.5, 0.75, 0.9, 1.0}) {
            const auto scores =
                dea::partial_frontier(q, q, {}, settings(Partial::order_alpha, orientation, 25, alpha));
            for (Eigen::Index o = 0; o < q.units(); ++o) {
                const auto i = static_cast<std::size_t>(o);
                const auto u = ratios(q, o, orientation);
                CAPTURE(o);
                CAPTURE(alpha);
                CHECK(scores.score[i] == quantile(u, alpha, input));
                // The peer at the quantile has that ratio.
                const Eigen::Index j = scores.at[i];
                REQUIRE(j >= 0);
                CHECK(scores.score[i] == (input ? (q.X.col(j).array() / q.X.col(o).array()).maxCoeff()
                                                : (q.Y.col(j).array() / q.Y.col(o).array()).minCoeff()));
            }
        }
    }
}

TEST_CASE("partial frontiers: many draws are the free disposal hull") {
    const Quantities q = units(30, 6);
    for (const Orientation orientation : {Orientation::input, Orientation::output}) {
        const auto all = dea::partial_frontier(q, q, {}, settings(Partial::order_alpha, orientation, 1, 1));
        const auto many =
            dea::partial_frontier(q, q, {}, settings(Partial::order_m, orientation, 1'000'000, 1));
        for (std::size_t i = 0; i < all.score.size(); ++i)
            CHECK(many.score[i] == doctest::Approx(all.score[i]));
    }
}

TEST_CASE("partial frontiers: who has no peer, no input or no output") {
    Quantities q = units(6, 7), other = q;
    other.Y.col(0).setConstant(100);  // nobody produces as much
    other.X.col(1).setZero();
    other.Y.col(2).setZero();
    const auto input =
        dea::partial_frontier(other, q, {}, settings(Partial::order_m, Orientation::input, 2, 1));
    CHECK(input.status[0] == Status::infeasible);
    CHECK(std::isnan(input.score[0]));
    CHECK(input.status[1] == Status::undefined);
    other.X.col(0).setConstant(0.5);  // nobody needs as little
    const auto output =
        dea::partial_frontier(other, q, {}, settings(Partial::order_m, Orientation::output, 2, 1));
    CHECK(output.status[0] == Status::infeasible);
    CHECK(output.status[2] == Status::unbounded);
}

TEST_CASE("partial frontiers: replicates are scores against the clusters that were drawn") {
    const Quantities q = units(20, 8);
    std::vector<std::int32_t> cluster;
    for (std::int32_t j = 0; j < 20; ++j) cluster.push_back(j / 4);
    for (const Partial kind : {Partial::order_m, Partial::order_alpha}) {
        PartialSettings s = settings(kind, Orientation::input, 3, 0.7);
        s.replicates = 40;
        s.seed = 11;
        s.item = 2;
        const auto scores = dea::partial_frontier(q, q, cluster, s);
        std::vector<std::vector<double>> drawn(20);
        for (std::int64_t b = 0; b < s.replicates; ++b) {
            rng::Stream stream(s.seed, rng::stage_partial_frontier, static_cast<std::uint64_t>(b), s.item);
            std::vector<Eigen::Index> columns;
            for (int g = 0; g < 5; ++g) {
                const auto one = static_cast<Eigen::Index>(stream.below(5));
                for (Eigen::Index j = 4 * one; j < 4 * one + 4; ++j) columns.push_back(j);
            }
            const Quantities part{q.X(Eigen::all, columns), q.Y(Eigen::all, columns),
                                  q.B(Eigen::all, columns)};
            PartialSettings once = s;
            once.replicates = 0;
            const auto again = dea::partial_frontier(q, part, {}, once);
            for (std::size_t i = 0; i < 20; ++i) {
                if (again.status[i] == Status::optimal) drawn[i].push_back(again.score[i]);
            }
        }
        for (std::size_t i = 0; i < 20; ++i) {
            CAPTURE(i);
            CHECK(scores.without[i] == s.replicates - static_cast<std::int64_t>(drawn[i].size()));
            if (scores.without[i] > 0) {
                CHECK(std::isnan(scores.sd[i]));
                CHECK(std::isnan(scores.low[i]));
                continue;
            }
            double mean = 0, squares = 0;
            for (const double v : drawn[i]) mean += v / 40;
            for (const double v : drawn[i]) squares += (v - mean) * (v - mean);
            CHECK(scores.sd[i] == doctest::Approx(std::sqrt(squares / 39)).epsilon(1e-10));
            std::sort(drawn[i].begin(), drawn[i].end());
            // Type 7: place 0.025 * 39 = 0.975, between the first and the second.
            CHECK(scores.low[i] == doctest::Approx(drawn[i][0] + 0.975 * (drawn[i][1] - drawn[i][0])));
            CHECK(scores.high[i] == doctest::Approx(drawn[i][38] + 0.025 * (drawn[i][39] - drawn[i][38])));
        }
    }
}
