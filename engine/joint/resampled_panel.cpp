#include "engine/joint/resampled_panel.hpp"

namespace greenfront::joint {
namespace {

/// Fills source, copy and first, and the codes of the units.
void place_rows(const Panel& panel, const std::vector<std::vector<std::size_t>>& rows,
                const std::vector<std::int32_t>& count, ResampledPanel& result) {
    Panel& to = result.panel;
    std::int32_t copies = 0;
    for (std::size_t c = 0; c < rows.size(); ++c) {
        for (std::int32_t k = 0; k < count[c]; ++k, ++copies) {
            for (std::size_t i = 0; i < rows[c].size(); ++i) {
                const std::size_t row = rows[c][i];
                const bool new_unit = i == 0 || panel.unit[row] != panel.unit[rows[c][i - 1]];
                if (new_unit)
                    to.unit_name.push_back(panel.unit_name[static_cast<std::size_t>(panel.unit[row])]);
                to.unit.push_back(static_cast<std::int32_t>(to.unit_name.size()) - 1);
                to.time.push_back(panel.time[row]);
                to.file_row.push_back(panel.file_row[row]);
                result.source.push_back(row);
                result.copy.push_back(copies);
                result.first.push_back(k == 0 ? 1 : 0);
            }
        }
    }
}

}  // namespace

ResampledPanel resample_panel(const Panel& panel, const std::vector<std::string>& columns,
                              const std::vector<std::vector<std::size_t>>& rows,
                              const std::vector<std::int32_t>& count) {
    ResampledPanel result;
    result.panel.source = panel.source;
    result.panel.unit_column = panel.unit_column;
    result.panel.time_column = panel.time_column;
    result.panel.time_value = panel.time_value;
    place_rows(panel, rows, count, result);
    for (const auto& name : columns) {
        const Column& column = panel.column(name);
        if (!column.text) {
            result.panel.set_number(name, drawn(result, column.number), column.unit_of_measure);
            continue;
        }
        std::vector<std::string> label;
        label.reserve(result.source.size());
        for (const std::size_t row : result.source) label.push_back(column.label[row]);
        result.panel.set_label(name, std::move(label));
    }
    return result;
}

std::vector<double> drawn(const ResampledPanel& resample, const std::vector<double>& values) {
    std::vector<double> result;
    result.reserve(resample.source.size());
    for (const std::size_t row : resample.source) result.push_back(values[row]);
    return result;
}

}  // namespace greenfront::joint
