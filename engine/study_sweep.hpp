#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "engine/study_levers.hpp"

/// Sweeps of policy scenarios. Part of engine/study.hpp, which names the visitors.
namespace greenfront {

/// A lever or a package of a sweep: a dimension of its design.
struct SweepLever {
    std::string lever, package;       ///< one of the two
    std::vector<double> intensities;  ///< designs grid and one-at-a-time
    std::optional<double> low, high;  ///< designs that draw: instead of the lever's own range
    std::string where;
    Path path;
};
/// A lever or a package in one scenario of a list.
struct ScenarioLever {
    std::string lever, package;
    double intensity = 1;
    std::string where;
    Path path;
};
struct SweepScenario {
    std::string name;
    std::vector<ScenarioLever> levers;
};
/// Rows that have coefficients of their own.
struct SweepType {
    std::string name, where, regression, bootstrap;
};
struct SweepStage {
    std::string dea;         ///< frontier channel: a dea stage; empty: off
    std::string regression;  ///< econometric channel: a regression stage; empty: off
    std::string bootstrap;   ///< its replicates carry the uncertainty; empty: point effects only
    std::string mediation;   ///< instead of both: the equations of a mediation
    std::vector<SweepType> types;
    std::string design = "grid";
    std::int64_t points = 0;  ///< of designs that draw
    std::string group;        ///< column: outcomes also by group
    std::vector<std::string> outcomes;
    std::string frontier = "baseline", indices = "baseline", parameters = "drawn";
    std::int64_t replicates = 0;           ///< the first so many of the bootstrap; 0: all
    std::int64_t frontier_replicates = 0;  ///< of uncertain levers
    double confidence = 0.95;
    std::string keep = "draws";
    bool units = false;
    std::vector<SweepLever> levers;
    std::vector<SweepScenario> scenario;
};

template <class V>
void describe(SweepLever& l, V& v) {
    v.field("lever", l.lever, "name of a lever, of this study or of the catalogue");
    v.field("package", l.package, "instead: name of a package; its intensity multiplies those of its levers");
    v.field("intensities", l.intensities, "designs grid and one-at-a-time: the intensities to try");
    v.field("low", l.low, "designs that draw: low end instead of the lever's range");
    v.field("high", l.high, "designs that draw: high end instead of the lever's range");
    v.field("where", l.where, "expression: rows the lever acts on");
    v.table("path", l.path, "path over time");
}
template <class V>
void describe(ScenarioLever& l, V& v) {
    v.field("lever", l.lever, "name of a lever, of this study or of the catalogue");
    v.field("package", l.package, "instead: name of a package");
    v.field("intensity", l.intensity, "intensity of the lever, or multiple of the package's");
    v.field("where", l.where, "expression: rows the lever acts on");
    v.table("path", l.path, "path over time");
}
template <class V>
void describe(SweepScenario& s, V& v) {
    v.required("name", s.name, "name of the scenario");
    v.list("levers", s.levers, "what it does, in this order");
}
template <class V>
void describe(SweepType& t, V& v) {
    v.required("name", t.name, "name of the type");
    v.required(
        "where", t.where,
        "expression: rows of this type after the levers have acted; medians and the like are the baseline's");
    v.required("regression", t.regression, "regression stage with the coefficients of these rows");
    v.field("bootstrap", t.bootstrap, "its replicates, as many as the sweep's bootstrap has");
}
template <class V>
void describe(SweepStage& s, V& v) {
    v.field("dea", s.dea,
            "frontier channel: name of a dea stage (sbm, radial and fdh with orientation input, cost, "
            "revenue; not super)");
    v.field("regression", s.regression, "econometric channel: name of a regression stage");
    v.field("bootstrap", s.bootstrap, "bootstrap stage whose replicates carry the uncertainty");
    v.field("mediation", s.mediation,
            "mediation stage of the regression: effects also through its mediator, with its replicates");
    v.list("types", s.types, "rows with coefficients of their own; the first that claims a row has it");
    v.choice("design", s.design, {"grid", "list", "one-at-a-time", "latin-hypercube", "sobol", "saltelli"},
             "how scenarios are made");
    v.field("points", s.points,
            "latin-hypercube, sobol: scenarios; saltelli: base points, each gives levers + 2 scenarios");
    v.field("group", s.group, "column: outcomes also by group");
    v.field("outcomes", s.outcomes, "columns whose totals are reported beside the variables of dea");
    v.choice("frontier", s.frontier, {"baseline", "moving"},
             "baseline: scores against the baseline technology; moving: also against the changed one");
    v.choice("indices", s.indices, {"baseline", "re-estimated"},
             "normalisation and weights of indices in a scenario");
    v.choice("parameters", s.parameters, {"drawn", "point"},
             "uncertain parameters of levers: a draw in every replicate, or the point value in all");
    v.field("replicates", s.replicates, "use the first so many of the bootstrap; 0: all");
    v.field("frontier_replicates", s.frontier_replicates,
            "replicates of uncertain levers in the frontier channel; 0: point values only");
    v.field("confidence", s.confidence, "level of the intervals");
    v.choice("keep", s.keep, {"draws", "summary"},
             "draws: the effect in every replicate is stored; summary: intervals and ranks only");
    v.field("units", s.units, "store effects by unit, too");
    v.list("levers", s.levers, "levers of the sweep, dimensions of its design");
    v.list("scenario", s.scenario, "scenarios of design list");
}

}  // namespace greenfront
