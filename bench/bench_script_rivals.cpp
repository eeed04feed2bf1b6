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
#include "bench/entropy_weights.hpp"
#include "kernels/index/entropy.hpp"

namespace {

using namespace greenfront;
using namespace greenfront::bench;
using contest::print_answer, contest::print_time, contest::seconds_of;

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
    if (!((weights_by_hand(x, negative) - fit.weight).cwiseAbs().maxCoeff() < 1e-10))
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
        const panel::Design d = contest::make_design(q);
        contest::regress(d);
        contest::regress_with_missing(d);
        contest::explain_share(q, d);
        contest::explain_censored_share(q, d);
        contest::resample_pairs(folder, d);
        contest::resample_wild(folder, d);
        contest::permute(folder, d);
        contest::permute_groups(folder, d);
        weigh(q);
        contest::draw_numbers();
        contest::read_and_write_csv(folder, q);
        contest::read_and_write_results(folder, q);
    } catch (const std::exception& error) {
        fmt::print(stderr, "{}\n", error.what());
        return 1;
    }
    return 0;
}
