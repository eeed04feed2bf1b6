// The arbiter between two answers: a primal simplex in quadruple precision that inverts its basis anew
// before every pivot. Slow, and nothing accumulates.
#include <algorithm>
#include <cmath>
#include <vector>

#include "tests/dea/torture/linear.hpp"

namespace greenfront::torture {
namespace {

using Vector = std::vector<Quad>;

constexpr int most_pivots = 20000;
constexpr double optimality = 1e-20;  // of reduced costs, relative to the sum of their terms
constexpr double zero = 1e-20;        // a basic variable below this is degenerate
constexpr double smallest_pivot = 1e-20;
constexpr double certain = 1e-18;  // residuals and infeasibilities above this are not rounding

Quad magnitude(Quad v) {
    return v < 0 ? -v : v;
}

/// min cost'z, A z = right >= 0, z >= 0, with an artificial column for each row at the end.
class Simplex {
  public:
    explicit Simplex(const Linear<Quad>& program) : rows_(program.rows()), right_(program.right) {
        for (const auto& column : program.columns) {
            add(column.entries, column.cost);
            if (!column.free) continue;
            Vector opposite = column.entries;
            for (Quad& v : opposite) v = -v;
            add(opposite, -column.cost);
        }
        for (std::size_t i = 0; i < rows_; ++i) {
            if (program.sense[i] == Sense::equal) continue;
            Vector slack(rows_, 0);
            slack[i] = program.sense[i] == Sense::at_most ? 1 : -1;
            add(slack, 0);
        }
        real_ = columns_.size();
        for (std::size_t i = 0; i < rows_; ++i) {
            if (right_[i] < 0) {
                right_[i] = -right_[i];
                for (Vector& column : columns_) column[i] = -column[i];
            }
            Vector artificial(rows_, 0);
            artificial[i] = 1;
            basis_.push_back(columns_.size());
            add(artificial, 0);
        }
    }

    Answer solve(const Textbook<Quad>& book) {
        Vector first(columns_.size(), 0);
        std::fill(first.begin() + static_cast<std::ptrdiff_t>(real_), first.end(), Quad(1));
        if (run(first) != Status::optimal) return {};
        const Quad infeasibility = objective(first);
        if (infeasibility > certain)
            return {Status::infeasible, 0, doubt(first), static_cast<double>(infeasibility)};
        keep_artificials_at_zero_ = true;
        const Status status = run(cost_);
        if (status == Status::failed) return {};
        Answer answer = answer_of(book, status, objective(cost_));
        answer.doubt = doubt(cost_);
        return answer;
    }

  private:
    void add(Vector entries, Quad cost) {
        columns_.push_back(std::move(entries));
        cost_.push_back(cost);
    }

    /// Inverse of the basis by Gauss and Jordan with row exchanges; false when it is singular.
    bool invert() {
        std::vector<Vector> a(rows_, Vector(2 * rows_, 0));
        for (std::size_t i = 0; i < rows_; ++i) {
            for (std::size_t k = 0; k < rows_; ++k) a[i][k] = columns_[basis_[k]][i];
            a[i][rows_ + i] = 1;
        }
        for (std::size_t k = 0; k < rows_; ++k) {
            std::size_t best = k;
            for (std::size_t i = k; i < rows_; ++i) {
                if (magnitude(a[i][k]) > magnitude(a[best][k])) best = i;
            }
            if (!(magnitude(a[best][k]) > 0)) return false;
            std::swap(a[k], a[best]);
            const Quad pivot = a[k][k];
            for (Quad& v : a[k]) v /= pivot;
            for (std::size_t i = 0; i < rows_; ++i) {
                if (i == k || a[i][k] == 0) continue;
                const Quad times = a[i][k];
                for (std::size_t c = 0; c < 2 * rows_; ++c) a[i][c] -= times * a[k][c];
            }
        }
        inverse_.assign(rows_, Vector());
        for (std::size_t k = 0; k < rows_; ++k)
            inverse_[k].assign(a[k].begin() + static_cast<std::ptrdiff_t>(rows_), a[k].end());
        x_ = times_inverse(right_);
        for (Quad& v : x_) v = magnitude(v) <= zero ? Quad(0) : v;
        return true;
    }
    Vector times_inverse(const Vector& v) const {
        Vector result(rows_, 0);
        for (std::size_t k = 0; k < rows_; ++k) {
            for (std::size_t i = 0; i < rows_; ++i) result[k] += inverse_[k][i] * v[i];
        }
        return result;
    }
    Vector multipliers(const Vector& cost) const {
        Vector y(rows_, 0);
        for (std::size_t k = 0; k < rows_; ++k) {
            for (std::size_t i = 0; i < rows_; ++i) y[i] += cost[basis_[k]] * inverse_[k][i];
        }
        return y;
    }
    /// Reduced cost relative to 1 or the sum of its terms.
    Quad reduced(const Vector& cost, const Vector& y, std::size_t j) const {
        Quad sum = cost[j], terms = 1 + magnitude(cost[j]);
        for (std::size_t i = 0; i < rows_; ++i) {
            const Quad term = y[i] * columns_[j][i];
            sum -= term;
            terms += magnitude(term);
        }
        return sum / terms;
    }
    Quad objective(const Vector& cost) const {
        Quad sum = 0;
        for (std::size_t k = 0; k < rows_; ++k) sum += cost[basis_[k]] * x_[k];
        return sum;
    }
    /// Largest violation of primal and dual feasibility at the basis: what separates it from a proof.
    double doubt(const Vector& cost) const {
        Quad worst = 0;
        Vector left = right_;
        for (std::size_t k = 0; k < rows_; ++k) {
            worst = std::max(worst, -x_[k]);
            for (std::size_t i = 0; i < rows_; ++i) left[i] -= columns_[basis_[k]][i] * x_[k];
        }
        for (const Quad r : left) worst = std::max(worst, magnitude(r));
        const Vector y = multipliers(cost);
        for (std::size_t j = 0; j < real_; ++j) worst = std::max(worst, -reduced(cost, y, j));
        return static_cast<double>(worst);
    }

    Status run(const Vector& cost) {
        int without_progress = 0;
        for (int pivots = 0; pivots < most_pivots; ++pivots) {
            if (!invert()) return Status::failed;
            const bool careful = without_progress > 30;  // Bland's rule
            const Vector y = multipliers(cost);
            std::size_t enter = real_;
            Quad least = -optimality;
            for (std::size_t j = 0; j < real_; ++j) {
                const Quad d = reduced(cost, y, j);
                if (d >= least) continue;
                enter = j;
                if (careful) break;
                least = d;
            }
            if (enter == real_) return Status::optimal;
            const Vector alpha = times_inverse(columns_[enter]);
            const std::size_t leave = blocking(alpha, careful);
            if (leave == rows_) return Status::unbounded;
            without_progress = x_[leave] > certain ? 0 : without_progress + 1;
            basis_[leave] = enter;
        }
        return Status::failed;
    }
    std::size_t blocking(const Vector& alpha, bool careful) const {
        std::size_t leave = rows_;
        Quad least = 0;
        for (std::size_t k = 0; k < rows_; ++k) {
            const bool held = keep_artificials_at_zero_ && basis_[k] >= real_;
            const Quad fall = held ? magnitude(alpha[k]) : alpha[k];
            if (!(fall > smallest_pivot)) continue;
            const Quad ratio = (x_[k] > 0 && !held ? x_[k] : Quad(0)) / fall;
            const bool tie = leave < rows_ && magnitude(ratio - least) <= 1e-28 * (1 + least);
            const bool better = tie ? (careful ? basis_[k] < basis_[leave] : fall > magnitude(alpha[leave]))
                                    : leave == rows_ || ratio < least;
            if (!better) continue;
            leave = k;
            least = tie ? std::min(ratio, least) : ratio;
        }
        return leave;
    }

    std::size_t rows_, real_ = 0;
    Vector right_, cost_, x_;
    std::vector<Vector> columns_, inverse_;
    std::vector<std::size_t> basis_;
    bool keep_artificials_at_zero_ = false;
};

}  // namespace

Answer ask_arbiter(const Batch& batch, Eigen::Index o, double forgiven) {
    if (batch.settings.model == dea::Model::fdh) return enumerate_hull(batch, o);
    Textbook<Quad> book = textbook<Quad>(batch, o);
    if (book.before != Status::optimal) return {book.before, 0, 0, 0};
    for (std::size_t i = 0; i < book.program.rows(); ++i) {
        if (book.program.sense[i] == Sense::at_most) book.program.right[i] += forgiven;
        if (book.program.sense[i] == Sense::at_least) book.program.right[i] -= forgiven;
    }
    return Simplex(book.program).solve(book);
}

}  // namespace greenfront::torture
