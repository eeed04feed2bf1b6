#include "engine/app/unit_table.hpp"

#include <fmt/format.h>

#include <cmath>
#include <cstdio>

#include "engine/app/efficiency_options.hpp"

namespace greenfront::app {
namespace {

const std::string& unit_of(const Panel& panel, std::size_t row) {
    return panel.unit_name[static_cast<std::size_t>(panel.unit[row])];
}

std::string time_text(const Panel& panel, std::size_t row) {
    return panel.has_time() ? std::to_string(panel.time_value[static_cast<std::size_t>(panel.time[row])])
                            : std::string();
}

}  // namespace

UnitTable::UnitTable(const Panel& panel) : panel_(panel), order_(file_order(panel)) {}

void UnitTable::add(const std::string& name, std::vector<double> values, bool whole) {
    columns_.push_back({name, std::move(values), {}, whole});
}

void UnitTable::add(const std::string& name, const std::vector<std::int64_t>& counts) {
    columns_.push_back({name, std::vector<double>(counts.begin(), counts.end()), {}, true});
}

void UnitTable::add(const std::string& name, std::vector<std::string> labels) {
    columns_.push_back({name, {}, std::move(labels), false});
}

Json UnitTable::json() const {
    Json units = Json::array();
    for (const std::size_t r : order_) {
        Json unit{{"unit", unit_of(panel_, r)}, {"time", nullptr}};
        if (panel_.has_time()) unit["time"] = panel_.time_value[static_cast<std::size_t>(panel_.time[r])];
        for (const Column& column : columns_) {
            if (!column.labels.empty())
                unit[column.name] = column.labels[r].empty() ? Json(nullptr) : Json(column.labels[r]);
            else if (column.whole && std::isfinite(column.values[r]))
                unit[column.name] = static_cast<std::int64_t>(column.values[r]);
            else
                unit[column.name] = number(column.values[r]);
        }
        unit["status"] = std::string(name(status_[r]));
        units.push_back(std::move(unit));
    }
    return units;
}

io::Table UnitTable::table(bool full) const {
    io::Table table;
    table.header = {"unit", "time"};
    for (const Column& column : columns_) table.header.push_back(column.name);
    table.header.emplace_back("status");
    const auto text = [full](const Column& column, std::size_t r) {
        if (!column.labels.empty()) return column.labels[r];
        const double v = column.values[r];
        if (std::isnan(v)) return std::string();
        if (column.whole) return fmt::format("{}", static_cast<std::int64_t>(v));
        return full ? fmt::format("{}", v) : fmt::format("{:.6f}", v);
    };
    for (const std::size_t r : order_) {
        std::vector<std::string> row{unit_of(panel_, r), time_text(panel_, r)};
        for (const Column& column : columns_) row.push_back(text(column, r));
        row.emplace_back(name(status_[r]));
        table.rows.push_back(std::move(row));
    }
    return table;
}

std::string UnitTable::name_of(std::size_t row) const {
    const std::string time = time_text(panel_, row);
    return unit_of(panel_, row) + (time.empty() ? "" : " " + time);
}

void UnitTable::report(const std::string& command, const std::string& consequence) const {
    for (const std::size_t r : order_) {
        if (status_[r] == Status::optimal) continue;
        if (status_[r] == Status::failed) exit_code() = 3;
        fmt::print(stderr, "greenfront: {}: {}: {}: {}\n", command, name_of(r), name(status_[r]),
                   consequence);
    }
}

}  // namespace greenfront::app
