#include <fmt/format.h>

#include "engine/checker.hpp"

namespace greenfront {

void Checker::published() {
    const Study& study = workspace_.study;
    for (const auto& figure : workspace_.published) {
        const std::string key = fmt::format("published: table {}, column {}, {} {}", figure.table,
                                            figure.column, figure.statistic, figure.term);
        const std::size_t slash = figure.stage.find('/');
        const std::string kind = figure.stage.substr(0, slash);
        std::string name = slash == std::string::npos ? "" : figure.stage.substr(slash + 1);
        if (kind == "panel") {
            attempt(key, [&] { (void)panel_.number(figure.term); });
        } else if (kind == "dea") {
            if (study.dea.find(name) == nullptr) unknown(key, name, study.dea.names(), "dea");
        } else if (kind == "index") {
            if (study.index.find(name) == nullptr) unknown(key, name, study.index.names(), "index");
        } else if (kind == "regression" || kind == "first_stage") {
            name = name.substr(0, name.find('.'));  // NAME.GROUP, NAME.ENDOGENOUS
            if (study.regression.find(name) == nullptr)
                unknown(key, name, study.regression.names(), "regression");
        } else {
            complain(key, fmt::format("stage \"{}\" is not panel, dea/NAME, index/NAME, regression/NAME or "
                                      "first_stage/NAME.ENDOGENOUS",
                                      figure.stage));
        }
    }
}

}  // namespace greenfront
