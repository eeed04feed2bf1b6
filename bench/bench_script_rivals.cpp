// Our side of the contest with other programs' scripts (bench/rivals): writes the data that all solve, solves
// them in this process on one thread, and prints times and answers in the form that the scripts use too:
//
//     time WORKLOAD SECONDS UNITS      CPU time for one unit, replicate or fit, and how many were timed
//     answer WORKLOAD KEY VALUE
//     proved WORKLOAD                  each answer is proved from the data, so that another one is wrong
//
// Every efficiency score is proved from both sides; the fit is compared with dummy variables written out,
// some replicates with literal re-estimation, the index with its formula.

#include <fmt/format.h>
#include <oneapi/tbb/global_control.h>

#include <Eigen/LU>
#include <cmath>
#include <cstdio>
#include <exception>
#include <fstream>
#include <stdexcept>
#include <string>
#include <vector>

#include "bench/contest/contest.hpp"
#include "bench/dea/contest.hpp"
#include "bench/dea/ours.hpp"
#include "bench/dea/panels.hpp"
#include "bench/dea/rival.hpp"
#include "kernels/index/entropy.hpp"
#include "kernels/panel/regression.hpp"

namespace {

using namespace greenfront;
using namespace greenfront::bench;
using contest::print_answer, contest::print_time, contest::seconds_of;

constexpr Eigen::Index regressors = 6;

void write_panel(const std::string& folder, const dea::Quantities& q) {
    std::ofstream file(folder + "/panel.csv");
    file << "city,year,capital,labour,energy,output,co2,so2,policy\n";
    for (Eigen::Index j = 0; j < q.units(); ++j) {
        file << fmt::format("{},{},{:.17g},{:.17g},{:.17g},{:.17g},{:.17g},{:.17g},{}\n", j / years,
                            j % years, q.X(0, j), q.X(1, j), q.X(2, j), q.Y(0, j), q.B(0, j), q.B(1, j),
                            (j / years) % 3 == 0 && j % years >= 3 + (j / years) % 5 ? 1 : 0);
    }
    if (!file.flush()) throw std::runtime_error(folder + "/panel.csv cannot be written");
}

void score(const std::string& workload, const dea::Quantities& q, const Case& c) {
    const dea::Settings settings = make_settings(c.model, c.returns);
    const Run run = run_ours(q, settings, 1);
    const std::string wrong = uncertified(q, run.scores, settings, 1);
    if (!wrong.empty()) throw std::runtime_error(workload + ": " + wrong);
    const auto n = static_cast<double>(q.units());
    print_time(workload, run.cpu_seconds / n, n);
    fmt::print("proved {}\n", workload);
    for (Eigen::Index o = 0; o < q.units(); ++o)
        print_answer(workload, std::to_string(o), run.scores.score[o]);
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

/// The sandwich without factors for small samples, from dummy variables of the years on city-demeaned
/// columns.
void check_fit(const panel::Design& d, const panel::Fit& fit, const Eigen::VectorXd& plain) {
    const Eigen::Index n = d.y.size();
    Eigen::MatrixXd W = Eigen::MatrixXd::Zero(n, 1 + regressors + years - 1);
    W.col(0) = d.y;
    W.middleCols(1, regressors) = d.X;
    for (Eigen::Index i = 0; i < n; ++i) {
        if (i % years > 0) W(i, regressors + i % years) = 1;
    }
    for (Eigen::Index c = 0; c < cities; ++c) {
        auto rows = W.middleRows(c * years, years);
        rows.rowwise() -= Eigen::RowVectorXd(rows.colwise().mean());
    }
    const Eigen::MatrixXd Z = W.rightCols(W.cols() - 1);
    const Eigen::MatrixXd inverse = (Z.transpose() * Z).inverse();
    const Eigen::VectorXd b = inverse * (Z.transpose() * W.col(0)), u = W.col(0) - Z * b;
    Eigen::MatrixXd sums(cities, Z.cols());
    for (Eigen::Index c = 0; c < cities; ++c)
        sums.row(c) = u.segment(c * years, years).transpose() * Z.middleRows(c * years, years);
    const Eigen::MatrixXd V = inverse * (sums.transpose() * sums) * inverse;
    for (Eigen::Index j = 0; j < regressors; ++j) {
        const auto& term = fit.terms[static_cast<std::size_t>(j)];
        if (!(std::abs(term.estimate - b[j]) < 1e-9) || !(std::abs(plain[j] / std::sqrt(V(j, j)) - 1) < 1e-8))
            throw std::runtime_error("fit: dummy variables written out have another answer for " + term.name);
    }
}

/// Standard errors are printed without the factor G/(G-1) (n-1)/(n-k), which programs count differently.
void regress(const panel::Design& d) {
    panel::Options options;
    options.variance = panel::Variance::cluster;
    panel::Fit fit = panel::fit(d, options);
    const double factor = std::sqrt(fit.small_sample_factor);
    Eigen::VectorXd plain(regressors);
    for (Eigen::Index j = 0; j < regressors; ++j)
        plain[j] = fit.terms[static_cast<std::size_t>(j)].std_error / factor;
    check_fit(d, fit, plain);
    print_time("fit", seconds_of([&] { fit = panel::fit(d, options); }), 1);
    for (Eigen::Index j = 0; j < regressors; ++j) {
        const auto& term = fit.terms[static_cast<std::size_t>(j)];
        print_answer("fit", term.name, term.estimate);
        print_answer("fit", term.name + ".se", plain[j]);
    }
}

void weigh(const dea::Quantities& q) {
    const std::vector<std::string> names{"labour", "output", "capital", "energy", "co2", "so2"};
    const std::vector<bool> negative{false, false, false, true, true, true};
    Eigen::MatrixXd x(q.units(), 6);
    x << q.X.row(1).transpose(), q.Y.row(0).transpose(), q.X.row(0).transpose(), q.X.row(2).transpose(),
        q.B.transpose();
    index::Fit fit;
    Eigen::VectorXd result;
    const double seconds = seconds_of([&] {
        fit = index::fit_entropy(x, negative, 0, names);
        result = index::score(fit, x);
    });
    Eigen::VectorXd spread(6);
    for (Eigen::Index k = 0; k < 6; ++k) {
        const double low = x.col(k).minCoeff(), high = x.col(k).maxCoeff();
        Eigen::ArrayXd z = (x.col(k).array() - low) / (high - low);
        if (negative[static_cast<std::size_t>(k)]) z = 1 - z;
        const Eigen::ArrayXd p = z / z.sum();
        const double e = -(p > 0).select(p * p.max(1e-300).log(), 0.0).sum();
        spread[k] = 1 - e / std::log(static_cast<double>(x.rows()));
    }
    spread /= spread.sum();
    if (!((spread - fit.weight).cwiseAbs().maxCoeff() < 1e-10))
        throw std::runtime_error("entropy: the weights are not those of the formula");
    print_time("entropy", seconds, 1);
    for (Eigen::Index k = 0; k < 6; ++k)
        print_answer("entropy", "weight." + names[static_cast<std::size_t>(k)], fit.weight[k]);
    for (Eigen::Index o = 0; o < x.rows(); o += 97) print_answer("entropy", std::to_string(o), result[o]);
}

}  // namespace

int main(int argc, char** argv) {
    if (argc != 2) {
        fmt::print(stderr, "bench_script_rivals FOLDER\n");
        return 64;
    }
    try {
        const oneapi::tbb::global_control limit(oneapi::tbb::global_control::max_allowed_parallelism, 1);
        const std::string folder = argv[1];
        const dea::Quantities q = city_panel(true), one_year = year(q, 0);
        write_panel(folder, q);
        for (const Case& c : cases) {
            std::string name = c.name;
            name.replace(name.find(' '), 1, "-");
            score(name + "-242", one_year, c);
            score(name + "-2904", q, c);
        }
        const panel::Design d = make_design(q);
        regress(d);
        contest::resample_pairs(folder, d);
        contest::resample_wild(folder, d);
        contest::permute(folder, d);
        weigh(q);
        contest::draw_numbers();
        contest::read_csv(folder);
    } catch (const std::exception& error) {
        fmt::print(stderr, "{}\n", error.what());
        return 1;
    }
    return 0;
}
