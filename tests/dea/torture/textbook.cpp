// The models of kernels/dea/dea.hpp as textbook programs without slack variables.
#include <algorithm>
#include <cmath>

#include "tests/dea/torture/linear.hpp"

namespace greenfront::torture {
namespace {

using dea::AdditiveWeights, dea::Model, dea::Orientation, dea::Returns, dea::SuperBads;

/// The power of two that brings v > 0 into [1/2, 1).
double power(double v) {
    int exponent = 0;
    (void)std::frexp(v, &exponent);
    return std::ldexp(1.0, -exponent);
}

template <class Real>
class Writer {
  public:
    Writer(const Batch& batch, Eigen::Index o)
        : batch_(batch), o_(o), total_(batch.variables()), row_scale_(static_cast<std::size_t>(total_)) {
        for (Eigen::Index i = 0; i < total_; ++i) row_scale_[at(i)] = scale_of_row(i);
    }

    Textbook<Real> write() {
        switch (batch_.settings.model) {
            case Model::radial:
                write_radial();
                break;
            case Model::sbm:
                if (batch_.settings.super) {
                    write_super_sbm();
                } else {
                    write_sbm();
                }
                break;
            case Model::additive:
                write_additive();
                break;
            case Model::ddf:
                write_ddf();
                break;
            case Model::nddf:
                write_nddf();
                break;
            case Model::cost:
                write_cost();
                break;
            case Model::revenue:
                write_revenue();
                break;
            case Model::fdh:
                break;  // no linear program
        }
        for (auto& column : book_.program.columns) column.entries.resize(book_.program.rows(), Real(0));
        return std::move(book_);
    }

  private:
    static std::size_t at(Eigen::Index i) { return static_cast<std::size_t>(i); }
    bool is_input(Eigen::Index i) const { return i < batch_.m(); }
    bool is_good(Eigen::Index i) const { return i >= batch_.m() && i < batch_.m() + batch_.s1(); }
    Orientation orientation() const { return batch_.settings.orientation; }
    /// On the side of the fraction that an oriented model scores.
    bool scored(Eigen::Index i) const {
        return orientation() == Orientation::none || is_input(i) == (orientation() == Orientation::input);
    }
    double own(Eigen::Index i) const { return value(batch_.evaluated, i, o_); }
    Real own_scaled(Eigen::Index i) const { return Real(own(i)) * Real(row_scale_[at(i)]); }

    double scale_of_row(Eigen::Index i) const {
        if (own(i) > 0) return power(own(i));
        double largest = 0;
        for (Eigen::Index j = 0; j < batch_.reference.units(); ++j)
            largest = std::max(largest, value(batch_.reference, i, j));
        return largest > 0 ? power(largest) : 1.0;
    }

    std::size_t add_row(Sense sense, Real right) {
        book_.program.sense.push_back(sense);
        book_.program.right.push_back(right);
        return book_.program.rows() - 1;
    }
    std::size_t add_column(Real cost) {
        book_.program.columns.push_back({cost, false, {}});
        return book_.program.columns.size() - 1;
    }
    void set(std::size_t row, std::size_t column, Real entry) {
        auto& entries = book_.program.columns[column].entries;
        if (entries.size() <= row) entries.resize(row + 1, Real(0));
        entries[row] = entry;
    }

    /// A row for each variable in `keep`, its right side times `right`, and one for the returns to scale.
    template <class Keep>
    void add_rows(Real right, const Keep& keep) {
        row_of_.assign(at(total_), none);
        for (Eigen::Index i = 0; i < total_; ++i) {
            if (!keep(i)) continue;
            const Sense sense = is_input(i)           ? Sense::at_most
                                : is_good(i)          ? Sense::at_least
                                : batch_.bads_equal() ? Sense::equal
                                                      : Sense::at_most;
            row_of_[at(i)] = add_row(sense, right * own_scaled(i));
        }
        const Returns returns = batch_.settings.returns;
        if (returns == Returns::crs) return;
        returns_row_ = add_row(returns == Returns::vrs    ? Sense::equal
                               : returns == Returns::nirs ? Sense::at_most
                                                          : Sense::at_least,
                               right);
    }
    static bool every(Eigen::Index) { return true; }

    /// Intensities; `weight` gives the cost per scaled unit of a variable.
    void add_intensities(const std::vector<Real>& weight) {
        const dea::ColumnRange hidden = batch_.hidden(o_);
        for (Eigen::Index j = 0; j < batch_.reference.units(); ++j) {
            if (hidden.contains(static_cast<std::int32_t>(j))) continue;
            double largest = returns_row_ == none ? 0.0 : 1.0;
            for (Eigen::Index i = 0; i < total_; ++i)
                largest = std::max(largest, row_scale_[at(i)] * value(batch_.reference, i, j));
            add_intensity(j, largest > 0 ? power(largest) : 1.0, weight, false);
            if (batch_.idle_intensities()) add_intensity(j, largest > 0 ? power(largest) : 1.0, weight, true);
        }
    }
    void add_intensity(Eigen::Index j, double size, const std::vector<Real>& weight, bool idle) {
        const std::size_t column = add_column(Real(0));
        members_.push_back({column, j, size});
        Real cost = 0;
        for (Eigen::Index i = 0; i < total_; ++i) {
            if (idle && !is_input(i)) continue;
            const Real entry = scaled(i, j, size);
            if (row_of_[at(i)] != none) set(row_of_[at(i)], column, entry);
            if (!weight.empty()) cost += weight[at(i)] * entry;
        }
        book_.program.columns[column].cost = cost;
        if (returns_row_ != none) set(returns_row_, column, Real(size));
    }
    Real scaled(Eigen::Index i, Eigen::Index j, double size) const {
        return Real(row_scale_[at(i)] * value(batch_.reference, i, j)) * Real(size);
    }
    std::vector<Real> no_weights() const { return std::vector<Real>(at(total_), Real(0)); }

    /// t, theta or phi on the right side of the rows that `moves` names.
    template <class Moves>
    std::size_t add_special(Real cost, const Moves& moves, bool with_returns) {
        const std::size_t column = add_column(cost);
        for (Eigen::Index i = 0; i < total_; ++i) {
            if (!moves(i)) continue;
            book_.program.right[row_of_[at(i)]] = 0;
            set(row_of_[at(i)], column, -own_scaled(i));
        }
        if (with_returns && returns_row_ != none) {
            book_.program.right[returns_row_] = 0;
            set(returns_row_, column, Real(-1));
        }
        return column;
    }

    Real sbm_weight(Eigen::Index i) const {
        const auto& s = batch_.settings;
        const auto m = batch_.m();
        if (s.super && s.super_bads == SuperBads::numerator)
            return is_good(i) ? Real(1) / Real(batch_.s1()) : Real(1) / Real(m + batch_.s2());
        if (is_input(i)) return s.input_weights.size() > 0 ? Real(s.input_weights[i]) : Real(1) / Real(m);
        return s.output_weights.size() > 0 ? Real(s.output_weights[i - m])
                                           : Real(1) / Real(batch_.s1() + batch_.s2());
    }
    /// A zero good output that the score divides by.
    bool undefined_sbm() const {
        if (batch_.settings.drop_zero_outputs) return false;
        for (Eigen::Index i = batch_.m(); i < batch_.m() + batch_.s1(); ++i) {
            if (scored(i) && own(i) <= 0) return true;
        }
        return false;
    }

    void write_radial() {
        const bool input = orientation() == Orientation::input;
        const auto moves = [&](Eigen::Index i) { return input ? is_input(i) : is_good(i); };
        bool any = false;
        for (Eigen::Index i = 0; i < total_; ++i) any = any || (moves(i) && own(i) > 0);
        if (!any) {
            book_.before = input ? Status::undefined : Status::unbounded;
            return;
        }
        add_rows(Real(1), every);
        add_special(input ? Real(1) : Real(-1), moves, false);
        add_intensities({});
        book_.factor = input ? Real(1) : Real(-1);
    }

    void write_sbm() {
        if (undefined_sbm()) {
            book_.before = Status::undefined;
            return;
        }
        // relative use or production per scaled unit: w_i / v_i
        std::vector<Real> above = no_weights(), below = no_weights();
        Real inputs = 0, goods_less_bads = 0;  // sums of the weights that count
        for (Eigen::Index i = 0; i < total_; ++i) {
            if (!scored(i) || own(i) <= 0) continue;
            const Real weight = sbm_weight(i);
            if (is_input(i)) {
                above[at(i)] = weight / own_scaled(i);
                inputs += weight;
            } else {
                below[at(i)] = (is_good(i) ? weight : -weight) / own_scaled(i);
                goods_less_bads += is_good(i) ? weight : -weight;
            }
        }
        add_rows(Real(1), every);
        if (orientation() == Orientation::input) {
            add_intensities(above);
            book_.constant = Real(1) - inputs;
        } else if (orientation() == Orientation::output) {
            for (Real& w : below) w = -w;
            add_intensities(below);
            book_.constant = Real(1) - goods_less_bads;
            book_.factor = Real(-1);
            book_.reciprocal = true;
        } else {
            const std::size_t t = add_special(Real(1) - inputs, every, true);
            add_intensities(above);
            const std::size_t normal = add_row(Sense::equal, Real(1));
            set(normal, t, Real(1) - goods_less_bads);
            for (const Member& member : members_) {
                Real sum = 0;
                for (Eigen::Index i = 0; i < total_; ++i)
                    sum += below[at(i)] * scaled(i, member.unit, member.size);
                set(normal, member.column, sum);
            }
        }
    }

    void write_super_sbm() {
        if (undefined_sbm()) {
            book_.before = Status::undefined;
            return;
        }
        const auto above = [&](Eigen::Index i) {
            return is_input(i) || (!is_good(i) && batch_.settings.super_bads == SuperBads::numerator);
        };
        add_rows(Real(1), every);
        const bool fraction = orientation() == Orientation::none;
        std::size_t t = none, normal = none;
        if (fraction) {
            t = add_special(Real(1), every, true);
            normal = add_row(Sense::equal, Real(1));
            set(normal, t, Real(1));
        }
        const bool output = orientation() == Orientation::output;
        for (Eigen::Index i = 0; i < total_; ++i) {
            if (!scored(i) || own(i) <= 0) continue;  // expansions are relative: e_i = own_i * z
            const bool in_cost = !fraction || above(i);
            const std::size_t column = add_column(in_cost ? sbm_weight(i) : Real(0));
            if (!in_cost) set(normal, column, -sbm_weight(i));
            set(row_of_[at(i)], column, is_good(i) ? own_scaled(i) : -own_scaled(i));
        }
        add_intensities({});
        book_.constant = fraction ? Real(0) : Real(1);
        book_.factor = output ? Real(-1) : Real(1);
        book_.reciprocal = output;  // infeasible where only the loss of all outputs would do
    }

    void write_additive();
    void write_ddf() {
        const Eigen::VectorXd g = direction(batch_, o_);
        double largest = 0;
        for (Eigen::Index i = 0; i < total_; ++i) largest = std::max(largest, g[i] * row_scale_[at(i)]);
        if (!(largest > 0)) {
            book_.before = Status::undefined;
            return;
        }
        const double size = power(largest);
        add_rows(Real(1), every);
        const std::size_t beta = add_column(Real(-1));
        book_.program.columns[beta].free = true;
        for (Eigen::Index i = 0; i < total_; ++i) {
            const Real step = Real(g[i] * row_scale_[at(i)]) * Real(size);
            set(row_of_[at(i)], beta, is_good(i) ? -step : step);
        }
        add_intensities({});
        book_.factor = Real(-size);
    }

    /// Given, or a third for each group, split equally inside it.
    Real nddf_weight(Eigen::Index i) const {
        const auto& given = batch_.settings.item_weights;
        if (given.size() > 0) return Real(given[i]);
        const Eigen::Index size = is_input(i) ? batch_.m() : is_good(i) ? batch_.s1() : batch_.s2();
        return Real(1) / Real(3 * size);
    }
    void write_nddf() {
        const Eigen::VectorXd g = direction(batch_, o_);
        add_rows(Real(1), every);
        bool any = false;
        for (Eigen::Index i = 0; i < total_; ++i) {
            const Real weight = nddf_weight(i);
            if (!(weight > 0) || !(g[i] > 0)) continue;
            any = true;
            // beta is measured so that its entry is near 1.
            const double size = power(g[i] * row_scale_[at(i)]);
            const std::size_t beta = add_column(-weight * Real(size));
            const Real step = Real(g[i] * row_scale_[at(i)]) * Real(size);
            set(row_of_[at(i)], beta, is_good(i) ? -step : step);
        }
        if (!any) {
            book_.before = Status::undefined;
            return;
        }
        add_intensities({});
        book_.factor = Real(-1);
    }

    void write_cost() {
        const auto& price = batch_.evaluated.price;
        std::vector<Real> weight = no_weights();
        Real own_cost = 0;
        for (Eigen::Index i = 0; i < batch_.m(); ++i) own_cost += Real(price(i, o_)) * Real(own(i));
        if (!(own_cost > 0)) {
            book_.before = Status::undefined;
            return;
        }
        for (Eigen::Index i = 0; i < batch_.m(); ++i)
            weight[at(i)] = Real(price(i, o_)) / Real(row_scale_[at(i)]) / own_cost;
        add_rows(Real(1), [&](Eigen::Index i) { return !is_input(i); });
        add_intensities(weight);
    }

    void write_revenue() {
        const auto& price = batch_.evaluated.price;
        std::vector<Real> weight = no_weights();
        Real own_value = 0;
        for (Eigen::Index r = 0; r < batch_.s1(); ++r)
            own_value += Real(price(r, o_)) * Real(own(batch_.m() + r));
        if (!(own_value > 0)) {
            book_.before = Status::undefined;
            return;
        }
        for (Eigen::Index r = 0; r < batch_.s1(); ++r) {
            const auto i = batch_.m() + r;
            weight[at(i)] = -Real(price(r, o_)) / Real(row_scale_[at(i)]) / own_value;
        }
        add_rows(Real(1), [&](Eigen::Index i) { return !is_good(i); });
        add_intensities(weight);
        book_.factor = Real(-1);
        book_.reciprocal = true;
        book_.without = Status::undefined;  // the best that can be had is worth nothing
        book_.least = 1e-14;
    }

    struct Member {
        std::size_t column;
        Eigen::Index unit;
        double size;
    };
    static constexpr auto none = static_cast<std::size_t>(-1);
    const Batch& batch_;
    Eigen::Index o_, total_;
    std::vector<double> row_scale_;
    std::vector<std::size_t> row_of_;
    std::size_t returns_row_ = none;
    std::vector<Member> members_;
    Textbook<Real> book_;
};

template <class Real>
void Writer<Real>::write_additive() {
    std::vector<Real> weight = no_weights();
    add_rows(Real(1), every);
    double largest = 0;
    for (Eigen::Index i = 0; i < total_; ++i) {
        if (!scored(i)) continue;
        const long double w = additive_weight(batch_, i, o_);
        if (w < 0) {  // nothing to divide by: the slack is held at 0
            book_.program.sense[row_of_[at(i)]] = Sense::equal;
            continue;
        }
        weight[at(i)] = Real(w) / Real(row_scale_[at(i)]);
        book_.constant += weight[at(i)] * own_scaled(i) * Real(is_good(i) ? -1 : 1);
        if (is_good(i)) weight[at(i)] = -weight[at(i)];
        largest = std::max(largest, static_cast<double>(w) / row_scale_[at(i)]);
    }
    // Sum of slacks in a unit that makes the largest cost about 1.
    const double size = largest > 0 ? power(largest) : 1.0;
    for (Real& w : weight) w *= Real(size);
    add_intensities(weight);
    book_.factor = Real(-1) / Real(size);
    if (batch_.settings.additive_weights != AdditiveWeights::bam || batch_.settings.returns != Returns::crs)
        return;
    // Under constant returns the bounds that give the model its name have to be said.
    for (Eigen::Index i = 0; i < total_; ++i) {
        double bound = value(batch_.evaluated, i, 0);
        for (Eigen::Index j = 0; j < batch_.evaluated.units(); ++j) {
            const double v = value(batch_.evaluated, i, j);
            bound = is_good(i) ? std::max(bound, v) : std::min(bound, v);
        }
        const std::size_t row =
            add_row(is_good(i) ? Sense::at_most : Sense::at_least, Real(bound) * Real(row_scale_[at(i)]));
        for (const Member& member : members_) set(row, member.column, scaled(i, member.unit, member.size));
    }
}

}  // namespace

template <class Real>
Textbook<Real> textbook(const Batch& batch, Eigen::Index o) {
    return Writer<Real>(batch, o).write();
}
template Textbook<double> textbook(const Batch&, Eigen::Index);
template Textbook<Quad> textbook(const Batch&, Eigen::Index);

}  // namespace greenfront::torture
