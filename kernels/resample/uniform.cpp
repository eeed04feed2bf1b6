#include "kernels/resample/uniform.hpp"

#include <Eigen/Eigenvalues>
#include <algorithm>

namespace greenfront::resample {
namespace {

using Eigen::Index;
using Eigen::MatrixXd;

/// L with H^+ = L L'.
MatrixXd root_of_inverse(const MatrixXd& H, double scale) {
    const Eigen::SelfAdjointEigenSolver<MatrixXd> eigen(H);
    std::vector<Index> kept;
    for (Index i = 0; i < H.rows(); ++i) {
        if (eigen.eigenvalues()(i) > 1e-10 * scale) kept.push_back(i);
    }
    return eigen.eigenvectors()(Eigen::all, kept) *
           eigen.eigenvalues()(kept).cwiseSqrt().cwiseInverse().asDiagonal();
}

UniformBlock make_block(const ClusterMoments& m, const Block& block, int first_group) {
    const auto& first = m.cluster[static_cast<std::size_t>(block.begin)];
    const int p = static_cast<int>(m.k) + 1;
    UniformBlock result;
    result.begin = static_cast<int>(block.begin);
    result.clusters = static_cast<int>(block.end - block.begin);
    result.rows = static_cast<int>(first.Z.rows());
    const MatrixXd L = root_of_inverse(first.H, first.Z_square.maxCoeff());
    result.rank = static_cast<int>(L.cols());
    const MatrixXd basis = first.Z * L;
    for (Index t = 0; t < basis.rows(); ++t) {
        for (Index i = 0; i < basis.cols(); ++i) result.basis.push_back(basis(t, i));
    }
    const auto cluster = [&](int g) -> const Cluster& {
        return m.cluster[static_cast<std::size_t>(block.begin + g)];
    };
    result.m = pack(result.rank * p, result.clusters, [&](int g) {
        const Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor> product =
            L.transpose() * cluster(g).h;
        return Eigen::VectorXd(product.reshaped<Eigen::RowMajor>());
    });
    result.first_group = first_group;
    result.groups = (result.clusters + group - 1) / group;
    result.column.assign(static_cast<std::size_t>(result.groups * result.rows * p * group), 0.0);
    for (int g = 0; g < result.clusters; ++g) {
        for (int t = 0; t < result.rows; ++t) {
            for (int a = 0; a < p; ++a) {
                const int at = ((g / group * result.rows + t) * p + a) * group + g % group;
                result.column[static_cast<std::size_t>(at)] = m.column(cluster(g).begin + t, a);
            }
        }
    }
    return result;
}

}  // namespace

std::unique_ptr<UniformStore> uniform_store(const ClusterMoments& m) {
    if (m.k > most_regressors) return nullptr;
    if (!std::all_of(m.block.begin(), m.block.end(), [](const Block& b) { return b.uniform; }))
        return nullptr;
    if (std::any_of(m.cluster.begin(), m.cluster.end(), [](const Cluster& c) { return c.block < 0; }))
        return nullptr;
    auto store = std::make_unique<UniformStore>();
    store->k = static_cast<int>(m.k);
    store->p = store->k + 1;
    store->clusters = static_cast<int>(m.cluster.size());
    store->n = static_cast<double>(m.column.rows());
    const int p = store->p;
    store->S = pack(p * (p + 1) / 2, store->clusters, [&](int g) {
        const auto& S = m.cluster[static_cast<std::size_t>(g)].S;
        Eigen::VectorXd values(p * (p + 1) / 2);
        for (Index a = 0, at = 0; a < p; ++a) {
            for (Index b = 0; b <= a; ++b) values(at++) = S(a, b);
        }
        return values;
    });
    for (const auto& block : m.block) {
        store->block.push_back(make_block(m, block, store->groups));
        store->groups += store->block.back().groups;
    }
    return store;
}

}  // namespace greenfront::resample
