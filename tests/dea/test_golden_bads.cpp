// Figures in print and by hand for models with undesirable outputs.
#include <limits>

#include "kernels/error.hpp"
#include "tests/dea/golden.hpp"

using namespace greenfront;
using namespace greenfront::dea;
using namespace greenfront::dea_test;

namespace {

constexpr double no_score = std::numeric_limits<double>::quiet_NaN();

Settings directional(Model model, Disposability disposability, Returns returns) {
    Settings s = setting(model, Orientation::none, returns);
    s.disposability = disposability;
    return s;
}

}  // namespace

TEST_CASE("super-SBM with undesirable outputs on Tone's nine units") {
    Settings s = setting(Model::sbm, Orientation::none, Returns::crs);
    s.super = true;
    check_scores(evaluate_all(tone_2003(), s), {1, 1, 1.090909, 1.052632, 1.058824, 1, 1, 1, 1}, 5e-7);
    s.returns = Returns::vrs;
    check_scores(evaluate_all(tone_2003(), s), {1, 1.111111, 1.090909, 1.052632, 1.058824, 1, 1, 1, 1}, 5e-7);
}

TEST_CASE("super-SBM under constant returns cannot pass (s1 + s2) / s2") {
    // Unit 1 makes a million times what the other makes. Giving up its whole good output costs one of two
    // terms: delta < 2; with a second bad output, one of three: delta < 1.5.
    Settings s = setting(Model::sbm, Orientation::none, Returns::crs);
    s.super = true;
    const Scores one = evaluate_all(quantities({{1, 1}}, {{1e6, 1}}, {{1, 1}}), s);
    CHECK(one.score[0] == doctest::Approx(1.999998).epsilon(1e-9));  // 1 / (1 - (1 - 1e-6) / 2)
    const Scores two = evaluate_all(quantities({{1, 1}}, {{1e6, 1}}, {{1, 1}, {1, 1}}), s);
    CHECK(two.score[0] == doctest::Approx(1.5).epsilon(1e-6));
    CHECK(two.score[0] < 1.5);
    // Alone in the sample: produce nothing.
    const Scores alone = evaluate_all(quantities({{1}}, {{1}}, {{1}, {1}}), s);
    CHECK(alone.score[0] == doctest::Approx(1.5).epsilon(1e-12));
}

TEST_CASE("super-SBM under variable returns is infeasible where every other unit has far more of a bad") {
    Settings s = setting(Model::sbm, Orientation::none, Returns::vrs);
    s.super = true;
    check_scores(evaluate_all(quantities({{1, 1, 1}}, {{1, 1, 1}}, {{1, 100, 120}}), s), {no_score, 1, 1},
                 1e-12);
}

TEST_CASE("super-SBM with the bads in the numerator") {
    // By hand, for crs and five units with x = 1. Unit 2, (y 5; b 3, 0): unit 5, (2; 0, 0), alone has no b2,
    // so lambda = 2.5 of it: x grows by 1.5, one of three terms above the line: 1.5. Unit 5 has no bads, all
    // others have some: nothing matches it.
    Settings s = setting(Model::sbm, Orientation::none, Returns::crs);
    s.super = true;
    s.super_bads = SuperBads::numerator;
    const Quantities q = quantities({{1, 1, 1, 1, 1}}, {{4, 5, 3, 6, 2}}, {{2, 3, 2, 5, 0}, {1, 0, 2, 3, 0}});
    check_scores(evaluate_all(q, s), {1, 1.5, 1, 16.0 / 15, no_score}, 1e-12);
    // It is defined for the SBM without orientation and with the usual weights; other models have no such
    // choice.
    Settings oriented = s, weighted = s;
    oriented.orientation = Orientation::input;
    weighted.input_weights = Eigen::VectorXd::Constant(1, 1);
    for (const Settings& wrong : {oriented, weighted})
        CHECK_THROWS_WITH_AS((void)evaluate_all(q, wrong), doctest::Contains("bads in the numerator"), Error);
    Settings radial = setting(Model::radial, Orientation::input, Returns::crs);
    radial.super = true;
    radial.super_bads = SuperBads::numerator;
    CHECK_NOTHROW((void)evaluate_all(q, radial));
}

TEST_CASE("directional distance on Tone's nine units, bads as equalities") {
    const Scores weak = evaluate_all(tone_2003(), directional(Model::ddf, Disposability::weak, Returns::crs));
    check_scores(weak, {0.5, 0.2, 0, 0, 0, 0.090909, 0.384615, 0.2, 0.6}, 5e-7);
}

TEST_CASE("non-radial directional distance on Tone's nine units") {
    Settings s = directional(Model::nddf, Disposability::weak, Returns::crs);
    s.direction_inputs.kind = Direction::Kind::observed;
    const std::vector<double> expected{0.833333, 0.333333, 0, 0, 0, 0.111111, 0.296296, 0.166667, 0.444444};
    const Scores scores = evaluate_all(tone_2003(), s);
    check_scores(scores, expected, 5e-7);
    REQUIRE(scores.beta.rows() == 3);
    for (Eigen::Index o = 0; o < 9; ++o) {
        CHECK(scores.beta.col(o).minCoeff() >= 0);
        CHECK(scores.beta.col(o).sum() / 3 == doctest::Approx(scores.score[o]).epsilon(1e-12));
    }
}

TEST_CASE("a zero bad output has no step of its own, and its weight is lost") {
    Settings s = directional(Model::nddf, Disposability::strong, Returns::crs);
    s.direction_inputs.kind = Direction::Kind::observed;
    const Quantities q = quantities({{1, 1, 1, 1, 1}}, {{4, 5, 3, 6, 2}}, {{2, 3, 2, 5, 0}, {1, 0, 2, 3, 0}});
    const Scores scores = evaluate_all(q, s);
    check_scores(scores, {1.0 / 6, 0, 0.95 / 3, 0, 0}, 1e-12);
    CHECK(scores.beta(3, 4) == 0.0);
    CHECK(thirds(1, 1, 2).isApprox(Eigen::Vector4d(1.0 / 3, 1.0 / 3, 1.0 / 6, 1.0 / 6)));
}

TEST_CASE("weak disposability under variable returns: Kuosmanen (2005) against a single intensity") {
    // Unit 3, (y 3; b 2), with x = 1 for all. Between (2; 1) and (4; 2), y = 2 b: y grows and b shrinks by
    // 1/7 to meet it. Abatement factors reach (4; 2) scaled down, which is the same line; so both forms
    // agree.
    const Quantities q = quantities({{1, 1, 1, 1, 1}}, {{4, 5, 3, 6, 2}}, {{2, 3, 2, 5, 1}});
    check_scores(evaluate_all(q, directional(Model::ddf, Disposability::weak, Returns::vrs)),
                 {0, 0, 1.0 / 7, 0, 0}, 1e-12);
    // Unit A = (x 1, y 1, b 1) is dominated by B = (1, 2, 1): beta > 0. With a single intensity and all other
    // b larger, A can still only reach B's b by B itself; add C = (1, 6, 2).
    const Quantities tone = tone_2003();
    const Scores kuosmanen = evaluate_all(tone, directional(Model::ddf, Disposability::weak, Returns::vrs));
    const Scores naive = evaluate_all(tone, directional(Model::ddf, Disposability::weak_naive, Returns::vrs));
    CHECK(naive.status[0] == Status::optimal);
    CHECK(std::abs(naive.score[0]) <= 1e-12);  // sum lambda = 1 and b >= 1 leave no way to cut b
    // Kuosmanen: B scaled by 1 - beta has y = 2 (1 - beta) >= 1 + beta; C scaled by half of that cuts more:
    // y = 3 (1 - beta) >= 1 + beta, so beta = 1/2.
    CHECK(kuosmanen.score[0] == doctest::Approx(0.5).epsilon(1e-12));
    REQUIRE(kuosmanen.idle.size() == kuosmanen.lambda.size());
    const auto first = static_cast<std::size_t>(kuosmanen.peer_start[0]);
    const auto last = static_cast<std::size_t>(kuosmanen.peer_start[1]);
    double intensity = 0, bad = 0;
    for (std::size_t p = first; p < last; ++p) {
        intensity += kuosmanen.lambda[p] + kuosmanen.idle[p];
        bad += kuosmanen.lambda[p] * tone.B(0, kuosmanen.peer[p]);
    }
    CHECK(intensity == doctest::Approx(1).epsilon(1e-12));
    CHECK(bad == doctest::Approx(0.5).epsilon(1e-12));
}

TEST_CASE("bads that can be cut at will: strong disposability") {
    const Scores strong =
        evaluate_all(tone_2003(), directional(Model::ddf, Disposability::strong, Returns::crs));
    const Scores weak = evaluate_all(tone_2003(), directional(Model::ddf, Disposability::weak, Returns::crs));
    for (Eigen::Index o = 0; o < 9; ++o) CHECK(strong.score[o] >= weak.score[o] - 1e-12);
    CHECK(strong.score[0] == doctest::Approx(0.5).epsilon(1e-12));
}

TEST_CASE("outside the reference set the distance may be negative") {
    // Reference (1; y 2, b 2). Point (1; y 4, b 1): y = 4 (1 + beta) and b = 1 - beta with b = y on the ray:
    // 4 + 4 beta = 1 - beta.
    const Quantities reference = quantities({{9}}, {{2}}, {{2}});
    const Quantities point = quantities({{1}}, {{4}}, {{1}});
    const std::vector<std::int32_t> self{-1};
    Settings s = directional(Model::ddf, Disposability::weak, Returns::crs);
    // lambda (9, 2, 2): inputs allow lambda <= 1/9, so b <= 2/9 = 1 - beta: beta = 7/9 needs y >= 4 * 16/9.
    CHECK(evaluate(point, reference, self, s).status[0] == Status::infeasible);
    const Quantities cheap = quantities({{1e-3}}, {{2}}, {{2}});
    const Scores scores = evaluate(point, cheap, self, s);
    CHECK(scores.score[0] == doctest::Approx(-0.6).epsilon(1e-12));
    s.model = Model::nddf;  // steps are not negative
    CHECK(evaluate(point, cheap, self, s).status[0] == Status::infeasible);
}
