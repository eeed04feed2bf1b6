#include <algorithm>
#include <array>
#include <cmath>

#include "bench/resample_panel.hpp"
#include "bench/scaling/work.hpp"
#include "kernels/resample/literal.hpp"
#include "kernels/resample/resample.hpp"
#include "kernels/resample/wild.hpp"

namespace greenfront::bench {
namespace {

struct Pairs {
    Data data = make_data(false);
    resample::PairsOptions options;
    resample::PairsDraws draws;

    /// Three replicates from literally rebuilt rows.
    [[nodiscard]] std::string check() const {
        if (draws.draw.cols() != options.replicates) return "replicates are missing";
        for (const std::int64_t b : {std::int64_t{0}, options.replicates / 2, options.replicates - 1}) {
            const auto stacked =
                resample::stack(data.design, resample::cluster_counts(units, options, b), {1, 0});
            Eigen::VectorXd beta, std_error;
            if (!resample::estimate(stacked, data.options, beta, std_error)) return "nothing is estimated";
            for (Eigen::Index j = 0; j < regressors; ++j) {
                if (!close(draws.draw(j, b), beta(j)) || !close(draws.draw_std_error(j, b), std_error(j)))
                    return "a replicate differs from literal re-estimation";
            }
        }
        return {};
    }
};

struct Wild {
    Data data = make_data(false);
    resample::WildOptions options;
    resample::WildDraws draws;

    /// Two replicates from the outcome that they stand for: y less u plus u times the weights, u of the
    /// regression without x0.
    [[nodiscard]] std::string check() const {
        panel::Design restricted = data.design;
        restricted.X = data.design.X.rightCols(regressors - 1);
        restricted.x_name.erase(restricted.x_name.begin());
        const Eigen::VectorXd u = panel::fit(restricted, data.options).residual;
        for (const std::int64_t b : {std::int64_t{0}, options.replicates - 1}) {
            const auto v = resample::wild_weights(units, options, b);
            panel::Design drawn = data.design;
            for (Eigen::Index i = 0; i < u.size(); ++i) {
                const auto row = static_cast<std::size_t>(i);
                drawn.y(i) += (v[static_cast<std::size_t>(data.unit.code[row])] - 1) * u(i);
            }
            const auto term = panel::fit(drawn, data.options).terms[0];
            if (!close(draws.draw(b), term.estimate / term.std_error))
                return "a replicate differs from literal re-estimation";
        }
        return {};
    }
};

}  // namespace

std::unique_ptr<Work> pairs_bootstrap(std::int64_t replicates) {
    const auto it = std::make_shared<Pairs>();
    it->options.replicates = replicates;
    auto work = std::make_unique<Work>();
    work->run = [it] { it->draws = resample::pairs_cluster(it->data.design, it->data.options, it->options); };
    work->check = [it] { return it->check(); };
    work->spoil = [it] { it->draws.draw(0, 0) += 1e-6; };
    return work;
}

std::unique_ptr<Work> wild_bootstrap(std::int64_t replicates) {
    const auto it = std::make_shared<Wild>();
    it->options.term = "x0";
    it->options.type = {1, 1};
    it->options.replicates = replicates;
    auto work = std::make_unique<Work>();
    work->run = [it] { it->draws = resample::wild_cluster(it->data.design, it->data.options, it->options); };
    work->check = [it] { return it->check(); };
    work->spoil = [it] { it->draws.draw(0) += 1e-6; };
    return work;
}

}  // namespace greenfront::bench
