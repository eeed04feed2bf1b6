#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "engine/workspace.hpp"

/// Runs a study: preparation, checks, stages.
namespace greenfront {

/// Reads nothing and writes nothing: panel in, workspace with the prepared panel out. `references`: the
/// reference panels of the dea stages that name one, as their files have them. `published`: the figures that
/// the study's [published] names. `packages`: those of the catalogue of levers.
[[nodiscard]] Workspace prepare_workspace(const Study& study, const Named<Lever>& catalogue,
                                          const Panel& panel, Progress& progress,
                                          const Named<Panel>& references = {},
                                          const std::vector<PublishedFigure>& published = {},
                                          const Named<Package>& packages = {});

/// Checks every stage against the prepared panel before anything is computed. Throws one
/// Error(Fault::study) with a line for each problem: stage, key, what, what to do.
void check(const Workspace& workspace);

/// Runs all stages in the order dea, productivity, index, regression, curve, mediation, bootstrap,
/// placebo, sweep, published; inside a kind in the
/// order of the study. Results stand in workspace.results, failed units are counted.
void run(Workspace& workspace);

/// The identity of a run: hash of the panel's content, the resolved study and the version of the plan.
[[nodiscard]] std::string run_id(const std::string& panel_hash, const std::string& resolved_study);

}  // namespace greenfront
