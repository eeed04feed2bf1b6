#include <fmt/format.h>
#include <oneapi/tbb/enumerable_thread_specific.h>
#include <oneapi/tbb/parallel_for.h>

#include <algorithm>
#include <atomic>
#include <cmath>
#include <limits>
#include <map>
#include <numeric>

#include "kernels/error.hpp"
#include "kernels/resample/leave_out.hpp"
#include "kernels/resample/pairs_solve.hpp"
#include "kernels/resample/resample.hpp"
#include "kernels/resample/tally.hpp"
#include "kernels/rng/philox.hpp"

namespace greenfront::resample {
namespace {

using Counts = std::vector<std::int32_t>;

/// Replicates of one task. Fixed, so that nothing depends on the number of threads.
constexpr std::int64_t block_of_replicates = 64;
constexpr std::int64_t most_enumerated = 10'000'000;

void check(const panel::Design& design, const PairsOptions& pairs) {
    if (design.clusters.size() != 1) {
        throw Error(Fault::usage,
                    fmt::format("the pairs bootstrap draws one cluster variable, {} were given; name an "
                                "intersection as a^b",
                                design.clusters.size()));
    }
    if (!pairs.enumerate && pairs.replicates < 1) {
        throw Error(Fault::usage, fmt::format("{} replicates: at least one is needed", pairs.replicates));
    }
    if (pairs.enumerate && !pairs.keep) {
        throw Error(Fault::usage,
                    "an enumeration of resamples keeps its draws, which are 10^7 at most; draw at random to "
                    "keep quantiles only");
    }
}

void check_block(std::int32_t G, const PairsOptions& pairs) {
    if (pairs.block == 0) return;
    if (pairs.block < 1 || pairs.block >= G) {
        throw Error(
            Fault::usage,
            fmt::format("blocks of {} periods: the estimation sample has {} of them; a block has at least "
                        "1 and fewer than all",
                        pairs.block, G));
    }
    if (pairs.enumerate || pairs.studentise) {
        throw Error(Fault::usage, "moving blocks are drawn at random and are not studentised");
    }
}

/// All resamples of G clusters in order: replicate b has the digits of b in base G. Those with equal counts
/// are the same resample, so each kind is computed once. `kind` leads from the replicate to its kind.
std::vector<Counts> enumerate_counts(std::int32_t G, std::vector<std::int64_t>& kind) {
    std::int64_t all = 1;
    for (std::int32_t g = 0; g < G; ++g) {
        all *= G;
        if (all > most_enumerated) {
            throw Error(Fault::usage,
                        fmt::format("{} clusters have more than {} ordered resamples; draw at random "
                                    "(without enumeration)",
                                    G, most_enumerated));
        }
    }
    std::map<Counts, std::int64_t> known;
    std::vector<Counts> kinds;
    kind.resize(static_cast<std::size_t>(all));
    for (std::int64_t b = 0; b < all; ++b) {
        Counts count(static_cast<std::size_t>(G), 0);
        std::int64_t digits = b;
        for (std::int32_t g = 0; g < G; ++g, digits /= G) ++count[static_cast<std::size_t>(digits % G)];
        const auto [entry, fresh] = known.try_emplace(count, static_cast<std::int64_t>(kinds.size()));
        if (fresh) kinds.push_back(count);
        kind[static_cast<std::size_t>(b)] = entry->second;
    }
    return kinds;
}

/// From one column for each kind to one for each replicate.
void expand(PairsDraws& draws, const std::vector<std::int64_t>& kind, const std::vector<char>& literal) {
    const Eigen::MatrixXd draw = draws.draw, std_error = draws.draw_std_error;
    const auto status = draws.status;
    allocate(draws, static_cast<std::int64_t>(kind.size()), std_error.size() > 0);
    draws.literal = 0;
    for (std::size_t b = 0; b < kind.size(); ++b) {
        draws.draw.col(static_cast<Eigen::Index>(b)) = draw.col(kind[b]);
        if (std_error.size() > 0)
            draws.draw_std_error.col(static_cast<Eigen::Index>(b)) = std_error.col(kind[b]);
        draws.status[b] = status[static_cast<std::size_t>(kind[b])];
        draws.literal += literal[static_cast<std::size_t>(kind[b])];
        draws.incomplete += draws.status[b] == Status::optimal ? 0 : 1;
    }
}

/// All ordered resamples; each kind is solved once.
void enumerate(const PairsSolver& solver, std::int32_t G, const PairsOptions& pairs, PairsDraws& draws) {
    std::vector<std::int64_t> kind;
    const std::vector<Counts> kinds = enumerate_counts(G, kind);
    const auto all = static_cast<std::int64_t>(kinds.size());
    allocate(draws, all, pairs.studentise);
    std::vector<char> literal(kinds.size(), 0);
    const std::int64_t blocks = (all + block_of_replicates - 1) / block_of_replicates;
    oneapi::tbb::parallel_for(std::int64_t{0}, blocks, [&](std::int64_t block) {
        const std::int64_t begin = block * block_of_replicates;
        const std::int64_t end = std::min(begin + block_of_replicates, all);
        solver.solve({kinds.begin() + begin, kinds.begin() + end}, begin, draws, literal);
    });
    expand(draws, kind, literal);
}

}  // namespace

void draw_clusters(std::int32_t G, const PairsOptions& pairs, std::int64_t b, std::uint32_t* codes) {
    rng::Stream stream(pairs.seed, rng::stage_bootstrap, static_cast<std::uint64_t>(b), pairs.stream);
    if (pairs.block == 0)
        return stream.below(static_cast<std::uint64_t>(G), codes, static_cast<std::size_t>(G));
    const std::int64_t L = pairs.block;
    for (std::int64_t at = 0; at < G; at += L) {
        const std::uint64_t start = stream.below(static_cast<std::uint64_t>(G - L + 1));
        for (std::int64_t i = 0; i < L && at + i < G; ++i)
            codes[at + i] = static_cast<std::uint32_t>(start) + static_cast<std::uint32_t>(i);
    }
}

Counts cluster_counts(std::int32_t G, const PairsOptions& pairs, std::int64_t b) {
    std::vector<std::uint32_t> slots(static_cast<std::size_t>(G));
    draw_clusters(G, pairs, b, slots.data());
    Counts count(static_cast<std::size_t>(G), 0);
    for (const auto g : slots) ++count[g];
    return count;
}

PairsDraws pairs_cluster(const panel::Design& design, const panel::Options& options,
                         const PairsOptions& pairs) {
    check(design, pairs);
    panel::Options clustered = options;
    clustered.variance = panel::Variance::cluster;
    const panel::Fit fit = panel::fit(design, clustered);
    const PairsModel model = pairs_model(design, clustered, fit);

    PairsDraws draws;
    draws.term = model.term_names();
    draws.estimator = fit.estimator;
    const auto k = static_cast<Eigen::Index>(draws.term.size());
    draws.estimate.resize(k);
    draws.std_error.resize(k);
    for (Eigen::Index j = 0; j < k; ++j) {
        draws.estimate(j) = fit.terms[static_cast<std::size_t>(j)].estimate;
        draws.std_error(j) = fit.terms[static_cast<std::size_t>(j)].std_error;
    }
    const std::int32_t G = model.sample().clusters.front().levels;
    check_block(G, pairs);
    draws.clusters = G;
    draws.level = model.sample().clusters.front().level_name;

    const PairsSolver solver(model, fit, clustered, pairs.studentise);
    if (pairs.jackknife) draws.jackknife = leave_out(solver, G, k);
    if (pairs.enumerate) {
        enumerate(solver, G, pairs, draws);
        return draws;
    }
    oneapi::tbb::enumerable_thread_specific<PairsSolver::Scratch> scratch;
    solve_all(draws, pairs, block_of_replicates,
              [&](std::int64_t begin, std::int64_t end, std::int64_t column, PairsDraws& into,
                  std::vector<char>& literal) {
                  solver.solve_drawn(pairs, begin, end, column, scratch.local(), into, literal);
              });
    return draws;
}

}  // namespace greenfront::resample
