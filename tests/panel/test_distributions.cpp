#include <doctest/doctest.h>

#include <cmath>
#include <initializer_list>
#include <limits>

#include "kernels/stats/distributions.hpp"

using namespace greenfront;
using doctest::Approx;

namespace {

constexpr double not_a_number = std::numeric_limits<double>::quiet_NaN();
constexpr double infinity = std::numeric_limits<double>::infinity();

Approx close(double value) {
    return Approx(value).epsilon(1e-12);
}

}  // namespace

TEST_CASE("distributions: figures of scipy.stats") {
    CHECK(stats::normal_cdf(-1.5) == close(0.066807201268858071));
    CHECK(stats::normal_cdf(40) == 1);
    CHECK(stats::normal_quantile(0.975) == close(1.959963984540054));
    CHECK(stats::normal_quantile(1e-12) == close(-7.0344838253011313));
    CHECK(stats::t_two_sided(2.1, 7.5) == close(0.071237071458078047));
    CHECK(stats::t_two_sided(-2.1, 7.5) == close(0.071237071458078047));
    CHECK(stats::t_two_sided(300, 3) == close(8.1675087859786861e-08));
    CHECK(stats::t_quantile(0.975, 4) == close(2.7764451051977987));
    CHECK(stats::t_quantile(0.1, 2.5) == close(-1.7302509288071768));
    CHECK(stats::beta_quantile(0.3, 2.5, 0.7) == close(0.70977589121488038));
    CHECK(stats::f_upper(3.2, 3, 17) == close(0.049858015044896606));
    CHECK(stats::f_quantile(0.95, 3, 17) == close(3.1967768409433432));
    CHECK(stats::chi2_upper(7.1, 3) == close(0.068777819365799714));
    CHECK(stats::chi2_quantile(0.9, 2.5) == close(5.4478801483836943));
    CHECK(stats::binomial_cdf(3, 10, 0.4) == close(0.38228060159999988));
    CHECK(stats::binomial_cdf(0, 10, 0.4) == close(0.0060466176));
    CHECK(stats::chi2_noncentral_quantile(0.95, 2.5, 4) == close(15.312395732760194).epsilon(1e-9));
    const auto [low, high] = stats::clopper_pearson(3, 10, 0.95);
    CHECK(low == close(0.066739511177734467));
    CHECK(high == close(0.65245285005999731));
}

TEST_CASE("distributions: the ends of their ranges") {
    CHECK(stats::t_two_sided(0, 3) == 1);
    CHECK(stats::t_two_sided(infinity, 3) == 0);
    CHECK(stats::t_two_sided(-infinity, 3) == 0);
    CHECK(stats::f_upper(0, 3, 17) == 1);
    CHECK(stats::f_upper(infinity, 3, 17) == 0);
    CHECK(stats::chi2_upper(0, 3) == 1);
    CHECK(stats::chi2_upper(infinity, 3) == 0);
    CHECK(stats::binomial_cdf(-1, 10, 0.4) == 0);
    CHECK(stats::binomial_cdf(10, 10, 0.4) == 1);
    CHECK(stats::binomial_cdf(0, 0, 0.4) == 1);
    const auto [none, few] = stats::clopper_pearson(0, 10, 0.95);
    CHECK(none == 0);
    CHECK(few == close(0.30849710781876077));
    // One trial: (alpha/2)^(1/1) and its complement.
    CHECK(stats::clopper_pearson(0, 1, 0.95).high == close(0.975));
    CHECK(stats::clopper_pearson(1, 1, 0.95).low == close(0.025));
    const auto [most, all] = stats::clopper_pearson(10, 10, 0.95);
    CHECK(most == close(0.69150289218123917));
    CHECK(all == 1);
    for (const double p : {0.0, 1.0}) {  // quantiles of certainty are the ends of the support
        CHECK(std::isinf(stats::normal_quantile(p)));
        CHECK(stats::beta_quantile(p, 2.5, 0.7) == p);
    }
    CHECK(stats::chi2_quantile(0, 3) == 0);
    CHECK(stats::f_quantile(0, 3, 17) == 0);
}

TEST_CASE("distributions: what makes no sense is NaN, each argument by itself") {
    for (const double p : {-0.1, 1.1, not_a_number}) {
        CAPTURE(p);
        CHECK(std::isnan(stats::normal_quantile(p)));
        CHECK(std::isnan(stats::t_quantile(p, 4)));
        CHECK(std::isnan(stats::beta_quantile(p, 2, 3)));
        CHECK(std::isnan(stats::f_quantile(p, 3, 17)));
        CHECK(std::isnan(stats::chi2_quantile(p, 3)));
        CHECK(std::isnan(stats::chi2_noncentral_quantile(p, 3, 4)));
        CHECK(std::isnan(stats::binomial_cdf(3, 10, p)));
    }
    for (const double df : {0.0, -1.0, not_a_number}) {
        CAPTURE(df);
        CHECK(std::isnan(stats::t_two_sided(2, df)));
        CHECK(std::isnan(stats::t_quantile(0.9, df)));
        CHECK(std::isnan(stats::beta_quantile(0.9, df, 3)));
        CHECK(std::isnan(stats::beta_quantile(0.9, 2, df)));
        CHECK(std::isnan(stats::f_upper(2, df, 17)));
        CHECK(std::isnan(stats::f_upper(2, 3, df)));
        CHECK(std::isnan(stats::f_quantile(0.9, df, 17)));
        CHECK(std::isnan(stats::f_quantile(0.9, 3, df)));
        CHECK(std::isnan(stats::chi2_upper(2, df)));
        CHECK(std::isnan(stats::chi2_quantile(0.9, df)));
        CHECK(std::isnan(stats::chi2_noncentral_quantile(0.9, df, 4)));
        CHECK(std::isnan(stats::clopper_pearson(0, df, 0.95).low));
    }
    for (const double x : {-1.0, not_a_number}) {
        CAPTURE(x);
        CHECK(std::isnan(stats::f_upper(x, 3, 17)));
        CHECK(std::isnan(stats::chi2_upper(x, 3)));
        CHECK(std::isnan(stats::chi2_noncentral_quantile(0.9, 3, x)));
        CHECK(std::isnan(stats::binomial_cdf(3, x, 0.4)));
        CHECK(std::isnan(stats::clopper_pearson(x, 10, 0.95).high));
    }
    CHECK(std::isnan(stats::normal_cdf(not_a_number)));
    CHECK(std::isnan(stats::t_two_sided(not_a_number, 3)));
    CHECK(std::isnan(stats::binomial_cdf(not_a_number, 10, 0.4)));
    CHECK(std::isnan(stats::clopper_pearson(11, 10, 0.95).low));
}
