#include "kernels/dea/joint_smoothing.hpp"

#include <cmath>
#include <vector>

namespace greenfront::dea {
namespace {

/// Pivots smaller than this share of a variance are rounding: the column adds nothing to those before it.
constexpr double determined = 1e-12;

Eigen::MatrixXd root_of(const Eigen::MatrixXd& A) {
    const Eigen::Index d = A.rows();
    Eigen::MatrixXd L = Eigen::MatrixXd::Zero(d, d);
    for (Eigen::Index j = 0; j < d; ++j) {
        const double pivot = A(j, j) - L.row(j).head(j).squaredNorm();
        if (!(pivot > determined * A(j, j))) continue;
        L(j, j) = std::sqrt(pivot);
        for (Eigen::Index i = j + 1; i < d; ++i)
            L(i, j) = (A(i, j) - L.row(i).head(j).dot(L.row(j).head(j))) / L(j, j);
    }
    return L;
}

}  // namespace

JointSmoothing::JointSmoothing(Eigen::MatrixXd Z, int bounded, double bandwidth)
    : Z_(std::move(Z)), bounded_(bounded) {
    const auto n = static_cast<double>(Z_.rows()), d = static_cast<double>(Z_.cols());
    const Eigen::MatrixXd centred = Z_.rowwise() - Z_.colwise().mean();
    L_ = root_of(centred.transpose() * centred / (n - 1));
    h_ = bandwidth > 0 ? bandwidth : std::pow(4 / ((d + 2) * n), 1 / (d + 4));
}

std::uint64_t JointSmoothing::mirrored(std::uint64_t number) const {
    return number / static_cast<std::uint64_t>(Z_.rows());
}

Eigen::RowVectorXd JointSmoothing::row(std::uint64_t number) const {
    const auto n = static_cast<std::uint64_t>(Z_.rows());
    Eigen::RowVectorXd z = Z_.row(static_cast<Eigen::Index>(number % n));
    for (int f = 0; f < bounded_; ++f) {
        double& value = z[Z_.cols() - bounded_ + f];
        if ((mirrored(number) >> f & 1) != 0) value = 2 - value;
    }
    return z;
}

JointSmoothing::Draw::Draw(const JointSmoothing& smoothing, rng::Stream& stream)
    : s_(smoothing), stream_(stream), rows_(smoothing.Z_.rows(), smoothing.Z_.cols()) {
    const auto all = static_cast<std::uint64_t>(rows_.rows()) << s_.bounded_;
    std::vector<std::uint64_t> number(static_cast<std::size_t>(rows_.rows()));
    centre_.setZero(rows_.cols());
    for (std::uint64_t& one : number) {
        one = stream_.below(all);
        centre_ += s_.row(one);
    }
    centre_ /= static_cast<double>(rows_.rows());
    for (Eigen::Index i = 0; i < rows_.rows(); ++i) place(i, number[static_cast<std::size_t>(i)]);
}

void JointSmoothing::Draw::again(Eigen::Index i) {
    place(i, stream_.below(static_cast<std::uint64_t>(rows_.rows()) << s_.bounded_));
}

void JointSmoothing::Draw::place(Eigen::Index i, std::uint64_t number) {
    const Eigen::Index d = rows_.cols();
    Eigen::VectorXd e(d);
    for (double& value : e) value = stream_.normal();
    Eigen::RowVectorXd noise = (s_.L_ * e).transpose();
    for (int f = 0; f < s_.bounded_; ++f) {
        if ((s_.mirrored(number) >> f & 1) != 0) noise[d - s_.bounded_ + f] *= -1;
    }
    const double shrink = 1 / std::sqrt(1 + s_.h_ * s_.h_);
    rows_.row(i) = centre_ + (s_.row(number) + s_.h_ * noise - centre_) * shrink;
    for (int f = 0; f < s_.bounded_; ++f) {
        double& value = rows_(i, d - s_.bounded_ + f);
        if (value < 1) value = 2 - value;
    }
}

}  // namespace greenfront::dea
