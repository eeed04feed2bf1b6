#pragma once
#include <cstdint>
#include <string>
#include <utility>
#include <variant>
#include <vector>

/// Results in memory, shaped like results.h5. The stages make it, io writes and reads it, tables and
/// exports render it: what `run` prints is what `show` prints from the file.
namespace greenfront {

/// Version of the layout that docs/formats/results.md describes; a change that breaks readers raises it.
inline constexpr std::int64_t result_format_version = 1;

using Values = std::variant<std::vector<double>, std::vector<std::int64_t>, std::vector<std::int8_t>,
                            std::vector<std::string>>;
using AttributeValue = std::variant<std::string, double, std::int64_t, std::vector<double>,
                                    std::vector<std::int64_t>, std::vector<std::string>>;
using Attributes = std::vector<std::pair<std::string, AttributeValue>>;

/// One dataset; row-major over `dims`. int8 values are categories: attributes `flag_values` (int64s) and
/// `flag_meanings` (one string, blank-separated) name them, -1 is missing. A variable whose only
/// dimension has its own name is a coordinate (an HDF5 dimension scale).
struct Variable {
    std::string name;
    std::vector<std::string> dims;   ///< empty: a scalar
    std::vector<std::size_t> shape;  ///< same length as dims
    Values values;
    Attributes attributes;  ///< at least long_name and units where they make sense
    [[nodiscard]] bool is_scale() const { return dims.size() == 1 && dims[0] == name; }
};

/// One group, e.g. path "dea/coor". Dimensions are coordinates of the group itself or of the root group
/// (path ""), which the writer links into every group that uses them.
struct ResultGroup {
    std::string path;
    std::vector<Variable> variables;
    Attributes attributes;
    [[nodiscard]] const Variable* find(const std::string& name) const;
    [[nodiscard]] const AttributeValue* attribute(const std::string& name) const;
};

/// Groups keep their order in the file (HDF5 creation order), so that tables come in the study's order.
struct Results {
    std::vector<ResultGroup> groups;  ///< the first is the root group with path ""
    [[nodiscard]] const ResultGroup* find(const std::string& path) const;
    ResultGroup& add(const std::string& path);  ///< creates it; a second add of one path is a bug
    /// Groups directly below, e.g. under("dea") gives "dea/coor", ...
    [[nodiscard]] std::vector<const ResultGroup*> under(const std::string& parent) const;
    /// The coordinate of a group's dimension, or nullptr. A panel may have a column of the same name.
    [[nodiscard]] const Variable* scale(const ResultGroup& group, const std::string& dim) const;
};

}  // namespace greenfront
