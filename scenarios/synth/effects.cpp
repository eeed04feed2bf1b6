#include "scenarios/synth/effects.hpp"

#include <Eigen/Eigenvalues>
#include <algorithm>
#include <map>

namespace greenfront::synth {
namespace {

/// Drops rows of levels that occur once; true when something was dropped.
bool drop_singletons(const std::vector<int>& level, std::vector<char>& keep) {
    std::vector<int> count(static_cast<std::size_t>(*std::max_element(level.begin(), level.end())) + 1, 0);
    for (std::size_t r = 0; r < level.size(); ++r) {
        if (keep[r] != 0) ++count[static_cast<std::size_t>(level[r])];
    }
    bool dropped = false;
    for (std::size_t r = 0; r < level.size(); ++r) {
        if (keep[r] == 0 || count[static_cast<std::size_t>(level[r])] != 1) continue;
        keep[r] = 0;
        dropped = true;
    }
    return dropped;
}

/// Codes 0, 1, .. in the order of first use.
std::vector<int> recoded(const std::vector<int>& level, const std::vector<Eigen::Index>& rows) {
    std::map<int, int> code;
    std::vector<int> result;
    for (const auto r : rows) {
        const int next = static_cast<int>(code.size());
        result.push_back(code.emplace(level[static_cast<std::size_t>(r)], next).first->second);
    }
    return result;
}

}  // namespace

Effects::Effects(const std::vector<int>& city, const std::vector<int>& period, std::vector<char> keep) {
    while (drop_singletons(city, keep) || drop_singletons(period, keep)) {
    }
    for (std::size_t r = 0; r < keep.size(); ++r) {
        if (keep[r] != 0) rows_.push_back(static_cast<Eigen::Index>(r));
    }
    city_ = recoded(city, rows_);
    period_ = recoded(period, rows_);
    const Eigen::Index C = *std::max_element(city_.begin(), city_.end()) + 1,
                       P = *std::max_element(period_.begin(), period_.end()) + 1;
    Eigen::MatrixXd B = Eigen::MatrixXd::Zero(C, P);
    for (std::size_t k = 0; k < rows_.size(); ++k) B(city_[k], period_[k]) += 1;
    city_count_ = B.rowwise().sum();
    Eigen::MatrixXd schur = -B.transpose() * city_count_.cwiseInverse().asDiagonal() * B;
    schur.diagonal() += B.colwise().sum().transpose();
    const Eigen::SelfAdjointEigenSolver<Eigen::MatrixXd> eigen(schur);
    const double smallest = 1e-9 * eigen.eigenvalues().maxCoeff();
    Eigen::VectorXd inverse = Eigen::VectorXd::Zero(P);
    rank_ = C;
    for (Eigen::Index k = 0; k < P; ++k) {
        if (eigen.eigenvalues()(k) <= smallest) continue;
        inverse(k) = 1 / eigen.eigenvalues()(k);
        ++rank_;
    }
    inverse_ = eigen.eigenvectors() * inverse.asDiagonal() * eigen.eigenvectors().transpose();
}

Eigen::VectorXd Effects::pick(const Eigen::VectorXd& panel_wide) const {
    Eigen::VectorXd v(size());
    for (Eigen::Index k = 0; k < size(); ++k) v(k) = panel_wide(rows_[static_cast<std::size_t>(k)]);
    return v;
}

Eigen::VectorXd Effects::residual(const Eigen::VectorXd& v) const {
    const auto city = [&](Eigen::Index k) { return city_[static_cast<std::size_t>(k)]; };
    const auto period = [&](Eigen::Index k) { return period_[static_cast<std::size_t>(k)]; };
    Eigen::VectorXd mean = Eigen::VectorXd::Zero(city_count_.size());
    for (Eigen::Index k = 0; k < v.size(); ++k) mean(city(k)) += v(k);
    mean = mean.cwiseQuotient(city_count_);
    Eigen::VectorXd gap = Eigen::VectorXd::Zero(inverse_.rows());
    for (Eigen::Index k = 0; k < v.size(); ++k) gap(period(k)) += v(k) - mean(city(k));
    const Eigen::VectorXd effect = inverse_ * gap;
    Eigen::VectorXd shift = Eigen::VectorXd::Zero(city_count_.size());
    for (Eigen::Index k = 0; k < v.size(); ++k) shift(city(k)) += effect(period(k));
    shift = shift.cwiseQuotient(city_count_);
    Eigen::VectorXd result(v.size());
    for (Eigen::Index k = 0; k < v.size(); ++k) {
        result(k) = v(k) - mean(city(k)) - effect(period(k)) + shift(city(k));
    }
    return result;
}

}  // namespace greenfront::synth
