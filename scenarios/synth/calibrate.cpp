#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "kernels/parallel.hpp"
#include "kernels/stats/percentile.hpp"
#include "scenarios/synth/inversion.hpp"
#include "scenarios/synth/realise.hpp"
#include "scenarios/synth/series.hpp"
#include "scenarios/synth/solver.hpp"

// Tables 4 to 7 are conditions on the panel: given regressors and samples, every coefficient is linear in the
// outcome, its robust variance quadratic. There are about 130 conditions and 2904 values of the outcome, so
// that all of them can hold; the indices move a little too (by 14 % in the middle), because the subgroups'
// coefficients also bind the regressors: nqp is nearly the weighted sum of its parts, and the coefficients of
// all four must agree.
namespace greenfront::synth {
namespace {

/// Constants come last: an error of theirs counts as this part of one of a control.
constexpr double constant_slack = 14;
constexpr std::array<const char*, n_mediators> mediator_names{
    "electricity per output", "coal equivalent per output", "green patent applications",
    "green patents granted", "digital finance"};
constexpr int steps_together = 36, steps_between_samples = 4, steps_again = 10, steps_outcome = 30,
              steps_mediator = 25;

std::vector<int> city_codes(const Draft& draft) {
    std::vector<int> code;
    for (Index r = 0; r < draft.rows(); ++r) code.push_back(static_cast<int>(r / draft.periods));
    return code;
}

std::vector<int> year_codes(const Draft& draft, bool by_province) {
    std::vector<int> code;
    for (Index r = 0; r < draft.rows(); ++r) {
        const auto block = by_province ? draft.city_of(r).province : 0;
        code.push_back(static_cast<int>(static_cast<Index>(block) * draft.periods + r % draft.periods));
    }
    return code;
}

bool belongs(const Draft& draft, Index r, Sample sample, const VectorXd& nqp, double median) {
    const City& c = draft.city_of(r);
    const bool digital = r % draft.periods >= c.low_digital_years, pilot = draft.pilot(r);
    switch (sample) {
        case Sample::all:
        case Sample::province_year:
            return true;
        case Sample::no_municipalities:
            return !c.municipality;
        case Sample::low_nqp:
            return nqp(r) <= median;
        case Sample::high_nqp:
            return nqp(r) > median;
        case Sample::capitals:
            return c.municipality || c.capital;
        case Sample::ordinary:
            return !c.municipality && !c.capital;
        case Sample::resource:
            return c.resource_based;
        case Sample::no_resource:
            return !c.resource_based;
        case Sample::dual_high:
            return digital && pilot;
        case Sample::dual_low:
            return !digital && !pilot;
        case Sample::digital_driven:
            return digital && !pilot;
        case Sample::pressure:
            return !digital && pilot;
    }
    return false;
}

MatrixXd picked(const Effects& effects, const MatrixXd& columns) {
    MatrixXd result(effects.size(), columns.cols());
    for (Index k = 0; k < columns.cols(); ++k) result.col(k) = effects.pick(columns.col(k));
    return result;
}

/// All regressions of the study on one panel.
class Study {
  public:
    explicit Study(const Draft& draft)
        : draft_(draft),
          city_(city_codes(draft)),
          year_(year_codes(draft, false)),
          province_year_(year_codes(draft, true)),
          controls_(draft.rows(), n_controls) {
        for (Index k = 0; k < controls_.cols(); ++k) controls_.col(k) = winsorised(draft.control.col(k), 1);
    }

    [[nodiscard]] Effects effects(Sample sample, const VectorXd& nqp) const {
        const double median = stats::percentile_stata({nqp.begin(), nqp.end()}, 50);
        std::vector<char> keep;
        for (Index r = 0; r < draft_.rows(); ++r)
            keep.push_back(belongs(draft_, r, sample, nqp, median) ? 1 : 0);
        return Effects(city_, sample == Sample::province_year ? province_year_ : year_, std::move(keep));
    }

    [[nodiscard]] Regression regression(const PublishedColumn& column, const VectorXd& nqp) const {
        Regression r{effects(column.sample, nqp), column.series, {}, {}, column.figures, column.adjusted_r2};
        r.controls = picked(r.effects, column.controls ? controls_ : MatrixXd(draft_.rows(), 0));
        r.controls_within = residuals(r.effects, r.controls);
        r.constant = column.constant.estimate;
        r.constant_unit = constant_slack * column.constant.std_error;
        return r;
    }

    [[nodiscard]] Solver solver() const {
        Solver s;
        const SubIndices drawn = sub_indices(draft_);
        s.sub_index = drawn.value;
        s.part = drawn.part;
        // What moves is not cut to less than half, and an index is at most 1.
        const MatrixXd headroom = 1 - drawn.value.array();
        s.most = (std::exp(0.5) * drawn.value).cwiseMin(drawn.value + 0.7 * headroom);
        s.least = (std::exp(-0.5) * drawn.value).cwiseMax(0.5 * (drawn.value + drawn.fixed));
        s.outcome = Bounded(draft_.efficiency, lowest_efficiency, highest_efficiency, tied());
        const VectorXd nqp = s.indices()[0];
        for (const auto& column : published_columns()) s.regressions.push_back(regression(column, nqp));
        std::vector<char> lagged;
        for (Index r = 0; r < draft_.rows(); ++r) lagged.push_back(r % draft_.periods > 0 ? 1 : 0);
        s.instrumented.emplace(city_, year_, lagged);
        s.instrumented_controls = picked(*s.instrumented, controls_);
        s.with_moments = true;
        return s;
    }

    /// The halves below and above the median, which move with the index.
    void renew_halves(Solver& s) const {
        const VectorXd nqp = s.indices()[0];
        for (std::size_t k = 0; k < s.regressions.size(); ++k) {
            const auto& column = published_columns()[k];
            if (column.sample == Sample::low_nqp || column.sample == Sample::high_nqp) {
                s.regressions[k] = regression(column, nqp);
            }
        }
    }

    /// One mediator on nqp and the controls.
    [[nodiscard]] Solver mediator(const Solver& main, std::size_t k) const {
        const PublishedMediator& aim = published_mediators()[k];
        const VectorXd start = draft_.mediator.col(static_cast<Index>(k));
        std::array<double, 2> bounds{};
        (void)winsorised(start, 1, &bounds);
        Solver s;
        s.sub_index = s.least = s.most = main.sub_index;
        s.part = main.part;
        s.outcome = Bounded(start, bounds[0], bounds[1], tied());
        s.index_trust = 0;
        Regression r{effects(Sample::all, s.indices()[0]), 0, controls_, {}, {aim.nqp}, aim.adjusted_r2};
        r.controls_within = residuals(r.effects, r.controls);
        r.constant = aim.constant;
        r.constant_unit = aim.nqp.std_error;
        s.regressions.push_back(std::move(r));
        return s;
    }

  private:
    /// Rows at each bound after winsorising at 1 %.
    [[nodiscard]] Index tied() const {
        return static_cast<Index>(std::ceil(0.01 * static_cast<double>(draft_.rows())));
    }

    const Draft& draft_;
    std::vector<int> city_, year_, province_year_;
    MatrixXd controls_;
};

/// Tells what the seed could not take. The bounds are those of the published figures' own precision: about a
/// tenth of a standard error for the coefficients in question, half of one for controls, a fifth for standard
/// errors.
void report(Draft& draft, const Solver& solver, const char* what) {
    const auto [coefficient, std_error] = solver.worst();
    if (coefficient < 0.55 && std_error < 0.2) return;
    draft.warnings.push_back(
        fmt::format("with seed {} the {} does not take all published figures: coefficients are up to {:.2f} "
                    "standard errors off, standard errors up to {:.0f} %",
                    draft.settings.seed, what, coefficient, 100 * (std::exp(std_error) - 1)));
}

/// Both halves of the published median split lose singletons: 1452 - 1444 cities once low, 1452 - 1440 once
/// high.
void set_halves(Solver& s, Index periods) {
    const VectorXd factor = median_factors(s.indices()[0], periods, 8, 12);
    s.sub_index = factor.asDiagonal() * s.sub_index;
}

/// The digital finance index is mediator and indicator at once.
void set_digital_finance(Draft& draft, const Study& study, const Solver& main) {
    Solver s = study.mediator(main, finance);
    s.run(steps_mediator);
    draft.mediator.col(finance) =
        s.outcome.with_tails(s.outcome.value().minCoeff() - 0.05, s.outcome.value().maxCoeff() + 0.05);
    const VectorXd v = draft.mediator.col(finance);
    draft.indicator.col(digital_finance) = (v.array() - v.minCoeff()) / (v.maxCoeff() - v.minCoeff());
}

/// Efficiencies that inputs can follow: rows where they cannot are fixed at what they reach, and the others
/// take the rest of the published figures.
void set_efficiency(Draft& draft, Solver& main) {
    for (int round = 0; round < 5; ++round) {
        draft.efficiency = main.outcome.with_tails(0.016, 0.75);
        const VectorXd achieved = invert(draft).achieved;
        bool changed = false;
        for (Index r = 0; r < draft.rows(); ++r) {
            if (achieved(r) == draft.efficiency(r)) continue;
            changed = true;
            // A little further than needed, because the bad outputs change with the efficiency.
            const double to = draft.efficiency(r) + 1.2 * (achieved(r) - draft.efficiency(r));
            if (main.outcome.inside(r) || main.outcome.fixed(r)) main.outcome.fix(r, to);
        }
        if (!changed) return;
        main.run(steps_again);
    }
    draft.warnings.push_back(
        fmt::format("with seed {} some cities change their efficiency faster than their capital can follow",
                    draft.settings.seed));
}

}  // namespace

void calibrate(Draft& draft) {
    const Study study(draft);
    const VectorXd divergence = indicator_divergence(draft);
    Solver main = study.solver();
    for (int k = 0; k < steps_together; k += steps_between_samples) {
        study.renew_halves(main);
        main.run(steps_between_samples);
    }
    // The indicators take the sub-indices; their weights then say what nqp is made of, and the equations are
    // solved again for that sum.
    for (int round = 0; round < 3; ++round) {
        set_digital_finance(draft, study, main);
        main.part = realise_indices(draft, main.sub_index, divergence);
        study.renew_halves(main);
        main.run(steps_again);
    }
    for (int round = 0; round < 5; ++round) {
        set_halves(main, draft.periods);
        set_digital_finance(draft, study, main);
        main.part = realise_indices(draft, main.sub_index, round == 0 ? divergence : VectorXd());
    }
    main.index_trust = 0;
    study.renew_halves(main);
    main.run(steps_outcome);
    std::vector<Solver> mediator(n_mediators);
    every_index(n_mediators, [&](std::int64_t i) {
        const auto k = static_cast<std::size_t>(i);
        mediator[k] = study.mediator(main, k);
        if (k != finance) mediator[k].run(steps_mediator);
    });
    for (std::size_t k = 0; k < n_mediators; ++k) {
        const Solver& s = mediator[k];
        report(draft, s, mediator_names[k]);
        if (k == finance) continue;  // it is an indicator by now
        const VectorXd& v = s.outcome.value();
        const double low = v.minCoeff(), high = v.maxCoeff();
        draft.mediator.col(static_cast<Index>(k)) =
            s.outcome.with_tails(low - 0.15 * (low > 1 ? 1 : low), high * 1.1);
    }
    set_efficiency(draft, main);
    report(draft, main, "efficiency");
    realise_digital(draft);
}

}  // namespace greenfront::synth
