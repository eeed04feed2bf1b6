#include <fmt/format.h>

#include <Eigen/LU>
#include <cmath>
#include <stdexcept>
#include <string>
#include <vector>

#include "bench/contest/contest.hpp"
#include "bench/dea/panels.hpp"
#include "kernels/panel/sample.hpp"

namespace greenfront::bench::contest {
namespace {

using Eigen::Index, Eigen::MatrixXd, Eigen::VectorXd;

constexpr Index regressors = 6;

/// Columns without the means of their cities, whose rows lie one after the other.
MatrixXd without_city_means(const MatrixXd& columns, const std::vector<std::int32_t>& city) {
    MatrixXd W = columns;
    for (std::size_t begin = 0, end = 0; begin < city.size(); begin = end) {
        while (end < city.size() && city[end] == city[begin]) ++end;
        auto rows = W.middleRows(static_cast<Index>(begin), static_cast<Index>(end - begin));
        rows.rowwise() -= Eigen::RowVectorXd(rows.colwise().mean());
    }
    return W;
}

/// The fit without factors for small samples, from dummy variables of the years on city-demeaned columns.
void check_fit(const panel::Design& d, const panel::Fit& fit, const VectorXd& plain) {
    const auto& city = d.effects[0].factor.code;
    MatrixXd W = MatrixXd::Zero(d.y.size(), 1 + regressors + years - 1);
    W.col(0) = d.y;
    W.middleCols(1, regressors) = d.X;
    for (Index i = 0; i < d.y.size(); ++i) {
        const auto year = d.effects[1].factor.code[static_cast<std::size_t>(i)];
        if (year > 0) W(i, regressors + year) = 1;
    }
    W = without_city_means(W, city);
    const MatrixXd Z = W.rightCols(W.cols() - 1);
    const MatrixXd inverse = (Z.transpose() * Z).inverse();
    const VectorXd b = inverse * (Z.transpose() * W.col(0)), u = W.col(0) - Z * b;
    const MatrixXd V = sandwich(inverse, Z.array().colwise() * u.array(), city);
    for (Index j = 0; j < regressors; ++j) {
        const auto& term = fit.terms[static_cast<std::size_t>(j)];
        if (!(std::abs(term.estimate - b[j]) < 1e-9) || !(std::abs(plain[j] / std::sqrt(V(j, j)) - 1) < 1e-8))
            throw std::runtime_error("fit: dummy variables written out have another answer for " + term.name);
    }
}

/// Standard errors are printed without the factor G/(G-1) (n-1)/(n-k), which programs count differently.
void regress(const std::string& workload, const panel::Design& d) {
    const panel::Options options = clustered();
    panel::Fit fit = panel::fit(d, options);
    const double factor = std::sqrt(fit.small_sample_factor);
    VectorXd plain(regressors);
    for (Index j = 0; j < regressors; ++j)
        plain[j] = fit.terms[static_cast<std::size_t>(j)].std_error / factor;
    check_fit(d, fit, plain);
    print_time(workload, seconds_of([&] { fit = panel::fit(d, options); }), 1);
    for (Index j = 0; j < regressors; ++j) {
        const auto& term = fit.terms[static_cast<std::size_t>(j)];
        print_answer(workload, term.name, term.estimate);
        print_answer(workload, term.name + ".se", plain[j]);
    }
}

}  // namespace

panel::Options clustered() {
    panel::Options options;
    options.variance = panel::Variance::cluster;
    return options;
}

MatrixXd sandwich(const MatrixXd& bread, const MatrixXd& scores, const std::vector<std::int32_t>& city) {
    MatrixXd sums = MatrixXd::Zero(cities, scores.cols());
    for (std::size_t i = 0; i < city.size(); ++i) sums.row(city[i]) += scores.row(static_cast<Index>(i));
    return bread * (sums.transpose() * sums) * bread;
}

panel::Design make_design(const dea::Quantities& q) {
    panel::Design d;
    const Eigen::Index n = q.units();
    d.formula = "output ~ capital + labour + energy + co2 + so2 + policy | city + year";
    d.y_name = std::string("output");
    d.x_name = {"capital", "labour", "energy", "co2", "so2", "policy"};
    d.y = q.Y.row(0).transpose().array().log();
    d.X.resize(n, regressors);
    d.X.leftCols(3) = q.X.transpose().array().log();
    d.X.middleCols(3, 2) = q.B.transpose().array().log();
    panel::Factor city{"city", {}, static_cast<std::int32_t>(cities), {}};
    panel::Factor year{"year", {}, static_cast<std::int32_t>(years), {}};
    for (Eigen::Index i = 0; i < n; ++i) {
        city.code.push_back(static_cast<std::int32_t>(i / years));
        year.code.push_back(static_cast<std::int32_t>(i % years));
        d.X(i, 5) = (i / years) % 3 == 0 && i % years >= 3 + (i / years) % 5 ? 1 : 0;
        d.row.push_back(i);
    }
    d.effects = {{city, true, {}, Eigen::MatrixXd(n, 0)}, {year, true, {}, Eigen::MatrixXd(n, 0)}};
    d.clusters = {city};
    d.endogenous.resize(n, 0);
    d.instruments.resize(n, 0);
    d.n_read = n;
    return d;
}

void regress(const panel::Design& d) {
    regress("fit", d);
}

void regress_with_missing(const panel::Design& d) {
    std::vector<std::int64_t> there;
    for (std::int64_t i = 0; i < d.y.size(); ++i) {
        if (i * 7919 % 1009 >= 101) there.push_back(i);
    }
    regress("fit-missing", panel::take_rows(d, there));
}

}  // namespace greenfront::bench::contest
