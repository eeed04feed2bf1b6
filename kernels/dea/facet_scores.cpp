#include "kernels/dea/facet_scores.hpp"

#include <algorithm>
#include <limits>
#include <optional>

#include "kernels/dea/batch.hpp"
#include "kernels/dea/check.hpp"
#include "kernels/dea/gather.hpp"
#include "kernels/error.hpp"
#include "kernels/lp/planes.hpp"

namespace greenfront::dea {
namespace {

constexpr double nan = std::numeric_limits<double>::quiet_NaN();
constexpr std::int32_t most_planes = 1024;

/// All columns of a technology and the facets found so far. The intensity of an evaluated unit of the
/// reference set is an extra column all the same: then the programs of positive units are a family
/// (kernels/lp/facets.hpp).
struct Frontier {
    ColumnSet columns;
    std::optional<lp::Problem> family;  ///< a program of a positive unit
    std::optional<lp::Planes> planes;

    explicit Frontier(const Technology& technology)
        : columns{&technology.columns, themselves(technology.units),
                  std::vector<std::int32_t>(static_cast<std::size_t>(technology.units), -1)} {}
};

/// The units of one job, one after the other.
class Series {
  public:
    /// `learned`: where new facets go, the same frontier or nowhere.
    Series(const Job& job, const Frontier& frontier, Frontier* learned)
        : job_(job),
          frontier_(frontier),
          learned_(learned),
          pool_(job.technology.columns, lp::pool_capacity(job.technology.columns)),
          face_(job.technology.columns, job.technology.columns.count),
          program_(job, frontier.columns, pool_, face_),
          draft_(program_.shape()),
          values_(program_.shape().variables()),
          inverse_scale_(static_cast<std::size_t>(program_.workspace().problem.width), 0.0) {
        const lp::Problem& problem = program_.workspace().problem;
        if (learned != nullptr && !learned->planes)
            learned->planes.emplace(problem, std::min(job.technology.units, most_planes));
        program_.start_from(frontier.planes->facets);
    }

    RadialScores run() {
        const Eigen::Index k = job_.evaluated.units();
        RadialScores result{Eigen::VectorXd::Constant(k, nan),
                            std::vector<Status>(static_cast<std::size_t>(k), Status::failed),
                            {},
                            {}};
        for (Eigen::Index o = 0; o < k; ++o) {
            if (!score_on_plane(o)) solve(o);
            tally_.add(draft_);
            result.status[static_cast<std::size_t>(o)] = draft_.status;
            if (draft_.status == Status::optimal) result.score[o] = draft_.score;
        }
        result.counters = tally_.counters;
        result.certificate = tally_.certificate;
        return result;
    }

  private:
    /// False: it has no proof there, or zeros, and then a program that is nobody else's.
    bool score_on_plane(Eigen::Index o) {
        if (!frontier_.family) return false;
        const Technology& t = job_.technology;
        read_values(job_.evaluated, o, values_);
        if (!(values_.minCoeff() > 0)) return false;
        const double factor = t.factor_of(values_.data(), t.variables());
        for (int i = 0; i < t.variables(); ++i) {
            const double size = t.row_factor[i] * values_[i];
            if (size < 1 / ordinary_span || size > ordinary_span) return false;
            inverse_scale_[static_cast<std::size_t>(i)] = size * factor;
        }
        if (t.returns_row) inverse_scale_[static_cast<std::size_t>(t.variables())] = factor;
        lp::PlaneScore found;
        if (!lp::score_on_plane(*frontier_.planes, *frontier_.family, inverse_scale_.data(), found))
            return false;
        if (!found.holds()) return false;
        draft_.status = Status::optimal;
        draft_.score = found.special;
        if (job_.self[static_cast<std::size_t>(o)] >= 0) {  // no worse than itself
            const bool input = job_.settings.orientation == Orientation::input;
            draft_.score = input ? std::min(draft_.score, 1.0) : std::max(draft_.score, 1.0);
        }
        draft_.proof = found.proof;
        draft_.programs = 1;
        draft_.pivots = draft_.passes = draft_.zero_terms = 0;
        draft_.rung = 0;
        return true;
    }

    void solve(Eigen::Index o) {
        program_.solve(o, draft_);
        lp::Workspace& w = program_.workspace();
        if (learned_ == nullptr || draft_.status != Status::optimal || !w.problem.uniform) return;
        const std::int32_t own = program_.shape().own();
        for (std::int32_t& code : w.warm) {
            if (code == own) code = w.problem.extra_width + job_.self[static_cast<std::size_t>(o)];
        }
        if (!learned_->planes->add(w)) return;
        ++tally_.counters.pricing_passes;
        if (!learned_->family) learned_->family = w.problem;
    }

    const Job& job_;
    const Frontier& frontier_;
    Frontier* learned_;
    lp::Pool pool_, face_;
    Program program_;
    Draft draft_;
    Eigen::VectorXd values_;
    lp::Aligned inverse_scale_;
    Tally tally_;
};

void check_radial(const Settings& radial) {
    if (radial.model != Model::radial || radial.super || radial.disposability != Disposability::strong)
        throw Error(Fault::usage,
                    "facets serve radial scores within the technology, strong disposability only");
}

RadialScores by_programs(const Quantities& evaluated, const Quantities& reference,
                         std::span<const std::int32_t> self, const Settings& radial) {
    Scores scores = evaluate(evaluated, reference, self, radial);
    return {std::move(scores.score), std::move(scores.status), scores.counters, scores.certificate};
}

}  // namespace

struct FacetTechnology::Found {
    Technology technology;
    Frontier frontier;
    Found(const Quantities& reference, const Settings& radial)
        : technology(reference, radial.returns), frontier(technology) {}
};

// Programs of units outside begin nowhere in particular; those of the reference units find the facets.
FacetTechnology::FacetTechnology(const Quantities& reference, const Settings& radial)
    : reference_(reference), radial_(radial) {
    check_radial(radial);
    const std::vector<std::int32_t> self = themselves(reference.units());
    if (reference.units() > most_reference) {
        own_ = by_programs(reference, reference, self, radial);
        return;
    }
    check_task(reference, reference, self, radial, {});
    found_ = std::make_unique<Found>(reference, radial);
    if (found_->technology.wide) {  // proofs on planes are in double precision
        found_.reset();
        own_ = by_programs(reference, reference, self, radial);
        return;
    }
    const Job job{reference, found_->technology, radial, self, {}, {}, true};
    own_ = Series(job, found_->frontier, &found_->frontier).run();
}

FacetTechnology::~FacetTechnology() = default;

RadialScores FacetTechnology::score(const Quantities& evaluated) const {
    const std::vector<std::int32_t> outside(static_cast<std::size_t>(evaluated.units()), -1);
    if (!found_) return by_programs(evaluated, reference_, outside, radial_);
    check_task(evaluated, reference_, outside, radial_, {});
    return Series({evaluated, found_->technology, radial_, outside, {}, {}, true}, found_->frontier, nullptr)
        .run();
}

RadialScores facet_scores(const Quantities& units, const Settings& radial) {
    return FacetTechnology(units, radial).own();
}

}  // namespace greenfront::dea
