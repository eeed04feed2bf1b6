#include "engine/efficiency.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>

namespace greenfront {
namespace {

constexpr double nan = std::numeric_limits<double>::quiet_NaN();
/// Two bads whose columns differ from proportional by less (relative) decide a weakly disposable score by
/// their last digits.
constexpr double collinear = 1e-9;

using dea::Model;

/// rho first, then delta for the rows where rho is 1.
void combine(const Panel& evaluated, const Panel& reference, const DeaChoice& choice,
             const std::vector<ReferenceGroup>& groups, Efficiency& result) {
    dea::Settings settings = choice.settings;
    settings.super = false;
    result.scores = score_rows(evaluated, reference, choice.variables, groups, settings);
    result.rho = result.scores.score;
    std::vector<ReferenceGroup> efficient;
    for (const auto& group : groups) {
        ReferenceGroup part;
        for (std::size_t j = 0; j < group.evaluated_rows.size(); ++j) {
            const std::size_t row = group.evaluated_rows[j];
            if (!(result.rho[row] >= 1 - efficiency_tolerance)) continue;
            result.expanded[row] = 1;
            part.evaluated_rows.push_back(row);
            part.self.push_back(group.self[j]);
            part.left_out.push_back(group.left_out[j]);
        }
        if (part.evaluated_rows.empty()) continue;
        part.reference_rows = group.reference_rows;
        efficient.push_back(std::move(part));
    }
    const RowScores super = score_rows(evaluated, reference, choice.variables, efficient, choice.settings);
    result.delta = super.score;
    result.scores.replace(super, result.expanded);
}

/// Directions by Fare, Grosskopf and Lovell: where nirs gives the vrs score, returns decrease.
std::int8_t direction_of(double crs, double vrs, double nirs) {
    const auto same = [](double a, double b) {
        return std::fabs(a - b) <= efficiency_tolerance * std::max(1.0, std::fabs(a));
    };
    if (same(crs, vrs)) return 1;
    return same(nirs, vrs) ? 2 : 0;
}

ScaleEfficiency scale_efficiency(const Panel& evaluated, const Panel& reference, const DeaChoice& choice,
                                 const std::vector<ReferenceGroup>& groups, RowScores& main) {
    ScaleEfficiency scale;
    const auto under = [&](dea::Returns returns) {
        if (returns == choice.settings.returns) return main.score;
        dea::Settings settings = choice.settings;
        settings.returns = returns;
        settings.slacks = false;
        scale.programs.emplace_back(returns,
                                    score_rows(evaluated, reference, choice.variables, groups, settings));
        main.add_work(scale.programs.back().second);
        return scale.programs.back().second.score;
    };
    scale.crs = under(dea::Returns::crs);
    scale.vrs = under(dea::Returns::vrs);
    scale.nirs = under(dea::Returns::nirs);
    const bool above_one =
        choice.settings.model == Model::radial && choice.settings.orientation == dea::Orientation::output;
    for (std::size_t r = 0; r < scale.crs.size(); ++r) {
        const double crs = scale.crs[r], vrs = scale.vrs[r], nirs = scale.nirs[r];
        const bool all = !std::isnan(crs) && !std::isnan(vrs) && !std::isnan(nirs);
        scale.ratio.push_back(all ? std::min(1.0, above_one ? vrs / crs : crs / vrs) : nan);
        scale.direction.push_back(all ? direction_of(crs, vrs, nirs) : std::int8_t{-1});
    }
    return scale;
}

/// |b - c a| / |b| for the best c, over the reference rows; 1 where a column is zero throughout.
double angle(const std::vector<double>& a, const std::vector<double>& b,
             const std::vector<std::size_t>& rows) {
    const auto largest = [&](const std::vector<double>& column) {
        double most = 0;
        for (const std::size_t r : rows) most = std::max(most, column[r]);
        return most;
    };
    const double a_unit = largest(a), b_unit = largest(b);
    if (!(a_unit > 0 && b_unit > 0)) return 1;
    double ab = 0, aa = 0, bb = 0, rest = 0;
    for (const std::size_t r : rows) {
        ab += a[r] / a_unit * (b[r] / b_unit);
        aa += a[r] / a_unit * (a[r] / a_unit);
        bb += b[r] / b_unit * (b[r] / b_unit);
    }
    for (const std::size_t r : rows) {
        const double off = b[r] / b_unit - ab / aa * (a[r] / a_unit);
        rest += off * off;
    }
    return std::sqrt(rest / bb);
}

void warn_of_missing_references(const std::vector<ReferenceGroup>& groups,
                                std::vector<std::string>& warnings) {
    std::size_t rows = 0;
    for (const auto& group : groups) {
        if (group.reference_rows.empty()) rows += group.evaluated_rows.size();
    }
    if (rows > 0)
        warnings.push_back(
            fmt::format("{} rows have no reference row in their periods; they are undefined", rows));
}

double pull(const DirectionChoice& choice, std::size_t i, double value) {
    switch (choice.direction.kind) {
        case dea::Direction::Kind::zeros:
            return 0;
        case dea::Direction::Kind::observed:
            return value;
        case dea::Direction::Kind::given:
            return choice.direction.given[static_cast<Eigen::Index>(i)];
    }
    return nan;
}

/// Group (inputs, goods, bads) and position in it.
std::pair<std::size_t, std::size_t> group_of(const DeaVariables& v, std::size_t variable) {
    if (variable < v.inputs.size()) return {0, variable};
    if (v.is_good(variable)) return {1, variable - v.inputs.size()};
    return {2, variable - v.inputs.size() - v.good.size()};
}

/// Cost, revenue: sums lambda times the reference's quantity in place of the chosen variables.
void put_optimal_quantities(const Panel& reference, const DeaChoice& choice, const RowScores& scores,
                            Eigen::MatrixXd& target) {
    const auto names = choice.variables.all();
    for (std::size_t v = 0; v < names.size(); ++v) {
        const bool chosen = choice.settings.model == Model::cost ? v < choice.variables.inputs.size()
                                                                 : choice.variables.is_good(v);
        if (!chosen) continue;
        const auto& column = reference.number(names[v]);
        const auto i = static_cast<Eigen::Index>(v);
        for (Eigen::Index j = 0; j < target.cols(); ++j) target(i, j) = std::isnan(target(i, j)) ? nan : 0;
        for (const PeerEntry& peer : scores.peers)
            target(i, static_cast<Eigen::Index>(peer.row)) += peer.lambda * column[peer.peer_row];
    }
}

}  // namespace

void warn_of_collinear_bads(const Panel& reference, const DeaChoice& choice,
                            const std::vector<ReferenceGroup>& groups, std::vector<std::string>& warnings) {
    const auto& bad = choice.variables.bad;
    if (choice.settings.disposability == dea::Disposability::strong) return;
    for (std::size_t i = 0; i < bad.size(); ++i) {
        for (std::size_t j = i + 1; j < bad.size(); ++j) {
            std::size_t sets = 0;
            for (const auto& group : groups) {
                const auto& rows = group.reference_rows;  // two rows or fewer say nothing about columns
                sets += rows.size() > 2 &&
                        angle(reference.number(bad[i]), reference.number(bad[j]), rows) <= collinear;
            }
            if (sets == 0) continue;
            warnings.push_back(fmt::format(
                "ill-conditioned: bad outputs {} and {} are collinear in {} of {} reference sets; under "
                "weak disposability scores hang on their last digits, leave one of the two out",
                bad[i], bad[j], sets, groups.size()));
        }
    }
}

std::vector<ReferenceGroup> groups_of(const DeaChoice& choice, const Panel& panel,
                                      const std::vector<char>& usable, const Panel* other, Fault fault) {
    auto groups = other == nullptr ? reference_groups(panel, usable, choice.reference, fault)
                                   : reference_groups(panel, usable, *other,
                                                      usable_rows(*other, choice.variables.amounts(), {}),
                                                      choice.reference, fault);
    if (choice.settings.super) leave_out(groups, panel, other == nullptr ? panel : *other, choice.leave_unit);
    return groups;
}

Efficiency analyse(const Panel& evaluated, const Panel& reference, const DeaChoice& choice,
                   const std::vector<ReferenceGroup>& groups) {
    Efficiency result;
    result.expanded.assign(evaluated.rows(), choice.super_sbm() && !choice.combine ? 1 : 0);
    if (choice.combine) {
        combine(evaluated, reference, choice, groups, result);
    } else {
        result.scores = score_rows(evaluated, reference, choice.variables, groups, choice.settings);
    }
    if (choice.scale_efficiency)
        result.scale = scale_efficiency(evaluated, reference, choice, groups, result.scores);
    if (!choice.groups.empty()) {
        result.meta = metafrontier(evaluated, choice, groups, result.scores);
        result.scores.add_work(result.meta->own);
        if (result.meta->rows_without > 0)
            result.warnings.push_back(fmt::format("{} rows have no value of {}; they have no technology gap",
                                                  result.meta->rows_without, choice.groups));
    }
    warn_of_collinear_bads(reference, choice, groups, result.warnings);
    warn_of_missing_references(groups, result.warnings);
    return result;
}

Eigen::MatrixXd targets(const Panel& evaluated, const Panel& reference, const DeaChoice& choice,
                        const Efficiency& result) {
    const DeaVariables& variables = choice.variables;
    const RowScores& scores = result.scores;
    const auto names = variables.all();
    const Model model = choice.settings.model;
    const bool scales = model == Model::radial || model == Model::fdh;
    const bool contracts = choice.settings.orientation == dea::Orientation::input;
    Eigen::MatrixXd target(scores.slack.rows(), scores.slack.cols());
    for (std::size_t v = 0; v < names.size(); ++v) {
        const auto& column = evaluated.number(names[v]);
        const auto [group, position] = group_of(variables, v);
        const bool input = group == 0 || (group == 2 && variables.bads_as_inputs);
        const bool scaled = scales && (contracts ? input : group == 1);
        for (std::size_t r = 0; r < evaluated.rows(); ++r) {
            const auto i = static_cast<Eigen::Index>(v), j = static_cast<Eigen::Index>(r);
            double value = scaled ? scores.score[r] * column[r] : column[r];
            const double better = (group == 1) != (result.expanded[r] != 0) ? 1 : -1;
            if (model == Model::ddf)
                value += better * scores.score[r] * pull(choice.directions[group], position, column[r]);
            if (model == Model::nddf)
                value += better * scores.beta(i, j) * pull(choice.directions[group], position, column[r]);
            if (model != Model::nddf && !std::isnan(scores.slack(i, j))) value += better * scores.slack(i, j);
            target(i, j) = std::isnan(scores.score[r]) ? nan : value;
        }
    }
    if (!variables.prices.empty()) put_optimal_quantities(reference, choice, scores, target);
    return target;
}

Eigen::MatrixXd shadow_prices(const DeaVariables& variables, const RowScores& scores) {
    const auto s2 = static_cast<Eigen::Index>(variables.bad.size());
    const auto good = static_cast<Eigen::Index>(variables.inputs.size());
    const Eigen::Index first = good + static_cast<Eigen::Index>(variables.good.size());
    Eigen::MatrixXd prices(s2, scores.multiplier.cols());
    for (Eigen::Index j = 0; j < prices.cols(); ++j) {
        const double good_price = scores.multiplier(good, j);
        for (Eigen::Index k = 0; k < s2; ++k)
            prices(k, j) = good_price == 0 ? nan : scores.multiplier(first + k, j) / good_price;
    }
    return prices;
}

}  // namespace greenfront
