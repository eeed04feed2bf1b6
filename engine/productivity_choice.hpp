#pragma once
#include <string>

#include "engine/dea_choice.hpp"
#include "kernels/dea/productivity.hpp"

/// From the words of a productivity analysis to what the engine runs.
namespace greenfront {

enum class Measure : std::int8_t { malmquist, malmquist_luenberger, luenberger };
/// What both periods of a pair are measured against.
enum class Frontier : std::int8_t { global, adjacent, sequential, biennial };

[[nodiscard]] std::string name(Measure measure);
[[nodiscard]] std::string name(Frontier frontier);
[[nodiscard]] std::string name(dea::Decomposition decomposition);

/// A productivity analysis with all defaults filled in.
struct ProductivityChoice {
    Measure measure = Measure::malmquist;
    Frontier frontier = Frontier::global;
    DeaChoice dea;  ///< of the programs behind the index
    dea::Gauge gauge = dea::Gauge::score;
    dea::Comparison comparison = dea::Comparison::ratio;
    dea::Decomposition decomposition = dea::Decomposition::fgnz;
    bool pure = false;  ///< malmquist under crs: pure efficiency and scale change, too
    [[nodiscard]] bool pooled() const {
        return frontier == Frontier::global || frontier == Frontier::biennial;
    }
};

/// Checks the words and fills in the defaults. Throws Error(fault) for a word that is not known and an option
/// that the measure or its model does not take.
[[nodiscard]] ProductivityChoice choose_productivity(const ProductivityStage& words, Fault fault);

}  // namespace greenfront
