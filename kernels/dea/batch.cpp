#include "kernels/dea/batch.hpp"

#include <oneapi/tbb/parallel_for.h>

#include <algorithm>
#include <limits>
#include <numeric>

namespace greenfront::dea {
namespace {

/// From so many columns on they no longer stay in the first cache, and a pass for several programs pays.
constexpr std::int32_t many_columns = 512;
/// Starts that are looked through for every unit.
constexpr std::int32_t most_facets = 1024;

/// Units with different bases, those with the commonest first; a basis is a set of `rows` codes.
std::vector<Eigen::Index> commonest(const std::vector<Eigen::Index>& units,
                                    const std::vector<std::int32_t>& bases, std::size_t rows) {
    struct Found {
        std::vector<std::int32_t> codes;
        Eigen::Index unit;
        std::size_t times;
    };
    std::vector<Found> all;
    for (const Eigen::Index o : units) {
        const auto first = bases.begin() + static_cast<std::ptrdiff_t>(static_cast<std::size_t>(o) * rows);
        all.push_back({{first, first + static_cast<std::ptrdiff_t>(rows)}, o, 1});
        std::sort(all.back().codes.begin(), all.back().codes.end());
    }
    std::stable_sort(all.begin(), all.end(), [](const auto& a, const auto& b) { return a.codes < b.codes; });
    std::vector<Found> found;
    for (Found& one : all) {
        if (!found.empty() && found.back().codes == one.codes)
            ++found.back().times;
        else
            found.push_back(std::move(one));
    }
    std::stable_sort(found.begin(), found.end(),
                     [](const auto& a, const auto& b) { return a.times > b.times; });
    std::vector<Eigen::Index> result;
    for (const Found& one : found) result.push_back(one.unit);
    return result;
}

}  // namespace

void Tally::add(const Draft& draft) {
    counters.programs += draft.programs;
    counters.pivots += draft.pivots;
    counters.pricing_passes += draft.passes;
    counters.fallbacks += draft.rung > 0 ? 1 : 0;
    counters.zero_terms += draft.zero_terms;
    if (draft.programs == 0 || draft.status == Status::failed || draft.status == Status::unbounded) return;
    certificate.min_reduced_cost = std::min(certificate.min_reduced_cost, draft.proof.min_reduced_cost);
    certificate.primal_residual = std::max(certificate.primal_residual, draft.proof.primal_residual);
    certificate.gap = std::max(certificate.gap, draft.proof.gap);
}

void Tally::add(const Tally& other) {
    counters.programs += other.counters.programs;
    counters.pivots += other.counters.pivots;
    counters.pricing_passes += other.counters.pricing_passes;
    counters.fallbacks += other.counters.fallbacks;
    counters.zero_terms += other.counters.zero_terms;
    certificate.min_reduced_cost = std::min(certificate.min_reduced_cost, other.certificate.min_reduced_cost);
    certificate.primal_residual = std::max(certificate.primal_residual, other.certificate.primal_residual);
    certificate.gap = std::max(certificate.gap, other.certificate.gap);
}

// Every unit is stored by whoever solved it, so the arrays are left as they are until then.
Collector::Collector(const Shape& shape, Eigen::Index k, bool twofold)
    : shape_(shape), twofold_(twofold), count_(static_cast<std::size_t>(k), 0) {
    const auto units = static_cast<std::size_t>(k);
    scores_.score.resize(k);
    scores_.status.assign(units, Status::failed);
    scores_.unique.assign(units, std::int8_t{-1});
    scores_.input_slack.resize(shape.m, k);
    scores_.good_slack.resize(shape.s1, k);
    scores_.bad_slack.resize(shape.s2, k);
    if (shape.model == Model::nddf) scores_.beta.resize(shape.variables(), k);
    scores_.multiplier.resize(shape.variables() + 1, k);
    const auto cells = units * static_cast<std::size_t>(shape.rows());
    peer_ = std::make_unique_for_overwrite<std::int32_t[]>(cells);
    lambda_ = std::make_unique_for_overwrite<double[]>(cells);
    if (twofold) idle_ = std::make_unique_for_overwrite<double[]>(cells);
}

void Collector::store(const Draft& draft, Eigen::Index o) {
    const auto unit = static_cast<std::size_t>(o);
    scores_.status[unit] = draft.status;
    if (draft.status != Status::optimal) return store_nothing(o);
    scores_.score[o] = draft.score;
    scores_.unique[unit] = draft.unique ? std::int8_t{1} : std::int8_t{0};
    scores_.input_slack.col(o) = draft.slack.head(shape_.m);
    scores_.good_slack.col(o) = draft.slack.segment(shape_.m, shape_.s1);
    scores_.bad_slack.col(o) = draft.slack.tail(shape_.s2);
    if (scores_.beta.size() > 0) scores_.beta.col(o) = draft.beta;
    scores_.multiplier.col(o) = draft.multiplier;
    const std::size_t at = unit * static_cast<std::size_t>(shape_.rows());
    std::copy(draft.peer.begin(), draft.peer.end(), peer_.get() + at);
    std::copy(draft.lambda.begin(), draft.lambda.end(), lambda_.get() + at);
    if (twofold_) std::copy(draft.idle.begin(), draft.idle.end(), idle_.get() + at);
    count_[unit] = static_cast<std::int32_t>(draft.peer.size());
}

void Collector::store_nothing(Eigen::Index o) {
    const double nan = std::numeric_limits<double>::quiet_NaN();
    scores_.score[o] = nan;
    scores_.unique[static_cast<std::size_t>(o)] = std::int8_t{-1};
    scores_.input_slack.col(o).setConstant(nan);
    scores_.good_slack.col(o).setConstant(nan);
    scores_.bad_slack.col(o).setConstant(nan);
    if (scores_.beta.size() > 0) scores_.beta.col(o).setConstant(nan);
    scores_.multiplier.col(o).setConstant(nan);
    count_[static_cast<std::size_t>(o)] = 0;
}

/// Moves the peers of all units together.
void Collector::pack_peers() {
    const std::size_t k = count_.size(), rows = static_cast<std::size_t>(shape_.rows());
    scores_.peer_start.assign(k + 1, 0);
    for (std::size_t o = 0; o < k; ++o) scores_.peer_start[o + 1] = scores_.peer_start[o] + count_[o];
    const auto total = static_cast<std::size_t>(scores_.peer_start[k]);
    scores_.peer.reserve(total);
    scores_.lambda.reserve(total);
    if (twofold_) scores_.idle.reserve(total);
    for (std::size_t o = 0; o < k; ++o) {
        const std::size_t first = o * rows, last = first + static_cast<std::size_t>(count_[o]);
        scores_.peer.insert(scores_.peer.end(), peer_.get() + first, peer_.get() + last);
        scores_.lambda.insert(scores_.lambda.end(), lambda_.get() + first, lambda_.get() + last);
        if (twofold_) scores_.idle.insert(scores_.idle.end(), idle_.get() + first, idle_.get() + last);
    }
}

Scores Collector::finish(const Tally& tally) {
    pack_peers();
    scores_.counters = tally.counters;
    scores_.certificate = tally.certificate;
    return std::move(scores_);
}

Crew::Worker::Worker(const Job& job, const ColumnSet& columns, std::size_t width)
    : pool(*columns.columns, lp::pool_capacity(*columns.columns)),
      face(*columns.columns, columns.columns->count) {
    programs.reserve(width);
    for (std::size_t p = 0; p < width; ++p) {
        programs.emplace_back(job, columns, pool, face);
        drafts.emplace_back(programs.back().shape());
    }
}

Crew::Crew(const Job& job, const ColumnSet& columns, std::vector<std::int32_t> seeds)
    : job_(&job),
      columns_(&columns),
      seeds_(std::move(seeds)),
      width_(columns.columns->count > many_columns && !job.settings.super ? lp::batch : std::size_t{1}),
      workers_([&job, &columns, this] { return std::make_unique<Worker>(job, columns, width_); }) {}

void Crew::restart(Worker& worker) const {
    worker.pool.clear();
    for (const std::int32_t j : seeds_) worker.pool.add(*columns_->columns, j, 0.0);
    for (Program& program : worker.programs) {
        program.restart();
        program.start_from(facets_);
    }
}

void Crew::learn(const std::vector<Eigen::Index>& units, const std::vector<std::int32_t>& bases) {
    Program& program = (*workers_.local()).programs.front();
    const lp::Problem& problem = program.workspace().problem;
    if (problem.priced < 0) return;
    const auto rows = static_cast<std::size_t>(problem.rows);
    const std::vector<Eigen::Index> first = commonest(units, bases, rows);
    facets_ = lp::Facets(problem, std::min(static_cast<std::int32_t>(first.size()), most_facets));
    for (const Eigen::Index o : first)
        program.offer_basis(bases.data() + static_cast<std::size_t>(o) * rows, o, facets_);
}

Tally Crew::run(const std::vector<Eigen::Index>& units, const After& after, const Before& before,
                std::size_t block) {
    const std::size_t blocks = (units.size() + block - 1) / block;
    std::vector<Tally> tallies(blocks);
    const auto one = [&](std::size_t b) {
        Worker& worker = *workers_.local();
        const std::size_t first = b * block, count = std::min(block, units.size() - first);
        restart(worker);
        run_block(worker, {units.data() + first, count}, after, before, tallies[b]);
    };
    // Blocks one by one: a thread that takes several at once lets the others wait at the end.
    tbb::parallel_for(std::size_t{0}, blocks, std::size_t{1}, one, tbb::simple_partitioner());
    Tally sum;
    for (const Tally& tally : tallies) sum.add(tally);
    return sum;
}

void Crew::run_block(Worker& worker, std::span<const Eigen::Index> units, const After& after,
                     const Before& before, Tally& tally) const {
    std::array<lp::Pass, lp::batch> passes;
    std::array<bool, lp::batch> waits{};
    std::array<const double*, lp::batch> multipliers{};
    for (std::size_t first = 0; first < units.size(); first += width_) {
        const std::size_t count = std::min(width_, units.size() - first);
        std::size_t waiting = 0;
        for (std::size_t p = 0; p < count; ++p) {
            Program& program = worker.programs[p];
            if (p + 1 < width_) program.copy_basis(worker.programs[width_ - 1]);
            if (before) before(units[first + p], program);
            waits[p] = program.begin(units[first + p], worker.drafts[p]);
            multipliers[p] = program.multipliers();
            if (waits[p]) ++waiting;
        }
        const bool together = width_ == lp::batch && waiting == width_;
        if (together) lp::price_batch(*columns_->columns, multipliers, lp::face_tolerance, passes);
        for (std::size_t p = 0; p < count; ++p) {
            Program& program = worker.programs[p];
            if (waits[p] && !together) {
                lp::price_all(*columns_->columns, program.workspace().problem.left_out, multipliers[p],
                              lp::face_tolerance, passes[p]);
            }
            if (waits[p]) program.end(passes[p], worker.drafts[p]);
            after(units[first + p], program, worker.drafts[p]);
            tally.add(worker.drafts[p]);
        }
    }
}

std::vector<Eigen::Index> all_units(Eigen::Index k) {
    std::vector<Eigen::Index> units(static_cast<std::size_t>(k));
    std::iota(units.begin(), units.end(), Eigen::Index{0});
    return units;
}

}  // namespace greenfront::dea
