#include "kernels/dea/heterogeneous_bootstrap.hpp"

#include <cmath>
#include <numbers>

#include "kernels/dea/gather.hpp"
#include "kernels/dea/joint_smoothing.hpp"
#include "kernels/error.hpp"

namespace greenfront::dea {
namespace {

constexpr int most_rounds = 1000;

/// Units as rows of z and back.
class Coordinates {
  public:
    Coordinates(const RadialSample& sample, JointScale scale)
        : input_(sample.scale.orientation == Orientation::input),
          scale_(scale),
          moving_(input_ ? sample.units.X : sample.units.Y),
          still_(input_ ? sample.units.Y : sample.units.X),
          mean_(moving_.rowwise().mean()) {
        const bool positive = moving_.minCoeff() > 0 && still_.minCoeff() > 0;
        if (scale == JointScale::logs && !positive)
            throw Error(Fault::data, "smoothing in logs needs positive inputs and outputs; use levels");
    }

    [[nodiscard]] Eigen::MatrixXd rows(const std::vector<double>& delta) const {
        const Eigen::Index p = moving_.rows(), q = still_.rows();
        Eigen::MatrixXd Z(moving_.cols(), p + q);
        for (Eigen::Index i = 0; i < Z.rows(); ++i) {
            for (Eigen::Index j = 1; j < p; ++j) Z(i, j - 1) = mix(i, j);
            for (Eigen::Index j = 0; j < q; ++j)
                Z(i, p - 1 + j) = scale_ == JointScale::logs ? std::log(still_(j, i)) : still_(j, i);
            Z(i, p + q - 1) = delta[static_cast<std::size_t>(i)];
        }
        return Z;
    }

    /// (w*, a*) of a row, as column i; false when it is no unit.
    [[nodiscard]] bool read(const Eigen::Ref<const Eigen::RowVectorXd>& z, Eigen::Index i,
                            Quantities& points) const {
        const Eigen::Index p = moving_.rows(), q = still_.rows();
        auto w = (input_ ? points.X : points.Y).col(i), a = (input_ ? points.Y : points.X).col(i);
        bool good = true;
        w[0] = mean_[0];
        for (Eigen::Index j = 1; j < p; ++j) {
            const bool angle = scale_ == JointScale::levels;
            good = good && (!angle || (z[j - 1] >= 0 && z[j - 1] < std::numbers::pi / 2));
            w[j] = mean_[j] * (angle ? std::tan(z[j - 1]) : std::exp(z[j - 1]) * mean_[0] / mean_[j]);
        }
        for (Eigen::Index j = 0; j < q; ++j) {
            a[j] = scale_ == JointScale::logs ? std::exp(z[p - 1 + j]) : z[p - 1 + j];
            good = good && a[j] > 0;
        }
        if (!good) {
            w.setConstant(1);
            a.setConstant(1);
        }
        return good;
    }

  private:
    [[nodiscard]] double mix(Eigen::Index i, Eigen::Index j) const {
        if (scale_ == JointScale::logs) return std::log(moving_(j, i) / moving_(0, i));
        return std::atan2(moving_(j, i) / mean_[j], moving_(0, i) / mean_[0]);
    }

    bool input_;
    JointScale scale_;
    const Eigen::MatrixXd& moving_;
    const Eigen::MatrixXd& still_;
    Eigen::VectorXd mean_;
};

/// The pseudo-points of a replicate.
class PseudoPoints {
  public:
    /// `frontier`: of the sample's units.
    PseudoPoints(const RadialSample& sample, const FacetTechnology& frontier, const Coordinates& coordinates,
                 JointSmoothing::Draw draw)
        : sample_(sample),
          frontier_(frontier),
          coordinates_(coordinates),
          draw_(std::move(draw)),
          points_(sample.units) {}

    Quantities make() {
        std::vector<Eigen::Index> rows;
        for (Eigen::Index i = 0; i < points_.units(); ++i) rows.push_back(i);
        for (int round = 0; !rows.empty(); ++round) {
            if (round == most_rounds)
                throw Error(Fault::data,
                            "heterogeneous bootstrap: a draw from the joint density finds no unit that the "
                            "technology could have; use logs, a smaller bandwidth or the homogeneous method");
            std::vector<std::int32_t> usable;
            std::vector<Eigen::Index> again;
            for (const Eigen::Index i : rows) {
                if (coordinates_.read(draw_.rows().row(i), i, points_))
                    usable.push_back(static_cast<std::int32_t>(i));
                else
                    again.push_back(i);
            }
            project(usable, again);
            std::sort(again.begin(), again.end());
            for (const Eigen::Index i : again) draw_.again(i);
            redrawn += static_cast<std::int64_t>(again.size());
            rows = std::move(again);
        }
        return std::move(points_);
    }

    std::int64_t redrawn = 0;
    Counters counters;

  private:
    /// To the frontier and delta* away from it; what it cannot reach goes to `again`.
    void project(const std::vector<std::int32_t>& usable, std::vector<Eigen::Index>& again) {
        if (usable.empty()) return;
        const RadialScores scores = frontier_.score(pick(points_, usable));
        add(counters, scores.counters);
        for (std::size_t k = 0; k < usable.size(); ++k) {
            const Eigen::Index i = usable[k];
            const double s = scores.score[static_cast<Eigen::Index>(k)];
            if (scores.status[k] != Status::optimal || !(s > 0)) {
                again.push_back(i);
                continue;
            }
            const double delta = draw_.rows()(i, draw_.rows().cols() - 1);
            if (sample_.scale.orientation == Orientation::input)
                points_.X.col(i) *= s * delta;
            else
                points_.Y.col(i) *= s / delta;
        }
    }

    const RadialSample& sample_;
    const FacetTechnology& frontier_;
    const Coordinates& coordinates_;
    JointSmoothing::Draw draw_;
    Quantities points_;
};

}  // namespace

BootstrapScores heterogeneous_bootstrap(const Quantities& units, const HeterogeneousSettings& s) {
    const RadialSample sample = radial_sample(units, s.orientation, s.returns, Metric::inverse);
    const Coordinates coordinates(sample, s.scale);
    const JointSmoothing smoothing(coordinates.rows(sample.metric), 1, s.bandwidth);
    const FacetTechnology frontier(sample.units, sample.radial);
    std::vector<std::int64_t> redrawn(static_cast<std::size_t>(s.replicates), 0);
    BootstrapScores result = bootstrap(sample, s.replicates, s.confidence, [&](std::size_t b) {
        rng::Stream stream(s.seed, rng::stage_heterogeneous, b, s.item);
        PseudoPoints pseudo(sample, frontier, coordinates, JointSmoothing::Draw(smoothing, stream));
        const Quantities points = pseudo.make();
        redrawn[b] = pseudo.redrawn;
        const FacetTechnology technology(points, sample.radial);
        RadialScores scores = technology.score(sample.units);
        add(scores.counters, technology.own().counters);
        add(scores.counters, pseudo.counters);
        return scores;
    });
    result.bandwidth = smoothing.bandwidth();
    for (const std::int64_t rows : redrawn) result.redrawn += rows;
    return result;
}

}  // namespace greenfront::dea
