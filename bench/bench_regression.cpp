// One regression as a published study runs thousands of them: 242 cities x 12 years, a policy dummy and five
// controls, city and year effects, errors clustered by city. Checked against two-way demeaning written out
// and a textbook sandwich before any time is taken.
#include <benchmark/benchmark.h>

#include <Eigen/Dense>
#include <cmath>
#include <cstdint>
#include <vector>

#include "bench/calibration/limit.hpp"
#include "bench/numbers.hpp"
#include "kernels/panel/absorb.hpp"
#include "kernels/panel/regression.hpp"

namespace {

using namespace greenfront;
using bench::Numbers;

constexpr Eigen::Index cities = 242, years = 12, regressors = 6, rows = cities * years;

/// `drop` leaves out a cell in so many: 0 is the balanced panel.
panel::Design make_panel(Eigen::Index drop) {
    Numbers random;
    Eigen::MatrixXd X(rows, regressors);
    Eigen::VectorXd y(rows);
    std::vector<double> by_year(static_cast<std::size_t>(years * regressors));
    for (double& value : by_year) value = 0.1 * random.normal();
    std::vector<std::int32_t> city, year;
    Eigen::Index n = 0;
    for (Eigen::Index i = 0; i < cities; ++i) {
        const bool treated = i % 3 == 0;
        const Eigen::Index start = static_cast<Eigen::Index>(random.uniform() * 6);  // 2011..2016
        std::vector<double> by_city;
        for (Eigen::Index j = 0; j < regressors; ++j) by_city.push_back(0.5 * random.normal());
        const double talent = random.normal();
        double error = random.normal();
        for (Eigen::Index t = 0; t < years; ++t) {
            error = 0.6 * error + 0.8 * random.normal();
            X(n, 0) = treated && t >= start ? 1 : 0;
            for (Eigen::Index j = 1; j < regressors; ++j) {
                X(n, j) = by_city[static_cast<std::size_t>(j)] +
                          by_year[static_cast<std::size_t>(t * regressors + j)] + random.normal();
            }
            y[n] =
                talent + 0.05 * static_cast<double>(t) + 0.2 * X(n, 0) + 0.3 * X.row(n).tail(5).sum() + error;
            if (drop > 0 && (7 * i + 5 * t) % drop == 0) continue;
            city.push_back(static_cast<std::int32_t>(i));
            year.push_back(static_cast<std::int32_t>(t));
            ++n;
        }
    }
    panel::Design design;
    design.formula = "y ~ x1 + x2 + x3 + x4 + x5 + x6 | city + year";
    design.y_name.assign(1, 'y');  // assigning "y" sets off a false warning of GCC 12
    design.y = y.head(n);
    design.X = X.topRows(n);
    design.x_name = {"x1", "x2", "x3", "x4", "x5", "x6"};
    const panel::Factor a{"city", city, static_cast<std::int32_t>(cities), {}};
    const panel::Factor b{"year", year, static_cast<std::int32_t>(years), {}};
    design.effects = {{a, true, {}, Eigen::MatrixXd(n, 0)}, {b, true, {}, Eigen::MatrixXd(n, 0)}};
    design.clusters = {a};
    design.endogenous.resize(n, 0);
    design.instruments.resize(n, 0);
    design.n_read = n;
    for (Eigen::Index i = 0; i < n; ++i) design.row.push_back(i);
    return design;
}

panel::Options clustered() {
    panel::Options options;
    options.variance = panel::Variance::cluster;
    return options;
}

/// Explicit dummies for years on city-demeaned columns, normal equations, one sandwich.
bool right(const panel::Design& design, const panel::Fit& fit) {
    const Eigen::Index n = design.y.size();
    const auto& city = design.effects[0].factor.code;
    const auto& year = design.effects[1].factor.code;
    Eigen::MatrixXd W = Eigen::MatrixXd::Zero(n, 1 + regressors + years - 1);
    W.col(0) = design.y;
    W.middleCols(1, regressors) = design.X;
    for (Eigen::Index i = 0; i < n; ++i) {
        const std::int32_t t = year[static_cast<std::size_t>(i)];
        if (t > 0) W(i, regressors + t) = 1;
    }
    Eigen::MatrixXd mean = Eigen::MatrixXd::Zero(cities, W.cols());
    Eigen::VectorXd count = Eigen::VectorXd::Zero(cities);
    for (Eigen::Index i = 0; i < n; ++i) {
        mean.row(city[static_cast<std::size_t>(i)]) += W.row(i);
        count[city[static_cast<std::size_t>(i)]] += 1;
    }
    mean = count.cwiseInverse().asDiagonal() * mean;
    for (Eigen::Index i = 0; i < n; ++i) W.row(i) -= mean.row(city[static_cast<std::size_t>(i)]);
    const Eigen::MatrixXd Z = W.rightCols(W.cols() - 1);
    const Eigen::MatrixXd inverse = (Z.transpose() * Z).inverse();
    const Eigen::VectorXd b = inverse * (Z.transpose() * W.col(0)), u = W.col(0) - Z * b;
    Eigen::MatrixXd scores = Eigen::MatrixXd::Zero(cities, Z.cols());
    for (Eigen::Index i = 0; i < n; ++i) scores.row(city[static_cast<std::size_t>(i)]) += u[i] * Z.row(i);
    const auto N = static_cast<double>(n), G = static_cast<double>(cities);
    const Eigen::MatrixXd V = (N - 1) / (N - regressors - 1 - (years - 1)) * G / (G - 1) * inverse *
                              (scores.transpose() * scores) * inverse;
    for (Eigen::Index j = 0; j < regressors; ++j) {
        const auto& term = fit.terms[static_cast<std::size_t>(j)];
        if (!(std::abs(term.estimate - b[j]) < 1e-10) ||
            !(std::abs(term.std_error / std::sqrt(V(j, j)) - 1) < 1e-9)) {
            return false;
        }
    }
    return true;
}

void one_fit(benchmark::State& state) {
    const panel::Design design = make_panel(state.range(0));
    const panel::Options options = clustered();
    if (!right(design, panel::fit(design, options))) {
        state.SkipWithError("the estimate or its standard error is wrong");
        return;
    }
    for (auto _ : state) {
        auto fit = panel::fit(design, options);
        benchmark::DoNotOptimize(fit.terms.data());
    }
    // The products of outcome and regressors with each other are the least that a fit computes.
    const double operations = static_cast<double>(design.y.size() * (regressors + 1) * (regressors + 2));
    bench::compare_with_product(state, operations, bench::matrix_product());
}
BENCHMARK(one_fit)->ArgName("one_cell_in_missing")->Arg(0)->Arg(10)->Unit(benchmark::kMicrosecond);

void absorb_only(benchmark::State& state) {
    const panel::Design design = make_panel(state.range(0));
    const panel::Absorber absorber(design.effects, design.y.size());
    Eigen::MatrixXd columns(design.y.size(), 1 + regressors), work;
    columns << design.y, design.X;
    for (auto _ : state) {
        work = columns;
        absorber.apply(work);
        benchmark::DoNotOptimize(work.data());
    }
    // What is left sums to zero in every year.
    Eigen::VectorXd sum = Eigen::VectorXd::Zero(years);
    for (Eigen::Index i = 0; i < work.rows(); ++i) {
        sum[design.effects[1].factor.code[static_cast<std::size_t>(i)]] += work(i, 1);
    }
    if (sum.cwiseAbs().maxCoeff() > 1e-10) return state.SkipWithError("the year effects are not absorbed");
    bench::compare_with_reading(state, 8.0 * static_cast<double>(columns.size()));
}
BENCHMARK(absorb_only)->ArgName("one_cell_in_missing")->Arg(0)->Arg(10)->Unit(benchmark::kMicrosecond);

}  // namespace

BENCHMARK_MAIN();
