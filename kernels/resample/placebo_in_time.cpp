#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "kernels/error.hpp"
#include "kernels/panel/sample.hpp"
#include "kernels/resample/placebo.hpp"

namespace greenfront::resample {
namespace {

using Eigen::Index;
using Eigen::VectorXd;

constexpr double nan = std::numeric_limits<double>::quiet_NaN();
constexpr std::int32_t never = std::numeric_limits<std::int32_t>::max();

std::string label(const panel::Factor& factor, std::int32_t code) {
    const auto c = static_cast<std::size_t>(code);
    return factor.name + " " + (c < factor.level_name.size() ? factor.level_name[c] : std::to_string(code));
}

/// First period with the treatment, of each unit.
struct Adoption {
    std::vector<std::int32_t> first;
    std::int32_t last = -1;  ///< the latest adoption after a period without the treatment
};

Adoption adoption(const VectorXd& x, const panel::Factor& unit, const panel::Factor& time,
                  const std::string& treatment) {
    Adoption result;
    result.first.assign(static_cast<std::size_t>(unit.levels), never);
    std::vector<char> waited(result.first.size(), 0);
    for (std::size_t i = 0; i < unit.code.size(); ++i) {
        const double value = x(static_cast<Index>(i));
        if (value != 0 && value != 1) {
            throw Error(
                Fault::data,
                fmt::format("the treatment \"{}\" is {:g} in {}, {}; a placebo in time needs one that "
                            "is 0 before a unit adopts it and 1 from then on",
                            treatment, value, label(unit, unit.code[i]), label(time, time.code[i])));
        }
        auto& first = result.first[static_cast<std::size_t>(unit.code[i])];
        if (value == 1) first = std::min(first, time.code[i]);
    }
    for (std::size_t i = 0; i < unit.code.size(); ++i) {
        const auto u = static_cast<std::size_t>(unit.code[i]);
        if (x(static_cast<Index>(i)) == 1) continue;
        if (time.code[i] > result.first[u]) {
            throw Error(Fault::data,
                        fmt::format("the treatment \"{}\" of {} is on before {} and off then; a "
                                    "placebo in time needs one that stays on",
                                    treatment, label(unit, unit.code[i]), label(time, time.code[i])));
        }
        waited[u] = 1;
    }
    for (std::size_t u = 0; u < waited.size(); ++u) {
        if (waited[u] != 0 && result.first[u] != never) result.last = std::max(result.last, result.first[u]);
    }
    if (result.last < 0) {
        throw Error(Fault::data,
                    fmt::format("no unit is seen before it adopts the treatment \"{}\", so there "
                                "is no time in which it could be a placebo",
                                treatment));
    }
    return result;
}

void fit_lead(const panel::Design& design, const panel::Options& options, Index treatment,
              const VectorXd& fake, Index at, PlaceboDraws& result) {
    panel::Design placebo = design;
    placebo.X.col(treatment) = fake;
    Infeasible reason = Infeasible::no_fit;
    result.draw(at) = result.draw_std_error(at) = result.draw_df(at) = nan;
    try {
        const panel::Fit fit = panel::fit(placebo, options);
        reason = Infeasible::collinear;
        for (const auto& omitted : fit.omitted) {
            if (omitted.name == placebo.x_name[static_cast<std::size_t>(treatment)] &&
                omitted.reason.starts_with("absorbed"))
                reason = Infeasible::absorbed;
        }
        for (const auto& term : fit.terms) {
            if (term.name != placebo.x_name[static_cast<std::size_t>(treatment)]) continue;
            result.draw(at) = term.estimate;
            result.draw_std_error(at) = term.std_error;
            result.draw_df(at) = fit.df_residual;
            reason = std::isnan(term.std_error) ? Infeasible::no_std_error : Infeasible::none;
        }
    } catch (const Error& error) {
        // These rows alone carry no estimate; an impossible request would have stopped the sample.
        if (error.fault() != Fault::data) throw;
    }
    result.draw_statistic(at) = result.draw(at) / result.draw_std_error(at);
    result.reason.push_back(reason);
    result.status.push_back(std::isnan(result.draw(at)) ? Status::undefined : Status::optimal);
}

Index column_of(const panel::Design& design, const std::string& treatment) {
    const auto at = std::find(design.x_name.begin(), design.x_name.end(), treatment);
    if (at == design.x_name.end()) {
        throw Error(Fault::usage,
                    fmt::format("the treatment \"{}\" is not a regressor of the formula; its terms are: {}",
                                treatment, fmt::join(design.x_name, ", ")));
    }
    return at - design.x_name.begin();
}

}  // namespace

PlaceboDraws placebo_in_time(const panel::Design& design, const panel::Options& options,
                             const panel::Factor& unit, const panel::Factor& time,
                             const PlaceboOptions& placebo) {
    if (design.endogenous.cols() > 0) {
        throw Error(Fault::usage,
                    "a placebo in time is for formulas without the part \"| endogenous ~ instruments\"");
    }
    if (!placebo.keep) {
        throw Error(
            Fault::usage,
            "the placebo in time has one draw a lead, and each of them says something; they are kept");
    }
    const Index treatment = column_of(design, placebo.treatment);
    PlaceboDraws result;
    const panel::Fit fit = panel::fit(design, options);
    const auto term = std::find_if(fit.terms.begin(), fit.terms.end(),
                                   [&](const auto& t) { return t.name == placebo.treatment; });
    if (term == fit.terms.end()) {
        throw Error(Fault::data,
                    fmt::format("the treatment \"{}\" has no coefficient: it is omitted", placebo.treatment));
    }
    result.estimate = term->estimate;
    result.std_error = term->std_error;
    result.statistic = term->statistic;
    result.df = fit.df_residual;
    result.literal = true;

    const Adoption adopted = adoption(design.X.col(treatment), unit, time, placebo.treatment);
    std::vector<std::int64_t> rows;
    std::int32_t leads = 0;  // up to the first row of a unit that will adopt
    for (std::size_t i = 0; i < unit.code.size(); ++i) {
        if (design.X(static_cast<Index>(i), treatment) != 0 || time.code[i] >= adopted.last) continue;
        rows.push_back(static_cast<std::int64_t>(i));
        const auto first = adopted.first[static_cast<std::size_t>(unit.code[i])];
        if (first != never) leads = std::max(leads, first - time.code[i] - 1);
    }
    if (leads < 1) {
        throw Error(Fault::data,
                    fmt::format("no unit has two periods before it adopts the treatment \"{}\", so no fake "
                                "adoption leaves a period before it",
                                placebo.treatment));
    }
    const panel::Design before = panel::take_rows(design, rows);
    for (auto* column : {&result.draw, &result.draw_std_error, &result.draw_statistic, &result.draw_df})
        column->resize(leads);
    for (std::int32_t lead = 1; lead <= leads; ++lead) {
        VectorXd fake(static_cast<Index>(rows.size()));
        for (std::size_t i = 0; i < rows.size(); ++i) {
            const auto row = static_cast<std::size_t>(rows[i]);
            const auto first = adopted.first[static_cast<std::size_t>(unit.code[row])];
            fake(static_cast<Index>(i)) = first != never && time.code[row] >= first - lead ? 1 : 0;
        }
        result.lead.push_back(lead);
        fit_lead(before, options, treatment, fake, lead - 1, result);
    }
    for (std::size_t r = 0; r < result.reason.size(); ++r)
        result.left_out.add(static_cast<std::int64_t>(r), result.reason[r]);
    result.units = unit.levels;
    result.items = static_cast<std::int64_t>(rows.size());
    result.arrangements = std::numeric_limits<double>::infinity();
    PermutationRule rule;
    rule.ties = placebo.coefficient ? TieRule::coefficient : TieRule::t;
    rule.arrangements = result.arrangements;
    rule.drawn = false;
    result.test = permutation_test(placebo.coefficient ? result.estimate : result.statistic,
                                   placebo.coefficient ? result.draw : result.draw_statistic, rule);
    return result;
}

}  // namespace greenfront::resample
