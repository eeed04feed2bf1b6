#include "kernels/resample/wre.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <oneapi/tbb/parallel_for.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <numeric>
#include <optional>
#include <tuple>

#include "kernels/error.hpp"
#include "kernels/panel/iv.hpp"
#include "kernels/panel/sample.hpp"
#include "kernels/resample/wild_draw.hpp"
#include "kernels/resample/wild_interval.hpp"
#include "kernels/resample/wre_system.hpp"

namespace greenfront::resample {
namespace {

using Eigen::Index;
using Eigen::MatrixXd;
using Eigen::VectorXd;

constexpr double nan = std::numeric_limits<double>::quiet_NaN();
constexpr double no_variance = 1e-22;  ///< sums of squares below this part of their terms are rounding

void check(const panel::Design& design, const panel::Options& options, const WildOptions& wild) {
    const auto refuse = [](const char* text) { throw Error(Fault::usage, text); };
    if (options.estimator.value_or(panel::Estimator::tsls) != panel::Estimator::tsls)
        refuse("the wild bootstrap with instruments (WRE) is for 2SLS, not for LIML or GMM");
    if (wild.type.residuals != 1 || wild.type.variance != 1)
        refuse("the wild bootstrap with instruments (WRE) has type 11 only; leave out the type");
    if (!wild.impose_null) {
        refuse(
            "the wild bootstrap with instruments (WRE) imposes the null on its residuals; the unrestricted "
            "one is not available");
    }
    if (design.clusters.size() != 1) {
        refuse(
            "the wild bootstrap with instruments (WRE) takes one cluster variable; an intersection is "
            "written a^b");
    }
    check_draws(wild);
}

/// Columns of `all` by name.
std::vector<Index> places(const std::vector<std::string>& names, const std::vector<std::string>& all) {
    std::vector<Index> result;
    for (const auto& name : names) {
        const auto at = std::find(all.begin(), all.end(), name);
        if (at != all.end()) result.push_back(at - all.begin());
    }
    return result;
}

/// What 2SLS estimates: the kept columns, and the sample with W and Z as its regressors.
struct Model {
    std::vector<std::string> W, Y, Z;
    panel::Prepared prepared;
};

Model model(const panel::Design& design, const panel::Options& options, const panel::Fit& fit) {
    std::vector<std::string> W, Y, Z = fit.iv->instrument_names;
    for (const auto& term : fit.terms) {
        if (term.name == "_cons") continue;
        const bool endogenous = !places({term.name}, design.endogenous_name).empty();
        (endogenous ? Y : W).push_back(term.name);
    }
    panel::Design first = design;
    first.x_name = W;
    first.x_name.insert(first.x_name.end(), Z.begin(), Z.end());
    first.X.resize(design.y.size(), static_cast<Index>(W.size() + Z.size()));
    first.X << design.X(Eigen::all, places(W, design.x_name)),
        design.instruments(Eigen::all, places(Z, design.instrument_name));
    first.endogenous.resize(design.y.size(), 0);
    first.endogenous_name.clear();
    first.instruments.resize(design.y.size(), 0);
    first.instrument_name.clear();
    return {W, Y, Z, panel::prepare(first, options)};
}

Index find_term(const Model& model, const panel::Fit& fit, const std::string& name) {
    std::vector<std::string> all = model.W;
    all.insert(all.end(), model.Y.begin(), model.Y.end());
    const auto found = places({name}, all);
    if (!found.empty()) return found.front();
    for (const auto& omitted : fit.omitted) {
        if (omitted.name == name)
            throw Error(Fault::data,
                        fmt::format("{} has no coefficient to test: it is {}", name, omitted.reason));
    }
    throw Error(Fault::usage, fmt::format("\"{}\" has no coefficient here; the estimated terms are: {}", name,
                                          fmt::join(all, ", ")));
}

/// Columns in the order of the moments.
WreColumns columns(const Model& model, const ClusterMoments& moments, const panel::Design& design,
                   Index term) {
    const auto& prepared = model.prepared;
    MatrixXd Y = design.endogenous(prepared.singletons.kept, places(model.Y, design.endogenous_name));
    prepared.absorber.apply(Y);
    const auto k1 = static_cast<Index>(model.W.size()), L1 = static_cast<Index>(model.Z.size());
    WreColumns c;
    c.term = term;
    c.W = moments.column.leftCols(k1);
    c.Z = moments.column.middleCols(k1, L1);
    c.y = moments.column.col(k1 + L1);
    c.Y = Y(moments.row, Eigen::all);
    return c;
}

/// |t*| above the size of t, by more than what counts as a tie.
bool above(double t, double size) {
    return std::abs(t) - size > 1e-9 * (1 + size);
}

/// What is known of one end of the interval: the last values on both sides of it, in standard errors from the
/// estimate, and the replicates whose answer is still open between them. t* moves with the null value about
/// as slowly as t does; a replicate that both values find on one side, by more than twice their distance, is
/// settled and not made again. The caller verifies the settled ones at the end that was found.
class End {
  public:
    explicit End(std::int64_t replicates) : open_(static_cast<std::size_t>(replicates)) {
        std::iota(open_.begin(), open_.end(), std::int64_t{0});
    }
    [[nodiscard]] const std::vector<std::int64_t>& open() const { return open_; }

    struct Counts {
        std::int64_t above = 0, used = 0;
        bool operator==(const Counts&) const = default;
        [[nodiscard]] bool kept(double alpha) const {
            return used == 0 || static_cast<double>(above) / static_cast<double>(used) > alpha;
        }
    };
    static Counts count(double size, const std::vector<double>& t) {
        Counts c;
        for (const double value : t) {
            c.used += std::isnan(value) ? 0 : 1;
            c.above += resample::above(value, size) ? 1 : 0;
        }
        return c;
    }
    /// Counts of all, from t* of the open ones at `size`.
    [[nodiscard]] Counts all(double size, const std::vector<double>& t) const {
        const Counts c = count(size, t);
        return {settled_.above + c.above, settled_.used + c.used};
    }
    void narrow(double size, std::vector<double> t, bool is_kept) {
        (is_kept ? kept_ : rejected_) = Point{size, std::move(t)};
        if (!kept_ || !rejected_ || rejected_->size - kept_->size > widest) return;
        const double far = 2 * (rejected_->size - kept_->size);
        std::size_t left = 0;
        for (std::size_t i = 0; i < open_.size(); ++i) {
            const double a = kept_->t[i], b = rejected_->t[i];
            const double from_a = std::abs(a) - kept_->size, from_b = std::abs(b) - rejected_->size;
            const bool same = from_a > far ? from_b > far : from_a < -far && from_b < -far;
            if (same) {
                ++settled_.used;
                settled_.above += from_a > 0 ? 1 : 0;
                continue;
            }
            open_[left] = open_[i];
            kept_->t[left] = a;
            rejected_->t[left] = b;
            ++left;
        }
        open_.resize(left);
        kept_->t.resize(left);
        rejected_->t.resize(left);
    }
    /// The middle of the bracket; nothing for an infinite end.
    [[nodiscard]] std::optional<double> middle() const {
        if (!kept_ || !rejected_) return std::nullopt;
        return 0.5 * (kept_->size + rejected_->size);
    }

  private:
    static constexpr double widest = 0.25;
    struct Point {
        double size = 0;
        std::vector<double> t;  ///< of the open replicates
    };
    std::vector<std::int64_t> open_;
    Counts settled_;
    std::optional<Point> kept_, rejected_;
};

class Wre {
  public:
    Wre(const Model& model, const panel::Fit& fit, const panel::Design& design, const WildOptions& wild)
        : moments_(cluster_moments(model.prepared)),
          wild_(settled(wild, model.prepared.sample.clusters.front().levels)),
          model_(moments_, columns(model, moments_, design, find_term(model, fit, wild.term))),
          weights_(moments_, wild_) {
        const auto& term = *std::find_if(fit.terms.begin(), fit.terms.end(),
                                         [&](const auto& t) { return t.name == wild.term; });
        draws_.term = wild.term;
        draws_.null = wild.null;
        draws_.clusters = weights_.clusters();
        draws_.enumerated = wild_.enumerate;
        draws_.small_sample_factor = fit.small_sample_factor;
        draws_.estimate = term.estimate;
        draws_.std_error = term.std_error;
        draws_.statistic = (draws_.estimate - wild.null) / draws_.std_error;
        draws_.conf_low = draws_.conf_high = nan;
    }

    WildDraws run(double alpha) {
        draw(wild_.null, wild_, draws_);
        if (wild_.interval) {
            const auto kept = [&](const std::vector<double>& steps) {
                std::vector<char> answers;
                for (const double step : steps) answers.push_back(p_value(step) > alpha ? 1 : 0);
                return answers;
            };
            const auto search = [&](const KeptValues& answer) {
                return invert(answer, draws_.estimate, draws_.std_error, 1e-6, 30, 1);
            };
            if (!wild_.keep || !with_settled(alpha, search))
                std::tie(draws_.conf_low, draws_.conf_high) = search(kept);
        }
        return std::move(draws_);
    }

  private:
    /// t* and delta_j of all replicates at a null value; result.statistic is set.
    void draw(double null, const WildOptions& wild, WildDraws& result) const {
        const auto store = model_.store(model_.residuals(null));
        const double q = draws_.small_sample_factor;
        WildSink sink(result, wild);
        every_strip(weights_, wild.replicates,
                    [&](std::int64_t first, std::int64_t end, const double* v, auto&) {
                        WreModel::Sums sums{};
                        model_(store, v, sums);
                        double t[strip];
                        for (std::size_t r = 0; r < strip; ++r) t[r] = statistic(sums, r, q);
                        sink.add(first, end, t, sums.numerator);
                    });
        sink.finish();
    }

    /// The same ends with fewer replicates made; false where one of those that were taken to be settled was
    /// not.
    template <class SearchEnds>
    bool with_settled(double alpha, const SearchEnds& search) {
        std::array<End, 2> ends{End(wild_.replicates), End(wild_.replicates)};
        const auto kept = [&](const std::vector<double>& steps) {
            std::vector<char> answers;
            for (const double step : steps) {
                End& end = ends[step < 0 ? 0 : 1];
                auto t = statistics(step, end.open());
                const bool inside = end.all(std::abs(step), t).kept(alpha);
                end.narrow(std::abs(step), std::move(t), inside);
                answers.push_back(inside ? 1 : 0);
            }
            return answers;
        };
        std::tie(draws_.conf_low, draws_.conf_high) = search(kept);
        std::vector<std::int64_t> every(static_cast<std::size_t>(wild_.replicates));
        std::iota(every.begin(), every.end(), std::int64_t{0});
        for (std::size_t side = 0; side < 2; ++side) {
            const auto middle = ends[side].middle();
            if (!middle) continue;
            const auto t = statistics((side == 0 ? -1 : 1) * *middle, every);
            std::vector<double> open;
            for (const auto b : ends[side].open()) open.push_back(t[static_cast<std::size_t>(b)]);
            if (!(ends[side].all(*middle, open) == End::count(*middle, t))) return false;
        }
        return true;
    }

    /// t* of some replicates when the null value is so many standard errors from the estimate.
    std::vector<double> statistics(double steps, const std::vector<std::int64_t>& of) const {
        const auto store = model_.store(model_.residuals(draws_.estimate + steps * draws_.std_error));
        const double q = draws_.small_sample_factor;
        std::vector<double> t(of.size());
        const auto blocks = (of.size() + strip - 1) / strip;
        oneapi::tbb::parallel_for(std::size_t{0}, blocks, [&](std::size_t block) {
            const std::size_t first = block * strip;
            std::array<std::int64_t, strip> replicate{};
            for (std::size_t r = 0; r < strip; ++r)
                replicate[r] = of[first + r < of.size() ? first + r : first];
            std::vector<double> v;
            weights_.fill(replicate, v);
            WreModel::Sums sums{};
            model_(store, v.data(), sums);
            for (std::size_t r = 0; r < strip && first + r < of.size(); ++r)
                t[first + r] = statistic(sums, r, q);
        });
        return t;
    }

    static double statistic(const WreModel::Sums& sums, std::size_t r, double q) {
        const bool positive = sums.squares[r] > no_variance * sums.size[r];
        return positive ? sums.numerator[r] / std::sqrt(q * sums.squares[r]) : nan;
    }

    /// Share of |t*| above |t| when the null value is so many standard errors from the estimate; 1 where no
    /// replicate has a statistic, so that nothing is rejected without evidence.
    double p_value(double steps) const {
        WildDraws other;
        other.statistic = -steps;
        WildOptions counted = wild_;
        counted.keep = false;
        draw(draws_.estimate + steps * draws_.std_error, counted, other);
        const WildSummary s = summarise(other);
        return s.used > 0 ? s.p_value : 1.0;
    }

    ClusterMoments moments_;
    WildOptions wild_;
    WreModel model_;
    WeightStrips weights_;
    WildDraws draws_;
};

}  // namespace

WildDraws wild_restricted_efficient(const panel::Design& design, const panel::Options& options,
                                    const WildOptions& wild) {
    check(design, options, wild);
    panel::Options clustered = options;
    clustered.variance = panel::Variance::cluster;
    const panel::Fit fit = panel::fit(design, clustered);
    const Model parts = model(design, clustered, fit);
    return Wre(parts, fit, design, wild).run(1 - options.confidence);
}

}  // namespace greenfront::resample
