#include <fmt/format.h>

#include <cmath>

#include "engine/columns.hpp"
#include "engine/scoring.hpp"
#include "engine/stages/stages.hpp"
#include "scenarios/expression.hpp"

namespace greenfront::stages {
namespace {

using Row = std::vector<double>;

void describe_settings(ResultGroup& group, const DeaStage& stage, const greenfront::dea::Settings& settings) {
    group.attributes = {{"model", greenfront::name(settings.model)},
                        {"orientation", greenfront::name(settings.orientation)},
                        {"returns", greenfront::name(settings.returns)},
                        {"reference", stage.reference},
                        {"convention", std::string("farrell")},
                        {"where", stage.where},
                        {"inputs", stage.inputs},
                        {"good", stage.good},
                        {"bad", stage.bad}};
    if (settings.model == greenfront::dea::Model::sbm) {
        const std::size_t m = stage.inputs.size(), s = stage.good.size() + stage.bad.size();
        group.attributes.emplace_back("weights_inputs", stage.weights_inputs.empty()
                                                            ? Row(m, 1.0 / static_cast<double>(m))
                                                            : stage.weights_inputs);
        group.attributes.emplace_back("weights_outputs", stage.weights_outputs.empty()
                                                             ? Row(s, 1.0 / static_cast<double>(s))
                                                             : stage.weights_outputs);
    }
}

void describe_work(ResultGroup& group, const RowScores& scores, std::int64_t scored, std::int64_t left_out) {
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

void store_peers(ResultGroup& group, const Panel& panel, const std::vector<PeerEntry>& peers) {
    std::vector<std::int64_t> of_unit, of_time, unit, time;
    std::vector<double> lambda;
    for (const auto& entry : peers) {
        of_unit.push_back(panel.unit[entry.row]);
        of_time.push_back(panel.time[entry.row]);
        unit.push_back(panel.unit[entry.peer_row]);
        time.push_back(panel.time[entry.peer_row]);
        lambda.push_back(entry.lambda);
    }
    const std::size_t n = peers.size();
    group.variables.push_back(counter("peer_entry", n, 0));
    group.variables.push_back(integers("peer_of_unit", "peer_entry", std::move(of_unit),
                                       "position on the scale unit of the scored unit"));
    group.variables.push_back(integers("peer_of_time", "peer_entry", std::move(of_time),
                                       "position on the scale time of the scored unit"));
    group.variables.push_back(
        integers("peer_unit", "peer_entry", std::move(unit), "position on the scale unit of the peer"));
    group.variables.push_back(
        integers("peer_time", "peer_entry", std::move(time), "position on the scale time of the peer"));
    group.variables.push_back(
        numbers("lambda", {"peer_entry"}, {n}, std::move(lambda), "intensity of the peer"));
}

}  // namespace

greenfront::dea::Settings dea_settings(const DeaStage& stage) {
    greenfront::dea::Settings settings;
    settings.model = parse_model(stage.model, Fault::study);
    settings.orientation = parse_orientation(stage.orientation, settings.model, Fault::study);
    settings.returns = parse_returns(stage.returns, Fault::study);
    settings.slacks = stage.slacks;
    const auto weights = [](const Row& given, std::size_t count, const char* key) -> Eigen::VectorXd {
        if (!given.empty() && given.size() != count) {
            throw Error(Fault::study, std::string(key) + ": " + std::to_string(given.size()) +
                                          " weights for " + std::to_string(count) + " variables");
        }
        double sum = 0;
        for (const double weight : given) {
            sum += weight;
            if (!(weight >= 0)) throw Error(Fault::study, std::string(key) + ": a weight is negative");
        }
        if (!given.empty() && std::fabs(sum - 1) > 1e-9) {
            throw Error(Fault::study,
                        fmt::format("{}: the weights add up to {}; they must add up to 1", key, sum));
        }
        return Eigen::Map<const Eigen::VectorXd>(given.data(), static_cast<Eigen::Index>(given.size()));
    };
    settings.input_weights = weights(stage.weights_inputs, stage.inputs.size(), "weights_inputs");
    settings.output_weights =
        weights(stage.weights_outputs, stage.good.size() + stage.bad.size(), "weights_outputs");
    return settings;
}

void dea(Workspace& workspace, const std::string& name, const DeaStage& stage) {
    Panel& panel = workspace.prepared.panel;
    const DeaVariables variables{stage.inputs, stage.good, stage.bad};
    check_roles(variables, Fault::study);
    DeaOutcome& outcome = workspace.dea.add(name);
    outcome.settings = dea_settings(stage);
    outcome.usable = usable_rows(panel, variables, select(stage.where, panel, Fault::study));
    outcome.groups = reference_groups(panel, outcome.usable, stage.reference, Fault::study);
    const RowScores scores = score_rows(panel, panel, variables, outcome.groups, outcome.settings);
    outcome.score = scores.score;
    outcome.status = scores.status;

    std::int64_t scored = 0;
    for (std::size_t r = 0; r < panel.rows(); ++r) {
        scored += outcome.usable[r];
        workspace.failed += outcome.usable[r] && scores.status[r] == Status::failed;
    }
    const std::vector<std::string> grid{"unit", "time"};
    const std::vector<std::size_t> shape{panel.unit_name.size(), panel.time_value.size()};
    std::vector<Status> status(shape[0] * shape[1], Status::undefined);
    std::vector<char> present(status.size(), 0);
    for (std::size_t r = 0; r < panel.rows(); ++r) {
        const std::size_t cell =
            static_cast<std::size_t>(panel.unit[r]) * shape[1] + static_cast<std::size_t>(panel.time[r]);
        status[cell] = scores.status[r];
        present[cell] = 1;
    }
    ResultGroup& group = workspace.results.add("dea/" + name);
    describe_settings(group, stage, outcome.settings);
    describe_work(group, scores, scored, static_cast<std::int64_t>(panel.rows()) - scored);
    group.variables.push_back(scale("variable", variables.all()));
    group.variables.push_back(by_unit_time("score", panel, scores.score, "efficiency score"));
    group.variables.push_back(statuses("status", grid, shape, status, present));
    if (stage.slacks) {
        group.variables.push_back(
            by_unit_time("slack", panel, scores.slack, "variable", "slack", "units of the variable"));
        group.variables.push_back(
            by_unit_time("target", panel, targets(panel, variables, scores, outcome.settings), "variable",
                         "projection on the frontier", "units of the variable"));
    }
    const Eigen::Index v = scores.slack.rows();
    group.variables.push_back(by_unit_time("multiplier", panel, scores.multiplier.topRows(v), "variable",
                                           "dual value of the variable's row",
                                           "score per unit of the variable"));
    const Eigen::VectorXd returns = scores.multiplier.row(v);
    group.variables.push_back(by_unit_time("returns_multiplier", panel, to_vector(returns),
                                           "dual value of the returns-to-scale row"));
    if (stage.peers) store_peers(group, panel, scores.peers);
    panel.set_number(name, scores.score, "1");
}

}  // namespace greenfront::stages
