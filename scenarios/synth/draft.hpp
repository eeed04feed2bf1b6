#pragma once
#include <Eigen/Core>
#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "scenarios/synth/structure.hpp"

/// The synthetic panel while it is made. Everything is indexed by row = city * periods + period; a city's
/// rows follow each other. docs/methods/synthetic-panel.md tells what is planted and what follows from it.
namespace greenfront::synth {

using Eigen::Index;
using Eigen::MatrixXd;
using Eigen::VectorXd;

/// The 15 indicators of new quality productive forces, in the order of the published Table 2.
enum Indicator : std::uint8_t {
    students,
    ict_employment,
    wage,
    robots,
    postal,
    telecom,
    science_spending,
    green_cover,
    waste_treatment,
    so2_intensity,
    library_books,
    broadband_ports,
    mobile_subscribers,
    ai_enterprises,
    digital_finance
};
constexpr std::size_t n_indicators = 15, n_dimensions = 3, n_controls = 5, n_mediators = 5;
/// Dimension of each indicator: 0 labourers, 1 objects, 2 means of labour.
constexpr std::array<int, n_indicators> dimension_of{0, 0, 0, 1, 1, 1, 1, 1, 1, 1, 2, 2, 2, 2, 2};
/// Published weights (Table 2); they add up to 1.001.
constexpr std::array<double, n_indicators> published_weight{.083, .056, .018, .137, .086, .046, .083, .002,
                                                            .003, .001, .173, .036, .012, .244, .021};

enum Control : std::uint8_t { econ, gov, fdi, finan, lnpd };
enum Mediator : std::uint8_t { electricity_gdp, coal_gdp, patents_applied, patents_granted, finance };

/// Columns with missing cells.
enum Hole : std::uint8_t {
    hole_natural_gas,
    hole_lpg,
    hole_wage,
    hole_library,
    hole_postal,
    hole_telecom,
    hole_fdi,
    hole_internet,
    n_holes
};

struct Draft {
    SynthSettings settings;
    std::vector<City> city;
    Index periods = 0;

    MatrixXd indicator;       ///< rows x 15, standardised: 0 at the panel's worst value, 1 at its best
    MatrixXd control;         ///< rows x 5, in the units of the regressions
    MatrixXd mediator;        ///< rows x 5, in the units of the regressions
    VectorXd efficiency;      ///< rows, the score that the efficiency analysis will find
    VectorXd price;           ///< rows, 1 in the first year
    VectorXd internet;        ///< rows, standardised
    VectorXd telecom_volume;  ///< rows, standardised
    std::vector<std::array<bool, n_holes>> hole;  ///< rows: cells left empty, never a city's first or last

    std::vector<std::string> warnings;

    [[nodiscard]] Index rows() const { return static_cast<Index>(city.size()) * periods; }
    [[nodiscard]] const City& city_of(Index row) const {
        return city[static_cast<std::size_t>(row / periods)];
    }
    [[nodiscard]] std::int64_t year_of(Index row) const { return settings.first_year + row % periods; }
    [[nodiscard]] bool pilot(Index row) const {
        const auto wave = city_of(row).pilot_wave;
        return wave != 0 && year_of(row) >= wave;
    }
};

/// Fills the holes of one column by straight lines between a city's known neighbours, as the preparation of
/// the study will.
void fill_holes(const Draft& draft, Hole hole, Eigen::Ref<VectorXd> column);

/// Draws everything from the seed; efficiency and mediators are starts, which calibrate() moves.
[[nodiscard]] Draft draw(const SynthSettings& settings);

/// The shape of the published study, 242 cities from 2011 to 2022, with an effect.
[[nodiscard]] bool is_calibrated(const SynthSettings& settings);

/// Moves indicators, efficiency and mediators until the regressions of the study return the published tables.
void calibrate(Draft& draft);

/// The raw variables of the panel, from which the study's preparation, efficiency analysis and indices give
/// the draft back.
[[nodiscard]] Panel write(const Draft& draft);

}  // namespace greenfront::synth
