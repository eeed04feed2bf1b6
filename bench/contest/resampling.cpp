#include <fmt/format.h>
#include <fmt/ranges.h>

#include <cmath>
#include <fstream>
#include <stdexcept>
#include <vector>

#include "bench/contest/contest.hpp"
#include "bench/dea/panels.hpp"
#include "kernels/panel/sample.hpp"
#include "kernels/resample/group_difference.hpp"
#include "kernels/resample/literal.hpp"
#include "kernels/resample/permutation.hpp"
#include "kernels/resample/placebo.hpp"
#include "kernels/resample/resample.hpp"
#include "kernels/resample/wild.hpp"
#include "kernels/rng/philox.hpp"

namespace greenfront::bench::contest {
namespace {

void require(bool well, const std::string& what) {
    if (!well) throw std::runtime_error(what);
}

bool near(double a, double b) {
    return std::abs(a - b) <= 1e-9 * (1 + std::abs(b));
}

}  // namespace

void resample_pairs(const std::string& folder, const panel::Design& d) {
    const panel::Options options = clustered();
    resample::PairsOptions pairs;
    pairs.replicates = 19999;
    resample::PairsDraws draws;
    const auto time = [&](const char* workload, bool studentise) {
        pairs.studentise = studentise;
        const double seconds = seconds_of([&] { draws = resample::pairs_cluster(d, options, pairs); });
        print_time(workload, seconds / static_cast<double>(pairs.replicates),
                   static_cast<double>(pairs.replicates));
    };
    time("pairs", false);
    const Eigen::MatrixXd coefficients = draws.draw;
    time("pairs-t", true);
    require(coefficients == draws.draw, "pairs: coefficients with standard errors are others than without");
    const double factor = std::sqrt(panel::fit(d, options).small_sample_factor);
    std::ofstream file(folder + "/draws.csv");
    for (std::int64_t b = 0; b < written_replicates; ++b) {
        const auto counts = resample::cluster_counts(static_cast<std::int32_t>(cities), pairs, b);
        file << fmt::format("{}\n", fmt::join(counts, ","));
        for (std::size_t j = 0; j < d.x_name.size(); ++j) {
            const auto row = static_cast<Eigen::Index>(j);
            const std::string key = fmt::format("{}.{}", b, d.x_name[j]);
            print_answer("pairs", key, draws.draw(row, b));
            print_answer("pairs-t", key, draws.draw(row, b));
            print_answer("pairs-t", key + ".se", draws.draw_std_error(row, b) / factor);
        }
        if (b % 100 != 0) continue;
        Eigen::VectorXd beta, std_error;
        require(resample::estimate(resample::stack(d, counts, {1, 0}), options, beta, std_error),
                fmt::format("pairs: replicate {} has no literal estimate", b));
        for (Eigen::Index j = 0; j < beta.size(); ++j) {
            require(near(beta[j], draws.draw(j, b)) && near(std_error[j], draws.draw_std_error(j, b)),
                    fmt::format("pairs: replicate {} differs from its literal estimate", b));
        }
    }
    require(static_cast<bool>(file.flush()), folder + "/draws.csv cannot be written");
}

void resample_wild(const std::string& folder, const panel::Design& d) {
    const panel::Options options = clustered();
    resample::WildOptions wild;
    wild.term = "capital";
    wild.interval = false;
    wild.replicates = 199'999;
    resample::WildDraws draws;
    const double seconds = seconds_of([&] { draws = resample::wild_cluster(d, options, wild); });
    print_time("wild", seconds / static_cast<double>(wild.replicates), static_cast<double>(wild.replicates));
    panel::Design restricted = d;
    restricted.X = d.X.rightCols(d.X.cols() - 1);
    restricted.x_name.erase(restricted.x_name.begin());
    const Eigen::VectorXd u = panel::fit(restricted, options).residual;
    std::ofstream file(folder + "/signs.csv");
    for (std::int64_t b = 0; b < written_replicates; ++b) {
        const auto weights = resample::wild_weights(static_cast<std::int32_t>(cities), wild, b);
        file << fmt::format("{}\n", fmt::join(weights, ","));
        print_answer("wild", std::to_string(b), draws.draw[b] * std::sqrt(draws.small_sample_factor));
        if (b % 100 != 0) continue;
        panel::Design again = d;
        for (Eigen::Index i = 0; i < d.y.size(); ++i)
            again.y[i] += (weights[static_cast<std::size_t>(i / years)] - 1) * u[i];
        require(near(draws.draw[b], panel::fit(again, options).terms[0].statistic),
                fmt::format("wild: replicate {} differs from its regression", b));
    }
    require(static_cast<bool>(file.flush()), folder + "/signs.csv cannot be written");
}

void permute(const std::string& folder, const panel::Design& d) {
    const panel::Options options = clustered();
    const panel::Factor city = d.effects[0].factor, year = d.effects[1].factor;
    resample::PlaceboOptions placebo;
    placebo.treatment = "policy";
    placebo.replicates = 19'999;
    resample::PlaceboDraws draws;
    const double seconds = seconds_of([&] { draws = resample::placebo(d, options, city, year, placebo); });
    print_time("placebo", seconds / static_cast<double>(placebo.replicates),
               static_cast<double>(placebo.replicates));
    const auto items = resample::exchange(placebo.scheme, city, year);
    const double factor = std::sqrt(panel::fit(d, options).small_sample_factor);
    const Eigen::Index policy = d.X.cols() - 1;
    std::vector<std::int64_t> source(city.code.size());
    std::vector<std::int64_t> donor(static_cast<std::size_t>(cities));
    std::ofstream file(folder + "/permutations.csv");
    for (std::int64_t r = 0; r < written_replicates; ++r) {
        const rng::Stream stream(placebo.seed, rng::stage_placebo, static_cast<std::uint64_t>(r));
        resample::source_rows(items, resample::shuffle(items, stream), source);
        for (std::size_t c = 0; c < donor.size(); ++c)
            donor[c] = source[c * static_cast<std::size_t>(years)] / years;
        file << fmt::format("{}\n", fmt::join(donor, ","));
        print_answer("placebo", std::to_string(r), draws.draw[r]);
        print_answer("placebo", fmt::format("{}.se", r), draws.draw_std_error[r] / factor);
        if (r % 100 != 0) continue;
        panel::Design permuted = d;
        for (std::size_t i = 0; i < source.size(); ++i)
            permuted.X(static_cast<Eigen::Index>(i), policy) = d.X(source[i], policy);
        const auto term = panel::fit(permuted, options).terms[static_cast<std::size_t>(policy)];
        require(near(draws.draw[r], term.estimate) && near(draws.draw_std_error[r], term.std_error),
                fmt::format("placebo: draw {} differs from its regression", r));
    }
    require(static_cast<bool>(file.flush()), folder + "/permutations.csv cannot be written");
}

void permute_groups(const std::string& folder, const panel::Design& d) {
    const panel::Options options = clustered();
    const panel::Factor& city = d.clusters[0];
    constexpr std::int32_t first = cities / 2;
    panel::Factor half{"half", {}, 2, {"first", "second"}};
    for (const auto code : city.code) half.code.push_back(code < first ? 0 : 1);
    resample::GroupOptions groups;
    groups.term = "capital";
    groups.replicates = 19'999;
    resample::GroupDraws draws;
    const double seconds =
        seconds_of([&] { draws = resample::group_permutation(d, options, city, half, groups); });
    print_time("groups", seconds / static_cast<double>(groups.replicates),
               static_cast<double>(groups.replicates));
    std::ofstream file(folder + "/assignments.csv");
    for (std::int64_t b = 0; b < written_replicates; ++b) {
        std::vector<int> inside(static_cast<std::size_t>(cities), 0);
        for (const auto c : resample::first_group(static_cast<std::int32_t>(cities), first, groups, b))
            inside[static_cast<std::size_t>(c)] = 1;
        file << fmt::format("{}\n", fmt::join(inside, ","));
        for (const int group : {0, 1}) {
            print_answer("groups", fmt::format("{}.{}", b, group), draws.draw_estimate(group, b));
            if (b % 100 != 0) continue;
            std::vector<std::int64_t> rows;
            for (std::size_t i = 0; i < city.code.size(); ++i) {
                if (inside[static_cast<std::size_t>(city.code[i])] == 1 - group)
                    rows.push_back(static_cast<std::int64_t>(i));
            }
            const auto alone = panel::fit(panel::take_rows(d, rows), options).terms[0].estimate;
            require(near(draws.draw_estimate(group, b), alone),
                    fmt::format("groups: assignment {} differs from the regressions on its rows", b));
        }
    }
    require(static_cast<bool>(file.flush()), folder + "/assignments.csv cannot be written");
}

}  // namespace greenfront::bench::contest
