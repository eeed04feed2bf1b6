#pragma once

/// What the work of a run costs. Every figure was measured as CPU time of one thread on the machine of
/// docs/performance.md (a virtual core of a Xeon with AVX-512, shared with other work), taken times 3/4: an
/// idle core is up to twice as fast as a busy one, and so a prediction lies between the two. What a figure
/// was measured on stands beside it; docs/guide/scale.md has the method and what came of it. n rows, V
/// variables, k regressors, G clusters, R columns of fixed effects that are not nested in clusters, c of them
/// in one cluster.
namespace greenfront::planning::cost {

// --- seconds: panel ---
constexpr double byte_read = 14e-9;  ///< CSV of 30,000 and 75,000 rows, 42 columns; text to sorted panel
constexpr double value_prepared = 0.04e-6;  ///< a row of a prepared column; 12 derived, 6 winsorised
constexpr double row_drawn = 13e-6;         ///< synthetic panel, 30,000 and 300,000 rows
constexpr double calibration = 7;           ///< of the synthetic panel of 242 cities and 12 years
constexpr double byte_written = 30e-9;      ///< compression, checksum and copies; 20 to 63 MB
constexpr double dataset_written = 0.1e-3;  ///< 1,541 datasets of the reference study

// --- seconds: linear programs ---
// A program over a frame of F columns (kernels/dea/frame.hpp): F = 2 to 4,438, V = 6, 2,904 to 100,000
// rows.
constexpr double program = 2.2e-6;          ///< with what is stored of it: slacks, targets, prices, peers
constexpr double program_column = 2.8e-9;   ///< a column of the frame and a variable
constexpr double variable_returns = 1.5;    ///< more pivots than under constant returns
constexpr double second_stage = 0.8e-6;     ///< slacks of radial and ddf
constexpr double frame_growth = 0.45;       ///< F grows as n to this power (panels of 10,000 to 100,000 rows)
constexpr double passes_column = 0.1e-9;    ///< all n columns are priced: a column and a variable
constexpr double super_sbm_column = 23e-9;  ///< the same of super-efficient SBM
constexpr double kuosmanen_column = 16e-9;  ///< weak disposability under variable returns
constexpr double free_hull_column = 2.5e-9;  ///< a comparison of FDH
constexpr double beyond_column = 30e-9;      ///< rows beyond the other period's technology, ddf and nddf
constexpr double frame_unknown = 4;          ///< a guess: F / sqrt(n) where columns are still to be made
constexpr double efficient_share = 0.1;      ///< a guess: rows that super-efficiency is added for

// --- seconds: replicates of frontiers; 166 and 242 rows a period, 3 and 4 variables ---
constexpr double replicate_scored = 0.45;   ///< pseudo-points against themselves, over the scores of the rows
constexpr double replicate_paired = 0.75;   ///< two periods drawn together, over the index itself
constexpr double replicate_redrawn = 1.9;   ///< pseudo-points made, and the rows against them, likewise
constexpr double subsampled = 0.45;         ///< a row against the rows that are drawn, over a program
constexpr double windowed = 0.45;           ///< a row against those in its window, likewise
constexpr double truncated_draw = 0.28e-6;  ///< a draw of a row, and its share of the fit
constexpr double truncated_row_term = 7e-9;  ///< row and pair of regressors of a fit

// --- seconds: regressions ---
constexpr double row_regressor = 0.04e-6;  ///< row and column of the design: selection, effects, fit, store
constexpr double regression = 0.3e-3;      ///< tables and names
constexpr double instrumented = 3.5;       ///< 2SLS, first stage, reduced form and their tests
constexpr double grouped = 3.5;            ///< a fit a group and the stacked one
constexpr double iterative_effects = 2;    ///< effects that need passes in turn
constexpr double two_way = 1.4;            ///< two cluster variables
constexpr double limited = 4;              ///< a guess: Newton steps of limited outcomes
constexpr double jackknife_row = 0.02e-6;  ///< vcov jackknife: row and column in each of G fits
constexpr double neighbour = 12e-9;        ///< conley: a pair of rows of one period
constexpr double permuted_unit = 0.07e-6;  ///< group permutation: a unit, a draw, a term

// --- seconds: replicates ---
constexpr double pairs_cluster_term = 5e-11;  ///< G (k + 2) (k + 2 + 2 c) a replicate: coefficients
constexpr double pairs_studentised = 2.4;     ///< with clustered standard errors
constexpr double pairs_sketched = 1.4;        ///< without keeping the draws
constexpr double pairs_blocks = 3e-9;  ///< G (k + 4)^2: effects that reach over some clusters, rows balanced
constexpr double pairs_effects = 0.7e-9;     ///< c^2
constexpr double pairs_unbalanced = 2.2e-9;  ///< G (k + 2 + c)^2, c columns of effects that a cluster touches
constexpr double moments_effects = 0.26e-9;  ///< n c^2, once
constexpr double most_effects = 600;         ///< columns; more are fitted row by row
constexpr double pairs_instruments = 15;     ///< 2SLS in a replicate against OLS
constexpr double wild_cluster_term = 0.1e-9;  ///< G (k + R + 60), interval included
constexpr double wild_effects = 4e-11;        ///< R^2
constexpr double wild_unrestricted = 0.45;    ///< no null is imposed: the interval is a quantile
constexpr double wild_sketched = 6;           ///< draws are made again for the interval
constexpr double weight_drawn = 21e-9;        ///< webb, mammen: one cluster; a sign is a bit
constexpr double normal_drawn = 48e-9;
constexpr double two_way_level = 1.5e-9;  ///< wild of two cluster variables: G times levels of both together
constexpr double wre_cluster_term = 40e-9;  ///< G (k + 4), interval included
constexpr double wre_sketched = 3.3;
constexpr double residual_row_term = 1.7e-9;  ///< n (k + 4)
constexpr double placebo_row = 1.8e-9;        ///< trajectories
constexpr double placebo_rows_moved = 3.5;    ///< rows instead of trajectories change places
constexpr double placebo_refitted = 7;        ///< effects that do not commute with the permutation
constexpr double placebo_instruments = 24;

// --- seconds: sweeps ---
constexpr double row_moved =
    0.016e-6;  ///< a changed panel: a column that a lever moves, preparation and indices
constexpr double row_elasticity = 0.03e-6;  ///< the same: an operation that takes a power
constexpr double row_type = 0.14e-6;        ///< the same: the expression of a type
constexpr double row_summary = 0.1e-6;      ///< a scenario's effects by row, totals, inequality
constexpr double cell_draw = 17e-9;     ///< a replicate of the mean of a cell, and its share of the interval
constexpr double pair_draw = 0.15e-6;   ///< two scenarios compared in a replicate
constexpr double program_moved = 0.75;  ///< a program against a known technology, less is stored

// --- bytes ---
constexpr double base_memory = 24e6;        ///< program, libraries, a panel of no rows
constexpr double thread_memory = 1.2e6;     ///< stacks and pools of one more thread
constexpr double calibration_memory = 6e6;  ///< heap that the calibration leaves behind
constexpr double value = 8, text = 32;      ///< a number, a text in memory
constexpr double panel_copies = 4;          ///< as read, completed, prepared, and one that was given back
constexpr double dataset_metadata = 1600;   ///< names, attributes, indices of a dataset in the file
constexpr double dataset_buffer = 13e3;     ///< and in the library while the file is written
constexpr double writer_memory = 3e6;
constexpr double chunk = 1048576;      ///< buffer of one open compressed dataset at most
constexpr double image_copies = 2;     ///< the file is built in memory and handed over
constexpr double two_way_memory = 19;  ///< G times levels of both cluster variables together
constexpr double pool_row = 160;       ///< a thread's programs: a row of the technology

// --- compression: stored over written ---
constexpr double least_compressed = 4096;  ///< values; smaller datasets stay as they are
constexpr double panel_shrinks = 0.75, scores_shrink = 0.47, draws_shrink = 0.65, sweeps_shrink = 0.82;

}  // namespace greenfront::planning::cost
