// A score is proved without a solver: peers reach it, and multipliers show that nothing reaches further.
// With v, u, w >= 0 and omega from the results, profit of unit j = v'x_j - u'y_j + w'b_j - omega, which no
// reference unit may have below zero; weak duality then bounds every feasible point by the profit of the
// evaluated unit.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "tests/dea/torture/judge.hpp"

namespace greenfront::torture {
namespace {

using dea::Model, dea::Orientation, dea::Returns;

constexpr double tolerance = 1e-9;
/// Rounding of a sum of a dozen products, relative to the sum of their magnitudes.
constexpr double rounding = 1e-14;

struct Sum {
    double value = 0, terms = 0;
    void add(double term) {
        value += term;
        terms += std::abs(term);
    }
};

class Proof {
  public:
    Proof(const Batch& batch, const dea::Scores& scores, std::vector<std::string>& problems)
        : batch_(batch), s_(scores), problems_(problems), total_(batch.variables()), mean_(total_) {
        for (Eigen::Index i = 0; i < total_; ++i) {
            double sum = 0;
            for (Eigen::Index j = 0; j < batch.reference.units(); ++j) sum += value(batch.reference, i, j);
            mean_[i] = sum / static_cast<double>(batch.reference.units());
        }
    }

    void unit(Eigen::Index o) {
        o_ = o;
        score_ = s_.score[o];
        read_point();
        check_returns();
        check_point();
        // The rows that bound BAM under constant returns have multipliers of their own.
        const bool bounded = batch_.settings.model == Model::additive &&
                             weights() == dea::AdditiveWeights::bam &&
                             batch_.settings.returns == Returns::crs;
        if (batch_.settings.model == Model::fdh || bounded) return;
        check_columns();
        check_signs();
        check_costs();
        check_dual_value();
    }

  private:
    bool is_input(Eigen::Index i) const { return i < batch_.m(); }
    bool is_good(Eigen::Index i) const { return i >= batch_.m() && i < batch_.m() + batch_.s1(); }
    double own(Eigen::Index i) const { return value(batch_.evaluated, i, o_); }
    Orientation orientation() const { return batch_.settings.orientation; }
    dea::AdditiveWeights weights() const { return batch_.settings.additive_weights; }
    bool scored(Eigen::Index i) const {
        return orientation() == Orientation::none || is_input(i) == (orientation() == Orientation::input);
    }
    void fail(const std::string& what) { problems_.push_back(fmt::format("unit {}: {}", o_, what)); }

    // ---- peers

    void read_point() {
        point_ = Eigen::VectorXd::Zero(total_);
        intensity_ = 0;
        const auto at = static_cast<std::size_t>(o_);
        const dea::ColumnRange hidden = batch_.hidden(o_);
        for (std::int64_t p = s_.peer_start[at]; p < s_.peer_start[at + 1]; ++p) {
            const auto slot = static_cast<std::size_t>(p);
            const std::int32_t j = s_.peer[slot];
            const double lambda = s_.lambda[slot], idle = s_.idle.empty() ? 0.0 : s_.idle[slot];
            if (hidden.contains(j) || j < 0 || j >= batch_.reference.units() || !(lambda >= 0) ||
                !(idle >= 0)) {
                fail(fmt::format("peer {} with intensity {} (idle {})", j, lambda, idle));
                continue;
            }
            intensity_ += lambda + idle;
            for (Eigen::Index i = 0; i < total_; ++i)
                point_[i] += (lambda + (is_input(i) ? idle : 0.0)) * value(batch_.reference, i, j);
        }
    }
    void check_returns() {
        const double excess = intensity_ - 1, allowed = tolerance * (intensity_ + 1);
        const Returns returns = batch_.settings.returns;
        const bool low = returns == Returns::vrs || returns == Returns::ndrs;
        const bool high = returns == Returns::vrs || returns == Returns::nirs;
        if ((low && excess < -allowed) || (high && excess > allowed))
            fail(fmt::format("intensities add up to {:.17g}", intensity_));
    }
    /// Room between the peers' point and `right`: negative where the point is outside.
    double room(Eigen::Index i, double right) const {
        return is_good(i) ? point_[i] - right : right - point_[i];
    }
    /// The unit's size in multiples of the mean unit.
    double bulk() const {
        double largest = std::max(1.0, intensity_);
        for (Eigen::Index i = 0; i < batch_.variables(); ++i) {
            if (mean_[i] > 0) largest = std::max(largest, own(i) / mean_[i]);
        }
        return largest;
    }
    double hair(Eigen::Index i, double right) const {
        const double size = own(i) + std::abs(right - own(i)) + point_[i];  // the terms of the row
        // A unit that has nothing of a variable gives it no scale but that of the set and its own size.
        // Intensities carry rounding errors, which units with far more of the variable multiply.
        const double carried = 1e-13 * mean_[i] * std::max(1.0, intensity_);
        return tolerance * (own(i) > 0 ? size : std::max(size, mean_[i] * bulk())) + carried;
    }
    void inside(Eigen::Index i, double right, bool equal) {
        const double r = room(i, right);
        if (r < -hair(i, right) || (equal && r > hair(i, right)))
            fail(fmt::format("peers give {:.17g} of variable {}, allowed {:.17g}", point_[i], i, right));
    }
    void stored_slack(Eigen::Index i, double right) {
        const double slack = is_input(i)  ? s_.input_slack(i, o_)
                             : is_good(i) ? s_.good_slack(i - batch_.m(), o_)
                                          : s_.bad_slack(i - batch_.m() - batch_.s1(), o_);
        if (std::isnan(slack)) return;
        const bool expansion = batch_.settings.model == Model::sbm && batch_.settings.super;
        const double r = expansion ? std::max(0.0, -room(i, right)) : room(i, right);
        // A zero good output that is left out of everything shows no slack.
        if (own(i) <= 0 && is_good(i) && batch_.settings.model == Model::sbm) return;
        const bool close = expansion ? slack >= r - hair(i, right) : std::abs(slack - r) <= hair(i, right);
        if (!close || !(slack >= 0))
            fail(fmt::format("slack {:.17g} of variable {}, the peers leave {:.17g}", slack, i, r));
    }

    void check_point() {
        const Model model = batch_.settings.model;
        const Eigen::VectorXd g =
            model == Model::ddf || model == Model::nddf ? direction(batch_, o_) : Eigen::VectorXd();
        Sum reached;  // what the point is worth in the score
        for (Eigen::Index i = 0; i < total_; ++i) {
            double right = own(i);
            const bool moving = orientation() == Orientation::input
                                    ? is_input(i)
                                    : orientation() == Orientation::output && is_good(i);
            if ((model == Model::radial || model == Model::fdh) && moving) right *= score_;
            if (model == Model::ddf) right += (is_good(i) ? 1 : -1) * score_ * g[i];
            if (model == Model::nddf) right += (is_good(i) ? 1 : -1) * s_.beta(i, o_) * g[i];
            const bool chosen =
                (model == Model::cost && is_input(i)) || (model == Model::revenue && is_good(i));
            const bool expands = model == Model::sbm && batch_.settings.super && scored(i);
            const bool equal = batch_.bads_equal() && !is_input(i) && !is_good(i);
            if (!chosen && !(expands && own(i) > 0)) inside(i, right, equal);
            if (!chosen) stored_slack(i, right);
        }
        if (model == Model::nddf) {
            for (Eigen::Index i = 0; i < total_; ++i) {
                reached.add(item_weight(i) * s_.beta(i, o_));
                if (!(s_.beta(i, o_) >= 0)) fail(fmt::format("beta {} is {}", i, s_.beta(i, o_)));
            }
            attained(reached.value, -1);
        } else if (model == Model::additive) {
            for (Eigen::Index i = 0; i < total_; ++i) {
                const double weight = scored(i) ? additive_weight(batch_, i, o_) : 0;
                if (weight < 0) inside(i, own(i), true);
                if (weight > 0) reached.add(weight * room(i, own(i)));
            }
            attained(reached.value, -1);
        } else if (model == Model::sbm) {
            attained(sbm_of_point(), 1);
        } else if (model == Model::cost || model == Model::revenue) {
            const bool cost = model == Model::cost;
            Sum observed;
            for (Eigen::Index k = 0; k < (cost ? batch_.m() : batch_.s1()); ++k) {
                const Eigen::Index i = cost ? k : batch_.m() + k;
                reached.add(batch_.evaluated.price(k, o_) * point_[i]);
                observed.add(batch_.evaluated.price(k, o_) * own(i));
            }
            attained(cost ? reached.value / observed.value : observed.value / reached.value, 1);
        }
    }
    /// The score of a minimum (sense 1) may not lie below what the peers reach. A score in units of measure
    /// (additive models) is a difference of values as large as its scale, and carries their rounding.
    void attained(double reached, int sense) {
        const double allowed =
            allowed_at(batch_, score_) * std::max(1.0, std::abs(score_)) + rounding * objective_scale();
        if (!(sense * (reached - score_) <= allowed))
            fail(fmt::format("score {:.17g}, but the peers reach {:.17g}", score_, reached));
    }
    double sbm_of_point() const {
        const bool super = batch_.settings.super;
        double above = 1, below = 1;
        for (Eigen::Index i = 0; i < total_; ++i) {
            if (!scored(i) || own(i) <= 0) continue;
            const double r = super ? std::max(0.0, -room(i, own(i))) : room(i, own(i));
            const double share = sbm_weight(i) * r / own(i);
            if (counts_above(i)) {
                above += super ? share : -share;
            } else {
                below += super ? -share : share;
            }
        }
        return above / below;
    }

    // ---- weights

    bool numerator() const {
        return batch_.settings.super && batch_.settings.super_bads == dea::SuperBads::numerator;
    }
    bool counts_above(Eigen::Index i) const { return is_input(i) || (!is_good(i) && numerator()); }
    double sbm_weight(Eigen::Index i) const {
        const auto& s = batch_.settings;
        const auto m = static_cast<double>(batch_.m()), s1 = static_cast<double>(batch_.s1()),
                   s2 = static_cast<double>(batch_.s2());
        if (numerator()) return is_good(i) ? 1 / s1 : 1 / (m + s2);
        if (is_input(i)) return s.input_weights.size() > 0 ? s.input_weights[i] : 1 / m;
        return s.output_weights.size() > 0 ? s.output_weights[i - batch_.m()] : 1 / (s1 + s2);
    }
    double item_weight(Eigen::Index i) const {
        if (batch_.settings.item_weights.size() > 0) return batch_.settings.item_weights[i];
        const Eigen::Index size = is_input(i) ? batch_.m() : is_good(i) ? batch_.s1() : batch_.s2();
        return 1.0 / (3.0 * static_cast<double>(size));
    }

    // ---- multipliers

    double price(Eigen::Index i) const { return s_.multiplier(i, o_); }
    double omega() const { return s_.multiplier(total_, o_); }
    Sum profit(const dea::Quantities& q, Eigen::Index j, bool idle) const {
        Sum sum;
        for (Eigen::Index i = 0; i < total_; ++i) {
            if (!idle || is_input(i)) sum.add((is_good(i) ? -1 : 1) * price(i) * value(q, i, j));
        }
        sum.add(-omega());
        return sum;
    }
    void check_columns() {
        const dea::ColumnRange hidden = batch_.hidden(o_);
        const double floor = objective_scale();
        const dea::Quantities& q = batch_.reference;
        const Eigen::VectorXd prices = s_.multiplier.col(o_);
        const Eigen::VectorXd inputs = q.X.transpose() * prices.head(batch_.m());
        Eigen::VectorXd all = inputs - q.Y.transpose() * prices.segment(batch_.m(), batch_.s1());
        if (batch_.s2() > 0) all += q.B.transpose() * prices.segment(batch_.m() + batch_.s1(), batch_.s2());
        double worst = 0;
        Eigen::Index where = -1;
        for (Eigen::Index j = 0; j < q.units(); ++j) {
            if (hidden.contains(static_cast<std::int32_t>(j))) continue;
            for (const bool idle : {false, true}) {
                if (idle && !batch_.idle_intensities()) continue;
                if ((idle ? inputs[j] : all[j]) >= omega()) continue;
                const Sum sum = profit(q, j, idle);
                const double relative = sum.value / std::max(sum.terms, floor * size_of(j));
                if (relative >= worst) continue;
                worst = relative;
                where = j;
            }
        }
        if (worst < -tolerance)
            fail(fmt::format("reference unit {} improves the score: relative reduced cost {:.3g}", where,
                             worst));
    }
    /// Of reference unit j against the evaluated one: what an intensity of 1 changes at most, relatively.
    double size_of(Eigen::Index j) const {
        double largest = batch_.settings.returns == Returns::crs ? 0.0 : 1.0;
        for (Eigen::Index i = 0; i < total_; ++i) {
            if (size(i) > 0) largest = std::max(largest, value(batch_.reference, i, j) / size(i));
        }
        return largest;
    }
    void check_signs() {
        const Model model = batch_.settings.model;
        const double scale = objective_scale();
        for (Eigen::Index i = 0; i < total_; ++i) {
            const bool chosen =
                (model == Model::cost && is_input(i)) || (model == Model::revenue && is_good(i));
            const bool equal = batch_.bads_equal() && !is_input(i) && !is_good(i);
            const bool held = model == Model::additive && scored(i) && additive_weight(batch_, i, o_) < 0;
            if (chosen || equal || held) continue;
            if (!(price(i) * size(i) >= -tolerance * scale))
                fail(fmt::format("multiplier of variable {} is {:.3g}", i, price(i)));
        }
        const Returns returns = batch_.settings.returns;
        const bool good = returns == Returns::vrs || (returns == Returns::crs && omega() == 0) ||
                          (returns == Returns::nirs && omega() <= tolerance * scale) ||
                          (returns == Returns::ndrs && omega() >= -tolerance * scale);
        if (!good) fail(fmt::format("multiplier of the intensities is {:.3g}", omega()));
    }
    /// What a relative change of variable i is measured against. Of what a unit has nothing of, the mean
    /// unit's; of a unit a thousand times smaller, which under constant returns deals in thousandths, a
    /// thousandth.
    double size(Eigen::Index i) const { return own(i) > 0 ? own(i) : mean_[i] * share(); }
    double share() const {
        double largest = 0;
        for (Eigen::Index i = 0; i < batch_.variables(); ++i) {
            if (mean_[i] > 0) largest = std::max(largest, own(i) / mean_[i]);
        }
        return batch_.settings.returns == Returns::crs && largest > 0 ? std::min(1.0, largest) : 1.0;
    }
    /// The score may be in any unit of measure (additive models with their own weights).
    double objective_scale() const {
        if (batch_.settings.model != Model::additive) return std::max(1.0, std::abs(score_));
        double largest = 1e-300;
        for (Eigen::Index i = 0; i < total_; ++i) {
            if (scored(i)) largest = std::max(largest, additive_weight(batch_, i, o_) * size(i));
        }
        return largest;
    }
    /// Columns other than intensities: slacks, expansions, steps, amounts, theta, beta.
    void check_costs() {
        const auto& s = batch_.settings;
        const double scale = objective_scale();
        const auto at_least = [&](Eigen::Index i, double paid, double wanted) {
            if (!(paid - wanted >= -tolerance * std::max(scale, std::abs(wanted))))
                fail(fmt::format("multiplier of variable {} pays {:.17g} for {:.17g}", i, paid, wanted));
        };
        Sum moved;
        const Eigen::VectorXd g =
            s.model == Model::ddf || s.model == Model::nddf ? direction(batch_, o_) : Eigen::VectorXd();
        Sum observed;
        for (Eigen::Index k = 0; k < batch_.evaluated.price.rows(); ++k) {
            if (s.model == Model::cost) observed.add(batch_.evaluated.price(k, o_) * own(k));
            if (s.model == Model::revenue) observed.add(batch_.evaluated.price(k, o_) * own(batch_.m() + k));
        }
        for (Eigen::Index i = 0; i < total_; ++i) {
            switch (s.model) {
                case Model::radial:
                    if (orientation() == Orientation::input ? is_input(i) : is_good(i))
                        moved.add(price(i) * own(i));
                    break;
                case Model::ddf:
                    moved.add(price(i) * g[i]);
                    break;
                case Model::nddf:
                    if (item_weight(i) > 0 && g[i] > 0) at_least(i, price(i) * g[i], item_weight(i));
                    break;
                case Model::additive: {
                    const double weight = scored(i) ? additive_weight(batch_, i, o_) : 0;
                    if (weight > 0) at_least(i, price(i) * size(i), weight * size(i));
                    break;
                }
                case Model::sbm: {
                    if (!scored(i) || own(i) <= 0) break;
                    const bool in_cost = counts_above(i) || orientation() == Orientation::output;
                    const double wanted = sbm_weight(i) * (in_cost ? 1.0 : score_);
                    const double paid = price(i) * own(i);
                    if (s.super) at_least(i, wanted, paid);
                    if (!s.super) at_least(i, paid, wanted);
                    break;
                }
                case Model::cost:
                    if (is_input(i))
                        at_least(i, batch_.evaluated.price(i, o_) / observed.value * size(i),
                                 price(i) * size(i));
                    break;
                case Model::revenue:
                    if (is_good(i)) {
                        const double q = batch_.evaluated.price(i - batch_.m(), o_) / observed.value;
                        at_least(i, price(i) * size(i), q * size(i));
                    }
                    break;
                case Model::fdh:
                    break;
            }
        }
        const bool special = s.model == Model::radial || s.model == Model::ddf;
        // beta >= 0 where the unit is its own reference: then 1 is enough as a bound from below.
        const bool one_sided =
            s.model == Model::ddf && !s.super && batch_.self[static_cast<std::size_t>(o_)] >= 0;
        const double off = moved.value - 1;
        const double allowed = tolerance + rounding * moved.terms;
        if (special && (off < -allowed || (off > allowed && !one_sided)))
            fail(fmt::format("multipliers value the direction at {:.17g}, not 1", moved.value));
    }
    void check_dual_value() {
        const auto& s = batch_.settings;
        Sum sum = profit(batch_.evaluated, o_, false);
        double dual = sum.value;  // additive, ddf, nddf
        const auto side = [&](bool inputs, bool goods, bool bads) {
            Sum part;
            for (Eigen::Index i = 0; i < total_; ++i) {
                const bool counts = is_input(i) ? inputs : is_good(i) ? goods : bads;
                if (counts) part.add((is_good(i) ? -1 : 1) * price(i) * own(i));
            }
            part.add(-omega());
            return part;
        };
        if (s.model == Model::sbm)
            dual = orientation() == Orientation::output ? 1 / (1 + sum.value) : 1 - sum.value;
        if ((s.model == Model::radial && orientation() == Orientation::input) || s.model == Model::cost) {
            sum = side(false, true, true);
            dual = -sum.value;
        } else if (s.model == Model::radial || s.model == Model::revenue) {
            sum = side(true, false, true);
            dual = s.model == Model::radial ? sum.value : 1 / sum.value;
        }
        const double scale = std::max(objective_scale(), std::abs(score_));
        // Rounding of a sum that is divided by grows with the square of the quotient.
        const bool divides = s.model == Model::revenue;
        const double carried = rounding * sum.terms * (divides ? score_ * score_ : 1.0);
        const double off = divides ? score_ * std::abs(1 - score_ * sum.value) : std::abs(dual - score_);
        if (!(off <= allowed_difference * scale + carried))
            fail(fmt::format("score {:.17g}, but the multipliers give {:.17g}", score_, dual));
    }

    const Batch& batch_;
    const dea::Scores& s_;
    std::vector<std::string>& problems_;
    Eigen::Index total_, o_ = 0;
    Eigen::VectorXd mean_, point_;
    double score_ = 0, intensity_ = 0;
};

}  // namespace

std::vector<std::string> prove(const Batch& batch, const dea::Scores& scores) {
    std::vector<std::string> problems;
    Proof proof(batch, scores, problems);
    for (Eigen::Index o = 0; o < batch.evaluated.units(); ++o) {
        if (scores.status[static_cast<std::size_t>(o)] == Status::optimal) proof.unit(o);
    }
    return problems;
}

}  // namespace greenfront::torture
