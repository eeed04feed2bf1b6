#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "kernels/status.hpp"
#include "tests/dea/torture/batch.hpp"

namespace greenfront::torture {

__extension__ typedef __float128 Quad;  // 113 bits; + - * / are exact to 1e-34

enum class Sense : std::int8_t { at_most, at_least, equal };

/// min cost'z, each row entries'z <= = >= right, z >= 0 but for the columns marked free.
template <class Real>
struct Linear {
    struct Column {
        Real cost = 0;
        bool free = false;
        std::vector<Real> entries;  // one a row
    };
    std::vector<Sense> sense;
    std::vector<Real> right;
    std::vector<Column> columns;
    [[nodiscard]] std::size_t rows() const { return right.size(); }
};

/// The textbook program of one unit in a model, written anew from the formulas and without slack variables,
/// so that it shares nothing with the kernel's. Rows are divided by powers of two near the unit's own values
/// and intensities by powers of two near the sizes of their units, so scaling rounds nothing.
template <class Real>
struct Textbook {
    /// `optimal`: there is a program; else the answer without one.
    Status before = Status::optimal;
    Linear<Real> program;
    /// score = constant + factor * objective, or its reciprocal.
    Real constant = 0, factor = 1;
    /// Output oriented SBM, revenue: 1 / that; `without` where that is not above `least`.
    bool reciprocal = false;
    Status without = Status::infeasible;
    double least = 1e-9;
};

template <class Real>
[[nodiscard]] Textbook<Real> textbook(const Batch& batch, Eigen::Index o);
extern template Textbook<double> textbook(const Batch&, Eigen::Index);
extern template Textbook<Quad> textbook(const Batch&, Eigen::Index);

/// An answer to one unit.
struct Answer {
    Status status = Status::failed;
    double score = 0;
    double doubt = 0;   ///< arbiter: how far from optimal or feasible the answer may be, 0 for others
    double margin = 0;  ///< arbiter, infeasible: least sum of violations, in shares of the unit's own values
};

/// COIN-OR's CLP, cold, on a Textbook<double>.
[[nodiscard]] Answer ask_rival(const Batch& batch, Eigen::Index o);
/// A simplex in quadruple precision on a Textbook<Quad>. Inequalities may be violated by `forgiven`, in
/// shares of the unit's own values.
[[nodiscard]] Answer ask_arbiter(const Batch& batch, Eigen::Index o, double forgiven = 0);
/// Free disposal hull: by trying every reference unit.
[[nodiscard]] Answer enumerate_hull(const Batch& batch, Eigen::Index o);

/// Turns an objective into the score; the status may change where the score has no value.
template <class Real>
[[nodiscard]] Answer answer_of(const Textbook<Real>& book, Status status, Real objective) {
    if (status != Status::optimal) return {status, 0, 0, 0};
    Real score = book.constant + book.factor * objective;
    if (book.reciprocal) {
        if (!(score > Real(book.least))) return {book.without, 0, 0, 1};
        score = Real(1) / score;
    }
    return {Status::optimal, static_cast<double>(score), 0, 0};
}

}  // namespace greenfront::torture
