#include "io/hdf5_values.hpp"

#include <fmt/format.h>
#include <hdf5_hl.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstring>

namespace greenfront::io::h5 {

void ValueReader::refuse(const std::string& what) const {
    throw Error(check_.fault, fmt::format("{}: {}", check_.context, what));
}

/// Has CLASS "DIMENSION_SCALE". H5DSis_scale frees twice what it reads where a file is damaged.
bool ValueReader::is_scale(hid_t dataset) const {
    const std::string name = "attribute CLASS";
    if (H5Aexists(dataset, "CLASS") <= 0) return false;
    const Handle attribute(check_.id(H5Aopen(dataset, "CLASS", H5P_DEFAULT), name), H5Aclose);
    const Handle type(check_.id(H5Aget_type(attribute.get()), name), H5Tclose);
    const Handle space(check_.id(H5Aget_space(attribute.get()), name), H5Sclose);
    std::array<char, sizeof DIMENSION_SCALE_CLASS> text{};
    const bool as_written = H5Tget_class(type.get()) == H5T_STRING && H5Tis_variable_str(type.get()) == 0 &&
                            H5Tget_size(type.get()) == text.size() &&
                            H5Sget_simple_extent_npoints(space.get()) == 1;
    if (!as_written) return false;
    check_(H5Aread(attribute.get(), type.get(), text.data()), name);
    return std::memcmp(text.data(), DIMENSION_SCALE_CLASS, text.size()) == 0;
}

std::vector<std::string> ValueReader::dimensions(hid_t dataset, const std::string& name,
                                                 std::size_t rank) const {
    if (is_scale(dataset)) return {name};
    // Not by H5DSget_label, which would read the texts before anyone has looked at them.
    std::vector<std::string> labels(rank);
    if (rank > 0 && H5Aexists(dataset, DIMENSION_LABELS) > 0) {
        const AttributeValue value = attribute(dataset, DIMENSION_LABELS);
        if (const auto* texts = std::get_if<std::vector<std::string>>(&value)) labels = *texts;
    }
    labels.resize(rank);
    if (std::find(labels.begin(), labels.end(), "") != labels.end())
        refuse(fmt::format(
            "dataset {} has no named dimensions; it was not written by greenfront, or is damaged", name));
    return labels;
}

Values ValueReader::values(hid_t dataset, const std::string& name, std::size_t count) const {
    const Handle type(check_.id(H5Dget_type(dataset), name), H5Tclose);
    if (count > 0) require_stored(file_, dataset, count, H5Tget_size(type.get()), name, check_);
    const auto get = [&](auto values, hid_t memory) {
        values.resize(count);
        if (count > 0)
            check_(H5Dread(dataset, memory, H5S_ALL, H5S_ALL, H5P_DEFAULT, values.data()), "dataset " + name);
        return values;
    };
    switch (H5Tget_class(type.get())) {
        case H5T_FLOAT:
            return get(std::vector<double>{}, H5T_NATIVE_DOUBLE);
        case H5T_INTEGER:
            if (H5Tget_size(type.get()) == 1) return get(std::vector<std::int8_t>{}, H5T_NATIVE_INT8);
            return get(std::vector<std::int64_t>{}, H5T_NATIVE_INT64);
        case H5T_STRING: {
            require_variable_length(type.get(), name);
            texts_.require(count, "dataset " + name, [&](hid_t stored, void* values) {
                return H5Dread(dataset, stored, H5S_ALL, H5S_ALL, H5P_DEFAULT, values);
            });
            auto raw = get(std::vector<char*>{}, text_.get());
            const Handle space(check_.id(H5Dget_space(dataset), name), H5Sclose);
            return take_texts(raw, space.get());
        }
        default:
            refuse(fmt::format("dataset {} has a type that greenfront does not write", name));
    }
}

void ValueReader::require_variable_length(hid_t type, const std::string& name) const {
    if (H5Tis_variable_str(type) > 0) return;
    refuse(fmt::format("{} has texts of fixed length, which greenfront does not write", name));
}

/// Copies the library's strings and gives them back.
std::vector<std::string> ValueReader::take_texts(std::vector<char*>& raw, hid_t space) const {
    std::vector<std::string> texts;
    texts.reserve(raw.size());
    for (const char* text : raw) texts.emplace_back(text == nullptr ? "" : text);
    if (!raw.empty()) check_(H5Dvlen_reclaim(text_.get(), space, H5P_DEFAULT, raw.data()), "texts");
    return texts;
}

AttributeValue ValueReader::attribute(hid_t owner, const std::string& name) const {
    const Handle attribute(check_.id(H5Aopen(owner, name.c_str(), H5P_DEFAULT), "attribute " + name),
                           H5Aclose);
    const Handle type(check_.id(H5Aget_type(attribute.get()), name), H5Tclose);
    const Handle space(check_.id(H5Aget_space(attribute.get()), name), H5Sclose);
    const bool scalar = H5Sget_simple_extent_type(space.get()) == H5S_SCALAR;
    const hssize_t size = H5Sget_simple_extent_npoints(space.get());
    constexpr hssize_t most = hssize_t{1} << 24;
    if (size < 0) check_(-1, "attribute " + name);
    if (size > most) refuse(fmt::format("attribute {}: it declares {} values", name, size));
    const auto get = [&](auto values, hid_t memory) {
        values.resize(static_cast<std::size_t>(size));
        if (size > 0) check_(H5Aread(attribute.get(), memory, values.data()), "attribute " + name);
        return values;
    };
    const auto one_or_all = [&](auto values) {
        return scalar ? AttributeValue(std::move(values.at(0))) : AttributeValue(std::move(values));
    };
    switch (H5Tget_class(type.get())) {
        case H5T_FLOAT:
            return one_or_all(get(std::vector<double>{}, H5T_NATIVE_DOUBLE));
        case H5T_INTEGER:
            return one_or_all(get(std::vector<std::int64_t>{}, H5T_NATIVE_INT64));
        case H5T_STRING: {
            require_variable_length(type.get(), "attribute " + name);
            texts_.require(
                static_cast<std::size_t>(size), "attribute " + name,
                [&](hid_t stored, void* values) { return H5Aread(attribute.get(), stored, values); });
            auto raw = get(std::vector<char*>{}, text_.get());
            return one_or_all(take_texts(raw, space.get()));
        }
        default:
            refuse(fmt::format("attribute {} has a type that greenfront does not write", name));
    }
}

}  // namespace greenfront::io::h5
