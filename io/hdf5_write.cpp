#include <fmt/format.h>
#include <hdf5.h>
#include <hdf5_hl.h>

#include <algorithm>
#include <limits>
#include <map>
#include <optional>
#include <set>
#include <stdexcept>

#include "io/hdf5.hpp"
#include "io/hdf5_checksum.hpp"
#include "io/hdf5_guard.hpp"
#include "io/hdf5_handle.hpp"
#include "io/output.hpp"

namespace greenfront::io {
namespace {

using h5::Handle;

template <class... F>
struct Overloaded : F... {
    using F::operator()...;
};
template <class... F>
Overloaded(F...) -> Overloaded<F...>;

std::vector<const char*> pointers(const std::vector<std::string>& texts) {
    std::vector<const char*> result;
    result.reserve(texts.size());
    for (const auto& text : texts) result.push_back(text.c_str());
    return result;
}

/// A bug of ours: the results are not shaped as engine/results.hpp says.
[[noreturn]] void bug(const std::string& group, const std::string& variable, const std::string& what) {
    throw std::logic_error(fmt::format("results /{}/{}: {}", group, variable, what));
}

/// Builds the file in memory; see image().
class Writer {
  public:
    explicit Writer(const std::string& path)
        : check_{Fault::io, path}, text_(h5::text_type(check_)), file_(make_file()) {}

    void write(const Results& results) {
        const ResultGroup* root = results.find("");
        static const ResultGroup nothing;
        const Handle root_group = open_group("");
        write_group(root_group.get(), root == nullptr ? nothing : *root);
        for (const auto& group : results.groups) {
            if (group.path.empty()) continue;
            const Handle place = open_group(group.path);
            write_group(place.get(), group);
        }
    }

    [[nodiscard]] std::string image() const {
        check_(H5Fflush(file_.get(), H5F_SCOPE_LOCAL), "building the file");
        const ssize_t size = H5Fget_file_image(file_.get(), nullptr, 0);
        if (size < 0) check_(-1, "building the file");
        std::string bytes(static_cast<std::size_t>(size), '\0');
        if (H5Fget_file_image(file_.get(), bytes.data(), bytes.size()) < 0) check_(-1, "building the file");
        return bytes;
    }

  private:
    /// In memory, so that a full disk is met by our own write() and not inside the library, which cannot
    /// close a file then. The oldest superblock: H5Fget_file_image breaks the checksum of newer ones.
    [[nodiscard]] Handle make_file() const {
        const Handle access(check_.id(H5Pcreate(H5P_FILE_ACCESS), "file settings"), H5Pclose);
        check_(H5Pset_fapl_core(access.get(), std::size_t{1} << 22, false), "file settings");
        const Handle creation(check_.id(H5Pcreate(H5P_FILE_CREATE), "file settings"), H5Pclose);
        ordered(creation.get());
        return {check_.id(H5Fcreate(check_.context.c_str(), H5F_ACC_TRUNC, creation.get(), access.get()),
                          "making the file"),
                H5Fclose};
    }

    /// Members and attributes keep the order in which they were made; no times, so that bytes repeat.
    void ordered(hid_t creation) const {
        check_(H5Pset_link_creation_order(creation, H5P_CRT_ORDER_TRACKED | H5P_CRT_ORDER_INDEXED),
               "group settings");
        check_(H5Pset_attr_creation_order(creation, H5P_CRT_ORDER_TRACKED | H5P_CRT_ORDER_INDEXED),
               "group settings");
        check_(H5Pset_obj_track_times(creation, false), "group settings");
    }

    [[nodiscard]] Handle utf8_links() const {
        Handle links(check_.id(H5Pcreate(H5P_LINK_CREATE), "link settings"), H5Pclose);
        check_(H5Pset_char_encoding(links.get(), H5T_CSET_UTF8), "link settings");
        return links;
    }

    /// The group at `path`; it and its parents are made where they are not there.
    [[nodiscard]] Handle open_group(const std::string& path) const {
        for (std::size_t slash = path.find('/'); !path.empty(); slash = path.find('/', slash + 1)) {
            const std::string part = path.substr(0, slash);
            if (H5Lexists(file_.get(), part.c_str(), H5P_DEFAULT) <= 0) {
                const Handle creation(check_.id(H5Pcreate(H5P_GROUP_CREATE), "group settings"), H5Pclose);
                ordered(creation.get());
                const Handle made(check_.id(H5Gcreate2(file_.get(), part.c_str(), utf8_links().get(),
                                                       creation.get(), H5P_DEFAULT),
                                            "group " + part),
                                  H5Gclose);
            }
            if (slash == std::string::npos) break;
        }
        const std::string full = "/" + path;
        return {check_.id(H5Gopen2(file_.get(), full.c_str(), H5P_DEFAULT), "group " + full), H5Gclose};
    }

    void write_group(hid_t place, const ResultGroup& group) {
        std::set<std::string> dimensions, names;
        for (const auto& v : group.variables) dimensions.insert(v.dims.begin(), v.dims.end());
        std::vector<Handle> datasets;
        std::map<std::string, hid_t> scales;
        std::map<std::string, std::size_t> length;
        for (const auto& v : group.variables) {
            const std::string name = file_name(v, dimensions);
            if (!names.insert(name).second) bug(group.path, v.name, "is there twice");
            datasets.push_back(write_variable(place, group, v, name));
            if (!v.is_scale()) continue;
            scales[v.name] = datasets.back().get();
            length[v.name] = v.shape[0];
        }
        link_root_scales(place, group, scales, length);
        const std::vector<Handle> generated = make_index_scales(place, group, scales, length);
        for (std::size_t i = 0; i < datasets.size(); ++i) {
            attach_scales(datasets[i].get(), group, group.variables[i], scales, length);
        }
        for (const auto& [name, value] : group.attributes) write_attribute(place, name, value, false);
        write_attribute(place, h5::checksum_name, h5::checksum(group.attributes), false);
        if (!group.path.empty()) return;
        for (auto& dataset : datasets) {  // the root's scales stay open for the other groups
            for (const auto& [name, id] : scales) {
                if (id != dataset.get()) continue;
                root_length_[name] = length[name];
                root_.emplace(name, std::move(dataset));
                break;
            }
        }
    }

    /// HDF5 reads "/" as a path and a dataset named like a dimension as its scale: such columns get another
    /// name in the file and an attribute `original_name`.
    [[nodiscard]] static std::string file_name(const Variable& v, const std::set<std::string>& dimensions) {
        std::string name;
        for (const char c : v.name) name += c == '/' ? std::string("\xE2\x88\x95") : std::string(1, c);
        if (name == ".") name = "_.";
        if (!v.is_scale() && dimensions.contains(name)) name += "_";
        return name;
    }

    [[nodiscard]] Handle write_variable(hid_t place, const ResultGroup& group, const Variable& v,
                                        const std::string& name) const {
        if (v.dims.size() != v.shape.size())
            bug(group.path, v.name, "has another number of dimensions than lengths");
        std::vector<hsize_t> extent(v.shape.begin(), v.shape.end());
        hsize_t count = 1;
        for (const auto n : extent) count *= n;
        std::visit(
            [&](const auto& values) {
                if (values.size() != count)
                    bug(group.path, v.name, "has another number of values than its shape");
            },
            v.values);
        const Handle space =
            v.dims.empty()
                ? Handle(check_.id(H5Screate(H5S_SCALAR), v.name), H5Sclose)
                : Handle(check_.id(H5Screate_simple(static_cast<int>(extent.size()), extent.data(), nullptr),
                                   v.name),
                         H5Sclose);
        const Handle creation(check_.id(H5Pcreate(H5P_DATASET_CREATE), v.name), H5Pclose);
        check_(H5Pset_obj_track_times(creation.get(), false), v.name);
        const bool texts = std::holds_alternative<std::vector<std::string>>(v.values);
        if (!texts && count >= 4096) compress(creation.get(), extent);
        if (std::holds_alternative<std::vector<double>>(v.values)) {
            const double nan = std::numeric_limits<double>::quiet_NaN();
            check_(H5Pset_fill_value(creation.get(), H5T_NATIVE_DOUBLE, &nan), v.name);
        }
        Handle dataset(check_.id(H5Dcreate2(place, name.c_str(), file_type(v.values), space.get(),
                                            utf8_links().get(), creation.get(), H5P_DEFAULT),
                                 "dataset " + v.name),
                       H5Dclose);
        if (count > 0) write_values(dataset.get(), v);
        write_variable_attributes(dataset.get(), v, name);
        return dataset;
    }

    [[nodiscard]] hid_t file_type(const Values& values) const {
        return std::visit(Overloaded{[](const std::vector<double>&) { return H5T_IEEE_F64LE; },
                                     [](const std::vector<std::int64_t>&) { return H5T_STD_I64LE; },
                                     [](const std::vector<std::int8_t>&) { return H5T_STD_I8LE; },
                                     [this](const std::vector<std::string>&) { return text_.get(); }},
                          values);
    }

    /// Chunks of at most 2^17 elements: the longest side is halved until they are.
    void compress(hid_t creation, std::vector<hsize_t> chunk) const {
        const auto elements = [&] {
            hsize_t product = 1;
            for (const auto n : chunk) product *= n;
            return product;
        };
        while (elements() > (hsize_t{1} << 17)) {
            auto& longest = *std::max_element(chunk.begin(), chunk.end());
            longest = (longest + 1) / 2;
        }
        check_(H5Pset_chunk(creation, static_cast<int>(chunk.size()), chunk.data()), "chunks");
        check_(H5Pset_shuffle(creation), "compression");
        check_(H5Pset_deflate(creation, 4), "compression");
        check_(H5Pset_fletcher32(creation), "checksum");  // every reader verifies it
    }

    void write_values(hid_t dataset, const Variable& v) const {
        const auto put = [&](hid_t type, const void* data) {
            check_(H5Dwrite(dataset, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, data), "dataset " + v.name);
        };
        std::visit(
            Overloaded{[&](const std::vector<double>& x) { put(H5T_NATIVE_DOUBLE, x.data()); },
                       [&](const std::vector<std::int64_t>& x) { put(H5T_NATIVE_INT64, x.data()); },
                       [&](const std::vector<std::int8_t>& x) { put(H5T_NATIVE_INT8, x.data()); },
                       [&](const std::vector<std::string>& x) { put(text_.get(), pointers(x).data()); }},
            v.values);
    }

    void write_variable_attributes(hid_t dataset, const Variable& v, const std::string& name) const {
        const bool category = std::holds_alternative<std::vector<std::int8_t>>(v.values);
        bool flags = false;
        for (const auto& [key, value] : v.attributes) {
            write_attribute(dataset, key, value, category && key == "flag_values");
            flags = flags || key == "flag_values";
        }
        if (name != v.name) write_attribute(dataset, "original_name", v.name, false);
        write_attribute(dataset, h5::checksum_name, h5::checksum(v.values), false);
        if (v.is_scale()) return;  // a coordinate has no missing values
        if (std::holds_alternative<std::vector<double>>(v.values)) {
            write_attribute(dataset, "_FillValue", std::numeric_limits<double>::quiet_NaN(), false);
        } else if (category && flags) {
            write_attribute(dataset, "_FillValue", std::int64_t{-1}, true);
        }
    }

    /// `small`: integers as int8, the type of the categories that they name.
    void write_attribute(hid_t owner, const std::string& name, const AttributeValue& value,
                         bool small) const {
        const hid_t integer = small ? H5T_STD_I8LE : H5T_STD_I64LE;
        const auto put = [&](hid_t stored, hid_t given, std::optional<std::size_t> size, const void* data) {
            const hsize_t n = size.value_or(0);
            const Handle space(
                check_.id(size ? H5Screate_simple(1, &n, nullptr) : H5Screate(H5S_SCALAR), name), H5Sclose);
            const Handle attribute(
                check_.id(H5Acreate2(owner, name.c_str(), stored, space.get(), H5P_DEFAULT, H5P_DEFAULT),
                          "attribute " + name),
                H5Aclose);
            if (!size || n > 0) check_(H5Awrite(attribute.get(), given, data), "attribute " + name);
        };
        std::visit(Overloaded{[&](const std::string& x) {
                                  const char* text = x.c_str();
                                  put(text_.get(), text_.get(), std::nullopt, &text);
                              },
                              [&](double x) { put(H5T_IEEE_F64LE, H5T_NATIVE_DOUBLE, std::nullopt, &x); },
                              [&](std::int64_t x) { put(integer, H5T_NATIVE_INT64, std::nullopt, &x); },
                              [&](const std::vector<double>& x) {
                                  put(H5T_IEEE_F64LE, H5T_NATIVE_DOUBLE, x.size(), x.data());
                              },
                              [&](const std::vector<std::int64_t>& x) {
                                  put(integer, H5T_NATIVE_INT64, x.size(), x.data());
                              },
                              [&](const std::vector<std::string>& x) {
                                  put(text_.get(), text_.get(), x.size(), pointers(x).data());
                              }},
                   value);
    }

    /// Hard links to the root's scales that this group uses and does not define itself.
    void link_root_scales(hid_t place, const ResultGroup& group, std::map<std::string, hid_t>& scales,
                          std::map<std::string, std::size_t>& length) const {
        for (const auto& v : group.variables) {
            for (const auto& dim : v.dims) {
                const auto root = root_.find(dim);
                if (scales.contains(dim) || root == root_.end()) continue;
                const std::string source = "/" + dim;
                check_(H5Lcreate_hard(file_.get(), source.c_str(), place, dim.c_str(), utf8_links().get(),
                                      H5P_DEFAULT),
                       "scale " + dim);
                scales[dim] = root->second.get();
                length[dim] = root_length_.at(dim);
            }
        }
    }

    /// Dimensions without values of their own are numbered from 0.
    [[nodiscard]] std::vector<Handle> make_index_scales(hid_t place, const ResultGroup& group,
                                                        std::map<std::string, hid_t>& scales,
                                                        std::map<std::string, std::size_t>& length) const {
        std::vector<Handle> made;
        for (const auto& v : group.variables) {
            for (std::size_t d = 0; d < v.dims.size(); ++d) {
                if (scales.contains(v.dims[d])) continue;
                std::vector<std::int64_t> index(v.shape[d]);
                for (std::size_t i = 0; i < index.size(); ++i) index[i] = static_cast<std::int64_t>(i);
                const Variable scale{
                    v.dims[d],
                    {v.dims[d]},
                    {v.shape[d]},
                    std::move(index),
                    {{"long_name", "position along " + v.dims[d]}, {"generated", std::int64_t{1}}}};
                made.push_back(write_variable(place, group, scale, scale.name));
                mark_scale(made.back().get(), scale.name);
                scales[scale.name] = made.back().get();
                length[scale.name] = v.shape[d];
            }
        }
        return made;
    }

    void mark_scale(hid_t dataset, const std::string& name) const {
        check_(H5DSset_scale(dataset, name.c_str()), "scale " + name);
    }

    void attach_scales(hid_t dataset, const ResultGroup& group, const Variable& v,
                       const std::map<std::string, hid_t>& scales,
                       const std::map<std::string, std::size_t>& length) const {
        if (v.is_scale()) {
            mark_scale(dataset, v.name);
            return;
        }
        for (std::size_t d = 0; d < v.dims.size(); ++d) {
            const std::string& dim = v.dims[d];
            if (length.at(dim) != v.shape[d])
                bug(group.path, v.name, "has another length along " + dim + " than its scale");
            check_(H5DSattach_scale(dataset, scales.at(dim), static_cast<unsigned>(d)), "scale " + dim);
            check_(H5DSset_label(dataset, static_cast<unsigned>(d), dim.c_str()), "label " + dim);
        }
    }

    h5::Check check_;
    Handle text_;
    Handle file_;
    std::map<std::string, Handle> root_;
    std::map<std::string, std::size_t> root_length_;
};

}  // namespace

void write_results(const Results& results, const std::string& path, bool force) {
    check_output(path,
                 force);  // before the work of building: a folder that cannot be written is told at once
    std::string image;
    {
        const h5::Quiet quiet;
        const h5::CrashGuard guard(
            path,
            "is not written: the HDF5 library broke off; there may be too little memory; what is finished "
            "of sweeps is kept, and the same command goes on",
            Fault::io);
        Writer writer(path);
        writer.write(results);
        image = writer.image();
    }
    write_file(path, image, force);
}

}  // namespace greenfront::io
