#include <fmt/format.h>
#include <oneapi/tbb/parallel_for.h>

#include <Eigen/QR>
#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include "kernels/error.hpp"
#include "kernels/panel/dof.hpp"
#include "kernels/panel/sample.hpp"
#include "kernels/resample/literal.hpp"
#include "kernels/resample/permutation.hpp"
#include "kernels/resample/resample.hpp"
#include "kernels/stats/distributions.hpp"

namespace greenfront::resample {
namespace {

using Eigen::Index;
using Eigen::MatrixXd;
using Eigen::VectorXd;

constexpr std::int64_t block_of_draws = 32;
constexpr std::int64_t most_enumerated = 10'000'000;
constexpr double nan = std::numeric_limits<double>::quiet_NaN();

Index position(const std::vector<std::string>& names, const std::string& name) {
    const auto at = std::find(names.begin(), names.end(), name);
    return at == names.end() ? -1 : static_cast<Index>(at - names.begin());
}

/// Everything that a draw reads.
struct Setting {
    const panel::Prepared* prepared = nullptr;
    panel::Options options;
    Index treatment = 0;                ///< column of the sample
    VectorXd raw, partialled;           ///< the treatment
    MatrixXd Q;                         ///< n x (k - 1), orthonormal partialled other regressors
    VectorXd y;                         ///< partialled outcome without its part in Q
    double centred_ss = 0;              ///< of the raw treatment
    std::vector<std::int32_t> cluster;  ///< of each row; one a row when robust
    std::int32_t clusters = 0;
    bool iid = false, refit = false, literal = false;
    double factor = 1;  ///< q, or 1 / (N - k - df_a) when iid
    double df = 0;
};

struct Draw {
    double estimate = nan, std_error = nan;
};

void set_treatment(Setting& s, const panel::Prepared& prepared, const PlaceboOptions& placebo) {
    s.prepared = &prepared;
    s.treatment = position(prepared.sample.x_name, placebo.treatment);
    if (s.treatment < 0) {
        const auto omitted = std::find_if(prepared.omitted.begin(), prepared.omitted.end(),
                                          [&](const auto& o) { return o.name == placebo.treatment; });
        throw Error(Fault::data,
                    fmt::format("the treatment \"{}\" has no coefficient: {}", placebo.treatment,
                                omitted == prepared.omitted.end() ? "it is omitted" : omitted->reason));
    }
    s.raw = prepared.sample.X.col(s.treatment);
    s.partialled = prepared.X.col(s.treatment);
    s.centred_ss = panel::column_scale(s.raw).centred(0);
    const Index n = s.raw.size(), others = prepared.X.cols() - 1;
    MatrixXd controls(n, others);
    controls << prepared.X.leftCols(s.treatment), prepared.X.rightCols(others - s.treatment);
    s.y = prepared.y;
    if (others == 0) {
        s.Q.resize(n, 0);
        return;
    }
    controls.colwise().normalize();  // so that no column is lost to another's units
    s.Q = Eigen::HouseholderQR<MatrixXd>(controls).householderQ() * MatrixXd::Identity(n, others);
    for (int twice = 0; twice < 2; ++twice) s.y -= s.Q * (s.Q.transpose() * s.y);
}

void set_variance(Setting& s, const panel::Prepared& prepared, const panel::Fit& fit) {
    const Index n = s.raw.size();
    s.df = fit.df_residual;
    switch (s.options.variance) {
        case panel::Variance::iid: {
            s.iid = true;
            const auto& sample = prepared.sample;
            const auto absorption = panel::absorbed_degrees(sample.effects, {}, sample.constant);
            const auto rule = panel::small_sample(
                s.options.small_sample.value_or(panel::SmallSample::reghdfe), panel::Variance::iid, n,
                prepared.X.cols(), 0, absorption, sample.effects, sample.constant, prepared.absorber);
            s.factor = 1 / rule.denominator;
            break;
        }
        case panel::Variance::robust:
            s.factor = fit.small_sample_factor;
            s.cluster.resize(static_cast<std::size_t>(n));
            std::iota(s.cluster.begin(), s.cluster.end(), 0);
            s.clusters = static_cast<std::int32_t>(n);
            break;
        case panel::Variance::cluster:
            s.factor = fit.small_sample_factor;
            s.literal = prepared.sample.clusters.size() > 1;
            s.cluster = prepared.sample.clusters.front().code;
            s.clusters = prepared.sample.clusters.front().levels;
            break;
        default:  // panel::prepare refuses every other variance
            break;
    }
}

Draw solve(const Setting& s, const Eigen::Ref<const VectorXd>& v, VectorXd& work,
           std::vector<double>& score) {
    const double square = v.squaredNorm();
    const VectorXd d = s.Q.transpose() * v;
    work.noalias() = v - s.Q * d;
    const double D = work.squaredNorm();
    if (!(square > 1e-9 * s.centred_ss) || !(D > 1e-9 * square)) return {};
    Draw draw;
    draw.estimate = work.dot(s.y) / D;
    double middle = 0;
    if (s.iid) {
        middle = (s.y - draw.estimate * work).squaredNorm() * D;
    } else {
        score.assign(static_cast<std::size_t>(s.clusters), 0.0);
        for (Index i = 0; i < work.size(); ++i) {
            score[static_cast<std::size_t>(s.cluster[static_cast<std::size_t>(i)])] +=
                work(i) * (s.y(i) - draw.estimate * work(i));
        }
        for (const double c : score) middle += c * c;
        // Scores that cancel in every cluster leave rounding, and no standard error, as in panel::fit.
        const double plain =
            (s.y - draw.estimate * work).squaredNorm() * D / static_cast<double>(work.size());
        if (s.factor * middle <= 1e-12 * plain) return draw;
    }
    draw.std_error = std::sqrt(s.factor * middle) / D;
    return draw;
}

Draw fit_anew(const Setting& s, const VectorXd& raw) {
    panel::Design design = s.prepared->sample;
    design.X.col(s.treatment) = raw;
    VectorXd beta, std_error;
    if (!estimate(design, s.options, beta, std_error)) return {};
    return {beta(s.treatment), std_error(s.treatment)};
}

void run_block(const Setting& s, const Trajectories& t, const std::vector<std::vector<std::int32_t>>& donors,
               std::vector<Draw>& draws, std::size_t begin) {
    const Index n = s.raw.size(), count = static_cast<Index>(donors.size());
    const VectorXd& column = s.refit || s.literal ? s.raw : s.partialled;
    MatrixXd v(n, count);
    std::vector<std::int64_t> source(static_cast<std::size_t>(n));
    for (Index r = 0; r < count; ++r) {
        source_rows(t, donors[static_cast<std::size_t>(r)], source);
        for (Index i = 0; i < n; ++i) v(i, r) = column(source[static_cast<std::size_t>(i)]);
    }
    if (s.refit && !s.literal) s.prepared->absorber.apply(v);
    VectorXd work;
    std::vector<double> score;
    for (Index r = 0; r < count; ++r) {
        draws[begin + static_cast<std::size_t>(r)] =
            s.literal ? fit_anew(s, v.col(r)) : solve(s, v.col(r), work, score);
    }
}

std::vector<Draw> run(const Setting& s, const Trajectories& t, const PlaceboOptions& placebo) {
    const auto replicates =
        placebo.enumerate ? static_cast<std::int64_t>(std::llround(t.permutations())) : placebo.replicates;
    std::vector<Draw> draws(static_cast<std::size_t>(replicates));
    const std::int64_t blocks = (replicates + block_of_draws - 1) / block_of_draws;
    oneapi::tbb::parallel_for(std::int64_t{0}, blocks, [&](std::int64_t block) {
        const std::int64_t begin = block * block_of_draws, end = std::min(begin + block_of_draws, replicates);
        std::vector<std::vector<std::int32_t>> donors;
        for (std::int64_t r = begin; r < end; ++r) {
            if (placebo.enumerate) {
                donors.push_back(assignment(t, r));
            } else {
                rng::Stream stream(placebo.seed, rng::stage_placebo, static_cast<std::uint64_t>(r),
                                   placebo.stream);
                donors.push_back(shuffle(t, stream));
            }
        }
        run_block(s, t, donors, draws, static_cast<std::size_t>(begin));
    });
    return draws;
}

void collect(PlaceboDraws& result, const std::vector<Draw>& draws, bool enumerated) {
    const auto R = static_cast<Index>(draws.size());
    result.draw.resize(R);
    result.draw_std_error.resize(R);
    result.draw_statistic.resize(R);
    result.draw_p_value.resize(R);
    std::int64_t used = 0;
    const double observed = std::abs(result.statistic);
    for (Index r = 0; r < R; ++r) {
        const Draw& draw = draws[static_cast<std::size_t>(r)];
        const double t = draw.estimate / draw.std_error;
        result.draw(r) = draw.estimate;
        result.draw_std_error(r) = draw.std_error;
        result.draw_statistic(r) = t;
        result.draw_p_value(r) = stats::t_two_sided(t, result.df);
        result.status.push_back(std::isnan(draw.estimate) ? Status::undefined : Status::optimal);
        if (std::isnan(t)) continue;
        ++used;
        if (std::abs(t) >= observed - 1e-7 * (1 + observed)) ++result.n_extreme;
    }
    const auto extreme = static_cast<double>(result.n_extreme), all = static_cast<double>(used);
    result.p_share = used > 0 ? extreme / all : nan;
    // Without any statistic there is no p value: (0 + 1) / (0 + 1) would be one out of nothing.
    result.p_value = enumerated || used == 0 ? result.p_share : (extreme + 1) / (all + 1);
}

void check(const panel::Design& design, const PlaceboOptions& placebo) {
    if (design.endogenous.cols() > 0) {
        throw Error(Fault::usage,
                    "the placebo test of an instrumental-variables model is not there yet; "
                    "leave out the part \"| endogenous ~ instruments\"");
    }
    if (position(design.x_name, placebo.treatment) < 0) {
        throw Error(Fault::usage,
                    fmt::format("the treatment \"{}\" is not a regressor of the formula; its terms are: {}",
                                placebo.treatment, fmt::join(design.x_name, ", ")));
    }
    if (!placebo.enumerate && placebo.replicates < 1) {
        throw Error(Fault::usage, fmt::format("{} replicates: at least one is needed", placebo.replicates));
    }
}

void check(const Trajectories& t, const PlaceboOptions& placebo, PlaceboDraws& result) {
    result.units = static_cast<std::int64_t>(t.rows.size());
    result.groups = static_cast<std::int64_t>(t.group.size());
    result.fixed_units = t.fixed_units();
    if (result.fixed_units == result.units) {
        throw Error(Fault::data,
                    "no two units are observed in the same periods, so no trajectory can change its "
                    "unit; restrict the sample to a balanced part with --where");
    }
    if (2 * result.fixed_units > result.units) {
        result.warnings.push_back(
            fmt::format("{} of {} units are the only ones with their set of periods and keep "
                        "their own trajectory in every draw",
                        result.fixed_units, result.units));
    }
    if (placebo.enumerate && t.permutations() > static_cast<double>(most_enumerated)) {
        throw Error(Fault::usage,
                    fmt::format("there are {:.3g} permutations, more than {}; draw at random (without "
                                "enumeration)",
                                t.permutations(), most_enumerated));
    }
}

}  // namespace

PlaceboDraws placebo_trajectory(const panel::Design& design, const panel::Options& options,
                                const panel::Factor& unit, const panel::Factor& time,
                                const PlaceboOptions& placebo) {
    check(design, placebo);
    const panel::Fit fit = panel::fit(design, options);
    const panel::Prepared prepared = panel::prepare(design, options);
    const panel::Factor units = panel::take_rows(unit, prepared.singletons.kept);
    const panel::Factor times = panel::take_rows(time, prepared.singletons.kept);

    Setting s;
    s.options = options;
    set_treatment(s, prepared, placebo);
    set_variance(s, prepared, fit);
    const Trajectories t = trajectories(units, times);
    s.refit = !commutes(prepared.sample.effects, t, units, times);

    PlaceboDraws result;
    check(t, placebo, result);
    const auto& term = fit.terms[static_cast<std::size_t>(s.treatment)];
    result.estimate = term.estimate;
    result.std_error = term.std_error;
    result.statistic = term.statistic;
    result.df = s.df;
    result.refitted = s.refit;
    result.literal = s.literal;
    collect(result, run(s, t, placebo), placebo.enumerate);
    return result;
}

}  // namespace greenfront::resample
