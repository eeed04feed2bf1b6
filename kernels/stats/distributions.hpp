#pragma once

/// Distribution functions (Boost.Math), in double precision and without exceptions: an argument or a number
/// of degrees of freedom that makes no sense gives NaN.
namespace greenfront::stats {

[[nodiscard]] double normal_cdf(double x);
[[nodiscard]] double normal_quantile(double p);

/// P(|T| >= |t|), T Student with df degrees of freedom.
[[nodiscard]] double t_two_sided(double t, double df);
[[nodiscard]] double t_quantile(double p, double df);

/// Quantile of the beta distribution on 0..1.
[[nodiscard]] double beta_quantile(double p, double a, double b);

/// P(F >= f).
[[nodiscard]] double f_upper(double f, double df1, double df2);
[[nodiscard]] double f_quantile(double p, double df1, double df2);

/// P(X >= x), X chi-squared.
[[nodiscard]] double chi2_upper(double x, double df);
[[nodiscard]] double chi2_quantile(double p, double df);

/// P(X <= x), X binomial with n trials of probability p.
[[nodiscard]] double binomial_cdf(double x, double n, double p);

/// Clopper-Pearson interval of a probability after c successes in n trials; NaN when n is 0.
struct Interval {
    double low, high;
};
[[nodiscard]] Interval clopper_pearson(double c, double n, double confidence);

/// Quantile of the noncentral chi-squared distribution, df > 0 not necessarily whole.
[[nodiscard]] double chi2_noncentral_quantile(double p, double df, double noncentrality);

}  // namespace greenfront::stats
