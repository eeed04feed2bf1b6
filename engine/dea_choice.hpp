#pragma once
#include <array>
#include <string>
#include <vector>

#include "engine/scoring.hpp"
#include "engine/study.hpp"
#include "kernels/dea/dea.hpp"
#include "kernels/error.hpp"

/// From the words of an efficiency analysis to what the engine runs.
namespace greenfront {

/// Direction of one group of variables. `word`: zeros, observed, mean, ones or given.
struct DirectionChoice {
    std::string word = "zeros";
    dea::Direction direction;  ///< `mean`: given, and empty until set_means()
};

/// An efficiency analysis with all defaults filled in.
struct DeaChoice {
    DeaVariables variables;
    dea::Settings settings;  ///< directions and weights included; `combine`: super is set
    std::string reference;
    std::string weights;  ///< sbm, nddf, additive: the name, or "given"; else empty
    /// sbm, nddf, additive: one weight a variable (inputs, good, bad), where all rows have the same; else
    /// empty
    std::vector<double> item_weights;
    std::array<DirectionChoice, 3> directions;  ///< inputs, good, bad; ddf and nddf
    bool leave_unit = false;                    ///< super: all rows of the unit are left out
    bool combine = false;                       ///< super only for rows whose plain score is 1
    bool scale_efficiency = false;
    std::string groups;  ///< column of groups with technologies of their own; empty: none
    [[nodiscard]] bool directional() const {
        return settings.model == dea::Model::ddf || settings.model == dea::Model::nddf;
    }
    [[nodiscard]] bool super_sbm() const { return settings.model == dea::Model::sbm && settings.super; }
};

/// Checks the words and fills in the defaults. Throws Error(fault) for a word that is not known, an option
/// that the model does not take, a list of the wrong length, a direction that leads nowhere.
[[nodiscard]] DeaChoice choose_dea(const DeaStage& words, Fault fault);

/// Puts the means over the given rows where a direction is `mean`.
void set_means(DeaChoice& choice, const Panel& panel, const std::vector<char>& rows);

/// The most that the score of a super-efficient SBM can be: with bads in the denominator, under crs and nirs,
/// "produce nothing" is a combination, too, and costs 1 - (weights of the goods). Infinite where it is not.
[[nodiscard]] double super_cap(const DeaChoice& choice);

/// What of the options weights and direction_* goes into the settings (engine/dea_weights.cpp).
void choose_weights(const DeaStage& words, Fault fault, DeaChoice& choice);
void choose_directions(const DeaStage& words, Fault fault, DeaChoice& choice);

}  // namespace greenfront
