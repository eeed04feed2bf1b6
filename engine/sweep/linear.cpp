#include "engine/sweep/linear.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <set>

#include "scenarios/expression.hpp"

namespace greenfront::sweep {
namespace {

constexpr double nan = std::numeric_limits<double>::quiet_NaN();

/// Endogenous variables first, then the exogenous regressors.
std::vector<std::string> regressors(const greenfront::panel::Design& design) {
    std::vector<std::string> names = design.endogenous_name;
    names.insert(names.end(), design.x_name.begin(), design.x_name.end());
    return names;
}

double estimate(const greenfront::panel::Fit& fit, const std::string& name) {
    for (const auto& term : fit.terms) {
        if (term.name == name) return term.estimate;
    }
    return 0;  // omitted
}

/// The replicates of a coefficient; those of an omitted one are zero like its estimate.
Eigen::RowVectorXd replicates_of(const resample::PairsDraws& draws, const std::string& name,
                                 std::int64_t count) {
    const auto at = std::find(draws.term.begin(), draws.term.end(), name);
    if (at == draws.term.end()) return Eigen::RowVectorXd::Zero(count);
    return draws.draw.row(at - draws.term.begin()).head(count);
}

/// One row of `to` gets weight * `from`, for each weight that is not zero: a regressor that does not move
/// adds nothing, even in a replicate that does not identify its coefficient.
void add_products(const Eigen::MatrixXd& weights, const Eigen::MatrixXd& from, Eigen::MatrixXd& to) {
    for (Eigen::Index j = 0; j < weights.cols(); ++j) {
        for (Eigen::Index c = 0; c < weights.rows(); ++c) {
            if (weights(c, j) != 0) to.row(c) += weights(c, j) * from.row(j);
        }
    }
}

}  // namespace

LinearChannel::LinearChannel(const Panel& baseline, std::vector<LinearType> types,
                             const MediationOutcome* mediation, std::int64_t replicates)
    : baseline_(baseline), types_(std::move(types)), mediation_(mediation), replicates_(replicates) {
    const auto& pooled = *types_.back().regression;
    for (const auto& type : types_) {
        for (const auto& name : regressors(type.regression->design)) (void)term(name);
    }
    if (mediation_ != nullptr) (void)term(mediation_->mediator);
    const std::size_t terms = terms_.size(), rows = baseline.rows();
    const auto size = static_cast<Eigen::Index>(types_.size() * terms);
    point_ = direct_ = Eigen::VectorXd::Zero(size);
    draw_ = Eigen::MatrixXd::Zero(size, replicates);
    needs_.assign(types_.size(), std::vector<char>(terms, 0));
    if (mediation_ != nullptr) {
        add_mediation(*mediation_);
    } else {
        for (std::size_t t = 0; t < types_.size(); ++t) {
            const auto& regression = *types_[t].regression;
            add_coefficients(regressors(regression.design), t, regression.fit, types_[t].draws);
        }
    }
    base_ = evaluate_terms(terms_, baseline);
    moves_.assign(terms, 1);
    sample_.assign(rows, 0);
    outcome_.assign(rows, nan);
    const auto& design = mediation_ != nullptr ? mediation_->design : pooled.design;
    for (std::size_t i = 0; i < design.row.size(); ++i) {
        const auto row = static_cast<std::size_t>(design.row[i]);
        sample_[row] = 1;
        outcome_[row] = design.y[static_cast<Eigen::Index>(i)];
    }
    std::set<std::string> read;
    for (const auto& text : terms_) {
        for (auto& column : term_columns(text, baseline)) read.insert(column);
    }
    for (const auto& type : types_) {
        for (auto& column : greenfront::columns_read(type.where, baseline)) read.insert(column);
    }
    columns_.assign(read.begin(), read.end());
}

std::size_t LinearChannel::term(const std::string& text) {
    const auto at = std::find(terms_.begin(), terms_.end(), text);
    if (at != terms_.end()) return static_cast<std::size_t>(at - terms_.begin());
    terms_.push_back(text);
    return terms_.size() - 1;
}

void LinearChannel::add_coefficients(const std::vector<std::string>& names, std::size_t type,
                                     const greenfront::panel::Fit& fit, const resample::PairsDraws* draws) {
    for (const auto& name : names) {
        const std::size_t k = term(name);
        const Eigen::Index at = place(type, k);
        needs_[type][k] = 1;
        point_[at] = direct_[at] = estimate(fit, name);
        if (replicates_ > 0) draw_.row(at) = replicates_of(*draws, name, replicates_);
    }
}

void LinearChannel::add_mediation(const MediationOutcome& mediation) {
    const double b = estimate(mediation.full, mediation.mediator);
    Eigen::RowVectorXd b_draws;
    if (replicates_ > 0) b_draws = replicates_of(mediation.full_draws, mediation.mediator, replicates_);
    for (const auto& name : mediation.design.x_name) {
        const std::size_t k = term(name);
        const Eigen::Index at = place(0, k);
        needs_[0][k] = 1;
        direct_[at] = estimate(mediation.full, name);
        point_[at] = direct_[at] + b * estimate(mediation.first, name);
        if (replicates_ == 0) continue;
        draw_.row(at) = replicates_of(mediation.full_draws, name, replicates_) +
                        b_draws.cwiseProduct(replicates_of(mediation.first_draws, name, replicates_));
    }
    const std::size_t m = term(mediation.mediator);
    needs_[0][m] = 1;
    point_[place(0, m)] = b;
    if (replicates_ > 0) draw_.row(place(0, m)) = b_draws;
}

void LinearChannel::set_moved(const std::vector<std::string>& moved) {
    for (std::size_t k = 0; k < terms_.size(); ++k) {
        const auto reads = term_columns(terms_[k], baseline_);
        moves_[k] = std::any_of(reads.begin(), reads.end(), [&](const std::string& column) {
            return std::find(moved.begin(), moved.end(), column) != moved.end();
        });
    }
}

void LinearChannel::changes(const Panel& scenario, Change& change) const {
    const std::size_t rows = scenario.rows();
    change.type.assign(rows, static_cast<std::int32_t>(types_.size() - 1));
    for (std::size_t t = types_.size() - 1; t-- > 0;) {  // backwards: the first type that claims a row has it
        const auto claimed = select(types_[t].where, scenario, baseline_, Fault::study);
        for (std::size_t r = 0; r < rows; ++r) {
            if (claimed[r]) change.type[r] = static_cast<std::int32_t>(t);
        }
    }
    std::vector<std::string> moving;
    for (std::size_t k = 0; k < terms_.size(); ++k) {
        if (moves_[k]) moving.push_back(terms_[k]);
    }
    auto values = evaluate_terms(moving, scenario);
    change.dx.resize(terms_.size());
    for (std::size_t k = 0, next = 0; k < terms_.size(); ++k) {
        auto& dx = change.dx[k];
        if (!moves_[k]) {
            dx.clear();
            continue;
        }
        dx = std::move(values[next++]);
        for (std::size_t r = 0; r < rows; ++r) dx[r] -= base_[k][r];
    }
    change.lost.assign(rows, 0);
    for (std::size_t r = 0; r < rows; ++r) {
        if (!sample_[r]) continue;
        const auto& needs = needs_[static_cast<std::size_t>(change.type[r])];
        for (std::size_t k = 0; k < terms_.size(); ++k) {
            if (!needs[k]) continue;
            const double known = change.dx[k].empty() ? base_[k][r] : change.dx[k][r];
            if (!std::isfinite(known)) change.lost[r] = 1;
        }
    }
}

Eigen::MatrixXd LinearChannel::means(const Change& change, const std::vector<std::int32_t>& cell,
                                     Eigen::Index cells, std::vector<double>& count) const {
    Eigen::MatrixXd mean = Eigen::MatrixXd::Zero(cells, point_.size());
    count.assign(static_cast<std::size_t>(cells), 0);
    for (std::size_t r = 0; r < cell.size(); ++r) {
        if (cell[r] >= 0 && !change.lost[r]) ++count[static_cast<std::size_t>(cell[r])];
    }
    for (std::size_t k = 0; k < terms_.size(); ++k) {
        if (change.dx[k].empty()) continue;
        for (std::size_t r = 0; r < cell.size(); ++r) {
            if (cell[r] < 0 || change.lost[r]) continue;
            const auto type = static_cast<std::size_t>(change.type[r]);
            if (needs_[type][k]) mean(cell[r], place(type, k)) += change.dx[k][r];
        }
    }
    for (Eigen::Index c = 0; c < cells; ++c) {
        if (count[static_cast<std::size_t>(c)] > 0) mean.row(c) /= count[static_cast<std::size_t>(c)];
    }
    return mean;
}

void LinearChannel::row_effects(const Change& change, std::vector<double>& effect) const {
    effect.assign(sample_.size(), nan);
    for (std::size_t r = 0; r < sample_.size(); ++r) {
        if (!sample_[r] || change.lost[r]) continue;
        const auto type = static_cast<std::size_t>(change.type[r]);
        double sum = 0;
        for (std::size_t k = 0; k < terms_.size(); ++k) {
            if (!change.dx[k].empty() && needs_[type][k]) sum += point_[place(type, k)] * change.dx[k][r];
        }
        effect[r] = sum;
    }
}

Eigen::VectorXd LinearChannel::effects(const Eigen::MatrixXd& mean_dx, Part part) const {
    Eigen::MatrixXd result = Eigen::MatrixXd::Zero(mean_dx.rows(), 1);
    add_products(mean_dx, part == Part::all ? point_ : direct_, result);
    return result;
}

Eigen::VectorXd LinearChannel::effects(const Eigen::MatrixXd& mean_dx, Eigen::Index replicate) const {
    Eigen::MatrixXd result = Eigen::MatrixXd::Zero(mean_dx.rows(), 1);
    add_products(mean_dx, draw_.col(replicate), result);
    return result;
}

Eigen::MatrixXd LinearChannel::draws(const Eigen::MatrixXd& mean_dx) const {
    Eigen::MatrixXd result = Eigen::MatrixXd::Zero(mean_dx.rows(), replicates_);
    add_products(mean_dx, draw_, result);
    return result;
}

}  // namespace greenfront::sweep
