// Programs that need more digits than they may have: they fail, and are solved again alone.
#include <cmath>

#include "kernels/dea/replay.hpp"
#include "kernels/error.hpp"
#include "tests/dea/every_model.hpp"

using namespace greenfront;
using namespace greenfront::dea;
using namespace greenfront::dea_test;

namespace {

constexpr std::int32_t on_cliff = 2;

/// One input, one output. The last piece of the frontier, from the first unit to the second, rises by 1e-8
/// over a step of 1 in the input. The second and the third, which lies behind it, have multipliers of the
/// output of about 1e8, more than double precision is trusted with.
Quantities cliff() {
    return quantities({{1, 2, 3, 4}}, {{1, 1 + 1e-8, 1 + 5e-9, 0.9}}, {});
}

Settings radial_vrs(int digits) {
    Settings s;
    s.model = Model::radial;
    s.orientation = Orientation::input;
    s.returns = Returns::vrs;
    s.digits = digits;
    return s;
}

}  // namespace

TEST_CASE("a program that needs more digits than it may have is failed, and no other") {
    const Quantities q = cliff();
    for (const int digits : {16, 34, 100}) {
        CAPTURE(digits);
        const Scores scores = evaluate_all(q, radial_vrs(digits));
        const double score[] = {1, 1, 0.5, 0.25};
        for (const std::int32_t o : {0, 1, 2, 3}) {
            const bool failed = digits == 16 && (o == 1 || o == 2);
            CHECK(scores.status[static_cast<std::size_t>(o)] == (failed ? Status::failed : Status::optimal));
            CHECK(std::isnan(scores.score[o]) == failed);
            if (!failed) CHECK(scores.score[o] == doctest::Approx(score[o]).epsilon(1e-7));
        }
        check_certificate(scores);
    }
}

TEST_CASE("digits are 16, 34 or 100") {
    for (const int digits : {0, 15, 17, 101})
        CHECK_THROWS_AS((void)evaluate_all(cliff(), radial_vrs(digits)), Error);
}

TEST_CASE("a failed program is solved again with more digits than it was allowed") {
    const Quantities q = cliff();
    const auto self = identity(q.units());
    for (const int digits : {16, 34, 100}) {
        const Task task = task_of(q, q, self, radial_vrs(digits), {}, on_cliff);
        CHECK(task.evaluated.units() == 1);
        const auto attempts = replay(task);
        REQUIRE(attempts.size() == 3);
        CHECK(attempts.front().status == Status::failed);
        CHECK_FALSE(attempts.front().finding.has_value());
        for (std::size_t a = 1; a < attempts.size(); ++a) {
            CHECK(attempts[a].digits == (a == 1 ? 34 : 100));
            REQUIRE(attempts[a].status == Status::optimal);
            CHECK(attempts[a].score == doctest::Approx(0.5).epsilon(1e-7));
            CHECK(attempts[a].finding->proves(attempts[a].score, 1e-8));
        }
    }
}

TEST_CASE("the task of a unit has the answer that the unit has in its batch") {
    const Quantities q = random_panel(Kind::smooth, 2, 1, 1, 24, 77);
    const auto self = identity(q.units());
    for (const Returns returns : {Returns::crs, Returns::vrs}) {
        for (const Named& named : EveryModel(returns).list) {
            if (named.settings.model == Model::cost || named.settings.model == Model::revenue) continue;
            CAPTURE(named.name);
            const Scores scores = evaluate(q, q, self, named.settings);
            for (const Eigen::Index o : {0, 7, 23}) {
                const auto attempts = replay(task_of(q, q, self, named.settings, {}, o));
                const Attempt& last = attempts.back();
                CHECK(last.status == scores.status[static_cast<std::size_t>(o)]);
                if (last.status != Status::optimal) continue;
                CHECK(std::abs(last.score - scores.score[o]) <= 1e-9 * std::max(1.0, std::abs(last.score)));
                CHECK(last.finding->proves(last.score, 1e-8));
            }
        }
    }
}

TEST_CASE("prices belong to the task") {
    Quantities q = random_panel(Kind::smooth, 2, 2, 0, 24, 79);
    const auto self = identity(q.units());
    for (const Model model : {Model::cost, Model::revenue}) {
        Settings s;
        s.model = model;
        q.price = random_panel(Kind::smooth, 2, 1, 0, 24, 80).X;
        const Scores scores = evaluate_all(q, s);
        for (const Eigen::Index o : {0, 7, 23}) {
            const auto attempts = replay(task_of(q, q, self, s, {}, o));
            CHECK(attempts.back().score == doctest::Approx(scores.score[o]).epsilon(1e-10));
            CHECK(attempts.back().finding->proves(attempts.back().score, 1e-8));
        }
    }
}

TEST_CASE("a task keeps the columns that super-efficiency leaves out") {
    const Quantities q = random_panel(Kind::smooth, 2, 1, 0, 12, 78);
    Settings s = radial_vrs(100);
    s.returns = Returns::crs;
    s.super = true;
    std::vector<ColumnRange> pairs;
    for (std::int32_t o = 0; o < 12; ++o) pairs.push_back({o / 2 * 2, o / 2 * 2 + 2});
    const auto self = identity(12);
    const Scores scores = evaluate(q, q, self, s, pairs);
    for (Eigen::Index o = 0; o < 12; ++o) {
        const auto attempts = replay(task_of(q, q, self, s, pairs, o));
        CHECK(attempts.back().score == doctest::Approx(scores.score[o]).epsilon(1e-10));
        CHECK(attempts.back().finding->proves(attempts.back().score, 1e-8));
    }
}
