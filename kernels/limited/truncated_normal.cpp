#include "kernels/limited/truncated_normal.hpp"

#include <array>
#include <cmath>
#include <numbers>

namespace greenfront::limited {
namespace {

constexpr double half_log_two_pi = 0.91893853320467274178;
constexpr double fraction_from = 2;  ///< continued fraction from this h on
constexpr double reach = 10;         ///< exp(-reach^2/2) is nothing beside 1

/// r_n for n = 1, ..., count by the continued fraction; h >= fraction_from. It starts from r = N / (h + r),
/// which r_N nears as N grows; each step back shrinks the error by r_n^2 / n, and (20.5/h)^2 + 16 of them
/// leave less than 3e-17 of r_1, ..., r_4 (found by 40-digit arithmetic for h from 2 to 1e6).
void tail_ratios(double h, double* r, int count) {
    const double root = 20.5 / h;
    int n = 16 + static_cast<int>(root * root);
    // sqrt(h^2 + 4N) - h without cancellation
    double next = 2 * (n + 1) / (std::sqrt(h * h + 4.0 * (n + 1)) + h);
    for (; n >= 1; --n) {
        next = n / (h + next);
        if (n <= count) r[n - 1] = next;
    }
}

/// Central moments from the raw ones about any point.
void centre(const double (&raw)[4], TruncatedNormal& t) {
    const double m = raw[0];
    t.mean = m;
    t.m2 = raw[1] - m * m;
    t.m3 = raw[2] - 3 * m * raw[1] + 2 * m * m * m;
    t.m4 = raw[3] - 4 * m * raw[2] + 6 * m * m * raw[1] - 3 * m * m * m * m;
}

/// v > h alone.
TruncatedNormal above(double h) {
    TruncatedNormal t;
    if (h >= fraction_from) {
        double r[4];
        tail_ratios(h, r, 4);
        t.origin = TruncatedNormal::Origin::lower;
        t.log_mass = -std::log(h + r[0]);
        // Products of the ratios, so that the differences are of the same size as what they leave.
        t.mean = r[0];
        t.m2 = r[0] * (r[1] - r[0]);
        t.m3 = r[0] * (r[1] * (r[2] - 3 * r[0]) + 2 * r[0] * r[0]);
        t.m4 = r[0] * (r[1] * (r[2] * (r[3] - 4 * r[0]) + 6 * r[0] * r[0]) - 3 * r[0] * r[0] * r[0]);
        return t;
    }
    const UpperTail tail = upper_tail(h);
    if (h >= 0) {
        t.origin = TruncatedNormal::Origin::lower;
        t.log_mass = half_log_two_pi + h * h / 2 + tail.log_probability;
        const double one = tail.excess, two = 1 - h * one, three = 2 * one - h * two;
        centre({one, two, three, 3 * two - h * three}, t);
        return t;
    }
    const double l = tail.lambda;
    t.log_mass = half_log_two_pi + tail.log_probability;
    if (l == 0) return t;  // h l is 0 * infinity at h = -infinity
    centre({l, 1 + h * l, (h * h + 2) * l, 3 + (h * h + 3) * h * l}, t);
    return t;
}

struct Rule {
    std::array<double, 48> node{}, weight{};  ///< on (-1, 1)
};

/// Gauss-Legendre nodes: zeros of P_48 by Newton, weights 2 / ((1 - x^2) P'(x)^2).
Rule make_rule() {
    Rule rule;
    constexpr std::size_t n = 48;
    for (std::size_t i = 0; i < n; ++i) {
        double x = std::cos(std::numbers::pi * (static_cast<double>(i) + 0.75) / (n + 0.5)), slope = 1;
        for (int step = 0; step < 8; ++step) {
            double p = 1, before = 0;
            for (std::size_t k = 1; k <= n; ++k) {
                const auto d = static_cast<double>(k);
                const double next = ((2 * d - 1) * x * p - (d - 1) * before) / d;
                before = p;
                p = next;
            }
            slope = n * (x * p - before) / (x * x - 1);
            x -= p / slope;
        }
        rule.node[i] = x;
        rule.weight[i] = 2 / ((1 - x * x) * slope * slope);
    }
    return rule;
}

const Rule& rule() {
    static const Rule made = make_rule();
    return made;
}

/// Both bounds matter and a + b >= 0: w from the lower bound when it is above 0, else v itself.
TruncatedNormal between(double a, double b) {
    TruncatedNormal t;
    const bool from_bound = a >= 0;
    t.origin = from_bound ? TruncatedNormal::Origin::lower : TruncatedNormal::Origin::zero;
    const double tilt = from_bound ? a : 0, start = from_bound ? 0 : a, half = (b - a) / 2;
    std::array<double, 48> w{}, mass{};
    double total = 0, first = 0;
    for (std::size_t i = 0; i < w.size(); ++i) {
        w[i] = start + half * (1 + rule().node[i]);
        mass[i] = rule().weight[i] * std::exp(-(tilt + w[i] / 2) * w[i]);
        total += mass[i];
        first += mass[i] * w[i];
    }
    t.mean = first / total;
    t.log_mass = std::log(half * total);
    t.m2 = t.m3 = t.m4 = 0;
    for (std::size_t i = 0; i < w.size(); ++i) {
        const double d = w[i] - t.mean, square = d * d, share = mass[i] / total;
        t.m2 += share * square;
        t.m3 += share * square * d;
        t.m4 += share * square * square;
    }
    return t;
}

}  // namespace

double normal_density(double x) {
    return std::exp(-x * x / 2 - half_log_two_pi);
}

UpperTail upper_tail(double h) {
    if (h >= fraction_from) {
        double r = 0;
        tail_ratios(h, &r, 1);
        return {-h * h / 2 - half_log_two_pi - std::log(h + r), h + r, r};
    }
    const double below = std::erfc(-h / std::numbers::sqrt2) / 2;
    // 1 - Phi is exact from erfc; its logarithm is best from the smaller of the two.
    const double probability = std::erfc(h / std::numbers::sqrt2) / 2;
    const double lambda = normal_density(h) / probability;
    return {h < 0 ? std::log1p(-below) : std::log(probability), lambda, lambda - h};
}

double normal_between(double a, double b) {
    if (a > 0) return (std::erfc(a / std::numbers::sqrt2) - std::erfc(b / std::numbers::sqrt2)) / 2;
    if (b < 0) return (std::erfc(-b / std::numbers::sqrt2) - std::erfc(-a / std::numbers::sqrt2)) / 2;
    return 1 - (std::erfc(-a / std::numbers::sqrt2) + std::erfc(b / std::numbers::sqrt2)) / 2;
}

TruncatedNormal truncated_normal(double a, double b) {
    if (a + b < 0) {
        TruncatedNormal t = truncated_normal(-b, -a);
        using enum TruncatedNormal::Origin;
        t.origin = t.origin == lower ? upper : t.origin;
        t.mean = -t.mean;
        t.m3 = -t.m3;
        return t;
    }
    // exp(-h u - u^2/2) falls below exp(-50) at u = sqrt(h^2 + 100) - h.
    const bool upper_matters =
        a >= 0 ? b - a < reach * reach / (std::sqrt(a * a + reach * reach) + a) : b < reach;
    return upper_matters ? between(a, b) : above(a);
}

}  // namespace greenfront::limited
