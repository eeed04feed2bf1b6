#include "bench/dea/build_hull.hpp"

#include <algorithm>
#include <cmath>

namespace greenfront::bench {
namespace {

/// A unit less than this outside is inside; its data are about 1.
constexpr double boundary = 1e-10;

class Builder {
  public:
    Builder(const Data& data, bool vrs, Library library, Rule rule)
        : statement_(state_membership(data, vrs)),
          points_(data.a),
          in_set_(static_cast<std::size_t>(data.units()), 0) {
        for (Eigen::Index j = 0; j < data.units(); ++j) points_.col(j) /= statement_.size(j);
        choose_first();
        rival_ = make_rival(library, statement_, hull_.columns, rule);
    }

    void test(Eigen::Index o) {
        ++hull_.tested;
        if (in_set_[static_cast<std::size_t>(o)] != 0) return;
        statement_.write(o);
        bool column_added = false;
        while (true) {
            ++hull_.programs;
            const double outside = rival_->solve(column_added);
            if (outside <= boundary) return;
            rival_->multipliers(y_);
            // y is >= 0 on goods and <= 0 on inputs and bads; the farthest unit has the largest y'a.
            profit_.noalias() = points_.transpose() * y_.head(points_.rows());
            Eigen::Index farthest = 0;
            profit_.maxCoeff(&farthest);
            // Only rounding is left, or there is no answer: the unit itself makes the set no smaller.
            if (std::isnan(outside) || in_set_[static_cast<std::size_t>(farthest)] != 0) farthest = o;
            join(farthest);
            rival_->add(farthest);
            if (farthest == o) return;
            column_added = true;
        }
    }

    [[nodiscard]] Hull& hull() { return hull_; }
    [[nodiscard]] std::int64_t pivots() const { return rival_->pivots(); }

  private:
    void join(Eigen::Index j) {
        char& in_set = in_set_[static_cast<std::size_t>(j)];
        if (in_set == 0) hull_.columns.push_back(static_cast<std::int32_t>(j));
        in_set = 1;
    }

    /// Units that no other beats: vrs in one variable, crs in one good per input or bad.
    void choose_first() {
        const Data& data = *statement_.data;
        Eigen::Index best = 0;
        for (int i = 0; i < data.variables(); ++i) {
            if (statement_.vrs) {
                (points_.row(i) * (data.is_good(i) ? 1.0 : -1.0)).maxCoeff(&best);
                join(best);
                continue;
            }
            for (int r = data.m; r < data.m + data.s1 && !data.is_good(i); ++r) {
                points_.row(r).cwiseQuotient(points_.row(i)).maxCoeff(&best);
                join(best);
            }
        }
    }

    Statement statement_;
    Eigen::MatrixXd points_;
    std::vector<char> in_set_;
    Hull hull_;
    std::unique_ptr<Rival> rival_;
    Eigen::VectorXd y_, profit_;
};

}  // namespace

Hull build_hull(const Data& data, bool vrs, Library library, Rule rule, Eigen::Index limit) {
    const double begin = cpu_seconds();
    Builder builder(data, vrs, library, rule);
    Hull& hull = builder.hull();
    const Eigen::Index last_tenth = limit - std::max<Eigen::Index>(1, limit / 10);
    double before = begin;
    for (Eigen::Index o = 0; o < limit; ++o) {
        if (o == last_tenth) before = cpu_seconds();
        builder.test(o);
    }
    const double end = cpu_seconds();
    hull.last_pace = (end - before) / static_cast<double>(limit - last_tenth);
    hull.seconds = end - begin;
    hull.pivots = builder.pivots();
    return hull;
}

}  // namespace greenfront::bench
