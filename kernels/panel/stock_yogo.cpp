#include <array>

#include "kernels/panel/iv.hpp"

namespace greenfront::panel {
namespace {

/// One number of instruments; a value of 0 is not tabulated.
struct Row {
    std::int64_t instruments;
    std::array<double, 4> size_one, size_two, bias_one, bias_two, liml_one;
};

constexpr std::array<double, 4> none{};
constexpr std::array<Row, 8> rows{{
    {1, {16.38, 8.96, 6.66, 5.53}, none, none, none, {16.38, 8.96, 6.66, 5.53}},
    {2, {19.93, 11.59, 8.75, 7.25}, {7.03, 4.58, 3.95, 3.63}, none, none, {8.68, 5.33, 4.42, 3.92}},
    {3,
     {22.30, 12.83, 9.54, 7.80},
     {13.43, 8.18, 6.40, 5.45},
     {13.91, 9.08, 6.46, 5.39},
     none,
     {6.46, 4.36, 3.69, 3.32}},
    {4,
     {24.58, 13.96, 10.26, 8.31},
     {16.87, 9.93, 7.54, 6.28},
     {16.85, 10.27, 6.71, 5.34},
     {11.04, 7.56, 5.57, 4.73},
     {5.44, 3.87, 3.30, 2.98}},
    {5,
     {26.87, 15.09, 10.98, 8.84},
     {19.45, 11.22, 8.38, 6.89},
     {18.37, 10.83, 6.77, 5.25},
     {13.97, 8.78, 5.91, 4.79},
     {4.84, 3.56, 3.05, 2.77}},
    {6,
     {29.18, 16.23, 11.72, 9.38},
     {21.68, 12.33, 9.10, 7.42},
     {19.28, 11.12, 6.76, 5.15},
     {15.72, 9.48, 6.08, 4.78},
     {4.45, 3.34, 2.87, 2.61}},
    {8,
     {33.84, 18.54, 13.24, 10.50},
     {25.64, 14.31, 10.41, 8.39},
     {20.25, 11.39, 6.69, 4.99},
     {17.70, 10.22, 6.20, 4.73},
     {3.97, 3.04, 2.63, 2.39}},
    {10,
     {38.54, 20.88, 14.78, 11.65},
     {29.32, 16.16, 11.65, 9.31},
     {20.74, 11.49, 6.61, 4.86},
     {18.76, 10.58, 6.23, 4.66},
     {3.68, 2.84, 2.46, 2.25}},
}};

std::vector<double> find(std::int64_t endogenous, std::int64_t instruments, std::array<double, 4> Row::*one,
                         std::array<double, 4> Row::*two) {
    for (const Row& row : rows) {
        if (row.instruments != instruments || endogenous < 1 || endogenous > 2) continue;
        const auto& values = row.*(endogenous == 1 ? one : two);
        if (values[0] > 0) return {values.begin(), values.end()};
    }
    return {};
}

}  // namespace

std::vector<double> stock_yogo_size(std::int64_t endogenous, std::int64_t instruments) {
    return find(endogenous, instruments, &Row::size_one, &Row::size_two);
}

std::vector<double> stock_yogo_liml(std::int64_t endogenous, std::int64_t instruments) {
    return endogenous == 1 ? find(1, instruments, &Row::liml_one, &Row::liml_one) : std::vector<double>{};
}

std::vector<double> stock_yogo_bias(std::int64_t endogenous, std::int64_t instruments) {
    return find(endogenous, instruments, &Row::bias_one, &Row::bias_two);
}

}  // namespace greenfront::panel
