#include <cmath>
#include <cstdint>
#include <cstdio>
#include <vector>

#include "kernels/dea/dea.hpp"
#include "kernels/error.hpp"

// One input, one output, constant returns: the score is output per input over the best output per input.
int main() {
    const std::vector<double> input{2, 4, 5, 10}, output{1, 4, 3, 5};
    const auto units = static_cast<Eigen::Index>(input.size());
    greenfront::dea::Quantities data;
    data.X.resize(1, units);
    data.Y.resize(1, units);
    data.B.resize(0, units);
    std::vector<std::int32_t> self;
    for (Eigen::Index j = 0; j < units; ++j) {
        data.X(0, j) = input[static_cast<std::size_t>(j)];
        data.Y(0, j) = output[static_cast<std::size_t>(j)];
        self.push_back(static_cast<std::int32_t>(j));
    }
    greenfront::dea::Settings settings;
    settings.model = greenfront::dea::Model::radial;
    settings.orientation = greenfront::dea::Orientation::input;
    const auto scores = greenfront::dea::evaluate(data, data, self, settings);

    const std::vector<double> expected{0.5, 1.0, 0.6, 0.5};
    for (Eigen::Index j = 0; j < units; ++j) {
        const auto i = static_cast<std::size_t>(j);
        std::printf("unit %zu: %s %.12f\n", i, greenfront::name(scores.status[i]).data(), scores.score(j));
        if (!(std::abs(scores.score(j) - expected[i]) <= 1e-12)) return 1;
    }

    // Errors of the library are caught as what they are.
    data.X(0, 0) = -1;
    try {
        (void)greenfront::dea::evaluate(data, data, self, settings);
    } catch (const greenfront::Error& error) {
        std::printf("refused: %s\n", error.what());
        return error.fault() == greenfront::Fault::data ? 0 : 2;
    }
    return 3;
}
