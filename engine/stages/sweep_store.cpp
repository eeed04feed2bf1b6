#include "engine/stages/sweep_store.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "engine/columns.hpp"
#include "kernels/stats/comparison.hpp"
#include "kernels/stats/sensitivity.hpp"

namespace greenfront::stages {
namespace {

using sweep::Field;
using sweep::Model;
using sweep::Records;

/// Scenarios up to which every pair is compared.
constexpr std::size_t most_paired = 64;

std::vector<double> column(const Records& records, const Field& field, std::size_t scenarios) {
    std::vector<double> values;
    values.reserve(scenarios * field.width);
    for (std::size_t s = 0; s < scenarios; ++s) {
        const auto part = records.of(s).subspan(field.offset, field.width);
        values.insert(values.end(), part.begin(), part.end());
    }
    return values;
}

void store_field(ResultGroup& group, const Records& records, const Field& field, std::size_t scenarios) {
    auto values = column(records, field, scenarios);
    if (field.whole) {
        std::vector<std::int64_t> whole(values.begin(), values.end());
        group.variables.push_back(integers(field.name, "scenario", std::move(whole), field.long_name));
        return;
    }
    std::vector<std::string> dims{"scenario"};
    std::vector<std::size_t> shape{scenarios};
    dims.insert(dims.end(), field.dims.begin(), field.dims.end());
    shape.insert(shape.end(), field.shape.begin(), field.shape.end());
    group.variables.push_back(numbers(field.name, std::move(dims), std::move(shape), std::move(values),
                                      field.long_name, field.units));
}

void store_scales(ResultGroup& group, const Model& model) {
    group.variables.push_back(scale("scenario", model.design.scenario));
    group.variables.push_back(scale("lever", model.design.lever_name));
    group.variables.push_back(
        matrix("intensity", {"scenario", "lever"}, model.design.intensity, "intensity", "unit of the lever"));
    if (!model.design.dimension.empty()) {
        group.variables.push_back(scale("dimension", model.design.dimension));
        group.variables.push_back(matrix("point", {"scenario", "dimension"}, model.design.point,
                                         "intensity of a lever or package of the design",
                                         "unit of the lever"));
    }
    if (model.grouped()) group.variables.push_back(scale("group", model.group_name));
    if (!model.variables.empty()) group.variables.push_back(scale("variable", model.variables));
    if (model.linear || model.frontier)
        group.variables.push_back(scale("measure", sweep::inequality_measures()));
    if (model.keeps_draws())
        group.variables.push_back(counter("replicate", static_cast<std::size_t>(model.replicates()), 1));
    if (model.frontier_replicates() > 0) {
        group.variables.push_back(
            counter("frontier_replicate", static_cast<std::size_t>(model.frontier_replicates()), 1));
    }
}

void store_baseline(ResultGroup& group, const Model& model, const char* channel,
                    const std::vector<double>& outcome) {
    const auto baseline = sweep::baseline_inequality(model, outcome);
    const std::string prefix = std::string("baseline_") + channel;
    group.variables.push_back(numbers(prefix + "_inequality", {"measure"}, {baseline.measures.size()},
                                      baseline.measures, "the same without a lever"));
    group.variables.push_back(numbers(prefix + "_sigma", {"time"}, {baseline.sigma.size()}, baseline.sigma,
                                      "the same without a lever"));
}

/// S x R of the stored draws.
Eigen::MatrixXd draws_of(const Model& model, const Records& records) {
    const auto& field = model.layout.fields()[model.fields.draw];
    const auto S = static_cast<Eigen::Index>(model.design.scenarios());
    Eigen::MatrixXd draws(S, static_cast<Eigen::Index>(field.width));
    for (Eigen::Index s = 0; s < S; ++s) {
        const auto part = records.of(static_cast<std::size_t>(s)).subspan(field.offset, field.width);
        draws.row(s) = Eigen::Map<const Eigen::RowVectorXd>(part.data(), draws.cols());
    }
    return draws;
}

void store_stability(ResultGroup& group, const Model& model, const Records& records) {
    const std::size_t S = model.design.scenarios();
    group.variables.push_back(numbers("probability_best", {"scenario"}, {S}, records.best_share,
                                      "share of replicates in which the scenario has the largest effect"));
    group.attributes.emplace_back("replicates_compared", records.best_used);
    if (!model.keeps_draws()) return;
    const Eigen::MatrixXd draws = draws_of(model, records);
    const auto stability = stats::rank_stability(draws);
    group.variables.push_back(numbers("rank_mean", {"scenario"}, {S}, to_vector(stability.mean),
                                      "mean of the scenario's rank over replicates"));
    group.variables.push_back(numbers("rank_sd", {"scenario"}, {S}, to_vector(stability.sd),
                                      "standard deviation of the rank over replicates"));
    if (S > most_paired) return;
    std::vector<double> mean, low, high, above;
    std::vector<std::int8_t> dominance;
    for (Eigen::Index a = 0; a < draws.rows(); ++a) {
        for (Eigen::Index b = 0; b < draws.rows(); ++b) {
            const Eigen::VectorXd first = draws.row(a), second = draws.row(b);
            const auto pair = stats::paired_difference(first, second, model.stage.confidence);
            mean.push_back(pair.mean);
            low.push_back(pair.low);
            high.push_back(pair.high);
            above.push_back(pair.probability);
            dominance.push_back(a == b ? std::int8_t{0}
                                       : static_cast<std::int8_t>(stats::dominance(first, second)));
        }
    }
    group.variables.push_back(scale("other", model.design.scenario));
    const auto pair = [&](const char* name, std::vector<double> values, const char* text) {
        group.variables.push_back(numbers(name, {"scenario", "other"}, {S, S}, std::move(values), text));
    };
    pair("difference", std::move(mean), "effect less that of the other scenario, mean over replicates");
    pair("difference_low", std::move(low), "paired percentile interval, low end");
    pair("difference_high", std::move(high), "paired percentile interval, high end");
    pair("probability_above", std::move(above), "share of replicates above the other, half of the ties");
    group.variables.push_back(categories("dominance", {"scenario", "other"}, {S, S}, std::move(dominance),
                                         {"none", "second", "first"},
                                         "order of stochastic dominance over the other scenario"));
}

/// Sobol' indices of the design's dimensions, for each effect.
void store_sensitivity(ResultGroup& group, const Model& model, const Records& records) {
    if (model.stage.design != "saltelli") return;
    const auto d = static_cast<Eigen::Index>(model.design.dimension.size());
    std::vector<std::string> outcomes;
    std::vector<double> first, first_error, total, total_error;
    const auto add = [&](const char* name) {
        const Field* field = model.layout.find(name);
        if (field == nullptr) return;
        const auto values = column(records, *field, model.design.scenarios());
        const auto indices = stats::sobol_indices(
            Eigen::Map<const Eigen::VectorXd>(values.data(), static_cast<Eigen::Index>(values.size())), d);
        outcomes.emplace_back(name);
        const auto append = [](std::vector<double>& to, const Eigen::VectorXd& from) {
            to.insert(to.end(), from.begin(), from.end());
        };
        append(first, indices.first);
        append(first_error, indices.first_std_error);
        append(total, indices.total);
        append(total_error, indices.total_std_error);
    };
    add("econometric_effect");
    add("frontier_effect");
    const std::size_t n = outcomes.size(), width = static_cast<std::size_t>(d);
    group.variables.push_back(scale("outcome", outcomes));
    const auto put = [&](const char* name, std::vector<double> values, const char* text) {
        group.variables.push_back(
            numbers(name, {"outcome", "dimension"}, {n, width}, std::move(values), text));
    };
    put("sobol_first", std::move(first), "share of the effect's variance by the lever alone");
    put("sobol_first_std_error", std::move(first_error), "its standard error over points");
    put("sobol_total", std::move(total), "share with all interactions of the lever");
    put("sobol_total_std_error", std::move(total_error), "its standard error over points");
}

/// "retrofit: Energy retrofit; intensity in % of energy; cost in million yuan"
std::string described(const Lever& lever) {
    std::string text = lever.name;
    if (!lever.title.empty()) text += ": " + lever.title;
    if (!lever.intensity_unit.empty()) text += "; intensity in " + lever.intensity_unit;
    if (lever.costed())
        text += "; cost in " + (lever.cost_unit.empty() ? "units not named" : lever.cost_unit);
    return text;
}

std::vector<std::string> assumptions(const Model& model) {
    std::vector<std::string> lines{
        "Projections from estimated associations, not causal effects: they hold if the coefficients do when "
        "the levers move the regressors.",
        fmt::format("Indices have {} normalisation and weights; scores are against the baseline technology.",
                    model.stage.indices == "baseline" ? "the baseline's" : "re-estimated")};
    if (!model.stage.types.empty())
        lines.emplace_back("A row has the coefficients of the type that it belongs to after the change.");
    lines.emplace_back(
        model.draws.empty()
            ? "Lever parameters are the study's or the catalogue's assumptions at their point values; "
              "intervals "
              "cover the sampling of coefficients only."
            : "Lever parameters are drawn from the distributions that the study or the catalogue assumes; "
              "intervals cover these and the sampling of coefficients.");
    return lines;
}

std::vector<double> ranking_effect(const Model& model, const Records& records) {
    const auto& field =
        model.layout.fields()[model.linear ? model.fields.total.value : model.fields.frontier];
    return column(records, field, model.design.scenarios());
}

}  // namespace

void store_sweep(Workspace& workspace, const std::string& name, const Model& model, const Records& records) {
    ResultGroup& group = workspace.results.add("sweep/" + name);
    const std::size_t S = model.design.scenarios();
    std::vector<std::string> levers;
    for (const auto& applied : model.design.levers) {
        const auto text = described(applied.lever);
        if (std::find(levers.begin(), levers.end(), text) == levers.end()) levers.push_back(text);
    }
    std::vector<std::string> uncosted;
    for (const auto& applied : model.design.levers) {
        const std::string& lever = applied.lever.name;
        if (!applied.lever.costed() && std::find(uncosted.begin(), uncosted.end(), lever) == uncosted.end())
            uncosted.push_back(lever);
    }
    std::vector<std::string> types;
    for (const auto& type : model.stage.types)
        types.push_back(fmt::format("{}: {}; regression {}", type.name, type.where, type.regression));
    group.attributes = {
        {"dea", model.stage.dea},
        {"regression", model.stage.regression},
        {"bootstrap", model.stage.bootstrap},
        {"mediation", model.stage.mediation},
        {"types", types},
        {"design", model.stage.design},
        {"outcome", model.linear ? model.linear->types().back().regression->design.y_name : model.stage.dea},
        {"group", model.stage.group},
        {"levers", levers},
        {"levers_without_cost", uncosted},
        {"frontier", model.frontier ? model.stage.frontier : std::string()},
        {"first_period", model.design.first_period},
        {"rows_averaged", model.rows_averaged()},
        {"replicates", model.replicates()},
        {"confidence", model.stage.confidence},
        {"uncertain_levers", std::int64_t{model.program.uncertain() ? 1 : 0}},
        {"assumptions", assumptions(model)}};
    store_scales(group, model);
    for (const auto& field : model.layout.fields()) store_field(group, records, field, S);
    if (model.linear) store_baseline(group, model, "econometric", model.linear->outcome());
    if (model.frontier) store_baseline(group, model, "frontier", model.frontier->score());
    const auto effect = ranking_effect(model, records);
    group.variables.push_back(integers("rank", "scenario", stats::ranks(effect), "1 is the largest effect"));
    if (model.program.costed()) {
        const auto efficient =
            stats::pareto_set(effect, column(records, model.layout.fields()[model.fields.cost], S));
        std::vector<std::int64_t> in(efficient.begin(), efficient.end());
        group.variables.push_back(
            integers("pareto", "scenario", std::move(in), "1: no other has more effect at no more cost"));
    }
    if (model.linear && model.replicates() > 0) store_stability(group, model, records);
    store_sensitivity(group, model, records);
}

}  // namespace greenfront::stages
