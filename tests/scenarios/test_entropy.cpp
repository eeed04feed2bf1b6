#include "kernels/index/entropy.hpp"

#include <random>

#include "tests/scenarios/support.hpp"

using namespace greenfront;
using namespace greenfront::scenarios_test;
using greenfront::index::fit_entropy;

namespace {

Eigen::MatrixXd sample() {
    std::mt19937_64 words(7);
    Eigen::MatrixXd x(60, 4);
    for (Eigen::Index k = 0; k < 4; ++k) {
        for (Eigen::Index i = 0; i < 60; ++i)
            x(i, k) = std::pow(static_cast<double>(words() >> 11) * 0x1p-53, 1.0 + static_cast<double>(k));
    }
    return x;
}
const std::vector<bool> directions{false, true, false, true};

/// The formula as it stands in textbooks.
std::vector<double> naive_weights(const Eigen::MatrixXd& x, const std::vector<bool>& negative, double shift) {
    std::vector<double> w;
    double total = 0;
    for (Eigen::Index k = 0; k < x.cols(); ++k) {
        const double low = x.col(k).minCoeff(), high = x.col(k).maxCoeff();
        Eigen::VectorXd z(x.rows());
        for (Eigen::Index i = 0; i < x.rows(); ++i) {
            z[i] = (negative[static_cast<std::size_t>(k)] ? high - x(i, k) : x(i, k) - low) / (high - low) +
                   shift;
        }
        double e = 0;
        for (Eigen::Index i = 0; i < x.rows(); ++i) {
            const double p = z[i] / z.sum();
            if (p > 0) e -= p * std::log(p);
        }
        w.push_back(1 - e / std::log(static_cast<double>(x.rows())));
        total += w.back();
    }
    for (double& v : w) v /= total;
    return w;
}
std::vector<double> list(const Eigen::VectorXd& v) {
    return {v.begin(), v.end()};
}

}  // namespace

TEST_CASE("entropy weights by hand") {
    // Two rows: the standardised values are 0 and 1, so e = 0 for each and the weights are equal.
    Eigen::MatrixXd x(2, 2);
    x << 1, 5, 3, 2;
    const auto fit = fit_entropy(x, {false, true}, 0, {});
    check_close(list(fit.weight), {0.5, 0.5});
    check_close(list(fit.entropy), {0, 0});
    check_close(list(index::score(fit, x)), {0, 1});
    // p = (0, 1/3, 2/3): e = -(ln(1/3)/3 + 2 ln(2/3)/3) / ln 3.
    Eigen::MatrixXd y(3, 1);
    y << 0, 1, 2;
    check_close(list(fit_entropy(y, {false}, 0, {}).entropy),
                {-(std::log(1.0 / 3) / 3 + 2 * std::log(2.0 / 3) / 3) / std::log(3.0)});
}

TEST_CASE("entropy weights agree with the naive formula") {
    for (const double shift : {0.0, 1e-4, 0.01, 1.0}) {
        const auto fit = fit_entropy(sample(), directions, shift, {});
        check_close(list(fit.weight), naive_weights(sample(), directions, shift), 1e-11);
        CHECK(fit.weight.sum() == doctest::Approx(1));
    }
}

TEST_CASE("a value far beyond all others takes an indicator's whole weight, whatever its size") {
    auto x = sample();
    for (const double far : {1e16, 1e20, 1e300}) {
        x(7, 0) = far;
        const auto fit = fit_entropy(x, {false, false, false, true}, 0, {});
        CHECK(fit.entropy[0] == doctest::Approx(0).epsilon(1e-9));
        check_close(list(fit.weight), naive_weights(x, {false, false, false, true}, 0), 1e-9);
    }
}

TEST_CASE("a shift that rounding would decide on is refused") {
    CHECK_NOTHROW((void)fit_entropy(sample(), directions, 1e6, {}));
    for (const double shift : {1.1e6, 1e15, 1e20, 1e300}) {
        CHECK_THROWS_WITH_AS((void)fit_entropy(sample(), directions, shift, {}),
                             doctest::Contains("is larger than 1000000"), greenfront::Error);
    }
}

TEST_CASE("units of measure, row order and duplicated rows") {
    const auto x = sample();
    const auto fit = fit_entropy(x, directions, 0, {});
    Eigen::MatrixXd scaled = x;
    scaled.col(0) *= 1e6;
    scaled.col(1) = scaled.col(1).array() * 0.001 - 40;
    const auto other = fit_entropy(scaled, directions, 0, {});
    check_close(list(other.weight), list(fit.weight), 1e-11);
    check_close(list(index::score(other, scaled)), list(index::score(fit, x)), 1e-11);
    const Eigen::MatrixXd reversed = x.colwise().reverse();
    check_close(list(fit_entropy(reversed, directions, 0, {}).weight), list(fit.weight), 1e-12);
    // Turning an indicator round and calling it negative changes nothing.
    Eigen::MatrixXd turned = x;
    turned.col(2) *= -1;
    check_close(list(fit_entropy(turned, {false, true, true, true}, 0, {}).weight), list(fit.weight), 1e-12);
    // Every row twice: sum p ln(n p) stays, only ln n grows, for all indicators alike.
    Eigen::MatrixXd twice(120, 4);
    twice << x, x;
    check_close(list(fit_entropy(twice, directions, 0, {}).weight), list(fit.weight), 1e-12);
}

TEST_CASE("a frozen fit scores other rows, also outside of its range") {
    Eigen::MatrixXd x(3, 1), other(3, 1);
    x << 0, 1, 2;
    other << -1, 1, 4;
    check_close(list(index::score(fit_entropy(x, {false}, 0, {}), other)), {-0.5, 0.5, 2});
    check_error([&] { (void)index::score(fit_entropy(x, {false}, 0, {}), sample()); }, Fault::data,
                {"4 columns"});
}

TEST_CASE("indicators that cannot be weighted") {
    Eigen::MatrixXd x = sample();
    x.col(2).setConstant(3);
    check_error(
        [&] {
            (void)fit_entropy(x, directions, 0, {"a", "b", "flat", "d"});
        },
        Fault::data, {"flat", "column 3", "same value 3"});
    x(4, 1) = missing;
    check_error([&] { (void)fit_entropy(x, directions, 0, {}); }, Fault::data, {"column 2", "missing"});
    check_error([&] { (void)fit_entropy(sample().topRows(1), directions, 0, {}); }, Fault::data,
                {"1 complete rows"});
    check_error([&] { (void)fit_entropy(sample(), directions, -1, {}); }, Fault::data, {"shift"});
    check_error([&] { (void)fit_entropy(sample(), {false}, 0, {}); }, Fault::data, {"1 directions"});
    check_error([&] { (void)fit_entropy(Eigen::MatrixXd(3, 0), {}, 0, {}); }, Fault::data, {"no indicator"});
}
