#include "kernels/resample/moments.hpp"

#include <algorithm>
#include <limits>
#include <numeric>

#include "kernels/resample/literal.hpp"

namespace greenfront::resample {
namespace {

using Eigen::Index;
using Eigen::MatrixXd;
using Eigen::VectorXd;

/// Dense numbers of Z that are partialled at a time.
constexpr Index chunk_columns = 32;

/// One column of Z: the rows where a level holds, with a dummy (slope < 0) or a slope variable.
struct Source {
    std::size_t effect = 0;
    Index slope = -1;
    std::vector<Index> rows;
};

std::vector<Source> sources(const panel::Design& sample, const std::vector<char>& nested) {
    std::vector<Source> all;
    const Index n = sample.y.size();
    if (sample.effects.empty()) {
        if (!sample.constant) return all;
        Source constant;
        constant.rows.resize(static_cast<std::size_t>(n));
        std::iota(constant.rows.begin(), constant.rows.end(), Index{0});
        all.push_back(std::move(constant));
        return all;
    }
    for (std::size_t e = 0; e < sample.effects.size(); ++e) {
        if (nested[e] != 0) continue;
        const auto& effect = sample.effects[e];
        std::vector<std::vector<Index>> rows(static_cast<std::size_t>(effect.factor.levels));
        for (Index i = 0; i < n; ++i) {
            rows[static_cast<std::size_t>(effect.factor.code[static_cast<std::size_t>(i)])].push_back(i);
        }
        for (const auto& level : rows) {
            if (effect.intercept) all.push_back({e, -1, level});
            for (Index s = 0; s < effect.slope.cols(); ++s) all.push_back({e, s, level});
        }
    }
    return all;
}

double value(const panel::Design& sample, const Source& source, Index row) {
    return source.slope < 0 ? 1.0 : sample.effects[source.effect].slope(row, source.slope);
}

/// Connected components by union-find; the smaller index is the root.
struct Components {
    std::vector<Index> parent;
    explicit Components(Index size) : parent(static_cast<std::size_t>(size)) {
        std::iota(parent.begin(), parent.end(), Index{0});
    }
    Index root(Index i) {
        while (parent[static_cast<std::size_t>(i)] != i) {
            auto& p = parent[static_cast<std::size_t>(i)];
            p = parent[static_cast<std::size_t>(p)];
            i = p;
        }
        return i;
    }
    void join(Index a, Index b) {
        a = root(a);
        b = root(b);
        parent[static_cast<std::size_t>(std::max(a, b))] = std::min(a, b);
    }
};

/// Columns of Z that each cluster code touches, ascending.
std::vector<std::vector<Index>> touched_columns(const panel::Design& sample, const std::vector<Source>& all) {
    const auto& cluster = sample.clusters.front();
    std::vector<std::vector<Index>> touched(static_cast<std::size_t>(cluster.levels));
    for (std::size_t c = 0; c < all.size(); ++c) {
        for (const Index r : all[c].rows) {
            auto& list = touched[static_cast<std::size_t>(cluster.code[static_cast<std::size_t>(r)])];
            if (list.empty() || list.back() != static_cast<Index>(c)) list.push_back(static_cast<Index>(c));
        }
    }
    return touched;
}

/// Orders clusters by (block, code), sets blocks and local column numbers.
void lay_out(ClusterMoments& m, const std::vector<std::vector<Index>>& touched, Index columns) {
    Components components(columns);
    for (const auto& list : touched) {
        for (const Index c : list) components.join(list.front(), c);
    }
    std::vector<Index> block_of_root(static_cast<std::size_t>(columns), -1),
        local(static_cast<std::size_t>(columns));
    for (Index c = 0; c < columns; ++c) {
        auto& block = block_of_root[static_cast<std::size_t>(components.root(c))];
        if (block < 0) {
            block = static_cast<Index>(m.block.size());
            m.block.emplace_back();
        }
        local[static_cast<std::size_t>(c)] = m.block[static_cast<std::size_t>(block)].size++;
    }
    m.cluster.resize(touched.size());
    for (std::size_t g = 0; g < touched.size(); ++g) {
        auto& cluster = m.cluster[g];
        cluster.code = static_cast<std::int32_t>(g);
        if (touched[g].empty()) continue;
        cluster.block = block_of_root[static_cast<std::size_t>(components.root(touched[g].front()))];
        for (const Index c : touched[g]) cluster.touched.push_back(local[static_cast<std::size_t>(c)]);
    }
    std::stable_sort(m.cluster.begin(), m.cluster.end(),
                     [](const Cluster& a, const Cluster& b) { return a.block < b.block; });
    for (std::size_t position = 0; position < m.cluster.size(); ++position) {
        if (m.cluster[position].block < 0) continue;
        auto& block = m.block[static_cast<std::size_t>(m.cluster[position].block)];
        if (block.end == 0) block.begin = static_cast<Index>(position);
        block.end = static_cast<Index>(position) + 1;
    }
}

/// Rows by position; within a cluster by the codes of the other effects, so that clusters that are observed
/// in the same cells have their rows in the same order.
void order_rows(ClusterMoments& m, const panel::Design& sample) {
    const auto n = static_cast<std::size_t>(sample.y.size());
    std::vector<Index> position(m.cluster.size());
    for (std::size_t g = 0; g < m.cluster.size(); ++g) {
        position[static_cast<std::size_t>(m.cluster[g].code)] = static_cast<Index>(g);
    }
    m.row.resize(n);
    std::iota(m.row.begin(), m.row.end(), std::int64_t{0});
    const auto& code = sample.clusters.front().code;
    std::stable_sort(m.row.begin(), m.row.end(), [&](std::int64_t a, std::int64_t b) {
        const auto i = static_cast<std::size_t>(a), j = static_cast<std::size_t>(b);
        if (code[i] != code[j]) {
            return position[static_cast<std::size_t>(code[i])] < position[static_cast<std::size_t>(code[j])];
        }
        for (std::size_t e = 0; e < sample.effects.size(); ++e) {
            const auto& f = sample.effects[e].factor.code;
            if (m.nested[e] == 0 && f[i] != f[j]) return f[i] < f[j];
        }
        return false;
    });
    for (std::size_t r = 0; r < n; ++r) {
        auto& cluster = m.cluster[static_cast<std::size_t>(
            position[static_cast<std::size_t>(code[static_cast<std::size_t>(m.row[r])])])];
        if (cluster.end == 0) cluster.begin = static_cast<Index>(r);
        cluster.end = static_cast<Index>(r) + 1;
    }
}

/// Fills Z of every cluster: dense chunks of columns are partialled on the nested effects and cut up.
void fill_Z(ClusterMoments& m, const panel::Design& sample, const std::vector<Source>& all,
            const std::vector<std::vector<Index>>& touched) {
    std::vector<panel::FixedEffect> nested_effects;
    for (std::size_t e = 0; e < sample.effects.size(); ++e) {
        if (m.nested[e] != 0) nested_effects.push_back(sample.effects[e]);
    }
    const Index n = sample.y.size();
    const panel::Absorber absorber(nested_effects, n, false);
    for (auto& cluster : m.cluster) {
        const auto c = static_cast<Index>(cluster.touched.size());
        cluster.Z.resize(cluster.end - cluster.begin, c);
        cluster.Z_square.setZero(c);
    }
    std::vector<Index> next(m.cluster.size(), 0);  // next local column of each cluster
    for (Index begin = 0; begin < static_cast<Index>(all.size()); begin += chunk_columns) {
        const Index width = std::min(chunk_columns, static_cast<Index>(all.size()) - begin);
        MatrixXd raw = MatrixXd::Zero(n, width);
        for (Index c = 0; c < width; ++c) {
            const auto& source = all[static_cast<std::size_t>(begin + c)];
            for (const Index r : source.rows) raw(r, c) = value(sample, source, r);
        }
        MatrixXd dot = raw;
        if (!nested_effects.empty()) absorber.apply(dot);
        for (std::size_t g = 0; g < m.cluster.size(); ++g) {
            auto& cluster = m.cluster[g];
            const auto& list = touched[static_cast<std::size_t>(cluster.code)];
            for (auto& at = next[g]; at < static_cast<Index>(list.size()); ++at) {
                const Index c = list[static_cast<std::size_t>(at)] - begin;
                if (c >= width) break;
                for (Index r = cluster.begin; r < cluster.end; ++r) {
                    const Index i = m.row[static_cast<std::size_t>(r)];
                    cluster.Z(r - cluster.begin, at) = dot(i, c);
                    cluster.Z_square(at) += raw(i, c) * raw(i, c);
                }
                // What the nested effects leave of a column inside their span is rounding.
                if (cluster.Z.col(at).squaredNorm() <= 1e-24 * cluster.Z_square(at))
                    cluster.Z.col(at).setZero();
            }
        }
    }
}

void fill_moments(ClusterMoments& m, const panel::Prepared& prepared) {
    const Index n = prepared.y.size(), p = m.k + 1;
    MatrixXd raw(n, p);
    raw << prepared.sample.X, prepared.sample.y;
    m.column.resize(n, p);
    for (Index r = 0; r < n; ++r) {
        const Index i = m.row[static_cast<std::size_t>(r)];
        m.column.row(r).head(m.k) = prepared.X.row(i);
        m.column(r, m.k) = prepared.y(i);
    }
    m.S_full.setZero(p);
    for (auto& g : m.cluster) {
        const auto columns = m.column.middleRows(g.begin, g.end - g.begin);
        g.S.noalias() = columns.transpose() * columns;
        g.h.noalias() = g.Z.transpose() * columns;
        g.H.noalias() = g.Z.transpose() * g.Z;
        g.low.setConstant(p, std::numeric_limits<double>::infinity());
        g.high = -g.low;
        for (Index r = g.begin; r < g.end; ++r) {
            const auto values = raw.row(m.row[static_cast<std::size_t>(r)]).transpose();
            g.low = g.low.cwiseMin(values);
            g.high = g.high.cwiseMax(values);
        }
        m.S_full += g.S.diagonal();
    }
}

bool uniform(const ClusterMoments& m, const Block& block) {
    const auto& first = m.cluster[static_cast<std::size_t>(block.begin)];
    for (Index g = block.begin + 1; g < block.end; ++g) {
        const auto& other = m.cluster[static_cast<std::size_t>(g)];
        if (other.touched != first.touched || other.Z.rows() != first.Z.rows() ||
            (other.Z - first.Z).cwiseAbs().maxCoeff() > 1e-15 * first.Z.cwiseAbs().maxCoeff()) {
            return false;
        }
    }
    return true;
}

}  // namespace

void solve_semidefinite(MatrixXd& H, MatrixXd& h, const VectorXd& scale) {
    const Index n = H.rows();
    VectorXd pivot(n);
    for (Index j = 0; j < n; ++j) {
        double d = H(j, j);
        for (Index i = 0; i < j; ++i) d -= H(j, i) * H(j, i) * pivot(i);
        if (!(d > 1e-10 * scale(j))) {
            pivot(j) = 0;
            for (Index r = j + 1; r < n; ++r) H(r, j) = 0;
            continue;
        }
        pivot(j) = d;
        for (Index r = j + 1; r < n; ++r) {
            double v = H(r, j);
            for (Index i = 0; i < j; ++i) v -= H(r, i) * H(j, i) * pivot(i);
            H(r, j) = v / d;
        }
    }
    for (Index j = 0; j < n; ++j) {
        for (Index i = 0; i < j; ++i) h.row(j) -= H(j, i) * h.row(i);
    }
    for (Index j = n; j-- > 0;) {
        if (pivot(j) == 0) {
            h.row(j).setZero();
            continue;
        }
        h.row(j) /= pivot(j);
        for (Index r = j + 1; r < n; ++r) h.row(j) -= H(r, j) * h.row(r);
    }
}

ClusterMoments cluster_moments(const panel::Prepared& prepared) {
    const auto& sample = prepared.sample;
    ClusterMoments m;
    m.k = prepared.X.cols();
    m.constant_removed = sample.effects.empty() && sample.constant;
    for (const auto& effect : sample.effects) {
        m.nested.push_back(is_nested(effect.factor, sample.clusters.front()) ? 1 : 0);
        m.constant_removed = m.constant_removed || effect.intercept;
    }
    const auto all = sources(sample, m.nested);
    const auto touched = touched_columns(sample, all);
    lay_out(m, touched, static_cast<Index>(all.size()));
    order_rows(m, sample);
    fill_Z(m, sample, all, touched);
    fill_moments(m, prepared);
    for (auto& block : m.block) block.uniform = uniform(m, block);
    return m;
}

void project(const ClusterMoments& m, const std::vector<std::int32_t>& count, Projection& projection) {
    const Index p = m.k + 1;
    projection.Q.setZero(p, p);
    for (std::size_t g = 0; g < m.cluster.size(); ++g) {
        if (count[g] != 0) projection.Q += static_cast<double>(count[g]) * m.cluster[g].S;
    }
    projection.S = projection.Q.diagonal();
    projection.gamma.resize(m.block.size());
    MatrixXd H, h;
    VectorXd scale;
    for (std::size_t b = 0; b < m.block.size(); ++b) {
        const auto& block = m.block[b];
        H.setZero(block.size, block.size);
        h.setZero(block.size, p);
        scale.setZero(block.size);
        if (block.uniform) {  // one H, and every cluster touches every column
            double total = 0;
            for (Index at = block.begin; at < block.end; ++at) {
                const double w = count[static_cast<std::size_t>(at)];
                if (w == 0) continue;
                const auto& g = m.cluster[static_cast<std::size_t>(at)];
                h += w * g.h;
                scale += w * g.Z_square;
                total += w;
            }
            H = total * m.cluster[static_cast<std::size_t>(block.begin)].H;
        }
        for (Index at = block.begin; at < block.end && !block.uniform; ++at) {
            const double w = count[static_cast<std::size_t>(at)];
            if (w == 0) continue;
            const auto& g = m.cluster[static_cast<std::size_t>(at)];
            for (std::size_t i = 0; i < g.touched.size(); ++i) {
                const auto row = static_cast<Index>(i);
                h.row(g.touched[i]) += w * g.h.row(row);
                scale(g.touched[i]) += w * g.Z_square(row);
                for (std::size_t j = 0; j <= i; ++j) {  // touched ascends: the lower triangle
                    H(g.touched[i], g.touched[j]) += w * g.H(row, static_cast<Index>(j));
                }
            }
        }
        auto& gamma = projection.gamma[b];
        gamma = h;
        solve_semidefinite(H, gamma, scale);
        projection.Q.noalias() -= h.transpose() * gamma;
    }
}

void scores(const ClusterMoments& m, const std::vector<std::int32_t>& count, const Projection& projection,
            const VectorXd& beta, MatrixXd& score) {
    score.setZero(m.k, static_cast<Index>(m.cluster.size()));
    std::vector<MatrixXd> common(m.block.size());  // Z-dot gamma of uniform blocks
    for (std::size_t b = 0; b < m.block.size(); ++b) {
        if (!m.block[b].uniform) continue;
        common[b].noalias() = m.cluster[static_cast<std::size_t>(m.block[b].begin)].Z * projection.gamma[b];
    }
    MatrixXd residual;
    VectorXd u;
    for (std::size_t at = 0; at < m.cluster.size(); ++at) {
        if (count[at] == 0) continue;
        const auto& g = m.cluster[at];
        residual = m.column.middleRows(g.begin, g.end - g.begin);
        if (g.block >= 0 && m.block[static_cast<std::size_t>(g.block)].uniform) {
            residual -= common[static_cast<std::size_t>(g.block)];
        } else if (g.block >= 0) {
            const auto& gamma = projection.gamma[static_cast<std::size_t>(g.block)];
            for (std::size_t c = 0; c < g.touched.size(); ++c) {
                residual.noalias() -= g.Z.col(static_cast<Index>(c)) * gamma.row(g.touched[c]);
            }
        }
        const auto x = residual.leftCols(m.k);
        u = residual.col(m.k);
        u.noalias() -= x * beta;
        score.col(static_cast<Index>(at)).noalias() = x.transpose() * u;
    }
}

}  // namespace greenfront::resample
