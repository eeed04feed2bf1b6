// The one file here that knows how dea::evaluate goes through a batch.
#include <oneapi/tbb/global_control.h>

#include <algorithm>
#include <chrono>
#include <limits>

#include "bench/dea/ours.hpp"
#include "bench/dea/panels.hpp"
#include "kernels/dea/batch.hpp"

namespace greenfront::bench {

std::vector<double> per_program_times(const dea::Quantities& q, const dea::Settings& settings,
                                      int repetitions) {
    using Clock = std::chrono::steady_clock;
    const tbb::global_control one(tbb::global_control::max_allowed_parallelism, 1);
    const std::vector<std::int32_t> self = themselves(q);
    const dea::Technology technology(q, settings.returns);
    const dea::Job job{q, technology, settings, self, {}, {}};
    // The frame as the last round over all units has it.
    dea::ColumnSet set;
    set.origin = distinct_peers(dea::evaluate(q, q, self, settings), q.units());
    set.place.assign(static_cast<std::size_t>(q.units()), -1);
    std::vector<std::int32_t> seeds;
    for (const std::int32_t j : set.origin) {
        const auto at = static_cast<std::int32_t>(seeds.size());
        set.place[static_cast<std::size_t>(j)] = at;
        seeds.push_back(at);
    }
    const lp::Columns columns = dea::part_of(technology, set.origin);
    set.columns = &columns;

    dea::Crew crew(job, set, seeds);
    const std::vector<Eigen::Index> units = dea::all_units(q.units());
    // The last round starts where a quarter of the units ended.
    const auto rows = static_cast<std::size_t>(dea::Shape(technology, settings, true).rows());
    std::vector<std::int32_t> bases(units.size() * rows, 0);
    std::vector<Eigen::Index> quarter;
    for (std::size_t o = 0; o < units.size(); o += 4) quarter.push_back(units[o]);
    (void)crew.run(quarter, [&](Eigen::Index o, dea::Program& program, const dea::Draft& draft) {
        if (draft.status == Status::optimal)
            program.save_basis(bases.data() + static_cast<std::size_t>(o) * rows);
    });
    crew.learn(quarter, bases);
    std::vector<double> least(units.size(), std::numeric_limits<double>::infinity());
    Clock::time_point begin;
    for (int r = 0; r < repetitions; ++r) {
        (void)crew.run(
            units,
            [&](Eigen::Index o, dea::Program&, const dea::Draft&) {
                const double seconds = std::chrono::duration<double>(Clock::now() - begin).count();
                double& slot = least[static_cast<std::size_t>(o)];
                slot = std::min(slot, seconds);
            },
            [&](Eigen::Index, dea::Program&) { begin = Clock::now(); });
    }
    return least;
}

}  // namespace greenfront::bench
