#include <doctest/doctest.h>

#include <cmath>
#include <string>

#include "tests/dea/support.hpp"

using namespace greenfront;
using namespace greenfront::dea;
using namespace greenfront::dea_test;

namespace {

struct Case {
    Model model;
    Orientation orientation;
};
constexpr Case cases[]{{Model::radial, Orientation::input},
                       {Model::radial, Orientation::output},
                       {Model::sbm, Orientation::none},
                       {Model::sbm, Orientation::input},
                       {Model::sbm, Orientation::output}};
constexpr Returns all_returns[]{Returns::crs, Returns::vrs, Returns::nirs, Returns::ndrs};
constexpr Kind kinds[]{Kind::smooth,    Kind::integers, Kind::duplicates,
                       Kind::collinear, Kind::zeros,    Kind::scales};

void compare(const Quantities& evaluated, const Quantities& reference, const std::vector<std::int32_t>& self,
             const Settings& settings) {
    const Scores scores = evaluate(evaluated, reference, self, settings);
    check_certificate(scores);
    for (Eigen::Index o = 0; o < evaluated.units(); ++o) {
        const Naive naive = naive_score(evaluated, o, reference, settings);
        CAPTURE(o);
        const Status status = scores.status[static_cast<std::size_t>(o)];
        CHECK(status == naive.status);
        if (status == Status::optimal && naive.status == Status::optimal) {
            CHECK(std::abs(scores.score[o] - naive.score) <= 1e-9 * std::max(1.0, std::abs(naive.score)));
        }
    }
}

template <class Visit>
void every_setting(const Visit& visit) {
    for (const Case& c : cases) {
        for (const Returns returns : all_returns) {
            Settings settings;
            settings.model = c.model;
            settings.orientation = c.orientation;
            settings.returns = returns;
            CAPTURE(static_cast<int>(c.model));
            CAPTURE(static_cast<int>(c.orientation));
            CAPTURE(static_cast<int>(returns));
            visit(settings);
        }
    }
}

}  // namespace

TEST_CASE("scores equal the naive twin on awkward panels") {
    std::uint64_t seed = 1;
    for (const Kind kind : kinds) {
        CAPTURE(static_cast<int>(kind));
        for (const Eigen::Index bads : {0, 2}) {
            const Quantities q = random_panel(kind, 2, bads == 0 ? 2 : 1, bads, 24, seed++);
            every_setting([&](const Settings& s) { compare(q, q, identity(q.units()), s); });
        }
    }
}

TEST_CASE("units outside the reference set equal the naive twin, infeasible ones included") {
    const Quantities reference = random_panel(Kind::smooth, 2, 1, 1, 20, 71);
    Quantities evaluated = random_panel(Kind::smooth, 2, 1, 1, 24, 72);
    evaluated.Y.col(0) *= 1e4;  // beyond every technology with returns that do not grow
    const std::vector<std::int32_t> self(24, -1);
    std::int64_t infeasible = 0;
    every_setting([&](const Settings& s) {
        compare(evaluated, reference, self, s);
        for (const Status status : evaluate(evaluated, reference, self, s).status) {
            infeasible += status == Status::infeasible ? 1 : 0;
        }
    });
    CHECK(infeasible > 20);
}

TEST_CASE("more variables than fit one vector register") {
    const Quantities q = random_panel(Kind::smooth, 6, 4, 3, 40, 5);
    every_setting([&](const Settings& s) { compare(q, q, identity(q.units()), s); });
}

TEST_CASE("super-efficiency leaves out the unit itself") {
    const Quantities q = random_panel(Kind::smooth, 2, 2, 0, 18, 9);
    for (const Returns returns : all_returns) {
        for (const Orientation orientation : {Orientation::input, Orientation::output}) {
            Settings s;
            s.model = Model::radial;
            s.orientation = orientation;
            s.returns = returns;
            s.super = true;
            const Scores scores = evaluate_all(q, s);
            for (Eigen::Index o = 0; o < q.units(); ++o) {
                Quantities others{Eigen::MatrixXd(2, 17), Eigen::MatrixXd(2, 17), Eigen::MatrixXd(0, 17)};
                for (Eigen::Index j = 0, at = 0; j < q.units(); ++j) {
                    if (j == o) continue;
                    others.X.col(at) = q.X.col(j);
                    others.Y.col(at++) = q.Y.col(j);
                }
                const Naive naive = naive_score(q, o, others, s);
                CHECK(scores.status[static_cast<std::size_t>(o)] == naive.status);
                if (naive.status == Status::optimal)
                    CHECK(std::abs(scores.score[o] - naive.score) <= 1e-9 * naive.score);
            }
        }
    }
}
