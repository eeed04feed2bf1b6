#include "engine/stages/percentile_store.hpp"

#include "engine/columns.hpp"

namespace greenfront::stages {

void store_percentiles(ResultGroup& group, const std::string& name,
                       const std::vector<const stats::QuantileSketch*>& sketches,
                       const std::vector<double>& centre, const std::string& long_name, bool by_term) {
    const std::vector<double> percent{0,  0.1, 0.5, 1,    2.5, 5,    10,   25, 50,
                                      75, 90,  95,  97.5, 99,  99.5, 99.9, 100};
    if (group.find("percent") == nullptr)
        group.variables.push_back(
            numbers("percent", {"percent"}, {percent.size()}, percent, "percent of the draws", "percent"));
    std::vector<double> values;
    for (std::size_t k = 0; k < sketches.size(); ++k) {
        for (const double p : percent)
            values.push_back((centre.empty() ? 0 : centre[k]) + sketches[k]->percentile_stata(p));
    }
    if (by_term) {
        group.variables.push_back(numbers(name, {"term", "percent"}, {sketches.size(), percent.size()},
                                          std::move(values), long_name));
    } else {
        group.variables.push_back(numbers(name, {"percent"}, {percent.size()}, std::move(values), long_name));
    }
}

}  // namespace greenfront::stages
