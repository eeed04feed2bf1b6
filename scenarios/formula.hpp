#pragma once
#include <string>
#include <vector>

#include "kernels/error.hpp"
#include "kernels/panel/regression.hpp"
#include "scenarios/panel.hpp"

namespace greenfront {

/// One side of a formula: an expression over columns. `text` is the term as written.
struct FormulaTerm {
    std::string text;
};

struct FormulaEffect {
    std::string text;                  ///< as written
    std::vector<std::string> factors;  ///< a^b: {"a", "b"}
    std::vector<std::string> slopes;   ///< a[x]: {"x"}
    bool intercept = true;             ///< false for a[[x]]
};

/// y ~ x1 + log(x2) + l(x3, 1) + d(x4) | fe1 + fe2^fe3 + fe4[x] | endo ~ inst
/// The effects part may be 0 (none); `- 1` or `0 +` leaves the constant out when there are no effects.
struct Formula {
    std::string text;
    FormulaTerm y;
    std::vector<FormulaTerm> x, endogenous, instruments;
    std::vector<FormulaEffect> effects;
    bool constant = true;
};

/// Throws Error(fault) with the position of the first mistake.
[[nodiscard]] Formula parse_formula(const std::string& text, Fault fault);

/// Columns of the panel that the formula reads.
[[nodiscard]] std::vector<std::string> columns_read(const Formula& formula, const Panel& panel);

/// Evaluates the formula on the rows of `keep` (empty: all) and leaves out incomplete rows (any of y, x,
/// endogenous, instruments, effects, clusters missing). `clusters` are column names, `a^b` interacts.
/// Lags are by time value within the unit and see all rows of the panel, also those not kept.
[[nodiscard]] panel::Design build_design(const Formula& formula, const Panel& panel,
                                         const std::vector<char>& keep,
                                         const std::vector<std::string>& clusters);

/// Columns of a regression that its formula does not name. `latitude` and `longitude` in degrees.
struct DesignColumns {
    std::vector<std::string> clusters;
    panel::WeightKind weight_kind = panel::WeightKind::none;
    std::string weight, latitude, longitude;
};
/// The same with weights and places. A row without weight or place is incomplete; one whose weight is zero is
/// left out with a warning that counts them. Throws Error(Fault::data) for a negative weight, a frequency
/// weight that is no whole number, and places that are not on the globe, each with its row.
[[nodiscard]] panel::Design build_full_design(const Formula& formula, const Panel& panel,
                                              const std::vector<char>& keep, const DesignColumns& extra);

/// Values of single terms on every row of the panel; NaN where an operand is missing or the result not
/// finite.
[[nodiscard]] std::vector<std::vector<double>> evaluate_terms(const std::vector<std::string>& terms,
                                                              const Panel& panel);
/// Columns of the panel that one term reads.
[[nodiscard]] std::vector<std::string> term_columns(const std::string& term, const Panel& panel);

/// Codes of a column (text or numeric), or of an interaction a^b, over all rows; -1 where missing.
/// Levels are sorted by value, so they do not depend on the order of rows.
[[nodiscard]] panel::Factor make_factor(const std::string& name, const Panel& panel);

}  // namespace greenfront
