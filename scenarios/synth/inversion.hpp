#pragma once
#include "scenarios/synth/draft.hpp"

namespace greenfront::synth {

/// Inputs and outputs of every row, in the units of the panel (money in prices of the first year).
struct Quantities {
    VectorXd output, energy, pm25, capital, labour, carbon, investment, depreciation, population, area;
    VectorXd energy_ratio;  ///< energy per output of the best city-year over the row's
    /// The efficiency that these quantities have. Another than the draft's where it changes faster than
    /// capital can follow: stocks fall by depreciation at most.
    VectorXd achieved;
};

/// Inputs and bad outputs whose non-oriented SBM score with undesirable outputs (constant returns, global
/// reference) is the draft's efficiency; the row with the highest is the frontier and scores 1.
[[nodiscard]] Quantities invert(const Draft& draft);

}  // namespace greenfront::synth
