// The one file here that knows how dea::evaluate goes through a batch.
#include <algorithm>
#include <chrono>
#include <limits>

#include "bench/dea/ours.hpp"
#include "bench/dea/panels.hpp"
#include "kernels/dea/formulation.hpp"
#include "kernels/dea/program.hpp"

namespace greenfront::bench {

std::vector<double> per_program_times(const dea::Quantities& q, const dea::Settings& settings,
                                      int repetitions) {
    using Clock = std::chrono::steady_clock;
    constexpr Eigen::Index block = 128, sample = 128;
    const std::vector<std::int32_t> self = themselves(q);
    const dea::Technology technology(q, settings.returns);
    const dea::Shape shape(technology, settings);
    dea::Program program(technology, shape, settings, q, self);
    dea::Draft draft(shape);
    const Eigen::Index n = q.units();

    std::vector<std::int32_t> seeds;
    const Eigen::Index wanted = n > block ? std::min(sample, n / 16 + 1) : 0;
    for (Eigen::Index s = 0; s < wanted; ++s) {
        program.solve(s * n / wanted, draft);
        program.append_basis(seeds);
    }
    std::sort(seeds.begin(), seeds.end());
    seeds.erase(std::unique(seeds.begin(), seeds.end()), seeds.end());

    std::vector<double> least(static_cast<std::size_t>(n), std::numeric_limits<double>::infinity());
    for (int r = 0; r < repetitions; ++r) {
        for (Eigen::Index o = 0; o < n; ++o) {
            if (o % block == 0) program.restart(seeds);
            const auto begin = Clock::now();
            program.solve(o, draft);
            const double seconds = std::chrono::duration<double>(Clock::now() - begin).count();
            double& slot = least[static_cast<std::size_t>(o)];
            slot = std::min(slot, seconds);
        }
    }
    return least;
}

}  // namespace greenfront::bench
