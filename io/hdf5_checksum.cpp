#include "io/hdf5_checksum.hpp"

#include <fmt/format.h>
#include <xxhash.h>

#include <algorithm>
#include <bit>
#include <cstring>
#include <new>

namespace greenfront::io::h5 {
namespace {

static_assert(std::endian::native == std::endian::little, "numbers are hashed as they stand in memory");

class Hash {
  public:
    Hash() : state_(XXH64_createState()) {
        if (state_ == nullptr) throw std::bad_alloc();
        XXH64_reset(state_, 0);
    }
    Hash(const Hash&) = delete;
    Hash& operator=(const Hash&) = delete;
    ~Hash() { XXH64_freeState(state_); }

    /// As HDF5 stores it: up to the first zero byte.
    void add(const std::string& text) { XXH64_update(state_, text.c_str(), std::strlen(text.c_str()) + 1); }
    void add(double number) { XXH64_update(state_, &number, sizeof number); }
    void add(std::int64_t number) { XXH64_update(state_, &number, sizeof number); }
    void add(const std::vector<std::string>& texts) {
        for (const auto& text : texts) add(text);
    }
    template <class T>
    void add(const std::vector<T>& numbers) {
        if (!numbers.empty()) XXH64_update(state_, numbers.data(), numbers.size() * sizeof(T));
    }
    [[nodiscard]] std::string text() const { return fmt::format("{:016x}", XXH64_digest(state_)); }

  private:
    XXH64_state_t* state_;
};

}  // namespace

std::string checksum(const Values& values) {
    Hash hash;
    std::visit([&](const auto& all) { hash.add(all); }, values);
    return hash.text();
}

std::string checksum(const Attributes& attributes) {
    std::vector<const Attributes::value_type*> sorted;
    for (const auto& attribute : attributes) sorted.push_back(&attribute);
    std::sort(sorted.begin(), sorted.end(), [](const auto* a, const auto* b) { return a->first < b->first; });
    Hash hash;
    for (const auto* attribute : sorted) {
        hash.add(attribute->first);
        std::visit([&](const auto& value) { hash.add(value); }, attribute->second);
    }
    return hash.text();
}

}  // namespace greenfront::io::h5
