#include "kernels/dea/frame.hpp"

#include <oneapi/tbb/parallel_for.h>

#include <algorithm>

namespace greenfront::dea {
namespace {

/// Sample whose peers begin the frame.
constexpr Eigen::Index sample_limit = 96;
constexpr std::size_t sample_block = 16;
/// Units that are solved again bring their own bases, so their blocks may be small.
constexpr std::size_t again_block = 16;
/// Rounds of so many units have blocks of full size; those of fewer would leave threads idle.
constexpr std::size_t many = 1024;
/// Candidates up to so many join without being compared with each other.
constexpr std::size_t few = 64;
/// Sets above this size grow their frame through samples of growing size.
constexpr Eigen::Index large = 16384;

using List = std::vector<std::int32_t>;

/// Some columns of the technology, ready for programs.
struct Part {
    lp::Columns columns;
    ColumnSet set;
    Part(const Technology& technology, const List& list) : columns(part_of(technology, list)) {
        set.columns = &columns;
        set.origin = list;
        set.place.assign(static_cast<std::size_t>(technology.units), -1);
        for (std::size_t k = 0; k < list.size(); ++k)
            set.place[static_cast<std::size_t>(list[k])] = static_cast<std::int32_t>(k);
    }
    Part(const Part&) = delete;
    Part& operator=(const Part&) = delete;
};

void sort_unique(List& list) {
    std::sort(list.begin(), list.end());
    list.erase(std::unique(list.begin(), list.end()), list.end());
}

List united(const List& a, const List& b) {
    List all = a;
    all.insert(all.end(), b.begin(), b.end());
    sort_unique(all);
    return all;
}

/// Columns that every block begins with: all of a small set, a part of a large one.
List seeds_for(const List& frame) {
    constexpr std::size_t enough = 160;
    List seeds;
    const std::size_t count = std::min(frame.size(), enough);
    for (std::size_t k = 0; k < count; ++k)
        seeds.push_back(static_cast<std::int32_t>(k * frame.size() / count));
    return seeds;
}

class FrameSearch {
  public:
    explicit FrameSearch(const Job& job);
    Scores run();

  private:
    void begin_from_sample();
    void grow_through_samples();
    [[nodiscard]] List newcomers(const std::vector<Eigen::Index>& units);
    [[nodiscard]] List worth_keeping(const List& candidates);
    void score_all();
    [[nodiscard]] std::vector<std::vector<Eigen::Index>> in_rounds(const Shape& shape) const;
    void score_again(const List& joined);
    void scale_multipliers(Eigen::Index o, double* ys) const;
    [[nodiscard]] double outside_factor(Eigen::Index o) const;

    const Job& job_;
    Eigen::Index k_;
    int rows_ = 0, shared_ = 0;
    std::vector<Eigen::Index> unit_of_;  ///< of each reference column the evaluated unit
    List frame_;                         ///< ascending
    Tally work_;
    std::unique_ptr<Collector> collector_;
    std::vector<std::int32_t> basis_;  ///< rows a unit, in columns of the technology
    std::vector<double> score_unit_;   ///< score per objective of each unit's program
    std::vector<char> joins_;          ///< evaluated unit belongs to the frame as far as the last round knows
};

FrameSearch::FrameSearch(const Job& job)
    : job_(job),
      k_(job.evaluated.units()),
      unit_of_(static_cast<std::size_t>(job.technology.units), -1),
      joins_(static_cast<std::size_t>(k_), 0) {
    for (Eigen::Index o = 0; o < k_; ++o) {
        const std::int32_t j = job.self[static_cast<std::size_t>(o)];
        if (j >= 0) unit_of_[static_cast<std::size_t>(j)] = o;
    }
}

/// Not dominated by the columns that were looked at, as far as the draft tells.
bool stands_alone(const Draft& draft) {
    return draft.status != Status::optimal || draft.efficient || draft.leans_on_itself;
}

void FrameSearch::begin_from_sample() {
    const ColumnSet whole{&job_.technology.columns, {}, {}};
    Crew crew(job_, whole, {});
    const Eigen::Index wanted = std::min(sample_limit, k_ / 16 + 1);
    std::vector<Eigen::Index> units;
    for (Eigen::Index s = 0; s < wanted; ++s) units.push_back(s * k_ / wanted);
    std::vector<List> peers(static_cast<std::size_t>(wanted));
    work_.add(crew.run(
        units,
        [&](Eigen::Index o, Program&, const Draft& draft) {
            const auto at = std::lower_bound(units.begin(), units.end(), o) - units.begin();
            peers[static_cast<std::size_t>(at)] = draft.peer;
        },
        {}, sample_block));
    for (const List& list : peers) frame_.insert(frame_.end(), list.begin(), list.end());
    sort_unique(frame_);
}

List FrameSearch::newcomers(const std::vector<Eigen::Index>& units) {
    const Part part(job_.technology, frame_);
    Crew crew(job_, part.set, seeds_for(frame_));
    work_.add(crew.run(units, [&](Eigen::Index o, Program&, const Draft& draft) {
        joins_[static_cast<std::size_t>(o)] = stands_alone(draft) ? 1 : 0;
    }));
    List found;
    for (const Eigen::Index o : units) {
        if (joins_[static_cast<std::size_t>(o)] != 0) found.push_back(job_.self[static_cast<std::size_t>(o)]);
    }
    return found;
}

/// Those of the candidates that the others and the frame do not dominate. Whoever goes is dominated by peers
/// that stay: a peer has reduced cost 0, hence is efficient; to be safe peers stay in any case.
List FrameSearch::worth_keeping(const List& candidates) {
    if (candidates.size() <= few) return candidates;
    const List all = united(frame_, candidates);
    const Part part(job_.technology, all);
    Crew crew(job_, part.set, seeds_for(all));
    std::vector<Eigen::Index> units;
    for (const std::int32_t j : candidates) units.push_back(unit_of_[static_cast<std::size_t>(j)]);
    std::vector<List> kept(candidates.size());
    std::vector<std::size_t> slot(static_cast<std::size_t>(k_));
    for (std::size_t c = 0; c < units.size(); ++c) slot[static_cast<std::size_t>(units[c])] = c;
    work_.add(crew.run(units, [&](Eigen::Index o, Program&, const Draft& draft) {
        const std::size_t c = slot[static_cast<std::size_t>(o)];
        kept[c] = draft.peer;
        if (stands_alone(draft)) kept[c].push_back(candidates[c]);
    }));
    List result;
    for (const List& list : kept) {
        for (const std::int32_t j : list) {
            if (!std::binary_search(frame_.begin(), frame_.end(), j)) result.push_back(j);
        }
    }
    sort_unique(result);
    return result;
}

void FrameSearch::grow_through_samples() {
    for (Eigen::Index size = 4096; size * 4 <= k_; size *= 8) {
        std::vector<Eigen::Index> units;
        for (Eigen::Index s = 0; s < size; ++s) {
            const Eigen::Index o = s * k_ / size;
            const std::int32_t j = job_.self[static_cast<std::size_t>(o)];
            if (j >= 0 && !std::binary_search(frame_.begin(), frame_.end(), j)) units.push_back(o);
        }
        frame_ = united(frame_, worth_keeping(newcomers(units)));
    }
}

void FrameSearch::score_all() {
    const Part part(job_.technology, frame_);
    const Shape shape(job_.technology, job_.settings, true);
    rows_ = shape.rows();
    shared_ = shape.shared();
    collector_ = std::make_unique<Collector>(shape, k_, false);
    basis_.assign(static_cast<std::size_t>(k_ * rows_), 0);
    score_unit_.assign(static_cast<std::size_t>(k_), 1.0);
    Crew crew(job_, part.set, seeds_for(frame_));
    const auto keep = [&](Eigen::Index o, Program& program, const Draft& draft) {
        collector_->store(draft, o);
        const std::int32_t self = job_.self[static_cast<std::size_t>(o)];
        const bool candidate = self >= 0 && part.set.place_of(self) < 0;
        joins_[static_cast<std::size_t>(o)] = candidate && stands_alone(draft) ? 1 : 0;
        if (draft.status != Status::optimal) return;
        program.save_basis(basis_.data() + o * rows_);
        score_unit_[static_cast<std::size_t>(o)] = program.score_unit();
    };
    std::vector<Eigen::Index> solved;
    for (const std::vector<Eigen::Index>& units : in_rounds(shape)) {
        if (!solved.empty()) crew.learn(solved, basis_);
        work_.add(crew.run(units, keep, {}, units.size() < many ? again_block : Crew::block_size));
        solved.insert(solved.end(), units.begin(), units.end());
    }
}

/// The order in which units are solved: where bases serve other units, samples of growing size first.
std::vector<std::vector<Eigen::Index>> FrameSearch::in_rounds(const Shape& shape) const {
    if (!shape.priced_alone()) return {all_units(k_)};
    std::vector<std::vector<Eigen::Index>> rounds;
    std::vector<char> taken(static_cast<std::size_t>(k_), 0);
    constexpr Eigen::Index growth = 4;
    for (Eigen::Index size = 16; size * growth <= k_; size *= growth) {
        std::vector<Eigen::Index> units;
        for (Eigen::Index s = 0; s < size; ++s) {
            const Eigen::Index o = s * k_ / size;
            if (taken[static_cast<std::size_t>(o)] == 0) units.push_back(o);
            taken[static_cast<std::size_t>(o)] = 1;
        }
        rounds.push_back(std::move(units));
    }
    std::vector<Eigen::Index> rest;
    for (Eigen::Index o = 0; o < k_; ++o) {
        if (taken[static_cast<std::size_t>(o)] == 0) rest.push_back(o);
    }
    rounds.push_back(std::move(rest));
    return rounds;
}

/// Multipliers of the scaled rows of unit o's program again, from those in the user's units.
void FrameSearch::scale_multipliers(Eigen::Index o, double* ys) const {
    const Technology& t = job_.technology;
    const auto multiplier = collector_->multiplier(o);
    const double unit = score_unit_[static_cast<std::size_t>(o)];
    const std::int32_t self = job_.self[static_cast<std::size_t>(o)];
    const double factor = self >= 0 ? t.column_factor[self] : outside_factor(o);
    for (int i = 0; i < t.variables(); ++i) {
        const bool good = i >= t.m && i < t.m + t.s1;
        ys[i] = (good ? 1.0 : -1.0) * multiplier[i] / (unit * t.row_factor[i] * factor);
    }
    if (t.returns_row) ys[t.variables()] = multiplier[t.variables()] / (unit * factor);
}

double FrameSearch::outside_factor(Eigen::Index o) const {
    Eigen::VectorXd values(job_.technology.variables());
    read_values(job_.evaluated, o, values);
    return job_.technology.factor_of(values.data(), job_.technology.variables());
}

/// Units to whom a new column matters are solved again, over the whole frame.
void FrameSearch::score_again(const List& joined) {
    const lp::Columns fresh = part_of(job_.technology, joined);
    std::vector<char> again(static_cast<std::size_t>(k_), 0);
    std::vector<Tally> proofs(static_cast<std::size_t>(k_) / Crew::block_size + 1);
    tbb::parallel_for(std::size_t{0}, proofs.size(), [&](std::size_t b) {
        lp::Pass pass;
        lp::Aligned multipliers(static_cast<std::size_t>(shared_));
        const auto first = static_cast<Eigen::Index>(b * Crew::block_size);
        for (Eigen::Index o = first; o < std::min(k_, first + static_cast<Eigen::Index>(Crew::block_size));
             ++o) {
            const Status status = collector_->status(o);
            if (status != Status::optimal) {  // more columns may help these two
                again[static_cast<std::size_t>(o)] = status == Status::failed || status == Status::infeasible;
                continue;
            }
            scale_multipliers(o, multipliers.data());
            lp::price_all(fresh, {}, multipliers.data(), lp::face_tolerance, pass);
            if (pass.least <= lp::face_tolerance) {
                again[static_cast<std::size_t>(o)] = 1;
            } else {
                Certificate& c = proofs[b].certificate;
                c.min_reduced_cost = std::min(c.min_reduced_cost, pass.least);
            }
        }
    });
    for (const Tally& proof : proofs) work_.add(proof);
    std::vector<Eigen::Index> units;
    for (Eigen::Index o = 0; o < k_; ++o) {
        if (again[static_cast<std::size_t>(o)] != 0) units.push_back(o);
    }
    frame_ = united(frame_, joined);
    const Part part(job_.technology, frame_);
    Crew crew(job_, part.set, seeds_for(frame_));
    work_.add(crew.run(
        units, [&](Eigen::Index o, Program&, const Draft& draft) { collector_->store(draft, o); },
        [&](Eigen::Index o, Program& program) { program.load_basis(basis_.data() + o * rows_, o); },
        again_block));
}

Scores FrameSearch::run() {
    begin_from_sample();
    if (k_ > large) grow_through_samples();
    work_.counters.programs = 0;  // those of the search answer nothing
    score_all();
    const std::int64_t programs = work_.counters.programs;
    List candidates;
    for (Eigen::Index o = 0; o < k_; ++o) {
        if (joins_[static_cast<std::size_t>(o)] != 0)
            candidates.push_back(job_.self[static_cast<std::size_t>(o)]);
    }
    sort_unique(candidates);
    if (!candidates.empty()) score_again(worth_keeping(candidates));
    work_.counters.programs = programs;
    work_.counters.frame = static_cast<std::int64_t>(frame_.size());
    return collector_->finish(work_);
}

/// Additive models hold slacks of weight 0 at 0; the multipliers of such rows have no sign.
bool weighs_everything(const Job& job) {
    const Quantities& q = job.evaluated;
    switch (job.settings.additive_weights) {
        case AdditiveWeights::ones:
        case AdditiveWeights::given:
            return true;
        case AdditiveWeights::mip:
            return q.X.minCoeff() > 0 && q.Y.minCoeff() > 0 && (q.B.size() == 0 || q.B.minCoeff() > 0);
        case AdditiveWeights::ram:
        case AdditiveWeights::normalized:
            return job.sample.spread.range.minCoeff() > 0;
        case AdditiveWeights::bam:
            return false;  // units at a bound
    }
    return false;
}

}  // namespace

bool frame_holds(const Job& job) {
    const Settings& settings = job.settings;
    constexpr std::int32_t worth = 64;  // smaller sets are priced as fast as anything
    if (settings.price_all_columns || job.technology.wide || settings.super ||
        settings.disposability != Disposability::strong)
        return false;
    if (settings.model == Model::cost || settings.model == Model::revenue) return false;
    if (settings.model == Model::additive && !weighs_everything(job)) return false;
    const std::int32_t n = job.technology.units;
    if (n < worth) return false;
    std::vector<char> seen(static_cast<std::size_t>(n), 0);
    for (const std::int32_t j : job.self) {
        if (j >= 0) seen[static_cast<std::size_t>(j)] = 1;
    }
    return std::find(seen.begin(), seen.end(), 0) == seen.end();
}

Scores score_by_frame(const Job& job) {
    return FrameSearch(job).run();
}

}  // namespace greenfront::dea
