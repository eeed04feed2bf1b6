#include "tests/fuzz/targets.hpp"

#include <sys/mman.h>
#include <unistd.h>
#include <xxhash.h>

#include <bit>
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <sstream>
#include <stdexcept>
#include <string>

#include "io/csv.hpp"
#include "io/dta.hpp"
#include "io/failed_unit.hpp"
#include "io/hdf5.hpp"
#include "io/part_file.hpp"
#include "io/results_panel.hpp"
#include "io/study_file.hpp"
#include "scenarios/expression.hpp"
#include "scenarios/formula.hpp"

namespace greenfront::fuzz {
namespace {

void require(bool promise, const char* what) {
    if (!promise) throw std::logic_error(what);
}

/// A file in memory, with a name for those who open files by name.
class MemoryFile {
  public:
    explicit MemoryFile(std::string_view bytes) : descriptor_(::memfd_create("fuzz", MFD_CLOEXEC)) {
        if (descriptor_ < 0) throw std::runtime_error("no file in memory");
        while (!bytes.empty()) {
            const ssize_t put = ::write(descriptor_, bytes.data(), bytes.size());
            if (put <= 0) throw std::runtime_error("no room for a file in memory");
            bytes.remove_prefix(static_cast<std::size_t>(put));
        }
    }
    MemoryFile(const MemoryFile&) = delete;
    MemoryFile& operator=(const MemoryFile&) = delete;
    ~MemoryFile() { ::close(descriptor_); }
    [[nodiscard]] std::string path() const { return "/proc/self/fd/" + std::to_string(descriptor_); }

  private:
    int descriptor_;
};

/// The HDF5 library opens files by the name that a link leads to, which a file in memory does not have.
class NamedFile {
  public:
    explicit NamedFile(std::string_view bytes) {
        const int descriptor = ::mkstemp(name_.data());
        if (descriptor < 0) throw std::runtime_error("no short-lived file");
        const ssize_t put = ::write(descriptor, bytes.data(), bytes.size());
        ::close(descriptor);
        if (put != static_cast<ssize_t>(bytes.size()))
            throw std::runtime_error("no room for a short-lived file");
    }
    NamedFile(const NamedFile&) = delete;
    NamedFile& operator=(const NamedFile&) = delete;
    ~NamedFile() { ::unlink(name_.c_str()); }
    [[nodiscard]] const std::string& path() const { return name_; }

  private:
    std::string name_ = std::filesystem::is_directory("/dev/shm") ? "/dev/shm/greenfront-fuzz-XXXXXX"
                                                                  : "/tmp/greenfront-fuzz-XXXXXX";
};

/// The reader's own errors are what it is for; whether there was none.
template <class Action>
bool or_error(Action action) {
    try {
        action();
        return true;
    } catch (const Error&) {
        return false;
    }
}

bool same(double a, double b) {
    return std::bit_cast<std::uint64_t>(a) == std::bit_cast<std::uint64_t>(b) || (a != a && b != b);
}

bool same(const Column& a, const Column& b) {
    if (a.name != b.name || a.text != b.text || a.label != b.label || a.number.size() != b.number.size())
        return false;
    for (std::size_t r = 0; r < a.number.size(); ++r) {
        if (!same(a.number[r], b.number[r])) return false;
    }
    return true;
}

/// A part with this body and the size and checksum that belong to it (docs/formats/parts.md): no fuzzer
/// guesses them.
std::string sealed_part(std::string_view body) {
    const auto put = [](std::string& to, std::uint64_t number) {
        to.append(reinterpret_cast<const char*>(&number), sizeof number);
    };
    std::string whole = "\x89GFPART\n";
    put(whole, 1);
    put(whole, whole.size() + 8 + body.size() + 16);
    whole += body;
    const XXH128_hash_t hash = XXH3_128bits(whole.data(), whole.size());
    put(whole, hash.low64);
    put(whole, hash.high64);
    return whole;
}

const Panel& small_panel() {
    static const Panel panel = [] {
        const MemoryFile file(
            "city,year,y,x,z,word,a b\nA,2011,1,2,5,p,1\nA,2012,2,3,4,q,2\nB,2011,4,1,6,p,\n"
            "B,2012,3,5,7,,4\nC,2011,5,4,3,q,5\nC,2012,7,6,0,p,-6\n");
        return io::read_panel(file.path(), "city", "year");
    }();
    return panel;
}

}  // namespace

bool read_csv_panel(std::string_view bytes) {
    if (io::is_dta(bytes) || io::is_hdf5(bytes)) return false;
    const MemoryFile file(bytes);
    Panel panel;
    (void)or_error([&] { (void)io::read_panel(file.path(), "city", "year"); });
    if (!or_error([&] { panel = io::read_panel(file.path(), "", ""); })) return false;
    std::ostringstream out;
    io::write_csv(out, panel);
    const MemoryFile copy(out.str());
    const Panel again = io::read_panel(copy.path(), "", "");  // our own file is no fault of a user
    require(panel.columns().size() == again.columns().size() && panel.rows() == again.rows(),
            "a panel has another shape when it is read back");
    for (std::size_t c = 0; c < panel.columns().size(); ++c)
        require(same(panel.columns()[c], again.columns()[c]), "a column is another when it is read back");
    return true;
}

bool read_study_file(std::string_view bytes) {
    const MemoryFile file(bytes);
    std::string text;
    if (!or_error([&] { text = io::write_study(io::read_study(file.path(), {})); })) return false;
    const MemoryFile copy(text);
    std::string again;
    require(or_error([&] { again = io::write_study(io::read_study(copy.path(), {})); }),
            "a study is refused when it is read back");
    require(again.size() >= text.size(),
            "a study is less when it is read back");  // names of files become longer
    return true;
}

bool read_formula_text(std::string_view bytes) {
    return or_error([&] {
        const Formula formula = parse_formula(std::string(bytes), Fault::usage);
        (void)columns_read(formula, small_panel());
        (void)build_design(formula, small_panel(), {}, {"city"});
    });
}

bool read_expression_text(std::string_view bytes) {
    const std::string text(bytes);
    (void)or_error([&] { (void)columns_read(text, small_panel()); });
    (void)or_error([&] {
        const Evaluated values = evaluate(text, small_panel(), Fault::usage);
        require(values.value.size() == small_panel().rows(), "an expression has another number of rows");
    });
    return or_error([&] {
        const auto keep = select(text, small_panel(), Fault::study);
        require(keep.size() == small_panel().rows(), "a selection has another number of rows");
    });
}

bool read_part_file(std::string_view bytes) {
    const std::string all(bytes), sealed = sealed_part(bytes);
    const bool whole = or_error(
        [&] { require(io::encode_part(io::decode_part(all, "p.part")) == all, "a part is another"); });
    const bool body = or_error([&] {
        require(io::encode_part(io::decode_part(sealed, "p.part")) == sealed, "a sealed part is another");
    });
    return whole || body;
}

bool read_results_file(std::string_view bytes) {
    const NamedFile file(bytes);
    (void)or_error([&] { (void)io::run_id(file.path()); });
    if (io::is_hdf5(bytes)) (void)or_error([&] { (void)io::read_panel(file.path(), "", ""); });
    return or_error([&] { (void)io::read_results(file.path()); });
}

bool read_dta_file(std::string_view bytes) {
    const std::string all(bytes);
    if (!io::is_dta(all)) return false;
    (void)or_error(
        [&] { (void)Panel::from_table("p.dta", io::read_dta("p.dta", all, {"city"}), "city", "year"); });
    return or_error([&] { (void)io::read_dta("p.dta", all, {}); });
}

bool read_failed_file(std::string_view bytes) {
    const MemoryFile file(bytes);
    return or_error([&] {
        const io::ReadFailed failed = io::read_failed(file.path());
        require(!io::write_failed(failed.unit, failed.from).empty(), "a failed unit vanishes");
    });
}

}  // namespace greenfront::fuzz
