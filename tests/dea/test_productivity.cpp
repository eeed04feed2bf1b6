// Indices of productivity change: by hand, and what must hold for any efficiencies.
#include <oneapi/tbb/global_control.h>

#include <cmath>

#include "kernels/dea/productivity.hpp"
#include "tests/dea/support.hpp"

using namespace greenfront;
using namespace greenfront::dea;
using namespace greenfront::dea_test;

namespace {

constexpr double hair = 1e-12;

Measured got(double value) {
    return {value, Status::optimal};
}

/// E^0(0), E^1(1), E^1(0), E^0(1).
PairEfficiencies pair_of(Measured own_from, Measured own_to, Measured from_in_to, Measured to_in_from) {
    PairEfficiencies pair;
    pair.own_from = own_from;
    pair.own_to = own_to;
    pair.from_in_to = from_in_to;
    pair.to_in_from = to_in_from;
    return pair;
}

Settings radial(Orientation orientation, Returns returns = Returns::crs) {
    Settings s;
    s.model = Model::radial;
    s.orientation = orientation;
    s.returns = returns;
    return s;
}

Settings directional() {
    Settings s;
    s.model = Model::ddf;
    s.disposability = Disposability::weak;
    return s;
}

/// The four efficiencies of unit `o`; columns 0, .., n - 1 are period 0, n, .., 2n - 1 period 1.
PairEfficiencies adjacent(const Quantities& both, const Settings& settings, Gauge gauge, std::int32_t o) {
    const auto n = static_cast<std::int32_t>(both.units() / 2);
    std::vector<Yardstick> yardsticks(2);
    for (std::int32_t j = 0; j < n; ++j) {
        yardsticks[0].reference.push_back(j);
        yardsticks[1].reference.push_back(n + j);
    }
    for (auto& yardstick : yardsticks) yardstick.evaluated = {o, n + o};
    const Measurement m = measure(both, yardsticks, settings);
    return pair_of(efficiency(gauge, m.scores[0][0]), efficiency(gauge, m.scores[1][1]),
                   efficiency(gauge, m.scores[1][0]), efficiency(gauge, m.scores[0][1]));
}

}  // namespace

TEST_CASE("a Malmquist index by hand") {
    // y/x: A 1, B 1/2; then A 2, B 3/2. B against the two frontiers: 1/2, 3/2 and 1/4, 3/4.
    const Quantities both = quantities({{2, 2, 2, 2}}, {{2, 1, 4, 3}}, {});
    for (const auto orientation : {Orientation::input, Orientation::output}) {
        const Gauge gauge = orientation == Orientation::input ? Gauge::score : Gauge::reciprocal;
        const PairEfficiencies b = adjacent(both, radial(orientation), gauge, 1);
        CHECK(b.own_from.value == doctest::Approx(0.5).epsilon(hair));
        CHECK(b.to_in_from.value == doctest::Approx(1.5).epsilon(hair));
        CHECK(b.from_in_to.value == doctest::Approx(0.25).epsilon(hair));
        CHECK(b.own_to.value == doctest::Approx(0.75).epsilon(hair));
        const Change c = change(Comparison::ratio, b);
        CHECK(c.status == Status::optimal);
        CHECK(c.index == doctest::Approx(3).epsilon(hair));
        CHECK(c.efficiency == doctest::Approx(1.5).epsilon(hair));
        CHECK(c.technical == doctest::Approx(2).epsilon(hair));
        CHECK(std::isnan(c.pure));
    }
}

TEST_CASE("a Malmquist-Luenberger index and a Luenberger indicator by hand") {
    // One unit, (x, y, b) = (1, 2, 1), then (1.2, 3, 1), weak disposability: lambda = 1 - beta, so that
    // D^0(1): 2(1 - beta) = 3(1 + beta), beta = -1/5, lambda 1.2; D^1(0): 3(1 - beta) = 2(1 + beta), beta =
    // 1/5.
    const Quantities both = quantities({{1, 1.2}}, {{2, 3}}, {{1, 1}});
    const PairEfficiencies ml = adjacent(both, directional(), Gauge::beyond_one, 0);
    const Change product = change(Comparison::ratio, ml);
    CHECK(product.index == doctest::Approx(std::sqrt(1.25 * 1.2)).epsilon(hair));
    CHECK(product.efficiency == doctest::Approx(1).epsilon(hair));
    CHECK(product.technical == doctest::Approx(std::sqrt(1.5)).epsilon(hair));
    const Change sum = change(Comparison::difference, adjacent(both, directional(), Gauge::negative, 0));
    CHECK(sum.index == doctest::Approx(0.2).epsilon(hair));
    CHECK(sum.efficiency == doctest::Approx(0).epsilon(hair));
    CHECK(sum.technical == doctest::Approx(0.2).epsilon(hair));
    // With less input in period 1 its point lies beyond period 0's technology, whichever way beta goes.
    const Quantities short_of = quantities({{1, 1.1}}, {{2, 3}}, {{1, 1}});
    const Change none = change(Comparison::ratio, adjacent(short_of, directional(), Gauge::beyond_one, 0));
    CHECK(none.status == Status::infeasible);
    CHECK(none.efficiency == doctest::Approx(1).epsilon(hair));
}

TEST_CASE("the parts make up the index") {
    Numbers random(7);
    for (int k = 0; k < 200; ++k) {
        const auto one = [&] { return got(0.1 + random.uniform()); };
        const PairEfficiencies crs = pair_of(one(), one(), one(), one());
        const PairEfficiencies vrs = pair_of(one(), one(), one(), one());
        for (const auto comparison : {Comparison::ratio, Comparison::difference}) {
            const auto join = [&](double a, double b) {
                return comparison == Comparison::ratio ? a * b : a + b;
            };
            const Change f = change(comparison, crs, vrs);
            CHECK(join(f.efficiency, f.technical) == doctest::Approx(f.index).epsilon(hair));
            CHECK(join(f.pure, f.scale) == doctest::Approx(f.efficiency).epsilon(hair));
            const Change r = change(comparison, crs, vrs, Decomposition::ray_desli);
            CHECK(r.index == f.index);
            CHECK(r.pure == f.pure);
            CHECK(r.efficiency == r.pure);
            CHECK(join(join(r.pure, r.technical), r.scale) == doctest::Approx(f.index).epsilon(hair));
        }
    }
}

TEST_CASE("a pooled index goes around in a circle") {
    Numbers random(8);
    for (int k = 0; k < 100; ++k) {
        const double a = 0.1 + random.uniform(), b = 0.1 + random.uniform(), c = 0.1 + random.uniform();
        for (const auto comparison : {Comparison::ratio, Comparison::difference}) {
            const auto index = [&](double from, double to) {
                PairEfficiencies pair;
                pair.pool_from = got(from);
                pair.pool_to = got(to);
                pair.pooled = true;
                return change(comparison, pair).index;
            };
            const double around =
                comparison == Comparison::ratio ? index(a, b) * index(b, c) : index(a, b) + index(b, c);
            CHECK(around == doctest::Approx(index(a, c)).epsilon(hair));
        }
    }
}

TEST_CASE("no number where a program has none, and the parts that need it not stay") {
    PairEfficiencies pair = pair_of(got(0.5), got(0.75), got(0.25), {NAN, Status::infeasible});
    const Change c = change(Comparison::ratio, pair);
    CHECK(c.status == Status::infeasible);
    CHECK(std::isnan(c.index));
    CHECK(std::isnan(c.technical));
    CHECK(c.efficiency == doctest::Approx(1.5));
    pair.own_to = {NAN, Status::failed};
    CHECK(change(Comparison::ratio, pair).status == Status::failed);
    CHECK(std::isnan(change(Comparison::ratio, pair).efficiency));
    CHECK(efficiency(Gauge::beyond_one, got(-1)).status == Status::undefined);
    CHECK(efficiency(Gauge::beyond_one, got(-1 + 1e-9)).status == Status::undefined);
    CHECK(efficiency(Gauge::beyond_one, got(-3)).status == Status::undefined);
    CHECK(efficiency(Gauge::beyond_one, got(-1 + 2e-9)).status == Status::optimal);
    CHECK(efficiency(Gauge::negative, got(-3)).value == 3);
    CHECK(efficiency(Gauge::reciprocal, got(0)).status == Status::undefined);
    const PairEfficiencies nothing = pair_of(got(0), got(0.5), got(0.5), got(0.5));
    CHECK(change(Comparison::ratio, nothing).status == Status::undefined);
}

TEST_CASE("measure is evaluate for each yardstick, with any number of threads") {
    const Quantities q = random_panel(Kind::smooth, 2, 1, 1, 300, 31);
    std::vector<Yardstick> yardsticks(3);
    for (std::int32_t j = 0; j < 300; ++j) {
        yardsticks[static_cast<std::size_t>(j / 150)].reference.push_back(j);
        yardsticks[2].reference.push_back(j);
        for (auto& yardstick : yardsticks) yardstick.evaluated.push_back(299 - j);
    }
    for (const Settings& s : {radial(Orientation::output, Returns::vrs), directional()}) {
        const Measurement m = measure(q, yardsticks, s);
        CHECK(m.certificate.min_reduced_cost >= -1e-9);
        std::int64_t infeasible = 0;
        for (std::size_t y = 0; y < 3; ++y) {
            const Eigen::Index first = y == 1 ? 150 : 0, count = y == 2 ? 300 : 150;
            const Quantities part{q.X.middleCols(first, count), q.Y.middleCols(first, count),
                                  q.B.middleCols(first, count)};
            Settings all = s;
            all.price_all_columns = true;
            const Scores alone = evaluate(q, part, std::vector<std::int32_t>(std::size_t{300}, -1), all);
            for (std::size_t j = 0; j < 300; ++j) {
                const auto o = static_cast<Eigen::Index>(299 - j);
                REQUIRE(m.scores[y][j].status == alone.status[static_cast<std::size_t>(o)]);
                infeasible += m.scores[y][j].status == Status::infeasible ? 1 : 0;
                if (m.scores[y][j].status == Status::optimal)
                    CHECK(m.scores[y][j].value == doctest::Approx(alone.score[o]).epsilon(1e-9));
            }
        }
        CHECK(infeasible > 0);
        for (const int threads : {1, 3}) {
            const tbb::global_control limit(tbb::global_control::max_allowed_parallelism,
                                            static_cast<std::size_t>(threads));
            const Measurement again = measure(q, yardsticks, s);
            for (std::size_t y = 0; y < 3; ++y) {
                for (std::size_t j = 0; j < 300; ++j) {
                    const double a = m.scores[y][j].value, b = again.scores[y][j].value;
                    CHECK((a == b || (std::isnan(a) && std::isnan(b))));
                }
            }
        }
    }
}

TEST_CASE("sbm: delta beyond the technology, and of efficient rows by option") {
    Quantities q = random_panel(Kind::smooth, 2, 1, 1, 120, 32);
    q.Y.rightCols(60) *= 3;
    std::vector<Yardstick> yardsticks(1);
    for (std::int32_t j = 0; j < 120; ++j) {
        if (j < 60) yardsticks[0].reference.push_back(j);
        yardsticks[0].evaluated.push_back(j);
    }
    Settings s;
    const auto plain = measure(q, yardsticks, s).scores[0];
    s.super = true;
    const auto super = measure(q, yardsticks, s).scores[0];
    std::int64_t above = 0, beyond = 0;
    for (std::size_t j = 0; j < 120; ++j) {
        REQUIRE(plain[j].status == Status::optimal);
        if (j < 60) {
            CHECK(plain[j].value <= 1 + hair);
            const bool efficient = plain[j].value >= 1 - 1e-8;
            above += efficient ? 1 : 0;
            CHECK((efficient ? super[j].value >= 1 - 1e-9 : super[j].value == plain[j].value));
        } else {
            beyond += plain[j].value > 1 ? 1 : 0;
            CHECK(super[j].value == plain[j].value);
        }
    }
    CHECK(above > 0);
    CHECK(beyond > 0);
}
