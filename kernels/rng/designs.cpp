#include "kernels/rng/designs.hpp"

#include <fmt/format.h>

#include <boost/random/sobol.hpp>
#include <numeric>
#include <utility>
#include <vector>

#include "kernels/error.hpp"
#include "kernels/rng/philox.hpp"

namespace greenfront::rng {
namespace {

/// Coordinates for which Boost.Random carries direction numbers.
constexpr Eigen::Index most_coordinates = 3667;

}  // namespace

Eigen::MatrixXd latin_hypercube(Eigen::Index n, Eigen::Index d, std::uint64_t seed, std::uint64_t stream) {
    Eigen::MatrixXd points(n, d);
    std::vector<Eigen::Index> slice(static_cast<std::size_t>(n));
    for (Eigen::Index j = 0; j < d; ++j) {
        Stream random(seed, stage_sweep, stream, static_cast<std::uint64_t>(j));
        std::iota(slice.begin(), slice.end(), Eigen::Index{0});
        for (std::size_t i = slice.size(); i > 1; --i) std::swap(slice[i - 1], slice[random.below(i)]);
        for (Eigen::Index i = 0; i < n; ++i) {
            points(i, j) = (static_cast<double>(slice[static_cast<std::size_t>(i)]) + random.uniform()) /
                           static_cast<double>(n);
        }
    }
    return points;
}

Eigen::MatrixXd sobol(Eigen::Index n, Eigen::Index d, std::uint64_t seed, std::uint64_t stream) {
    if (d > most_coordinates) {
        throw Error(Fault::usage, fmt::format("a Sobol' design has at most {} coordinates, not {}; use a "
                                              "Latin hypercube",
                                              most_coordinates, d));
    }
    Eigen::MatrixXd points(n, d);
    if (n == 0 || d == 0) return points;
    // Boost's sequence begins behind the origin. 32 bits are exact in a double.
    boost::random::sobol_engine<std::uint32_t, 32> sequence(static_cast<std::size_t>(d));
    Eigen::VectorXd shift(d);
    for (Eigen::Index j = 0; j < d; ++j)
        shift[j] = Stream(seed, stage_sweep, stream, static_cast<std::uint64_t>(j)).uniform();
    for (Eigen::Index i = 0; i < n; ++i) {
        for (Eigen::Index j = 0; j < d; ++j) {
            const double moved = static_cast<double>(sequence()) * 0x1p-32 + shift[j];
            points(i, j) = moved >= 1 ? moved - 1 : moved;
        }
    }
    return points;
}

Eigen::MatrixXd saltelli(Eigen::Index n, Eigen::Index d, std::uint64_t seed, std::uint64_t stream) {
    const Eigen::MatrixXd both = sobol(n, 2 * d, seed, stream);
    Eigen::MatrixXd points(n * (d + 2), d);
    for (Eigen::Index i = 0; i < n; ++i) {
        const Eigen::Index at = i * (d + 2);
        points.row(at) = both.row(i).head(d);
        points.row(at + 1) = both.row(i).tail(d);
        for (Eigen::Index j = 0; j < d; ++j) {
            points.row(at + 2 + j) = both.row(i).head(d);
            points(at + 2 + j, j) = both(i, d + j);
        }
    }
    return points;
}

}  // namespace greenfront::rng
