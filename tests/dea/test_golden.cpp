#include <doctest/doctest.h>

#include <cmath>
#include <vector>

#include "tests/dea/support.hpp"

using namespace greenfront;
using namespace greenfront::dea;
using namespace greenfront::dea_test;

namespace {

void check_scores(const Scores& scores, const std::vector<double>& expected, double tolerance) {
    REQUIRE(scores.score.size() == static_cast<Eigen::Index>(expected.size()));
    check_certificate(scores);
    for (std::size_t i = 0; i < expected.size(); ++i) {
        CAPTURE(i);
        CHECK(scores.status[i] == Status::optimal);
        CHECK(std::abs(scores.score[static_cast<Eigen::Index>(i)] - expected[i]) <= tolerance);
    }
}

// Tone (2003), the nine-unit example with one bad output.
Quantities tone_2003() {
    return quantities({{1, 1, 1, 1, 1, 1, 1, 1, 1}}, {{1, 2, 6, 8, 9, 5, 4, 6, 4}},
                      {{1, 1, 2, 4, 7, 2, 3, 4, 6}});
}

// Tone (2001), EJOR 130, table 1.
Quantities tone_2001() {
    return quantities({{4, 6, 8, 8, 2}, {3, 3, 1, 1, 4}}, {{2, 2, 6, 6, 1}, {3, 3, 2, 1, 4}}, {});
}

}  // namespace

TEST_CASE("SBM with undesirable outputs reproduces Tone 2003") {
    Settings settings;
    const std::vector<double> crs{0.1, 0.25, 1, 1, 1, 0.75, 0.428571, 0.666667, 0.358209};
    const std::vector<double> vrs{0.666667, 1, 1, 1, 1, 0.909091, 0.705882, 0.8, 0.6};
    check_scores(evaluate_all(tone_2003(), settings), crs, 5e-7);
    settings.returns = Returns::vrs;
    check_scores(evaluate_all(tone_2003(), settings), vrs, 5e-7);
}

TEST_CASE("SBM reproduces Tone 2001") {
    const std::vector<double> crs{0.797980, 0.568182, 1, 0.666667, 1};
    check_scores(evaluate_all(tone_2001(), Settings{}), crs, 5e-7);
}

TEST_CASE("one input, one output: closed forms of every returns to scale") {
    // Points (2,1) (3,3) (6,5) (9,6) (5,2). VRS frontier through the first four; CRS ray through (3,3).
    const Quantities q = quantities({{2, 3, 6, 9, 5}}, {{1, 3, 5, 6, 2}}, {});
    Settings s;
    s.model = Model::radial;
    s.orientation = Orientation::input;
    check_scores(evaluate_all(q, s), {0.5, 1, 5.0 / 6, 2.0 / 3, 0.4}, 1e-12);
    s.returns = Returns::vrs;
    check_scores(evaluate_all(q, s), {1, 1, 1, 1, 0.5}, 1e-12);
    s.returns = Returns::nirs;
    check_scores(evaluate_all(q, s), {0.5, 1, 1, 1, 0.4}, 1e-12);
    s.returns = Returns::ndrs;
    check_scores(evaluate_all(q, s), {1, 1, 5.0 / 6, 2.0 / 3, 0.5}, 1e-12);
    s.orientation = Orientation::output;
    s.returns = Returns::crs;
    check_scores(evaluate_all(q, s), {2, 1, 1.2, 1.5, 2.5}, 1e-12);
}

TEST_CASE("on a ray of optima the smallest total relative change is printed") {
    // Any 1 <= lambda <= 2 of unit (2, 2) is optimal for (4, 2); the total change is lambda / 2.
    const Quantities q = quantities({{2, 4}}, {{2, 2}}, {});
    const Scores scores = evaluate_all(q, Settings{});
    CHECK(scores.score[1] == doctest::Approx(0.5).epsilon(1e-14));
    CHECK(scores.input_slack(0, 1) == doctest::Approx(2).epsilon(1e-12));
    CHECK(scores.good_slack(0, 1) == 0.0);
    REQUIRE(scores.peer_start[2] - scores.peer_start[1] == 1);
    CHECK(scores.lambda.back() == doctest::Approx(1).epsilon(1e-12));
}
