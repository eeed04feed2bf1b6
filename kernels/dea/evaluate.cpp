#include <algorithm>

#include "kernels/dea/check.hpp"
#include "kernels/dea/fdh.hpp"
#include "kernels/dea/frame.hpp"

namespace greenfront::dea {
namespace {

/// Most units that are solved once beforehand to find columns that all blocks begin with.
constexpr Eigen::Index sample_limit = 128;
constexpr std::size_t sample_block = 16;

/// Columns of optimal bases of units spread evenly over the batch, ascending.
std::vector<std::int32_t> find_seeds(const Job& job, const ColumnSet& whole, Tally& work) {
    const Eigen::Index k = job.evaluated.units();
    if (k <= static_cast<Eigen::Index>(Crew::block_size)) return {};
    const Eigen::Index wanted = std::min(sample_limit, k / 16 + 1);
    std::vector<Eigen::Index> units;
    for (Eigen::Index s = 0; s < wanted; ++s) units.push_back(s * k / wanted);
    const Shape shape(job.technology, job.settings);
    const auto rows = static_cast<std::size_t>(shape.rows());
    std::vector<std::int32_t> codes(units.size() * rows, -1);
    const int extra_width = lp::round_up_to(shape.extras(), 8);
    Crew crew(job, whole, {});
    const auto keep = [&](Eigen::Index o, Program& program, const Draft& draft) {
        const auto at =
            static_cast<std::size_t>(std::lower_bound(units.begin(), units.end(), o) - units.begin());
        if (draft.status == Status::optimal) program.save_basis(codes.data() + at * rows);
    };
    Tally sample = crew.run(units, keep, {}, sample_block);
    work.counters.pivots += sample.counters.pivots;
    work.counters.pricing_passes += sample.counters.pricing_passes;
    std::vector<std::int32_t> seeds;
    for (const std::int32_t code : codes) {
        if (code >= extra_width) seeds.push_back(code - extra_width);
    }
    std::sort(seeds.begin(), seeds.end());
    seeds.erase(std::unique(seeds.begin(), seeds.end()), seeds.end());
    return seeds;
}

/// Every program prices all columns.
Scores score_by_passes(const Job& job) {
    const ColumnSet whole{&job.technology.columns, {}, {}};
    Collector collector(Shape(job.technology, job.settings), job.evaluated.units(), job.technology.twofold);
    Tally work;
    Crew crew(job, whole, find_seeds(job, whole, work));
    work.add(crew.run(all_units(job.evaluated.units()),
                      [&](Eigen::Index o, Program&, const Draft& draft) { collector.store(draft, o); }));
    return collector.finish(work);
}

}  // namespace

Scores evaluate(const Quantities& evaluated, const Quantities& reference, std::span<const std::int32_t> self,
                const Settings& settings, std::span<const ColumnRange> left_out) {
    check_task(evaluated, reference, self, settings, left_out);
    if (settings.model == Model::fdh) return score_by_hull(evaluated, reference, settings);
    const bool twofold = settings.disposability == Disposability::weak && settings.returns == Returns::vrs;
    const Technology technology(reference, settings.returns, twofold);
    Job job{evaluated, technology, settings, self, left_out};
    if (settings.model == Model::additive) job.sample.spread = Spread(evaluated);
    if (settings.model == Model::nddf) {
        job.sample.thirds = thirds(evaluated.X.rows(), evaluated.Y.rows(), evaluated.B.rows());
    }
    return frame_holds(job) ? score_by_frame(job) : score_by_passes(job);
}

}  // namespace greenfront::dea
