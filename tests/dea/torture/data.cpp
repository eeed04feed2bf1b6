// Awkward data. Values have at most 24 significant bits before they are scaled by factors of at most 12, so
// that sums, copies and means that are meant to be exact are exact.
#include "tests/dea/torture/data.hpp"

#include <algorithm>
#include <cmath>

namespace greenfront::torture {
namespace {

/// Rounded to `bits` significant bits.
double rounded(double v, int bits) {
    if (v == 0) return 0;
    int exponent = 0;
    const double fraction = std::frexp(v, &exponent);
    return std::ldexp(std::nearbyint(std::ldexp(fraction, bits)), exponent - bits);
}

enum class Shape { lognormal, wide, integers, production, spread };
constexpr const char* shape_names[]{"lognormal", "wide", "integers", "production", "spread"};

class Maker {
  public:
    Maker(Numbers& random, Eigen::Index m, Eigen::Index s1, Eigen::Index s2, Eigen::Index n)
        : random_(random),
          n_(n),
          q_{Eigen::MatrixXd(m, n), Eigen::MatrixXd(s1, n), Eigen::MatrixXd(s2, n)},
          total_(m + s1 + s2) {}

    dea::Quantities make(Eigen::Index outside, const Allowed& allowed, std::string& features) {
        features_ = &features;
        draw();
        if (random_.chance(0.25)) copy_units();
        if (random_.chance(0.2)) add_means();
        if (random_.chance(0.15)) add_dominated();
        if (random_.chance(0.2)) make_collinear();
        if (random_.chance(0.08)) make_constant();
        if (allowed.zeros && random_.chance(0.2)) put_zeros();
        if (random_.chance(0.15)) add_outlier();
        move_outside(outside);
        if (allowed.near_copies && random_.chance(0.08)) copy_nearly();
        if (allowed.sizes && random_.chance(0.3)) stretch_units();
        if (allowed.units && random_.chance(0.5)) change_units();
        return std::move(q_);
    }

  private:
    void say(const char* what) {
        if (!features_->empty()) *features_ += '+';
        *features_ += what;
    }
    double& at(Eigen::Index i, Eigen::Index j) { return value(q_, i, j); }
    Eigen::Index some_unit() { return random_.below(static_cast<int>(n_)); }
    Eigen::Index some_variable() { return random_.below(static_cast<int>(total_)); }
    bool is_good(Eigen::Index i) const { return i >= q_.X.rows() && i < q_.X.rows() + q_.Y.rows(); }
    bool has_to_be_positive(Eigen::Index i) const { return i == 0 || i == q_.X.rows(); }

    void draw() {
        const auto shape = static_cast<Shape>(random_.below(5));
        say(shape_names[static_cast<int>(shape)]);
        const double noise = random_.between(0.05, 0.8), size_noise = random_.between(0.0, 1.5);
        const int largest = random_.from(2, 9);
        for (Eigen::Index j = 0; j < n_; ++j) {
            const double size = size_noise * random_.normal();
            for (Eigen::Index i = 0; i < total_; ++i) {
                double v = 0;
                switch (shape) {
                    case Shape::lognormal:
                        v = std::exp(size + noise * random_.normal());
                        break;
                    case Shape::wide:
                        v = std::exp(3 * random_.normal());
                        break;
                    case Shape::integers:
                        v = random_.from(1, largest);
                        break;
                    case Shape::production:
                        v = std::exp(size + (is_good(i) ? -std::abs(noise * random_.normal())
                                                        : 0.5 * noise * random_.normal()));
                        break;
                    case Shape::spread:  // many efficient units
                        v = 0.01 + random_.uniform();
                        break;
                }
                at(i, j) = rounded(v, 24);
            }
        }
    }

    void copy_units() {
        say("copies");
        const double share = random_.between(0.05, 0.8);
        for (Eigen::Index j = 1; j < n_; ++j) {
            if (!random_.chance(share)) continue;
            const Eigen::Index from = random_.below(static_cast<int>(j));
            const double times = random_.chance(0.6) ? 1 : random_.from(2, 6);
            for (Eigen::Index i = 0; i < total_; ++i) at(i, j) = times * at(i, from);
        }
    }
    void add_means() {  // of two units: on the line between them
        say("means");
        for (Eigen::Index j = 2; j < n_; ++j) {
            if (!random_.chance(0.4)) continue;
            const Eigen::Index a = random_.below(static_cast<int>(j)), b = random_.below(static_cast<int>(j));
            for (Eigen::Index i = 0; i < total_; ++i) at(i, j) = 0.5 * (at(i, a) + at(i, b));
        }
    }
    void add_dominated() {
        say("dominated");
        for (Eigen::Index j = 1; j < n_; ++j) {
            if (!random_.chance(0.5)) continue;
            const Eigen::Index from = random_.below(static_cast<int>(j));
            const bool one = random_.chance(0.5);
            const Eigen::Index only = some_variable();
            for (Eigen::Index i = 0; i < total_; ++i) {
                const double worse = is_good(i) ? 0.75 : 1.25;
                at(i, j) = at(i, from) * (!one || i == only ? worse : 1.0);
            }
        }
    }
    void make_collinear() {  // within one group, or a bad output from an input
        const Eigen::Index to = some_variable(), from = some_variable(), second = some_variable();
        if (to == from) return;
        say("collinear");
        const double a = random_.from(1, 4), b = random_.chance(0.5) ? random_.from(1, 3) : 0;
        for (Eigen::Index j = 0; j < n_; ++j)
            at(to, j) = rounded(a * rounded(at(from, j), 20) + b * rounded(at(second, j), 20), 53);
    }
    void make_constant() {
        say("constant");
        const Eigen::Index i = some_variable();
        const double v = rounded(std::exp(random_.normal()), 20);
        for (Eigen::Index j = 0; j < n_; ++j) at(i, j) = v;
    }
    void put_zeros() {
        say("zeros");
        const double share = random_.between(0.02, 0.4);
        for (Eigen::Index i = 0; i < total_; ++i) {
            if (has_to_be_positive(i) || random_.chance(0.4)) continue;
            for (Eigen::Index j = 0; j < n_; ++j) {
                if (random_.chance(share)) at(i, j) = 0;
            }
        }
    }
    void add_outlier() {
        say("outlier");
        const Eigen::Index j = some_unit();
        const double times = std::ldexp(1.0, random_.from(3, 12));
        for (Eigen::Index i = 0; i < total_; ++i) {
            if (is_good(i) && random_.chance(0.7)) at(i, j) *= times;
            if (!is_good(i) && random_.chance(0.2)) at(i, j) /= times;
        }
    }
    /// The last units are the ones outside the reference set: some beyond it, some deep inside.
    void move_outside(Eigen::Index outside) {
        for (Eigen::Index j = n_ - outside; j < n_; ++j) {
            const double better = std::ldexp(1.0, random_.from(-1, 2));
            for (Eigen::Index i = 0; i < total_; ++i) {
                if (random_.chance(0.5)) at(i, j) *= is_good(i) ? better : 1 / better;
            }
        }
    }
    void copy_nearly() {
        say("near-copies");
        const double apart = std::pow(10.0, random_.between(-15, -5));
        for (Eigen::Index j = 1; j < n_; ++j) {
            if (!random_.chance(0.2)) continue;
            const Eigen::Index from = random_.below(static_cast<int>(j));
            for (Eigen::Index i = 0; i < total_; ++i)
                at(i, j) = at(i, from) * (1 + apart * random_.between(-1, 1));
        }
    }
    void stretch_units() {
        say("sizes");
        for (Eigen::Index j = 0; j < n_; ++j) {
            const double times = rounded(std::pow(10.0, random_.between(-4, 4)), 12);
            for (Eigen::Index i = 0; i < total_; ++i) at(i, j) *= times;
        }
    }
    void change_units() {
        say("units");
        for (Eigen::Index i = 0; i < total_; ++i) {
            const double times = rounded(std::pow(10.0, random_.between(-9, 9)), 12);
            for (Eigen::Index j = 0; j < n_; ++j) at(i, j) *= times;
        }
    }

    Numbers& random_;
    Eigen::Index n_;
    dea::Quantities q_;
    Eigen::Index total_;
    std::string* features_ = nullptr;
};

}  // namespace

dea::Quantities make_units(Numbers& random, Eigen::Index m, Eigen::Index s1, Eigen::Index s2, Eigen::Index n,
                           Eigen::Index outside, const Allowed& allowed, std::string& features) {
    return Maker(random, m, s1, s2, n + outside).make(outside, allowed, features);
}

}  // namespace greenfront::torture
