#include "kernels/lp/facets.hpp"

#include <algorithm>

#include "kernels/lp/parts.hpp"

namespace greenfront::lp {

Facets::Facets(const Problem& problem, std::int32_t capacity)
    : rows(problem.rows),
      width(problem.width),
      stride(static_cast<std::size_t>(round_up_to(std::max(capacity, 1), 8))),
      normal(static_cast<std::size_t>(problem.rows) * stride, 0.0) {
    const auto n = static_cast<std::size_t>(capacity), square = static_cast<std::size_t>(width * width);
    inverse.reserve(n * square);
    column.reserve(n * square);
    code.reserve(n * static_cast<std::size_t>(rows));
    slack_row.reserve(n * static_cast<std::size_t>(rows));
    special.reserve(n);
}

/// R^-1 B has slacks of entry 1 / r; with S = r of a slack's row, else 1, R^-1 B S is what is kept. Its
/// inverse S^-1 B^-1 R has column i times r_i, row k over s_k.
bool Facets::add(const Core& core) {
    const Problem& p = *core.problem;
    if (static_cast<std::size_t>(size) == stride || p.shared != p.rows || rows > most_facet_rows)
        return false;
    const std::int32_t* const basis = core.basis.data();
    const auto at = std::find(basis, basis + rows, p.priced) - basis;
    if (at == rows) return false;
    const auto usable = [&](std::int32_t c) {
        return c == p.priced || c >= p.extra_width || (c >= 0 && p.single[static_cast<std::size_t>(c)] >= 0);
    };
    if (!std::all_of(basis, basis + rows, usable)) return false;
    const double cost = core.extra_cost[p.priced];
    for (int i = 0; i < width; ++i) {
        const double scale = p.row_scale[static_cast<std::size_t>(i)];  // 0 beyond the rows
        const double* const from = core.inverse.data() + i * width;
        for (int k = 0; k < width; ++k) {
            const bool slack = k < rows && basis[k] < p.extra_width && basis[k] != p.priced;
            const auto row = slack ? p.single[static_cast<std::size_t>(basis[k])] : -1;
            inverse.push_back(from[k] * scale / (slack ? p.row_scale[static_cast<std::size_t>(row)] : 1.0));
        }
        if (i < rows)
            normal[static_cast<std::size_t>(i) * stride + static_cast<std::size_t>(size)] =
                cost * from[at] * scale;
    }
    for (int k = 0; k < width; ++k) {
        const std::int32_t j = k < rows ? basis[k] - p.extra_width : -1;
        for (int i = 0; i < width; ++i) column.push_back(j >= 0 && i < rows ? core.columns->row(i)[j] : 0.0);
    }
    for (int k = 0; k < rows; ++k) {
        const std::int32_t c = basis[k];
        code.push_back(c);
        slack_row.push_back(c < p.extra_width && c != p.priced ? p.single[static_cast<std::size_t>(c)] : -1);
    }
    special.push_back(static_cast<std::int32_t>(at));
    ++size;
    return true;
}

bool offer_start(Workspace& w, Facets& facets) {
    if (!w.problem.uniform || w.problem.priced < 0 || w.warm.empty()) return false;
    std::copy(w.problem.rhs.begin(), w.problem.rhs.end(), w.core.rhs.begin());
    set_costs(w.core, w.problem.cost.data(), 0.0, false);
    std::copy(w.warm.begin(), w.warm.end(), w.core.basis.begin());
    return factor(w.core) && facets.add(w.core);
}

}  // namespace greenfront::lp
