#include "kernels/resample/pairs_model.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "kernels/error.hpp"
#include "kernels/panel/iv.hpp"
#include "kernels/panel/iv_estimators.hpp"

namespace greenfront::resample {
namespace {

using Eigen::Index;

/// Leaves only the columns whose name is in `wanted`.
void keep_columns(std::vector<std::string>& names, Eigen::MatrixXd& columns,
                  const std::vector<std::string>& wanted) {
    std::vector<Index> kept;
    std::vector<std::string> kept_names;
    for (std::size_t j = 0; j < names.size(); ++j) {
        if (std::find(wanted.begin(), wanted.end(), names[j]) == wanted.end()) continue;
        kept.push_back(static_cast<Index>(j));
        kept_names.push_back(names[j]);
    }
    columns = Eigen::MatrixXd(columns(Eigen::all, kept));
    names = std::move(kept_names);
}

}  // namespace

std::vector<std::string> PairsModel::term_names() const {
    auto names = sample().x_name;
    names.insert(names.end(), instrumented.endogenous_name.begin(), instrumented.endogenous_name.end());
    return names;
}

PairsModel pairs_model(const panel::Design& design, const panel::Options& options, const panel::Fit& fit) {
    if (design.endogenous.cols() == 0) {
        auto columns = panel::prepare(design, options);
        const Index k = columns.X.cols();
        return {std::move(columns), {}, k, 0, 0};
    }
    const auto estimator = options.estimator.value_or(panel::Estimator::tsls);
    if (estimator != panel::Estimator::tsls) {
        throw Error(
            Fault::usage,
            fmt::format("bootstraps and the jackknife of regressions with instruments know 2sls only, "
                        "not {}; use the estimator 2sls",
                        panel::name(estimator)));
    }
    panel::Design kept = design;
    std::vector<std::string> terms;
    for (const auto& term : fit.terms) terms.push_back(term.name);
    if (kept.X.rows() == 0) kept.X.resize(kept.y.size(), 0);
    keep_columns(kept.x_name, kept.X, terms);
    keep_columns(kept.endogenous_name, kept.endogenous, terms);
    keep_columns(kept.instrument_name, kept.instruments, fit.iv->instrument_names);

    PairsModel model{panel::prepare(kept, options), {}, 0, 0, 0};
    auto& sample = model.columns.sample;
    model.instrumented = sample;
    model.exogenous = sample.X.cols();
    model.endogenous = sample.endogenous.cols();
    model.instruments = sample.instruments.cols();
    Eigen::MatrixXd more(sample.y.size(), model.endogenous + model.instruments);
    more << sample.endogenous, sample.instruments;
    Eigen::MatrixXd all(sample.y.size(), model.exogenous + more.cols());
    all << sample.X, more;
    sample.X = std::move(all);
    model.columns.absorber.apply(more);
    Eigen::MatrixXd partialled(more.rows(), model.exogenous + more.cols());
    partialled << model.columns.X, more;
    model.columns.X = std::move(partialled);
    sample.x_name.insert(sample.x_name.end(), sample.endogenous_name.begin(), sample.endogenous_name.end());
    sample.x_name.insert(sample.x_name.end(), sample.instrument_name.begin(), sample.instrument_name.end());
    return model;
}

}  // namespace greenfront::resample
