#include <fmt/format.h>
#include <fmt/ranges.h>

#include <cmath>
#include <fstream>
#include <stdexcept>
#include <vector>

#include "bench/contest/contest.hpp"
#include "bench/dea/panels.hpp"
#include "kernels/resample/literal.hpp"
#include "kernels/resample/permutation.hpp"
#include "kernels/resample/placebo.hpp"
#include "kernels/resample/resample.hpp"
#include "kernels/resample/wild.hpp"
#include "kernels/rng/philox.hpp"

namespace greenfront::bench::contest {
namespace {

panel::Options clustered() {
    panel::Options options;
    options.variance = panel::Variance::cluster;
    return options;
}

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
    pairs.studentise = false;
    resample::PairsDraws draws;
    const double seconds = seconds_of([&] { draws = resample::pairs_cluster(d, options, pairs); });
    print_time("pairs", seconds / static_cast<double>(pairs.replicates),
               static_cast<double>(pairs.replicates));
    std::ofstream file(folder + "/draws.csv");
    for (std::int64_t b = 0; b < written_replicates; ++b) {
        const auto counts = resample::cluster_counts(static_cast<std::int32_t>(cities), pairs, b);
        file << fmt::format("{}\n", fmt::join(counts, ","));
        for (std::size_t j = 0; j < d.x_name.size(); ++j)
            print_answer("pairs", fmt::format("{}.{}", b, d.x_name[j]),
                         draws.draw(static_cast<Eigen::Index>(j), b));
        if (b % 100 != 0) continue;
        Eigen::VectorXd beta, std_error;
        if (!resample::estimate(resample::stack(d, counts, {1, 0}), options, beta, std_error))
            throw std::runtime_error(fmt::format("pairs: replicate {} has no literal estimate", b));
        for (Eigen::Index j = 0; j < beta.size(); ++j) {
            if (!(std::abs(beta[j] - draws.draw(j, b)) <= 1e-9 * (1 + std::abs(beta[j]))))
                throw std::runtime_error(
                    fmt::format("pairs: replicate {} differs from its literal estimate", b));
        }
    }
    if (!file.flush()) throw std::runtime_error(folder + "/draws.csv cannot be written");
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

}  // namespace greenfront::bench::contest
