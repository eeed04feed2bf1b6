#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "engine/bootstrap_choice.hpp"
#include "engine/checker.hpp"
#include "engine/dea_choice.hpp"
#include "engine/scoring.hpp"
#include "engine/stages/stages.hpp"
#include "scenarios/expression.hpp"

namespace greenfront {

void Checker::sweep(const std::string& name, const SweepStage& stage) {
    const std::string key = "sweep." + name;
    const Study& study = workspace_.study;
    if (stage.dea.empty() && stage.regression.empty())
        complain(key, "no channel; name a dea stage, a regression, or both");
    if (!stage.dea.empty() && study.dea.find(stage.dea) == nullptr)
        unknown(key + ".dea", stage.dea, study.dea.names(), "dea");
    if (const auto* dea = study.dea.find(stage.dea)) attempt(key + ".dea", [&] { frontier(stage, *dea); });
    if (!stage.regression.empty()) {
        if (const auto* regression = named_regression(key, stage.regression))
            only_linear(key, *regression, "a sweep");
    }
    if (!stage.bootstrap.empty()) {
        const auto* bootstrap = study.bootstrap.find(stage.bootstrap);
        if (bootstrap == nullptr) {
            unknown(key + ".bootstrap", stage.bootstrap, study.bootstrap.names(), "bootstrap");
        } else if (bootstrap->regression != stage.regression) {
            complain(key + ".bootstrap",
                     fmt::format("bootstrap.{} resamples regression.{}, but the sweep uses regression.{}",
                                 stage.bootstrap, bootstrap->regression, stage.regression));
        } else if (!draws_coefficients(*bootstrap)) {
            complain(
                key + ".bootstrap",
                fmt::format("bootstrap.{} tests coefficients and draws none ({}); a sweep needs one with "
                            "method = \"pairs-cluster\", \"residual\" or \"moving-block\"",
                            stage.bootstrap, bootstrap->method));
        } else if (bootstrap->keep != "draws") {
            complain(key + ".bootstrap",
                     fmt::format("bootstrap.{} keeps quantiles only; a sweep carries every replicate on, so "
                                 "that it needs keep = \"draws\"",
                                 stage.bootstrap));
        }
    }
    if (!stage.group.empty()) attempt(key + ".group", [&] { (void)make_factor(stage.group, panel_); });
    attempt(key + ".levers", [&] {
        const auto design = stages::sweep_design(workspace_, stage);
        for (std::size_t l = 0; l < design.levers.size(); ++l) lever(key, stage, l, design.levers[l]);
    });
}

void Checker::frontier(const SweepStage& stage, const DeaStage& dea) {
    const auto settings = choose_dea(dea, Fault::study).settings;
    using enum dea::Model;
    const bool ratio = settings.model == radial || settings.model == sbm || settings.model == fdh ||
                       settings.model == cost || settings.model == revenue;
    const bool above_one = (settings.model == radial || settings.model == fdh) &&
                           settings.orientation == dea::Orientation::output;
    const bool own = dea.reference_panel.empty();
    if (ratio && !above_one && !settings.super && own) return;
    throw Error(Fault::study,
                fmt::format("dea.{} has scores that a sweep cannot compare (model {}, orientation {}{}{}); "
                            "it can use radial and fdh with orientation input, sbm, cost and revenue, "
                            "without super-efficiency and without a reference panel",
                            stage.dea, name(settings.model), name(settings.orientation),
                            settings.super ? ", super" : "", own ? "" : ", reference panel"));
}

void Checker::lever(const std::string& sweep_key, const SweepStage& stage, std::size_t position,
                    AppliedLever lever) {
    const std::string key = fmt::format("{}.levers.{} ({})", sweep_key, position, lever.lever.name);
    where(key, lever.where);
    for (const auto& column : columns_read(lever.where, panel_)) {
        if (!workspace_.panel().has(column)) lever.where.clear();
    }
    attempt(key, [&] {
        for (const double intensity : stage.levers[position].intensities) {
            lever.intensity = intensity;
            const Panel changed =
                apply_levers(workspace_.prepared.completed, workspace_.panel(), {lever}, nullptr);
            const auto* dea = workspace_.study.dea.find(stage.dea);
            if (dea != nullptr) never_negative(choose_dea(*dea, Fault::study).variables, changed, intensity);
        }
    });
}

void Checker::never_negative(const DeaVariables& variables, const Panel& changed, double intensity) {
    for (const auto& name : variables.columns()) {
        if (!changed.has(name)) continue;
        for (const double value : changed.number(name)) {
            if (value < 0) {
                throw Error(Fault::study,
                            fmt::format("intensity {} makes {} negative; efficiency needs amounts >= 0, "
                                        "choose a smaller intensity or per_unit",
                                        intensity, name));
            }
        }
    }
}

}  // namespace greenfront
