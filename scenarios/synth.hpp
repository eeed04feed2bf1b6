#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "scenarios/panel.hpp"

namespace greenfront {

/// A synthetic city panel: the variables and the structure of the reference study (30 provinces, four
/// municipalities, capitals, resource-based cities, pilot waves, a few missing cells), neutral codes, every
/// number invented. Deterministic in the seed. With 242 cities from 2011 to 2022 (and an effect) the panel is
/// calibrated: the study `huang2025` returns the published tables from it. docs/methods/synthetic-panel.md.
struct SynthSettings {
    int cities = 242;
    std::int64_t first_year = 2011, last_year = 2022;
    std::uint64_t seed = 1;
    bool null_effect = false;  ///< the efficiency does not depend on the index: for studies of size
};
/// `warnings` gets what a seed could not take: figures further from the published ones than calibration
/// allows.
[[nodiscard]] Panel synthesize(const SynthSettings& settings, std::vector<std::string>* warnings = nullptr);

}  // namespace greenfront
