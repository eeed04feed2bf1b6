#pragma once

/// What one thread of this machine can do at this moment, measured in the process that runs the benchmarks: a
/// figure divided by it can be compared between machines, and on one whose speed drifts. In CPU time.
namespace greenfront::bench {

/// Billions of floating-point operations a second of OpenBLAS' matrix product (384 x 384, one thread): the
/// best of five.
[[nodiscard]] double matrix_product();

inline constexpr int reading_rows = 6;

/// Billions of bytes a second at which y'A is computed for six rows of `count` doubles and nothing else is
/// done with it, as wide as this processor's vectors: each number is read once, multiplied and added. The
/// best of five; `count` is rounded up to 64. What a pricing pass cannot beat. Throws when the sum is wrong.
[[nodiscard]] double reading_pass(int count);

/// Billions of 64-bit multiplications with a 128-bit product a second, eight that do not wait for each other.
/// The best of five.
[[nodiscard]] double multiplications();

enum class FileWork { read, write, write_and_sync };

/// Seconds on the clock of one call of read() or write() for a file of so many bytes in the folder of
/// temporary files, opened and closed; the file's first time in memory is not counted. The best of five.
/// Throws where that fails.
[[nodiscard]] double file_seconds(double bytes, FileWork work);

}  // namespace greenfront::bench
