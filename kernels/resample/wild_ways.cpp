#include "kernels/resample/wild_ways.hpp"

#include <fmt/format.h>

#include "kernels/error.hpp"

namespace greenfront::resample {
namespace {

using Eigen::Index;
using Eigen::MatrixXd;
using Eigen::VectorXd;

constexpr double most_numbers = 2.5e8;

}  // namespace

WildWays::WildWays(const ClusterMoments& moments, const panel::Design& sample, const WildMap& map,
                   const std::vector<VectorXd>& residuals) {
    const auto G = static_cast<Index>(moments.cluster.size());
    std::vector<Index> first;  // row of P where the block's m begins
    Index rows = 0;
    for (const auto& basis : map.basis) {
        first.push_back(rows);
        rows += basis.into.rows();
    }
    const Index delta = rows;
    rows += moments.k;
    term_row_ = delta + map.term;

    const auto sets = panel::cluster_sets(sample.clusters);
    double numbers = 0;
    for (const auto& set : sets.sets)
        numbers += static_cast<double>(set.levels) *
                   static_cast<double>(rows + static_cast<Index>(residuals.size()) * G);
    if (numbers > most_numbers) {
        throw Error(
            Fault::usage,
            fmt::format("a wild bootstrap with {} cluster variables would need {:.0f} GB for the levels of "
                        "their intersections; name one cluster variable",
                        sample.clusters.size(), numbers * 8e-9));
    }
    for (const auto& set : sets.sets) {
        Set own{set.sign, MatrixXd::Zero(set.levels, rows), {}};
        own.diagonal.assign(residuals.size(), MatrixXd::Zero(set.levels, G));
        for (Index at = 0; at < G; ++at) {
            const Cluster& g = moments.cluster[static_cast<std::size_t>(at)];
            for (Index r = g.begin; r < g.end; ++r) {
                const Index h = set.code[static_cast<std::size_t>(moments.row[static_cast<std::size_t>(r)])];
                if (g.block >= 0) {
                    const auto& into = map.basis[static_cast<std::size_t>(g.block)].into;
                    own.load.row(h).segment(first[static_cast<std::size_t>(g.block)], into.rows()) +=
                        map.z(r) *
                        (into(Eigen::all, g.touched) * g.Z.row(r - g.begin).transpose()).transpose();
                }
                own.load.row(h).tail(moments.k) += map.z(r) * moments.column.row(r).head(moments.k);
                for (std::size_t s = 0; s < residuals.size(); ++s)
                    own.diagonal[s](h, at) += map.z(r) * residuals[s](r);
            }
        }
        sets_.push_back(std::move(own));
    }
    for (const VectorXd& u : residuals) {
        const WildPart part = wild_part(moments, map, u);
        MatrixXd P = MatrixXd::Zero(rows, G);
        for (Index at = 0; at < G; ++at) {
            const std::ptrdiff_t block = moments.cluster[static_cast<std::size_t>(at)].block;
            const VectorXd& m = part.m[static_cast<std::size_t>(at)];
            if (block >= 0) P.col(at).segment(first[static_cast<std::size_t>(block)], m.size()) = m;
        }
        P.bottomRows(moments.k) = part.delta;
        P_.push_back(std::move(P));
    }
}

void WildWays::operator()(const double* weights, Sums& sums) const {
    const Eigen::Map<const RowMajor> v(weights, P_.front().cols(), strip);
    for (auto& line : sums.squares) std::fill(line, line + strip, 0.0);
    std::fill(sums.size, sums.size + strip, 0.0);
    std::vector<MatrixXd> P;
    for (std::size_t s = 0; s < P_.size(); ++s) {
        P.emplace_back(P_[s] * v);
        for (int r = 0; r < strip; ++r) sums.numerator[s][r] = P[s](term_row_, r);
    }
    for (const Set& set : sets_) {
        std::vector<MatrixXd> c;
        for (std::size_t s = 0; s < P_.size(); ++s) c.emplace_back(set.diagonal[s] * v - set.load * P[s]);
        for (int r = 0; r < strip; ++r) {
            sums.squares[0][r] += set.sign * c[0].col(r).squaredNorm();
            sums.size[r] += c[0].col(r).squaredNorm();
            if (c.size() == 1) continue;
            sums.squares[1][r] += set.sign * c[0].col(r).dot(c[1].col(r));
            sums.squares[2][r] += set.sign * c[1].col(r).squaredNorm();
        }
    }
}

}  // namespace greenfront::resample
