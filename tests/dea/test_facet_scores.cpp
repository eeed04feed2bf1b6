// Radial scores from facets: beside evaluate() and the naive twin, on awkward data, inside and outside the
// technology, and unmoved by order, units of measure and duplicates.
#include <algorithm>
#include <array>
#include <cmath>

#include "kernels/dea/facet_scores.hpp"
#include "kernels/dea/gather.hpp"
#include "kernels/error.hpp"
#include "tests/dea/golden.hpp"

using namespace greenfront;
using namespace greenfront::dea;
using namespace greenfront::dea_test;

namespace {

constexpr std::array all_returns{Returns::crs, Returns::vrs, Returns::nirs, Returns::ndrs};
constexpr std::array sides{Orientation::input, Orientation::output};

RadialScores score(const Quantities& q, const Settings& s) {
    return facet_scores(q, s);
}

std::vector<std::int32_t> outside(const Quantities& q) {
    return std::vector<std::int32_t>(static_cast<std::size_t>(q.units()), -1);
}

/// Largest difference relative to max(1, score); statuses must be the same.
double difference(const RadialScores& a, const Scores& b) {
    double largest = 0;
    REQUIRE(a.status.size() == b.status.size());
    for (std::size_t i = 0; i < a.status.size(); ++i) {
        const auto at = static_cast<Eigen::Index>(i);
        CAPTURE(i);
        REQUIRE(a.status[i] == b.status[i]);
        if (a.status[i] == Status::optimal)
            largest = std::max(largest, std::abs(a.score[at] - b.score[at]) / std::max(1.0, b.score[at]));
        else
            CHECK(std::isnan(a.score[at]));
    }
    return largest;
}

void check_proof(const Certificate& c) {
    CHECK(c.min_reduced_cost >= -1e-9);
    CHECK(c.primal_residual <= 1e-9);
    CHECK(c.gap <= 1e-9);
}

}  // namespace

TEST_CASE("facets: the scores of evaluate() on data of every kind") {
    for (const Kind kind :
         {Kind::smooth, Kind::integers, Kind::duplicates, Kind::collinear, Kind::zeros, Kind::scales}) {
        for (const Eigen::Index bads : {0, 2}) {
            const Quantities q = random_panel(kind, 3, 2, bads, 150, 31);
            for (const Returns returns : all_returns) {
                for (const Orientation side : sides) {
                    Settings s = setting(Model::radial, side, returns);
                    const RadialScores some = score(q, s);
                    s.price_all_columns = true;
                    CAPTURE(static_cast<int>(kind));
                    CAPTURE(static_cast<int>(returns));
                    CHECK(difference(some, evaluate_all(q, s)) <= 1e-10);
                    check_proof(some.certificate);
                    CHECK(some.counters.programs == q.units());
                }
            }
        }
    }
}

TEST_CASE("facets: the scores of a naive tableau") {
    for (const Kind kind : {Kind::smooth, Kind::integers, Kind::duplicates}) {
        const Quantities q = random_panel(kind, 2, 2, 1, 40, 8);
        for (const Returns returns : all_returns) {
            for (const Orientation side : sides) {
                const Settings s = setting(Model::radial, side, returns);
                const RadialScores some = score(q, s);
                for (Eigen::Index o = 0; o < q.units(); ++o) {
                    const Naive twin = naive_score(q, o, q, s);
                    REQUIRE(twin.status == some.status[static_cast<std::size_t>(o)]);
                    CHECK(some.score[o] == doctest::Approx(twin.score).epsilon(1e-9));
                }
            }
        }
    }
}

TEST_CASE("facets: units outside the technology, some of them out of reach") {
    const Quantities all = random_panel(Kind::smooth, 2, 2, 0, 300, 5);
    std::vector<std::int32_t> first, second;
    for (std::int32_t j = 0; j < 300; ++j) (j % 3 == 0 ? first : second).push_back(j);
    const Quantities one = pick(all, first), other = pick(all, second);
    int infeasible = 0;
    for (const Returns returns : all_returns) {
        for (const Orientation side : sides) {
            Settings s = setting(Model::radial, side, returns);
            const RadialScores some = FacetTechnology(one, s).score(other);
            s.price_all_columns = true;
            const Scores twin = evaluate(other, one, outside(other), s);
            CHECK(difference(some, twin) <= 1e-10);
            CHECK(some.counters.pivots < twin.counters.pivots);
            for (const Status status : some.status) infeasible += status == Status::infeasible ? 1 : 0;
        }
    }
    CHECK(infeasible > 0);
}

TEST_CASE("facets: most units end on facets that others found") {
    const Quantities q = random_panel(Kind::smooth, 3, 1, 0, 1500, 15);
    for (const Orientation side : sides) {
        Settings s = setting(Model::radial, side, Returns::crs);
        const RadialScores some = score(q, s);
        s.price_all_columns = true;
        const Scores alone = evaluate_all(q, s);
        CHECK(10 * some.counters.pivots < alone.counters.pivots);
        CHECK(5 * some.counters.pricing_passes < alone.counters.pricing_passes);
    }
}

TEST_CASE("facets: order, units of measure and duplicates change no score") {
    const Quantities q = random_panel(Kind::smooth, 3, 1, 1, 200, 44);
    std::vector<std::int32_t> turned = identity(200);
    std::reverse(turned.begin(), turned.end());
    std::vector<std::int32_t> twice = identity(200);
    for (std::int32_t j = 0; j < 200; j += 7) twice.push_back(j);
    Quantities scaled = q;
    scaled.X.row(1) *= 1e9;
    scaled.Y *= 3e-7;
    scaled.B *= 1e5;
    for (const Returns returns : all_returns) {
        for (const Orientation side : sides) {
            const Settings s = setting(Model::radial, side, returns);
            const Eigen::VectorXd plain = score(q, s).score;
            CHECK((score(pick(q, turned), s).score.reverse() - plain).cwiseAbs().maxCoeff() <= 1e-12);
            CHECK((score(scaled, s).score - plain).cwiseAbs().maxCoeff() <= 1e-12);
            const Eigen::VectorXd more = score(pick(q, twice), s).score;
            for (std::size_t k = 0; k < twice.size(); ++k)
                CHECK(std::abs(more[static_cast<Eigen::Index>(k)] - plain[twice[k]]) <= 1e-12);
        }
    }
}

TEST_CASE("facets: large technologies go another way to the same scores") {
    const Quantities q = random_panel(Kind::smooth, 2, 1, 0, most_reference + 1, 3);
    const Settings s = setting(Model::radial, Orientation::input, Returns::vrs);
    CHECK(difference(score(q, s), evaluate_all(q, s)) == 0);
}

TEST_CASE("facets: a unit a thousand billion times smaller has a program of its own") {
    const Quantities all = random_panel(Kind::smooth, 2, 1, 0, 60, 9);
    const Settings s = setting(Model::radial, Orientation::input, Returns::crs);
    const FacetTechnology technology(all, s);
    const RadialScores before = technology.score(all);
    for (const double size : {1.0, 1e-14, 1e14}) {
        Quantities some = all;
        some.X *= size;
        some.Y *= size;
        const RadialScores after = technology.score(some);
        CAPTURE(size);
        CHECK((after.score - before.score).cwiseAbs().maxCoeff() <= 1e-10);
        check_proof(after.certificate);
        if (size != 1.0) CHECK(after.counters.pricing_passes >= all.units());
    }
}

TEST_CASE("facets: what they cannot serve is refused") {
    const Quantities q = random_panel(Kind::smooth, 2, 1, 0, 20, 3);
    Settings s = setting(Model::sbm, Orientation::none, Returns::crs);
    CHECK_THROWS_AS((void)score(q, s), Error);
    s = setting(Model::radial, Orientation::input, Returns::crs);
    s.super = true;
    CHECK_THROWS_AS((void)score(q, s), Error);
}
