#include "kernels/resample/wild.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <oneapi/tbb/enumerable_thread_specific.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <tuple>

#include "kernels/error.hpp"
#include "kernels/panel/sample.hpp"
#include "kernels/resample/wild_draw.hpp"
#include "kernels/resample/wild_interval.hpp"
#include "kernels/resample/wild_strip.hpp"
#include "kernels/resample/wild_ways.hpp"
#include "kernels/resample/wre.hpp"

namespace greenfront::resample {
namespace {

using Eigen::Index;
using Eigen::VectorXd;

constexpr double nan = std::numeric_limits<double>::quiet_NaN();
/// Sums of squares below this part of their terms are rounding.
constexpr double no_variance = 1e-22, no_signed_variance = 1e-12;
/// Decisions of the interval's search that one pass over the replicates prepares.
constexpr int ahead = 4;

void check(const panel::Design& design, const WildOptions& wild) {
    if (design.clusters.empty()) throw Error(Fault::usage, "the wild bootstrap needs a cluster variable");
    for (const int digit : {wild.type.residuals, wild.type.variance}) {
        if (digit != 1 && digit != 3)
            throw Error(Fault::usage, fmt::format("wild bootstrap type {}{}: there are 11, 13, 31 and 33",
                                                  wild.type.residuals, wild.type.variance));
    }
    if (wild.type.variance == 3 && design.clusters.size() > 1) {
        throw Error(
            Fault::usage,
            "types 13 and 33 leave out one cluster at a time and are for one cluster variable; use type 11 "
            "or 31");
    }
    check_draws(wild);
}

Index find_term(const panel::Prepared& prepared, const WildOptions& wild) {
    const auto& names = prepared.sample.x_name;
    const auto at = std::find(names.begin(), names.end(), wild.term);
    if (at != names.end()) return at - names.begin();
    for (const auto& omitted : prepared.omitted) {
        if (omitted.name == wild.term)
            throw Error(Fault::data,
                        fmt::format("{} has no coefficient to test: it is {}", wild.term, omitted.reason));
    }
    throw Error(Fault::usage, fmt::format("\"{}\" has no coefficient here; the estimated terms are: {}",
                                          wild.term, fmt::join(names, ", ")));
}

/// One bootstrap after its checks.
class Wild {
  public:
    Wild(const panel::Prepared& prepared, const panel::Fit& fit, const WildOptions& wild)
        : prepared_(prepared),
          cluster_(prepared.sample.clusters.front()),
          several_(prepared.sample.clusters.size() > 1),
          moments_(cluster_moments(prepared)),
          wild_(settled(wild, cluster_.levels)),
          term_(find_term(prepared, wild)),
          map_(wild_map(moments_, cluster_, term_, wild.type.variance)),
          residuals_(wild_residuals(moments_, cluster_, term_, wild.impose_null, wild.type.residuals)),
          weights_(moments_, wild_) {
        const double G = cluster_.levels;
        q_ = wild.type.variance == 3 ? (G - 1) / G : fit.small_sample_factor;
        draws_.term = wild.term;
        draws_.null = wild.null;
        draws_.clusters = cluster_.levels;
        draws_.enumerated = wild_.enumerate;
        draws_.small_sample_factor = q_;
        draws_.estimate = fit.terms[static_cast<std::size_t>(term_)].estimate;
        draws_.std_error = observed_error(fit);
        draws_.statistic = (draws_.estimate - wild.null) / draws_.std_error;
        draws_.conf_low = draws_.conf_high = nan;
    }

    WildDraws run(double alpha) {
        const VectorXd u = residuals_.col(0) - wild_.null * residuals_.col(1);
        WildSink sink(draws_, wild_);
        several_ ? draw_ways(u, sink) : draw(u, sink);
        sink.finish();
        if (wild_.interval) std::tie(draws_.conf_low, draws_.conf_high) = interval(alpha);
        return std::move(draws_);
    }

  private:
    double observed_error(const panel::Fit& fit) const {
        if (wild_.type.variance == 3) {
            const VectorXd left_out = leave_out_estimates(moments_, cluster_, term_);
            return std::sqrt(q_ * (left_out.array() - draws_.estimate).square().sum());
        }
        if (!several_) return fit.terms[static_cast<std::size_t>(term_)].std_error;
        // As in the replicates: without the repair of negative eigenvalues.
        const auto sets = panel::cluster_sets(prepared_.sample.clusters);
        VectorXd psi(moments_.column.rows());
        for (Index r = 0; r < psi.size(); ++r)
            psi(r) = map_.z(r) * fit.residual(moments_.row[static_cast<std::size_t>(r)]);
        const double variance = q_ * panel::score_products(psi, sets)(0, 0);
        if (!(variance > 0)) {
            throw Error(Fault::data,
                        fmt::format("the clustered variance of {} is not positive, so there is no t "
                                    "statistic to bootstrap; name one cluster variable",
                                    wild_.term));
        }
        return std::sqrt(variance);
    }

    std::pair<double, double> interval(double alpha) const {
        const double b = draws_.estimate, s = draws_.std_error;
        if (!wild_.impose_null) {
            return wild_.keep ? percentile_t(draws_.draw, b, s, alpha)
                              : percentile_t(draws_.running->t, b, s, alpha);
        }
        if (wild_.keep) return invert(in_null(), b, s, q_, alpha);
        return invert([&](const auto& steps) { return kept(steps, alpha); }, b, s, null_tolerance,
                      most_null_doublings, ahead);
    }

    /// t* of a strip from its sums; `least`: a sum of squares that is rounding.
    void add(WildSink& sink, std::int64_t first, std::int64_t end, const double* numerator,
             const double* squares, const double* least) const {
        double t[strip];
        for (std::int64_t r = 0; r < end - first; ++r)
            t[r] = squares[r] > least[r] ? numerator[r] / std::sqrt(q_ * squares[r]) : nan;
        sink.add(first, end, t, numerator);
    }

    void draw(const VectorXd& u, WildSink& sink) const {
        const WildPart part = wild_part(moments_, map_, u);
        const WildStore system = wild_store(moments_, map_, part);
        double least[strip];
        std::fill(least, least + strip, no_variance * part.d.squaredNorm());
        every_strip(weights_, wild_.replicates,
                    [&](std::int64_t first, std::int64_t end, const double* v, auto& work) {
                        WildSums sums{};
                        wild_strip(system, v, work, sums);
                        add(sink, first, end, sums.numerator, sums.squares, least);
                    });
    }

    void draw_ways(const VectorXd& u, WildSink& sink) const {
        const WildWays ways(moments_, prepared_.sample, map_, {u});
        every_strip(weights_, wild_.replicates,
                    [&](std::int64_t first, std::int64_t end, const double* v, auto&) {
                        WildWays::Sums sums{};
                        ways(v, sums);
                        double least[strip];
                        for (int r = 0; r < strip; ++r) least[r] = no_signed_variance * sums.size[r];
                        add(sink, first, end, sums.numerator[0], sums.squares[0], least);
                    });
    }

    /// use(first, end, sums) for all strips: numerators and squares of the residuals of y and of x_j.
    template <class Use>
    void each_in_null(const Use& use) const {
        if (several_) {
            const WildWays ways(moments_, prepared_.sample, map_, {residuals_.col(0), residuals_.col(1)});
            every_strip(weights_, wild_.replicates,
                        [&](std::int64_t first, std::int64_t end, const double* v, auto&) {
                            WildWays::Sums sums{};
                            ways(v, sums);
                            use(first, end, sums);
                        });
            return;
        }
        const WildStore y = wild_store(moments_, map_, wild_part(moments_, map_, residuals_.col(0)));
        const WildStore x = wild_store(moments_, map_, wild_part(moments_, map_, residuals_.col(1)));
        every_strip(weights_, wild_.replicates,
                    [&](std::int64_t first, std::int64_t end, const double* v, auto& work) {
                        WildPairSums sums{};
                        wild_strip(y, x, v, work, sums);
                        use(first, end, sums);
                    });
    }

    WildInNull in_null() const {
        WildInNull all;
        for (VectorXd* line : {&all.y, &all.x, &all.yy, &all.xy, &all.xx}) line->resize(wild_.replicates);
        each_in_null([&](std::int64_t first, std::int64_t end, const auto& sums) {
            for (std::int64_t b = first; b < end; ++b) {
                const auto r = b - first;
                all.y(b) = sums.numerator[0][r];
                all.x(b) = sums.numerator[1][r];
                all.yy(b) = sums.squares[0][r];
                all.xy(b) = sums.squares[1][r];
                all.xx(b) = sums.squares[2][r];
            }
        });
        return all;
    }

    /// Which null values are not rejected, from one pass over replicates that are made again.
    std::vector<char> kept(const std::vector<double>& steps, double alpha) const {
        std::vector<NullValue> start;
        for (const double step : steps) start.emplace_back(draws_.estimate, draws_.std_error, step, q_);
        oneapi::tbb::enumerable_thread_specific<std::vector<NullValue>> counted(start);
        each_in_null([&](std::int64_t first, std::int64_t end, const auto& sums) {
            for (NullValue& value : counted.local()) {
                for (std::int64_t r = 0; r < end - first; ++r)
                    value.count(sums.numerator[0][r], sums.numerator[1][r], sums.squares[0][r],
                                sums.squares[1][r], sums.squares[2][r]);
            }
        });
        std::vector<char> answers;
        for (std::size_t i = 0; i < start.size(); ++i) {
            NullValue all = start[i];
            for (const auto& part : counted) {
                all.used += part[i].used;
                all.above += part[i].above;
            }
            answers.push_back(all.kept(alpha) ? 1 : 0);
        }
        return answers;
    }

    const panel::Prepared& prepared_;
    const panel::Factor& cluster_;
    bool several_;
    ClusterMoments moments_;
    WildOptions wild_;
    Index term_;
    WildMap map_;
    Eigen::MatrixXd residuals_;
    WeightStrips weights_;
    double q_ = 1;
    WildDraws draws_;
};

}  // namespace

WildDraws wild_cluster(const panel::Design& design, const panel::Options& options, const WildOptions& wild) {
    if (design.endogenous.cols() > 0) return wild_restricted_efficient(design, options, wild);
    check(design, wild);
    panel::Options clustered = options;
    clustered.variance = panel::Variance::cluster;
    const panel::Fit fit = panel::fit(design, clustered);
    const panel::Prepared prepared = panel::prepare(design, clustered);
    return Wild(prepared, fit, wild).run(1 - options.confidence);
}

std::vector<std::string> wild_terms(const panel::Design& design, const panel::Options& options) {
    if (design.endogenous.cols() == 0) return panel::prepare(design, options).sample.x_name;
    std::vector<std::string> names;
    for (const auto& term : panel::fit(design, options).terms) {
        if (term.name != "_cons") names.push_back(term.name);
    }
    return names;
}

WildSummary summarise(const WildDraws& draws) {
    RunningTest test;
    if (draws.running) {
        test.tail = draws.running->tail;
        test.infeasible = draws.running->infeasible;
    } else {
        test.tail.observed = draws.statistic;
        for (const double draw : draws.draw) std::isnan(draw) ? void(++test.infeasible) : test.tail.add(draw);
    }
    const TailCounts& tail = test.tail;
    WildSummary s;
    s.used = tail.used;
    s.infeasible = test.infeasible;
    s.n_greater = tail.n_greater;
    s.n_tie = tail.n_tie;
    s.upper_greater = tail.upper_greater;
    s.upper_tie = tail.upper_tie;
    s.lower_less = tail.lower_less;
    const auto n = static_cast<double>(s.used);
    s.p_value = static_cast<double>(s.n_greater) / n;
    s.p_equal_tailed = 2 * static_cast<double>(std::min(s.upper_greater, s.lower_less)) / n;
    s.p_ties = static_cast<double>(s.n_greater + s.n_tie) / n;
    s.p_plus_one = static_cast<double>(s.n_greater + s.n_tie + 1) / (n + 1);
    return s;
}

}  // namespace greenfront::resample
