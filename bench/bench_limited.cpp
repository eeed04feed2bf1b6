// The second stage of an efficiency study: scores of 242 cities x 12 years on six regressors, errors
// clustered by city. Every model's answer is checked before any time is taken: the gradient of the literal
// log-likelihood, by central differences in (beta, sigma), is zero at the estimate, and its curvature gives
// the standard errors.
#include <benchmark/benchmark.h>

#include <Eigen/Dense>
#include <algorithm>
#include <cmath>
#include <cstdint>
#include <vector>

#include "bench/calibration/limit.hpp"
#include "bench/numbers.hpp"
#include "kernels/limited/limited.hpp"

namespace {

using namespace greenfront;
using bench::Numbers;
using limited::Model;

constexpr Eigen::Index cities = 242, years = 12, regressors = 6, rows = cities * years;

panel::Design make_panel(Model model) {
    Numbers random;
    panel::Design design;
    design.formula = "y ~ x1 + x2 + x3 + x4 + x5 + x6";
    design.y_name.assign(1, 'y');  // assigning "y" sets off a false warning of GCC 12
    design.x_name = {"x1", "x2", "x3", "x4", "x5", "x6"};
    design.y.resize(rows);
    design.X.resize(rows, regressors);
    panel::Factor city{"city", {}, static_cast<std::int32_t>(cities), {}};
    for (Eigen::Index i = 0; i < rows; ++i) {
        double y = 0;
        do {
            for (Eigen::Index j = 0; j < regressors; ++j) design.X(i, j) = random.normal();
            y = 1.4 + 0.1 * design.X.row(i).sum() + 0.4 * random.normal();
        } while (model == Model::truncated && y <= 1);
        if (model == Model::tobit) y = std::max(y, 1.0);
        if (model == Model::fractional_logit) y = std::clamp(y - 0.9, 0.0, 1.0);
        design.y[i] = y;
        city.code.push_back(static_cast<std::int32_t>(i / years));
        design.row.push_back(i);
    }
    design.clusters = {city};
    design.n_read = rows;
    return design;
}

limited::Settings settings(Model model, panel::Variance variance) {
    limited::Settings s;
    s.model = model;
    s.variance = variance;
    if (model != Model::fractional_logit) s.lower = 1;
    return s;
}

/// The log-likelihood as a textbook writes it; the last parameter is sigma (unused by the fractional logit).
double literal(Model model, const panel::Design& design, const Eigen::VectorXd& parameters) {
    const double sigma = parameters[regressors + 1];
    double sum = 0;
    for (Eigen::Index i = 0; i < rows; ++i) {
        const double m = design.X.row(i).dot(parameters.head(regressors)) + parameters[regressors],
                     y = design.y[i];
        if (model == Model::fractional_logit) {
            sum += -y * std::log1p(std::exp(-m)) - (1 - y) * std::log1p(std::exp(m));
            continue;
        }
        const double e = (y - m) / sigma, below = std::erfc((m - 1) / sigma / std::sqrt(2.0)) / 2;
        const double density = -e * e / 2 - 0.5 * std::log(2 * 3.14159265358979323846) - std::log(sigma);
        sum += model == Model::tobit && y == 1
                   ? std::log(below)
                   : density - (model == Model::truncated ? std::log(1 - below) : 0);
    }
    return sum;
}

bool right(Model model, const panel::Design& design) {
    const limited::Fit fit = limited::fit(design, settings(model, panel::Variance::iid));
    const Eigen::Index p = regressors + (model == Model::fractional_logit ? 1 : 2);
    Eigen::VectorXd at(regressors + 2), se(regressors + 2);
    for (Eigen::Index j = 0; j <= regressors; ++j) {
        at[j] = fit.terms[static_cast<std::size_t>(j)].estimate;
        se[j] = fit.terms[static_cast<std::size_t>(j)].std_error;
    }
    at[regressors + 1] = fit.sigma.estimate;
    se[regressors + 1] = fit.sigma.std_error;
    const auto moved = [&](Eigen::Index j, double a, Eigen::Index k, double b) {
        Eigen::VectorXd x = at;
        x[j] += a * se[j];
        x[k] += b * se[k];
        return literal(model, design, x);
    };
    if (!(std::abs(moved(0, 0, 0, 0) - fit.log_likelihood) < 1e-8 * rows)) return false;
    // In units of standard errors; a step of a twentieth.
    const double h = 0.05;
    Eigen::MatrixXd information(p, p);
    for (Eigen::Index j = 0; j < p; ++j) {
        const double slope =
            (8 * (moved(j, h, j, 0) - moved(j, -h, j, 0)) - moved(j, 2 * h, j, 0) + moved(j, -2 * h, j, 0)) /
            (12 * h);
        if (!(std::abs(slope) < 1e-6)) return false;
        for (Eigen::Index k = 0; k < p; ++k) {
            information(j, k) =
                -(moved(j, h, k, h) - moved(j, h, k, -h) - moved(j, -h, k, h) + moved(j, -h, k, -h)) /
                (4 * h * h);
        }
    }
    const Eigen::VectorXd ratio = information.inverse().diagonal().cwiseSqrt();
    return (ratio.array() - 1).abs().maxCoeff() < 1e-3;
}

void one_fit(benchmark::State& state, Model model) {
    const panel::Design design = make_panel(model);
    if (!right(model, design)) {
        state.SkipWithError("the estimate or its standard error is wrong");
        return;
    }
    const limited::Settings clustered = settings(model, panel::Variance::cluster);
    int steps = 0;
    for (auto _ : state) {
        auto fit = limited::fit(design, clustered);
        steps = fit.iterations;
        benchmark::DoNotOptimize(fit.terms.data());
    }
    state.counters["newton_steps"] = steps;
    // Every step has a matrix of second derivatives: products of the regressors with each other.
    const auto columns = static_cast<double>(design.X.cols() + 1);
    const double operations = static_cast<double>(design.y.size()) * columns * (columns + 1) * steps;
    bench::compare_with_product(state, operations, bench::matrix_product());
}
BENCHMARK_CAPTURE(one_fit, truncated, Model::truncated)->Unit(benchmark::kMicrosecond);
BENCHMARK_CAPTURE(one_fit, tobit, Model::tobit)->Unit(benchmark::kMicrosecond);
BENCHMARK_CAPTURE(one_fit, fractional_logit, Model::fractional_logit)->Unit(benchmark::kMicrosecond);

}  // namespace

BENCHMARK_MAIN();
