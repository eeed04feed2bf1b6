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
    lp::Pool pool, face;
    std::optional<lp::Problem> family;  ///< a program of a positive unit
    std::optional<lp::Planes> planes;

    explicit Frontier(const Technology& technology)
        : columns{&technology.columns, themselves(technology.units),
                  std::vector<std::int32_t>(static_cast<std::size_t>(technology.units), -1)},
          pool(technology.columns, lp::pool_capacity(technology.columns)),
          face(technology.columns, technology.columns.count) {}
};

/// The units of one job, one after the other.
class Series {
  public:
    Series(const Job& job, Frontier& frontier)
        : job_(job),
          frontier_(frontier),
          program_(job, frontier.columns, frontier.pool, frontier.face),
          draft_(program_.shape()),
          values_(program_.shape().variables()),
          inverse_scale_(static_cast<std::size_t>(program_.workspace().problem.width), 0.0) {
        const lp::Problem& problem = program_.workspace().problem;
        if (!frontier.planes) frontier.planes.emplace(problem, std::min(job.technology.units, most_planes));
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
        for (int i = 0; i < t.variables(); ++i)
            inverse_scale_[static_cast<std::size_t>(i)] = t.row_factor[i] * values_[i] * factor;
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
        if (draft_.status != Status::optimal || !w.problem.uniform) return;
        const std::int32_t own = program_.shape().own();
        for (std::int32_t& code : w.warm) {
            if (code == own) code = w.problem.extra_width + job_.self[static_cast<std::size_t>(o)];
        }
        if (!frontier_.planes->add(w)) return;
        ++tally_.counters.pricing_passes;
        if (!frontier_.family) frontier_.family = w.problem;
    }

    const Job& job_;
    Frontier& frontier_;
    Program program_;
    Draft draft_;
    Eigen::VectorXd values_;
    lp::Aligned inverse_scale_;
    Tally tally_;
};

}  // namespace

RadialScores facet_scores(const Quantities& evaluated, const Quantities& reference,
                          std::span<const std::int32_t> self, const Settings& radial) {
    if (radial.model != Model::radial || radial.super)
        throw Error(Fault::usage, "facets serve radial scores within the technology only");
    if (reference.units() > most_reference) {
        Scores scores = evaluate(evaluated, reference, self, radial);
        return {std::move(scores.score), std::move(scores.status), scores.counters, scores.certificate};
    }
    check_task(evaluated, reference, self, radial, {});
    const Technology technology(reference, radial.returns);
    Frontier frontier(technology);
    Counters search;
    if (std::find(self.begin(), self.end(), -1) != self.end()) {
        // Programs of units outside begin nowhere in particular; those of the reference units find the
        // facets.
        const std::vector<std::int32_t> own = themselves(reference.units());
        const Job job{reference, technology, radial, own, {}, {}, true};
        search = Series(job, frontier).run().counters;
    }
    const Job job{evaluated, technology, radial, self, {}, {}, true};
    RadialScores scores = Series(job, frontier).run();
    scores.counters.pivots += search.pivots;
    scores.counters.pricing_passes += search.pricing_passes;
    return scores;
}

}  // namespace greenfront::dea
