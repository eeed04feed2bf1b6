#include <fcntl.h>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <hdf5.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <optional>
#include <set>

#include "io/hdf5.hpp"
#include "io/hdf5_checksum.hpp"
#include "io/hdf5_guard.hpp"
#include "io/hdf5_handle.hpp"
#include "io/hdf5_limits.hpp"
#include "io/hdf5_values.hpp"

namespace greenfront::io {
namespace {

using h5::Check;
using h5::Handle;

/// An error of the system in opening the file, or nothing; `hdf5` tells whether it has HDF5's signature.
std::optional<std::string> look_at(const std::string& path, bool& hdf5) {
    hdf5 = false;
    const int file = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
    if (file < 0) return std::strerror(errno);
    struct stat facts {};
    std::array<char, 8> begin{};
    std::optional<std::string> problem;
    if (::fstat(file, &facts) == 0 && S_ISDIR(facts.st_mode)) {
        problem = "it is a folder";
    } else if (::read(file, begin.data(), begin.size()) < 0) {
        problem = std::strerror(errno);
    } else {
        hdf5 = std::memcmp(begin.data(), "\x89HDF\r\n\x1A\n", 8) == 0;
    }
    ::close(file);
    return problem;
}

/// Without file locks: they fail on some network file systems, and our files are never changed in place.
Handle open_file(const std::string& path, const Check& check) {
    const Handle access(check.id(H5Pcreate(H5P_FILE_ACCESS), "file settings"), H5Pclose);
    check(H5Pset_file_locking(access.get(), false, true), "file settings");
    return {check.id(H5Fopen(path.c_str(), H5F_ACC_RDONLY, access.get()), "is damaged"), H5Fclose};
}

class Reader {
  public:
    explicit Reader(const std::string& path)
        : check_{Fault::data, path}, file_(open_file(path, check_)), values_(file_.get(), check_) {}

    [[nodiscard]] Results read() {
        Results results;
        read_group("", 0, results);
        for (const auto& group : results.groups) {
            for (const auto& variable : group.variables) require_scales(results, group, variable);
        }
        return results;
    }

    /// Before anything else is believed: a file of another kind or version has no checksums.
    void require_version() const {
        const Handle root(check_.id(H5Gopen2(file_.get(), "/", H5P_DEFAULT), "group /"), H5Gclose);
        if (H5Aexists(root.get(), "format_version") <= 0) {
            throw Error(Fault::data,
                        fmt::format("{}: is HDF5, but no result file: the attribute format_version of / is "
                                    "missing; make one with greenfront run",
                                    check_.context));
        }
        if (values_.attribute(root.get(), "format_version") != AttributeValue(result_format_version)) {
            throw Error(
                Fault::data,
                fmt::format("{}: has another format version than {}, the one that this program reads; "
                            "make it again with greenfront run",
                            check_.context, result_format_version));
        }
    }

    [[nodiscard]] std::string text_attribute(const std::string& group, const std::string& name) const {
        if (H5Lexists(file_.get(), group.c_str(), H5P_DEFAULT) <= 0) return "";
        const Handle place(H5Gopen2(file_.get(), group.c_str(), H5P_DEFAULT), H5Gclose);
        if (place.get() < 0 || H5Aexists(place.get(), name.c_str()) <= 0) return "";
        const AttributeValue value = values_.attribute(place.get(), name);
        const auto* text = std::get_if<std::string>(&value);
        return text == nullptr ? "" : *text;
    }

  private:
    /// Names of members or attributes, in the order of their making where the file keeps it.
    template <class Count, class Name>
    static std::vector<std::string> names(Count count, Name name, const Check& check) {
        std::vector<std::string> result;
        const hsize_t n = count();
        for (hsize_t i = 0; i < n; ++i) {
            const ssize_t length = name(i, nullptr, 0);
            if (length < 0) check(-1, "is damaged");
            std::string text(static_cast<std::size_t>(length), '\0');
            name(i, text.data(), text.size() + 1);
            result.push_back(std::move(text));
        }
        return result;
    }

    [[nodiscard]] std::vector<std::string> members(hid_t group) const {
        H5G_info_t info{};
        check_(H5Gget_info(group, &info), "is damaged");
        const Handle creation(check_.id(H5Gget_create_plist(group), "is damaged"), H5Pclose);
        unsigned order = 0;
        check_(H5Pget_link_creation_order(creation.get(), &order), "is damaged");
        const H5_index_t index = (order & H5P_CRT_ORDER_TRACKED) != 0 ? H5_INDEX_CRT_ORDER : H5_INDEX_NAME;
        return names([&] { return info.nlinks; },
                     [&](hsize_t i, char* text, std::size_t size) {
                         return H5Lget_name_by_idx(group, ".", index, H5_ITER_INC, i, text, size,
                                                   H5P_DEFAULT);
                     },
                     check_);
    }

    [[nodiscard]] std::vector<std::string> attribute_names(hid_t owner, bool ordered) const {
        H5O_info_t info{};
        check_(H5Oget_info2(owner, &info, H5O_INFO_NUM_ATTRS), "is damaged");
        const H5_index_t index = ordered ? H5_INDEX_CRT_ORDER : H5_INDEX_NAME;
        return names([&] { return info.num_attrs; },
                     [&](hsize_t i, char* text, std::size_t size) {
                         return H5Aget_name_by_idx(owner, ".", index, H5_ITER_INC, i, text, size,
                                                   H5P_DEFAULT);
                     },
                     check_);
    }

    /// What stands elsewhere, or in two places, was not written by greenfront: a file could lead to other
    /// files, or a group into itself.
    void require_own(hid_t group, const std::string& name, const std::string& inside) const {
        H5L_info_t link{};
        check_(H5Lget_info(group, name.c_str(), &link, H5P_DEFAULT), inside);
        if (link.type != H5L_TYPE_HARD)
            refuse(fmt::format("{}: is a link to another place, which greenfront does not write", inside));
    }

    /// Everything that shows or exports a dataset relies on the values of its dimensions.
    void require_scales(const Results& results, const ResultGroup& group, const Variable& variable) const {
        for (std::size_t d = 0; d < variable.dims.size() && !variable.is_scale(); ++d) {
            const std::string& dim = variable.dims[d];
            if (generated_.contains(group.path + "/" + dim)) continue;  // positions, no values of their own
            const auto* scale = results.scale(group, dim);
            const std::string what = fmt::format("dataset /{}/{}", group.path, variable.name);
            if (scale == nullptr)
                refuse(fmt::format(
                    "{}: there is no dataset \"{}\" with the values of its dimension; the file is "
                    "damaged or was changed, run the study again",
                    what, dim));
            if (scale->shape.size() != 1 || scale->shape[0] != variable.shape[d])
                refuse(fmt::format(
                    "{}: has {} values along {}, whose own dataset has {}; the file is damaged or "
                    "was changed, run the study again",
                    what, variable.shape[d], dim, fmt::join(scale->shape, " x ")));
        }
    }

    void require_new_group(hid_t group, const std::string& full, int depth) {
        H5O_info_t info{};
        check_(H5Oget_info2(group, &info, H5O_INFO_BASIC), full);
        constexpr int deepest = 16;
        if (depth > deepest)
            refuse(fmt::format("group {}: groups are nested more than {} deep", full, deepest));
        if (!groups_.insert(info.addr).second)
            refuse(fmt::format("group {}: is linked twice, which greenfront does not write", full));
    }

    void read_group(const std::string& path, int depth, Results& results) {
        const std::string full = "/" + path;
        const Handle place(check_.id(H5Gopen2(file_.get(), full.c_str(), H5P_DEFAULT), "group " + full),
                           H5Gclose);
        require_new_group(place.get(), full, depth);
        ResultGroup group;
        group.path = path;
        std::vector<std::string> children;
        for (const auto& name : members(place.get())) {
            const std::string inside = (path.empty() ? "" : full) + "/" + name;
            require_own(place.get(), name, inside);
            const Handle object(check_.id(H5Oopen(place.get(), name.c_str(), H5P_DEFAULT), inside), H5Oclose);
            H5O_info_t info{};
            check_(H5Oget_info2(object.get(), &info, H5O_INFO_BASIC), inside);
            if (info.type == H5O_TYPE_GROUP) {
                children.push_back(path.empty() ? name : fmt::format("{}/{}", path, name));
            } else if (info.type == H5O_TYPE_DATASET) {
                if (path.empty()) {
                    root_objects_.insert(info.addr);
                } else if (root_objects_.contains(info.addr)) {
                    continue;  // a scale of the root, linked
                }
                if (H5Aexists(object.get(), "generated") <= 0)
                    group.variables.push_back(read_variable(object.get(), name, full));
                else
                    generated_.insert(fmt::format("{}/{}", path, name));
            }
        }
        for (const auto& name : attribute_names(place.get(), true)) {
            group.attributes.emplace_back(name, values_.attribute(place.get(), name));
        }
        const bool only_a_parent = !children.empty() && group.variables.empty() && group.attributes.empty();
        if (!only_a_parent) {
            const std::string stored = take_checksum(group.attributes);
            require_checksum(stored, h5::checksum(group.attributes), "the attributes of group " + full);
        }
        if (path.empty() || !only_a_parent) results.groups.push_back(std::move(group));
        for (const auto& child : children) read_group(child, depth + 1, results);
    }

    [[nodiscard]] Variable read_variable(hid_t dataset, const std::string& name,
                                         const std::string& group) const {
        Variable v;
        v.name = name;
        const Handle space(check_.id(H5Dget_space(dataset), name), H5Sclose);
        const int rank = H5Sget_simple_extent_ndims(space.get());
        if (rank < 0) check_(-1, name);
        std::vector<hsize_t> extent(static_cast<std::size_t>(rank));
        if (rank > 0) check_(H5Sget_simple_extent_dims(space.get(), extent.data(), nullptr), name);
        std::size_t count = 1;
        for (const auto n : extent) {
            v.shape.push_back(static_cast<std::size_t>(n));
            if (__builtin_mul_overflow(count, static_cast<std::size_t>(n), &count))
                refuse(fmt::format("dataset {}: it declares more values than can be counted", name));
        }
        v.dims = values_.dimensions(dataset, name, v.shape.size());
        v.values = values_.values(dataset, name, count);
        for (const auto& key : attribute_names(dataset, false)) {
            static const std::set<std::string> of_the_format{
                "CLASS", "NAME", "DIMENSION_LIST", "REFERENCE_LIST", "DIMENSION_LABELS", "_FillValue"};
            if (of_the_format.contains(key)) continue;
            AttributeValue value = values_.attribute(dataset, key);
            if (key == "original_name") {
                const auto* original = std::get_if<std::string>(&value);
                if (original == nullptr)
                    refuse(fmt::format("dataset {}{}: original_name is no text", group, name));
                v.name = *original;
            } else {
                v.attributes.emplace_back(key, std::move(value));
            }
        }
        const std::string stored = take_checksum(v.attributes);
        require_checksum(stored, h5::checksum(v.values),
                         fmt::format("dataset {}{}{}", group, group == "/" ? "" : "/", name));
        return v;
    }

    /// The checksum among the attributes, which it is not one of; empty where there is none.
    [[nodiscard]] static std::string take_checksum(Attributes& attributes) {
        std::string text;
        std::erase_if(attributes, [&](const auto& attribute) {
            const bool found = attribute.first == h5::checksum_name;
            const auto* value = std::get_if<std::string>(&attribute.second);
            if (found && value != nullptr) text = *value;
            return found;
        });
        return text;
    }

    void require_checksum(const std::string& stored, const std::string& computed,
                          const std::string& what) const {
        if (stored == computed) return;
        throw Error(
            Fault::data,
            fmt::format(
                "{}: {}: {}; the file is damaged or was changed, run the study again", check_.context, what,
                stored.empty() ? std::string("there is no checksum")
                               : fmt::format("the checksum is {}, the values have {}", stored, computed)));
    }

    [[noreturn]] void refuse(const std::string& what) const { values_.refuse(what); }

    std::set<std::string> generated_;  ///< scales of dimensions without coordinates
    Check check_;
    Handle file_;
    h5::ValueReader values_;
    std::set<haddr_t> root_objects_, groups_;
};

}  // namespace

Results read_results(const std::string& path) {
    bool hdf5 = false;
    if (const auto problem = look_at(path, hdf5)) {
        throw Error(Fault::no_input, fmt::format("{}: cannot be opened: {}", path, *problem));
    }
    if (!hdf5) {
        throw Error(Fault::data,
                    fmt::format("{}: is not a result file (HDF5); make one with greenfront run", path));
    }
    const h5::Quiet quiet;
    const h5::CrashGuard guard(path, h5::CrashGuard::reading, Fault::data);
    const h5::ReadingLimits limits(path);
    Reader reader(path);
    reader.require_version();
    return reader.read();
}

namespace {

/// A fact of the provenance; empty where the file is not a result.
std::string fact(const std::string& path, const char* name) {
    bool hdf5 = false;
    if (look_at(path, hdf5) || !hdf5) return "";
    const h5::Quiet quiet;
    const h5::CrashGuard guard(path, h5::CrashGuard::reading, Fault::data);
    const h5::ReadingLimits limits(path);
    return Reader(path).text_attribute("provenance", name);
}

}  // namespace

std::string run_id(const std::string& path) {
    return fact(path, "run_id");
}

std::string instruction_set_of(const std::string& path) {
    return fact(path, "instruction_set");
}

}  // namespace greenfront::io
