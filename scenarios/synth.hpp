#pragma once
#include <cstdint>

#include "scenarios/panel.hpp"

namespace greenfront {

/// A synthetic city panel: the shape, variables and structure of the reference study (30 provinces, four
/// municipalities, capitals, resource-based cities, pilot waves, a few missing cells), neutral codes,
/// every number invented. Deterministic in the seed.
struct SynthSettings {
    int cities = 242;
    std::int64_t first_year = 2011, last_year = 2022;
    std::uint64_t seed = 1;
};
[[nodiscard]] Panel synthesize(const SynthSettings& settings);

}  // namespace greenfront
