#pragma once
#include <string>
#include <utility>
#include <vector>

#include "engine/workspace.hpp"

/// Datasets and attributes of /regression/NAME that every model shares, as docs/formats/results.md names
/// them.
namespace greenfront::stages {

/// `prefix` + estimate, std_error, statistic, p_value, conf_low, conf_high along `dims`, from terms in the
/// order of those dimensions. `statistic` names it: "t statistic", "z statistic".
void store_estimates(ResultGroup& group, const std::vector<panel::Term>& terms, const std::string& prefix,
                     const std::vector<std::string>& dims, const std::vector<std::size_t>& shape,
                     const std::string& estimate, const std::string& statistic);
/// The scale `term` and the estimates along it.
void store_terms(ResultGroup& group, const std::vector<panel::Term>& terms, const std::string& statistic);

/// The table of degrees of freedom by fixed effect.
void store_effects(ResultGroup& group, const std::vector<panel::AbsorbedEffect>& effects);

/// cluster_names, cluster_counts, omitted, omitted_reasons.
void store_lists(ResultGroup& group, const std::vector<std::pair<std::string, std::int64_t>>& clusters,
                 const std::vector<panel::Omitted>& omitted);

/// What a regression with instruments adds.
void store_instruments(ResultGroup& group, const panel::Design& design, const panel::WeakInstruments& iv);

}  // namespace greenfront::stages
