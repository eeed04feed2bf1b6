// Figures in print for models without undesirable outputs.
#include <limits>

#include "tests/dea/golden.hpp"

using namespace greenfront;
using namespace greenfront::dea;
using namespace greenfront::dea_test;

namespace {

constexpr auto none = Orientation::none, input = Orientation::input, output = Orientation::output;
constexpr auto crs = Returns::crs, vrs = Returns::vrs;
constexpr double no_score = std::numeric_limits<double>::quiet_NaN();

Settings super(Model model, Orientation orientation, Returns returns) {
    Settings s = setting(model, orientation, returns);
    s.super = true;
    return s;
}

Settings additive(AdditiveWeights weights, Orientation orientation, Returns returns) {
    Settings s = setting(Model::additive, orientation, returns);
    s.additive_weights = weights;
    return s;
}

}  // namespace

TEST_CASE("CCR: the twelve hospitals of Cooper, Seiford and Tone (2007), tables 1.5 and 1.6") {
    const Quantities q = quantities({{20, 19, 25, 27, 22, 55, 33, 31, 30, 50, 53, 38},
                                     {151, 131, 160, 168, 158, 255, 235, 206, 244, 268, 306, 284}},
                                    {{100, 150, 160, 180, 94, 230, 220, 152, 190, 250, 260, 250},
                                     {90, 50, 55, 72, 66, 90, 88, 80, 100, 100, 147, 120}},
                                    {});
    check_scores(evaluate_all(q, setting(Model::radial, input, crs)),
                 {1, 1, 0.883, 1, 0.763, 0.835, 0.902, 0.796, 0.960, 0.871, 0.955, 0.958}, 5.1e-4);
}

TEST_CASE("super-efficiency: Andersen and Petersen (1993), table 1") {
    // Five units, two inputs, one output of 1; by hand: 25/19 for B, 6/5 for C, 5/4 for D.
    const Quantities q = quantities({{2, 2, 5, 10, 10}, {12, 8, 5, 4, 6}}, {{1, 1, 1, 1, 1}}, {});
    check_scores(evaluate_all(q, super(Model::radial, input, crs)), {1, 25.0 / 19, 1.2, 1.25, 0.75}, 1e-12);
}

TEST_CASE("super-efficiency: the six power plants") {
    const std::vector<double> radial{1.02825413, 2.41666667, 1.3125, 1.625, 2.40256959, 1.06278851};
    check_scores(evaluate_all(power_plants(), super(Model::radial, input, crs)), radial, 1e-8);
    std::vector<double> reciprocal;
    for (const double r : radial) reciprocal.push_back(1 / r);
    check_scores(evaluate_all(power_plants(), super(Model::radial, output, crs)), reciprocal, 1e-8);
    check_scores(evaluate_all(power_plants(), super(Model::sbm, none, crs)),
                 {1.01161599, 1.41463415, 1.078125, 1.15625, 1.58584615, 1.01980976}, 1e-8);
    check_scores(evaluate_all(power_plants(), super(Model::sbm, output, crs)),
                 {1.01393027, 1.41463415, 1.19198664, 1.52941176, 1.73222403, 1.03043866}, 1e-8);
}

TEST_CASE("super-SBM: Tone (2002), table 1") {
    const Quantities q =
        quantities({{4, 7, 8, 4, 2, 10, 12}, {3, 3, 1, 2, 4, 1, 1}}, {{1, 1, 1, 1, 1, 1, 1}}, {});
    // F and G are weakly efficient: 1, while their SBM score is below 1.
    check_scores(evaluate_all(q, super(Model::sbm, none, crs)), {1, 1, 1.125, 1.25, 1.5, 1, 1}, 1e-12);
    const Scores rho = evaluate_all(q, setting(Model::sbm, none, crs));
    CHECK(rho.score[5] == doctest::Approx(0.9).epsilon(1e-12));
    CHECK(rho.score[6] == doctest::Approx(1 - 4.0 / 12 / 2).epsilon(1e-12));
}

TEST_CASE("super-SBM under variable returns is feasible where the radial model is not") {
    const Quantities q = quantities({{2, 3, 6, 9, 5}}, {{1, 3, 5, 6, 2}}, {});
    check_scores(evaluate_all(q, super(Model::sbm, none, vrs)), {1.5, 4.0 / 3, 10.0 / 9, 1.2, 1}, 1e-12);
    // No other unit makes as much as unit 4.
    check_scores(evaluate_all(q, super(Model::radial, input, vrs)), {1.5, 4.0 / 3, 7.0 / 6, no_score, 0.5},
                 1e-12);
}

TEST_CASE("SBM: enhanced Russell graph and Russell output measures") {
    // Pastor, Ruiz and Sirvent (1999) on eight units with one input and one output; Fare and Lovell (1978).
    const Quantities graph =
        quantities({{2, 4, 8, 12, 6, 14, 14, 9.412}}, {{1, 5, 8, 9, 3, 7, 9, 2.353}}, {});
    check_scores(evaluate_all(graph, setting(Model::sbm, none, crs)),
                 {0.4, 1, 0.8, 0.6, 0.4, 0.4, 18.0 / 35, 0.2}, 1e-12);
    const Quantities outputs =
        quantities({{1, 1, 1, 1, 1, 1, 1, 1}}, {{7, 4, 8, 3, 3, 8, 6, 1.5}, {7, 8, 4, 5, 3, 2, 4, 5}}, {});
    check_scores(evaluate_all(outputs, setting(Model::sbm, output, crs)),
                 {1, 1, 1, 15.0 / 28, 3.0 / 7, 2.0 / 3, 24.0 / 35, 18.0 / 55}, 1e-12);
}

TEST_CASE("additive and directional models on the data of Ali and Seiford (1993)") {
    // As printed for 26.5 by Alvarez, Barbero and Zofio (2020), Journal of Statistical Software 95(3).
    const Quantities half = ali_seiford(26.5);
    check_scores(evaluate_all(half, additive(AdditiveWeights::ones, none, crs)),
                 {0, 10.76923, 10.83784, 0, 22.15385, 17.92308, 0, 12.07692, 11.61379, 34.38462, 4}, 6e-6);
    check_scores(evaluate_all(half, additive(AdditiveWeights::ones, none, vrs)),
                 {0, 7.333333, 0, 0, 18, 0, 0, 0, 0, 33.5, 4}, 1e-6);
    Settings ddf = setting(Model::ddf, none, vrs);
    ddf.direction_inputs.kind = Direction::Kind::observed;
    check_scores(evaluate_all(half, ddf), {0, 0.107613, 0, 0, 0.288360, 0, 0, 0, 0, 0.162866, 0}, 1e-6);

    const Quantities q = ali_seiford(26);
    ddf.returns = crs;
    check_scores(
        evaluate_all(q, ddf),
        {0, 0.23282545, 0.09898790, 0, 0.52628538, 0.28571429, 0, 0.13787061, 0.09883721, 0.34177215, 0},
        1e-8);
    check_scores(
        evaluate_all(q, setting(Model::radial, input, crs)),
        {1, 0.62228968, 0.81985624, 1, 0.31037093, 0.55555556, 1, 0.75766909, 0.82010582, 0.49056604, 1},
        1e-8);
    check_scores(evaluate_all(q, additive(AdditiveWeights::mip, none, crs)),
                 {0, 0.75771605, 0.41683992, 0, 2.22195122, 1.14782609, 0, 0.48679099, 0.40411840, 1.07261538,
                  0.23529412},
                 1e-8);
    check_scores(evaluate_all(q, additive(AdditiveWeights::ram, none, crs)),
                 {0, 0.14094094, 0.18063063, 0, 0.27937938, 0.17657658, 0, 0.17164049, 0.11671672, 0.41766767,
                  0.06666667},
                 1e-8);
    check_scores(evaluate_all(q, additive(AdditiveWeights::normalized, none, crs)),
                 {0, 1.35692566, 1.74072591, 0, 2.68778104, 1.69531531, 0, 1.65408848, 1.12120422, 4.01728551,
                  0.64246243},
                 1e-8);
}

TEST_CASE("range adjusted and bounded adjusted measures by hand") {
    // (1,2) (2,3) (3,4) are efficient under vrs; (2,1) and (4,3) have slacks of at most 1 and 2, 2 and 1.
    // Ranges are 3 and 3; distances to the bounds (1, 3) and (3, 1).
    const Quantities q = quantities({{1, 2, 3, 2, 4}}, {{2, 3, 4, 1, 3}}, {});
    check_scores(evaluate_all(q, additive(AdditiveWeights::ram, none, vrs)), {0, 0, 0, 1.0 / 3, 1.0 / 3},
                 1e-12);
    check_scores(evaluate_all(q, additive(AdditiveWeights::bam, none, vrs)), {0, 0, 0, 2.0 / 3, 2.0 / 3},
                 1e-12);
    check_scores(evaluate_all(q, additive(AdditiveWeights::ram, output, vrs)), {0, 0, 0, 2.0 / 3, 1.0 / 3},
                 1e-12);
    check_scores(evaluate_all(q, additive(AdditiveWeights::ones, input, vrs)), {0, 0, 0, 1, 2}, 1e-12);
    check_scores(evaluate_all(q, additive(AdditiveWeights::ones, output, vrs)), {0, 0, 0, 2, 1}, 1e-12);
    // A bad output is best where it is small. Unit 2 could halve its bad: 1 of a distance of 1, one of three.
    const Quantities bad = quantities({{1, 1, 2}}, {{1, 1, 1}}, {{1, 2, 3}});
    check_scores(evaluate_all(bad, additive(AdditiveWeights::bam, none, vrs)), {0, 1.0 / 3, 2.0 / 3}, 1e-12);
    check_scores(evaluate_all(bad, additive(AdditiveWeights::ram, none, vrs)), {0, 1.0 / 6, 2.0 / 3}, 1e-12);
}

TEST_CASE("bounded adjusted measure under constant returns stays within the bounds") {
    // Unit 2, (4, 2), against the ray of unit 1, (1, 1): without bounds x falls to 2 and y stays, or y rises
    // to 4; no unit makes more than 2, so y may not rise, and x falls from 4 to 2 of a distance of 3.
    const Quantities q = quantities({{1, 4}}, {{1, 2}}, {});
    check_scores(evaluate_all(q, additive(AdditiveWeights::bam, none, crs)), {0, 1.0 / 3}, 1e-12);
}

TEST_CASE("cost efficiency: the five firms of Coelli, Rao and Battese (1998), chapter 6") {
    // As printed by DEAP 2.1 for its second example: 0.353 0.857 0.750 0.667 1.000.
    Quantities q = quantities({{2, 2, 6, 3, 6}, {5, 4, 6, 2, 2}}, {{1, 2, 3, 1, 2}}, {});
    q.price.resize(2, 5);
    q.price.row(0).setConstant(1);
    q.price.row(1).setConstant(3);
    const Scores cost = evaluate_all(q, setting(Model::cost, none, crs));
    check_scores(cost, {6.0 / 17, 12.0 / 14, 18.0 / 24, 6.0 / 9, 1}, 1e-12);
    const Scores technical = evaluate_all(q, setting(Model::radial, input, crs));
    check_scores(technical, {0.5, 1, 0.833, 0.714, 1}, 5e-4);
    for (Eigen::Index o = 0; o < 5; ++o) CHECK(cost.score[o] <= technical.score[o] + 1e-12);
}

TEST_CASE("revenue efficiency by hand") {
    // One input of 1; outputs on the line between (4, 1) and (1, 4), and (2, 2) inside. Prices (2, 1): the
    // best is 2 * 4 + 1 = 9.
    Quantities q = quantities({{1, 1, 1}}, {{4, 1, 2}, {1, 4, 2}}, {});
    q.price.resize(2, 3);
    q.price.row(0).setConstant(2);
    q.price.row(1).setConstant(1);
    check_scores(evaluate_all(q, setting(Model::revenue, none, crs)), {1, 6.0 / 9, 6.0 / 9}, 1e-12);
    q.price.col(2) << 1, 1;  // each unit has its own prices: 4 of 5
    check_scores(evaluate_all(q, setting(Model::revenue, none, vrs)), {1, 6.0 / 9, 0.8}, 1e-12);
}

TEST_CASE("free disposal hull by hand") {
    // A (2,1) B (3,3) C (6,5) D (5,2) E (4,3).
    const Quantities q = quantities({{2, 3, 6, 5, 4}}, {{1, 3, 5, 2, 3}}, {});
    // vrs: only whole units; D and E can do with B's input of 3.
    check_scores(evaluate_all(q, setting(Model::fdh, input, vrs)), {1, 1, 1, 0.6, 0.75}, 1e-12);
    check_scores(evaluate_all(q, setting(Model::fdh, output, vrs)), {1, 1, 1, 1.5, 1}, 1e-12);
    // One input and one output, constant returns: the ray through B, as with convex technologies.
    check_scores(evaluate_all(q, setting(Model::fdh, input, crs)), {0.5, 1, 5.0 / 6, 0.4, 0.75}, 1e-12);
    // Growth only: A cannot shrink B, C is best matched by B grown to 5/3.
    check_scores(evaluate_all(q, setting(Model::fdh, input, Returns::ndrs)), {1, 1, 5.0 / 6, 0.6, 0.75},
                 1e-12);
    // Shrinking only.
    check_scores(evaluate_all(q, setting(Model::fdh, input, Returns::nirs)), {0.5, 1, 1, 0.4, 0.75}, 1e-12);
}
