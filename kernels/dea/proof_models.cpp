#include "kernels/dea/proof_models.hpp"

namespace greenfront::dea::proof {
namespace {

constexpr double nan = std::numeric_limits<double>::quiet_NaN();

// ---- what a model takes from the unit

void weigh_sbm(const Frame& frame, Given& g) {
    const Settings& s = frame.settings;
    const auto m = static_cast<double>(frame.m), s1 = static_cast<double>(frame.s1),
               s2 = static_cast<double>(frame.s2);
    const bool numerator = s.super && s.super_bads == SuperBads::numerator && frame.s2 > 0;
    const auto share = [&](Eigen::Index i) {
        if (numerator) return frame.is_good(i) ? 1 / s1 : 1 / (m + s2);
        if (frame.is_input(i)) return s.input_weights.size() > 0 ? s.input_weights[i] : 1 / m;
        return s.output_weights.size() > 0 ? s.output_weights[i - frame.m] : 1 / (s1 + s2);
    };
    for (Eigen::Index i = 0; i < g.value.size(); ++i)
        if (frame.scored(i) && g.value[i] > 0) g.weight[i] = share(i) / g.value[i];
}

void weigh_additive(const Frame& frame, Given& g) {
    const Settings& s = frame.settings;
    const auto counted = static_cast<double>(s.orientation == Orientation::none    ? g.value.size()
                                             : s.orientation == Orientation::input ? frame.m
                                                                                   : frame.s1 + frame.s2);
    const auto divisor = [&](Eigen::Index i) {
        switch (s.additive_weights) {
            case AdditiveWeights::mip:
                return g.value[i];
            case AdditiveWeights::ram:
                return counted * frame.range[i];
            case AdditiveWeights::bam:
                return counted * std::abs(frame.best[i] - g.value[i]);
            case AdditiveWeights::normalized:
                return frame.deviation[i];
            default:
                return 1.0;
        }
    };
    for (Eigen::Index i = 0; i < g.value.size(); ++i) {
        if (!frame.scored(i)) continue;
        const double by = divisor(i);
        g.weight[i] = s.additive_weights == AdditiveWeights::given ? s.item_weights[i] : by > 0 ? 1 / by : 0;
    }
}

void point_the_way(const Frame& frame, Given& g) {
    const Settings& s = frame.settings;
    const auto thirds_of = thirds(frame.m, frame.s1, frame.s2);
    for (Eigen::Index i = 0; i < g.value.size(); ++i) {
        const bool input = frame.is_input(i), good = frame.is_good(i);
        const Direction& d = input ? s.direction_inputs : good ? s.direction_goods : s.direction_bads;
        const Eigen::Index at = input ? i : good ? i - frame.m : i - frame.m - frame.s1;
        if (d.kind == Direction::Kind::observed) g.pull[i] = g.value[i];
        if (d.kind == Direction::Kind::given) g.pull[i] = d.given[at];
        if (s.model == Model::nddf && g.pull[i] > 0)
            g.weight[i] = s.item_weights.size() > 0 ? s.item_weights[i] : thirds_of[i];
    }
}

/// Prices over the observed cost or revenue.
void weigh_by_price(const Eigen::VectorXd& price, Eigen::Index first, Given& g) {
    g.weight.segment(first, price.size()) = price / price.dot(g.value.segment(first, price.size()));
}

// ---- the peers' point

void find_slacks(const Frame& frame, const Claim& claim, Given& g) {
    g.limit = g.value;
    g.slack.resize(g.value.size());
    for (Eigen::Index i = 0; i < g.value.size(); ++i) {
        const double sign = frame.sign(i);
        if (frame.moves(i)) g.limit[i] *= claim.score;
        if (frame.settings.model == Model::ddf) g.limit[i] -= sign * claim.score * g.pull[i];
        if (frame.settings.model == Model::nddf) g.limit[i] -= sign * claim.beta[i] * g.pull[i];
        g.slack[i] = sign * (g.limit[i] - g.point[i]);
    }
}

void miss(const Frame& frame, const Given& g, Eigen::Index i, double amount, Finding& f) {
    const double base = g.value[i] > 0 ? g.value[i] : std::abs(g.point[i]) > 0 ? frame.mean[i] : 1;
    raise(f.infeasibility, relative(amount, base));
}

/// The point keeps the limit of variable i.
void hold(const Frame& frame, const Given& g, Eigen::Index i, bool exactly, Finding& f) {
    miss(frame, g, i, exactly ? std::abs(g.slack[i]) : -g.slack[i], f);
}

void hold_all(const Frame& frame, const Given& g, Finding& f) {
    for (Eigen::Index i = 0; i < g.value.size(); ++i) hold(frame, g, i, frame.equality(i), f);
}

void primal_sbm(const Frame& frame, const Given& g, Finding& f) {
    double above = 0, below = 0;
    for (Eigen::Index i = 0; i < g.value.size(); ++i)
        (frame.is_input(i) ? above : below) += g.weight[i] * g.slack[i];
    hold_all(frame, g, f);
    f.primal = (1 - above) / (1 + below);
}

void primal_super_sbm(const Frame& frame, const Given& g, Finding& f) {
    double above = 0, below = 0;
    for (Eigen::Index i = 0; i < g.value.size(); ++i) {
        const double expansion = std::isnan(g.slack[i]) ? nan : std::max(0.0, -g.slack[i]);
        (frame.is_input(i) || frame.above_line(i) ? above : below) += g.weight[i] * expansion;
        if (!(g.weight[i] > 0)) miss(frame, g, i, expansion, f);
    }
    f.primal = (1 + above) / (1 - below);
}

/// A slack without a weight is held at 0, but where weights are the user's.
bool is_held(const Frame& frame, const Given& g, Eigen::Index i) {
    const bool own = frame.settings.additive_weights == AdditiveWeights::given;
    return frame.settings.model == Model::additive && !own && frame.scored(i) && !(g.weight[i] > 0);
}

void primal_additive(const Frame& frame, const Given& g, Finding& f) {
    for (Eigen::Index i = 0; i < g.value.size(); ++i) {
        hold(frame, g, i, is_held(frame, g, i), f);
        if (frame.bounded()) miss(frame, g, i, g.slack[i] - std::abs(frame.best[i] - g.value[i]), f);
    }
    f.primal = g.weight.dot(g.slack);
}

void primal_nddf(const Frame& frame, const Given& g, const Claim& claim, Finding& f) {
    hold_all(frame, g, f);
    for (Eigen::Index i = 0; i < g.value.size(); ++i) miss(frame, g, i, -claim.beta[i] * g.pull[i], f);
    f.primal = g.weight.dot(claim.beta);
}

double primal_prices(const Frame& frame, const Given& g, Finding& f) {
    double value = 0;
    for (Eigen::Index i = 0; i < g.value.size(); ++i) {
        if (frame.chosen(i)) {
            value += g.weight[i] * g.point[i];
        } else {
            hold(frame, g, i, frame.equality(i), f);
        }
    }
    return value;
}

/// One peer, and the score is what its point needs.
void primal_hull(const Frame& frame, const Given& g, const Claim& claim, Finding& f) {
    if (claim.peer.size() != 1) raise(f.infeasibility, nan);
    hold_all(frame, g, f);
    const bool input = frame.settings.orientation == Orientation::input;
    double most = 0, least = std::numeric_limits<double>::infinity();
    for (Eigen::Index i = 0; i < g.value.size(); ++i) {
        if (!frame.moves(i) || !(g.value[i] > 0)) continue;
        const double ratio = g.point[i] / g.value[i];
        most = std::max(most, ratio);
        least = std::min(least, ratio);
    }
    f.primal = input ? most : least;
}

// ---- the multipliers

void lack(double amount, double base, Finding& f) {
    raise(f.multiplier_fault, relative(amount, base));
}

/// Multipliers of inequalities are not negative, and omega has the sign of its row.
void check_signs(const Frame& frame, const Given& g, const Eigen::VectorXd& y, double size, Finding& f) {
    const double omega = y[g.value.size()];
    if (frame.settings.returns == Returns::crs) lack(std::abs(omega), size, f);
    if (frame.settings.returns == Returns::nirs) lack(omega, size, f);
    if (frame.settings.returns == Returns::ndrs) lack(-omega, size, f);
    for (Eigen::Index i = 0; i < g.value.size(); ++i) {
        // A slack that is held at 0 makes its row an equality; a bound on it takes what the multiplier lacks.
        const bool free = frame.equality(i) || frame.chosen(i) || frame.bounded() || is_held(frame, g, i);
        if (!free) lack(-y[i] * (g.value[i] > 0 ? g.value[i] : frame.mean[i]), size, f);
    }
}

void dual_radial(const Frame& frame, const Given& g, Finding& f) {
    const bool output = frame.settings.orientation == Orientation::output;
    const double inputs = g.terms.head(frame.m).sum(), goods = g.terms.segment(frame.m, frame.s1).sum();
    lack(std::abs((output ? goods : inputs) - 1), 1, f);
    f.dual = output ? g.pi + goods : inputs - g.pi;
}

void dual_sbm(const Frame& frame, const Given& g, const Claim& claim, Finding& f) {
    for (Eigen::Index i = 0; i < g.value.size(); ++i) {
        if (!(g.weight[i] > 0)) continue;
        const bool under =
            frame.settings.orientation == Orientation::none && !frame.is_input(i) && !frame.above_line(i);
        const double short_of = (under ? claim.score : 1) * g.weight[i] - claim.multiplier[i];
        lack((frame.settings.super ? -short_of : short_of) * g.value[i], 1, f);
    }
    f.dual = frame.settings.orientation == Orientation::output ? 1 / (1 + g.pi) : 1 - g.pi;
}

void dual_additive(const Frame& frame, const Given& g, const Claim& claim, double size, Finding& f) {
    double bounds = 0;
    for (Eigen::Index i = 0; i < g.value.size(); ++i) {
        const double short_of = std::max(0.0, g.weight[i] - claim.multiplier[i]);
        if (frame.bounded()) {
            if (!is_held(frame, g, i)) bounds += short_of * std::abs(frame.best[i] - g.value[i]);
        } else if (g.weight[i] > 0) {
            lack(short_of * (g.value[i] > 0 ? g.value[i] : frame.mean[i]), size, f);
        }
    }
    f.dual = g.pi + bounds;
}

void dual_ddf(const Given& g, const Claim& claim, bool inside, Finding& f) {
    const double reach = claim.multiplier.head(g.value.size()).dot(g.pull);
    lack(inside ? 1 - reach : std::abs(1 - reach), 1, f);
    f.dual = g.pi;
}

void dual_nddf(const Given& g, const Claim& claim, double size, Finding& f) {
    for (Eigen::Index i = 0; i < g.value.size(); ++i) {
        const double needed = g.weight[i];
        if (needed > 0) lack(needed - claim.multiplier[i] * g.pull[i], std::max(needed, size), f);
    }
    f.dual = g.pi;
}

void dual_prices(const Frame& frame, const Given& g, const Claim& claim, Finding& f) {
    const bool cost = frame.settings.model == Model::cost;
    for (Eigen::Index i = 0; i < g.value.size(); ++i) {
        if (!frame.chosen(i)) continue;
        const double above = claim.multiplier[i] - g.weight[i];
        lack(cost ? above : -above, std::max(g.weight[i], 1e-300), f);
    }
    f.dual =
        cost ? g.terms.head(frame.m).sum() - g.pi : 1 / (g.pi + g.terms.segment(frame.m, frame.s1).sum());
}

// ---- slacks and targets

/// The slack (super SBM: expansion) of variable i that the peers leave; NaN where the model has none.
double slack_of(const Frame& frame, const Given& g, Eigen::Index i) {
    if (frame.chosen(i)) return nan;
    if (frame.settings.model == Model::sbm) {
        if (!(g.value[i] > 0)) return frame.is_good(i) && !frame.scored(i) ? nan : 0;
        if (!frame.scored(i)) return nan;
        if (frame.settings.super) return std::max(0.0, -g.slack[i]);
    }
    return g.slack[i];
}

}  // namespace

Given given(const Frame& frame, const Quantities& evaluated, Eigen::Index o) {
    Given g;
    g.value.resize(frame.m + frame.s1 + frame.s2);
    g.value.head(frame.m) = evaluated.X.col(o);
    g.value.segment(frame.m, frame.s1) = evaluated.Y.col(o);
    if (frame.s2 > 0) g.value.tail(frame.s2) = evaluated.B.col(o);
    g.weight = g.pull = Eigen::VectorXd::Zero(g.value.size());
    switch (frame.settings.model) {
        case Model::sbm:
            weigh_sbm(frame, g);
            break;
        case Model::additive:
            weigh_additive(frame, g);
            break;
        case Model::ddf:
        case Model::nddf:
            point_the_way(frame, g);
            break;
        case Model::cost:
            weigh_by_price(evaluated.price.col(o), 0, g);
            break;
        case Model::revenue:
            weigh_by_price(evaluated.price.col(o), frame.m, g);
            break;
        case Model::radial:
        case Model::fdh:
            break;
    }
    return g;
}

void check_primal(const Frame& frame, Given& g, const Claim& claim, Finding& f) {
    const Returns returns = frame.settings.returns;
    const double over = g.intensity - 1;
    if (returns == Returns::vrs) raise(f.infeasibility, std::abs(over));
    if (returns == Returns::nirs) raise(f.infeasibility, over);
    if (returns == Returns::ndrs) raise(f.infeasibility, -over);
    find_slacks(frame, claim, g);
    switch (frame.settings.model) {
        case Model::radial:
        case Model::ddf:
            hold_all(frame, g, f);
            f.primal = claim.score;  // attained, if the point is feasible
            break;
        case Model::sbm:
            frame.settings.super ? primal_super_sbm(frame, g, f) : primal_sbm(frame, g, f);
            break;
        case Model::additive:
            primal_additive(frame, g, f);
            break;
        case Model::nddf:
            primal_nddf(frame, g, claim, f);
            break;
        case Model::fdh:
            primal_hull(frame, g, claim, f);
            break;
        case Model::cost:
            f.primal = primal_prices(frame, g, f);
            break;
        case Model::revenue:
            f.primal = 1 / primal_prices(frame, g, f);
            break;
    }
}

void check_dual(const Frame& frame, const Given& g, const Claim& claim, bool inside, Finding& f) {
    if (frame.settings.model == Model::additive) f.scale = std::max(1.0, g.weight.dot(g.value));
    const double size = std::max(f.scale, std::abs(claim.score));
    check_signs(frame, g, claim.multiplier, size, f);
    switch (frame.settings.model) {
        case Model::radial:
            dual_radial(frame, g, f);
            break;
        case Model::sbm:
            dual_sbm(frame, g, claim, f);
            break;
        case Model::additive:
            dual_additive(frame, g, claim, size, f);
            break;
        case Model::ddf:
            dual_ddf(g, claim, inside, f);
            break;
        case Model::nddf:
            dual_nddf(g, claim, size, f);
            break;
        case Model::cost:
        case Model::revenue:
            dual_prices(frame, g, claim, f);
            break;
        case Model::fdh:  // not convex: no multipliers
            break;
    }
}

void check_projection(const Frame& frame, const Given& g, const Claim& claim, Finding& f) {
    const Model model = frame.settings.model;
    const bool stage_two = model == Model::radial || model == Model::ddf;
    // A second stage that broke off leaves all slacks without a value.
    const bool none = claim.slack.size() == 0 || (stage_two && claim.slack.array().isNaN().all());
    for (Eigen::Index i = 0; i < g.value.size(); ++i) {
        double base = std::max({g.value[i], std::abs(g.limit[i]), std::abs(g.point[i])});
        if (!(base > 0)) base = frame.mean[i];
        const double expected = none ? nan : slack_of(frame, g, i);
        const auto compare = [&](double stored, double wanted) {
            if (std::isnan(stored) && std::isnan(wanted)) return;
            raise(f.projection_fault, relative(std::abs(stored - wanted), base));
        };
        if (!none) compare(claim.slack[i], expected);
        if (claim.target.size() == 0) continue;
        const double better = (frame.super_sbm() ? 1 : -1) * frame.sign(i);
        const bool moved = model != Model::nddf && !std::isnan(expected);
        const double target = g.limit[i] + (moved ? better * expected : 0);
        compare(claim.target[i], frame.chosen(i) ? g.point[i] : target);
    }
}

}  // namespace greenfront::dea::proof
