// The loops of uniform.hpp, compiled once for each instruction set. Every number of a replicate is computed
// from that replicate's counts alone, in an order that does not depend on its neighbours.
#include <cstring>

#include "kernels/resample/uniform.hpp"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/resample/uniform_simd.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace greenfront::resample::HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

using D = hn::CappedTag<double, 8>;
using V = hn::Vec<D>;

constexpr double trusted_part = 1e-8;  // as in pairs_solve.cpp

/// out[row][16] = A (rows x clusters) times counts [cluster][16]. Six rows and two vectors of replicates are
/// kept in registers.
void Multiply(const Packed& A, const double* HWY_RESTRICT counts, double* HWY_RESTRICT out) {
    const D d;
    const int lanes = static_cast<int>(hn::Lanes(d));
    const int panels = (A.rows + panel_rows - 1) / panel_rows;
    for (int panel = 0; panel < panels; ++panel) {
        const double* const rows =
            A.value.data() + static_cast<std::ptrdiff_t>(panel) * A.clusters * panel_rows;
        for (int c = 0; c < strip; c += 2 * lanes) {
            V a0 = hn::Zero(d), a1 = a0, a2 = a0, a3 = a0, a4 = a0, a5 = a0;
            V b0 = a0, b1 = a0, b2 = a0, b3 = a0, b4 = a0, b5 = a0;
            for (int g = 0; g < A.clusters; ++g) {
                const double* const r = rows + g * panel_rows;
                const V w = hn::LoadU(d, counts + g * strip + c);
                const V v = hn::LoadU(d, counts + g * strip + c + lanes);
                // One row's number at a time: with two more in registers a sum would be kept in memory.
                V x = hn::Set(d, r[0]);
                a0 = hn::MulAdd(x, w, a0), b0 = hn::MulAdd(x, v, b0);
                x = hn::Set(d, r[1]);
                a1 = hn::MulAdd(x, w, a1), b1 = hn::MulAdd(x, v, b1);
                x = hn::Set(d, r[2]);
                a2 = hn::MulAdd(x, w, a2), b2 = hn::MulAdd(x, v, b2);
                x = hn::Set(d, r[3]);
                a3 = hn::MulAdd(x, w, a3), b3 = hn::MulAdd(x, v, b3);
                x = hn::Set(d, r[4]);
                a4 = hn::MulAdd(x, w, a4), b4 = hn::MulAdd(x, v, b4);
                x = hn::Set(d, r[5]);
                a5 = hn::MulAdd(x, w, a5), b5 = hn::MulAdd(x, v, b5);
            }
            double* const to = out + panel * panel_rows * strip + c;
            const auto store = [&](int row, V first, V second) {
                hn::StoreU(first, d, to + row * strip);
                hn::StoreU(second, d, to + row * strip + lanes);
            };
            store(0, a0, b0), store(1, a1, b1), store(2, a2, b2);
            store(3, a3, b3), store(4, a4, b4), store(5, a5, b5);
        }
    }
}

/// Q -= m'm / W and m /= W for one block; W may be zero.
void Remove(int p, int rank, const double* HWY_RESTRICT total, double* HWY_RESTRICT m,
            double* HWY_RESTRICT Q) {
    const D d;
    const int lanes = static_cast<int>(hn::Lanes(d));
    for (int c = 0; c < strip; c += lanes) {
        const V W = hn::LoadU(d, total + c);
        const V inverse = hn::IfThenElseZero(hn::Gt(W, hn::Zero(d)), hn::Div(hn::Set(d, 1.0), W));
        for (int a = 0, at = 0; a < p; ++a) {
            for (int b = 0; b <= a; ++b, ++at) {
                V sum = hn::Zero(d);
                for (int i = 0; i < rank; ++i) {
                    sum = hn::MulAdd(hn::LoadU(d, m + (i * p + a) * strip + c),
                                     hn::LoadU(d, m + (i * p + b) * strip + c), sum);
                }
                hn::StoreU(hn::NegMulAdd(sum, inverse, hn::LoadU(d, Q + at * strip + c)), d,
                           Q + at * strip + c);
            }
        }
        for (int i = 0; i < rank * p; ++i) {
            hn::StoreU(hn::Mul(hn::LoadU(d, m + i * strip + c), inverse), d, m + i * strip + c);
        }
    }
}

/// C[t p + a] = sum_i basis[t][i] m[i p + a].
void Correct(const UniformBlock& block, int p, const double* HWY_RESTRICT m, double* HWY_RESTRICT C) {
    const D d;
    const int lanes = static_cast<int>(hn::Lanes(d));
    for (int c = 0; c < strip; c += lanes) {
        for (int t = 0; t < block.rows; ++t) {
            const double* const basis = block.basis.data() + static_cast<std::ptrdiff_t>(t) * block.rank;
            for (int a = 0; a < p; ++a) {
                V sum = hn::Zero(d);
                for (int i = 0; i < block.rank; ++i) {
                    sum = hn::MulAdd(hn::Set(d, basis[i]), hn::LoadU(d, m + (i * p + a) * strip + c), sum);
                }
                hn::StoreU(sum, d, C + (t * p + a) * strip + c);
            }
        }
    }
}

/// A^-1 (lower triangle) from the Cholesky factor in Q, replicates c and up.
void Invert(int k, const double* HWY_RESTRICT Q, const V* inverse_pivot, int c,
            double* HWY_RESTRICT inverse) {
    const D d;
    const auto tri = [](int a, int b) { return (a * (a + 1) / 2 + b) * strip; };
    const auto q = [&](int a, int b) { return Q + tri(a, b) + c; };
    // L^-1 column by column, then A^-1 = L^-T L^-1.
    V li[most_regressors][most_regressors];
    for (int j = 0; j < k; ++j) {
        li[j][j] = inverse_pivot[j];
        for (int i = j + 1; i < k; ++i) {
            V v = hn::Zero(d);
            for (int l = j; l < i; ++l) v = hn::NegMulAdd(hn::LoadU(d, q(i, l)), li[l][j], v);
            li[i][j] = hn::Mul(v, inverse_pivot[i]);
        }
    }
    for (int a = 0; a < k; ++a) {
        for (int b = 0; b <= a; ++b) {
            V v = hn::Zero(d);
            for (int l = a; l < k; ++l) v = hn::MulAdd(li[l][a], li[l][b], v);
            hn::StoreU(v, d, inverse + tri(a, b) + c);
        }
    }
}

/// Cholesky factor of [A b; b' y'y] in place of Q, coefficients, A^-1 (lower triangle, when asked for),
/// residual sum of squares.
void Factor(int k, bool invert, const double* HWY_RESTRICT S, double* HWY_RESTRICT Q, StripResult& result,
            double* HWY_RESTRICT inverse, double* HWY_RESTRICT rss) {
    const D d;
    const int lanes = static_cast<int>(hn::Lanes(d));
    const auto tri = [](int a, int b) { return (a * (a + 1) / 2 + b) * strip; };
    const V part = hn::Set(d, trusted_part), one = hn::Set(d, 1.0);
    for (int c = 0; c < strip; c += lanes) {
        V good = one;  // 0 where a test failed
        const auto require = [&](V value, V scale) {
            good = hn::IfThenElseZero(hn::Gt(value, hn::Mul(part, scale)), good);
        };
        const auto q = [&](int a, int b) { return Q + tri(a, b) + c; };
        for (int a = 0; a <= k; ++a) require(hn::LoadU(d, q(a, a)), hn::LoadU(d, S + tri(a, a) + c));
        V inverse_pivot[most_regressors + 1];
        for (int j = 0; j <= k; ++j) {
            V pivot = hn::LoadU(d, q(j, j));
            const V before = pivot;
            for (int l = 0; l < j; ++l) {
                const V v = hn::LoadU(d, q(j, l));
                pivot = hn::NegMulAdd(v, v, pivot);
            }
            require(pivot, before);
            if (j == k) {
                hn::StoreU(pivot, d, rss + c);
                break;
            }
            const V root = hn::Sqrt(pivot);
            inverse_pivot[j] = hn::Div(one, root);
            hn::StoreU(root, d, q(j, j));
            for (int i = j + 1; i <= k; ++i) {
                V v = hn::LoadU(d, q(i, j));
                for (int l = 0; l < j; ++l)
                    v = hn::NegMulAdd(hn::LoadU(d, q(i, l)), hn::LoadU(d, q(j, l)), v);
                hn::StoreU(hn::Mul(v, inverse_pivot[j]), d, q(i, j));
            }
        }
        V beta[most_regressors];
        for (int j = k; j-- > 0;) {
            V v = hn::LoadU(d, q(k, j));
            for (int i = j + 1; i < k; ++i) v = hn::NegMulAdd(hn::LoadU(d, q(i, j)), beta[i], v);
            beta[j] = hn::Mul(v, inverse_pivot[j]);
            hn::StoreU(beta[j], d, result.beta[j] + c);
        }
        if (invert) Invert(k, Q, inverse_pivot, c, inverse);
        HWY_ALIGN double flags[8];
        hn::StoreU(good, d, flags);
        for (int l = 0; l < lanes; ++l) result.trusted[c + l] = flags[l] > 0;
    }
}

/// One replicate's numbers for the score pass over a block.
struct ScorePass {
    double beta[most_regressors];
    double* own;     ///< [row][p]: C_x, and C_y - C_x beta in the last place
    double* weight;  ///< one a cluster, padded with zeros
    double* score;   ///< [group][k][8] of the block
    double meat[most_regressors * (most_regressors + 1) / 2];
};

/// Scores of the clusters of one block, for two replicates, which share the loads of the columns but no
/// arithmetic: into `score`, [group][K][8].
template <int K>
void Scores(const UniformBlock& block, const ScorePass* HWY_RESTRICT pass) {
    constexpr int p = K + 1;
    constexpr std::size_t terms = K;
    const D d;
    const int lanes = static_cast<int>(hn::Lanes(d));
    const double* const beta0 = pass[0].beta;
    const double* const beta1 = pass[1].beta;
    for (int at = 0; at < block.groups; ++at) {
        for (int l = 0; l < group; l += lanes) {
            const double* row =
                block.column.data() + static_cast<std::ptrdiff_t>(at) * block.rows * p * group + l;
            const double* c0 = pass[0].own;
            const double* c1 = pass[1].own;
            V s0[terms], s1[terms], x[terms];
            for (std::size_t j = 0; j < terms; ++j) s0[j] = s1[j] = hn::Zero(d);
            for (int t = 0; t < block.rows; ++t, row += p * group, c0 += p, c1 += p) {
                const V y = hn::LoadU(d, row + K * group);
                V u0 = hn::Sub(y, hn::Set(d, c0[K])), u1 = hn::Sub(y, hn::Set(d, c1[K]));
                for (int j = 0; j < K; ++j) {
                    x[j] = hn::LoadU(d, row + j * group);
                    u0 = hn::NegMulAdd(x[j], hn::Set(d, beta0[j]), u0);
                    u1 = hn::NegMulAdd(x[j], hn::Set(d, beta1[j]), u1);
                }
                for (int j = 0; j < K; ++j) {
                    s0[j] = hn::MulAdd(hn::Sub(x[j], hn::Set(d, c0[j])), u0, s0[j]);
                    s1[j] = hn::MulAdd(hn::Sub(x[j], hn::Set(d, c1[j])), u1, s1[j]);
                }
            }
            for (int j = 0; j < K; ++j) {
                hn::StoreU(s0[j], d, pass[0].score + (at * K + j) * group + l);
                hn::StoreU(s1[j], d, pass[1].score + (at * K + j) * group + l);
            }
        }
    }
}

/// meat (lower triangle) += sum_g w_g s_g s_g' of one block and one replicate. The sums stay in registers,
/// hence the unrolled loops and a pass of its own.
template <int K>
void AddProducts(int groups, ScorePass& pass) {
    constexpr std::size_t terms = K, products = terms * (terms + 1) / 2;
    const D d;
    const int lanes = static_cast<int>(hn::Lanes(d));
    V total[products];
    for (std::size_t e = 0; e < products; ++e) total[e] = hn::Zero(d);
    for (int at = 0; at < groups; ++at) {
        for (int l = 0; l < group; l += lanes) {
            const V w = hn::LoadU(d, pass.weight + at * group + l);
            V s[terms];
#pragma GCC unroll 8
            for (std::size_t j = 0; j < terms; ++j)
                s[j] = hn::LoadU(d, pass.score + (static_cast<std::size_t>(at) * terms + j) * group + l);
#pragma GCC unroll 8
            for (std::size_t a = 0; a < terms; ++a) {
                const V ws = hn::Mul(w, s[a]);
#pragma GCC unroll 8
                for (std::size_t b = 0; b <= a; ++b)
                    total[a * (a + 1) / 2 + b] = hn::MulAdd(ws, s[b], total[a * (a + 1) / 2 + b]);
            }
        }
    }
    for (std::size_t e = 0; e < products; ++e) {
        HWY_ALIGN double lane[8];
        hn::StoreU(total[e], d, lane);
        for (int l = 0; l < lanes; ++l) pass.meat[e] += lane[l];
    }
}

template <int K>
void AddScores(const UniformBlock& block, ScorePass* pass) {
    Scores<K>(block, pass);
    for (int i = 0; i < 2; ++i) AddProducts<K>(block.groups, pass[i]);
}

using AddScoresFunction = void (*)(const UniformBlock&, ScorePass*);
constexpr AddScoresFunction add_scores[most_regressors + 1] = {nullptr,      AddScores<1>, AddScores<2>,
                                                               AddScores<3>, AddScores<4>, AddScores<5>,
                                                               AddScores<6>, AddScores<7>, AddScores<8>};

/// Pointers into the scratch space.
struct Scratch {
    double *total, *S, *Q, *m, *inverse, *rss, *C, *weight, *own, *score, *meat;
    int weight_size, own_size;
};

Scratch divide(const UniformStore& store, std::vector<double>& work) {
    int m = 0, C = 0, rows = 0;
    for (const auto& block : store.block) {
        m = block.m.rows > m ? block.m.rows : m;
        rows = block.rows > rows ? block.rows : rows;
        C += block.rows * store.p;
    }
    const int triangle = padded(store.S.rows);
    const int sizes[] = {strip,
                         triangle * strip,
                         triangle * strip,
                         padded(m) * strip,
                         triangle * strip,
                         strip,
                         C * strip,
                         2 * store.groups * group,
                         2 * rows * store.p,
                         2 * store.groups * group * store.k,
                         triangle * strip};
    constexpr int parts = 11;
    std::size_t all = 0;
    for (const int size : sizes) all += static_cast<std::size_t>(size);
    if (work.size() < all) work.resize(all);
    double* at[parts];
    double* next = work.data();
    for (int i = 0; i < parts; ++i) {
        at[i] = next;
        next += sizes[i];
    }
    return {at[0],         at[1], at[2], at[3], at[4],  at[5],
            at[6],         at[7], at[8], at[9], at[10], store.groups * group,
            rows * store.p};
}

/// The sums of w_g s_g s_g' of replicates r and r + 1. A replicate without counts has zero weights.
void Meat(const UniformStore& store, const Scratch& s, const double* count, int r, const StripResult& result,
          ScorePass* pass) {
    const int k = store.k, p = store.p;
    for (int i = 0; i < 2; ++i) {
        for (int j = 0; j < k; ++j) pass[i].beta[j] = result.beta[j][r + i];
        for (double& m : pass[i].meat) m = 0;
    }
    const double* C = s.C + r;
    for (const auto& block : store.block) {
        for (int i = 0; i < 2; ++i) {
            const double* const counts = count + block.begin * strip + r + i;
            for (int g = 0; g < block.clusters; ++g) pass[i].weight[g] = counts[g * strip];
            for (int g = block.clusters; g < block.groups * group; ++g) pass[i].weight[g] = 0;
            for (int t = 0; t < block.rows; ++t) {
                double constant = C[(t * p + k) * strip + i];
                for (int j = 0; j < k; ++j) {
                    pass[i].own[t * p + j] = C[(t * p + j) * strip + i];
                    constant -= pass[i].own[t * p + j] * pass[i].beta[j];
                }
                pass[i].own[t * p + k] = constant;
            }
        }
        add_scores[k](block, pass);
        C += block.rows * p * strip;
    }
}

/// V_jj / q of all replicates and terms, from `meat` [product][16].
void Variances(const UniformStore& store, const Scratch& s, StripResult& result) {
    const D d;
    const int lanes = static_cast<int>(hn::Lanes(d));
    const int k = store.k;
    const auto tri = [](int a, int b) {
        return (a >= b ? a * (a + 1) / 2 + b : b * (b + 1) / 2 + a) * strip;
    };
    for (int c = 0; c < strip; c += lanes) {
        V good = hn::Set(d, 1.0);  // 0 where the scores cancel in every cluster: see pairs_solve.cpp
        const V least = hn::Mul(hn::LoadU(d, s.rss + c), hn::Set(d, 1e-10 / store.n));
        for (int j = 0; j < k; ++j) {
            V variance = hn::Zero(d);
            for (int a = 0; a < k; ++a) {
                V row = hn::Zero(d);
                for (int b = 0; b < k; ++b) {
                    row = hn::MulAdd(hn::LoadU(d, s.meat + tri(a, b) + c),
                                     hn::LoadU(d, s.inverse + tri(b, j) + c), row);
                }
                variance = hn::MulAdd(row, hn::LoadU(d, s.inverse + tri(a, j) + c), variance);
            }
            hn::StoreU(variance, d, result.variance[j] + c);
            const V limit = hn::Mul(least, hn::LoadU(d, s.inverse + tri(j, j) + c));
            good = hn::IfThenElseZero(hn::Gt(variance, limit), good);
        }
        HWY_ALIGN double flags[8];
        hn::StoreU(good, d, flags);
        for (int l = 0; l < lanes; ++l) result.trusted[c + l] = result.trusted[c + l] && flags[l] > 0;
    }
}

/// total[16]: the sums of `clusters` rows of counts.
void AddCounts(const double* HWY_RESTRICT count, int clusters, double* HWY_RESTRICT total) {
    const D d;
    const int lanes = static_cast<int>(hn::Lanes(d));
    for (int c = 0; c < strip; c += lanes) {
        V sum = hn::Zero(d);
        for (int g = 0; g < clusters; ++g) sum = hn::Add(sum, hn::LoadU(d, count + g * strip + c));
        hn::StoreU(sum, d, total + c);
    }
}

void SolveStrip(const UniformStore& store, const double* count, bool studentise, std::vector<double>& work,
                StripResult& result) {
    const Scratch s = divide(store, work);
    Multiply(store.S, count, s.Q);
    std::memcpy(s.S, s.Q, static_cast<std::size_t>(store.S.rows * strip) * sizeof(double));
    double* C = s.C;
    for (const auto& block : store.block) {
        const double* const counts = count + block.begin * strip;
        AddCounts(counts, block.clusters, s.total);
        Multiply(block.m, counts, s.m);
        Remove(store.p, block.rank, s.total, s.m, s.Q);
        if (studentise) Correct(block, store.p, s.m, C);
        C += block.rows * store.p * strip;
    }
    Factor(store.k, studentise, s.S, s.Q, result, s.inverse, s.rss);
    if (!studentise) return;
    ScorePass pass[2];
    for (int i = 0; i < 2; ++i) {
        pass[i].own = s.own + i * s.own_size;
        pass[i].weight = s.weight + i * s.weight_size;
        pass[i].score = s.score + i * s.weight_size * store.k;
    }
    std::memset(s.meat, 0, static_cast<std::size_t>(store.S.rows * strip) * sizeof(double));
    for (int r = 0; r < strip; r += 2) {
        if (!result.trusted[r] && !result.trusted[r + 1]) continue;
        Meat(store, s, count, r, result, pass);
        for (int i = 0; i < 2; ++i) {
            for (int e = 0; e < store.k * (store.k + 1) / 2; ++e) s.meat[e * strip + r + i] = pass[i].meat[e];
        }
    }
    Variances(store, s, result);
}

}  // namespace greenfront::resample::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace greenfront::resample {

HWY_EXPORT(SolveStrip);
HWY_EXPORT(Multiply);

void multiply(const Packed& A, const double* numbers, double* out) {
    HWY_DYNAMIC_DISPATCH(Multiply)(A, numbers, out);
}

void solve_strip(const UniformStore& store, const double* count, bool studentise, std::vector<double>& work,
                 StripResult& result) {
    HWY_DYNAMIC_DISPATCH(SolveStrip)(store, count, studentise, work, result);
}

}  // namespace greenfront::resample
#endif
