#include <doctest/doctest.h>
#include <oneapi/tbb/global_control.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>

#include "kernels/error.hpp"
#include "tests/dea/support.hpp"

using namespace greenfront;
using namespace greenfront::dea;
using namespace greenfront::dea_test;

namespace {

Settings setting(Model model, Orientation orientation, Returns returns) {
    Settings s;
    s.model = model;
    s.orientation = orientation;
    s.returns = returns;
    return s;
}

std::vector<Settings> settings_list() {
    std::vector<Settings> list;
    for (const Returns r : {Returns::crs, Returns::vrs, Returns::nirs, Returns::ndrs}) {
        list.push_back(setting(Model::radial, Orientation::input, r));
        list.push_back(setting(Model::radial, Orientation::output, r));
        list.push_back(setting(Model::sbm, Orientation::none, r));
        list.push_back(setting(Model::sbm, Orientation::input, r));
        list.push_back(setting(Model::sbm, Orientation::output, r));
    }
    list[0].slacks = list[1].slacks = true;
    return list;
}

double largest_difference(const Eigen::VectorXd& a, const Eigen::VectorXd& b) {
    return (a - b).cwiseAbs().maxCoeff();
}

bool same_bits(const Eigen::MatrixXd& a, const Eigen::MatrixXd& b) {
    return a.size() == b.size() &&
           (a.size() == 0 ||
            std::memcmp(a.data(), b.data(), static_cast<std::size_t>(a.size()) * sizeof(double)) == 0);
}

bool same_bits(const Scores& a, const Scores& b) {
    return same_bits(a.score, b.score) && a.status == b.status && same_bits(a.input_slack, b.input_slack) &&
           same_bits(a.good_slack, b.good_slack) && same_bits(a.bad_slack, b.bad_slack) && a.peer == b.peer &&
           a.lambda == b.lambda && a.peer_start == b.peer_start && same_bits(a.multiplier, b.multiplier) &&
           a.counters.pivots == b.counters.pivots;
}

Eigen::Index variables(const Quantities& q) {
    return q.X.rows() + q.Y.rows() + q.B.rows();
}

double value(const Quantities& q, Eigen::Index i, Eigen::Index j) {
    if (i < q.X.rows()) return q.X(i, j);
    if (i < q.X.rows() + q.Y.rows()) return q.Y(i - q.X.rows(), j);
    return q.B(i - q.X.rows() - q.Y.rows(), j);
}

}  // namespace

TEST_CASE("a change of units changes no score by more than 1e-10") {
    const Quantities q = random_panel(Kind::smooth, 3, 1, 2, 160, 11);
    for (const Settings& s : settings_list()) {
        const Scores before = evaluate_all(q, s);
        Numbers random(3);
        for (int round = 0; round < 4; ++round) {
            Quantities scaled = q;
            const auto factor = [&] {
                return std::pow(10.0, 18 * random.uniform() - 9) * (1 + random.uniform());
            };
            for (Eigen::Index i = 0; i < q.X.rows(); ++i) scaled.X.row(i) *= factor();
            for (Eigen::Index i = 0; i < q.Y.rows(); ++i) scaled.Y.row(i) *= factor();
            for (Eigen::Index i = 0; i < q.B.rows(); ++i) scaled.B.row(i) *= factor();
            const Scores after = evaluate_all(scaled, s);
            check_certificate(after);
            CHECK(largest_difference(before.score, after.score) <= 1e-10);
        }
    }
}

TEST_CASE("countries of very different size: scores stay exact under variable returns") {
    // Sizes over nine orders of magnitude; the small ones compare themselves with small ones.
    Quantities q = random_panel(Kind::smooth, 2, 1, 1, 30, 12);
    for (Eigen::Index j = 0; j < q.units(); ++j) {
        const double size = std::pow(10.0, 9.0 * static_cast<double>(j) / 29.0);
        q.X.col(j) *= size;
        q.Y.col(j) *= size;
        q.B.col(j) *= size;
    }
    for (const Settings& s : settings_list()) {
        const Scores scores = evaluate_all(q, s);
        check_certificate(scores);
        for (Eigen::Index o = 0; o < q.units(); ++o) {
            const Naive naive = naive_score(q, o, q, s);
            CAPTURE(o);
            CHECK(scores.status[static_cast<std::size_t>(o)] == naive.status);
            CHECK(std::abs(scores.score[o] - naive.score) <= 1e-9 * std::max(1.0, naive.score));
        }
    }
}

TEST_CASE("order of the units and dominated units do not matter") {
    const Quantities q = random_panel(Kind::smooth, 3, 1, 2, 150, 13);
    const Eigen::Index n = q.units();
    Quantities reversed{q.X.rowwise().reverse(), q.Y.rowwise().reverse(), q.B.rowwise().reverse()};
    Quantities more{Eigen::MatrixXd(3, n + 1), Eigen::MatrixXd(1, n + 1), Eigen::MatrixXd(2, n + 1)};
    more.X << q.X, 1.5 * q.X.col(7);
    more.Y << q.Y, 0.9 * q.Y.col(7);
    more.B << q.B, 1.1 * q.B.col(7);
    for (const Settings& s : settings_list()) {
        const Scores before = evaluate_all(q, s);
        CHECK(largest_difference(before.score, evaluate_all(reversed, s).score.reverse()) <= 1e-10);
        CHECK(largest_difference(before.score, evaluate_all(more, s).score.head(n)) <= 1e-10);
    }
}

TEST_CASE("order relations between models and technologies") {
    const Quantities q = random_panel(Kind::smooth, 2, 2, 0, 120, 14);
    const Quantities part{q.X.leftCols(50), q.Y.leftCols(50), q.B.leftCols(50)};
    const auto score = [&](Model model, Orientation orientation, Returns returns) {
        return evaluate_all(q, setting(model, orientation, returns)).score;
    };
    const auto none = Orientation::none, input = Orientation::input, output = Orientation::output;
    const auto crs = Returns::crs, vrs = Returns::vrs, nirs = Returns::nirs, ndrs = Returns::ndrs;
    const auto at_most = [](const Eigen::VectorXd& a, const Eigen::VectorXd& b) {
        return (a - b).maxCoeff() <= 1e-10;
    };
    CHECK(at_most(score(Model::sbm, none, crs), score(Model::sbm, none, vrs)));
    CHECK(at_most(score(Model::sbm, none, crs), score(Model::sbm, none, nirs)));
    CHECK(at_most(score(Model::radial, input, ndrs), score(Model::radial, input, vrs)));
    CHECK(at_most(score(Model::sbm, none, crs), score(Model::sbm, input, crs)));
    CHECK(at_most(score(Model::sbm, none, vrs), score(Model::sbm, output, vrs)));
    CHECK(at_most(score(Model::sbm, input, crs), score(Model::radial, input, crs)));
    const Eigen::VectorXd reciprocal = score(Model::radial, output, crs).cwiseInverse();
    CHECK(largest_difference(score(Model::radial, input, crs), reciprocal) <= 1e-10);
    for (const Settings& s : settings_list()) {
        if (s.model == Model::radial && s.orientation == output) continue;
        const Scores own = evaluate_all(part, s);
        const Scores global = evaluate(part, q, identity(50), s);
        CHECK(at_most(global.score, own.score));
    }
}

TEST_CASE("1, 2 and 8 threads give the same bits") {
    const Quantities q = random_panel(Kind::smooth, 3, 1, 2, 700, 15);
    for (const Settings& s : settings_list()) {
        std::vector<Scores> results;
        for (const std::size_t threads : {1u, 2u, 8u}) {
            const tbb::global_control limit(tbb::global_control::max_allowed_parallelism, threads);
            results.push_back(evaluate_all(q, s));
        }
        CHECK(same_bits(results[0], results[1]));
        CHECK(same_bits(results[0], results[2]));
    }
}

TEST_CASE("slacks, peers and multipliers prove the score without the solver") {
    for (const Kind kind : {Kind::smooth, Kind::integers, Kind::duplicates, Kind::zeros, Kind::scales}) {
        const Quantities q = random_panel(kind, 2, 1, 2, 60, 16);
        for (Settings s : settings_list()) {
            s.slacks = true;
            CAPTURE(static_cast<int>(kind));
            CAPTURE(static_cast<int>(s.model));
            CAPTURE(static_cast<int>(s.orientation));
            CAPTURE(static_cast<int>(s.returns));
            const Scores r = evaluate_all(q, s);
            const Eigen::Index n = variables(q), m = q.X.rows(), g = q.Y.rows();
            for (Eigen::Index o = 0; o < q.units(); ++o) {
                CAPTURE(o);
                REQUIRE(r.status[static_cast<std::size_t>(o)] == Status::optimal);
                // Primal: the combination of peers reproduces the projection.
                double intensity = 0;
                Eigen::VectorXd point = Eigen::VectorXd::Zero(n);
                for (auto p = r.peer_start[static_cast<std::size_t>(o)];
                     p < r.peer_start[static_cast<std::size_t>(o) + 1]; ++p) {
                    const double lambda = r.lambda[static_cast<std::size_t>(p)];
                    intensity += lambda;
                    for (Eigen::Index i = 0; i < n; ++i)
                        point[i] += lambda * value(q, i, r.peer[static_cast<std::size_t>(p)]);
                }
                for (Eigen::Index i = 0; i < n; ++i) {
                    const bool good = i >= m && i < m + g;
                    const double slack = i < m  ? r.input_slack(i, o)
                                         : good ? r.good_slack(i - m, o)
                                                : r.bad_slack(i - m - g, o);
                    double right = value(q, i, o);
                    if (s.model == Model::radial && s.orientation == Orientation::input && i < m)
                        right *= r.score[o];
                    if (s.model == Model::radial && s.orientation == Orientation::output && good)
                        right *= r.score[o];
                    const double left = point[i] + (std::isnan(slack) ? 0 : good ? -slack : slack);
                    const double scale = std::max(right, 1e-300);
                    if (std::isnan(slack)) {
                        CHECK((good ? left >= right - 1e-9 * scale : left <= right + 1e-9 * scale));
                    } else {
                        CHECK(slack >= 0);
                        CHECK(std::abs(left - right) <= 1e-9 * std::max(std::abs(left), right));
                    }
                }
                if (s.returns == Returns::vrs) CHECK(std::abs(intensity - 1) <= 1e-9);
                if (s.returns == Returns::nirs) CHECK(intensity <= 1 + 1e-9);
                if (s.returns == Returns::ndrs) CHECK(intensity >= 1 - 1e-9);
                // Dual: no reference unit does better at the multipliers, and the unit's own value is the
                // score.
                const auto profit = [&](Eigen::Index j) {  // v'x - u'y + w'b - omega >= 0
                    double sum = -r.multiplier(n, o);
                    for (Eigen::Index i = 0; i < n; ++i) {
                        sum += (i >= m && i < m + g ? -1 : 1) * r.multiplier(i, o) * value(q, i, j);
                    }
                    return sum;
                };
                for (Eigen::Index i = 0; i < n; ++i) CHECK(r.multiplier(i, o) >= 0);
                for (Eigen::Index j = 0; j < q.units(); ++j) {
                    double terms = 1;
                    for (Eigen::Index i = 0; i < n; ++i) terms += r.multiplier(i, o) * value(q, i, j);
                    CHECK(profit(j) >= -1e-9 * terms);
                }
                double value_of_inputs = 0, value_of_goods = 0;
                for (Eigen::Index i = 0; i < m; ++i) value_of_inputs += r.multiplier(i, o) * value(q, i, o);
                for (Eigen::Index i = m; i < m + g; ++i)
                    value_of_goods += r.multiplier(i, o) * value(q, i, o);
                double dual = 1 - profit(o);
                if (s.model == Model::radial) {
                    dual = s.orientation == Orientation::input ? value_of_inputs - profit(o)
                                                               : value_of_goods + profit(o);
                    const double normal =
                        s.orientation == Orientation::input ? value_of_inputs : value_of_goods;
                    CHECK(std::abs(normal - 1) <= 1e-9);
                } else if (s.orientation == Orientation::output) {
                    dual = 1 / (1 + profit(o));
                }
                CHECK(std::abs(dual - r.score[o]) <= 1e-9 * std::max(1.0, r.score[o]));
            }
        }
    }
}

TEST_CASE("ties: slacks and peers do not depend on the units that share a batch") {
    // The same units scored one at a time, without warm starts, choose the same optimum.
    for (const Kind kind : {Kind::integers, Kind::duplicates}) {
        const Quantities q = random_panel(kind, 2, 2, 0, 40, 17);
        for (Settings s : settings_list()) {
            s.slacks = true;
            const Scores together = evaluate_all(q, s);
            for (Eigen::Index o = 0; o < q.units(); ++o) {
                const Quantities one{q.X.col(o), q.Y.col(o), q.B.col(o)};
                const std::vector<std::int32_t> self{static_cast<std::int32_t>(o)};
                const Scores alone = evaluate(one, q, self, s);
                CAPTURE(static_cast<int>(kind));
                CAPTURE(static_cast<int>(s.model));
                CAPTURE(static_cast<int>(s.orientation));
                CAPTURE(static_cast<int>(s.returns));
                CAPTURE(o);
                const auto begin = together.peer.begin() + together.peer_start[static_cast<std::size_t>(o)];
                const auto end = together.peer.begin() + together.peer_start[static_cast<std::size_t>(o) + 1];
                CHECK(std::vector<std::int32_t>(begin, end) == alone.peer);
                for (Eigen::Index i = 0; i < 2; ++i) {
                    const double a = together.input_slack(i, o), b = alone.input_slack(i, 0);
                    CHECK((std::isnan(a) ? std::isnan(b) : std::abs(a - b) <= 1e-8));
                }
            }
        }
    }
}

TEST_CASE("statuses") {
    const Settings sbm = setting(Model::sbm, Orientation::none, Returns::crs);
    SUBCASE("a zero good output is undefined in SBM, or left out on request") {
        const Quantities q = quantities({{1, 2, 3}}, {{1, 0, 2}, {1, 1, 1}}, {});
        CHECK(evaluate_all(q, sbm).status[1] == Status::undefined);
        CHECK(std::isnan(evaluate_all(q, sbm).score[1]));
        CHECK(evaluate_all(q, sbm).counters.zero_terms == 0);
        Settings drop = sbm;
        drop.drop_zero_outputs = true;
        const Scores dropped = evaluate_all(q, drop);
        CHECK(dropped.status[1] == Status::optimal);
        CHECK(dropped.score[1] == doctest::Approx(0.5).epsilon(1e-12));
    }
    SUBCASE("zero inputs and bads have no slack and are counted") {
        const Quantities q = quantities({{1, 2, 3, 2, 4}, {0, 1, 2, 0, 1}}, {{1, 3, 4, 1, 3}}, {});
        const Scores scores = evaluate_all(q, setting(Model::sbm, Orientation::none, Returns::vrs));
        CHECK(scores.counters.zero_terms == 2);
        CHECK(scores.input_slack(1, 3) == 0.0);
        CHECK(scores.score[3] == doctest::Approx(0.75).epsilon(1e-12));
    }
    SUBCASE("output orientation with no output at all is unbounded") {
        const Quantities q = quantities({{1, 2}}, {{1, 0}}, {});
        CHECK(evaluate_all(q, setting(Model::radial, Orientation::output, Returns::crs)).status[1] ==
              Status::unbounded);
    }
    SUBCASE("outside the technology") {
        const Quantities reference = quantities({{1, 2}}, {{1, 2}}, {});
        const Quantities outside = quantities({{1}}, {{9}}, {});
        const std::vector<std::int32_t> self{-1};
        CHECK(evaluate(outside, reference, self, sbm).status[0] == Status::infeasible);
        const Settings vrs = setting(Model::radial, Orientation::input, Returns::vrs);
        CHECK(evaluate(outside, reference, self, vrs).status[0] == Status::infeasible);
        const Quantities nobody{Eigen::MatrixXd(1, 0), Eigen::MatrixXd(1, 0), Eigen::MatrixXd(0, 0)};
        CHECK(evaluate(outside, nobody, self, sbm).status[0] == Status::infeasible);
    }
    SUBCASE("bad data and contradictions are errors") {
        const Quantities q = quantities({{1, 2}}, {{1, 1}}, {});
        Quantities bad = q;
        bad.X(0, 1) = -1;
        CHECK_THROWS_AS((void)evaluate_all(bad, sbm), Error);
        bad.X(0, 1) = std::numeric_limits<double>::quiet_NaN();
        CHECK_THROWS_AS((void)evaluate_all(bad, sbm), Error);
        CHECK_THROWS_AS((void)evaluate_all(q, setting(Model::radial, Orientation::none, Returns::crs)),
                        Error);
        Settings weights = sbm;
        weights.input_weights = Eigen::VectorXd::Constant(1, 0.5);
        CHECK_THROWS_AS((void)evaluate_all(q, weights), Error);
    }
}

TEST_CASE("stage two maximises mean-weighted or raw slacks") {
    // Unit 2 (6, 6; 1): theta = 1/2 against units 0 (3, 1; 1) and 1 (3, 2; 1): one of them leaves the larger
    // slack.
    const Quantities q = quantities({{3, 3, 6}, {1, 2, 6}}, {{1, 1, 1}}, {});
    Settings s = setting(Model::radial, Orientation::input, Returns::crs);
    s.slacks = true;
    const Scores scores = evaluate_all(q, s);
    CHECK(scores.score[2] == doctest::Approx(0.5).epsilon(1e-12));
    CHECK(scores.input_slack(1, 2) == doctest::Approx(2).epsilon(1e-12));
    CHECK(scores.score[1] == doctest::Approx(1).epsilon(1e-12));
    CHECK(scores.input_slack(1, 1) == doctest::Approx(1).epsilon(1e-12));
    s.slacks = false;
    CHECK(std::isnan(evaluate_all(q, s).input_slack(1, 2)));
}

TEST_CASE("a second stage without bound leaves the score alone") {
    // The third unit makes output from nothing, so theta = 0 for the others and their slacks have no maximum.
    Quantities q{Eigen::MatrixXd(1, 3), Eigen::MatrixXd(1, 3), Eigen::MatrixXd(0, 3)};
    q.X << 1, 2, 0;
    q.Y << 2, 2, 1;
    const std::int32_t self[] = {0, 1, 2};
    Settings s = setting(Model::radial, Orientation::input, Returns::crs);
    const Scores plain = evaluate(q, q, self, s);
    s.slacks = true;
    const Scores slacked = evaluate(q, q, self, s);
    for (Eigen::Index j = 0; j < 2; ++j) {
        CHECK(plain.status[static_cast<std::size_t>(j)] == Status::optimal);
        CHECK(slacked.status[static_cast<std::size_t>(j)] == Status::optimal);
        CHECK(plain.score[j] == 0);
        CHECK(slacked.score[j] == 0);
        CHECK(std::isnan(slacked.good_slack(0, j)));
    }
}
