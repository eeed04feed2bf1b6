#include "kernels/resample/tally.hpp"

#include <oneapi/tbb/enumerable_thread_specific.h>
#include <oneapi/tbb/parallel_for.h>
#include <oneapi/tbb/task_arena.h>

#include <algorithm>

namespace greenfront::resample {
namespace {

using Eigen::Index;

/// What one thread counts.
struct Tally {
    PairsDraws block;
    std::vector<char> literal_in_block;
    std::vector<RunningDraws> running;
    std::int64_t literal = 0, incomplete = 0;

    void count(std::int64_t replicates) {
        const bool studentise = block.draw_std_error.size() > 0;
        for (Index b = 0; b < replicates; ++b) {
            for (std::size_t k = 0; k < running.size(); ++k) {
                const auto row = static_cast<Index>(k);
                studentise ? running[k].add(block.draw(row, b), block.draw_std_error(row, b))
                           : running[k].add(block.draw(row, b));
            }
            const auto at = static_cast<std::size_t>(b);
            incomplete += block.status[at] == Status::optimal ? 0 : 1;
            literal += literal_in_block[at];
        }
    }
};

Tally start(const PairsDraws& draws, const PairsOptions& pairs, std::int64_t block) {
    Tally tally;
    tally.block.term = draws.term;
    tally.block.estimate = draws.estimate;
    allocate(tally.block, block, pairs.studentise);
    tally.literal_in_block.assign(static_cast<std::size_t>(block), 0);
    for (Index k = 0; k < draws.estimate.size(); ++k) {
        RunningDraws one;
        one.estimate = draws.estimate(k);
        one.null = pairs.null;
        one.tail.observed = (draws.estimate(k) - pairs.null) / draws.std_error(k);
        tally.running.push_back(std::move(one));
    }
    return tally;
}

void count_all(PairsDraws& draws, const PairsOptions& pairs, std::int64_t block, const SolveBlock& solve) {
    oneapi::tbb::enumerable_thread_specific<Tally> tallies([&] { return start(draws, pairs, block); });
    const std::int64_t blocks = (pairs.replicates + block - 1) / block;
    oneapi::tbb::parallel_for(std::int64_t{0}, blocks, [&](std::int64_t at) {
        const std::int64_t begin = at * block, end = std::min(begin + block, pairs.replicates);
        // A thread that waits for a loop within must not begin another block in the same place.
        oneapi::tbb::this_task_arena::isolate([&] {
            Tally& tally = tallies.local();
            solve(begin, end, 0, tally.block, tally.literal_in_block);
            tally.count(end - begin);
        });
    });
    Tally all = start(draws, pairs, 0);
    for (const Tally& tally : tallies) {
        for (std::size_t k = 0; k < all.running.size(); ++k) all.running[k].merge(tally.running[k]);
        all.literal += tally.literal;
        all.incomplete += tally.incomplete;
    }
    draws.running = std::move(all.running);
    draws.literal = all.literal;
    draws.incomplete = all.incomplete;
}

}  // namespace

void allocate(PairsDraws& draws, std::int64_t replicates, bool studentise) {
    const auto k = static_cast<Index>(draws.term.size());
    draws.draw.resize(k, replicates);
    if (studentise) draws.draw_std_error.resize(k, replicates);
    draws.status.assign(static_cast<std::size_t>(replicates), Status::failed);
}

void solve_all(PairsDraws& draws, const PairsOptions& pairs, std::int64_t block, const SolveBlock& solve) {
    if (!pairs.keep) return count_all(draws, pairs, block, solve);
    allocate(draws, pairs.replicates, pairs.studentise);
    std::vector<char> literal(static_cast<std::size_t>(pairs.replicates), 0);
    const std::int64_t blocks = (pairs.replicates + block - 1) / block;
    oneapi::tbb::parallel_for(std::int64_t{0}, blocks, [&](std::int64_t at) {
        const std::int64_t begin = at * block;
        oneapi::tbb::this_task_arena::isolate(
            [&] { solve(begin, std::min(begin + block, pairs.replicates), begin, draws, literal); });
    });
    draws.literal = std::count(literal.begin(), literal.end(), 1);
    draws.incomplete = static_cast<std::int64_t>(draws.status.size()) -
                       std::count(draws.status.begin(), draws.status.end(), Status::optimal);
}

}  // namespace greenfront::resample
