// Weights of composite indices by other methods than entropy, against numbers worked by hand.
#include <doctest/doctest.h>

#include <cmath>

#include "kernels/index/entropy.hpp"
#include "kernels/index/weights.hpp"
#include "support.hpp"

using namespace greenfront;
using index::fit_weights;
using index::Method;
using scenarios_test::check_error;

namespace {

/// Two indicators in step, the third less is better and on its own.
Eigen::MatrixXd sample() {
    Eigen::MatrixXd x(4, 3);
    x << 0, 10, 3, 1, 20, 1, 2, 30, 3, 3, 40, 1;
    return x;
}
const std::vector<bool> directions{false, false, true};

}  // namespace

TEST_CASE("equal and fixed weights") {
    const auto equal = fit_weights(sample(), directions, {Method::equal, 0, {}}, {});
    for (const double w : equal.weight) CHECK(w == doctest::Approx(1.0 / 3).epsilon(1e-15));
    const auto fixed = fit_weights(sample(), directions, {Method::fixed, 0, {2, 0, 6}}, {});
    CHECK(fixed.weight[0] == 0.25);
    CHECK(fixed.weight[1] == 0);
    CHECK(fixed.weight[2] == 0.75);
    for (const double size : {1e308, 1e-320}) {  // their sum, or its inverse, is beyond what a number can be
        const auto far = fit_weights(sample(), directions, {Method::fixed, 0, {size, 0, size}}, {});
        CHECK(far.weight == Eigen::Vector3d(0.5, 0, 0.5));
    }
    // Row 2: z = (1/3, 1/3, 1).
    CHECK(index::score(fixed, sample())[1] == doctest::Approx(0.25 / 3 + 0.75).epsilon(1e-15));
    const auto entropy = index::fit_entropy(sample(), directions, 0, {});
    CHECK((fixed.entropy - entropy.entropy).norm() == 0);
    CHECK((fit_weights(sample(), directions, {}, {}).weight - entropy.weight).norm() == 0);
}

TEST_CASE("CRITIC weights by hand") {
    // z of the first two: 0, 1/3, 2/3, 1; of the third 0, 1, 0, 1. sd = sqrt(5/27), sqrt(1/3); r = 1/sqrt(5).
    const double a = std::sqrt(5.0 / 27), b = std::sqrt(1.0 / 3), r = 1 / std::sqrt(5.0);
    const double first = a * (1 - r), third = b * 2 * (1 - r), total = 2 * first + third;
    const auto fit = fit_weights(sample(), directions, {Method::critic, 0, {}}, {});
    CHECK(fit.weight[0] == doctest::Approx(first / total).epsilon(1e-14));
    CHECK(fit.weight[1] == doctest::Approx(first / total).epsilon(1e-14));
    CHECK(fit.weight[2] == doctest::Approx(third / total).epsilon(1e-14));
}

TEST_CASE("CRITIC weights do not see units, shifts and the direction of all indicators") {
    const auto weight = fit_weights(sample(), directions, {Method::critic, 0, {}}, {}).weight;
    Eigen::MatrixXd other = sample();
    other.col(0) = 1e6 * other.col(0).array() - 5;
    CHECK((fit_weights(other, directions, {Method::critic, 0.1, {}}, {}).weight - weight).norm() < 1e-14);
    CHECK((fit_weights(sample(), {true, true, false}, {Method::critic, 0, {}}, {}).weight - weight).norm() <
          1e-14);
}

TEST_CASE("weights that cannot be made are refused") {
    const auto refuse = [](const index::Weighting& weighting, const Eigen::MatrixXd& x,
                           const std::vector<std::string>& hints) {
        const std::vector<bool> positive(static_cast<std::size_t>(x.cols()), false);
        check_error([&] { (void)fit_weights(x, positive, weighting, {}); }, Fault::data, hints);
    };
    refuse({Method::fixed, 0, {1, 2}}, sample(), {"2 fixed weights", "3 indicators"});
    refuse({Method::fixed, 0, {1, -2, 3}}, sample(), {"fixed weight 2", "-2"});
    refuse({Method::fixed, 0, {0, 0, 0}}, sample(), {"all zero"});
    refuse({Method::critic, 0, {}}, sample().leftCols(2), {"in step"});
    refuse({Method::critic, 0, {}}, sample().leftCols(1), {"in step"});
    Eigen::MatrixXd flat = sample();
    flat.col(1).setConstant(4);
    refuse({Method::equal, 0, {}}, flat, {"same value 4"});
}
