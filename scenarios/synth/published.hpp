#pragma once
#include <vector>

/// What calibration aims at: figures printed in Tables 3 to 7 of J. Huang, "How Does New Quality Productive
/// Forces Empower the Synergistic Enhancement of Urban Pollution Reduction and Carbon Mitigation?".
namespace greenfront::synth {

struct Figure {
    double estimate, std_error;
};

/// Which cities and years a regression is run on.
enum class Sample {
    all,
    no_municipalities,
    province_year,  ///< all, with effects of province x year in the place of year
    low_nqp,
    high_nqp,
    capitals,
    ordinary,
    resource,
    no_resource,
    dual_high,
    dual_low,
    digital_driven,
    pressure
};

/// One published column with the efficiency as outcome. `series` is the regressor: 0 nqp, 1 nql, 2 nqo, 3
/// nqm. `figures`: the regressor, then econ, gov, fdi, finan, lnpd where they are printed.
struct PublishedColumn {
    Sample sample;
    int series;
    bool controls;
    std::vector<Figure> figures;
    double adjusted_r2;
    Figure constant{0, 0};  ///< no aim where its standard error is 0
};
[[nodiscard]] const std::vector<PublishedColumn>& published_columns();

/// Table 5: one regression on nqp and the controls for each mediator.
struct PublishedMediator {
    Figure nqp;
    double constant;
    double adjusted_r2;
};
[[nodiscard]] const std::vector<PublishedMediator>& published_mediators();

/// Table 6, columns 1 and 2.
struct PublishedInstrument {
    Figure first_stage{.731, .049}, second_stage{.198, .071};
    double kp_rk_lm = 65.981;
};

struct Moments {
    double mean, sd;
};
/// Table 3: nqp, nql, nqo, nqm.
[[nodiscard]] const std::vector<Moments>& published_indices();
/// Table 3: econ, gov, fdi, finan, lnpd.
[[nodiscard]] const std::vector<Moments>& published_controls();
constexpr Moments published_efficiency{.063, .046};
constexpr double lowest_efficiency = .021, highest_efficiency = .331;

}  // namespace greenfront::synth
