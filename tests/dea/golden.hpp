#pragma once
#include <cmath>
#include <vector>

#include "tests/dea/support.hpp"

/// Comparison of scores with figures in print.
namespace greenfront::dea_test {

/// NaN in `expected`: infeasible. The certificate is checked as well.
inline void check_scores(const dea::Scores& scores, const std::vector<double>& expected, double tolerance) {
    REQUIRE(scores.score.size() == static_cast<Eigen::Index>(expected.size()));
    check_certificate(scores);
    for (std::size_t i = 0; i < expected.size(); ++i) {
        CAPTURE(i);
        if (std::isnan(expected[i])) {
            CHECK(scores.status[i] == Status::infeasible);
            continue;
        }
        CHECK(scores.status[i] == Status::optimal);
        const double score = scores.score[static_cast<Eigen::Index>(i)];
        CAPTURE(score);
        CAPTURE(expected[i]);
        CHECK(std::abs(score - expected[i]) <= tolerance);
    }
}

inline dea::Settings setting(dea::Model model, dea::Orientation orientation, dea::Returns returns) {
    dea::Settings s;
    s.model = model;
    s.orientation = orientation;
    s.returns = returns;
    return s;
}

// Tone (2003), GRIPS discussion paper I-2003-0005: nine units, one bad output.
inline dea::Quantities tone_2003() {
    return quantities({{1, 1, 1, 1, 1, 1, 1, 1, 1}}, {{1, 2, 6, 8, 9, 5, 4, 6, 4}},
                      {{1, 1, 2, 4, 7, 2, 3, 4, 6}});
}

// Fried, Lovell and Schmidt (1993), The Measurement of Productive Efficiency, p. 143 (Ali and Seiford):
// eleven units, two inputs, one output. Reprints differ in the output of unit 10: 26 or 26.5.
inline dea::Quantities ali_seiford(double output_of_ten) {
    return quantities(
        {{5, 16, 16, 17, 18, 23, 25, 27, 37, 42, 5}, {13, 12, 26, 15, 14, 6, 10, 22, 14, 25, 17}},
        {{12, 14, 25, 26, 8, 9, 27, 30, 31, output_of_ten, 12}}, {});
}

// Six power plants, four inputs, two outputs: Doyle and Green (1993), Omega 21:713; Tone (2002), EJOR 143:32.
inline dea::Quantities power_plants() {
    return quantities({{80, 65, 83, 40, 52, 94},
                       {600, 200, 400, 1000, 600, 700},
                       {54, 97, 72, 75, 20, 36},
                       {8, 1, 4, 7, 3, 5}},
                      {{90, 58, 60, 80, 72, 96}, {5, 1, 7, 10, 8, 6}}, {});
}

}  // namespace greenfront::dea_test
