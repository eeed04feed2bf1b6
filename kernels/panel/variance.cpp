#include "kernels/panel/variance.hpp"

#include <Eigen/Cholesky>
#include <Eigen/Eigenvalues>
#include <algorithm>
#include <cmath>
#include <limits>
#include <unordered_map>

#include "kernels/error.hpp"

namespace greenfront::panel {
namespace {

/// Codes of the pairs that occur, numbered by their first row.
ClusterSets::Set intersect(const ClusterSets::Set& a, const Factor& b) {
    ClusterSets::Set result;
    result.sign = -a.sign;
    result.code.resize(a.code.size());
    std::unordered_map<std::int64_t, std::int32_t> number;
    number.reserve(a.code.size());
    for (std::size_t i = 0; i < a.code.size(); ++i) {
        const std::int64_t key = static_cast<std::int64_t>(a.code[i]) * b.levels + b.code[i];
        const auto [place, fresh] = number.try_emplace(key, result.levels);
        if (fresh) ++result.levels;
        result.code[i] = place->second;
    }
    return result;
}

void add_products(Eigen::MatrixXd& S, const Eigen::MatrixXd& scores, double sign) {
    // Row k of `scores` transposed: one column for each cluster.
    S.selfadjointView<Eigen::Lower>().rankUpdate(scores, sign);
}

/// D^-1/2 V D^-1/2, with ones where the diagonal is not positive.
Eigen::MatrixXd in_own_units(const Eigen::MatrixXd& V) {
    Eigen::VectorXd unit(V.rows());
    for (Eigen::Index j = 0; j < V.rows(); ++j) {
        const double size = std::sqrt(std::abs(V(j, j)));
        unit[j] = size > 0 ? 1 / size : 1;
    }
    return unit.asDiagonal() * V * unit.asDiagonal();
}

}  // namespace

ClusterSets cluster_sets(const std::vector<Factor>& clusters) {
    if (clusters.size() > 8) {
        throw Error(Fault::data, "more than 8 cluster variables; use fewer");
    }
    ClusterSets result;
    for (const Factor& factor : clusters) {
        const std::size_t before = result.sets.size();
        result.sets.push_back({factor.code, factor.levels, 1.0});
        for (std::size_t r = 0; r < before; ++r) result.sets.push_back(intersect(result.sets[r], factor));
    }
    return result;
}

Eigen::MatrixXd score_products(const Eigen::Ref<const Eigen::MatrixXd>& z,
                               const Eigen::Ref<const Eigen::VectorXd>& u, const ClusterSets& clusters) {
    return score_products(u.asDiagonal() * z, clusters);
}

Eigen::MatrixXd score_products(const Eigen::Ref<const Eigen::MatrixXd>& psi, const ClusterSets& clusters) {
    const Eigen::Index k = psi.cols();
    Eigen::MatrixXd S = Eigen::MatrixXd::Zero(k, k);
    if (clusters.empty()) {
        add_products(S, psi.transpose(), 1);
    }
    for (const auto& set : clusters.sets) {
        Eigen::MatrixXd sums = Eigen::MatrixXd::Zero(set.levels, k);
        for (Eigen::Index j = 0; j < k; ++j) {
            double* sum = sums.col(j).data();
            const double* value = psi.col(j).data();
            for (std::size_t i = 0; i < set.code.size(); ++i) sum[set.code[i]] += value[i];
        }
        add_products(S, sums.transpose(), set.sign);
    }
    return S.selfadjointView<Eigen::Lower>();
}

bool repair(Eigen::MatrixXd& V) {
    if (V.rows() == 0) return false;
    const Eigen::VectorXd spectrum =
        Eigen::SelfAdjointEigenSolver<Eigen::MatrixXd>(in_own_units(V), Eigen::EigenvaluesOnly).eigenvalues();
    const double largest = spectrum.cwiseAbs().maxCoeff();
    if (!(spectrum[0] < -1e-12 * largest)) return false;
    const Eigen::SelfAdjointEigenSolver<Eigen::MatrixXd> eigen(V);
    const Eigen::VectorXd kept = eigen.eigenvalues().cwiseMax(0.0);
    V = eigen.eigenvectors() * kept.asDiagonal() * eigen.eigenvectors().transpose();
    return true;
}

double wald(const Eigen::VectorXd& b, const Eigen::MatrixXd& V) {
    constexpr double nan = std::numeric_limits<double>::quiet_NaN();
    if (b.size() == 0 || !V.allFinite() || !(V.diagonal().minCoeff() > 0)) return nan;
    const Eigen::SelfAdjointEigenSolver<Eigen::MatrixXd> eigen(in_own_units(V));
    const Eigen::VectorXd& spectrum = eigen.eigenvalues();
    if (!(spectrum[0] > 1e-12 * spectrum[spectrum.size() - 1])) return nan;
    const Eigen::VectorXd t = b.cwiseQuotient(V.diagonal().cwiseSqrt());
    return (eigen.eigenvectors().transpose() * t).array().square().matrix().dot(spectrum.cwiseInverse());
}

}  // namespace greenfront::panel
