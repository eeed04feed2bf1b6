#pragma once
#include <string>

#include "tests/dea/torture/batch.hpp"
#include "tests/dea/torture/numbers.hpp"

namespace greenfront::torture {

/// What the data of a batch may contain.
struct Allowed {
    bool zeros = true;        ///< but never in the first input and the first good output
    bool sizes = true;        ///< units of very different size (constant returns)
    bool units = true;        ///< rows in units of measure from 1e-9 to 1e9
    bool near_copies = true;  ///< units that differ in the 6th to 16th digit
};

/// Reference units of `shape` variables and, after them, evaluated ones that are not among them. Appends what
/// was done to `features`.
[[nodiscard]] dea::Quantities make_units(Numbers& random, Eigen::Index m, Eigen::Index s1, Eigen::Index s2,
                                         Eigen::Index n, Eigen::Index outside, const Allowed& allowed,
                                         std::string& features);

}  // namespace greenfront::torture
