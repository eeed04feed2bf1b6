#pragma once
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <new>
#include <vector>

namespace greenfront::lp {

/// Memory on 64-byte boundaries, a cache line and the widest vector register.
template <class T>
struct CacheAligned {
    using value_type = T;
    CacheAligned() = default;
    template <class U>
    explicit CacheAligned(const CacheAligned<U>&) {}
    T* allocate(std::size_t n) {
        return static_cast<T*>(::operator new (n * sizeof(T), std::align_val_t{64}));
    }
    void deallocate(T* p, std::size_t) { ::operator delete (p, std::align_val_t{64}); }
    template <class U>
    bool operator==(const CacheAligned<U>&) const {
        return true;
    }
};
using Aligned = std::vector<double, CacheAligned<double>>;

/// Zeros on 64-byte boundaries whose pages cost nothing until they are written: for arrays that are meant for
/// the worst case and hardly used. Moves, does not copy.
class Zeros {
  public:
    Zeros() = default;
    explicit Zeros(std::size_t n) : memory_(std::calloc(n + line, sizeof(double)), &std::free), size_(n) {
        if (memory_ == nullptr) throw std::bad_alloc();
        void* begin = memory_.get();
        std::size_t room = (n + line) * sizeof(double);
        data_ = static_cast<double*>(std::align(line * sizeof(double), n * sizeof(double), begin, room));
    }
    [[nodiscard]] double* data() { return data_; }
    [[nodiscard]] const double* data() const { return data_; }
    [[nodiscard]] std::size_t size() const { return size_; }
    double& operator[](std::size_t i) { return data_[i]; }
    double operator[](std::size_t i) const { return data_[i]; }

  private:
    static constexpr std::size_t line = 8;  // doubles
    std::unique_ptr<void, void (*)(void*)> memory_{nullptr, &std::free};
    double* data_ = nullptr;
    std::size_t size_ = 0;
};

[[nodiscard]] constexpr int round_up_to(int value, int multiple) {
    return (value + multiple - 1) / multiple * multiple;
}

/// The many columns that the linear programs of a batch share, row by row (structure of arrays).
///
/// Entry (i, j) is value[i * stride + j], i < rows, j < count; the tail up to the stride is zero, and 16
/// entries more follow the last row, so that a vector may be loaded from any column. Entries are
/// expected to be scaled: the largest magnitude in a column near 1. `tie_cost` orders columns among
/// alternative optima (see simplex.hpp); it is in the units of the column's own variable.
struct Columns {
    int rows = 0;
    std::int32_t count = 0;
    std::size_t stride = 0;
    Aligned value;
    Aligned tie_cost;
    std::vector<double> row_max;  ///< largest entry of each row, by measure_rows()

    Columns() = default;
    Columns(int rows_, std::int32_t count_)
        : rows(rows_),
          count(count_),
          stride(static_cast<std::size_t>(round_up_to(count_ + 1, 16))),
          value(static_cast<std::size_t>(rows_) * stride + 16, 0.0),
          tie_cost(stride, 0.0),
          row_max(static_cast<std::size_t>(rows_), 1.0) {}
    void measure_rows() {
        for (int i = 0; i < rows; ++i)
            row_max[static_cast<std::size_t>(i)] =
                count > 0 ? *std::max_element(row(i), row(i) + count) : 1.0;
    }
    [[nodiscard]] double* row(int i) { return value.data() + static_cast<std::size_t>(i) * stride; }
    [[nodiscard]] const double* row(int i) const {
        return value.data() + static_cast<std::size_t>(i) * stride;
    }
};

}  // namespace greenfront::lp
