#include "kernels/stats/distributions.hpp"

#include <boost/math/distributions/beta.hpp>
#include <boost/math/distributions/binomial.hpp>
#include <boost/math/distributions/chi_squared.hpp>
#include <boost/math/distributions/fisher_f.hpp>
#include <boost/math/distributions/non_central_chi_squared.hpp>
#include <boost/math/distributions/normal.hpp>
#include <boost/math/distributions/students_t.hpp>
#include <cmath>
#include <limits>

namespace greenfront::stats {
namespace {

namespace bm = boost::math;
using Quiet = bm::policies::policy<bm::policies::domain_error<bm::policies::ignore_error>,
                                   bm::policies::pole_error<bm::policies::ignore_error>,
                                   bm::policies::overflow_error<bm::policies::ignore_error>,
                                   bm::policies::evaluation_error<bm::policies::ignore_error>,
                                   bm::policies::promote_double<false>>;

constexpr double nan = std::numeric_limits<double>::quiet_NaN();

bool probability(double p) {
    return p >= 0 && p <= 1;
}

}  // namespace

double normal_cdf(double x) {
    return std::isnan(x) ? nan : 0.5 * std::erfc(-x / std::sqrt(2.0));
}

double normal_quantile(double p) {
    return probability(p) ? bm::quantile(bm::normal_distribution<double, Quiet>(), p) : nan;
}

double t_two_sided(double t, double df) {
    if (std::isnan(t) || !(df > 0)) return nan;
    if (std::isinf(t)) return 0;
    return 2 * bm::cdf(bm::complement(bm::students_t_distribution<double, Quiet>(df), std::abs(t)));
}

double t_quantile(double p, double df) {
    if (!probability(p) || !(df > 0)) return nan;
    return bm::quantile(bm::students_t_distribution<double, Quiet>(df), p);
}

double beta_quantile(double p, double a, double b) {
    if (!probability(p) || !(a > 0) || !(b > 0)) return nan;
    return bm::quantile(bm::beta_distribution<double, Quiet>(a, b), p);
}

double f_upper(double f, double df1, double df2) {
    if (!(f >= 0) || !(df1 > 0) || !(df2 > 0)) return nan;
    if (std::isinf(f)) return 0;
    return bm::cdf(bm::complement(bm::fisher_f_distribution<double, Quiet>(df1, df2), f));
}

double f_quantile(double p, double df1, double df2) {
    if (!probability(p) || !(df1 > 0) || !(df2 > 0)) return nan;
    return bm::quantile(bm::fisher_f_distribution<double, Quiet>(df1, df2), p);
}

double binomial_cdf(double x, double n, double p) {
    if (!(n >= 0) || !probability(p) || std::isnan(x)) return nan;
    if (x < 0) return 0;
    if (x >= n) return 1;
    return bm::cdf(bm::binomial_distribution<double, Quiet>(n, p), x);
}

Interval clopper_pearson(double c, double n, double confidence) {
    if (!(n > 0) || !(c >= 0 && c <= n)) return {nan, nan};
    const double tail = (1 - confidence) / 2;
    const auto quantile = [](double p, double a, double b) {
        return bm::quantile(bm::beta_distribution<double, Quiet>(a, b), p);
    };
    return {c == 0 ? 0 : quantile(tail, c, n - c + 1), c == n ? 1 : quantile(1 - tail, c + 1, n - c)};
}

double chi2_upper(double x, double df) {
    if (!(x >= 0) || !(df > 0)) return nan;
    if (std::isinf(x)) return 0;
    return bm::cdf(bm::complement(bm::chi_squared_distribution<double, Quiet>(df), x));
}

double chi2_quantile(double p, double df) {
    if (!probability(p) || !(df > 0)) return nan;
    return bm::quantile(bm::chi_squared_distribution<double, Quiet>(df), p);
}

double chi2_noncentral_quantile(double p, double df, double noncentrality) {
    if (!probability(p) || !(df > 0) || !(noncentrality >= 0)) return nan;
    return bm::quantile(bm::non_central_chi_squared_distribution<double, Quiet>(df, noncentrality), p);
}

}  // namespace greenfront::stats
