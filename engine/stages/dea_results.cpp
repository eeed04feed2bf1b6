#include "engine/stages/dea_results.hpp"

#include <algorithm>
#include <limits>

#include "engine/columns.hpp"
#include "engine/settings.hpp"

namespace greenfront::stages {
namespace {

using Row = std::vector<double>;

std::int64_t flag(bool value) {
    return value ? 1 : 0;
}

void store_settings(ResultGroup& group, const DeaStage& words, const DeaChoice& choice) {
    const auto& s = choice.settings;
    group.attributes = {
        {"model", greenfront::name(s.model)},
        {"orientation", greenfront::name(s.orientation)},
        {"returns", greenfront::name(s.returns)},
        {"disposability", greenfront::name(s.disposability)},
        {"reference", choice.reference},
        {"convention", std::string("farrell")},
        {"where", words.where},
        {"groups", choice.groups},
        {"inputs", words.inputs},
        {"good", words.good},
        {"bad", words.bad},
        {"prices", choice.variables.prices},
        {"bads_as_inputs", flag(choice.variables.bads_as_inputs)},
        {"zeros", words.zeros},
        {"slacks", flag(s.slacks)},
        {"slack_weights",
         std::string(s.slack_weights == greenfront::dea::SlackWeights::mean ? "mean" : "raw")},
        {"super", flag(s.super)},
        {"combine", flag(choice.combine)}};
    if (s.super) {
        group.attributes.emplace_back("super_leave", std::string(choice.leave_unit ? "unit" : "row"));
        if (choice.super_sbm() && s.orientation == greenfront::dea::Orientation::none &&
            !choice.variables.bad.empty()) {
            const bool numerator = s.super_bads == greenfront::dea::SuperBads::numerator;
            group.attributes.emplace_back("super_bads", std::string(numerator ? "numerator" : "denominator"));
        }
        if (choice.combine) group.attributes.emplace_back("efficiency_tolerance", efficiency_tolerance);
    }
}

void store_weights(ResultGroup& group, const DeaChoice& choice) {
    if (!choice.weights.empty()) group.attributes.emplace_back("weights", choice.weights);
    const Row& weights = choice.item_weights;
    if (!weights.empty()) group.attributes.emplace_back("item_weights", weights);
    if (choice.settings.model == greenfront::dea::Model::sbm) {
        const auto m = static_cast<std::ptrdiff_t>(choice.variables.inputs.size());
        group.attributes.emplace_back("weights_inputs", Row(weights.begin(), weights.begin() + m));
        group.attributes.emplace_back("weights_outputs", Row(weights.begin() + m, weights.end()));
    }
    if (!choice.directional()) return;
    const char* const keys[] = {"direction_inputs", "direction_good", "direction_bad"};
    for (std::size_t g = 0; g < 3; ++g) {
        const auto& [word, direction] = choice.directions[g];
        group.attributes.emplace_back(keys[g], word);
        if (direction.given.size() > 0)
            group.attributes.emplace_back(std::string(keys[g]) + "_values", to_vector(direction.given));
    }
}

void store_work(ResultGroup& group, const RowScores& scores, std::int64_t scored, std::int64_t left_out) {
    const auto& [programs, pivots, passes, fallbacks, zeros, frame] = scores.counters;
    group.attributes.insert(group.attributes.end(),
                            {{"rows_scored", scored},
                             {"rows_left_out", left_out},
                             {"programs", programs},
                             {"pivots", pivots},
                             {"pricing_passes", passes},
                             {"fallbacks", fallbacks},
                             {"zero_terms", zeros},
                             {"frame", frame},
                             {"min_reduced_cost", scores.certificate.min_reduced_cost},
                             {"primal_residual", scores.certificate.primal_residual},
                             {"gap", scores.certificate.gap}});
}

/// A category for each panel row as (unit, time); -1 where the panel has no such row.
Variable by_row(const std::string& name, const Panel& panel, const std::vector<std::int8_t>& values,
                const std::vector<std::string>& meanings, const std::string& long_name) {
    const std::size_t units = panel.unit_name.size(), periods = panel.time_value.size();
    std::vector<std::int8_t> grid(units * periods, -1);
    for (std::size_t r = 0; r < panel.rows(); ++r) {
        grid[static_cast<std::size_t>(panel.unit[r]) * periods + static_cast<std::size_t>(panel.time[r])] =
            values[r];
    }
    return categories(name, {"unit", "time"}, {units, periods}, std::move(grid), meanings, long_name);
}

/// The rows of a reference panel; peers are named by their position among them.
void store_reference(ResultGroup& group, const Panel& other, const std::vector<std::string>& names) {
    const std::size_t n = other.rows();
    std::vector<std::string> unit;
    std::vector<std::int64_t> time;
    Eigen::MatrixXd values(static_cast<Eigen::Index>(n), static_cast<Eigen::Index>(names.size()));
    for (std::size_t r = 0; r < n; ++r) {
        unit.push_back(other.unit_name[static_cast<std::size_t>(other.unit[r])]);
        time.push_back(other.time_value[static_cast<std::size_t>(other.time[r])]);
        for (std::size_t v = 0; v < names.size(); ++v)
            values(static_cast<Eigen::Index>(r), static_cast<Eigen::Index>(v)) = other.number(names[v])[r];
    }
    group.variables.push_back(counter("reference_row", n, 0));
    group.variables.push_back({"reference_unit",
                               {"reference_row"},
                               {n},
                               std::move(unit),
                               {{"long_name", std::string("unit of the reference panel's row")}}});
    group.variables.push_back(
        integers("reference_time", "reference_row", std::move(time), "period of the reference panel's row"));
    group.variables.push_back(matrix("reference_value", {"reference_row", "variable"}, values,
                                     "quantities of the reference panel", "units of the variable"));
}

void store_peers(ResultGroup& group, const Panel& panel, bool other, const DeaChoice& choice,
                 const std::vector<PeerEntry>& peers) {
    const std::size_t n = peers.size();
    const auto column = [&](const char* name, const char* text, auto&& value) {
        std::vector<std::int64_t> values;
        for (const auto& entry : peers) values.push_back(value(entry));
        group.variables.push_back(integers(name, "peer_entry", std::move(values), text));
    };
    group.variables.push_back(counter("peer_entry", n, 0));
    column("peer_of_unit", "position on the scale unit of the scored unit",
           [&](const PeerEntry& e) { return panel.unit[e.row]; });
    column("peer_of_time", "position on the scale time of the scored unit",
           [&](const PeerEntry& e) { return panel.time[e.row]; });
    if (other) {
        column("peer_row", "position on the scale reference_row of the peer",
               [](const PeerEntry& e) { return static_cast<std::int64_t>(e.peer_row); });
    } else {
        column("peer_unit", "position on the scale unit of the peer",
               [&](const PeerEntry& e) { return panel.unit[e.peer_row]; });
        column("peer_time", "position on the scale time of the peer",
               [&](const PeerEntry& e) { return panel.time[e.peer_row]; });
    }
    Row lambda, idle;
    for (const auto& entry : peers) {
        lambda.push_back(entry.lambda);
        idle.push_back(entry.idle);
    }
    group.variables.push_back(
        numbers("lambda", {"peer_entry"}, {n}, std::move(lambda), "intensity of the peer"));
    const auto& s = choice.settings;
    if (s.disposability == greenfront::dea::Disposability::weak &&
        s.returns == greenfront::dea::Returns::vrs) {
        group.variables.push_back(numbers("idle", {"peer_entry"}, {n}, std::move(idle),
                                          "second intensity of the peer, without its outputs (Kuosmanen)"));
    }
}

/// What the model has by variable.
void store_variables(ResultGroup& group, const Panel& panel, const Panel& reference, const DeaStage& words,
                     const DeaChoice& choice, const Efficiency& result) {
    using greenfront::dea::Model;
    const RowScores& scores = result.scores;
    const Model model = choice.settings.model;
    const auto add = [&](const char* name, const Eigen::MatrixXd& values, const char* long_name,
                         const char* units) {
        group.variables.push_back(by_unit_time(name, panel, values, "variable", long_name, units));
    };
    const bool second_stage = model == Model::radial || model == Model::ddf;
    if (scores.beta.size() > 0) add("beta", scores.beta, "step along the direction", "1");
    if (!second_stage || words.slacks)
        add("slack", scores.slack, choice.super_sbm() ? "slack or expansion" : "slack",
            "units of the variable");
    if (words.slacks)
        add("target", targets(panel, reference, choice, result), "projection on the frontier",
            "units of the variable");
    if (model == Model::fdh) return;  // not convex: no multipliers
    const Eigen::Index v = scores.slack.rows();
    add("multiplier", scores.multiplier.topRows(v), "dual value of the variable's row",
        "score per unit of the variable");
    if (!choice.variables.bad.empty()) {
        Eigen::MatrixXd shadow =
            Eigen::MatrixXd::Constant(v, scores.slack.cols(), std::numeric_limits<double>::quiet_NaN());
        shadow.bottomRows(static_cast<Eigen::Index>(choice.variables.bad.size())) =
            shadow_prices(choice.variables, scores);
        add("shadow_price", shadow, "marginal cost of the bad output in units of the first good output",
            "units of the good per unit of the bad");
    }
    const Eigen::VectorXd returns = scores.multiplier.row(v);
    group.variables.push_back(by_unit_time("returns_multiplier", panel, to_vector(returns),
                                           "dual value of the returns-to-scale row"));
}

void store_parts(ResultGroup& group, const Panel& panel, const DeaChoice& choice, const Efficiency& result) {
    const auto add = [&](const char* name, const Row& values, const char* long_name) {
        group.variables.push_back(by_unit_time(name, panel, values, long_name));
    };
    if (choice.combine) {
        add("rho", result.rho, "score without super-efficiency");
        add("delta", result.delta, "super-efficiency score of the efficient rows");
    }
    if (result.meta) {
        add("score_group", result.meta->own.score, "score among the rows of the same group");
        add("technology_gap", result.meta->gap, "efficiency against all groups over that within the group");
        std::vector<std::string> names = result.meta->group;  // a list of words in the file
        for (std::string& name : names) std::replace(name.begin(), name.end(), ' ', '_');
        group.variables.push_back(
            by_row("technology_group", panel, result.meta->code, names, "group of the row"));
    }
    if (!choice.scale_efficiency) return;
    add("score_crs", result.scale.crs, "score under constant returns to scale");
    add("score_vrs", result.scale.vrs, "score under variable returns to scale");
    add("score_nirs", result.scale.nirs, "score under non-increasing returns to scale");
    add("scale_efficiency", result.scale.ratio, "scale efficiency, crs over vrs");
    group.variables.push_back(by_row("returns_direction", panel, result.scale.direction, direction_names,
                                     "returns to scale at the row's projection"));
}

}  // namespace

void store_dea(ResultGroup& group, const Panel& panel, const Panel* other, const DeaStage& words,
               const DeaChoice& choice, const std::vector<char>& usable, const Efficiency& result) {
    const RowScores& scores = result.scores;
    std::vector<std::int8_t> status, used;
    for (std::size_t r = 0; r < panel.rows(); ++r) {
        status.push_back(static_cast<std::int8_t>(scores.status[r]));
        used.push_back(static_cast<std::int8_t>(usable[r]));
    }
    const auto scored = static_cast<std::int64_t>(std::count(used.begin(), used.end(), std::int8_t{1}));
    store_settings(group, words, choice);
    store_weights(group, choice);
    store_work(group, scores, scored, static_cast<std::int64_t>(panel.rows()) - scored);
    group.variables.push_back(scale("variable", choice.variables.all()));
    group.variables.push_back(by_unit_time("score", panel, scores.score, "efficiency score"));
    group.variables.push_back(by_row("status", panel, status, {status_names.begin(), status_names.end()},
                                     "how the unit of work ended"));
    group.variables.push_back(
        by_row("used", panel, used, {"no", "yes"}, "row is scored and belongs to reference sets"));
    group.variables.push_back(
        by_row("unique", panel, scores.unique, {"no", "yes"}, "no other optimum has this score"));
    store_variables(group, panel, other == nullptr ? panel : *other, words, choice, result);
    store_parts(group, panel, choice, result);
    if (other != nullptr) store_reference(group, *other, choice.variables.all());
    store_peers(group, panel, other != nullptr, choice, scores.peers);
}

}  // namespace greenfront::stages
