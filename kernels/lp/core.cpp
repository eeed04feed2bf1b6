#include "kernels/lp/core.hpp"

#include <algorithm>
#include <cmath>

namespace greenfront::lp {

Pool::Pool(const Columns& columns, std::int32_t capacity)
    : rows(columns.rows),
      stride(static_cast<std::size_t>(round_up_to(std::max(capacity, 1), 16))),
      value(static_cast<std::size_t>(columns.rows) * stride),
      cost(stride, barred),
      width(round_up_to(columns.rows, 8)),
      packed(stride * static_cast<std::size_t>(width)),
      column(stride, -1),
      place(static_cast<std::size_t>(columns.count), -1) {}

void Pool::clear() {
    for (int i = 0; i < rows; ++i) {
        double* const row = value.data() + static_cast<std::size_t>(i) * stride;
        std::fill(row, row + size, 0.0);
    }
    std::fill(cost.begin(), cost.begin() + size, barred);
    for (int s = 0; s < size; ++s) place[static_cast<std::size_t>(column[static_cast<std::size_t>(s)])] = -1;
    size = 0;
}

void Pool::add(const Columns& columns, std::int32_t j, double price) {
    place[static_cast<std::size_t>(j)] = size;
    const auto slot = static_cast<std::size_t>(size++);
    double* const whole = packed.data() + slot * static_cast<std::size_t>(width);
    for (int i = 0; i < rows; ++i)
        whole[i] = value[static_cast<std::size_t>(i) * stride + slot] = columns.row(i)[j];
    cost[slot] = price;
    column[slot] = j;
}

Core::Core(const Problem& problem_, const Columns& columns_)
    : problem(&problem_), columns(&columns_), width(problem_.width) {
    const auto w = static_cast<std::size_t>(width);
    for (Aligned* square : {&inverse, &matrix}) square->assign(w * w, 0.0);
    for (Aligned* line : {&x, &y, &ys, &alpha, &entering, &basic_cost, &scratch, &rhs, &hair, &fixed})
        line->assign(w, 0.0);
    for (Aligned* line : {&extra_reduced, &extra_terms})
        line->assign(static_cast<std::size_t>(problem_.extra_width), 0.0);
    basis.assign(w, 0);
    artificial_sign.assign(w, 1);
    codes.assign(2 * w, 0);
    taken.assign(w, 0);
}

double shared_cost(const Core& core, std::int32_t j) {
    if (!core.tie_costs || j == core.problem->self) return 0.0;
    return core.problem->tie_scale * core.columns->tie_cost[static_cast<std::size_t>(j)];
}

double code_cost(const Core& core, std::int32_t code) {
    if (code < 0) return core.artificial_cost;
    if (code < core.problem->extra_width) return core.extra_cost[code];
    return shared_cost(core, code - core.problem->extra_width);
}

void polish_multipliers(Core& core) {
    constexpr double large = 1e3;  // below it rounding of a reduced cost is at most 1e-12
    const auto rows = static_cast<std::size_t>(core.problem->rows),
               width = static_cast<std::size_t>(core.width);
    double largest = 0;
    for (std::size_t i = 0; i < rows; ++i) largest = std::max(largest, std::abs(core.y[i]));
    core.dual_residual = 0;
    core.largest_multiplier = largest;
    if (!(largest > large)) return;
    constexpr int most_rounds = 3;
    for (int round = 0;; ++round) {
        double worst = 0;
        for (std::size_t b = 0; b < rows; ++b) {
            long double off = core.basic_cost[b], terms = 1;
            for (std::size_t i = 0; i < rows; ++i) {
                const long double term = static_cast<long double>(core.y[i]) * core.matrix[b * width + i];
                off -= term;
                terms += std::abs(term);
            }
            core.scratch[b] = static_cast<double>(off);
            worst = std::max(worst, static_cast<double>(std::abs(off) / terms));
        }
        core.dual_residual = worst;
        if (worst <= 2e-16 || round == most_rounds) break;
        for (std::size_t i = 0; i < rows; ++i) {
            for (std::size_t b = 0; b < rows; ++b) core.y[i] += core.scratch[b] * core.inverse[i * width + b];
        }
    }
    for (std::size_t i = 0; i < rows; ++i) core.ys[i] = core.y[i] * core.problem->row_scale[i];
}

void load_column(const Core& core, std::int32_t code, double* column) {
    const Problem& p = *core.problem;
    std::fill(column, column + p.width, 0.0);
    if (code < p.extra_width) {
        std::copy_n(p.extra_column.data() + code * p.width, p.width, column);
    } else {
        const std::int32_t j = code - p.extra_width;
        for (int i = 0; i < p.shared; ++i) {
            column[i] = p.row_scale[static_cast<std::size_t>(i)] * core.columns->row(i)[j];
        }
    }
}

}  // namespace greenfront::lp
